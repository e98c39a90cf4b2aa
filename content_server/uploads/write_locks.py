"""Turns: one writer an upload; who comes anew makes a writer that hangs let go at once.

A phone that lost its line mid-piece leaves a writer waiting for bytes that never come. Its own
retry must not wait for that one to time out (measured elsewhere: 28 s; research: editors §0.4).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from content_server.errors import TusRefused
from content_server.phrases import _
from content_server.uploads.tus_protocol import BUSY


@dataclass
class WriteLock:
    """One writer's time with one upload. `let_go` is set when the next one has come."""

    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)


class WriteLocks:
    """Who writes which upload now, in this process."""

    def __init__(self) -> None:
        self._turns: dict[str, WriteLock] = {}

    @asynccontextmanager
    async def take(self, upload_id: str) -> AsyncIterator[WriteLock]:
        """Hold the upload; the one before lets go first. Raises TusRefused if a later one came."""
        before = self._turns.get(upload_id)
        mine = self._turns[upload_id] = WriteLock()
        try:
            if before:
                before.let_go.set()
                await before.done.wait()
            if mine.let_go.is_set():
                raise TusRefused(BUSY, _("Tệp này đang được gửi lại từ chỗ khác."))
            yield mine
        finally:
            mine.done.set()
            if self._turns.get(upload_id) is mine:
                del self._turns[upload_id]
