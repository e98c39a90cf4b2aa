"""Looks for the smallest setting that is still good enough, in few tries.

Quality falls nearly in a straight line with the setting (crf), so each try is laid on the line
through the two nearest ones (as ab-av1 does): two or three tries are the rule.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from content_server.media.ladder import ClipRung, Target
from content_server.media.quality import Quality

CLOSE = 0.5  # VMAF points: half of the bench's own tolerance
# VMAF a step, before anything is known (measured: research on video §2)
SLOPES = {"libx264": -1.1, "libsvtav1": -0.6}


@dataclass(frozen=True)
class Trial:
    """One setting and how good it was."""

    crf: int
    quality: Quality


@dataclass(frozen=True)
class Choice:
    """The setting chosen, and what it was found to be worth; remembered by the source's digest."""

    crf: int
    mean: float
    p5: float
    legible: float
    encodes: int
    whole: bool = False  # looked at in all of the clip, not in a sample


def margin(quality: Quality, target: Target) -> float:
    """Return by how many points a quality passes a target; negative when it does not."""
    legible = 0.0 if quality.legible >= target.legible else -5.0
    return min(quality.mean - target.mean, quality.p5 - target.p5, legible or 100.0)


def next_crf(trials: Sequence[Trial], rung: ClipRung) -> int | None:
    """Return the setting to try next; None when the last good one has a bad one beside it."""
    if not trials:
        return rung.crf
    lowest, highest = rung.crfs
    good = max((t.crf for t in trials if margin(t.quality, rung.target) >= 0), default=lowest - 1)
    bad = min((t.crf for t in trials if margin(t.quality, rung.target) < 0), default=highest + 1)
    if bad - good <= 1:
        return None
    return min(max(_on_the_line(trials, rung), good + 1, lowest), bad - 1, highest)


def _on_the_line(trials: Sequence[Trial], rung: ClipRung) -> int:
    """Return where the line through the two trials nearest to the target meets it."""
    target = rung.target
    near = sorted(trials, key=lambda trial: abs(margin(trial.quality, target)))[:2]
    slope = SLOPES[rung.codec]
    if len(near) == 2:  # noqa: PLR2004  # two points make a line
        steps = near[1].crf - near[0].crf
        apart = margin(near[1].quality, target) - margin(near[0].quality, target)
        slope = min(apart / steps, -0.05) if steps else slope
    return near[0].crf + round(margin(near[0].quality, target) / -slope - 0.25)


def best_of(trials: Sequence[Trial], target: Target) -> Trial:
    """Return the trial with the largest setting that passes; when none does, with the smallest."""
    good = [trial for trial in trials if margin(trial.quality, target) >= 0]
    return max(good, key=lambda t: t.crf) if good else min(trials, key=lambda t: t.crf)


def next_whole(trials: Sequence[Trial], rung: ClipRung) -> int | None:
    """Return the setting for another encode of the whole; None when the last ones are near enough.

    These encodes are long: what passes by less than CLOSE points stays.
    """
    if 0 <= margin(best_of(trials, rung.target).quality, rung.target) <= CLOSE:
        return None
    return next_crf(trials, rung)


def find_setting(try_out: Callable[[int], Quality], rung: ClipRung, tries: int) -> Choice:
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
