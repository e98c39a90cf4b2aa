"""Builds the ffmpeg commands of the quality search: samples, trial encodes and VMAF scores."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from content_server.media.clip_ladder import ClipRung, size_for
from content_server.media.ffmpeg.clip_commands import (
    apply_rung_filters,
    drop_resting_frames,
    open_trimmed,
    rung_fps,
    video_codec_options,
)
from content_server.media.ffmpeg.command_line import (
    REPRODUCIBLE_OUTPUT,
    THREADS,
    compile_command,
    file_url,
    open_source,
)
from content_server.media.media_kinds import MediaInfo, TrimRange

SCORE_EVERY_NTH = 5  # frames; a prime, so that repeated frames are not over-sampled
SCORES_FILE = "vmaf.json"  # in the job folder, where every command runs


def sample_command(  # noqa: PLR0913, PLR0917  # everything a sample depends on
    source: Path,
    target: Path,
    rung: ClipRung,
    info: MediaInfo,
    cut: TrimRange,
    parts: Sequence[tuple[float, float]],
) -> list[str]:
    """Write the `parts` (start_s, end_s) of the cut losslessly, at the size `rung` is judged at."""
    selected = "+".join(f"between(t,{start:.3f},{end:.3f})" for start, end in parts)
    fps = rung_fps(rung, info)
    judged = apply_rung_filters(open_trimmed(source, info, cut)["V:0"], rung.as_judged, info)
    return compile_command(
        ffmpeg.output(
            judged.filter("select", selected).filter("setpts", f"N/({fps:g}*TB)"),
            file_url(target),
            f="matroska",
            **{"c:v": "libx264", "preset": "ultrafast", "qp": 0, "r": f"{fps:g}"},
            **REPRODUCIBLE_OUTPUT,
        )
    )


def trial_encode_command(  # noqa: PLR0913  # as above
    sample: Path,
    target: Path,
    rung: ClipRung,
    info: MediaInfo,
    *,
    crf: float,
    threads: int = THREADS,
) -> list[str]:
    """Encode a sample at one setting, picture only."""
    width, height = size_for(rung, info)
    scaled = open_source(sample, "matroska")["V:0"].filter("scale", width, height, flags="lanczos")
    return compile_command(
        ffmpeg.output(
            drop_resting_frames(scaled, rung),
            file_url(target),
            f="mp4",
            **video_codec_options(rung, crf, rung_fps(rung, info), threads),
            **(REPRODUCIBLE_OUTPUT | {"threads": threads}),
        )
    )


def score_trial_command(made: Path, sample: Path, rung: ClipRung, info: MediaInfo) -> list[str]:
    """Compare a trial encode with its sample; the scores go to SCORES_FILE."""
    return _score(made, open_source(sample, "matroska")["V:0"], rung, info)


def score_rendition_command(
    made: Path, source: Path, rung: ClipRung, info: MediaInfo, cut: TrimRange
) -> list[str]:
    """Compare a rendition with its source as `rung` is judged; the scores go to SCORES_FILE."""
    reference = apply_rung_filters(open_trimmed(source, info, cut)["V:0"], rung.as_judged, info)
    return _score(made, reference, rung, info)


def grey_frames_command(
    made: Path, target: Path, container: str, seconds_apart: float
) -> list[str]:
    """Write a frame of our own file every `seconds_apart`, grey, in its own size, as raw bytes."""
    return compile_command(
        ffmpeg.output(
            open_source(made, container)["V:0"],
            file_url(target),
            vf=f"fps={1 / seconds_apart:g}:round=down",
            f="rawvideo",
            pix_fmt="gray",
            **REPRODUCIBLE_OUTPUT,
        )
    )


def _score(made: Path, reference: Any, rung: ClipRung, info: MediaInfo) -> list[str]:  # noqa: ANN401  # as above
    """Compare the n-th frame of both, at one constant frame rate and one size, as players show."""
    width, height = size_for(rung.as_judged, info)
    constant_rate = open_source(made, "mp4")["V:0"].filter("fps", f"{rung_fps(rung, info):g}")
    enlarged = constant_rate.filter("scale", width, height, flags="bicubic")
    synchronized = [
        stream.filter("settb", "1/1000").filter("setpts", "N*1000")
        for stream in (enlarged, reference)
    ]
    scored = ffmpeg.filter(
        synchronized,
        "libvmaf",
        n_subsample=SCORE_EVERY_NTH,
        n_threads=THREADS,
        log_fmt="json",
        log_path=SCORES_FILE,
    )
    return compile_command(ffmpeg.output(scored, "pipe:2", f="null", **REPRODUCIBLE_OUTPUT))
