"""Receives the beacons of published pages at one address.

Every beacon gets the same empty 204, valid or not, so the answer reveals nothing. Only the fields
that `reach.beacons` reads are counted; the sender's address is neither read nor stored.
"""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from content_server import urls
from content_server.reach.beacons import MAX_BEACON_BYTES, parse_beacon
from content_server.reach.counter import BeaconCounter
from content_server.site.pages.panels import page_path
from content_server.web.published import responses

BODY_S = 10.0  # for a kilobyte; a slower phone has lost its connection
NO_CONTENT_START: Message = {
    "type": "http.response.start",
    "status": 204,
    "headers": [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")],
}
CROSS_SITE = (b"sec-fetch-site", b"cross-site")


class BeaconMiddleware:
    """The outermost ASGI app: counts beacons, passes every other request on to `app`."""

    def __init__(
        self, app: ASGIApp, counter: BeaconCounter, is_published: Callable[[str], bool]
    ) -> None:
        """Count beacons of published lessons only: `is_published` is asked with the page's path."""
        self._app = app
        self._counter = counter
        self._is_published = is_published

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != urls.BEACONS:
            await self._app(scope, receive, send)
            return
        if scope["method"] == "POST" and CROSS_SITE not in scope["headers"]:
            self._count(await _read_body(receive))
        await send(NO_CONTENT_START)
        await send(responses.EMPTY_BODY)

    def _count(self, body: bytes) -> None:
        beacon = parse_beacon(body)
        if beacon is not None and self._is_published(page_path(beacon.lang, beacon.lesson)):
            self._counter.add(beacon)


async def _read_body(receive: Receive) -> bytes:
    """Return the body; empty when it is too long, too slow or cut off."""
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        return bytes(message.get("body", b""))
    try:
        async with asyncio.timeout(BODY_S):
            return await _read_rest(message, receive)
    except TimeoutError:
        return b""


async def _read_rest(message: Message, receive: Receive) -> bytes:
    body: bytes = b""
    while message["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body
        if len(body) > MAX_BEACON_BYTES:
            return b""
        message = await receive()
    return b""
