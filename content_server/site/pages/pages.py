"""Builds the contexts of the lesson, list, search and notice pages."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from markupsafe import Markup

from content_server import urls
from content_server.lessons.lesson import Lesson, Picture
from content_server.lessons.localized import LocalizedLesson, LocalizedVoice
from content_server.lessons.media_references import pictures_of
from content_server.lessons.registries.entries import Contact, ContactCost, Topic
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.media.screens.icons import ICONS
from content_server.phrases import Phrase, _
from content_server.site.pages.contexts import (
    ContactView,
    HomePage,
    LanguageLink,
    LessonCard,
    LessonPage,
    NoticePage,
    SearchPage,
    Sentence,
    TopicGroup,
)
from content_server.site.pages.figures import Figure, make_figure
from content_server.site.pages.panels import (
    PanelBuilder,
    build_panels,
    downloads_path,
    page_path,
)
from content_server.site.tree.rendition_index import WEAK_NETWORK_KBPS, RenditionIndex, format_size

PAGE_BYTES = 13_000  # upper limit of a lesson page, compressed


@dataclass(frozen=True)
class Site:
    """What all pages share: the base address, renditions, helplines, topics and languages."""

    base_url: str  # https://hoc.example.vn, without a trailing slash
    renditions: RenditionIndex
    contacts: Mapping[str, Contact]
    locales: Sequence[Locale]  # languages with a home page, source first
    topics: Mapping[str, Topic] = field(default_factory=dict)
    languages_without_lessons: Sequence[Locale] = ()  # shown as waiting for a first recording

    def address(self, path: str) -> str:
        return self.base_url + path


def build_lesson_page(
    lesson: LocalizedLesson, folders: Iterable[str], preview_path: str, site: Site
) -> LessonPage:
    """Return the context of a lesson page; `folders` are the languages the lesson has."""
    builder = PanelBuilder(lesson, site.renditions)
    here = page_path(lesson.locale.folder, lesson.slug)
    page_locales = [locale for locale in site.locales if locale.folder in set(folders)]
    size = PAGE_BYTES + measure_voices_bytes(lesson, site.renditions)
    return LessonPage(
        tag=lesson.locale.tag,
        address=site.address(here),
        title=lesson.title.text,
        languages=_language_links(page_locales, lesson.locale, lesson.slug),
        home=page_path(lesson.locale.folder),
        main_tag=lesson.main_locale.tag,
        description=f"{lesson.why.text} {lesson.safety.text}",
        alternates=tuple(
            (locale.tag, site.address(page_path(locale.folder, lesson.slug)))
            for locale in page_locales
        ),
        preview_image=site.address(preview_path),
        json_ld=_json_ld(lesson, site.address(here)),
        cover=make_cover_figure(lesson, site.renditions),
        voice=builder.build_voice_view(lesson.voice),
        why=builder.build_sentence(lesson.why),
        safety=builder.build_sentence(lesson.safety),
        size=format_size(size),
        download_s=max(1, round(size * 8 / (WEAK_NETWORK_KBPS * 1000))),
        unreviewed=_unreviewed_notice(lesson),
        panels=build_panels(builder),
        total=len(lesson.steps),
        success=builder.build_sentence(lesson.success),
        warning=builder.build_sentence(lesson.warning),
        ending_voice=builder.build_voice_view(lesson.ending_voice),
        contacts=tuple(build_contact_view(site.contacts[name]) for name in lesson.source.help),
        checked_on=f"{lesson.source.checked_on:%d/%m/%Y}",
        downloads=downloads_path(lesson.locale.folder, lesson.slug),
        deck=urls.DECK.url(folder=lesson.locale.folder, slug=lesson.slug),
    )


def list_voices(lesson: LocalizedLesson) -> list[LocalizedVoice]:
    """Return all recordings of a lesson, in the order of the page."""
    voices = (lesson.voice, *(step.voice for step in lesson.steps), lesson.ending_voice)
    return [voice for voice in voices if voice]


def measure_voices_bytes(lesson: LocalizedLesson, renditions: RenditionIndex) -> int:
    """Return the size of all recordings of a lesson as Opus, in bytes."""
    files = (renditions.of_type(voice.digest, "audio/ogg") for voice in list_voices(lesson))
    return sum(found[0].size_bytes for found in files if found)


def find_cover_picture(lesson: Lesson) -> Picture | None:
    """Return the cover of a lesson, else its first picture; None without any."""
    if lesson.cover:
        return lesson.cover
    drawn = (p for p in pictures_of(lesson) if p.screen or p.scene or p.photo)
    return next(drawn, None)


def make_cover_figure(lesson: LocalizedLesson, renditions: RenditionIndex) -> Figure | None:
    picture = find_cover_picture(lesson.source)
    return make_figure(picture, None, "", renditions, lesson.media) if picture else None


def build_home_page(
    lessons: Sequence[LocalizedLesson], locale: Locale, site: Site, path: str
) -> HomePage:
    """Return the home page of one language. `path` is / or the address of the language."""
    return HomePage(
        tag=locale.tag,
        address=site.address(path),
        title=_("Bài học một phút").translate(locale.tag),
        languages=_language_links(site.locales, locale),
        home=page_path(locale.folder),
        groups=tuple(_topic_groups(lessons, locale, site)),
        search=urls.SEARCH_PAGE.url(folder=locale.folder),
        household_sheet=urls.HOUSEHOLD_SHEET.url(folder=locale.folder),
        session_plan=urls.SESSION_PLAN.url(folder=locale.folder),
        podcast=urls.PODCAST.url(folder=locale.folder),
        languages_without_lessons=tuple(
            (each.tag, each.endonym) for each in site.languages_without_lessons
        ),
    )


def _topic_groups(
    lessons: Sequence[LocalizedLesson], locale: Locale, site: Site
) -> Iterator[TopicGroup]:
    """Yield each topic with its lessons; `lessons` must be sorted by topic."""
    for slug, together in groupby(lessons, key=lambda lesson: lesson.source.topic):
        topic = site.topics.get(slug, Topic(name=str(_("Bài khác"))))
        tag = None if locale.folder == SOURCE_FOLDER else SOURCE_FOLDER
        yield TopicGroup(
            name=Sentence(topic.name, tag),
            icon=ICONS[topic.icon],
            lessons=tuple(build_lesson_card(lesson, site) for lesson in together),
        )


def build_search_page(
    lessons: Sequence[LocalizedLesson], locale: Locale, site: Site, query: str = ""
) -> SearchPage:
    """Return the search page with its results; with an empty query, all lessons."""
    return SearchPage(
        tag=locale.tag,
        address=site.address(urls.SEARCH_PAGE.url(folder=locale.folder)),
        title=_("Tìm bài").translate(locale.tag),
        languages=_language_links(site.locales, locale),
        home=page_path(locale.folder),
        action=urls.SEARCH.url(folder=locale.folder),
        query=query,
        lessons=tuple(build_lesson_card(lesson, site) for lesson in lessons),
    )


def build_lesson_card(lesson: LocalizedLesson, site: Site) -> LessonCard:
    """Return a lesson as an item of a list."""
    builder = PanelBuilder(lesson, site.renditions)
    return LessonCard(
        path=page_path(lesson.locale.folder, lesson.slug),
        title=builder.build_sentence(lesson.title),
        figure=make_cover_figure(lesson, site.renditions),
        voice=builder.build_voice_view(lesson.voice),
        unreviewed=not lesson.reviewed,
    )


def build_notice_page(
    title: Phrase, sentence: Phrase, advice: Phrase, locale: Locale, site: Site
) -> NoticePage:
    """Return a notice with a link to the home page."""
    return NoticePage(
        tag=locale.tag,
        address=site.base_url,
        title=title.translate(locale.tag),
        languages=(),
        home=page_path(locale.folder),
        sentence=sentence.translate(locale.tag),
        advice=advice.translate(locale.tag),
    )


def build_not_found_page(locale: Locale, site: Site) -> NoticePage:
    return build_notice_page(
        _("Không thấy trang"),
        _("Trang này không có."),
        _("Có thể đường link bị thiếu chữ. Bác không làm hỏng gì cả."),
        locale,
        site,
    )


def build_withdrawn_page(locale: Locale, site: Site) -> NoticePage:
    return build_notice_page(
        _("Bài đã cất đi"),
        _("Bài học này không còn dùng nữa."),
        _("Có thể ứng dụng đã đổi. Bác xem bài khác nhé."),
        locale,
        site,
    )


def build_server_error_page(locale: Locale, site: Site) -> NoticePage:
    return build_notice_page(
        _("Máy chủ đang trục trặc"),
        _("Máy chủ đang trục trặc, không phải lỗi của bác."),
        _("Bác đợi một phút rồi mở lại."),
        locale,
        site,
    )


def _language_links(
    locales: Iterable[Locale], current: Locale, slug: str = ""
) -> tuple[LanguageLink, ...]:
    return tuple(
        LanguageLink(
            path=page_path(locale.folder, slug),
            tag=locale.tag,
            endonym=locale.endonym,
            current=locale.folder == current.folder,
        )
        for locale in locales
    )


def _unreviewed_notice(lesson: LocalizedLesson) -> str | None:
    if lesson.reviewed:
        return None
    language = lesson.locale.name_in_sentence
    phrase = _("Bản nháp: chưa có người nói {language} xem lại.", language=language)
    return phrase.translate(lesson.locale.tag)


def build_contact_view(contact: Contact) -> ContactView:
    """Return a helpline for a page, with what a call costs."""
    cost = {
        ContactCost.FREE: _("gọi không mất tiền"),
        ContactCost.PAID: _("gọi có mất tiền"),
        ContactCost.UNKNOWN: None,
    }[contact.cost]
    notes = [str(cost) if cost else "", contact.hours or ""]
    if contact.verify:
        notes.append(str(_("chờ kiểm tra lại")))
    return ContactView(
        name=contact.name,
        tel=contact.tel,
        formatted_tel=_format_tel(contact.tel) if contact.tel else None,
        website=contact.site,
        note=" · ".join(note for note in notes if note),
    )


def _format_tel(tel: str) -> str:
    """Return a phone number in groups: 1900 6769, 113."""
    return f"{tel[:4]} {tel[4:]}" if len(tel) > 5 else tel  # noqa: PLR2004  # short numbers stay whole


def _json_ld(lesson: LocalizedLesson, address: str) -> Markup:
    """Return LRMI metadata (schema.org LearningResource), safe inside a script element."""
    data = {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "name": lesson.title.text,
        "description": lesson.why.text,
        "inLanguage": lesson.locale.tag,
        "url": address,
        "learningResourceType": "lesson",
        "timeRequired": "PT1M",
        "isAccessibleForFree": True,
        "dateModified": lesson.source.checked_on.isoformat(),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704  # escaped here
