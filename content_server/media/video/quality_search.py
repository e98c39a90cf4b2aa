"""Looks for the smallest setting that is still good enough, in few tries.

Quality falls nearly in a straight line with the setting (crf), so each try is laid on the line
through the two nearest ones (as ab-av1 does): two or three tries are the rule.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from content_server.media.clip_ladder import ClipRung, Target
from content_server.media.video.quality import Quality

SHY = 0.8  # of a slope only assumed: what falls short costs an encode, or the quality promised


@dataclass(frozen=True)
class Trial:
    """One setting and how good it was."""

    crf: float
    quality: Quality


@dataclass(frozen=True)
class Choice:
    """The setting chosen, and what it was found to be worth; remembered by the source's digest."""

    crf: float
    mean: float
    p5: float
    legible: float
    encodes: int
    whole: bool = False  # looked at in all of the clip, not in a sample


def margin(quality: Quality, target: Target) -> float:
    """Return by how many points a quality passes a target; negative when it does not."""
    legible = 0.0 if quality.legible >= target.legible else -5.0
    return min(quality.mean - target.mean, quality.p5 - target.p5, legible or 100.0)


def next_crf(trials: Sequence[Trial], rung: ClipRung) -> float | None:
    """Return the setting to try next; None when the last good one has a bad one beside it."""
    if not trials:
        return rung.crf
    (lowest, highest), step = rung.crfs, rung.step
    good = max(
        (t.crf for t in trials if margin(t.quality, rung.target) >= 0), default=lowest - step
    )
    bad = min((t.crf for t in trials if margin(t.quality, rung.target) < 0), default=highest + step)
    if bad - good < 1.5 * step:
        return None
    wanted = min(max(_on_the_line(trials, rung), good + step, lowest), bad - step, highest)
    return round(wanted, 2)


def _on_the_line(trials: Sequence[Trial], rung: ClipRung) -> float:
    """Return where the line through the trials nearest to the target comes to what is aimed at.

    That is the middle of what is near enough. Of two trials one passes and one does not, where
    there are such: quality is no line far away.
    """
    margins = {trial.crf: margin(trial.quality, rung.target) for trial in trials}
    nearest, *others = sorted(margins, key=lambda crf: abs(margins[crf]))
    slope = rung.slope
    if others:
        across = [crf for crf in others if (margins[crf] >= 0) != (margins[nearest] >= 0)]
        other = (across or others)[0]
        slope = min((margins[other] - margins[nearest]) / (other - nearest), -0.05)
    steps = (margins[nearest] - rung.near / 2) / -slope / rung.step
    return nearest + rung.step * math.floor(steps)


def best_of(trials: Sequence[Trial], target: Target) -> Trial:
    """Return the trial with the largest setting that passes; when none does, with the smallest."""
    good = [trial for trial in trials if margin(trial.quality, target) >= 0]
    return max(good, key=lambda t: t.crf) if good else min(trials, key=lambda t: t.crf)


def next_whole(trials: Sequence[Trial], rung: ClipRung) -> float | None:
    """Return the setting for another encode of the whole; None when the last ones are near enough.

    These encodes are long: what passes by less than the rung's `near` points stays.
    """
    passed_by = margin(best_of(trials, rung.target).quality, rung.target)
    if 0 <= passed_by <= rung.near:
        return None
    slope = rung.slope * (SHY if passed_by < 0 else 1 / SHY)
    return next_crf(trials, replace(rung, slope=slope))


def find_setting(try_out: Callable[[float], Quality], rung: ClipRung, tries: int) -> Choice:
    """Return the largest setting that passes the rung's target, within so many tries.

    With a single try, the one it points at: the whole is looked at anyway.
    """
    trials: list[Trial] = []
    while len(trials) < tries:
        crf = next_crf(trials, rung)
        if crf is None:
            break
        trials.append(Trial(crf, try_out(crf)))
    best = best_of(trials, rung.target)
    pointed = next_crf(trials, rung) if tries == 1 else None
    crf, found = best.crf if pointed is None else pointed, best.quality
    return Choice(crf, found.mean, found.p5, found.legible, len(trials))
