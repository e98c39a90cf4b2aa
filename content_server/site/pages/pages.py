"""Pages: what is taught, put into the contexts of lesson, list, search and notices."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from markupsafe import Markup

from content_server.lessons.lesson import Lesson, Picture
from content_server.lessons.localized import LocalizedLesson, LocalizedVoice
from content_server.lessons.media_references import pictures_of
from content_server.lessons.registries.entries import Contact, ContactCost, Topic
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.media.screens.icons import ICONS
from content_server.phrases import Phrase, _
from content_server.site.pages.contexts import (
    ContactView,
    Group,
    HomePage,
    LanguageLink,
    LessonCard,
    LessonPage,
    Line,
    NoticePage,
    SearchPage,
)
from content_server.site.pages.figures import Figure, figure_of
from content_server.site.pages.panels import Desk, deck_path, panels_of, path_of, takeaway_path
from content_server.site.tree.rendition_index import WEAK_KBPS, RenditionIndex, weight

PAGE_BYTES = 13_000  # the most a lesson's first response may weigh, compressed


@dataclass(frozen=True)
class Site:
    """What all pages share."""

    base_url: str  # https://hoc.example.vn, no slash at the end
    shelf: RenditionIndex
    contacts: Mapping[str, Contact]
    locales: Sequence[Locale]  # languages that have a home, source first
    topics: Mapping[str, Topic] = field(default_factory=dict)
    waiting: Sequence[Locale] = ()  # languages that wait for their first voice

    def address(self, path: str) -> str:
        return self.base_url + path


def lesson_page(
    telling: LocalizedLesson, folders: Iterable[str], card_path: str, site: Site
) -> LessonPage:
    """Return the context of a lesson in one language; `folders` are the languages it is told in."""
    desk = Desk(telling, site.shelf)
    here = path_of(telling.locale.folder, telling.slug)
    told_in = [locale for locale in site.locales if locale.folder in set(folders)]
    size = PAGE_BYTES + voices_bytes(telling, site.shelf)
    return LessonPage(
        tag=telling.locale.tag,
        address=site.address(here),
        title=telling.title.text,
        languages=_switcher(told_in, telling.locale, telling.slug),
        home=path_of(telling.locale.folder),
        main_tag=telling.main_locale.tag,
        description=f"{telling.why.text} {telling.safety.text}",
        alternates=tuple(
            (locale.tag, site.address(path_of(locale.folder, telling.slug))) for locale in told_in
        ),
        card=site.address(card_path),
        learning=_learning(telling, site.address(here)),
        cover=cover_of(telling, site.shelf),
        voice=desk.voice(telling.voice),
        why=desk.line(telling.why),
        safety=desk.line(telling.safety),
        weight=weight(size),
        seconds=max(1, round(size * 8 / (WEAK_KBPS * 1000))),
        unreviewed=_ribbon(telling),
        panels=panels_of(desk),
        total=len(telling.steps),
        success=desk.line(telling.success),
        warning=desk.line(telling.warning),
        ending_voice=desk.voice(telling.ending_voice),
        contacts=tuple(contact_view(site.contacts[name]) for name in telling.source.help),
        checked_on=f"{telling.source.checked_on:%d/%m/%Y}",
        takeaway=takeaway_path(telling.locale.folder, telling.slug),
        deck=deck_path(telling.locale.folder, telling.slug),
    )


def spoken_of(telling: LocalizedLesson) -> list[LocalizedVoice]:
    """Return every recording a person can play in this telling, in order."""
    voices = (telling.voice, *(step.voice for step in telling.steps), telling.ending_voice)
    return [voice for voice in voices if voice]


def voices_bytes(telling: LocalizedLesson, shelf: RenditionIndex) -> int:
    """Return what all voices of a telling weigh in the small file."""
    files = (shelf.of_type(spoken.digest, "audio/ogg") for spoken in spoken_of(telling))
    return sum(renditions[0].size_bytes for renditions in files if renditions)


def cover_picture(lesson: Lesson) -> Picture | None:
    """Return the picture a lesson is known by: its cover, else its first picture."""
    if lesson.cover:
        return lesson.cover
    drawn = (p for p in pictures_of(lesson) if p.screen or p.scene or p.photo)
    return next(drawn, None)


def cover_of(telling: LocalizedLesson, shelf: RenditionIndex) -> Figure | None:
    picture = cover_picture(telling.source)
    return figure_of(picture, None, "", shelf, telling.media) if picture else None


def home_page(
    tellings: Sequence[LocalizedLesson], locale: Locale, site: Site, path: str
) -> HomePage:
    """Return the list of lessons in one language. `path` is / or the language's own address."""
    return HomePage(
        tag=locale.tag,
        address=site.address(path),
        title=_("Bài học một phút").said_in(locale.tag),
        languages=_switcher(site.locales, locale),
        home=path_of(locale.folder),
        groups=tuple(_groups(tellings, locale, site)),
        search=search_path(locale),
        households=path_of(locale.folder, "nha"),
        evening=evening_path(locale.folder),
        waiting=tuple((each.tag, each.endonym) for each in site.waiting),
    )


def _groups(tellings: Sequence[LocalizedLesson], locale: Locale, site: Site) -> Iterator[Group]:
    """Yield each topic that has a lesson here; lessons of a topic stand together already."""
    for slug, together in groupby(tellings, key=lambda telling: telling.source.topic):
        topic = site.topics.get(slug, Topic(name=str(_("Bài khác"))))
        tag = None if locale.folder == SOURCE_FOLDER else SOURCE_FOLDER
        yield Group(
            name=Line(topic.name, tag),
            icon=ICONS[topic.icon],
            lessons=tuple(lesson_card(telling, site) for telling in together),
        )


def evening_path(folder: str) -> str:
    """Return the address of the page an evening is planned on."""
    return path_of(folder, "buoi")


def search_path(locale: Locale) -> str:
    return path_of(locale.folder, "tim")


def search_page(
    tellings: Sequence[LocalizedLesson], locale: Locale, site: Site, query: str = ""
) -> SearchPage:
    """Return the search form with what was found; with an empty query, every lesson."""
    return SearchPage(
        tag=locale.tag,
        address=site.address(search_path(locale)),
        title=_("Tìm bài").said_in(locale.tag),
        languages=_switcher(site.locales, locale),
        home=path_of(locale.folder),
        action=f"/-/tim/{locale.folder}",
        query=query,
        lessons=tuple(lesson_card(telling, site) for telling in tellings),
    )


def lesson_card(telling: LocalizedLesson, site: Site) -> LessonCard:
    """Return a lesson as a line of the list."""
    desk = Desk(telling, site.shelf)
    return LessonCard(
        path=path_of(telling.locale.folder, telling.slug),
        title=desk.line(telling.title),
        figure=cover_of(telling, site.shelf),
        voice=desk.voice(telling.voice),
        unreviewed=not telling.reviewed,
    )


def notice_page(
    title: Phrase, sentence: Phrase, advice: Phrase, locale: Locale, site: Site
) -> NoticePage:
    """Return a page that says one plain thing and leads home."""
    return NoticePage(
        tag=locale.tag,
        address=site.base_url,
        title=title.said_in(locale.tag),
        languages=(),
        home=path_of(locale.folder),
        sentence=sentence.said_in(locale.tag),
        advice=advice.said_in(locale.tag),
    )


def not_found_page(locale: Locale, site: Site) -> NoticePage:
    return notice_page(
        _("Không thấy trang"),
        _("Trang này không có."),
        _("Có thể đường link bị thiếu chữ. Bác không làm hỏng gì cả."),
        locale,
        site,
    )


def withdrawn_page(locale: Locale, site: Site) -> NoticePage:
    return notice_page(
        _("Bài đã cất đi"),
        _("Bài học này không còn dùng nữa."),
        _("Có thể ứng dụng đã đổi. Bác xem bài khác nhé."),
        locale,
        site,
    )


def trouble_page(locale: Locale, site: Site) -> NoticePage:
    return notice_page(
        _("Máy chủ đang trục trặc"),
        _("Máy chủ đang trục trặc, không phải lỗi của bác."),
        _("Bác đợi một phút rồi mở lại."),
        locale,
        site,
    )


def _switcher(
    locales: Iterable[Locale], current: Locale, slug: str = ""
) -> tuple[LanguageLink, ...]:
    return tuple(
        LanguageLink(
            path=path_of(locale.folder, slug),
            tag=locale.tag,
            endonym=locale.endonym,
            current=locale.folder == current.folder,
        )
        for locale in locales
    )


def _ribbon(telling: LocalizedLesson) -> str | None:
    if telling.reviewed:
        return None
    language = telling.locale.spoken_name
    phrase = _("Bản nháp: chưa có người nói {language} xem lại.", language=language)
    return phrase.said_in(telling.locale.tag)


def contact_view(contact: Contact) -> ContactView:
    """Return a helpline as a villager sees it, with what the call costs."""
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
        spoken=_grouped(contact.tel) if contact.tel else None,
        site=contact.site,
        note=" · ".join(note for note in notes if note),
    )


def _grouped(tel: str) -> str:
    """Return a number as it is printed: 1900 6769, 113."""
    return f"{tel[:4]} {tel[4:]}" if len(tel) > 5 else tel  # noqa: PLR2004  # short numbers stay whole


def _learning(telling: LocalizedLesson, address: str) -> Markup:
    """Return LRMI metadata (schema.org LearningResource), safe inside a script element."""
    data = {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "name": telling.title.text,
        "description": telling.why.text,
        "inLanguage": telling.locale.tag,
        "url": address,
        "learningResourceType": "lesson",
        "timeRequired": "PT1M",
        "isAccessibleForFree": True,
        "dateModified": telling.source.checked_on.isoformat(),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704  # escaped here
