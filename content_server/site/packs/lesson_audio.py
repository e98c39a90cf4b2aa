"""The sound pack: all voices of a lesson in a row, as one MP3 for loudspeakers and feeds."""

from collections.abc import Mapping
from pathlib import Path

from sqlmodel import Session, select

from content_server.errors import PackRefused
from content_server.media.audio import mp3
from content_server.media.ladder import VOICE_LADDER
from content_server.phrases import _
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.pack_lesson import Pack, PackJob, PackLesson
from content_server.site.packs.tables import PackRow
from content_server.site.pages.pages import spoken_of
from content_server.site.tree.rendition_index import RenditionView

RUNG = next(rung for rung in VOICE_LADDER if rung.codec == "libmp3lame")
PAUSE_MS = 900  # between two sentences: time to understand, and to look at the phone


def sound_of(taught: PackLesson) -> bytes:
    """Return every voice of the lesson in the order of its steps; empty unless all are ready."""
    spoken = spoken_of(taught.telling)
    files = [taught.recording(each, RUNG.content_type) for each in spoken]
    if not all(files):
        return b""
    recordings = [taught.store.read_bytes(file.digest) for file in files if file]
    return mp3.joined(recordings, RUNG, pause_ms=PAUSE_MS)


def make_sound(taught: PackLesson, folder: Path, _work: PackJob) -> Pack:
    """Write the MP3. Raises PackRefused for a lesson without any voice, or none ready yet."""
    sound = sound_of(taught)
    if not sound and spoken_of(taught.telling):
        raise PackRefused(_("Lời đọc của bài còn đang được thu nhỏ. Hãy thử lại sau ít phút."))
    if not sound:
        raise PackRefused(
            _("Bài này chưa có lời đọc nào, nên chưa có tệp tiếng. Hãy thu lời đọc trước.")
        )
    path = folder / f"{taught.name}.mp3"
    path.write_bytes(sound)
    return Pack(path, mp3.duration_ms(sound, RUNG))


def sound_row(taught: PackLesson) -> PackRow | None:
    """Keep the sound of a telling and return its row; None where there is nothing to hear.

    It is cheap, nothing is encoded: so it is published together with the lesson, and feeds name it.
    """
    sound = sound_of(taught)
    if not sound:
        return None
    return PackRow(
        slug=taught.telling.slug,
        folder=taught.telling.locale.folder,
        kind=PackKind.SOUND,
        digest=taught.store.put_bytes(sound),
        size_bytes=len(sound),
        duration_ms=mp3.duration_ms(sound, RUNG),
        made_from=dict(taught.made_from),
        stamp=taught.stamp,
        dated=taught.dated,
        notes=[],
    )


def rendered_sound(row: PackRow) -> RenditionView:
    """Return the sound as a file a page may name."""
    return RenditionView("sound", row.digest, RUNG.content_type, row.size_bytes)


def sounds_of(
    session: Session, numbers: Mapping[str, Mapping[str, int]]
) -> dict[tuple[str, str], PackRow]:
    """Return the sounds of what is published now, by (slug, folder)."""
    rows = session.exec(select(PackRow).where(PackRow.kind == PackKind.SOUND)).all()
    return {
        (row.slug, row.folder): row
        for row in rows
        if row.made_from.items() <= numbers.get(row.slug, {}).items()
    }
