"""The one-file pack: the lesson page with pictures and recordings embedded as data URLs."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

from content_server.lessons.localized import LocalizedLesson
from content_server.media.store import Store
from content_server.phrases import _
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.pack_makers import PackFile, PackJob
from content_server.site.pages.contexts import LessonPage, StandaloneLessonPage
from content_server.site.pages.pages import build_lesson_page, list_voices
from content_server.site.pages.render import render_page
from content_server.site.tree.rendition_index import RenditionIndex, RenditionView

MAX_FILE_BYTES = 400_000  # of a lesson of eight steps: Bluetooth sends it in a few seconds
MP4_TYPE, OGG_TYPE = "audio/mp4", "audio/ogg"  # older iPhones play no Opus
VOICE_TYPES = (MP4_TYPE, OGG_TYPE)  # the types a page asks the rendition index for


@dataclass(frozen=True)
class EmbeddedRendition(RenditionView):
    """A rendition whose address is a data URL with its bytes."""

    data: str = ""

    @property
    def path(self) -> str:
        return self.data


def make_one_file(pack_lesson: PackLesson, folder: Path, _job: PackJob) -> PackFile:
    """Write the page with M4A recordings; with the smaller Opus when it is over MAX_FILE_BYTES."""
    html = _render(pack_lesson, MP4_TYPE)
    notes = []
    if len(html) > MAX_FILE_BYTES:
        html = _render(pack_lesson, OGG_TYPE)
        notes.append(_("Lời đọc dài nên dùng loại nhỏ nhất: iPhone cũ có thể không nghe được."))
    if not list_voices(pack_lesson.lesson):
        notes.append(_("Bài chưa có lời đọc, nên tệp không có tiếng."))
    path = folder / f"{pack_lesson.name}.html"
    path.write_bytes(html)
    return PackFile(path, notes=tuple(notes))


def _render(pack_lesson: PackLesson, voice_type: str) -> bytes:
    lesson = drop_clips(pack_lesson)
    renditions = RenditionIndex(dict(_embedded_renditions(pack_lesson, lesson, voice_type)))
    page = build_lesson_page(lesson, [], "", replace(pack_lesson.site, renditions=renditions))
    values = {field.name: getattr(page, field.name) for field in fields(LessonPage)}
    return render_page(
        StandaloneLessonPage(
            **{**values, "languages": (), "home": "#0", "total": pack_lesson.step_count}
        )
    )


def drop_clips(pack_lesson: PackLesson) -> LocalizedLesson:
    """Return the lesson without its clips; the other steps keep their numbers."""
    return replace(pack_lesson.lesson, steps=pack_lesson.packable_steps())


def _embedded_renditions(
    pack_lesson: PackLesson, lesson: LocalizedLesson, voice_type: str
) -> Iterator[tuple[str, Sequence[RenditionView]]]:
    """Yield (source digest, embedded renditions); of a photo only the smallest JPEG."""
    for voice in list_voices(lesson):
        if file := pack_lesson.voice_rendition(voice, voice_type):
            embedded = _embed(file, pack_lesson.store)
            yield voice.digest, [replace(embedded, content_type=each) for each in VOICE_TYPES]
    for source in lesson.media.values():
        photos = pack_lesson.site.renditions.of_type(source, "image/jpeg")
        if photos:
            yield source, [_embed(photos[0], pack_lesson.store)]


def _embed(file: RenditionView, store: Store) -> EmbeddedRendition:
    data = b64encode(store.read_bytes(file.digest)).decode()
    values = {field.name: getattr(file, field.name) for field in fields(RenditionView)}
    return EmbeddedRendition(
        **values, data=f"data:{file.content_type.partition(';')[0]};base64,{data}"
    )
