"""Answers every published path from prepared responses, without FastAPI."""

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
from content_server.site.tree.published import TreeEntry
from content_server.web.published import responses
from content_server.web.published.body_cache import CACHE_BYTES, BodyCache
from content_server.web.published.negotiation import IDENTITY_ONLY, preferred_encodings
from content_server.web.published.ranges import RangeNotSatisfiable, parse_range
from content_server.web.published.responses import Encodings, PreparedResponse, PublishedResponses

POLL_EVERY_S = 1.0  # for changes that another process published
REQUEST_HEADERS = {b"accept-encoding", b"if-none-match", b"range", b"if-range"}

log = logging.getLogger(__name__)


class AsgiRequest(NamedTuple):
    """The three arguments of an ASGI call, for responses that need more than one message."""

    scope: Scope
    receive: Receive
    send: Send


class PublishedSource(Protocol):
    """What the front publishes: the tree of a server, or the pack of a box."""

    @property
    def store(self) -> Store: ...

    def read_if_changed(self, known: int) -> tuple[int, Iterable[TreeEntry]] | None:
        """Return the generation published now and its entries; None when it is `known`.

        Raises AppError when it cannot be read.
        """
        ...


class Front:
    """The outer ASGI app: answers published paths, and passes `app_prefixes` on to `app`.

    Any other path is answered with 404. A request reads one immutable PublishedResponses, so it
    never sees half of a change.
    """

    def __init__(
        self,
        app: ASGIApp,
        source: PublishedSource,
        *,
        app_prefixes: tuple[str, ...],
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._app = app
        self._source = source
        self._app_prefixes = app_prefixes
        self._bodies = BodyCache(source.store, cache_bytes)
        self._published: PublishedResponses = responses.NO_RESPONSES
        self._refreshing = Lock()
        self.refresh()

    @property
    def cached_bytes(self) -> int:
        """Return how many bytes of bodies are in memory."""
        return self._bodies.size_bytes

    def is_published(self, path: str) -> bool:
        """Tell whether `path` is published, and not withdrawn."""
        encodings = self._published.responses.get(path)
        return encodings is not None and encodings["identity"].is_conditional

    def refresh(self) -> None:
        """Publish the present generation; cheap when it has not changed. Not for the event loop.

        Raises DatabaseBusy; the generation published before stays.
        """
        with self._refreshing:
            changed = self._source.read_if_changed(self._published.generation)
            if changed is None:
                return
            published = responses.prepare_responses(*changed)
            self._bodies.prepare(published)
            self._published = published

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            with self._polling(scope):
                await self._app(scope, receive, send)
            return
        path = scope["path"]
        encodings = self._published.responses.get(path)
        if encodings is None and path.startswith(self._app_prefixes):
            await self._app(scope, receive, send)
        elif encodings is None or _has_encoded_slash(scope):
            await self._send_notice(responses.NOT_FOUND, scope, send)
        elif scope["method"] not in {"GET", "HEAD"}:
            await _send_empty(responses.method_not_allowed_message(), send)
        else:
            await self._respond(encodings, scope, receive, send)

    async def _respond(
        self, encodings: Encodings, scope: Scope, receive: Receive, send: Send
    ) -> None:
        headers = _request_headers(scope["headers"])
        response = _choose_encoding(encodings, headers.get(b"accept-encoding"))
        etags = headers.get(b"if-none-match")
        if etags is not None and response.is_conditional and _matches_etag(etags, response.etag):
            await _send_empty(response.not_modified, send)
        elif scope["method"] == "HEAD":
            await _send_empty(response.start, send)
        elif b"range" in headers and response.has_ranges:
            await self._respond_partial(response, headers, AsgiRequest(scope, receive, send))
        elif (body := self._bodies.cached_or_none(response)) is not None:
            await send(response.start)
            await send(responses.body_message(body))
        else:
            await self._send_stored(response, None, AsgiRequest(scope, receive, send))

    async def _respond_partial(
        self, response: PreparedResponse, headers: Mapping[bytes, bytes], request: AsgiRequest
    ) -> None:
        """Answer a request for a range of bytes."""
        try:
            requested = _requested_range(response, headers)
        except RangeNotSatisfiable:
            await _send_empty(responses.range_not_satisfiable_message(response), request.send)
        else:
            await self._send_stored(response, requested, request)

    async def _send_stored(
        self, response: PreparedResponse, part: tuple[int, int] | None, request: AsgiRequest
    ) -> None:
        """Send bytes from the store; the 500 notice instead when the first chunk cannot be read."""
        chunks = self._bodies.read_chunks(response, *(part or (0, response.size_bytes)))
        try:
            chunk = await anext(chunks, b"")
        except AppError:
            log.exception("published bytes cannot be read: %s", request.scope["path"])
            await self._send_notice(responses.SERVER_ERROR, request.scope, request.send)
            return
        await request.send(responses.partial_message(response, *part) if part else response.start)
        await _stream(chunk, chunks, request)

    async def _send_notice(self, status: int, scope: Scope, send: Send) -> None:
        """Answer with the published notice for `status`, or in plain text without one."""
        encodings = self._published.responses.get(responses.NOTICES[status])
        accepted = _request_headers(scope["headers"]).get(b"accept-encoding")
        response = encodings and _choose_encoding(encodings, accepted)
        data = self._bodies.cached_or_none(response) if response else None
        if response and data is not None:
            await send(response.start)
        else:
            start, data = responses.plain_notice(status)
            await send(start)
        await send(
            responses.EMPTY_BODY if scope["method"] == "HEAD" else responses.body_message(data)
        )

    @contextmanager
    def _polling(self, scope: Scope) -> Iterator[None]:
        """Poll for changes that another process published, as long as the server runs."""
        stop = Event()
        thread = Thread(target=self._poll, args=(stop,), name="front-poll", daemon=True)
        if scope["type"] == "lifespan":
            thread.start()
        try:
            yield
        finally:
            stop.set()
            if thread.is_alive():  # a poll under way holds a connection
                thread.join(POLL_EVERY_S)

    def _poll(self, stop: Event) -> None:
        failing = False
        while not stop.wait(POLL_EVERY_S):
            try:
                self.refresh()
            except (AppError, SQLAlchemyError):
                if not failing:  # logged once an outage, not once a second
                    log.exception("cannot read new pages; the old ones stay published")
                failing = True
            else:
                failing = False


def _request_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return the headers a response depends on; repeated ones joined (RFC 9110 §5.3)."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in REQUEST_HEADERS:
            found[name] = found[name] + b", " + value if name in found else value
    return found


def _choose_encoding(encodings: Encodings, accept_encoding: bytes | None) -> PreparedResponse:
    """Return the response in the best accepted encoding; without the header, identity."""
    for encoding in (
        IDENTITY_ONLY if accept_encoding is None else preferred_encodings(accept_encoding)
    ):
        if encoding in encodings:
            return encodings[encoding]
    return encodings["identity"]


def _matches_etag(if_none_match: bytes, etag: bytes) -> bool:
    """Compare weakly (RFC 9110 §13.1.2): a W/ before a tag is ignored."""
    if if_none_match == etag:
        return True
    tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return etag in tags or tags == [b"*"]


def _requested_range(
    response: PreparedResponse, headers: Mapping[bytes, bytes]
) -> tuple[int, int] | None:
    """Return the range to send; None for the whole body. Raises RangeNotSatisfiable."""
    condition = headers.get(b"if-range")
    if condition is not None and condition.strip() != response.etag:
        return None
    return parse_range(headers[b"range"], response.size_bytes)


def _has_encoded_slash(scope: Scope) -> bool:
    """Tell whether a path has "/" written as %2F: such a path is never published."""
    return b"%2f" in scope.get("raw_path", b"").lower()


async def _send_empty(start: Message, send: Send) -> None:
    await send(start)
    await send(responses.EMPTY_BODY)


async def _stream(chunk: bytes, chunks: AsyncIterator[bytes], request: AsgiRequest) -> None:
    """Send the chunks one after the other; stop when the client disconnects."""
    disconnected = asyncio.create_task(_wait_for_disconnect(request.receive))
    try:
        while chunk and not disconnected.done():
            await request.send(responses.body_message(chunk, more=True))
            chunk = await anext(chunks, b"")
        await request.send(responses.EMPTY_BODY)
    finally:
        disconnected.cancel()


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
