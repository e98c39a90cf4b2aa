"""The front: answers every published path from memory, before any framework is asked."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from starlette.types import ASGIApp, Receive, Scope, Send

from content_server.db import Database
from content_server.site.tree import Tree
from content_server.web import answers
from content_server.web.answers import Answer, Shown
from content_server.web.memory import MEMORY_BYTES, Memory
from content_server.web.ranges import RangeOutOfReach, parse_range

LOOK_EVERY_S = 1.0  # for what another process published
READERS = 4  # threads that read the store; none is held by a slow phone

log = logging.getLogger(__name__)


class Front:
    """The outermost ASGI app.

    Paths that begin with one of `machinery` go to `rooms`; all others are published or are not
    there. A visit reads one immutable `Shown`, so it never sees half of a change.
    """

    def __init__(
        self,
        rooms: ASGIApp,
        tree: Tree,
        database: Database,
        *,
        machinery: tuple[str, ...],
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._rooms = rooms
        self._tree = tree
        self._database = database
        self._machinery = machinery
        self._memory = Memory(memory_bytes)
        self._shown: Shown = answers.NOTHING_SHOWN
        self._refreshing = Lock()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="front")
        self.refresh()

    @property
    def generation(self) -> int:
        return self._shown.generation

    def refresh(self) -> None:
        """Show what is published now; free when nothing has changed. Not for the event loop.

        Raises DatabaseBusy, and goes on showing what it showed.
        """
        with self._refreshing:
            with self._database.read() as session:
                generation = self._tree.generation(session)
                if generation == self._shown.generation:
                    return
                shown = answers.ready(generation, self._tree.entries(session))
            self._preload(shown)
            self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._other(scope, receive, send)
            return
        path = scope["path"]
        found = self._shown.answers.get(path)
        if found is None or b"%" in scope.get("raw_path", b""):
            if path.startswith(self._machinery):
                await self._rooms(scope, receive, send)
                return
            if found is None or _hides_a_slash(scope):
                await self._notice(answers.NOT_FOUND_PATH, scope, send)
                return
        if scope["method"] not in {"GET", "HEAD"}:
            await send(answers.not_allowed())
            await send(answers.EMPTY)
            return
        await self._answer(found, scope, receive, send)

    async def _answer(
        self, found: "answers.Encodings", scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer a visit of a published path."""
        asked = _asked(scope["headers"])
        answer = _chosen(found, asked.get(b"accept-encoding"))
        known = asked.get(b"if-none-match")
        if known is not None and answer.may_be_known and _is_known(known, answer.etag):
            await send(answer.not_modified)
            await send(answers.EMPTY)
            return
        if scope["method"] == "HEAD":
            await send(answer.start)
            await send(answers.EMPTY)
            return
        if answer.has_ranges and b"range" in asked:
            await self._part(answer, asked, receive, send)
            return
        body = self._memory.get_or_none(answer.digest)
        if body is None:
            await self._from_store(answer, receive, send)
            return
        await send(answer.start)
        await send({"type": "http.response.body", "body": body})

    async def _part(
        self, answer: Answer, asked: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        """Answer a visit that asks for some of the bytes."""
        condition = asked.get(b"if-range")
        wanted = None
        if condition is None or condition.strip() == answer.etag:
            try:
                wanted = parse_range(asked[b"range"], answer.size_bytes)
            except RangeOutOfReach:
                await send(answers.out_of_reach(answer))
                await send(answers.EMPTY)
                return
        first, end = wanted or (0, answer.size_bytes)
        start = answers.part(answer, first, end) if wanted else answer.start
        body = await self._small_body_or_none(answer, send)
