"""Looks at a finished file as a person would: as large as its source, beside its source.

Files of different sizes are compared at the size of the source: each is enlarged to it (bicubic),
as a phone enlarges it to its screen. Different beats are compared at the source's, at most 30
pictures a second: a slower file holds its picture, and pays for it wherever something moves. Every
fifth picture is scored (VMAF v0.6.1); p5 is the worst twentieth of those. The source is turned
upright and repaired (interlace, HDR) first, as any player does, and a file whose silent ends were
cut is compared with the part that it shows.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg
from PIL import Image

from content_server.media.clip_ladder import CLIP_LADDER, ClipRung
from content_server.media.ffmpeg.clip_commands import fps_of, open_cut, shown
from content_server.media.ffmpeg.commands import (
    NOTHING_ELSE,
    THREADS,
    compiled,
    file_name,
    open_source,
)
from content_server.media.ffmpeg.trial_commands import SCORED_EVERY, SCORES
from content_server.media.media_kinds import TrimRange
from content_server.media.video.quality import Quality, read_scores
from measuring.films.found import Clip, File


def quality_of(clip: Clip, file: File) -> Quality:
    """Return how good a file looks beside its source."""
    clip.bench.run(_score_command(clip, file))
    scores = clip.bench.folder / SCORES
    found = read_scores(scores)
    scores.unlink()
    return found


def full_size(clip: Clip) -> ClipRung:
    """Return a rung that changes nothing: the source as it is, upright, on its own beat."""
    return replace(CLIP_LADDER[clip.kind][0], short_side_px=max(2, clip.info.short_side_px))


def beat_of(clip: Clip) -> float:
    """Return the pictures a second at which a clip is compared."""
    return fps_of(full_size(clip), clip.info)


def full_picture(clip: Clip, made: Path) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    """Return the picture of a finished file, enlarged to the size and beat of its source."""
    width, height = even_size(clip)
    return (
        open_source(made, "mp4")["V:0"]
        .filter("fps", f"{beat_of(clip):g}")
        .filter("scale", width, height, flags="bicubic")
        .filter("setsar", 1)
        .filter("format", "yuv420p")
    )


def even_size(clip: Clip) -> tuple[int, int]:
    """Return the source's size as `shown` makes it: both sides even."""
    width, height = (max(2, round(side / 2) * 2) for side in (clip.info.width, clip.info.height))
    return width, height


def source_picture(clip: Clip, cut: TrimRange) -> Any:  # noqa: ANN401  # as above
    return shown(open_cut(clip.bench.source, clip.info, cut)["V:0"], full_size(clip), clip.info)


def _score_command(clip: Clip, file: File) -> list[str]:
    pictures = (full_picture(clip, file.path), source_picture(clip, file.cut))
    # The n-th picture of both: they have one beat, whatever a container says of its first moment.
    in_step = [picture.filter("settb", "1/1000").filter("setpts", "N*1000") for picture in pictures]
    scored = ffmpeg.filter(
        in_step,
        "libvmaf",
        n_subsample=SCORED_EVERY,
        n_threads=THREADS,
        log_fmt="json",
        log_path=SCORES,
    )
    return compiled(ffmpeg.output(scored, "pipe:2", f="null", **NOTHING_ELSE))


def sound_bytes(clip: Clip, file: File) -> int:
    """Return what the sound alone weighs, without its container."""
    path = clip.bench.folder / "sound.raw"
    opened = ("-nostdin", "-v", "error", "-y", "-i", file_name(file.path))
    clip.bench.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), *opened, "-map", "0:a?", "-c", "copy", "-f", "data",
         file_name(path)]
        if clip.info.has_audio
        else [imageio_ffmpeg.get_ffmpeg_exe(), "-version"]
    )  # fmt: skip
    size = path.stat().st_size if path.exists() else 0
    path.unlink(missing_ok=True)
    return size


def size_of(clip: Clip, file: File) -> tuple[int, int]:
    """Return the (width, height) a file was made in, in px."""
    still = clip.bench.folder / "size.png"
    opened = open_source(file.path, "mp4")["V:0"]
    output = ffmpeg.output(
        opened, file_name(still), f="image2", **{"c:v": "png", "frames:v": 1, "update": 1}
    )
    clip.bench.run(compiled(output))
    with Image.open(still) as picture:
        size = picture.size
    still.unlink()
    return size
