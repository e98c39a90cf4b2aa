"""Finds the moments when a clip stands still: which pictures tell it all, and none half-scrolled.

Works on small grey pictures, LOOK_FPS a second, cut into blocks. Figures: research on video §3,
which measured them against ffmpeg's scene, mpdecimate and freezedetect.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from content_server.media.ffmpeg.clip_commands import LOOK_FPS

BLOCK_PX = 6
CHANGED_LEVELS = 12.0  # of 255, on average over a block: more than a codec's noise
QUIET_SHARE = 0.01  # of the blocks may change from one picture to the next: a cursor, a tap ring
QUIET_PICTURES = 2  # 0.2 s: a picture that stays is one somebody can read
NEW_SHARE = 0.012  # of the blocks differ from the last still: something new to see
TYPED_SHARE = 0.004  # what is added a letter at a time counts when it stays for a while
TYPED_PICTURES = 10
GLIDE_S = 5.0  # a picture that glides without rest (slow zoom) is told again this often
CUT_SHARE = 0.35  # of the blocks change at once: another picture, not a movement of this one
TURN_SHARE = 0.1  # of the blocks: the least a turn of slides changes at once, faded or not
TURN_RATIO, TURNED_RATIO = 1.5, 0.45  # a turn beside the glide before it, its end beside its peak
TURN_LEVELS = 0.1  # of the pixels have another level after a turn: 0.19-0.87; in a glide 0.03
MOST_A_MINUTE = 45

AT_ONCE = 256  # pictures in memory: a quarter of an hour stays under 100 MB

Pictures = npt.NDArray[np.uint8]  # grey: (pictures, height, width)
Blocks = npt.NDArray[np.float32]  # (pictures, blocks), mean level of each
Shares = npt.NDArray[np.float32]  # of the blocks, 0.0 … 1.0
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Settled:
    """Where a clip stands still: `moments_s` in order, and the share of the time it does."""

    moments_s: tuple[float, ...]
    rest_share: float


def blocks_of(pictures: Pictures) -> Blocks:
    """Return the mean level of every block of every picture; (pictures, height, width) in."""
    count, height, width = pictures.shape
    rows, columns = max(1, height // BLOCK_PX), max(1, width // BLOCK_PX)
    tall, wide = min(height, BLOCK_PX), min(width, BLOCK_PX)
    cut = pictures[:, : rows * tall, : columns * wide]
    means = np.empty((count, rows * columns), np.float32)
    for first in range(0, count, AT_ONCE):
        some = cut[first : first + AT_ONCE].reshape(-1, rows, tall, columns, wide)
        means[first : first + AT_ONCE] = some.mean(axis=(2, 4), dtype=np.float32).reshape(
            len(some), -1
        )
    return means


def settled(pictures: Pictures, changes: Shares) -> Settled:
    """Return the moments worth keeping of a clip's small grey pictures; there is at least one.

    `changes` is what `changes_of` says of them.
    """
    quiet = np.concatenate([[True], changes <= QUIET_SHARE])
    kept = _kept(pictures, quiet, changes)
    return Settled(tuple(index / LOOK_FPS for index in kept), float(quiet.mean()))


def turned(pictures: Pictures, changes: Shares) -> Settled:
    """Return the first picture after each turn, for pictures that glide while they are looked at.

    A turn changes far more than the glide before it, and is over when far less changes again: how
    much a glide changes is each picture's own (measured: skies 0.00, leaves 0.46).
    """
    quiet = np.concatenate([[True], changes <= QUIET_SHARE])
    kept, peak = [_first(quiet)], 0.0
    for index in range(kept[0] + 1, len(pictures)):
        share, before = float(changes[index - 1]), changes[max(0, index - 1 - LOOK_FPS) : index - 1]
        glide = float(np.median(before)) if len(before) else 0.0
        if share >= max(TURN_SHARE, TURN_RATIO * glide):
            peak = max(peak, share)
        if peak and share <= max(QUIET_SHARE, TURNED_RATIO * peak):
            peak = 0.0
            if _levels_apart(pictures[max(0, index - LOOK_FPS)], pictures[index]) >= TURN_LEVELS:
                is_same_turn = index - kept[-1] < LOOK_FPS
                kept[len(kept) - is_same_turn :] = [index]
    kept = _fewer(pictures, kept)
    return Settled(tuple(index / LOOK_FPS for index in kept), float(quiet.mean()))


def _levels_apart(before: Pictures, after: Pictures) -> float:
    """Return the share of pixels whose grey level, of 32, the other picture has not as often.

    A picture that glides keeps its levels, whatever its leaves do; another picture has others.
    """
    seen, now = (np.bincount(picture.ravel() >> 3, minlength=32) for picture in (before, after))
    return float(np.abs(seen - now).sum()) / 2 / before.size


def changes_of(pictures: Pictures) -> Shares:
    """Return the share of blocks that change from each picture to the next."""
    shares = np.zeros(max(0, len(pictures) - 1), np.float32)
    for first in range(0, len(shares), AT_ONCE):
        some = pictures[first : first + AT_ONCE + 1].astype(np.int16)
        apart = np.abs(np.diff(some, axis=0)).astype(np.uint8)
        shares[first : first + AT_ONCE] = (blocks_of(apart) > CHANGED_LEVELS).mean(axis=1)
    return shares


def _share(before: Pictures, after: Pictures) -> float:
    """Return the share of blocks that differ: by the mean of the differences of their pixels."""
    apart = np.abs(before.astype(np.int16) - after.astype(np.int16)).astype(np.uint8)
    return float((blocks_of(apart[None])[0] > CHANGED_LEVELS).mean())


def _kept(pictures: Pictures, quiet: Flags, changes: Shares) -> list[int]:
    kept = [_first(quiet)]
    run = 0
    for index in range(kept[0] + 1, len(pictures)):
        run = run + 1 if quiet[index] else 0
        if _is_told_again(index, kept[-1], run, changes) or _is_new(pictures, index, kept[-1], run):
            kept.append(index)
    return _fewer(pictures, kept)


def _first(quiet: Flags) -> int:
    """Return the first picture that stays: not one that is still fading in."""
    runs = np.flatnonzero(quiet[:-1] & quiet[1:]) if len(quiet) > 1 else np.array([0])
    return int(runs[0]) if len(runs) and runs[0] <= LOOK_FPS else 0


def _is_new(pictures: Pictures, index: int, last: int, run: int) -> bool:
    """Return whether a picture that has come to rest shows something the last still does not."""
    if run < QUIET_PICTURES:
        return False
    share = _share(pictures[last], pictures[index])
    return share > NEW_SHARE or (
        share > TYPED_SHARE and run >= TYPED_PICTURES and index - last >= 2 * LOOK_FPS
    )


def _is_told_again(index: int, last: int, run: int, changes: Shares) -> bool:
    """Return whether a picture that never rests has glided far enough: a slow zoom, a pan."""
    if run >= QUIET_PICTURES or index - last < GLIDE_S * LOOK_FPS:
        return False
    lately = changes[max(0, index - 3) : index]
    return bool(len(lately)) and float(lately.max()) < CUT_SHARE


def _fewer(pictures: Pictures, kept: list[int]) -> list[int]:
    """Drop the stills that add least until there are not too many."""
    most = max(4, round(len(pictures) / LOOK_FPS / 60 * MOST_A_MINUTE))
    while len(kept) > most:
        adds = [_share(pictures[a], pictures[b]) for a, b in pairwise(kept)]
        del kept[1 + int(np.argmin(adds))]
    return kept


def most_telling(pictures: Pictures, most: int) -> list[int]:
    """Return the indexes of at most so many pictures, in order: those least like one another."""
    chosen = [0]
    while len(chosen) < min(most, len(pictures)):
        news = [
            min(_share(picture, pictures[c]) for c in chosen) if index not in chosen else -1.0
            for index, picture in enumerate(pictures)
        ]
        chosen.append(int(np.argmax(news)))
    return sorted(chosen)
