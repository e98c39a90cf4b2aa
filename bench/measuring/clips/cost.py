"""Measures the processor and wall time of a piece of work, ours and that of our children."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Cost:
    """Seconds; of `cpu_s`, `own_cpu_s` was used by this program itself.

    `by_hand_cpu_s` is what encodes and the search would have cost without a pipeline.
    """

    cpu_s: float = 0.0
    own_cpu_s: float = 0.0
    wall_s: float = 0.0
    by_hand_cpu_s: float = 0.0

    def add(self, other: "Cost") -> "Cost":
        return Cost(
            self.cpu_s + other.cpu_s,
            self.own_cpu_s + other.own_cpu_s,
            self.wall_s + other.wall_s,
            self.by_hand_cpu_s + other.by_hand_cpu_s,
        )


@dataclass
class ToolCost:
    """What tools have cost so far, in seconds of processor: those that encode or search."""

    by_hand_cpu_s: float = 0.0


@contextmanager
def measure_cost(tool_cost: ToolCost | None = None) -> Iterator[Cost]:
    """Count until the block ends. Children count when they have ended and were waited for."""
    counted, tool_cost = Cost(), tool_cost or ToolCost()
    by_hand_s = tool_cost.by_hand_cpu_s
    started_s, own_s, children_s = time.monotonic(), _cpu_s(_OWN), _cpu_s(_CHILDREN)
    yield counted
    counted.wall_s = time.monotonic() - started_s
    counted.own_cpu_s = _cpu_s(_OWN) - own_s
    counted.cpu_s = counted.own_cpu_s + _cpu_s(_CHILDREN) - children_s
    counted.by_hand_cpu_s = tool_cost.by_hand_cpu_s - by_hand_s


def children_cpu_s() -> float:
    """Return the seconds of processor of all children that have ended so far."""
    return _cpu_s(_CHILDREN)


def largest_child_mb() -> float:
    """Return the most memory any child has used so far (Linux counts it in kB)."""
    return resource.getrusage(_CHILDREN).ru_maxrss / 1000


_OWN, _CHILDREN = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN


def _cpu_s(whose: int) -> float:
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime
