"""Looks for the smallest setting that is still good enough, in few tries.

Quality falls nearly in a straight line with the setting (crf), so each try is laid on the line
through the two nearest ones (as ab-av1 does): two or three tries are the rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from content_server.media.ladder import ClipRung, Target
from content_server.media.quality import Quality

STEP = 0.5  # of crf: a whole one is 12 % of the bytes of H.264, 6 % of AV1


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
    lowest, highest = rung.crfs
    good = max(
        (t.crf for t in trials if margin(t.quality, rung.target) >= 0), default=lowest - STEP
    )
    bad = min((t.crf for t in trials if margin(t.quality, rung.target) < 0), default=highest + STEP)
    if bad - good <= STEP:
        return None
    return min(max(_on_the_line(trials, rung), good + STEP, lowest), bad - STEP, highest)


def _on_the_line(trials: Sequence[Trial], rung: ClipRung) -> float:
    """Return where the line through the two trials nearest to the target meets it."""
    target = rung.target
    near = sorted(trials, key=lambda trial: abs(margin(trial.quality, target)))[:2]
    slope = rung.slope
    if len(near) == 2:  # noqa: PLR2004  # two points make a line
        steps = near[1].crf - near[0].crf
        apart = margin(near[1].quality, target) - margin(near[0].quality, target)
        slope = min(apart / steps, -0.05) if steps else slope
    return near[0].crf + STEP * round((margin(near[0].quality, target) / -slope - STEP / 4) / STEP)


def best_of(trials: Sequence[Trial], target: Target) -> Trial:
    """Return the trial with the largest setting that passes; when none does, with the smallest."""
    good = [trial for trial in trials if margin(trial.quality, target) >= 0]
    return max(good, key=lambda t: t.crf) if good else min(trials, key=lambda t: t.crf)


def next_whole(trials: Sequence[Trial], rung: ClipRung) -> float | None:
    """Return the setting for another encode of the whole; None when the last ones are near enough.

    These encodes are long: what passes by less than the rung's `near` points stays.
    """
    if 0 <= margin(best_of(trials, rung.target).quality, rung.target) <= rung.near:
        return None
    return next_crf(trials, rung)


def find_setting(try_out: Callable[[float], Quality], rung: ClipRung, tries: int) -> Choice:
    """Return the largest setting that passes the rung's target, within so many tries."""
    trials: list[Trial] = []
    while len(trials) < tries:
        crf = next_crf(trials, rung)
        if crf is None:
            break
        trials.append(Trial(crf, try_out(crf)))
    best = best_of(trials, rung.target)
    found = best.quality
    return Choice(best.crf, found.mean, found.p5, found.legible, len(trials))
