"""Tries settings on a sample of a clip, and encodes the whole clip with the one found.

A sample is enough: quality hardly depends on the length of a clip (ab-av1 samples, too). The whole
clip is scored afterwards where its rung allows, and encoded again when the sample misled.
"""

from collections.abc import MutableMapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from content_server.media.clip_ladder import ClipRung, size_for
from content_server.media.ffmpeg import clip_commands, quality_commands
from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.ffmpeg.quality_commands import SCORES_FILE
from content_server.media.media_kinds import EncodedFile, MediaInfo
from content_server.media.video import quality_search
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.codecs import content_type_of
from content_server.media.video.quality import GreyFrames, Quality, legibility, read_scores
from content_server.media.video.quality_search import QualityChoice, TrialEncode

Analyses = MutableMapping[str, dict[str, Any]]  # the cached analyses of one source, by name

MIN_SAMPLED_S = 20.0  # a shorter clip is its own sample, and its "compat" is not searched
SAMPLE_P5_BIAS = 2.0  # VMAF by which a sample's worst twentieth is below the whole's (measured)
LEGIBILITY_EVERY_S = 2.0  # of a sample: the interval of the frames whose letters are compared
PROGRESS_SHARES = (0.1, 0.5, 0.9)  # of the work: sample written, setting found, whole encoded


def choose_quality(
    job_directory: JobDirectory,
    analysis: ClipAnalysis,
    rung: ClipRung,
    analyses: Analyses,
    max_trials: int,
) -> QualityChoice:
    """Return the setting for this rung: cached, found on a sample, or the rung's own crf."""
    if (cached := analyses.get(rung.recipe)) is not None:
        return QualityChoice(**cached)
    if not rung.max_sample_s:
        return QualityChoice(rung.crf, 0.0, 0.0, 1.0, encodes=0)
    sample, trial = job_directory.folder / "sample.mkv", job_directory.folder / "trial.mp4"
    sample_s = min(rung.max_sample_s, analysis.cut.length_s * rung.max_sample_share)
    parts = sample_parts(analysis.cut.length_s, sample_s, rung.sample_part_s)
    job_directory.run(
        quality_commands.sample_command(
            job_directory.source, sample, rung, job_directory.info, analysis.cut, parts
        )
    )

    def try_crf(crf: float) -> Quality:
        job_directory.run(
            quality_commands.trial_encode_command(
                sample, trial, rung, job_directory.info, crf=crf, threads=job_directory.threads
            )
        )
        job_directory.run(
            quality_commands.score_trial_command(trial, sample, rung, job_directory.info)
        )
        return read_scores(
            job_directory.folder / SCORES_FILE,
            _measure_legibility(job_directory, rung, sample, trial),
        )

    choice = quality_search.find_setting(try_crf, _rung_for_sample(rung), max_trials)
    analyses[rung.recipe] = asdict(choice)
    for temporary in (sample, trial, job_directory.folder / SCORES_FILE):
        temporary.unlink(missing_ok=True)
    return choice


def _rung_for_sample(rung: ClipRung) -> ClipRung:
    """Return the rung with the target its sample must reach, mostly lower than that of the whole.

    Each part of a sample starts with a new key frame, and few frames make a low worst twentieth.
    """
    target = rung.target
    sample_target = replace(
        target, mean=target.mean + rung.sample_vmaf_bias, p5=target.p5 - SAMPLE_P5_BIAS
    )
    return replace(rung, target=sample_target)


def sample_parts(length_s: float, sample_s: float, part_s: float) -> list[tuple[float, float]]:
    """Return the parts of a clip, (start_s, end_s), evenly spread, that make up its sample."""
    if length_s < MIN_SAMPLED_S:
        return [(0.0, length_s)]
    count = max(1, round(sample_s / part_s))
    step = length_s / count
    starts = [step * number + (step - part_s) / 2 for number in range(count)]
    return [(start, start + part_s) for start in starts]


def encode_clip(
    job_directory: JobDirectory, analysis: ClipAnalysis, rung: ClipRung, crf: float
) -> EncodedFile:
    """Encode the whole clip at one setting."""
    path = job_directory.folder / f"{rung.name}{rung.suffix}"
    argv = clip_commands.encode_clip_command(
        job_directory.source,
        path,
        rung,
        job_directory.info,
        analysis.cut,
        crf=crf,
        threads=job_directory.threads,
    )
    finished = job_directory.run(argv, analysis.cut.length_s)
    return describe_encoded(path, rung, job_directory.info, round(finished.done_s * 1000))


def describe_encoded(path: Path, rung: ClipRung, info: MediaInfo, duration_ms: int) -> EncodedFile:
    """Return the description of an encoded clip: size in px from its rung, codecs from the file."""
    width, height = size_for(rung, info)
    return EncodedFile(rung.name, path, content_type_of(path), width, height, duration_ms)


def encode_to_target(
    job_directory: JobDirectory, analysis: ClipAnalysis, rung: ClipRung, analyses: Analyses
) -> EncodedFile:
    """Search on a sample, encode the whole, score it, and correct what the sample got wrong.

    The encode with the largest crf that passes the target is kept; when none passes, the one with
    the smallest crf.
    """
    begin, found, done = PROGRESS_SHARES
    is_cached = analyses.get(rung.recipe, {}).get("whole", False)
    searching = job_directory.with_progress_range(begin, found)
    choice = choose_quality(searching, analysis, rung, analyses, rung.max_encodes // 2)
    job_directory.on_progress(found)
    if is_cached:
        return encode_clip(
            job_directory.with_progress_range(found, done), analysis, rung, choice.crf
        )
    trials: list[TrialEncode] = []
    best_so_far: list[EncodedFile] = []
    crf: float | None = choice.crf
    max_encodes = rung.max_encodes - choice.encodes
    while crf is not None and len(trials) < max_encodes:
        at = found + (done - found) * len(trials) / max_encodes
        encoding = job_directory.with_progress_range(at, at + (done - found) / max_encodes)
        made = encode_clip(encoding, analysis, rung, crf)
        trials.append(TrialEncode(crf, _score_whole(job_directory, analysis, rung, made.path)))
        if quality_search.best_trial(trials, rung.target) is trials[-1]:
            best_so_far = [replace(made, path=made.path.rename(job_directory.folder / "kept.mp4"))]
        crf = quality_search.next_whole_crf(trials, rung)
    best, encodes = quality_search.best_trial(trials, rung.target), choice.encodes + len(trials)
    measured = QualityChoice(
        best.crf, best.quality.mean, best.quality.p5, choice.legible, encodes, whole=True
    )
    analyses[rung.recipe] = asdict(measured)
    return best_so_far[0]


def _score_whole(
    job_directory: JobDirectory, analysis: ClipAnalysis, rung: ClipRung, path: Path
) -> Quality:
    """Return the quality of the whole rendition; its letters were compared in the sample."""
    argv = quality_commands.score_rendition_command(
        path, job_directory.source, rung, job_directory.info, analysis.cut
    )
    job_directory.run(argv)
    return read_scores(job_directory.folder / SCORES_FILE)


def _measure_legibility(
    job_directory: JobDirectory, rung: ClipRung, sample: Path, trial: Path
) -> float:
    if not rung.target.legible:
        return 1.0
    size = size_for(rung, job_directory.info)
    before = _read_frames(job_directory, sample, "matroska", size)
    after = _read_frames(job_directory, trial, "mp4", size)
    count = min(len(before), len(after))
    return legibility(before[:count], after[:count])


def _read_frames(
    job_directory: JobDirectory, path: Path, container: str, size: tuple[int, int]
) -> GreyFrames:
    """Return a frame every LEGIBILITY_EVERY_S of our own file, grey, in its own size."""
    raw = job_directory.folder / "letters.grey"
    job_directory.run(
        quality_commands.grey_frames_command(path, raw, container, LEGIBILITY_EVERY_S)
    )
    data = np.fromfile(raw, np.uint8)
    raw.unlink()
    width, height = size
    return data[: len(data) // (width * height) * width * height].reshape(-1, height, width)
