"""Bodies: brings the bytes of an answer from memory, or from the store beside the event loop."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from content_server.errors import AppError
from content_server.media.store import Store
from content_server.web.published.lru_cache import SMALL_BYTES, Memory
from content_server.web.published.responses import Answer, Shown

READERS = 4  # threads that read the store; a slow phone holds none of them


class Bodies:
    """The bytes behind answers. Small ones stay in memory, others come in chunks of ≤ 64 kB."""

    def __init__(self, store: Store, memory_bytes: int) -> None:
        self._store = store
        self._memory = Memory(memory_bytes)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="front")

    @property
    def held_bytes(self) -> int:
        return self._memory.held_bytes

    def make_ready_for(self, shown: Shown) -> None:
        """Forget bodies that are shown no more; read those of pages while there is room.

        What cannot be read now is read again when somebody asks for it.
        """
        self._memory.keep_only(shown.digests)
        for answer in shown.pages:
            if _is_small(answer) and self._memory.has_room_for(answer.size_bytes):
                with suppress(AppError):
                    self._read(answer)

    def held_or_none(self, answer: Answer) -> bytes | None:
        return self._memory.get_or_none(answer.digest)

    async def chunks(self, answer: Answer, first: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes first ≤ i < end. Raises DigestNotFound, StoreUnavailable."""
        loop = asyncio.get_running_loop()
        if _is_small(answer):
            yield (await loop.run_in_executor(self._readers, self._read, answer))[first:end]
            return
        source = await loop.run_in_executor(
            self._readers, self._store.read_range, answer.digest, first, end
        )
        while chunk := await loop.run_in_executor(self._readers, next, source, b""):
            yield chunk

    def _read(self, answer: Answer) -> bytes:
        body = self._memory.get_or_none(answer.digest)
        if body is None:
            body = self._store.read_bytes(answer.digest)
            self._memory.put(answer.digest, body)
        return body


def _is_small(answer: Answer) -> bool:
    return answer.size_bytes <= SMALL_BYTES
