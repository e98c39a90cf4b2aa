"""A peer's bytes at the quality of one of our files, interpolated between its nearest rungs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from measuring.clips.results import ClipResult

EQUAL_WITHIN_VMAF = 1.0  # VMAF points within which two files count as equally good


@dataclass(frozen=True)
class EqualQuality:
    """A peer's bytes at the quality of one of our files, and their ratio to ours.

    `distance_vmaf` is above 0 where the peer's rungs do not span that quality: then the nearest
    rung is used, and the ratio is no claim beyond EQUAL_WITHIN_VMAF.
    """

    kb_a_minute: float
    ratio: float
    nearest: str
    distance_vmaf: float

    @property
    def is_fair(self) -> bool:
        return self.distance_vmaf <= EQUAL_WITHIN_VMAF


def find_equal_quality(ours: ClipResult, peers: Sequence[ClipResult]) -> EqualQuality | None:
    """Return the peer's bytes at our quality; None without rungs to compare."""
    rungs = sorted((p for p in peers if p.vmaf_mean is not None), key=lambda p: p.vmaf_mean or 0.0)
    if ours.vmaf_mean is None or not rungs:
        return None
    vmaf = ours.vmaf_mean
    nearest = min(rungs, key=lambda rung: abs((rung.vmaf_mean or 0.0) - vmaf))
    kb_a_minute, distance_vmaf = nearest.kb_a_minute, abs((nearest.vmaf_mean or 0.0) - vmaf)
    for low, high in pairwise(rungs):
        if (low.vmaf_mean or 0.0) <= vmaf <= (high.vmaf_mean or 0.0):
            kb_a_minute, distance_vmaf = _interpolate_kb(low, high, vmaf), 0.0
    return EqualQuality(kb_a_minute, kb_a_minute / ours.kb_a_minute, nearest.rung, distance_vmaf)


def _interpolate_kb(low: ClipResult, high: ClipResult, vmaf: float) -> float:
    """Return kB a minute at a VMAF between two rungs: bytes grow exponentially with quality."""
    low_vmaf, high_vmaf = low.vmaf_mean or 0.0, high.vmaf_mean or 0.0
    part = (vmaf - low_vmaf) / (high_vmaf - low_vmaf) if high_vmaf > low_vmaf else 0.0
    logs = math.log(low.kb_a_minute), math.log(high.kb_a_minute)
    return math.exp(logs[0] + part * (logs[1] - logs[0]))
