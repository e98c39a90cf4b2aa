"""The audio pack: all recordings of a lesson joined into one MP3, for loudspeakers and feeds."""

from collections.abc import Mapping
from pathlib import Path

from sqlmodel import Session, select

from content_server.errors import PackUnavailable
from content_server.media.audio import mp3
from content_server.media.ladder import VOICE_LADDER
from content_server.phrases import _
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.pack_makers import PackFile, PackJob
from content_server.site.packs.tables import PackRow
from content_server.site.pages.pages import list_voices
from content_server.site.tree.rendition_index import RenditionView

MP3_RUNG = next(rung for rung in VOICE_LADDER if rung.codec == "libmp3lame")
PAUSE_MS = 900  # between two sentences: time to understand and to look at the phone


def join_voices(pack_lesson: PackLesson) -> bytes:
    """Return all recordings of the lesson as one MP3, in the order of its steps.

    Empty when there is no recording, or a rendition is still missing.
    """
    voices = list_voices(pack_lesson.lesson)
    files = [pack_lesson.voice_rendition(voice, MP3_RUNG.content_type) for voice in voices]
    if not all(files):
        return b""
    recordings = [pack_lesson.store.read_bytes(file.digest) for file in files if file]
    return mp3.join_recordings(recordings, MP3_RUNG, pause_ms=PAUSE_MS)


def make_audio(pack_lesson: PackLesson, folder: Path, _job: PackJob) -> PackFile:
    """Write the MP3. Raises PackUnavailable when no recording exists or one is not ready yet."""
    audio = join_voices(pack_lesson)
    if not audio and list_voices(pack_lesson.lesson):
        raise PackUnavailable(_("Lời đọc của bài còn đang được thu nhỏ. Hãy thử lại sau ít phút."))
    if not audio:
        raise PackUnavailable(
            _("Bài này chưa có lời đọc nào, nên chưa có tệp tiếng. Hãy thu lời đọc trước.")
        )
    path = folder / f"{pack_lesson.name}.mp3"
    path.write_bytes(audio)
    return PackFile(path, mp3.mp3_duration_ms(audio, MP3_RUNG))


def store_audio_pack(pack_lesson: PackLesson) -> PackRow | None:
    """Store the audio pack of a lesson and return its row; None when it has no recording.

    Joining encodes nothing and is cheap, so the pack is published with the lesson and podcasts
    can name it.
    """
    audio = join_voices(pack_lesson)
    if not audio:
        return None
    return PackRow(
        slug=pack_lesson.lesson.slug,
        folder=pack_lesson.lesson.locale.folder,
        kind=PackKind.AUDIO,
        digest=pack_lesson.store.put_bytes(audio),
        size_bytes=len(audio),
        duration_ms=mp3.mp3_duration_ms(audio, MP3_RUNG),
        revisions=dict(pack_lesson.revisions),
        fingerprint=pack_lesson.fingerprint,
        content_updated_at=pack_lesson.content_updated_at,
        notes=[],
    )


def make_audio_rendition(row: PackRow) -> RenditionView:
    """Return the file of an audio pack as a rendition with an address under /m/."""
    return RenditionView("sound", row.digest, MP3_RUNG.content_type, row.size_bytes)


def load_audio_packs(
    session: Session, numbers: Mapping[str, Mapping[str, int]]
) -> dict[tuple[str, str], PackRow]:
    """Return the audio packs that fit the published revisions `numbers`, by (slug, folder)."""
    rows = session.exec(select(PackRow).where(PackRow.kind == PackKind.AUDIO)).all()
    return {
        (row.slug, row.folder): row
        for row in rows
        if row.revisions.items() <= numbers.get(row.slug, {}).items()
    }
