"""Finds the moments when a clip stands still: every picture that matters, none half-scrolled.

Works on small grey frames, ANALYSIS_FPS a second, cut into blocks. Figures:
docs/research/video.md#stills, measured against ffmpeg's scene, mpdecimate and freezedetect.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from content_server.media.ffmpeg.clip_commands import ANALYSIS_FPS

BLOCK_PX = 6
CHANGED_LEVELS = 12.0  # of 255, on average over a block: more than a codec's noise
QUIET_SHARE = 0.01  # of the blocks may change from one frame to the next: a cursor, a tap ring
RESTING_FRAMES = 2  # 0.2 s without change: a picture that can be read
NEW_SHARE = 0.012  # of the blocks differ from the last still: something new to see
TYPED_SHARE = 0.004  # text added letter by letter counts once it has stayed for a while
TYPED_FRAMES = 10
GLIDE_S = 5.0  # a picture that moves without rest (slow zoom) gives a still this often
CUT_SHARE = 0.35  # of the blocks change at once: another picture, not a movement of this one
SLIDE_CHANGE_SHARE = 0.1  # of the blocks: the least a slide change alters at once, faded or not
SLIDE_CHANGE_RATIO = 1.5  # change at a slide change divided by the change just before it
SLIDE_CHANGE_END_RATIO = 0.45  # a slide change is over below this share of its peak
# Share of pixels whose grey level differs: 0.19-0.87 after a slide change, 0.03 within a glide
# (measured).
SLIDE_CHANGE_LEVELS = 0.1
MAX_STILLS_PER_MINUTE = 45

FRAMES_AT_ONCE = 256  # frames in memory: a clip of 15 minutes needs less than 100 MB

GreyFrames = npt.NDArray[np.uint8]  # (frames, height, width)
BlockMeans = npt.NDArray[np.float32]  # (frames, blocks), mean level of each block
Shares = npt.NDArray[np.float32]  # share of changed blocks per frame, 0.0 … 1.0
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DetectedStills:
    """The moments of the stills in s of the source, in order, and the share of time at rest."""

    moments_s: tuple[float, ...]
    rest_share: float


def block_means(frames: GreyFrames) -> BlockMeans:
    """Return the mean level of every block of every frame."""
    count, height, width = frames.shape
    rows, columns = max(1, height // BLOCK_PX), max(1, width // BLOCK_PX)
    tall, wide = min(height, BLOCK_PX), min(width, BLOCK_PX)
    cut = frames[:, : rows * tall, : columns * wide]
    means = np.empty((count, rows * columns), np.float32)
    for first in range(0, count, FRAMES_AT_ONCE):
        some = cut[first : first + FRAMES_AT_ONCE].reshape(-1, rows, tall, columns, wide)
        means[first : first + FRAMES_AT_ONCE] = some.mean(axis=(2, 4), dtype=np.float32).reshape(
            len(some), -1
        )
    return means


def detect_stills(frames: GreyFrames, changes: Shares) -> DetectedStills:
    """Return the moments at which a clip shows something new and stands still; at least one.

    `changes` is the result of `measure_changes` for the same frames.
    """
    quiet = np.concatenate([[True], changes <= QUIET_SHARE])
    stills = _select_stills(frames, quiet, changes)
    return DetectedStills(tuple(index / ANALYSIS_FPS for index in stills), float(quiet.mean()))


def detect_slide_changes(frames: GreyFrames, changes: Shares) -> DetectedStills:
    """Return the first moment after each slide change, for slides that move while they are shown.

    A slide change alters far more blocks than the glide before it, and is over when far fewer
    change again. How many blocks a glide alters depends on the picture (measured: skies 0.00,
    leaves 0.46).
    """
    quiet = np.concatenate([[True], changes <= QUIET_SHARE])
    stills, peak = [_first_resting_frame(quiet)], 0.0
    for index in range(stills[0] + 1, len(frames)):
        share, before = (
            float(changes[index - 1]),
            changes[max(0, index - 1 - ANALYSIS_FPS) : index - 1],
        )
        glide = float(np.median(before)) if len(before) else 0.0
        if share >= max(SLIDE_CHANGE_SHARE, SLIDE_CHANGE_RATIO * glide):
            peak = max(peak, share)
        if peak and share <= max(QUIET_SHARE, SLIDE_CHANGE_END_RATIO * peak):
            peak = 0.0
            if (
                _level_difference(frames[max(0, index - ANALYSIS_FPS)], frames[index])
                >= SLIDE_CHANGE_LEVELS
            ):
                is_same_change = index - stills[-1] < ANALYSIS_FPS
                stills[len(stills) - is_same_change :] = [index]
    stills = _drop_surplus(frames, stills)
    return DetectedStills(tuple(index / ANALYSIS_FPS for index in stills), float(quiet.mean()))


def _level_difference(before: GreyFrames, after: GreyFrames) -> float:
    """Return the distance of two histograms of 32 grey levels, as a share of the pixels.

    A picture that glides keeps its histogram, however its details move; another picture does not.
    """
    first, second = (np.bincount(picture.ravel() >> 3, minlength=32) for picture in (before, after))
    return float(np.abs(first - second).sum()) / 2 / before.size


def measure_changes(frames: GreyFrames) -> Shares:
    """Return the share of blocks that change from each frame to the next."""
    shares = np.zeros(max(0, len(frames) - 1), np.float32)
    for first in range(0, len(shares), FRAMES_AT_ONCE):
        some = frames[first : first + FRAMES_AT_ONCE + 1].astype(np.int16)
        differences = np.abs(np.diff(some, axis=0)).astype(np.uint8)
        changed = block_means(differences) > CHANGED_LEVELS
        shares[first : first + FRAMES_AT_ONCE] = changed.mean(axis=1)
    return shares


def _changed_share(before: GreyFrames, after: GreyFrames) -> float:
    """Return the share of blocks whose pixels differ on average by more than CHANGED_LEVELS."""
    differences = np.abs(before.astype(np.int16) - after.astype(np.int16)).astype(np.uint8)
    return float((block_means(differences[None])[0] > CHANGED_LEVELS).mean())


def _select_stills(frames: GreyFrames, quiet: Flags, changes: Shares) -> list[int]:
    stills = [_first_resting_frame(quiet)]
    run = 0
    for index in range(stills[0] + 1, len(frames)):
        run = run + 1 if quiet[index] else 0
        if _has_glided_far(index, stills[-1], run, changes) or _is_new(
            frames, index, stills[-1], run
        ):
            stills.append(index)
    return _drop_surplus(frames, stills)


def _first_resting_frame(quiet: Flags) -> int:
    """Return the index of the first frame at rest: not one that is still fading in."""
    runs = np.flatnonzero(quiet[:-1] & quiet[1:]) if len(quiet) > 1 else np.array([0])
    return int(runs[0]) if len(runs) and runs[0] <= ANALYSIS_FPS else 0


def _is_new(frames: GreyFrames, index: int, last: int, run: int) -> bool:
    """Return whether a frame at rest shows something the last still does not."""
    if run < RESTING_FRAMES:
        return False
    share = _changed_share(frames[last], frames[index])
    return share > NEW_SHARE or (
        share > TYPED_SHARE and run >= TYPED_FRAMES and index - last >= 2 * ANALYSIS_FPS
    )


def _has_glided_far(index: int, last: int, run: int, changes: Shares) -> bool:
    """Return whether a picture that never rests (slow zoom, pan) needs another still."""
    if run >= RESTING_FRAMES or index - last < GLIDE_S * ANALYSIS_FPS:
        return False
    recent = changes[max(0, index - 3) : index]
    return bool(len(recent)) and float(recent.max()) < CUT_SHARE


def _drop_surplus(frames: GreyFrames, stills: list[int]) -> list[int]:
    """Drop the stills that differ least from the one before, to MAX_STILLS_PER_MINUTE."""
    max_stills = max(4, round(len(frames) / ANALYSIS_FPS / 60 * MAX_STILLS_PER_MINUTE))
    while len(stills) > max_stills:
        differences = [_changed_share(frames[a], frames[b]) for a, b in pairwise(stills)]
        del stills[1 + int(np.argmin(differences))]
    return stills


def most_distinct_frames(frames: GreyFrames, most: int) -> list[int]:
    """Return the indexes of at most `most` frames, in order: those least like one another."""
    chosen = [0]
    while len(chosen) < min(most, len(frames)):
        differences = [
            min(_changed_share(picture, frames[c]) for c in chosen) if index not in chosen else -1.0
            for index, picture in enumerate(frames)
        ]
        chosen.append(int(np.argmax(differences)))
    return sorted(chosen)
