"""The site builder: renders lessons and lists into finished pages and publishes them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlmodel import Session

from content_server import urls
from content_server.db import Database
from content_server.errors import LessonNotFound
from content_server.lessons.editions.catalog import (
    PublishedEditions,
    load_editions,
    published_revision_numbers,
    published_revision_numbers_of,
    sort_lessons,
)
from content_server.lessons.editions.revisions import find_edition, mark_published, mark_withdrawn
from content_server.lessons.editions.search import SearchRank, index_lesson
from content_server.lessons.editions.stored_registries import load_registries
from content_server.lessons.editions.tables import EditionRef, SearchRow
from content_server.lessons.lesson import Lesson
from content_server.lessons.localized import LocalizedLesson, localize_lesson
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER, Folder, Locale
from content_server.media.store import Store
from content_server.media.video.captions import CONTENT_TYPE as CAPTIONS_TYPE
from content_server.media.video.captions import parse_webvtt
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.feeds import build_podcast_page, build_robots_page, build_sitemap_page
from content_server.site.link_previews import draw_link_preview
from content_server.site.packs.lesson_audio import (
    load_audio_packs,
    make_audio_rendition,
    store_audio_pack,
)
from content_server.site.packs.pack_lesson import build_pack_lesson
from content_server.site.pages.clip_views import trimmed_caption_pages
from content_server.site.pages.contexts import PageContext
from content_server.site.pages.household_sheets import (
    build_household_sheet_page,
)
from content_server.site.pages.pages import (
    Site,
    build_home_page,
    build_lesson_page,
    build_not_found_page,
    build_search_page,
    build_server_error_page,
    build_withdrawn_page,
)
from content_server.site.pages.panels import page_path, short_paths
from content_server.site.pages.render import render_page
from content_server.site.plans.session_plans import (
    build_answer_cards_page,
    build_session_plan_page,
)
from content_server.site.slides.decks import build_deck_page
from content_server.site.slides.notes import build_notes_page
from content_server.site.tree.build_fingerprint import build_fingerprint
from content_server.site.tree.rendition_index import (
    RenditionIndex,
    RenditionView,
    load_rendition_index,
    media_path,
)
from content_server.site.tree.tree import BuiltPage, CachePolicy, Tree

NOT_FOUND_STATUS = 404
SOURCE_LOCALE = Locale(SOURCE_FOLDER, "vi", "Tiếng Việt", "Tiếng Việt", fallback=None)
HTML_CONTENT_TYPE = "text/html; charset=utf-8"
PreparedChange = Callable[[Session], object]
"""Publishes prepared pages in the caller's transaction. Their bytes are in the store already."""


@dataclass(frozen=True)
class SiteBuilder:
    """Builds and publishes pages in two phases.

    `prepare_…` renders and stores bytes; calling its result publishes them. Serving pages does not
    need this class.
    """

    settings: Settings
    database: Database
    store: Store
    tree: Tree
    only_folders: frozenset[str] = frozenset()  # languages to build; empty: all

    def prepare_publish(self, slug: str, numbers: Mapping[str, int]) -> PreparedChange:
        """Render revisions `numbers` (folder → number) of a lesson, and its other languages again.

        Raises LessonNotFound when the lesson has no Vietnamese edition.
        """
        with self.database.read() as session:
            current = published_revision_numbers_of(session, slug)
            editions = load_editions(session, slug, {**current, **numbers})
            registries = load_registries(session)
            site = self.load_site(session, [editions], registries)
        site = replace(site, renditions=self._with_captions(site.renditions))
        if SOURCE_FOLDER not in editions:
            raise LessonNotFound(_("Bài {slug} chưa có bản tiếng Việt để đưa lên.", slug=slug))
        fingerprint = build_fingerprint(self.settings)
        lessons = self.localize(slug, editions, registries)
        hidden = set(editions) - {lesson.locale.folder for lesson in lessons}
        prepared = [
            (lesson, self.tree.prepare(self._lesson_pages(lesson, lessons, site)))
            for lesson in lessons
        ]
        audio_packs = [
            store_audio_pack(
                build_pack_lesson(each, lessons, editions, site, self.store, fingerprint)
            )
            for each in lessons
        ]
        audio_files = [make_audio_rendition(row) for row in audio_packs if row]
        media = self.tree.prepare_media([*_renditions_of(lessons, site.renditions), *audio_files])

        def change(session: Session) -> None:
            for folder, number in numbers.items():
                mark_published(session, find_edition(session, EditionRef(slug, folder)), number)
            self.tree.add_media(session, media)
            for folder in hidden:
                self.tree.withdraw(session, _page_owner(slug, folder))
            for lesson, entries in prepared:
                self.tree.replace(session, _page_owner(slug, lesson.locale.folder), entries)
                index_lesson(session, lesson)
            for row in audio_packs:
                if row:
                    session.merge(row)

        return change

    def prepare_lists(self) -> PreparedChange:
        """Render the pages that list all lessons (home, search, plan, feeds …) and the notices."""
        with self.database.read() as session:
            registries = load_registries(session)
            numbers = published_revision_numbers(session)
            editions = {slug: load_editions(session, slug, numbers[slug]) for slug in numbers}
            site = self.load_site(session, editions.values(), registries)
            audio_packs = load_audio_packs(session, numbers)
        order = sort_lessons(editions, registries)
        lessons = [
            lesson for slug in order for lesson in self.localize(slug, editions[slug], registries)
        ]
        homes = {lesson.locale.folder for lesson in lessons} | {SOURCE_FOLDER}
        site = replace(
            site,
            locales=[locale for locale in site.locales if locale.folder in homes],
            languages_without_lessons=[
                locale for locale in site.locales if locale.folder not in homes
            ],
        )
        prepared = self.tree.prepare(
            [
                *(page for locale in site.locales for page in _list_pages(lessons, locale, site)),
                *_notices(registries.locales[SOURCE_FOLDER], site),
                *(
                    build_podcast_page(locale, lessons, audio_packs, site)
                    for locale in site.locales
                ),
                build_sitemap_page(lessons, site),
            ]
        )
        return lambda session: self.tree.replace(session, "lists", prepared)

    def render_search_page(
        self, session: Session, ranks: Mapping[str, SearchRank], locale: Locale, query: str
    ) -> bytes:
        """Return the search page of these lessons: by rank, then in the order of the home page."""
        registries = load_registries(session)
        numbers = published_revision_numbers(session)
        editions = {
            slug: load_editions(session, slug, numbers[slug]) for slug in ranks if slug in numbers
        }
        site = self.load_site(session, editions.values(), registries)
        lessons = [
            localize_lesson(slug, locale.folder, editions[slug], registries.locales)
            for slug in sorted(sort_lessons(editions, registries), key=lambda slug: ranks[slug])
            if locale.folder in editions[slug]
        ]
        return render_page(build_search_page(lessons, locale, site, query))

    def render_notice(self, status: int) -> bytes:
        """Return the notice of an error status. It does not use the database."""
        site = Site(self.settings.base_url, RenditionIndex({}), {}, [SOURCE_LOCALE])
        page = build_not_found_page if status == NOT_FOUND_STATUS else build_server_error_page
        return render_page(page(SOURCE_LOCALE, site))

    def prepare_withdrawal(self, slug: str, folder: str | None) -> PreparedChange:
        """Render the notices that replace the pages of withdrawn editions.

        `folder` None or Vietnamese withdraws all languages, since all others depend on it. Raises
        LessonNotFound when the lesson is not published.
        """
        with self.database.read() as session:
            published = published_revision_numbers_of(session, slug)
            folders = list(published)
            number = _lesson_number(load_editions(session, slug, published))
            registries = load_registries(session)
            site = self.load_site(session, [], registries)
        withdrawn = (
            folders if folder in {None, SOURCE_FOLDER} else [f for f in folders if f == folder]
        )
        if not withdrawn:
            raise LessonNotFound(_("Bài {slug} không có trên trang.", slug=slug))
        notices = {
            each: _withdrawal_notice(slug, number, registries.locales[Folder(each)], site)
            for each in withdrawn
        }
        prepared = {each: self.tree.prepare([notice]) for each, notice in notices.items()}

        def change(session: Session) -> None:
            for each, notice in prepared.items():
                mark_withdrawn(session, find_edition(session, EditionRef(slug, each)))
                self.tree.withdraw(session, _page_owner(slug, each), notice)
                if row := session.get(SearchRow, (slug, each)):
                    session.delete(row)

        return change

    def localize(
        self, slug: str, editions: PublishedEditions, registries: Registries
    ) -> list[LocalizedLesson]:
        """Localize a lesson into each of its languages; unreviewed ones are left out if hidden."""
        lessons = [
            localize_lesson(slug, folder, editions, registries.locales) for folder in editions
        ]
        visible = [each for each in lessons if each.reviewed or not self.settings.hide_unreviewed]
        return [each for each in visible if self._is_shown(each.locale)]

    def _is_shown(self, locale: Locale) -> bool:
        return not self.only_folders or locale.folder in self.only_folders

    def load_site(
        self, session: Session, lessons: Iterable[PublishedEditions], registries: Registries
    ) -> Site:
        """Return what all pages share, with the renditions of the media of these lessons."""
        return Site(
            base_url=self.settings.base_url,
            renditions=load_rendition_index(session, lessons),
            contacts=registries.contacts,
            topics=registries.topics,
            locales=sorted(filter(self._is_shown, registries.locales.values()), key=_source_first),
        )

    def _lesson_pages(
        self, lesson: LocalizedLesson, lessons: list[LocalizedLesson], site: Site
    ) -> list[BuiltPage]:
        preview = draw_link_preview(lesson)
        preview_path = media_path(sha256(preview).hexdigest(), "image/jpeg")
        folders = [each.locale.folder for each in lessons]
        context = build_lesson_page(lesson, folders, preview_path, site)
        path = page_path(lesson.locale.folder, lesson.slug)
        reader_page = replace(
            _html_page(path, context),
            aliases=short_paths(lesson.locale.folder, lesson.source.number),
        )
        preview_page = BuiltPage(preview_path, preview, "image/jpeg", CachePolicy.FOREVER)
        deck = build_deck_page(lesson, lessons, site)
        notes = build_notes_page(deck, lesson, site)
        return [
            reader_page,
            _html_page(context.deck, deck),
            _html_page(urls.NOTES.url(folder=lesson.locale.folder, slug=lesson.slug), notes),
            preview_page,
            *trimmed_caption_pages(lesson, site.renditions),
        ]

    def _with_captions(self, renditions: RenditionIndex) -> RenditionIndex:
        """Return the index with the cues of its captions, read from the store."""
        captions = {
            source: files[0].digest
            for source in renditions.by_source
            if (files := renditions.of_type(source, CAPTIONS_TYPE))
        }
        texts = {source: self.store.read_bytes(digest) for source, digest in captions.items()}
        cues = {source: parse_webvtt(text.decode()) for source, text in texts.items()}
        return replace(renditions, cues=cues)


def _source_first(locale: Locale) -> bool:
    return locale.folder != SOURCE_FOLDER


def _withdrawal_notice(slug: str, number: int | None, locale: Locale, site: Site) -> BuiltPage:
    notice = _html_page(
        page_path(locale.folder, slug), build_withdrawn_page(locale, site), status=410
    )
    return replace(notice, aliases=short_paths(locale.folder, number))


def _lesson_number(editions: PublishedEditions) -> int | None:
    source = editions[SOURCE_FOLDER].body if SOURCE_FOLDER in editions else None
    return source.number if isinstance(source, Lesson) else None


def _page_owner(slug: str, folder: str) -> str:
    return f"lesson:{slug}/{folder}"


def _html_page(path: str, context: PageContext, *, status: int = 200) -> BuiltPage:
    return BuiltPage(path, render_page(context), HTML_CONTENT_TYPE, CachePolicy.PAGE, status=status)


def _list_pages(lessons: list[LocalizedLesson], locale: Locale, site: Site) -> list[BuiltPage]:
    mine = [lesson for lesson in lessons if lesson.locale.folder == locale.folder]
    path = page_path(locale.folder)
    pages = [
        _html_page(path, build_home_page(mine, locale, site, path)),
        _html_page(
            urls.SEARCH_PAGE.url(folder=locale.folder), build_search_page(mine, locale, site)
        ),
        _html_page(
            urls.HOUSEHOLD_SHEET.url(folder=locale.folder),
            build_household_sheet_page(mine, locale, site),
        ),
        _html_page(
            urls.SESSION_PLAN.url(folder=locale.folder), build_session_plan_page(mine, locale, site)
        ),
        _html_page(
            urls.ANSWER_CARDS.url(folder=locale.folder), build_answer_cards_page(locale, site)
        ),
    ]
    if locale.folder == SOURCE_FOLDER:
        pages.append(_html_page("/", build_home_page(mine, locale, site, "/")))
    return pages


def _notices(locale: Locale, site: Site) -> list[BuiltPage]:
    return [
        _html_page(urls.NOT_FOUND_PAGE, build_not_found_page(locale, site), status=404),
        _html_page(urls.SERVER_ERROR_PAGE, build_server_error_page(locale, site), status=500),
        build_robots_page(site),
    ]


def _renditions_of(
    lessons: Iterable[LocalizedLesson], renditions: RenditionIndex
) -> list[RenditionView]:
    sources = {digest for lesson in lessons for digest in lesson.media.values()}
    return [each for source in sorted(sources) for each in renditions.by_source.get(source, ())]
