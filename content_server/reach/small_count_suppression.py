"""How a count may be said: never so exactly that one person could be seen in it.

0 is said as 0, one to four as "<5", everything else as the nearest five. Every number of the board
and of the table goes through `blur`, totals as well as parts, each by itself: so a total less the
parts one sees, or a month less its weeks, leaves a span of several people, never a number.
"""

from dataclasses import dataclass

FEW = 5


@dataclass(frozen=True, order=True)
class Said:
    """A count as others may know it."""

    about: int  # 0, then 5, 10, 15 …; 0 also when it is few
    few: bool = False  # one to four

    def __str__(self) -> str:
        return f"<{FEW}" if self.few else str(self.about)


NONE = Said(0)


def blur(count: int) -> Said:
    """Return what may be said of `count`."""
    if 0 < count < FEW:
        return Said(0, few=True)
    return Said((count + FEW // 2) // FEW * FEW)
