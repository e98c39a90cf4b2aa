"""Analyses a clip once, before its renditions: its kind, its moments of rest, what to cut.

The result is cached as JSON under the source's digest (`ClipAnalysis.to_json`), so that no later
job repeats it.
"""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from content_server.errors import InvalidMedia
from content_server.media.audio import loudness, voice_renditions
from content_server.media.ffmpeg import audio_commands, clip_commands
from content_server.media.ffmpeg.clip_commands import ANALYSIS_FPS, analysis_size, colour_size
from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.ffmpeg.probe import blame_source
from content_server.media.media_kinds import ClipKind, MediaInfo, TrimRange
from content_server.media.video import still_detection
from content_server.media.video.clip_kinds import classify_clip
from content_server.phrases import _

COLOUR_FRAMES = 12  # larger frames, spread over the clip
MAX_CLASSIFIED_S = 300  # a longer clip is classified by its beginning
LEAD_S, TAIL_S = 0.5, 1.0  # of a picture at rest, kept before and after the action
MIN_CUT_S = 0.5


@dataclass(frozen=True)
class ClipAnalysis:
    """The result of analysing a clip. `why` says in Vietnamese why it is of this kind.

    Its field names are the keys of the cached JSON.
    """

    kind: ClipKind
    why: str
    cut: TrimRange
    moments_ms: tuple[int, ...]  # of the source, where the picture comes to rest
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


def analyse_clip(job_directory: JobDirectory) -> ClipAnalysis:
    """Analyse the frames and the sound of a clip.

    Raises InvalidMedia when they cannot be decoded.
    """
    files = job_directory.folder / "analysis.grey", job_directory.folder / "analysis.rgb"
    argv = clip_commands.analysis_command(
        job_directory.source, *files, job_directory.info, COLOUR_FRAMES
    )
    try:
        with blame_source():
            job_directory.run(argv, job_directory.info.duration_ms / 1000)
        grey = _read_grey_frames(files[0], job_directory.info)
        colours = _read_colour_frames(files[1], job_directory.info)
        return _analyse_frames(job_directory, grey, colours)
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _analyse_frames(
    job_directory: JobDirectory, grey: still_detection.GreyFrames, colours: list[Image.Image]
) -> ClipAnalysis:
    """Return the analysis of a clip from these frames and its sound."""
    changes = still_detection.measure_changes(grey)
    max_frames = MAX_CLASSIFIED_S * ANALYSIS_FPS
    classification = classify_clip(
        grey[:max_frames], changes[: max_frames - 1], colours, ANALYSIS_FPS
    )
    detect = (
        still_detection.detect_slide_changes
        if classification.glides
        else still_detection.detect_stills
    )
    stills = detect(grey, changes)
    return ClipAnalysis(
        classification.kind,
        str(classification.why),
        _find_cut(job_directory, changes),
        tuple(round(moment_s * 1000) for moment_s in stills.moments_s),
        round(stills.rest_share, 3),
    )


def _read_grey_frames(path: Path, info: MediaInfo) -> still_detection.GreyFrames:
    """Map the grey frames without reading them into memory: (frames, height, width).

    Raises InvalidMedia when there is none.
    """
    width, height = analysis_size(info)
    count = path.stat().st_size // (width * height)
    if count == 0:
        raise InvalidMedia(_("Clip không có hình nào bên trong. Hãy quay lại."))
    return np.memmap(path, np.uint8, "r", shape=(count, height, width))


def _read_colour_frames(path: Path, info: MediaInfo) -> list[Image.Image]:
    size = colour_size(info)
    picture_bytes = size[0] * size[1] * 3
    data = path.read_bytes()
    starts = range(0, max(1, len(data) // picture_bytes) * picture_bytes, picture_bytes)
    return [Image.frombytes("RGB", size, data[at : at + picture_bytes]) for at in starts]


def _find_cut(job_directory: JobDirectory, changes: still_detection.Shares) -> TrimRange:
    """Return what to keep: an end is cut where the sound is silent and the picture rests."""
    length_s = job_directory.info.duration_ms / 1000
    voice = _find_voice(job_directory)
    if voice is None:
        return TrimRange(0, job_directory.info.duration_ms)
    voice_start_s, voice_end_s, gain_db = voice
    moving = np.flatnonzero(changes > 0)
    first_s = moving[0] / ANALYSIS_FPS if len(moving) else length_s
    last_s = (moving[-1] + 1) / ANALYSIS_FPS if len(moving) else 0.0
    start_s = max(0.0, min(voice_start_s, first_s - LEAD_S))
    end_s = min(length_s, max(voice_end_s, last_s + TAIL_S))
    start_s = start_s if start_s >= MIN_CUT_S else 0.0
    end_s = end_s if length_s - end_s >= MIN_CUT_S else length_s
    return TrimRange(round(start_s * 1000), round(end_s * 1000), gain_db)


def _find_voice(job_directory: JobDirectory) -> tuple[float, float, float] | None:
    """Return where the voice starts and ends (s) and its gain (dB); None for silence."""
    if not job_directory.info.has_audio:
        return None
    wav, run = job_directory.folder / "sound.wav", job_directory.run_for_stderr
    with blame_source():
        container = job_directory.info.container
        run(audio_commands.decode_sound_command(job_directory.source, wav, container))
    length_s = voice_renditions.wav_duration_s(wav)
    lufs = loudness.measure_lufs(wav, length_s, run)
    if math.isinf(lufs):
        wav.unlink()
        return None
    start_s, end_s = loudness.find_voice_edges(wav, length_s, lufs, run)
    level = loudness.find_trim_and_gain(wav, length_s, run, is_trimmed=False)
    wav.unlink()
    return start_s, end_s, level[0].gain_db if level else 0.0
