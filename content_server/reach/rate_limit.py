"""Rate limit of counts: so many per key and minute, so that a script cannot inflate a village.

The limit is not by IP address: a whole village shares the address of its mobile network.
"""

from collections.abc import Hashable

MAX_PER_MINUTE_WITH_LINK = 500  # per event, lesson and language: more than a full market
MAX_PER_MINUTE_WITHOUT_LINK = 60_000  # for the whole province


class RateLimiter:
    """Grants counts up to a limit per key and minute."""

    def __init__(self) -> None:
        self._minute = -1
        self._used: dict[Hashable, int] = {}

    def grant(self, key: Hashable, requested: int, limit: int, now_s: float) -> int:
        """Return how many of `requested` still fit into this minute's limit, and use them up."""
        minute = int(now_s // 60)
        if minute != self._minute:
            self._minute, self._used = minute, {}
        used = self._used.get(key, 0)
        granted = max(0, min(requested, limit - used))
        self._used[key] = used + granted
        return granted
