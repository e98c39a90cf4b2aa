"""Classifies a clip by its frames: a phone's screen, slides, or camera footage.

A screen has flat areas in few colours. Slides are pictures that rest or glide evenly (in a slow
zoom every block changes linearly, so its second difference is nearly zero). In camera footage
everything moves: noise, hands, people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from content_server.media.images.image_similarity import is_screenshot
from content_server.media.media_kinds import ClipKind
from content_server.media.video.still_detection import (
    CUT_SHARE,
    QUIET_SHARE,
    BlockMeans,
    Flags,
    GreyFrames,
    Shares,
    block_means,
)
from content_server.phrases import Phrase, _

SCREEN_SHARE = 0.5  # of the frames are screenshots
STILL_LEVELS = 0.35  # of 255: a block that changes less than this between two frames rests
STILL_BLOCKS = 0.98
REST_SHARE = 0.5  # of the time nothing moves: slides
GLIDE_RATIO = 0.95  # second over first differences; measured: slow zooms 0.8, cameras 1.1-1.3
SMOOTH_RATIO = 0.7  # smoother than any hand-held camera (measured: zoomed photos of leaves 0.55)
MAX_SLIDES_PER_MINUTE = 30.0  # slides change more slowly than a phone's screens
WHOLE_CHANGE_SHARE = 0.5  # of the blocks change when a drawn slide follows another


@dataclass(frozen=True)
class ClipClassification:
    """The kind of a clip and the reason for it, for an editor to read."""

    kind: ClipKind
    why: Phrase
    glides: bool = False  # slides that move evenly while they are shown


@dataclass(frozen=True)
class ClipFeatures:
    """The measured features of a clip, as shares of its frames or time, 0.0 … 1.0.

    `rest`: nothing moves at all. `calm`: no block changes much. `glide` is the ratio of second to
    first differences.
    """

    screenshots: float
    rest: float
    calm: float
    glide: float
    whole_changes: int  # how often nearly all of the picture changed at once
    partial_changes: int  # how often only a little of it changed
    minutes: float


def classify_clip(
    grey: GreyFrames, changes: Shares, colour: Sequence[Image.Image], fps: float
) -> ClipClassification:
    """Return the kind of a clip; `grey` are its small frames, `colour` a few larger ones."""
    return classify_features(measure_features(grey, changes, colour, fps))


def classify_features(features: ClipFeatures) -> ClipClassification:
    """Return the kind of a clip with these features."""
    flat, rest = round(features.screenshots * 100), round(features.rest * 100)
    if features.screenshots >= SCREEN_SHARE and not _is_drawn_slideshow(features):
        words = _("{flat} % số hình là mảng phẳng và chữ, như màn hình điện thoại.", flat=flat)
        return ClipClassification(ClipKind.SCREEN, words)
    if features.rest >= REST_SHARE:
        words = _("Hình đứng yên {rest} % thời gian, rồi sang hình khác.", rest=rest)
        return ClipClassification(ClipKind.SLIDES, words)
    glides = features.glide < GLIDE_RATIO and features.calm >= REST_SHARE
    if glides or 0 < features.glide < SMOOTH_RATIO:
        words = _("Các hình trôi đều và chậm, như ảnh ghép có lời đọc.")
        return ClipClassification(ClipKind.SLIDES, words, glides=True)
    return ClipClassification(
        ClipKind.NATURAL,
        _("Chỗ nào cũng động, chỉ {rest} % thời gian đứng yên, như quay bằng máy quay.", rest=rest),
    )


def measure_features(
    grey: GreyFrames, changes: Shares, colour: Sequence[Image.Image], fps: float
) -> ClipFeatures:
    """Measure a clip's frames; `changes` is the result of still_detection.measure_changes."""
    means = block_means(grey)
    first = np.abs(np.diff(means, axis=0))
    still = (first < STILL_LEVELS).mean(axis=1) if len(first) else np.ones(1)
    cuts = changes >= CUT_SHARE
    return ClipFeatures(
        screenshots=float(np.mean([is_screenshot(picture) for picture in colour])),
        rest=float((still >= STILL_BLOCKS).mean()),
        calm=float((changes <= QUIET_SHARE).mean()) if len(changes) else 1.0,
        glide=_glide_ratio(means, cuts),
        whole_changes=_count_runs(changes >= WHOLE_CHANGE_SHARE),
        partial_changes=_count_runs((changes > 0) & (changes < CUT_SHARE)),
        minutes=len(grey) / fps / 60,
    )


def _is_drawn_slideshow(features: ClipFeatures) -> bool:
    """Return whether a flat picture is a drawn slide show: it changes rarely, and as a whole."""
    return (
        features.whole_changes >= 2  # noqa: PLR2004  # one change is no slide show
        and features.whole_changes >= 3 * features.partial_changes
        and features.whole_changes <= MAX_SLIDES_PER_MINUTE * features.minutes
    )


def _glide_ratio(means: BlockMeans, cuts: Flags) -> float:
    """Return the ratio of second to first differences of the moving blocks, cuts left out."""
    if len(means) < 3:  # noqa: PLR2004  # a second difference needs three
        return 1.0
    first = np.diff(means, axis=0)
    second = np.abs(np.diff(first, axis=0))
    calm = ~(cuts[1:] | cuts[:-1])
    moving = np.abs(first[1:]) > STILL_LEVELS
    moving &= calm[:, None]
    if not moving.any():
        return 0.0
    return float(second[moving].mean() / np.abs(first[1:])[moving].mean())


def _count_runs(flags: Flags) -> int:
    """Return the number of runs of True."""
    return int(np.sum(flags[1:] & ~flags[:-1]) + (bool(len(flags)) and bool(flags[0])))
