"""Hears how good a rendition is: VMAF from the bundled ffmpeg, and whether letters stay letters.

VMAF alone is not enough for screens: text recognition saturates long before it does and fails
below it (research on video §2.1). So the worst letters are looked at as well: `legibility` is the
structure term of SSIM (Wang et al. 2004 §III) over the blocks with the strongest edges, its fifth
percentile. It needs no text recognition on the server.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

LETTER_PX = 8  # blocks about as large as a letter
LETTER_LEVELS = 24.0  # standard deviation of a block that holds dark on light
WORST = 5.0  # percentile: the worst twentieth decides

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Quality:
    """VMAF, 0 … 100, of the pictures looked at: their mean and their worst twentieth."""

    mean: float
    p5: float
    legible: float = 1.0


def read_scores(path: Path, legible: float = 1.0) -> Quality:
    """Return what libvmaf wrote down as JSON."""
    frames = json.loads(path.read_text("utf-8"))["frames"]
    scores = [float(frame["metrics"]["vmaf"]) for frame in frames]
    return Quality(float(np.mean(scores)), float(np.percentile(scores, WORST)), legible)


def legibility(seen: Grey, made: Grey) -> float:
    """Return how much structure the worst letters keep: 1.0 all, 0.0 none; 1.0 without letters.

    Both are one grey picture or more, (pictures, height, width), of the same size.
    """
    before, after = _letters(seen), _letters(made)
    spread = before.std(axis=1)
    letters = spread > LETTER_LEVELS
    if not letters.any():
        return 1.0
    before, after = before[letters], after[letters]
    before = before - before.mean(axis=1, keepdims=True)
    after = after - after.mean(axis=1, keepdims=True)
    both = (before * after).mean(axis=1)
    alike = 2 * both / ((before**2).mean(axis=1) + (after**2).mean(axis=1))
    return float(np.percentile(np.clip(alike, 0.0, 1.0), WORST))


def _letters(pictures: Grey) -> npt.NDArray[np.float32]:
    """Return the pictures as rows of LETTER_PX² levels, one a block."""
    count, height, width = pictures.shape
    rows, columns = height // LETTER_PX, width // LETTER_PX
    cut = pictures[:, : rows * LETTER_PX, : columns * LETTER_PX].astype(np.float32)
    blocks = cut.reshape(count, rows, LETTER_PX, columns, LETTER_PX).swapaxes(2, 3)
    return blocks.reshape(-1, LETTER_PX * LETTER_PX)
