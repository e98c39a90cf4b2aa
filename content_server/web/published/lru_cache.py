"""Small bodies kept in memory, up to a number of bytes; what was asked for last stays longest."""

from collections import OrderedDict
from collections.abc import Collection
from threading import Lock

MEMORY_BYTES = 64_000_000
SMALL_BYTES = 64 * 1024  # research: serving §1; larger bodies are streamed


class Memory:
    """Bodies by digest. Safe to use from several threads."""

    def __init__(self, limit_bytes: int = MEMORY_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    @property
    def held_bytes(self) -> int:
        return self._held_bytes

    def get_or_none(self, digest: str) -> bytes | None:
        with self._lock:
            body = self._bodies.get(digest)
            if body is not None:
                self._bodies.move_to_end(digest)
            return body

    def put(self, digest: str, body: bytes) -> None:
        """Keep a body; forget those not asked for longest, as many as needed."""
        if len(body) > self._limit_bytes:
            return
        with self._lock:
            if digest not in self._bodies:
                self._bodies[digest] = body
                self._held_bytes += len(body)
            while self._held_bytes > self._limit_bytes:
                _, forgotten = self._bodies.popitem(last=False)
                self._held_bytes -= len(forgotten)

    def has_room_for(self, size_bytes: int) -> bool:
        return self._held_bytes + size_bytes <= self._limit_bytes

    def keep_only(self, digests: Collection[str]) -> None:
        """Forget every body but these."""
        with self._lock:
            for digest in [held for held in self._bodies if held not in digests]:
                self._held_bytes -= len(self._bodies.pop(digest))
