"""An HTTP client of the front, without a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from content_server.web.published.front import Front


@asynccontextmanager
async def open_front_client(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(front)
    async with httpx.AsyncClient(transport=transport, base_url="http://bai.test") as client:
        client.headers.clear()
        yield client


def request_front(
    front: Front, path: str, method: str = "GET", body: bytes = b"", **headers: str
) -> httpx.Response:
    """Ask once; header names are written with _ for -."""

    async def ask() -> httpx.Response:
        async with open_front_client(front) as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, headers=named, content=body)

    return asyncio.run(ask())
