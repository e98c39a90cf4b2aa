"""Small-count suppression: counts are shown so coarsely that they do not identify a person.

0 is shown as 0, one to four as "<5", any other count rounded to the nearest five. Totals and parts
are rounded independently, so subtracting the parts from a total, or weeks from a month, yields a
range of several people.
"""

from dataclasses import dataclass

SUPPRESSION_THRESHOLD = 5


@dataclass(frozen=True, order=True)
class SuppressedCount:
    """A count as it may be shown."""

    rounded: int  # 0, 5, 10, 15 …; 0 when suppressed
    is_suppressed: bool = False  # the count is one to four

    def __str__(self) -> str:
        return f"<{SUPPRESSION_THRESHOLD}" if self.is_suppressed else str(self.rounded)


ZERO_COUNT = SuppressedCount(0)


def suppress_small_count(count: int) -> SuppressedCount:
    """Return the suppressed or rounded form of `count`."""
    if 0 < count < SUPPRESSION_THRESHOLD:
        return SuppressedCount(0, is_suppressed=True)
    return SuppressedCount(
        (count + SUPPRESSION_THRESHOLD // 2) // SUPPRESSION_THRESHOLD * SUPPRESSION_THRESHOLD
    )
