"""Counts what a piece of work costs: processor and wall time, ours and that of our children."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Spent:
    """Seconds; `own_cpu_s` is the part of `cpu_s` that this program used itself."""

    cpu_s: float = 0.0
    own_cpu_s: float = 0.0
    wall_s: float = 0.0

    def with_more(self, other: "Spent") -> "Spent":
        return Spent(
            self.cpu_s + other.cpu_s,
            self.own_cpu_s + other.own_cpu_s,
            self.wall_s + other.wall_s,
        )


@contextmanager
def spent() -> Iterator[Spent]:
    """Count until the block ends. Children count when they have ended and were waited for."""
    counted = Spent()
    started_s, own_s, children_s = time.monotonic(), _cpu_s(_OWN), _cpu_s(_CHILDREN)
    yield counted
    counted.wall_s = time.monotonic() - started_s
    counted.own_cpu_s = _cpu_s(_OWN) - own_s
    counted.cpu_s = counted.own_cpu_s + _cpu_s(_CHILDREN) - children_s


def largest_child_mb() -> float:
    """Return the most memory any child has used so far (Linux counts it in kB)."""
    return resource.getrusage(_CHILDREN).ru_maxrss / 1000


_OWN, _CHILDREN = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN


def _cpu_s(whose: int) -> float:
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime
