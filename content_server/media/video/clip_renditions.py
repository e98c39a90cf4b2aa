"""Makes the renditions of a clip, a rung at a time: compat, and in the background lean, stills."""

from collections.abc import Mapping
from typing import Any

from content_server.media.clip_ladder import (
    CLIP_ANALYSIS_VERSION,
    POSTER_LADDER,
    ClipRung,
    clip_rung,
    size_for,
)
from content_server.media.ffmpeg import clip_commands
from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.ffmpeg.probe import blame_source
from content_server.media.images import image_renditions
from content_server.media.ladder import image_rungs_for
from content_server.media.media_kinds import ClipKind, EncodedFile
from content_server.media.video import trial_encodes
from content_server.media.video.clip_analysis import ClipAnalysis, analyse_clip
from content_server.media.video.still_edits import NO_EDITS, StillEdits
from content_server.media.video.stills import SkippedRendition, make_stills_renditions
from content_server.media.video.trial_encodes import MIN_SAMPLED_S, Analyses
from content_server.phrases import _

CLIP_ANALYSIS = f"look-{CLIP_ANALYSIS_VERSION}"  # the name of the cached analysis, as stored
MAX_SIZE_RATIO = 0.9  # of the bytes of "compat": a larger rendition is not kept

RungResult = list[EncodedFile] | SkippedRendition


def load_clip_analysis(job_directory: JobDirectory, analyses: Analyses) -> ClipAnalysis:
    """Return the cached analysis of a clip, or analyse it now and cache the result."""
    if (cached := analyses.get(CLIP_ANALYSIS)) is not None:
        return ClipAnalysis.from_json(cached)
    analysis = analyse_clip(job_directory)
    analyses[CLIP_ANALYSIS] = analysis.to_json()
    return analysis


def make_compat(job_directory: JobDirectory, analyses: Analyses) -> list[EncodedFile]:
    """Make "compat", the rendition every phone plays, and the poster shown before play.

    Raises InvalidMedia for what cannot be decoded; EncodeFailed, EncodeTimedOut, EncodeCancelled.
    """
    analysis = load_clip_analysis(job_directory.with_progress_range(0.0, 0.2), analyses)
    rung = _require_rung(analysis.kind, "compat")
    posters = _make_posters(job_directory, analysis, rung)
    encoding = job_directory.with_progress_range(0.2, 1.0)
    if analysis.cut.length_s >= MIN_SAMPLED_S:
        rendition = trial_encodes.encode_to_target(encoding, analysis, rung, analyses)
    else:
        rendition = trial_encodes.encode_clip(encoding, analysis, rung, rung.crf)
    job_directory.on_progress(1.0)
    return [*posters, rendition]


def make_background_rung(
    job_directory: JobDirectory,
    name: str,
    analyses: Analyses,
    made_before: Mapping[str, int],
    edits: StillEdits = NO_EDITS,
) -> RungResult:
    """Make a background rung: "stills" with its strip, or "lean".

    `made_before` is rung → bytes of the existing renditions. Returns SkippedRendition when the
    rung is not offered or saves too little. Raises as make_compat does.
    """
    analysis = load_clip_analysis(job_directory.with_progress_range(0.0, 0.1), analyses)
    rung = clip_rung(analysis.kind, name)
    if rung is None:
        return SkippedRendition(_("Phim này động liên tục, nên không có bản hình."))
    if name == "stills":
        encoding = job_directory.with_progress_range(0.1, 1.0)
        result: RungResult = make_stills_renditions(encoding, analysis, rung, edits)
    else:
        result = [trial_encodes.encode_to_target(job_directory, analysis, rung, analyses)]
    job_directory.on_progress(1.0)
    if isinstance(result, SkippedRendition):
        return result
    return _skip_unless_smaller(result, made_before)


def _skip_unless_smaller(made: list[EncodedFile], made_before: Mapping[str, int]) -> RungResult:
    """Return `made`, or SkippedRendition when it is hardly smaller than "compat"."""
    new_bytes, compat_bytes = made[0].path.stat().st_size, made_before.get("compat")
    if compat_bytes is None or new_bytes <= MAX_SIZE_RATIO * compat_bytes:
        return made
    for each in made:
        each.path.unlink()
    return SkippedRendition(_("Bản này không nhẹ hơn bản mọi máy xem được, nên không giữ."))


def _require_rung(kind: ClipKind, name: str) -> ClipRung:
    rung = clip_rung(kind, name)
    if rung is None:
        raise LookupError(name)
    return rung


def _make_posters(
    job_directory: JobDirectory, analysis: ClipAnalysis, rung: ClipRung
) -> list[EncodedFile]:
    """Make the poster: the first frame at rest, or the most representative of the first frames."""
    still = job_directory.folder / "still.png"
    with blame_source():
        if analysis.kind is ClipKind.NATURAL:
            argv = clip_commands.poster_frame_command(
                job_directory.source, still, rung, job_directory.info
            )
        else:
            size = size_for(rung, job_directory.info)
            first_s = max(analysis.moments_ms[0], analysis.cut.start_ms) / 1000
            argv = clip_commands.still_frames_command(
                job_directory.source, still, job_directory.info, size, [first_s]
            )
        job_directory.run_for_stderr(argv)
    picture, _note = image_renditions.read_picture(still)
    still.unlink()
    return image_renditions.encode_rungs(
        picture, job_directory.folder, image_rungs_for(picture.width, POSTER_LADDER)
    )


def new_analyses(cached: Mapping[str, dict[str, Any]] | None = None) -> Analyses:
    """Return a cache of analyses in memory only, for benchmarks and tests."""
    return dict(cached or {})
