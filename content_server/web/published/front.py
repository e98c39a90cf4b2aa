"""The front: answers every published path from memory, before any framework is asked."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import NamedTuple, Protocol

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from content_server.errors import AppError
from content_server.media.store import Store
from content_server.site.tree.published import Entry
from content_server.web.published import responses
from content_server.web.published.body_cache import Bodies
from content_server.web.published.lru_cache import MEMORY_BYTES
from content_server.web.published.negotiation import PLAIN, preferred
from content_server.web.published.ranges import RangeOutOfReach, parse_range
from content_server.web.published.responses import Answer, Encodings, Shown

LOOK_EVERY_S = 1.0  # for what another process published
ASKED = {b"accept-encoding", b"if-none-match", b"range", b"if-range"}

log = logging.getLogger(__name__)


class Visit(NamedTuple):
    """The three things ASGI gives, for answers that take longer than one look-up."""

    scope: Scope
    receive: Receive
    send: Send


class Showing(Protocol):
    """Something published, to be looked at again and again: a server's tree, a box's pack."""

    @property
    def store(self) -> Store: ...

    def look(self, known: int) -> tuple[int, Iterable[Entry]] | None:
        """Return what is published now and its number; None when that is `known` still.

        Raises Refused when that cannot be said now.
        """
        ...


class Front:
    """The outermost ASGI app.

    Paths that begin with one of `machinery` go to `rooms`; all others are published or are not
    there. A visit reads one immutable `Shown`, so it never sees half of a change.
    """

    def __init__(
        self,
        rooms: ASGIApp,
        showing: Showing,
        *,
        machinery: tuple[str, ...],
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._rooms = rooms
        self._showing = showing
        self._machinery = machinery
        self._bodies = Bodies(showing.store, memory_bytes)
        self._shown: Shown = responses.NOTHING_SHOWN
        self._refreshing = Lock()
        self.refresh()

    @property
    def held_bytes(self) -> int:
        """Return how much of the published bytes is in memory now."""
        return self._bodies.held_bytes

    def shows(self, path: str) -> bool:
        """Tell whether a page stands at `path`; what was withdrawn does not."""
        found = self._shown.answers.get(path)
        return found is not None and found["identity"].may_be_known

    def refresh(self) -> None:
        """Show what is published now; cheap when nothing has changed. Not for the event loop.

        Raises DatabaseBusy, and goes on showing what it showed.
        """
        with self._refreshing:
            looked = self._showing.look(self._shown.generation)
            if looked is None:
                return
            shown = responses.ready(*looked)
            self._bodies.make_ready_for(shown)
            self._shown = shown

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            with self._looking(scope):
                await self._rooms(scope, receive, send)
            return
        path = scope["path"]
        found = self._shown.answers.get(path)
        if found is None and path.startswith(self._machinery):
            await self._rooms(scope, receive, send)
        elif found is None or _hides_a_slash(scope):
            await self._notice(responses.NOT_FOUND, scope, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await _send_bare(responses.not_allowed(), send)
        else:
            await self._answer(found, scope, receive, send)

    async def _answer(self, found: Encodings, scope: Scope, receive: Receive, send: Send) -> None:
        asked = _asked(scope["headers"])
        answer = _chosen(found, asked.get(b"accept-encoding"))
        known = asked.get(b"if-none-match")
        if known is not None and answer.may_be_known and _is_known(known, answer.etag):
            await _send_bare(answer.not_modified, send)
        elif scope["method"] == "HEAD":
            await _send_bare(answer.start, send)
        elif b"range" in asked and answer.has_ranges:
            await self._part(answer, asked, Visit(scope, receive, send))
        elif (body := self._bodies.held_or_none(answer)) is not None:
            await send(answer.start)
            await send(responses.body(body))
        else:
            await self._deliver(answer, None, Visit(scope, receive, send))

    async def _part(self, answer: Answer, asked: Mapping[bytes, bytes], visit: Visit) -> None:
        """Answer a visit that asks for some of the bytes."""
        try:
            wanted = _wanted(answer, asked)
        except RangeOutOfReach:
            await _send_bare(responses.out_of_reach(answer), visit.send)
        else:
            await self._deliver(answer, wanted, visit)

    async def _deliver(self, answer: Answer, part: tuple[int, int] | None, visit: Visit) -> None:
        """Send bytes from the store. What cannot be read is answered before it is begun."""
        chunks = self._bodies.chunks(answer, *(part or (0, answer.size_bytes)))
        try:
            chunk = await anext(chunks, b"")
        except AppError:
            log.exception("published bytes cannot be read: %s", visit.scope["path"])
            await self._notice(responses.TROUBLE, visit.scope, visit.send)
            return
        await visit.send(responses.part(answer, *part) if part else answer.start)
        await _stream(chunk, chunks, visit)

    async def _notice(self, status: int, scope: Scope, send: Send) -> None:
        """Answer with the page that says what is wrong, or with a plain sentence if need be."""
        found = self._shown.answers.get(responses.NOTICES[status])
        answer = found and _chosen(found, _asked(scope["headers"]).get(b"accept-encoding"))
        data = self._bodies.held_or_none(answer) if answer else None
        if answer and data is not None:
            await send(answer.start)
        else:
            start, data = responses.bare_notice(status)
            await send(start)
        await send(responses.EMPTY if scope["method"] == "HEAD" else responses.body(data))

    @contextmanager
    def _looking(self, scope: Scope) -> Iterator[None]:
        """While the server lives, look once a second for what another process published."""
        stop = Event()
        thread = Thread(target=self._look, args=(stop,), name="front-looks", daemon=True)
        if scope["type"] == "lifespan":
            thread.start()
        try:
            yield
        finally:
            stop.set()
            if thread.is_alive():  # a look under way holds a connection
                thread.join(LOOK_EVERY_S)

    def _look(self, stop: Event) -> None:
        failing = False
        while not stop.wait(LOOK_EVERY_S):
            try:
                self.refresh()
            except (AppError, SQLAlchemyError):
                if not failing:  # said once an outage, not once a second
                    log.exception("cannot look for new pages; the old ones stay")
                failing = True
            else:
                failing = False


def _asked(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the headers an answer depends on; repeated ones joined, as HTTP says."""
    asked: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in ASKED:
            asked[name] = asked[name] + b", " + value if name in asked else value
    return asked


def _chosen(found: Encodings, accept_encoding: bytes | None) -> Answer:
    """Return the answer in the best encoding there is; not saying any means identity."""
    for encoding in PLAIN if accept_encoding is None else preferred(accept_encoding):
        if encoding in found:
            return found[encoding]
    return found["identity"]


def _is_known(if_none_match: bytes, etag: bytes) -> bool:
    """Compare weakly (RFC 9110 §13.1.2): a W/ before a tag means nothing here."""
    if if_none_match == etag:
        return True
    tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return etag in tags or tags == [b"*"]


def _wanted(answer: Answer, asked: Mapping[bytes, bytes]) -> tuple[int, int] | None:
    """Return the part asked for; None for the whole. Raises RangeOutOfReach."""
    condition = asked.get(b"if-range")
    if condition is not None and condition.strip() != answer.etag:
        return None
    return parse_range(asked[b"range"], answer.size_bytes)


def _hides_a_slash(scope: Scope) -> bool:
    """Tell whether an address says "/" by %2F: another address, which nobody published."""
    return b"%2f" in scope.get("raw_path", b"").lower()


async def _send_bare(start: Message, send: Send) -> None:
    await send(start)
    await send(responses.EMPTY)


async def _stream(chunk: bytes, chunks: AsyncIterator[bytes], visit: Visit) -> None:
    """Send chunk after chunk, each when the one before has left; stop when nobody listens."""
    gone = asyncio.create_task(_until_gone(visit.receive))
    try:
        while chunk and not gone.done():
            await visit.send(responses.body(chunk, more=True))
            chunk = await anext(chunks, b"")
        await visit.send(responses.EMPTY)
    finally:
        gone.cancel()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
