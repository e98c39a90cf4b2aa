"""The press: renders what is taught into finished pages and puts them into the tree at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlmodel import Session

from content_server.db import Database
from content_server.errors import LessonNotFound
from content_server.lessons.editions.catalog import (
    PublishedEditions,
    Rank,
    in_order,
    load_registries,
    published_numbers,
    shown_numbers,
    versions_of,
    write_search,
)
from content_server.lessons.editions.revisions import find_edition, publish, withdraw
from content_server.lessons.editions.tables import SearchRow
from content_server.lessons.lesson import Lesson
from content_server.lessons.localized import LocalizedLesson, localize_lesson
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER, Folder, Locale
from content_server.media.store import Store
from content_server.media.video.captions import CONTENT_TYPE as CAPTIONS_TYPE
from content_server.media.video.captions import cues_of
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.feeds import feed_page, robots_page, sitemap_page
from content_server.site.link_previews import draw_card
from content_server.site.packs.lesson_audio import rendered_sound, sound_row, sounds_of
from content_server.site.packs.pack_lesson import taught_from
from content_server.site.pages.clip_views import caption_pages
from content_server.site.pages.contexts import Page as Context
from content_server.site.pages.household_sheets import household_page, household_path
from content_server.site.pages.pages import (
    Site,
    evening_path,
    home_page,
    lesson_page,
    not_found_page,
    search_page,
    search_path,
    trouble_page,
    withdrawn_page,
)
from content_server.site.pages.panels import path_of, short_paths
from content_server.site.pages.render import render
from content_server.site.plans.session_plans import cards_page, cards_path, plan_page
from content_server.site.slides.decks import deck_page
from content_server.site.slides.notes import notes_page, notes_path
from content_server.site.tree.build_fingerprint import build_fingerprint
from content_server.site.tree.rendition_index import (
    RenditionIndex,
    RenditionView,
    media_path,
    shelf_of,
)
from content_server.site.tree.tree import Cache, Page, Tree

NOT_FOUND = 404
SOURCE = Locale(SOURCE_FOLDER, "vi", "Tiếng Việt", "Tiếng Việt", fallback=None)
HTML = "text/html; charset=utf-8"
Change = Callable[[Session], object]  # makes prepared bytes visible, in the caller's transaction


@dataclass(frozen=True)
class SiteBuilder:
    """Renders and replaces. Reading needs none of this."""

    settings: Settings
    database: Database
    store: Store
    tree: Tree
    only: frozenset[str] = frozenset()  # languages to tell lessons in; none named: all

    def publishing(self, slug: str, numbers: Mapping[str, int]) -> Change:
        """Render revisions `numbers` (folder → number) of `slug`, in every language it is told in.

        All bytes are in the store when this returns; the change returned makes them visible.
        Raises LessonNotFound when the lesson has no Vietnamese edition to show.
        """
        with self.database.read() as session:
            current = shown_numbers(session, slug)
            versions = versions_of(session, slug, {**current, **numbers})
            library = load_registries(session)
            site = self.site(session, [versions], library)
        site = replace(site, shelf=self._with_words(site.shelf))
        if SOURCE_FOLDER not in versions:
            raise LessonNotFound(_("Bài {slug} chưa có bản tiếng Việt để đưa lên.", slug=slug))
        recipe = build_fingerprint(self.settings)
        tellings = self.tellings(slug, versions, library)
        hidden = set(versions) - {telling.locale.folder for telling in tellings}
        prepared = [
            (telling, self.tree.prepare(self._lesson_pages(telling, tellings, site)))
            for telling in tellings
        ]
        sounds = [
            sound_row(taught_from(each, tellings, versions, site, self.store, recipe))
            for each in tellings
        ]
        heard = [rendered_sound(row) for row in sounds if row]
        media = self.tree.prepare_media([*_media_of(tellings, site.shelf), *heard])

        def change(session: Session) -> None:
            for folder, number in numbers.items():
                publish(session, find_edition(session, slug, folder), number)
            self.tree.add_media(session, media)
            for folder in hidden:
                self.tree.withdraw(session, _owner(slug, folder))
            for telling, each in prepared:
                self.tree.replace(session, _owner(slug, telling.locale.folder), each)
                write_search(session, telling)
            for row in sounds:
                if row:
                    session.merge(row)

        return change

    def listing(self) -> Change:
        """Render the pages that name every lesson: home, search, and the notices."""
        with self.database.read() as session:
            library = load_registries(session)
            numbers = published_numbers(session)
            versions = {slug: versions_of(session, slug, numbers[slug]) for slug in numbers}
            site = self.site(session, versions.values(), library)
            sounds = sounds_of(session, numbers)
        order = in_order(versions, library)
        told = [t for slug in order for t in self.tellings(slug, versions[slug], library)]
        homes = {telling.locale.folder for telling in told} | {SOURCE_FOLDER}
        site = replace(
            site,
            locales=[locale for locale in site.locales if locale.folder in homes],
            waiting=[locale for locale in site.locales if locale.folder not in homes],
        )
        prepared = self.tree.prepare(
            [
                *(page for locale in site.locales for page in _list_pages(told, locale, site)),
                *_notices(library.locales[SOURCE_FOLDER], site),
                *(feed_page(locale, told, sounds, site) for locale in site.locales),
                sitemap_page(told, site),
            ]
        )
        return lambda session: self.tree.replace(session, "lists", prepared)

    def found(
        self, session: Session, ranks: Mapping[str, Rank], locale: Locale, query: str
    ) -> bytes:
        """Return the search page with these lessons, best first, then as they stand at home."""
        library = load_registries(session)
        numbers = published_numbers(session)
        shown = {
            slug: versions_of(session, slug, numbers[slug]) for slug in ranks if slug in numbers
        }
        site = self.site(session, shown.values(), library)
        told = [
            localize_lesson(slug, locale.folder, shown[slug], library.locales)
            for slug in sorted(in_order(shown, library), key=lambda slug: ranks[slug])
            if locale.folder in shown[slug]
        ]
        return render(search_page(told, locale, site, query))

    def notice(self, status: int) -> bytes:
        """Return a page that speaks plainly, without asking the database."""
        site = Site(self.settings.base_url, RenditionIndex({}), {}, [SOURCE])
        page = not_found_page if status == NOT_FOUND else trouble_page
        return render(page(SOURCE, site))

    def withdrawing(self, slug: str, folder: str | None) -> Change:
        """Render the notices that stand where editions were. Without a source, all of them go.

        Raises LessonNotFound when the lesson is not on the site.
        """
        with self.database.read() as session:
            published = shown_numbers(session, slug)
            folders, number = list(published), _number_of(versions_of(session, slug, published))
            library = load_registries(session)
            site = self.site(session, [], library)
        gone = folders if folder in {None, SOURCE_FOLDER} else [f for f in folders if f == folder]
        if not gone:
            raise LessonNotFound(_("Bài {slug} không có trên trang.", slug=slug))
        notices = {each: _gone(slug, number, library.locales[Folder(each)], site) for each in gone}
        prepared = {each: self.tree.prepare([notice]) for each, notice in notices.items()}

        def change(session: Session) -> None:
            for each, notice in prepared.items():
                withdraw(session, find_edition(session, slug, each))
                self.tree.withdraw(session, _owner(slug, each), notice)
                if row := session.get(SearchRow, (slug, each)):
                    session.delete(row)

        return change

    def tellings(
        self, slug: str, versions: PublishedEditions, library: Registries
    ) -> list[LocalizedLesson]:
        """Tell a lesson in every language it has, but for unreviewed ones if those are hidden."""
        told = [localize_lesson(slug, folder, versions, library.locales) for folder in versions]
        seen = [t for t in told if t.reviewed or not self.settings.hide_unreviewed]
        return [t for t in seen if self._tells_in(t.locale)]

    def _tells_in(self, locale: Locale) -> bool:
        return not self.only or locale.folder in self.only

    def site(
        self, session: Session, lessons: Iterable[PublishedEditions], library: Registries
    ) -> Site:
        """Return what all pages share, with the renditions these lessons need."""
        return Site(
            base_url=self.settings.base_url,
            shelf=shelf_of(session, lessons),
            contacts=library.contacts,
            topics=library.topics,
            locales=sorted(filter(self._tells_in, library.locales.values()), key=_source_first),
        )

    def _lesson_pages(
        self, telling: LocalizedLesson, tellings: list[LocalizedLesson], site: Site
    ) -> list[Page]:
        card = draw_card(telling)
        card_path = media_path(sha256(card).hexdigest(), "image/jpeg")
        folders = [each.locale.folder for each in tellings]
        context = lesson_page(telling, folders, card_path, site)
        path = path_of(telling.locale.folder, telling.slug)
        lesson = replace(
            _page(path, context),
            aliases=short_paths(telling.locale.folder, telling.source.number),
        )
        card_page = Page(card_path, card, "image/jpeg", Cache.FOREVER)
        deck = deck_page(telling, tellings, site)
        notes_at = notes_path(telling.locale.folder, telling.slug)
        trainers = [_page(context.deck, deck), _page(notes_at, notes_page(deck, telling))]
        return [lesson, *trainers, card_page, *caption_pages(telling, site.shelf)]

    def _with_words(self, shelf: RenditionIndex) -> RenditionIndex:
        """Return the shelf with the words of its captions, read from the store."""
        captions = {
            source: made[0].digest
            for source in shelf.renditions
            if (made := shelf.of_type(source, CAPTIONS_TYPE))
        }
        read = {source: self.store.read_bytes(digest) for source, digest in captions.items()}
        return replace(shelf, cues={source: cues_of(read[source].decode()) for source in read})


def _source_first(locale: Locale) -> bool:
    return locale.folder != SOURCE_FOLDER


def _gone(slug: str, number: int | None, locale: Locale, site: Site) -> Page:
    notice = _page(path_of(locale.folder, slug), withdrawn_page(locale, site), status=410)
    return replace(notice, aliases=short_paths(locale.folder, number))


def _number_of(versions: PublishedEditions) -> int | None:
    source = versions[SOURCE_FOLDER].body if SOURCE_FOLDER in versions else None
    return source.number if isinstance(source, Lesson) else None


def _owner(slug: str, folder: str) -> str:
    return f"lesson:{slug}/{folder}"


def _page(path: str, context: Context, *, status: int = 200) -> Page:
    return Page(path, render(context), HTML, Cache.PAGE, status=status)


def _list_pages(told: list[LocalizedLesson], locale: Locale, site: Site) -> list[Page]:
    mine = [telling for telling in told if telling.locale.folder == locale.folder]
    path = path_of(locale.folder)
    pages = [
        _page(path, home_page(mine, locale, site, path)),
        _page(search_path(locale), search_page(mine, locale, site)),
        _page(household_path(locale), household_page(mine, locale, site)),
        _page(evening_path(locale.folder), plan_page(mine, locale, site)),
        _page(cards_path(locale.folder), cards_page(locale, site)),
    ]
    if locale.folder == SOURCE_FOLDER:
        pages.append(_page("/", home_page(mine, locale, site, "/")))
    return pages


def _notices(locale: Locale, site: Site) -> list[Page]:
    return [
        _page("/404", not_found_page(locale, site), status=404),
        _page("/500", trouble_page(locale, site), status=500),
        robots_page(site),
    ]


def _media_of(tellings: Iterable[LocalizedLesson], shelf: RenditionIndex) -> list[RenditionView]:
    sources = {digest for telling in tellings for digest in telling.media.values()}
    return [rendered for source in sorted(sources) for rendered in shelf.renditions.get(source, ())]
