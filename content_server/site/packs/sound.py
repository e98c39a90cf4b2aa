"""The sound pack: all voices of a lesson in a row, as one MP3 for loudspeakers."""

from pathlib import Path

from content_server.errors import PackRefused
from content_server.media import mp3
from content_server.media.ladder import VOICE_LADDER
from content_server.phrases import _
from content_server.site.pages import spoken_of
from content_server.site.packs.taught import Pack, Taught, Work

RUNG = next(rung for rung in VOICE_LADDER if rung.codec == "libmp3lame")
PAUSE_MS = 900  # between two sentences: time to understand, and to look at the phone


def sound_of(taught: Taught) -> bytes:
    """Return every voice of the lesson in the order of its steps; empty when there is none."""
    spoken = spoken_of(taught.telling)
    files = [taught.recording(each, RUNG.content_type) for each in spoken]
    recordings = [taught.store.read_bytes(file.digest) for file in files if file]
    return mp3.joined(recordings, RUNG, pause_ms=PAUSE_MS)


def make_sound(taught: Taught, folder: Path, _work: Work) -> Pack:
    """Write the MP3. Raises PackRefused for a lesson without any voice."""
    sound = sound_of(taught)
    if not sound:
        raise PackRefused(
            _("Bài này chưa có lời đọc nào, nên chưa có tệp tiếng. Hãy thu lời đọc trước.")
        )
    path = folder / f"{taught.name}.mp3"
    path.write_bytes(sound)
    return Pack(path, mp3.duration_ms(sound, RUNG))
