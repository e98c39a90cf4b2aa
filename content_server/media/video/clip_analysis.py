"""Looks at a clip once, before anything is made of it: what it shows, where it rests, what to cut.

What is found is kept as data by the source's digest (`Look.to_json`), so that no later work looks
again.
"""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from content_server.errors import MediumRefused
from content_server.media.audio import loudness, voice_renditions
from content_server.media.ffmpeg import clip_commands, commands
from content_server.media.ffmpeg.clip_commands import LOOK_FPS, colour_size, look_size
from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.ffmpeg.probe import source_at_fault
from content_server.media.media_kinds import ClipKind, MediaInfo, TrimRange
from content_server.media.video import still_detection
from content_server.media.video.clip_kinds import kind_of
from content_server.phrases import _

COLOURS = 12  # larger pictures looked at, spread over the clip
LONGEST_LOOK_S = 300  # a longer clip is looked at as far as this, for its kind
LEAD_S, TAIL_S = 0.5, 1.0  # of a resting picture kept before and after what happens
WORTH_CUTTING_S = 0.5


@dataclass(frozen=True)
class ClipAnalysis:
    """What was found out about a clip. `why` says in Vietnamese why it is of this kind."""

    kind: ClipKind
    why: str
    cut: TrimRange
    moments_ms: tuple[int, ...]  # of the source, where the picture has come to rest
    rest_share: float

    def to_json(self) -> dict[str, Any]:
        """Return plain data that `from_json` reads."""
        return asdict(self) | {"kind": self.kind.value, "moments_ms": list(self.moments_ms)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "ClipAnalysis":
        return cls(
            kind=ClipKind(stored["kind"]),
            why=stored["why"],
            cut=TrimRange(**stored["cut"]),
            moments_ms=tuple(stored["moments_ms"]),
            rest_share=stored["rest_share"],
        )


def look_at(bench: JobDirectory) -> ClipAnalysis:
    """Look at the pictures and listen to the sound of a clip.

    Raises MediumRefused when they cannot be decoded.
    """
    files = bench.folder / "look.grey", bench.folder / "look.rgb"
    argv = clip_commands.look_command(bench.source, *files, bench.info, COLOURS)
    try:
        with source_at_fault():
            bench.run(argv, bench.info.duration_ms / 1000)
        return _seen(bench, _grey(files[0], bench.info), _colours(files[1], bench.info))
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _seen(
    bench: JobDirectory, grey: still_detection.Pictures, colours: list[Image.Image]
) -> ClipAnalysis:
    """Return what these pictures, and the sound, say of a clip."""
    changes = still_detection.changes_of(grey)
    most = LONGEST_LOOK_S * LOOK_FPS
    kind = kind_of(grey[:most], changes[: most - 1], colours, LOOK_FPS)
    found = (still_detection.turned if kind.glides else still_detection.settled)(grey, changes)
    moments_ms = tuple(round(moment * 1000) for moment in found.moments_s)
    cut = _cut(bench, changes)
    return ClipAnalysis(kind.kind, str(kind.why), cut, moments_ms, round(found.rest_share, 3))


def _grey(path: Path, info: MediaInfo) -> still_detection.Pictures:
    """Return the small pictures without reading them into memory: (pictures, height, width)."""
    width, height = look_size(info)
    count = path.stat().st_size // (width * height)
    if count == 0:
        raise MediumRefused(_("Clip không có hình nào bên trong. Hãy quay lại."))
    return np.memmap(path, np.uint8, "r", shape=(count, height, width))


def _colours(path: Path, info: MediaInfo) -> list[Image.Image]:
    size = colour_size(info)
    picture_bytes = size[0] * size[1] * 3
    data = path.read_bytes()
    starts = range(0, max(1, len(data) // picture_bytes) * picture_bytes, picture_bytes)
    return [Image.frombytes("RGB", size, data[at : at + picture_bytes]) for at in starts]


def _cut(bench: JobDirectory, changes: still_detection.Shares) -> TrimRange:
    """Return what to keep: silence at an end goes where the picture rests as well."""
    length_s = bench.info.duration_ms / 1000
    heard = _heard(bench)
    if heard is None:
        return TrimRange(0, bench.info.duration_ms)
    voice_start_s, voice_end_s, gain_db = heard
    moving = np.flatnonzero(changes > 0)
    first_s = moving[0] / LOOK_FPS if len(moving) else length_s
    last_s = (moving[-1] + 1) / LOOK_FPS if len(moving) else 0.0
    start_s = max(0.0, min(voice_start_s, first_s - LEAD_S))
    end_s = min(length_s, max(voice_end_s, last_s + TAIL_S))
    start_s = start_s if start_s >= WORTH_CUTTING_S else 0.0
    end_s = end_s if length_s - end_s >= WORTH_CUTTING_S else length_s
    return TrimRange(round(start_s * 1000), round(end_s * 1000), gain_db)


def _heard(bench: JobDirectory) -> tuple[float, float, float] | None:
    """Return where the voice starts and ends, and how much louder it must get; None for silence."""
    if not bench.info.has_audio:
        return None
    heard = bench.folder / "heard.wav"
    with source_at_fault():
        bench.said(commands.decode_sound_command(bench.source, heard, bench.info.container))
    length_s = voice_renditions.seconds_of(heard)
    lufs = loudness.measure(heard, length_s, bench.said)
    if math.isinf(lufs):
        heard.unlink()
        return None
    start_s, end_s = loudness.edges(heard, length_s, lufs, bench.said)
    level = loudness.find_level(heard, length_s, bench.said, is_trimmed=False)
    heard.unlink()
    return start_s, end_s, level[0].gain_db if level else 0.0
