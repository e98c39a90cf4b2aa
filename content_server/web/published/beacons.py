"""Counting: the one address pages send their beacons to, answered before anything else is asked.

Whatever comes, the answer is the same empty 204: a page never waits for it, a stranger learns
nothing from it. Of a message only what `villages.beacons` reads is kept; who sent it is not looked
at, let alone written down.
"""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from content_server.reach.beacons import MOST_BYTES, read_beacon
from content_server.reach.counter import Counter
from content_server.site.pages.panels import path_of
from content_server.web.published import responses

ADDRESS = "/-/dem"
BODY_S = 10.0  # for a kilobyte; a phone that needs longer has lost its signal
ANSWER: Message = {
    "type": "http.response.start",
    "status": 204,
    "headers": [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")],
}
FROM_ELSEWHERE = (b"sec-fetch-site", b"cross-site")


class Counting:
    """The outermost ASGI app: takes beacons, hands everything else on to `house`."""

    def __init__(self, house: ASGIApp, counter: Counter, shows: Callable[[str], bool]) -> None:
        """Count only what is taught: `shows` tells whether a path is published."""
        self._house = house
        self._counter = counter
        self._shows = shows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != ADDRESS:
            await self._house(scope, receive, send)
            return
        if scope["method"] == "POST" and FROM_ELSEWHERE not in scope["headers"]:
            self._count(await _body(receive))
        await send(ANSWER)
        await send(responses.EMPTY)

    def _count(self, body: bytes) -> None:
        beacon = read_beacon(body)
        if beacon is not None and self._shows(path_of(beacon.lang, beacon.lesson)):
            self._counter.take(beacon)


async def _body(receive: Receive) -> bytes:
    """Return the body; nothing when it is too long, too slow or cut off."""
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        return bytes(message.get("body", b""))
    try:
        async with asyncio.timeout(BODY_S):
            return await _rest(message, receive)
    except TimeoutError:
        return b""


async def _rest(message: Message, receive: Receive) -> bytes:
    body: bytes = b""
    while message["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body
        if len(body) > MOST_BYTES:
            return b""
        message = await receive()
    return b""
