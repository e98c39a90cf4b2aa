"""Tells what a clip shows from its pictures: a phone's screen, slides, or the world by camera.

A screen is flat areas in few colours. Slides are pictures that rest, or glide evenly (a slow zoom
is a straight line in every block: its second difference is nearly nothing). A camera's picture
trembles everywhere: noise, hands, people.
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
    Blocks,
    Flags,
    Pictures,
    Shares,
    blocks_of,
)
from content_server.phrases import Phrase, _

SCREEN_SHARE = 0.5  # of the pictures look like screenshots
STILL_LEVELS = 0.35  # of 255: a block that moves less than this between two pictures rests
STILL_BLOCKS = 0.98
REST_SHARE = 0.5  # of the time nothing moves: slides
GLIDE_RATIO = 0.95  # second over first differences; measured: slow zooms 0.8, cameras 1.1-1.3
SMOOTH_RATIO = 0.7  # below it no hand holds a camera; photographs of leaves zoomed: 0.55
FEW_TURNS_A_MINUTE = 30.0  # slides are turned slower than a phone's screens
WHOLE_TURN = 0.5  # of the blocks change when a drawn slide is turned


@dataclass(frozen=True)
class Kind:
    """What a clip shows, and why we think so, for a person to read."""

    kind: ClipKind
    why: Phrase
    glides: bool = False  # pictures that move evenly while they are looked at


@dataclass(frozen=True)
class Signs:
    """What was measured: shares of pictures or of time, 0.0 … 1.0, but for `glide` (a ratio).

    At `rest` nothing moves at all; `calm` is when no block changes much.
    """

    screenshots: float
    rest: float
    calm: float
    glide: float
    turns: int  # times nearly all of the picture changed at once
    others: int  # times it changed a little only
    minutes: float


def kind_of(grey: Pictures, changes: Shares, colour: Sequence[Image.Image], fps: float) -> Kind:
    """Return what a clip shows; `grey` are its small pictures, `colour` a few larger ones."""
    return decide(signs_of(grey, changes, colour, fps))


def decide(signs: Signs) -> Kind:
    """Return the kind that goes with these signs."""
    flat, rest = round(signs.screenshots * 100), round(signs.rest * 100)
    if signs.screenshots >= SCREEN_SHARE and not _is_drawn_show(signs):
        words = _("{flat} % số hình là mảng phẳng và chữ, như màn hình điện thoại.", flat=flat)
        return Kind(ClipKind.SCREEN, words)
    if signs.rest >= REST_SHARE:
        words = _("Hình đứng yên {rest} % thời gian, rồi sang hình khác.", rest=rest)
        return Kind(ClipKind.SLIDES, words)
    glides = signs.glide < GLIDE_RATIO and signs.calm >= REST_SHARE
    if glides or 0 < signs.glide < SMOOTH_RATIO:
        words = _("Các hình trôi đều và chậm, như ảnh ghép có lời đọc.")
        return Kind(ClipKind.SLIDES, words, glides=True)
    return Kind(
        ClipKind.NATURAL,
        _("Chỗ nào cũng động, chỉ {rest} % thời gian đứng yên, như quay bằng máy quay.", rest=rest),
    )


def signs_of(grey: Pictures, changes: Shares, colour: Sequence[Image.Image], fps: float) -> Signs:
    """Measure a clip's pictures; `changes` is what settle.changes_of says of them."""
    means = blocks_of(grey)
    first = np.abs(np.diff(means, axis=0))
    still = (first < STILL_LEVELS).mean(axis=1) if len(first) else np.ones(1)
    cuts = changes >= CUT_SHARE
    return Signs(
        screenshots=float(np.mean([is_screenshot(picture) for picture in colour])),
        rest=float((still >= STILL_BLOCKS).mean()),
        calm=float((changes <= QUIET_SHARE).mean()) if len(changes) else 1.0,
        glide=_glide(means, cuts),
        turns=_starts(changes >= WHOLE_TURN),
        others=_starts((changes > 0) & (changes < CUT_SHARE)),
        minutes=len(grey) / fps / 60,
    )


def _is_drawn_show(signs: Signs) -> bool:
    """Return whether flat pictures are drawn slides: turned whole and seldom, with nothing else."""
    return (
        signs.turns >= 2  # noqa: PLR2004  # one turn is no show
        and signs.turns >= 3 * signs.others
        and signs.turns <= FEW_TURNS_A_MINUTE * signs.minutes
    )


def _glide(means: Blocks, cuts: Flags) -> float:
    """Return how large second differences are beside first ones, where things move; no cuts."""
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


def _starts(flags: Flags) -> int:
    """Return how many runs of True there are."""
    return int(np.sum(flags[1:] & ~flags[:-1]) + (bool(len(flags)) and bool(flags[0])))
