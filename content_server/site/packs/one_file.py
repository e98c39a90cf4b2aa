"""One file: the reader's own page with pictures and voices inside, to send from phone to phone."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from content_server.lessons.localized import LocalizedLesson
from content_server.media.store import Store
from content_server.phrases import _
from content_server.site.packs.pack_lesson import Pack, PackJob, PackLesson
from content_server.site.pages.contexts import LessonPage, LonePage
from content_server.site.pages.pages import lesson_page, spoken_of
from content_server.site.pages.render import render
from content_server.site.tree.rendition_index import RenditionIndex, RenditionView

FILE_BYTES = 400_000  # for eight steps: what Bluetooth carries in a few seconds
EVERY_PHONE, SMALLER = "audio/mp4", "audio/ogg"  # an iPhone of some years plays no Opus
BOTH = (EVERY_PHONE, SMALLER)  # what the page asks for by type


@dataclass(frozen=True)
class Inside(RenditionView):
    """A rendition whose address is its own bytes."""

    data: str = ""

    @property
    def path(self) -> str:
        return self.data


def make_one_file(taught: PackLesson, folder: Path, _work: PackJob) -> Pack:
    """Write the page: with voices every phone plays if they fit, else with the smaller ones."""
    html = _page(taught, EVERY_PHONE)
    notes = []
    if len(html) > FILE_BYTES:
        html = _page(taught, SMALLER)
        notes.append(_("Lời đọc dài nên dùng loại nhỏ nhất: iPhone cũ có thể không nghe được."))
    if not spoken_of(taught.telling):
        notes.append(_("Bài chưa có lời đọc, nên tệp không có tiếng."))
    path = folder / f"{taught.name}.html"
    path.write_bytes(html)
    return Pack(path, notes=tuple(notes))


def _page(taught: PackLesson, voice_type: str) -> bytes:
    telling = without_clips(taught)
    shelf = RenditionIndex(dict(_inside(taught, telling, voice_type)))
    page = lesson_page(telling, [], "", replace(taught.site, shelf=shelf))
    values = {field.name: getattr(page, field.name) for field in fields(LessonPage)}
    return render(LonePage(**{**values, "languages": (), "home": "#0", "total": taught.total}))


def without_clips(taught: PackLesson) -> LocalizedLesson:
    """Return the telling without steps a file cannot hold; the others keep their numbers."""
    return replace(taught.telling, steps=taught.steps())


def _inside(
    taught: PackLesson, telling: LocalizedLesson, voice_type: str
) -> Iterator[tuple[str, Sequence[RenditionView]]]:
    """Yield the renditions of each source, of a photo only the smallest every phone shows."""
    for spoken in spoken_of(telling):
        if file := taught.recording(spoken, voice_type):
            inside = _with_data(file, taught.store)
            yield spoken.digest, [replace(inside, content_type=each) for each in BOTH]
    for source in telling.media.values():
        photos = taught.site.shelf.of_type(source, "image/jpeg")
        if photos:
            yield source, [_with_data(photos[0], taught.store)]


def _with_data(file: RenditionView, store: Store) -> Inside:
    data = b64encode(store.read_bytes(file.digest)).decode()
    values = {field.name: getattr(file, field.name) for field in fields(RenditionView)}
    return Inside(**values, data=f"data:{file.content_type.partition(';')[0]};base64,{data}")
