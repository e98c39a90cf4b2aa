"""The EPUB pack: EPUB 3 with media overlays, one page for each frame, with its recording."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from content_server.media.screens import render_png
from content_server.phrases import _
from content_server.site.packs.frames.pack_frames import LETTERS, FrameKind, PackFrame, build_frames
from content_server.site.packs.frames.pack_pictures import PackPicture
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.pack_makers import PackFile, PackJob
from content_server.site.packs.zips import write_reproducible_zip

VOICE_TYPE = "audio/mp4"  # a core type of every EPUB 3 reader
PICTURE_PX = 600
TEMPLATES = Path(__file__).parent / "epub_parts"
MIMETYPE = b"application/epub+zip"
CONTAINER = b"""<?xml version="1.0" encoding="UTF-8"?>
<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles>
<rootfile full-path="EPUB/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""


@dataclass(frozen=True)
class BookPage:
    """A page of the EPUB: a frame, the names of its files, and the length of its recording."""

    name: str  # 01, 02 …
    frame: PackFrame
    pictures: tuple[tuple[str, str], ...]  # (file name, alternative text)
    voice: str | None
    voice_ms: int

    @property
    def smil_duration(self) -> str:
        """Return the length of the recording as a SMIL clock value: 4.250s."""
        return f"{self.voice_ms / 1000:.3f}s"


def make_epub(pack_lesson: PackLesson, folder: Path, job: PackJob) -> PackFile:
    """Write the EPUB. The reading app brings the fonts, so glyphs are not checked."""
    files: dict[str, bytes] = {}
    pages = []
    frames = build_frames(pack_lesson)
    for n, frame in enumerate(frames, start=1):
        pages.append(_build_page(pack_lesson, frame, f"{n:02}", files))
        job.on_progress(n / len(frames))
    objects = {
        "pack_lesson": pack_lesson,
        "pages": pages,
        "letters": LETTERS,
        "frame_kinds": FrameKind,
    }
    values = {
        "book": str(uuid5(NAMESPACE_URL, pack_lesson.address)),
        "publisher": pack_lesson.translate(_("Bài học một phút")),
        "contents": pack_lesson.translate(_("Mục lục")),
        "total": _total_duration(pages),
        "files": sorted(files),
    }
    documents = dict(_render_documents(pages, {**objects, **values}))
    path = folder / f"{pack_lesson.name}.epub"
    write_reproducible_zip(
        path,
        [
            ("mimetype", MIMETYPE),
            ("META-INF/container.xml", CONTAINER),
            *((f"EPUB/{name}", text.encode()) for name, text in documents.items()),
            *((f"EPUB/{name}", data) for name, data in sorted(files.items())),
        ],
        first_stored=True,
    )
    silent = not any(page.voice for page in pages)
    return PackFile(
        path, notes=(_("Bài chưa có lời đọc, nên sách không có tiếng."),) if silent else ()
    )


def _build_page(
    pack_lesson: PackLesson, frame: PackFrame, name: str, files: dict[str, bytes]
) -> BookPage:
    """Add the files of a page to `files` and return the page."""
    pictures = tuple(_pictures(frame, name, files))
    file = pack_lesson.voice_rendition(frame.voice, VOICE_TYPE)
    voice = None
    if file:
        voice = f"{name}.m4a"
        files[voice] = pack_lesson.store.read_bytes(file.digest)
    return BookPage(name, frame, pictures, voice, (file and file.duration_ms) or 0)


def _pictures(frame: PackFrame, name: str, files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    for n, picture in enumerate(frame.pictures, start=1):
        png = render_png(picture.svg, width_px=PICTURE_PX)
        file = next((known for known, data in files.items() if data == png), f"{name}-{n}.png")
        files[file] = png
        yield file, _alt_text(picture, frame, n)


def _alt_text(picture: PackPicture, frame: PackFrame, number: int) -> str:
    label = frame.labels[number - 1] if frame.labels else frame.sentence.text
    return picture.alt or label


def _total_duration(pages: Sequence[BookPage]) -> str:
    return f"{sum(page.voice_ms for page in pages) / 1000:.3f}s"


def _render_documents(
    pages: Sequence[BookPage], values: dict[str, object]
) -> Iterator[tuple[str, str]]:
    """Yield the package document, the contents, the style, and each page with its overlay."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("book.opf", "nav.xhtml", "book.css"):
        yield name, environment.get_template(name).render(values)
    for page in pages:
        page_values = {**values, "page": page, "frame": page.frame}
        yield f"{page.name}.xhtml", environment.get_template("page.xhtml").render(page_values)
        if page.voice:
            yield f"{page.name}.smil", environment.get_template("page.smil").render(page_values)
