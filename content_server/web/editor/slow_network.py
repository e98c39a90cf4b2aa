"""Slowly: bytes handed out as a village's line brings them, so that an author waits as they do."""

import asyncio
from collections.abc import AsyncIterator, Iterable

ROUND_TRIP_S = {400: 0.27, 100: 0.53}  # per kbit/s (research: editors-and-trainers §1.3)
TRIPS_FIRST = 3  # name, line and request, before the first byte of a page comes
PIECE_S = 0.1  # how long one piece takes


async def slowly(chunks: Iterable[bytes], kbps: int, trips: int) -> AsyncIterator[bytes]:
    """Yield bytes at `kbps`, after so many round trips of such a line."""
    await asyncio.sleep(trips * ROUND_TRIP_S[kbps])
    piece = max(1, round(kbps * 1000 / 8 * PIECE_S))
    for chunk in chunks:
        for start in range(0, len(chunk), piece):
            part = chunk[start : start + piece]
            await asyncio.sleep(PIECE_S * len(part) / piece)
            yield part
