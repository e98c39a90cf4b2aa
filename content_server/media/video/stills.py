"""Makes the stills of a clip: one small film of them, and a strip of pictures.

One AV1 file with long pictures is smaller than the pictures alone (27 of a screen: 111 kB against
273 kB as AVIF), needs no script and one request (docs/research/video.md#stills).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from content_server.media.clip_ladder import STRIP_LADDER, STRIP_STILLS, ClipRung, size_for
from content_server.media.ffmpeg import clip_commands
from content_server.media.ffmpeg.clip_commands import STILL_REPEAT_S, analysis_size
from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.images import image_renditions
from content_server.media.ladder import image_rungs_for
from content_server.media.media_kinds import ClipKind, EncodedFile
from content_server.media.video import still_detection
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.still_edits import StillEdits
from content_server.media.video.trial_encodes import describe_encoded
from content_server.phrases import Phrase, _

MIN_REST_SHARE = 0.4  # of the time at rest; below, stills would leave out what is shown
# A browser needs some ten frames before it starts: with one a second it waited for 69 kB instead
# of 37 kB, two seconds of a weak signal (measured: bench/clip_playback.py).
START_S, START_FRAME_S = 1.5, 0.1
LOG_BYTES_PER_CRF = (
    0.07  # of the logarithm of the pictures' bytes (measured on photographs: 0.06-0.08)
)
STRIP_MIN, STRIP_MAX = STRIP_STILLS


@dataclass(frozen=True)
class SkippedRendition:
    """A rung that is not made of a clip, and the reason for the editor to read."""

    why: Phrase


def make_stills_renditions(
    job_directory: JobDirectory, analysis: ClipAnalysis, rung: ClipRung, edits: StillEdits
) -> list[EncodedFile] | SkippedRendition:
    """Make the film of stills and the strip of the most distinct ones.

    Returns SkippedRendition for a clip that moves too much, unless an editor chose its stills.
    """
    if (
        analysis.rest_share < MIN_REST_SHARE
        and analysis.kind is not ClipKind.SLIDES
        and not edits.fingerprint
    ):
        share = round(analysis.rest_share * 100)
        words = _("Hình chỉ đứng yên {share} % thời gian, nên không có bản hình.", share=share)
        return SkippedRendition(words)
    moments_ms = _moments_in_cut(edits.apply_to(analysis.moments_ms), analysis)
    pictures = _extract_pictures(job_directory, rung, moments_ms)
    name = f"-{edits.fingerprint}" if edits.fingerprint else ""
    video = _encode_within_budget(job_directory, analysis, rung, pictures, moments_ms, name)
    job_directory.on_progress(0.5)
    strip = _make_strip(job_directory, pictures, moments_ms, name)
    for picture in pictures:
        picture.unlink()
    return [video, *strip]


def _moments_in_cut(moments_ms: Sequence[int], analysis: ClipAnalysis) -> list[int]:
    """Return the moments within the cut; those before it are replaced by its beginning."""
    inside = {
        max(moment, analysis.cut.start_ms) for moment in moments_ms if moment < analysis.cut.end_ms
    }
    return sorted(inside) or [analysis.cut.start_ms]


def _extract_pictures(
    job_directory: JobDirectory, rung: ClipRung, moments_ms: Sequence[int]
) -> list[Path]:
    """Write the frames at these moments; a moment beyond the end of the file gives none."""
    size = size_for(rung, job_directory.info)
    moments_s = [moment / 1000 for moment in moments_ms]
    pattern = job_directory.folder / "still-%03d.png"
    job_directory.run(
        clip_commands.still_frames_command(
            job_directory.source, pattern, job_directory.info, size, moments_s
        ),
        job_directory.info.duration_ms / 1000,
    )
    return sorted(job_directory.folder.glob("still-*.png"))


def _encode_within_budget(  # noqa: PLR0913, PLR0917  # everything the film depends on
    job_directory: JobDirectory,
    analysis: ClipAnalysis,
    rung: ClipRung,
    pictures: Sequence[Path],
    moments_ms: Sequence[int],
    name: str,
) -> EncodedFile:
    """Make the film, and again with a larger crf while it exceeds its rung's size."""
    video = _encode_stills_video(job_directory, analysis, rung, pictures, moments_ms, name)
    for _again in range(rung.max_encodes - 1):
        crf = crf_for_size(rung, video.path.stat().st_size, analysis.cut.length_s)
        if crf <= rung.crf:
            break
        rung = replace(rung, crf=crf)
        video = _encode_stills_video(job_directory, analysis, rung, pictures, moments_ms, name)
    return video


def crf_for_size(rung: ClipRung, video_bytes: int, length_s: float) -> int:
    """Return the crf with which the film reaches its rung's size; the rung's own if it fits."""
    if rung.max_kb_per_minute is None:
        return rung.crf
    sound_bytes = rung.sound.rate_kbps * 125 * length_s
    max_bytes = rung.max_kb_per_minute * 1000 * length_s / 60
    if video_bytes <= max_bytes:
        return rung.crf
    log_ratio = math.log((video_bytes - sound_bytes) / max(max_bytes - sound_bytes, 1.0))
    return min(rung.crf_range[1], rung.crf + math.ceil(log_ratio / LOG_BYTES_PER_CRF))


def _encode_stills_video(  # noqa: PLR0913, PLR0917  # everything the film depends on
    job_directory: JobDirectory,
    analysis: ClipAnalysis,
    rung: ClipRung,
    pictures: Sequence[Path],
    moments_ms: Sequence[int],
    name: str,
) -> EncodedFile:
    list_file, path = (
        job_directory.folder / "stills.txt",
        job_directory.folder / f"stills{name}.mp4",
    )
    ends_ms = [*moments_ms[1 : len(pictures)], analysis.cut.end_ms]
    starts_ms = [analysis.cut.start_ms, *moments_ms[1 : len(pictures)]]
    lengths_s = [(end - start) / 1000 for start, end in zip(starts_ms, ends_ms, strict=True)]
    list_file.write_text(_ffconcat_list([path.name for path in pictures], lengths_s), "utf-8")
    argv = clip_commands.encode_stills_command(
        list_file,
        job_directory.source,
        path,
        rung,
        job_directory.info,
        analysis.cut,
        threads=job_directory.threads,
    )
    job_directory.run(argv)
    list_file.unlink()
    made = describe_encoded(path, rung, job_directory.info, round(analysis.cut.length_s * 1000))
    return EncodedFile(f"stills{name}", path, made.content_type, made.width_px, made.height_px,
                made.duration_ms)  # fmt: skip


def _ffconcat_list(names: Sequence[str], lengths_s: Sequence[float]) -> str:
    """Return the ffconcat list. A long still is repeated, which costs almost no bytes."""
    lines, at_s = ["ffconcat version 1.0"], 0.0
    for name, length_s in zip(names, lengths_s, strict=True):
        lines += [
            f"file {name}\nduration {frame_s:.3f}" for frame_s in _frame_lengths_s(at_s, length_s)
        ]
        at_s += length_s
    # ffmpeg ignores the last duration unless the last file is listed once more.
    return "\n".join([*lines, f"file {names[-1]}"]) + "\n"


def _frame_lengths_s(start_s: float, length_s: float) -> list[float]:
    """Return the length (s) of each repetition of a still: short ones at the film's start."""
    short = int(max(0.0, min(START_S - start_s, length_s)) / START_FRAME_S)
    remaining_s = length_s - short * START_FRAME_S
    long = max(0 if short else 1, round(remaining_s / STILL_REPEAT_S))
    if not long:
        return [START_FRAME_S] * (short - 1) + [START_FRAME_S + remaining_s]
    return [START_FRAME_S] * short + [remaining_s / long] * long


def _make_strip(
    job_directory: JobDirectory, pictures: Sequence[Path], moments_ms: Sequence[int], name: str
) -> list[EncodedFile]:
    """Make pictures of the most distinct stills, named strip-<n>-<format>."""
    small = analysis_size(job_directory.info)
    opened = [image_renditions.read_picture(path)[0] for path in pictures]
    greys = np.stack([np.asarray(picture.convert("L").resize(small)) for picture in opened])
    made: list[EncodedFile] = []
    qualities: image_renditions.Qualities = {}
    for number, index in enumerate(still_detection.most_distinct_frames(greys, STRIP_MAX), 1):
        still, moment_ms = opened[index], moments_ms[index]
        made += _encode_strip_still(job_directory, still, f"{number}{name}", moment_ms, qualities)
        job_directory.on_progress(0.5 + 0.5 * number / STRIP_MAX)
    return made


def _encode_strip_still(
    job_directory: JobDirectory,
    picture: Image.Image,
    number: str,
    moment_ms: int,
    qualities: image_renditions.Qualities,
) -> list[EncodedFile]:
    """Make one still in every format; `duration_ms` of each is the moment it was taken at."""
    rungs = image_rungs_for(picture.width, STRIP_LADDER)
    made = []
    for each in image_renditions.encode_rungs(
        picture, job_directory.folder, rungs, qualities=qualities
    ):
        path = each.path.rename(job_directory.folder / f"strip-{number}-{each.path.name}")
        rung = f"strip-{number}-{each.rung}"
        made.append(
            EncodedFile(rung, path, each.content_type, each.width_px, each.height_px, moment_ms)
        )
    return made
