"""Joins recordings to one MP3 without encoding: frames in a row, with silent frames between."""

from collections.abc import Sequence

from content_server.media.ladder import VoiceRung

SAMPLES_PER_FRAME = 576  # MPEG-2 Layer III, half of MPEG-1's
HEADER_BYTES = 4


def join_recordings(recordings: Sequence[bytes], rung: VoiceRung, *, pause_ms: int) -> bytes:
    """Return the frames of all recordings as one file, `pause_ms` of silence after each.

    Recordings of one rung are frames of one size without tags, so frames in a row are a valid file
    and nothing is encoded twice. No recordings give empty bytes.
    """
    pause_frames = round(pause_ms * rung.sample_rate_hz / SAMPLES_PER_FRAME / 1000)
    parts = []
    for recording in recordings:
        parts += [recording, _silent_frame(recording, rung) * pause_frames]
    return b"".join(parts)


def mp3_frame_bytes(rung: VoiceRung) -> int:
    return SAMPLES_PER_FRAME // 8 * rung.rate_kbps * 1000 // rung.sample_rate_hz


def mp3_duration_ms(sound: bytes, rung: VoiceRung) -> int:
    """Return the duration of a file of whole frames."""
    return len(sound) // mp3_frame_bytes(rung) * SAMPLES_PER_FRAME * 1000 // rung.sample_rate_hz


def _silent_frame(recording: bytes, rung: VoiceRung) -> bytes:
    """Return a silent frame: the header of the recording's frames, then zeros."""
    return recording[:HEADER_BYTES].ljust(mp3_frame_bytes(rung), b"\0")
