"""Many visits: memory has an end, a change is seen whole and soon, a page arrives as pressed."""

import asyncio
import logging
import re
import socket
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]  # published without types
import httpx
import pytest
from front_samples import visit, visiting
from published_samples import Shop, noise, page, running_uvicorn
from starlette.types import Message, Scope

from content_server.media.store import Store
from content_server.site.tree.tree import Page
from content_server.web.published.front import Front

pytest_plugins = ("fixtures_front",)


def test_ten_thousand_pages_that_do_not_exist_leave_nothing_behind(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    front = shop.front()
    caplog.set_level(logging.DEBUG)

    async def ask(count: int) -> set[int]:
        return {await status_of(front, f"/khong/{number}") for number in range(count)}

    tracemalloc.start()
    assert asyncio.run(ask(1_000)) == {404}  # fills what has an end: known Accept-Encodings
    before = tracemalloc.get_traced_memory()[0]
    started = time.process_time()
    assert asyncio.run(ask(10_000)) == {404}
    assert time.process_time() - started < 5  # traced; 0.1 s otherwise
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 20_000
    assert not [record for record in caplog.records if record.name.startswith("content_server")]


async def status_of(front: Front, path: str) -> int:
    """Visit without any client between, as thousands of visits must be quick."""
    sent: list[Message] = []

    async def receive() -> Message:  # pragma: no cover  # nobody asks for a body
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "headers": [(b"accept-encoding", f"gzip, x{path}".encode())],
    }
    await front(scope, receive, send)
    return int(sent[0]["status"])


def test_memory_has_an_end(shop: Shop) -> None:
    limit = 100_000
    voices = [noise(30_000, f"{number}") for number in range(10)]
    paths = [shop.publish_medium(voice) for voice in voices]
    front = shop.front(memory_bytes=limit)
    assert front.held_bytes > 0  # pages are there before anyone asks
    for path, voice in zip(paths * 2, voices * 2, strict=True):
        assert visit(front, path).content == voice
        assert front.held_bytes <= limit


def test_pages_are_answered_without_the_store(shop: Shop) -> None:
    front = shop.front()
    for folder in list((shop.store.folder or Path()).iterdir()):
        folder.rename(folder.with_name(f"gone-{folder.name}"))
    assert visit(front, "/vi/a", accept_encoding="br").status_code == 200
    assert visit(front, "/khong-co").status_code == 404


def test_another_process_that_publishes_is_noticed_within_seconds(shop: Shop) -> None:
    front = shop.front()

    async def live() -> float:
        alive = asyncio.create_task(front({"type": "lifespan"}, never, ignored))
        await asyncio.to_thread(shop.publish, "lesson:b", page("/vi/b"))
        started = time.monotonic()
        while await status_of(front, "/vi/b") == 404 and time.monotonic() < started + 10:  # noqa: ASYNC110  # as a visitor
            await asyncio.sleep(0.05)
        alive.cancel()
        return time.monotonic() - started

    assert asyncio.run(live()) < 3


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def ignored(_message: Message) -> None:
    """Take a message and do nothing."""


def stamped(shop: Shop, number: int) -> tuple[Page, bytes]:
    """Publish a medium; return the page that names it, not yet published."""
    data = noise(2000, f"voice {number}")
    medium = shop.publish_medium(data)
    return page("/vi/a", f"số {number} [{medium}]"), data


def test_no_visitor_ever_sees_half_of_a_change(shop: Shop) -> None:
    """A page, its sister and the medium they name always belong together."""
    versions = [stamped(shop, number) for number in range(51)]
    sisters = [page("/vi/b", f"chị {number}") for number in range(51)]
    shop.publish("lesson:a", versions[0][0], sisters[0])
    front = shop.front()

    def publish() -> None:
        for (each, _), sister in zip(versions[1:], sisters[1:], strict=True):
            shop.publish("lesson:a", each, sister)
            front.refresh()

    writer = Thread(target=publish)
    writer.start()

    async def read() -> set[int]:
        seen: set[int] = set()
        async with visiting(front) as client:
            while writer.is_alive() or 50 not in seen:
                html = (await client.get("/vi/a", headers={"Accept-Encoding": "br"})).text
                number, medium = re.findall(r"<title>số (\d+) \[(\S+)\]", html)[0]
                assert (await client.get(medium)).content == versions[int(number)][1]
                assert html.encode() == versions[int(number)][0].body
                sister = (await client.get("/vi/b")).text
                seen.add(int(number))
                assert int(re.findall(r"chị (\d+)", sister)[0]) >= int(number)
        return seen

    seen = asyncio.run(read())
    writer.join()
    assert len(seen) > 5


class CountingStore(Store):
    """A store that counts the chunks it was asked for."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.objects, store.folder)
        object.__setattr__(self, "chunks", [])

    def read_range(self, digest: str, start: int, end: int) -> Iterator[bytes]:
        for chunk in super().read_range(digest, start, end):
            self.__dict__["chunks"].append(len(chunk))
            yield chunk


def test_who_hangs_up_costs_nothing_more(tmp_path: Path) -> None:
    """And while it listens, a slow phone is read ahead for by a few chunks only."""
    plain = Shop.open(tmp_path)
    store = CountingStore(plain.store)
    shop = Shop(plain.database, store, type(plain.tree)(store))
    path = shop.publish_medium(noise(40_000_000))
    with running_uvicorn(shop.front()) as url:
        parts = urlsplit(url)
        with socket.socket() as phone:
            phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            phone.connect((parts.hostname, parts.port))
            phone.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            phone.recv(1000)
            time.sleep(0.5)
            waiting = sum(store.__dict__["chunks"])
            assert max(store.__dict__["chunks"]) <= 64 * 1024
            assert waiting < 20_000_000
        time.sleep(0.5)
        assert sum(store.__dict__["chunks"]) <= waiting + 200_000


def test_a_page_reaches_a_phone_as_it_was_pressed(shop: Shop) -> None:
    with (
        running_uvicorn(shop.front()) as url,
        httpx.stream("GET", f"{url}/vi/a", headers={"Accept-Encoding": "br"}) as answer,
    ):
        pressed = b"".join(answer.iter_raw())
    assert brotli.decompress(pressed) == page("/vi/a", "Bài A").body
    assert answer.headers["content-length"] == str(len(pressed))
