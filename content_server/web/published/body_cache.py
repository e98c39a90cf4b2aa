"""Reads the bodies of published responses: small ones from memory, others from the store."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock

from content_server.errors import AppError
from content_server.media.store import Store
from content_server.web.published.responses import PreparedResponse, PublishedResponses

CACHE_BYTES = 64_000_000
SMALL_BODY_BYTES = 64 * 1024  # docs/research/serving.md#small-bodies
READER_THREADS = 4  # threads that read the store; a slow phone holds none of them


class LruCache:
    """Bodies by digest, up to `limit_bytes`; the least recently used go first. Thread-safe."""

    def __init__(self, limit_bytes: int = CACHE_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._size_bytes = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    @property
    def size_bytes(self) -> int:
        return self._size_bytes

    def get_or_none(self, digest: str) -> bytes | None:
        with self._lock:
            body = self._bodies.get(digest)
            if body is not None:
                self._bodies.move_to_end(digest)
            return body

    def put(self, digest: str, body: bytes) -> None:
        """Store a body; drop the least recently used ones until all fit."""
        if len(body) > self._limit_bytes:
            return
        with self._lock:
            if digest not in self._bodies:
                self._bodies[digest] = body
                self._size_bytes += len(body)
            while self._size_bytes > self._limit_bytes:
                _digest, dropped = self._bodies.popitem(last=False)
                self._size_bytes -= len(dropped)

    def fits(self, size_bytes: int) -> bool:
        return self._size_bytes + size_bytes <= self._limit_bytes

    def retain(self, digests: Collection[str]) -> None:
        """Drop every body but these."""
        with self._lock:
            for digest in [each for each in self._bodies if each not in digests]:
                self._size_bytes -= len(self._bodies.pop(digest))


class BodyCache:
    """The bodies of prepared responses: small ones in memory, others in chunks of ≤ 64 kB."""

    def __init__(self, store: Store, cache_bytes: int) -> None:
        self._store = store
        self._cache = LruCache(cache_bytes)
        self._threads = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="front")

    @property
    def size_bytes(self) -> int:
        return self._cache.size_bytes

    def prepare(self, published: PublishedResponses) -> None:
        """Drop bodies that are no longer published; read those of pages while they fit.

        A body that cannot be read now is tried again when it is requested.
        """
        self._cache.retain(published.digests)
        for response in published.pages:
            if _is_small(response) and self._cache.fits(response.size_bytes):
                with suppress(AppError):
                    self._read(response)

    def cached_or_none(self, response: PreparedResponse) -> bytes | None:
        return self._cache.get_or_none(response.digest)

    async def read_chunks(
        self, response: PreparedResponse, first: int, end: int
    ) -> AsyncIterator[bytes]:
        """Yield the bytes first ≤ i < end. Raises DigestNotFound, StoreUnavailable."""
        loop = asyncio.get_running_loop()
        if _is_small(response):
            yield (await loop.run_in_executor(self._threads, self._read, response))[first:end]
            return
        source = await loop.run_in_executor(
            self._threads, self._store.read_range, response.digest, first, end
        )
        while chunk := await loop.run_in_executor(self._threads, next, source, b""):
            yield chunk

    def _read(self, response: PreparedResponse) -> bytes:
        body = self._cache.get_or_none(response.digest)
        if body is None:
            body = self._store.read_bytes(response.digest)
            self._cache.put(response.digest, body)
        return body


def _is_small(response: PreparedResponse) -> bool:
    return response.size_bytes <= SMALL_BODY_BYTES
