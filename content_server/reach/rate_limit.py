"""Pace: the most that is believed in a minute, so that no script in a loop makes a village shine.

Not by address: a whole village shares the one address of its mobile mast.
"""

from collections.abc import Hashable

LINK_A_MINUTE = 500  # of one kind, lesson and language: a full market does not open more
OPEN_A_MINUTE = 60_000  # without a village code: the whole province at once


class RateLimiter:
    """Tells how much of what came in may still be counted in this minute."""

    def __init__(self) -> None:
        self._minute = -1
        self._used: dict[Hashable, int] = {}

    def allowed(self, key: Hashable, wanted: int, most: int, now_s: float) -> int:
        """Return how many of `wanted` are believed, and take them as used."""
        minute = int(now_s // 60)
        if minute != self._minute:
            self._minute, self._used = minute, {}
        used = self._used.get(key, 0)
        granted = max(0, min(wanted, most - used))
        self._used[key] = used + granted
        return granted
