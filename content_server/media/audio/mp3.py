"""Puts recordings in a row as one MP3: frames after frames, with a breath of silence between."""

from collections.abc import Sequence

from content_server.media.ladder import VoiceRung

SAMPLES_A_FRAME = 576  # MPEG-2 Layer III, half of MPEG-1's
HEADER_BYTES = 4


def joined(recordings: Sequence[bytes], rung: VoiceRung, *, pause_ms: int) -> bytes:
    """Return the frames of all recordings as one file, `pause_ms` of silence after each.

    Recordings of one rung are frames of one size with nothing around them, so the whole is a file
    again and nothing is encoded twice. Returns nothing for nothing.
    """
    pause_frames = round(pause_ms * rung.sample_rate_hz / SAMPLES_A_FRAME / 1000)
    parts = []
    for recording in recordings:
        parts += [recording, _silent_frame(recording, rung) * pause_frames]
    return b"".join(parts)


def frame_bytes(rung: VoiceRung) -> int:
    return SAMPLES_A_FRAME // 8 * rung.rate_kbps * 1000 // rung.sample_rate_hz


def duration_ms(sound: bytes, rung: VoiceRung) -> int:
    """Return how long a file of whole frames plays."""
    return len(sound) // frame_bytes(rung) * SAMPLES_A_FRAME * 1000 // rung.sample_rate_hz


def _silent_frame(recording: bytes, rung: VoiceRung) -> bytes:
    """Return a frame that says nothing: the header of its neighbours, and no sound after it."""
    return recording[:HEADER_BYTES].ljust(frame_bytes(rung), b"\0")
