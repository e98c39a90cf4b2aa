"""Finds the largest crf whose quality still reaches the rung's target, in few encodes.

Quality falls almost linearly with crf, so each next crf is interpolated between the two nearest
trials (as ab-av1 does): two or three trials are the rule.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from content_server.media.clip_ladder import ClipRung, QualityTarget
from content_server.media.video.quality import Quality

CAUTION = 0.8  # times an assumed slope: an encode that misses its target costs another one


@dataclass(frozen=True)
class TrialEncode:
    """One crf that was tried and the quality it gave."""

    crf: float
    quality: Quality


@dataclass(frozen=True)
class QualityChoice:
    """The crf chosen and the quality measured with it; cached by the source's digest.

    Its field names are the keys of the cached JSON. `encodes` counts the trials.
    """

    crf: float
    mean: float
    p5: float
    legible: float
    encodes: int
    whole: bool = False  # measured on the whole clip, not on a sample


def quality_margin(quality: Quality, target: QualityTarget) -> float:
    """Return by how many VMAF points a quality passes its target; negative: it fails."""
    legible = 0.0 if quality.legible >= target.legible else -5.0
    return min(quality.mean - target.mean, quality.p5 - target.p5, legible or 100.0)


def next_crf(trials: Sequence[TrialEncode], rung: ClipRung) -> float | None:
    """Return the crf to try next; None when a passing and a failing crf are one step apart."""
    if not trials:
        return rung.crf
    (lowest, highest), step = rung.crf_range, rung.crf_step
    good = max(
        (t.crf for t in trials if quality_margin(t.quality, rung.target) >= 0),
        default=lowest - step,
    )
    bad = min(
        (t.crf for t in trials if quality_margin(t.quality, rung.target) < 0),
        default=highest + step,
    )
    if bad - good < 1.5 * step:
        return None
    crf = min(max(_interpolate_crf(trials, rung), good + step, lowest), bad - step, highest)
    return round(crf, 2)


def _interpolate_crf(trials: Sequence[TrialEncode], rung: ClipRung) -> float:
    """Return the crf where the line through the two trials nearest to the target meets its aim.

    The aim is half the rung's tolerance above the target. Where possible one of the two trials
    passes and the other fails, because quality is linear only over short distances.
    """
    margins = {trial.crf: quality_margin(trial.quality, rung.target) for trial in trials}
    nearest, *others = sorted(margins, key=lambda crf: abs(margins[crf]))
    slope = rung.vmaf_per_crf
    if others:
        opposite = [crf for crf in others if (margins[crf] >= 0) != (margins[nearest] >= 0)]
        other = (opposite or others)[0]
        slope = min((margins[other] - margins[nearest]) / (other - nearest), -0.05)
    steps = (margins[nearest] - rung.tolerance_vmaf / 2) / -slope / rung.crf_step
    return nearest + rung.crf_step * math.floor(steps)


def best_trial(trials: Sequence[TrialEncode], target: QualityTarget) -> TrialEncode:
    """Return the trial with the largest crf that passes; when none does, with the smallest crf."""
    good = [trial for trial in trials if quality_margin(trial.quality, target) >= 0]
    return max(good, key=lambda t: t.crf) if good else min(trials, key=lambda t: t.crf)


def next_whole_crf(trials: Sequence[TrialEncode], rung: ClipRung) -> float | None:
    """Return the crf for another encode of the whole clip; None when the best is close enough.

    These encodes are long: one that passes by less than the rung's `tolerance_vmaf` is kept.
    """
    passed_by = quality_margin(best_trial(trials, rung.target).quality, rung.target)
    if 0 <= passed_by <= rung.tolerance_vmaf:
        return None
    vmaf_per_crf = rung.vmaf_per_crf * (CAUTION if passed_by < 0 else 1 / CAUTION)
    return next_crf(trials, replace(rung, vmaf_per_crf=vmaf_per_crf))


def find_setting(
    try_crf: Callable[[float], Quality], rung: ClipRung, max_trials: int
) -> QualityChoice:
    """Return the largest crf that passes the rung's target, within `max_trials` trials.

    With a single trial, return the crf it points at: the whole clip is measured afterwards anyway.
    """
    trials: list[TrialEncode] = []
    while len(trials) < max_trials:
        crf = next_crf(trials, rung)
        if crf is None:
            break
        trials.append(TrialEncode(crf, try_crf(crf)))
    best = best_trial(trials, rung.target)
    interpolated = next_crf(trials, rung) if max_trials == 1 else None
    crf, quality = best.crf if interpolated is None else interpolated, best.quality
    return QualityChoice(crf, quality.mean, quality.p5, quality.legible, len(trials))
