"""The memory stick: lessons, slides and plans as a folder that opens by a double click."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from posixpath import relpath

from sqlmodel import Session, col, select

from content_server.errors import LessonNotFound
from content_server.lessons.editions.catalog import (
    in_order,
    load_registries,
    published_numbers,
    versions_of,
)
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.media.tables import Rendition
from content_server.phrases import _
from content_server.site.pages.pages import Site, evening_path, lesson_card
from content_server.site.pages.panels import deck_path, path_of
from content_server.site.pages.render import render
from content_server.site.plans.session_plans import cards_page, cards_path, plan_page
from content_server.site.site_builder import SiteBuilder
from content_server.site.slides.contexts import StickLanguage, StickPage
from content_server.site.slides.decks import folder_of
from content_server.site.tree.published import Entry
from content_server.site.tree.rendition_index import MEDIA_PREFIX, media_path

INDEX, READ_FIRST, SUMS = "index.html", "DOC-TRUOC.txt", "SHA256SUMS"
LINK = re.compile(r'( (?:href|src|poster|data-o|data-m)=")(/[^"#]*)')
SOURCES = re.compile(r'(?<= srcset=")[^"]*')
MP3_AS_M4A, MP3_AS_MP3 = '.mp3" type="audio/mp4"', '.mp3" type="audio/mpeg"'

Progress = Callable[[float], None]  # share of the work that is done, 0 to 1


@dataclass(frozen=True)
class Stick:
    """Everything a memory stick will hold: pages as bytes, media by digest, each at its name."""

    pages: Mapping[str, bytes]
    media: Mapping[str, str]  # name → digest in the store


def gather(
    press: SiteBuilder, session: Session, slugs: Collection[str] = (), folders: Collection[str] = ()
) -> Stick:
    """Return what the stick holds of what is published; no `slugs` or `folders` means all.

    Raises LessonNotFound when nothing published is among them.
    """
    tellings, site = _chosen(press, session, slugs, folders)
    entries = {entry.path: entry for entry in press.tree.entries(session)}
    pages = {
        path: press.store.read_bytes(entries[path].identity.digest)
        for telling in tellings
        for path in _paths_of(telling)
        if path in entries
    }
    pages |= _made_here(tellings, site)
    stick = _Rewriter(entries, _mp3_by_m4a(session), site.base_url, pages)
    written = {_file_of(path): stick.rewritten(path, body) for path, body in pages.items()}
    written[READ_FIRST] = _read_first()
    return Stick(dict(sorted(written.items())), dict(sorted(stick.media.items())))


def sums_of(stick: Stick, digest_of: Callable[[str], str]) -> bytes:
    """Return the sha256 of every file, in the form `sha256sum --check` reads."""
    lines = [f"{sha256(body).hexdigest()}  {name}" for name, body in stick.pages.items()]
    lines += [f"{digest_of(name)}  {name}" for name in stick.media]
    return ("\n".join(lines) + "\n").encode()


def _chosen(
    press: SiteBuilder, session: Session, slugs: Collection[str], folders: Collection[str]
) -> tuple[list[LocalizedLesson], Site]:
    library = load_registries(session)
    numbers = published_numbers(session)
    for slug in slugs:
        if slug not in numbers:
            raise LessonNotFound(_("Bài {slug} không có trên trang.", slug=slug[:60]))
    versions = {slug: versions_of(session, slug, numbers[slug]) for slug in slugs or numbers}
    told = [
        telling
        for slug in in_order(versions, library)
        for telling in press.tellings(slug, versions[slug], library)
        if not folders or folder_of(telling) in folders
    ]
    if not told:
        phrase = _("Không có bài nào đã đăng bằng tiếng {names}.", names=", ".join(folders) or "–")
        raise LessonNotFound(phrase)
    return told, press.site(session, versions.values(), library)


def _paths_of(telling: LocalizedLesson) -> tuple[str, str]:
    folder = folder_of(telling)
    return path_of(folder, telling.slug), deck_path(folder, telling.slug)


def _made_here(tellings: Sequence[LocalizedLesson], site: Site) -> dict[str, bytes]:
    """Render the pages that name lessons: only those that are on the stick."""
    pages = {}
    told = {folder_of(telling) for telling in tellings}
    locales = [locale for locale in site.locales if locale.folder in told]
    for locale in locales:
        mine = [telling for telling in tellings if folder_of(telling) == locale.folder]
        pages[evening_path(locale.folder)] = render(plan_page(mine, locale, site))
        pages[cards_path(locale.folder)] = render(cards_page(locale, site))
    pages["/"] = render(_index(tellings, locales, site))
    return pages


def _index(tellings: Sequence[LocalizedLesson], locales: Sequence[Locale], site: Site) -> StickPage:
    return StickPage(
        tag="vi",
        address=site.address("/"),
        title=_("Bài học một phút").said_in("vi"),
        languages=(),
        home="/",
        folders=tuple(
            StickLanguage(
                tag=locale.tag,
                endonym=locale.endonym,
                lessons=tuple(
                    (lesson_card(telling, site), deck_path(locale.folder, telling.slug))
                    for telling in tellings
                    if folder_of(telling) == locale.folder
                ),
                evening=evening_path(locale.folder),
            )
            for locale in sorted(locales, key=lambda each: each.folder != SOURCE_FOLDER)
        ),
    )


def _file_of(path: str) -> str:
    """Return the file of a page: /vi/tra-tien-dien/chieu → vi/tra-tien-dien/chieu.html."""
    return INDEX if path == "/" else f"{path[1:]}.html"


def _mp3_by_m4a(session: Session) -> dict[str, str]:
    """Return the address of the MP3 of every recording that has one, by that of its M4A.

    Every laptop and car radio plays MP3, also those whose browser plays neither Opus nor AAC.
    """
    types = ("audio/mp4", "audio/mpeg")
    query = select(Rendition).where(col(Rendition.content_type).in_(types))
    by_source: dict[str, dict[str, str]] = {}
    for row in session.exec(query.order_by(col(Rendition.id))):
        path = media_path(row.digest, row.content_type)
        by_source.setdefault(row.source_digest, {}).setdefault(row.content_type, path)
    both = (found for found in by_source.values() if len(found) == len(types))
    return {found["audio/mp4"]: found["audio/mpeg"] for found in both}


class _Rewriter:
    """Makes every address of a page relative, and notes which media the stick must hold."""

    def __init__(
        self,
        entries: Mapping[str, Entry],
        mp3: Mapping[str, str],
        base_url: str,
        pages: Collection[str],
    ) -> None:
        self.entries, self.mp3, self.base_url, self.pages = entries, mp3, base_url, pages
        self.media: dict[str, str] = {}

    def rewritten(self, path: str, body: bytes) -> bytes:
        """Return a page with addresses that hold in a folder; its words stay as published."""
        here = _file_of(path)
        html = LINK.sub(lambda found: found[1] + self.placed(found[2], here), body.decode())
        html = SOURCES.sub(lambda found: self.choices(found[0], here), html)
        return html.replace(MP3_AS_M4A, MP3_AS_MP3).encode()

    def choices(self, sources: str, here: str) -> str:
        pairs = [choice.strip().partition(" ") for choice in sources.split(",")]
        return ", ".join(f"{self.placed(path, here)} {width}" for path, _space, width in pairs)

    def placed(self, path: str, here: str) -> str:
        """Return where `path` is, seen from the file `here`; what is not aboard is on the net."""
        path = self.mp3.get(path, path) if self.mp3.get(path) in self.entries else path
        if path.startswith(MEDIA_PREFIX) and path in self.entries:
            self.media[path[1:]] = self.entries[path].identity.digest
            return relpath(path[1:], _folder_of(here))
        if path in self.pages:
            return relpath(_file_of(path), _folder_of(here))
        if path.count("/") == 1 and any(page.startswith(f"{path}/") for page in self.pages):
            return relpath(INDEX, _folder_of(here))  # a language's list is on the first page
        return self.base_url + path


def _folder_of(file: str) -> str:
    return file.rpartition("/")[0] or "."


def _read_first() -> bytes:
    sentences = (
        _("Bài học một phút. Bấm đúp vào index.html, không cần mạng."),
        _("Trong mỗi bài có nút Trình chiếu, dùng cho ti vi và máy chiếu. Bấm ? để xem các phím."),
        _("Chép cả thư mục, đừng chép riêng một tệp."),
    )
    return ("\r\n".join(each.said_in("vi") for each in sentences) + "\r\n").encode("utf-8-sig")


def files_of(
    stick: Stick, read: Callable[[str], bytes], on_progress: Progress
) -> Iterator[tuple[str, bytes]]:
    """Yield every file of the stick with its bytes: media, pages, the first page last, sums."""
    total = len(stick.pages) + len(stick.media) + 1
    digests: dict[str, str] = {}
    for done, (name, digest) in enumerate(stick.media.items(), start=1):
        body = read(digest)
        digests[name] = sha256(body).hexdigest()
        yield name, body
        on_progress(done / total)
    for name, body in sorted(stick.pages.items(), key=lambda page: page[0] == INDEX):
        yield name, body
    yield SUMS, sums_of(stick, digests.__getitem__)
    on_progress(1)
