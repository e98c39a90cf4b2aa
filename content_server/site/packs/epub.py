"""The book: EPUB 3 with media overlays, a page a step, read aloud where a reader can do that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from content_server.media.screens import draw_pixels
from content_server.phrases import _
from content_server.site.packs.frames.pack_frames import LETTERS, Look, Shot, shots_of
from content_server.site.packs.frames.pack_pictures import Seen
from content_server.site.packs.pack_lesson import Pack, PackJob, PackLesson
from content_server.site.packs.zips import write_zip

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
class Leaf:
    """A page of the book: a shot, its files, and how long its voice is."""

    name: str  # 01, 02 …
    shot: Shot
    pictures: tuple[tuple[str, str], ...]  # file, words
    voice: str | None
    voice_ms: int

    @property
    def clock(self) -> str:
        """Return the length as SMIL says it."""
        return f"{self.voice_ms / 1000:.3f}s"


def make_book(taught: PackLesson, folder: Path, work: PackJob) -> Pack:
    """Write the EPUB. Its reader brings the fonts, so no letter is refused here."""
    files: dict[str, bytes] = {}
    leaves = []
    shots = shots_of(taught)
    for n, shot in enumerate(shots, start=1):
        leaves.append(_leaf(taught, shot, f"{n:02}", files))
        work.on_progress(n / len(shots))
    named = {"taught": taught, "leaves": leaves, "letters": LETTERS, "looks": Look}
    words = {
        "book": str(uuid5(NAMESPACE_URL, taught.address)),
        "publisher": taught.said(_("Bài học một phút")),
        "contents": taught.said(_("Mục lục")),
        "total": _clock(leaves),
        "files": sorted(files),
    }
    texts = dict(_texts(leaves, {**named, **words}))
    path = folder / f"{taught.name}.epub"
    write_zip(
        path,
        [
            ("mimetype", MIMETYPE),
            ("META-INF/container.xml", CONTAINER),
            *((f"EPUB/{name}", text.encode()) for name, text in texts.items()),
            *((f"EPUB/{name}", data) for name, data in sorted(files.items())),
        ],
        first_stored=True,
    )
    silent = not any(leaf.voice for leaf in leaves)
    return Pack(path, notes=(_("Bài chưa có lời đọc, nên sách không có tiếng."),) if silent else ())


def _leaf(taught: PackLesson, shot: Shot, name: str, files: dict[str, bytes]) -> Leaf:
    """Put the files of a page among the others and return the page."""
    pictures = tuple(_pictures(shot, name, files))
    file = taught.recording(shot.voice, VOICE_TYPE)
    voice = None
    if file:
        voice = f"{name}.m4a"
        files[voice] = taught.store.read_bytes(file.digest)
    return Leaf(name, shot, pictures, voice, (file and file.duration_ms) or 0)


def _pictures(shot: Shot, name: str, files: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    for n, seen in enumerate(shot.pictures, start=1):
        png = draw_pixels(seen.svg, width_px=PICTURE_PX)
        file = next((known for known, data in files.items() if data == png), f"{name}-{n}.png")
        files[file] = png
        yield file, _words(seen, shot, n)


def _words(seen: Seen, shot: Shot, number: int) -> str:
    label = shot.labels[number - 1] if shot.labels else shot.words.text
    return seen.alt or label


def _clock(leaves: Sequence[Leaf]) -> str:
    return f"{sum(leaf.voice_ms for leaf in leaves) / 1000:.3f}s"


def _texts(leaves: Sequence[Leaf], values: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the book's own files: what is in it, in which order, its pages and their voices."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in ("book.opf", "nav.xhtml", "book.css"):
        yield name, environment.get_template(name).render(values)
    for leaf in leaves:
        page = {**values, "leaf": leaf, "shot": leaf.shot}
        yield f"{leaf.name}.xhtml", environment.get_template("leaf.xhtml").render(page)
        if leaf.voice:
            yield f"{leaf.name}.smil", environment.get_template("leaf.smil").render(page)
