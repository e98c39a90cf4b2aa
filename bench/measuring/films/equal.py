"""What a peer would spend on the same quality: read off the line between its two nearest rungs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from measuring.films.found import Found

AS_GOOD = 1.0  # VMAF points within which two files count as equally good


@dataclass(frozen=True)
class Equal:
    """A peer's bytes for the quality of one of ours, and how many times ours that is.

    `apart` is the distance in VMAF points where no rung of the peer, nor a line between two,
    reaches that quality: then the nearest rung stands for it and the ratio is no claim.
    """

    kb_a_minute: float
    ratio: float
    nearest: str
    apart: float

    @property
    def is_fair(self) -> bool:
        return self.apart <= AS_GOOD


def equal_of(ours: Found, peers: Sequence[Found]) -> Equal | None:
    """Return what the peer would need for our quality; None without rungs to compare."""
    rungs = sorted((p for p in peers if p.vmaf_mean is not None), key=lambda p: p.vmaf_mean or 0.0)
    if ours.vmaf_mean is None or not rungs:
        return None
    wanted = ours.vmaf_mean
    nearest = min(rungs, key=lambda rung: abs((rung.vmaf_mean or 0.0) - wanted))
    spent, apart = nearest.kb_a_minute, abs((nearest.vmaf_mean or 0.0) - wanted)
    for low, high in pairwise(rungs):
        if (low.vmaf_mean or 0.0) <= wanted <= (high.vmaf_mean or 0.0):
            spent, apart = _between(low, high, wanted), 0.0
    return Equal(spent, spent / ours.kb_a_minute, nearest.rung, apart)


def _between(low: Found, high: Found, wanted: float) -> float:
    """Return kB a minute at a VMAF between two rungs: bytes grow exponentially with quality."""
    low_vmaf, high_vmaf = low.vmaf_mean or 0.0, high.vmaf_mean or 0.0
    part = (wanted - low_vmaf) / (high_vmaf - low_vmaf) if high_vmaf > low_vmaf else 0.0
    logs = math.log(low.kb_a_minute), math.log(high.kb_a_minute)
    return math.exp(logs[0] + part * (logs[1] - logs[0]))
