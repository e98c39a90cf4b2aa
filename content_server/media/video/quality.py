"""Measures the quality of a rendition: VMAF from the bundled ffmpeg, and legibility of letters.

VMAF alone is not enough for screens: text recognition saturates long before it does and fails
below it (docs/research/video.md#legibility). So the worst letters are measured as well:
`legibility` is the structure term of SSIM (Wang et al. 2004 §III) over the blocks with the
strongest edges, its fifth percentile. It needs no text recognition on the server.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

LETTER_PX = 8  # blocks about as large as a letter
LETTER_LEVELS = 24.0  # standard deviation of a block that holds dark on light
WORST_PERCENTILE = 5.0  # percentile: the worst twentieth decides

GreyFrames = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Quality:
    """VMAF of the scored frames, 0 … 100: mean and worst twentieth; `legible`: see legibility."""

    mean: float
    p5: float
    legible: float = 1.0


def read_scores(path: Path, legible: float = 1.0) -> Quality:
    """Parse the scores that libvmaf wrote as JSON."""
    frames = json.loads(path.read_text("utf-8"))["frames"]
    scores = [float(frame["metrics"]["vmaf"]) for frame in frames]
    return Quality(float(np.mean(scores)), float(np.percentile(scores, WORST_PERCENTILE)), legible)


def legibility(seen: GreyFrames, made: GreyFrames) -> float:
    """Return the share of structure the worst letters keep, 0.0 … 1.0; 1.0 without letters.

    Both are grey frames of one size, (frames, height, width).
    """
    before, after = _letter_blocks(seen), _letter_blocks(made)
    spread = before.std(axis=1)
    letters = spread > LETTER_LEVELS
    if not letters.any():
        return 1.0
    before, after = before[letters], after[letters]
    before = before - before.mean(axis=1, keepdims=True)
    after = after - after.mean(axis=1, keepdims=True)
    covariance = (before * after).mean(axis=1)
    structure = 2 * covariance / ((before**2).mean(axis=1) + (after**2).mean(axis=1))
    return float(np.percentile(np.clip(structure, 0.0, 1.0), WORST_PERCENTILE))


def _letter_blocks(pictures: GreyFrames) -> npt.NDArray[np.float32]:
    """Return the frames as rows of LETTER_PX² levels, one row a block."""
    count, height, width = pictures.shape
    rows, columns = height // LETTER_PX, width // LETTER_PX
    cut = pictures[:, : rows * LETTER_PX, : columns * LETTER_PX].astype(np.float32)
    blocks = cut.reshape(count, rows, LETTER_PX, columns, LETTER_PX).swapaxes(2, 3)
    return blocks.reshape(-1, LETTER_PX * LETTER_PX)
