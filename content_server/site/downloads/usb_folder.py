"""The files of a USB pack: lessons, slides and plans as a folder that opens offline."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from posixpath import relpath

from sqlmodel import Session, col, select

from content_server import urls
from content_server.errors import LessonNotFound
from content_server.lessons.editions.catalog import (
    load_editions,
    published_revision_numbers,
    sort_lessons,
)
from content_server.lessons.editions.stored_registries import load_registries
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.media.tables import Rendition
from content_server.phrases import _
from content_server.site.pages.pages import Site, build_lesson_card
from content_server.site.pages.panels import page_path
from content_server.site.pages.render import render_page
from content_server.site.plans.session_plans import (
    build_answer_cards_page,
    build_session_plan_page,
)
from content_server.site.site_builder import SiteBuilder
from content_server.site.slides.contexts import UsbIndexPage, UsbLanguage
from content_server.site.slides.decks import language_folder
from content_server.site.tree.published import TreeEntry
from content_server.site.tree.rendition_index import media_path

INDEX, README, CHECKSUMS = "index.html", "DOC-TRUOC.txt", "SHA256SUMS"
LINK_ATTRIBUTE = re.compile(r'( (?:href|src|poster|data-o|data-m)=")(/[^"#]*)')
SRCSET = re.compile(r'(?<= srcset=")[^"]*')
MP3_AS_M4A, MP3_AS_MP3 = '.mp3" type="audio/mp4"', '.mp3" type="audio/mpeg"'

OnProgress = Callable[[float], None]  # receives the share that is done, 0 to 1


@dataclass(frozen=True)
class UsbFolder:
    """The files of a USB pack, by name: pages as bytes, media by their digest in the store."""

    pages: Mapping[str, bytes]
    media: Mapping[str, str]  # name → digest in the store


def collect_usb_folder(
    site_builder: SiteBuilder,
    session: Session,
    slugs: Collection[str] = (),
    folders: Collection[str] = (),
) -> UsbFolder:
    """Return the files of a USB pack; no `slugs` or `folders` means all published ones.

    Raises LessonNotFound when none of them is published.
    """
    lessons, site = _select_lessons(site_builder, session, slugs, folders)
    entries = {entry.path: entry for entry in site_builder.tree.entries(session)}
    pages = {
        path: site_builder.store.read_bytes(entries[path].identity.digest)
        for lesson in lessons
        for path in _published_paths(lesson)
        if path in entries
    }
    pages |= _render_own_pages(lessons, site)
    rewriter = _LinkRewriter(entries, _mp3_by_m4a(session), site.base_url, pages)
    files = {_file_name(path): rewriter.rewrite(path, body) for path, body in pages.items()}
    files[README] = _readme_text()
    return UsbFolder(dict(sorted(files.items())), dict(sorted(rewriter.media.items())))


def make_checksums(usb_folder: UsbFolder, digest_of: Callable[[str], str]) -> bytes:
    """Return the sha256 of every file, in the format of `sha256sum --check`."""
    lines = [f"{sha256(body).hexdigest()}  {name}" for name, body in usb_folder.pages.items()]
    lines += [f"{digest_of(name)}  {name}" for name in usb_folder.media]
    return ("\n".join(lines) + "\n").encode()


def _select_lessons(
    site_builder: SiteBuilder, session: Session, slugs: Collection[str], folders: Collection[str]
) -> tuple[list[LocalizedLesson], Site]:
    registries = load_registries(session)
    numbers = published_revision_numbers(session)
    for slug in slugs:
        if slug not in numbers:
            raise LessonNotFound(_("Bài {slug} không có trên trang.", slug=slug[:60]))
    editions = {slug: load_editions(session, slug, numbers[slug]) for slug in slugs or numbers}
    lessons = [
        lesson
        for slug in sort_lessons(editions, registries)
        for lesson in site_builder.localize(slug, editions[slug], registries)
        if not folders or language_folder(lesson) in folders
    ]
    if not lessons:
        phrase = _("Không có bài nào đã đăng bằng tiếng {names}.", names=", ".join(folders) or "–")
        raise LessonNotFound(phrase)
    return lessons, site_builder.load_site(session, editions.values(), registries)


def _published_paths(lesson: LocalizedLesson) -> tuple[str, str]:
    folder = language_folder(lesson)
    return page_path(folder, lesson.slug), urls.DECK.url(folder=folder, slug=lesson.slug)


def _render_own_pages(lessons: Sequence[LocalizedLesson], site: Site) -> dict[str, bytes]:
    """Render the pages that list lessons, with only the lessons of this USB pack."""
    pages = {}
    folders = {language_folder(lesson) for lesson in lessons}
    locales = [locale for locale in site.locales if locale.folder in folders]
    for locale in locales:
        mine = [lesson for lesson in lessons if language_folder(lesson) == locale.folder]
        pages[urls.SESSION_PLAN.url(folder=locale.folder)] = render_page(
            build_session_plan_page(mine, locale, site)
        )
        pages[urls.ANSWER_CARDS.url(folder=locale.folder)] = render_page(
            build_answer_cards_page(locale, site)
        )
    pages["/"] = render_page(_index_page(lessons, locales, site))
    return pages


def _index_page(
    lessons: Sequence[LocalizedLesson], locales: Sequence[Locale], site: Site
) -> UsbIndexPage:
    return UsbIndexPage(
        tag="vi",
        address=site.address("/"),
        title=_("Bài học một phút").translate("vi"),
        languages=(),
        home="/",
        usb_languages=tuple(
            UsbLanguage(
                tag=locale.tag,
                endonym=locale.endonym,
                lessons=tuple(
                    (
                        build_lesson_card(lesson, site),
                        urls.DECK.url(folder=locale.folder, slug=lesson.slug),
                    )
                    for lesson in lessons
                    if language_folder(lesson) == locale.folder
                ),
                session_plan=urls.SESSION_PLAN.url(folder=locale.folder),
            )
            for locale in sorted(locales, key=lambda each: each.folder != SOURCE_FOLDER)
        ),
    )


def _file_name(path: str) -> str:
    """Return the file name of a page: /vi/tra-tien-dien/chieu → vi/tra-tien-dien/chieu.html."""
    return INDEX if path == "/" else f"{path[1:]}.html"


def _mp3_by_m4a(session: Session) -> dict[str, str]:
    """Return the address of the MP3 rendition of a recording by that of its M4A rendition.

    All laptops and car radios play MP3, also those whose browser plays neither Opus nor AAC.
    """
    types = ("audio/mp4", "audio/mpeg")
    query = select(Rendition).where(col(Rendition.content_type).in_(types))
    by_source: dict[str, dict[str, str]] = {}
    for row in session.exec(query.order_by(col(Rendition.id))):
        path = media_path(row.digest, row.content_type)
        by_source.setdefault(row.source_digest, {}).setdefault(row.content_type, path)
    both = (found for found in by_source.values() if len(found) == len(types))
    return {found["audio/mp4"]: found["audio/mpeg"] for found in both}


class _LinkRewriter:
    """Makes the addresses of pages relative, and collects the media they refer to."""

    def __init__(
        self,
        entries: Mapping[str, TreeEntry],
        mp3: Mapping[str, str],
        base_url: str,
        pages: Collection[str],
    ) -> None:
        self.entries, self.mp3, self.base_url, self.pages = entries, mp3, base_url, pages
        self.media: dict[str, str] = {}

    def rewrite(self, path: str, body: bytes) -> bytes:
        """Return a page whose addresses are relative to its file; nothing else changes."""
        here = _file_name(path)
        html = LINK_ATTRIBUTE.sub(
            lambda match: match[1] + self.relative_address(match[2], here), body.decode()
        )
        html = SRCSET.sub(lambda match: self.rewrite_srcset(match[0], here), html)
        return html.replace(MP3_AS_M4A, MP3_AS_MP3).encode()

    def rewrite_srcset(self, sources: str, here: str) -> str:
        pairs = [choice.strip().partition(" ") for choice in sources.split(",")]
        return ", ".join(
            f"{self.relative_address(path, here)} {width}" for path, _space, width in pairs
        )

    def relative_address(self, path: str, here: str) -> str:
        """Return `path` relative to the file `here`, or absolute on the server if not included."""
        path = self.mp3.get(path, path) if self.mp3.get(path) in self.entries else path
        if path.startswith(urls.MEDIA_PREFIX) and path in self.entries:
            self.media[path[1:]] = self.entries[path].identity.digest
            return relpath(path[1:], _parent_folder(here))
        if path in self.pages:
            return relpath(_file_name(path), _parent_folder(here))
        if path.count("/") == 1 and any(page.startswith(f"{path}/") for page in self.pages):
            return relpath(
                INDEX, _parent_folder(here)
            )  # the list of a language is on the index page
        return self.base_url + path


def _parent_folder(file: str) -> str:
    return file.rpartition("/")[0] or "."


def _readme_text() -> bytes:
    sentences = (
        _("Bài học một phút. Bấm đúp vào index.html, không cần mạng."),
        _("Trong mỗi bài có nút Trình chiếu, dùng cho ti vi và máy chiếu. Bấm ? để xem các phím."),
        _("Chép cả thư mục, đừng chép riêng một tệp."),
    )
    return ("\r\n".join(each.translate("vi") for each in sentences) + "\r\n").encode("utf-8-sig")


def iter_usb_files(
    usb_folder: UsbFolder, read: Callable[[str], bytes], on_progress: OnProgress
) -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of every file: media, pages, the index page, checksums."""
    total = len(usb_folder.pages) + len(usb_folder.media) + 1
    digests: dict[str, str] = {}
    for done, (name, digest) in enumerate(usb_folder.media.items(), start=1):
        body = read(digest)
        digests[name] = sha256(body).hexdigest()
        yield name, body
        on_progress(done / total)
    for name, body in sorted(usb_folder.pages.items(), key=lambda page: page[0] == INDEX):
        yield name, body
    yield CHECKSUMS, make_checksums(usb_folder, digests.__getitem__)
    on_progress(1)
