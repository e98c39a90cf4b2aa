"""Simulates a slow mobile network, so that authors wait as villagers do."""

import asyncio
from collections.abc import AsyncIterator, Iterable

ROUND_TRIP_S = {400: 0.27, 100: 0.53}  # per kbit/s (docs/research/editors.md#round-trips)
PAGE_ROUND_TRIPS = 3  # DNS, connection and request, before the first byte of a page
CHUNK_S = 0.1  # duration of one chunk


async def throttle_stream(
    chunks: Iterable[bytes], kbps: int, round_trips: int
) -> AsyncIterator[bytes]:
    """Yield bytes at `kbps`, a key of ROUND_TRIP_S, after `round_trips` round trips."""
    await asyncio.sleep(round_trips * ROUND_TRIP_S[kbps])
    chunk_bytes = max(1, round(kbps * 1000 / 8 * CHUNK_S))
    for chunk in chunks:
        for start in range(0, len(chunk), chunk_bytes):
            part = chunk[start : start + chunk_bytes]
            await asyncio.sleep(CHUNK_S * len(part) / chunk_bytes)
            yield part
