"""Builds the ffmpeg commands that try a setting out and say how good it is; runs nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from content_server.media.clip_ladder import ClipRung, size_for
from content_server.media.ffmpeg.clip_commands import encoder, fps_of, open_cut, shown, thinned
from content_server.media.ffmpeg.commands import (
    NOTHING_ELSE,
    THREADS,
    compiled,
    file_name,
    open_source,
)
from content_server.media.media_kinds import MediaInfo, TrimRange

SCORED_EVERY = 5  # of the pictures: prime, so that held pictures are not favoured
SCORES = "vmaf.json"  # written into the job folder, where every command runs


def sample_command(  # noqa: PLR0913, PLR0917  # as above
    source: Path,
    target: Path,
    rung: ClipRung,
    info: MediaInfo,
    cut: TrimRange,
    parts: Sequence[tuple[float, float]],
) -> list[str]:
    """Write the `parts` (start, end) of the cut, as this rung is judged, without any loss."""
    wanted = "+".join(f"between(t,{start:.3f},{end:.3f})" for start, end in parts)
    fps = fps_of(rung, info)
    seen = shown(open_cut(source, info, cut)["V:0"], rung.as_judged, info)
    return compiled(
        ffmpeg.output(
            seen.filter("select", wanted).filter("setpts", f"N/({fps:g}*TB)"),
            file_name(target),
            f="matroska",
            **{"c:v": "libx264", "preset": "ultrafast", "qp": 0, "r": f"{fps:g}"},
            **NOTHING_ELSE,
        )
    )


def trial_command(  # noqa: PLR0913  # as above
    sample: Path,
    target: Path,
    rung: ClipRung,
    info: MediaInfo,
    *,
    crf: float,
    threads: int = THREADS,
) -> list[str]:
    """Encode a sample of ours at one setting, picture only."""
    width, height = size_for(rung, info)
    seen = open_source(sample, "matroska")["V:0"].filter("scale", width, height, flags="lanczos")
    return compiled(
        ffmpeg.output(
            thinned(seen, rung),
            file_name(target),
            f="mp4",
            **encoder(rung, crf, fps_of(rung, info), threads),
            **(NOTHING_ELSE | {"threads": threads}),
        )
    )


def score_trial_command(made: Path, sample: Path, rung: ClipRung, info: MediaInfo) -> list[str]:
    """Compare a trial with its sample, into SCORES."""
    return _score(made, open_source(sample, "matroska")["V:0"], rung, info)


def score_command(
    made: Path, source: Path, rung: ClipRung, info: MediaInfo, cut: TrimRange
) -> list[str]:
    """Compare a rendition with its source as this rung is judged, into SCORES."""
    reference = shown(open_cut(source, info, cut)["V:0"], rung.as_judged, info)
    return _score(made, reference, rung, info)


def grey_command(made: Path, target: Path, container: str, seconds_apart: float) -> list[str]:
    """Write a picture of a file of ours every so many seconds, grey, in its own size."""
    return compiled(
        ffmpeg.output(
            open_source(made, container)["V:0"],
            file_name(target),
            vf=f"fps={1 / seconds_apart:g}:round=down",
            f="rawvideo",
            pix_fmt="gray",
            **NOTHING_ELSE,
        )
    )


def _score(made: Path, reference: Any, rung: ClipRung, info: MediaInfo) -> list[str]:  # noqa: ANN401  # as above
    """Compare the n-th picture of both: they get one steady beat, and one size as players show."""
    width, height = size_for(rung.as_judged, info)
    steady = open_source(made, "mp4")["V:0"].filter("fps", f"{fps_of(rung, info):g}")
    enlarged = steady.filter("scale", width, height, flags="bicubic")
    in_step = [
        stream.filter("settb", "1/1000").filter("setpts", "N*1000")
        for stream in (enlarged, reference)
    ]
    scored = ffmpeg.filter(
        in_step,
        "libvmaf",
        n_subsample=SCORED_EVERY,
        n_threads=THREADS,
        log_fmt="json",
        log_path=SCORES,
    )
    return compiled(ffmpeg.output(scored, "pipe:2", f="null", **NOTHING_ELSE))
