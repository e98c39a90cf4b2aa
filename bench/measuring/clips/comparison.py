"""Compares a finished file with its source, at the source's size and frame rate.

Files of different sizes are compared at the size of the source: each is enlarged to it (bicubic),
as a phone enlarges it to its screen. Different frame rates are compared at the source's, at most
30 frames a second: a slower file repeats frames, which costs it points wherever something moves.
Every fifth frame is scored (VMAF v0.6.1); p5 is the worst twentieth of those. The source is turned
upright, deinterlaced and mapped to SDR first, as any player does, and a file whose silent ends
were cut is compared with the part it shows.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg
from PIL import Image

from content_server.media.clip_ladder import CLIP_LADDER, ClipRung
from content_server.media.ffmpeg.clip_commands import apply_rung_filters, open_trimmed, rung_fps
from content_server.media.ffmpeg.command_line import (
    REPRODUCIBLE_OUTPUT,
    THREADS,
    compile_command,
    file_url,
    open_source,
)
from content_server.media.ffmpeg.quality_commands import SCORE_EVERY_NTH, SCORES_FILE
from content_server.media.media_kinds import TrimRange
from content_server.media.video.quality import Quality, read_scores
from measuring.clips.results import MeasuredFile, SourceClip


def score_file(clip: SourceClip, file: MeasuredFile) -> Quality:
    """Return how good a file looks beside its source."""
    clip.job_directory.run(_score_command(clip, file))
    scores = clip.job_directory.folder / SCORES_FILE
    found = read_scores(scores)
    scores.unlink()
    return found


def source_rung(clip: SourceClip) -> ClipRung:
    """Return a rung that changes nothing: the source as it is, upright, on its own beat."""
    return replace(CLIP_LADDER[clip.kind][0], short_side_px=max(2, clip.info.short_side_px))


def compared_fps(clip: SourceClip) -> float:
    """Return the pictures a second at which a clip is compared."""
    return rung_fps(source_rung(clip), clip.info)


def enlarged_frames(clip: SourceClip, made: Path) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    """Return the picture of a finished file, enlarged to the size and beat of its source."""
    width, height = even_size(clip)
    return (
        open_source(made, "mp4")["V:0"]
        .filter("fps", f"{compared_fps(clip):g}")
        .filter("scale", width, height, flags="bicubic")
        .filter("setsar", 1)
        .filter("format", "yuv420p")
    )


def even_size(clip: SourceClip) -> tuple[int, int]:
    """Return the source's size as `shown` makes it: both sides even."""
    width, height = (max(2, round(side / 2) * 2) for side in (clip.info.width, clip.info.height))
    return width, height


def source_frames(clip: SourceClip, cut: TrimRange) -> Any:  # noqa: ANN401  # as above
    return apply_rung_filters(
        open_trimmed(clip.job_directory.source, clip.info, cut)["V:0"], source_rung(clip), clip.info
    )


def _score_command(clip: SourceClip, file: MeasuredFile) -> list[str]:
    pictures = (enlarged_frames(clip, file.path), source_frames(clip, file.cut))
    # The n-th picture of both: they have one beat, whatever a container says of its first moment.
    in_step = [picture.filter("settb", "1/1000").filter("setpts", "N*1000") for picture in pictures]
    scored = ffmpeg.filter(
        in_step,
        "libvmaf",
        n_subsample=SCORE_EVERY_NTH,
        n_threads=THREADS,
        log_fmt="json",
        log_path=SCORES_FILE,
    )
    return compile_command(ffmpeg.output(scored, "pipe:2", f="null", **REPRODUCIBLE_OUTPUT))


def measure_sound_bytes(clip: SourceClip, file: MeasuredFile) -> int:
    """Return what the sound alone weighs, without its container."""
    path = clip.job_directory.folder / "sound.raw"
    opened = ("-nostdin", "-v", "error", "-y", "-i", file_url(file.path))
    clip.job_directory.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), *opened, "-map", "0:a?", "-c", "copy", "-f", "data",
         file_url(path)]
        if clip.info.has_audio
        else [imageio_ffmpeg.get_ffmpeg_exe(), "-version"]
    )  # fmt: skip
    size = path.stat().st_size if path.exists() else 0
    path.unlink(missing_ok=True)
    return size


def measure_size_px(clip: SourceClip, file: MeasuredFile) -> tuple[int, int]:
    """Return the (width, height) a file was made in, in px."""
    still = clip.job_directory.folder / "size.png"
    opened = open_source(file.path, "mp4")["V:0"]
    output = ffmpeg.output(
        opened, file_url(still), f="image2", **{"c:v": "png", "frames:v": 1, "update": 1}
    )
    clip.job_directory.run(compile_command(output))
    with Image.open(still) as picture:
        size = picture.size
    still.unlink()
    return size
