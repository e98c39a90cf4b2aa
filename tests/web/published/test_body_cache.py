"""The body cache: it is bounded, shows a change whole and soon, and serves compressed pages."""

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
from starlette.types import Message, Scope

from content_server.media.store import Store
from content_server.site.tree.tree import BuiltPage
from content_server.web.published.front import Front
from tests.support.published_tree import SmallTree, make_noise, make_page
from tests.support.servers import run_uvicorn
from tests.web.published.front_client import open_front_client, request_front


def test_ten_thousand_pages_that_do_not_exist_leave_nothing_behind(
    small_tree: SmallTree, caplog: pytest.LogCaptureFixture
) -> None:
    front = small_tree.front()
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


def test_memory_has_an_end(small_tree: SmallTree) -> None:
    limit = 100_000
    voices = [make_noise(30_000, f"{number}") for number in range(10)]
    paths = [small_tree.publish_file(voice) for voice in voices]
    front = small_tree.front(cache_bytes=limit)
    assert front.cached_bytes > 0  # pages are there before anyone asks
    for path, voice in zip(paths * 2, voices * 2, strict=True):
        assert request_front(front, path).content == voice
        assert front.cached_bytes <= limit


def test_pages_are_answered_without_the_store(small_tree: SmallTree) -> None:
    front = small_tree.front()
    for folder in list((small_tree.store.folder or Path()).iterdir()):
        folder.rename(folder.with_name(f"gone-{folder.name}"))
    assert request_front(front, "/vi/a", accept_encoding="br").status_code == 200
    assert request_front(front, "/khong-co").status_code == 404


def test_another_process_that_publishes_is_noticed_within_seconds(small_tree: SmallTree) -> None:
    front = small_tree.front()

    async def live() -> float:
        alive = asyncio.create_task(front({"type": "lifespan"}, never, ignored))
        await asyncio.to_thread(small_tree.publish, "lesson:b", make_page("/vi/b"))
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


def prepare_numbered_page(small_tree: SmallTree, number: int) -> tuple[BuiltPage, bytes]:
    """Publish a medium; return the page that names it, not yet published."""
    data = make_noise(2000, f"voice {number}")
    medium = small_tree.publish_file(data)
    return make_page("/vi/a", f"số {number} [{medium}]"), data


def test_no_visitor_ever_sees_half_of_a_change(small_tree: SmallTree) -> None:
    """A page, its sister and the medium they name always belong together."""
    versions = [prepare_numbered_page(small_tree, number) for number in range(51)]
    sisters = [make_page("/vi/b", f"chị {number}") for number in range(51)]
    small_tree.publish("lesson:a", versions[0][0], sisters[0])
    front = small_tree.front()

    def publish() -> None:
        for (each, _), sister in zip(versions[1:], sisters[1:], strict=True):
            small_tree.publish("lesson:a", each, sister)
            front.refresh()

    writer = Thread(target=publish)
    writer.start()

    async def read() -> set[int]:
        seen: set[int] = set()
        async with open_front_client(front) as client:
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
    plain = SmallTree.open(tmp_path)
    store = CountingStore(plain.store)
    small_tree = SmallTree(plain.database, store, type(plain.tree)(store))
    path = small_tree.publish_file(make_noise(40_000_000))
    with run_uvicorn(small_tree.front()) as url:
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


def test_a_page_reaches_a_phone_as_it_was_pressed(small_tree: SmallTree) -> None:
    with (
        run_uvicorn(small_tree.front()) as url,
        httpx.stream("GET", f"{url}/vi/a", headers={"Accept-Encoding": "br"}) as answer,
    ):
        pressed = b"".join(answer.iter_raw())
    assert brotli.decompress(pressed) == make_page("/vi/a", "Bài A").body
    assert answer.headers["content-length"] == str(len(pressed))
