"""Write locks: one writer per upload; a new request evicts a stalled writer at once.

A phone that loses its connection within a chunk leaves a writer waiting for bytes. Its retry must
not wait for that writer to time out (docs/research/editors.md#stalled-uploads).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from content_server.errors import TusError
from content_server.phrases import _
from content_server.uploads.tus_protocol import LOCKED


@dataclass
class WriteLock:
    """A writer's lock on one upload. `is_evicted` is set when a newer request wants it."""

    is_evicted: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


class WriteLocks:
    """The locks of all uploads being written in this process."""

    def __init__(self) -> None:
        self._locks: dict[str, WriteLock] = {}

    @asynccontextmanager
    async def acquire(self, upload_id: str) -> AsyncIterator[WriteLock]:
        """Hold the lock after evicting its holder. Raises TusError (423) if evicted meanwhile."""
        previous = self._locks.get(upload_id)
        lock = self._locks[upload_id] = WriteLock()
        try:
            if previous:
                previous.is_evicted.set()
                await previous.released.wait()
            if lock.is_evicted.is_set():
                raise TusError(LOCKED, _("Tệp này đang được gửi lại từ chỗ khác."))
            yield lock
        finally:
            lock.released.set()
            if self._locks.get(upload_id) is lock:
                del self._locks[upload_id]
