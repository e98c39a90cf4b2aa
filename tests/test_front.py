"""The front: published bytes, exactly and cheaply; anything else is a kind page, never a 500."""

import asyncio
import logging
import re
import socket
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]  # published without types
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from published_samples import Shop, noise, notices, page, running_uvicorn
from starlette.types import Message, Scope

from content_server.media.store import Store
from content_server.site.tree import Page
from content_server.web.front import Front
from content_server.web.negotiation import OURS, preferred
from content_server.web.ranges import RangeOutOfReach, parse_range

BIG_BYTES = 3_000_000


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop.open(tmp_path)
    shop.publish("lists", page("/", "Trang đầu"), *notices())
    shop.publish("lesson:a", page("/vi/a", "Bài A"))
    return shop


@asynccontextmanager
async def visiting(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(front)
    async with httpx.AsyncClient(transport=transport, base_url="http://bai.test") as client:
        client.headers.clear()
        yield client


def visit(
    front: Front, path: str, method: str = "GET", body: bytes = b"", **headers: str
) -> httpx.Response:
    """Ask once; header names are written with _ for -."""

    async def ask() -> httpx.Response:
        async with visiting(front) as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, path, headers=named, content=body)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("identity;q=0, deflate", None),  # nothing is left: plain words beat none
        ("", None),
        (";;q=,=x", None),
    ],
)
def test_each_visitor_gets_what_it_can_read(shop: Shop, accepts: str, encoding: str | None) -> None:
    answer = visit(shop.front(), "/vi/a", accept_encoding=accepts)
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == page("/vi/a", "Bài A").body


def test_a_page_carries_its_headers_and_no_cookie(shop: Shop) -> None:
    headers = visit(shop.front(), "/vi/a", accept_encoding="br").headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"].startswith("public, max-age=60, s-maxage=300")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "'sha256-" in headers["content-security-policy"]
    assert "set-cookie" not in headers


def test_head_is_get_without_a_body(shop: Shop) -> None:
    front = shop.front()
    get, head = visit(front, "/vi/a"), visit(front, "/vi/a", "HEAD")
    assert head.headers == get.headers
    assert (head.status_code, head.content) == (200, b"")
    assert visit(front, "/khong-co", "HEAD").content == b""


def test_who_has_it_already_gets_no_body(shop: Shop) -> None:
    front = shop.front()
    first = visit(front, "/vi/a", accept_encoding="br")
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = visit(front, "/vi/a", accept_encoding="br", if_none_match=known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
        assert answer.headers["cache-control"] == first.headers["cache-control"]
        assert "content-length" not in answer.headers
    for other in ('"x"', visit(front, "/vi/a").headers["etag"], "nonsense, "):
        assert visit(front, "/vi/a", accept_encoding="br", if_none_match=other).status_code == 200


def test_a_notice_is_never_not_modified(shop: Shop) -> None:
    assert visit(shop.front(), "/khong-co", if_none_match="*").status_code == 404


@pytest.mark.parametrize("size", [1000, BIG_BYTES])
def test_a_player_gets_the_part_it_asks_for(shop: Shop, size: int) -> None:
    data = noise(size)
    path = shop.publish_medium(data)
    front = shop.front()
    whole = visit(front, path)
    assert whole.content == data
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "sandbox" in whole.headers["content-security-policy"]
    for asked, (first, end) in {
        "bytes=0-99": (0, 100),
        "bytes=500-": (500, size),
        "bytes=-100": (size - 100, size),
        f"bytes=900-{size * 2}": (900, size),
    }.items():
        answer = visit(front, path, range=asked)
        assert answer.status_code == 206
        assert answer.content == data[first:end]
        assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{size}"
        assert answer.headers["content-length"] == str(end - first)


def test_ranges_that_mean_nothing(shop: Shop) -> None:
    path = shop.publish_medium(noise(1000))
    front = shop.front()
    for past in ("bytes=1000-", "bytes=-0", "bytes=99999999999999999999-"):
        answer = visit(front, path, range=past)
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer.headers["content-range"] == "bytes */1000"
    for nonsense in ("bytes=5-2", "bytes=", "bytes=-", "chars=0-1", "bytes=0-1,5-6", "bytes=a-b"):
        assert visit(front, path, range=nonsense).status_code == 200
    assert visit(front, "/vi/a", range="bytes=0-9").status_code == 200  # a page is small and whole


def test_a_part_only_of_the_same_bytes(shop: Shop) -> None:
    path = shop.publish_medium(noise(1000))
    front = shop.front()
    etag = visit(front, path).headers["etag"]
    assert visit(front, path, range="bytes=0-9", if_range=etag).status_code == 206
    for other in ('"x"', f"W/{etag}", "Tue, 24 Nov 2026 09:25:21 GMT"):
        assert visit(front, path, range="bytes=0-9", if_range=other).status_code == 200


@given(header=st.text(st.characters(max_codepoint=255)).map(lambda t: t.encode("latin-1")))
def test_any_accept_encoding_ends_with_something_to_send(header: bytes) -> None:
    order = preferred(header)
    assert "identity" in order
    assert set(order) <= set(OURS)
    assert len(set(order)) == len(order)


@given(weights=st.dictionaries(st.sampled_from(OURS), st.sampled_from([0, 0.25, 0.5, 1])))
def test_higher_weights_come_first_and_zero_never(weights: dict[str, float]) -> None:
    header = ", ".join(f"{name};q={weight}" for name, weight in weights.items())
    order = preferred(header.encode())
    named = [weights[name] for name in order if weights.get(name)]
    assert named == sorted(named, reverse=True)
    assert all(weights.get(name, 1) > 0 for name in order if name != "identity")
    assert all(name in weights or name == "identity" for name in order)


numbers = st.integers(0, 300)
range_headers = st.one_of(
    st.builds("bytes={}-{}".format, numbers, numbers),
    st.builds("bytes={}-".format, numbers),
    st.builds("bytes=-{}".format, numbers),
    st.text("bytes=-,0123456789 ", max_size=30),
    st.text(max_size=30),
)


@given(header=range_headers, size=st.integers(0, 200))
def test_any_range_lies_inside_the_file(header: str, size: int) -> None:
    """What is sent is what slicing the file as the header says would give."""
    try:
        part = parse_range(header.encode(), size)
    except RangeOutOfReach:
        first, _, last = header.partition("=")[2].partition("-")
        assert not first.strip() or int(first) >= size
        assert first.strip() or size == 0 or int(last) == 0
        return
    if part is None:
        match = re.fullmatch(r"bytes=\s*(\d*)-(\d*)\s*", header, re.ASCII)
        assert match is None or not any(match.groups()) or int(match[2]) < int(match[1])
        return
    assert 0 <= part[0] < part[1] <= size


@pytest.mark.parametrize(
    "path",
    [
        "/khong-co",
        "/vi/a/",
        "/VI/A",
        "/vi/../vi/a",
        "/vi%2Fa",
        "/vi%2fa",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%5c..%5c",
        "/vi/a%00",
        "/%ff%fe",
        "/%",
        "/%zz",
        "//vi/a",
        "/vi/a.html",
        "/" + "a" * 20_000,
        "/" + "%E1%BA%BF" * 2000,
    ],
)
def test_odd_addresses_get_the_page_that_leads_home(shop: Shop, path: str) -> None:
    """Asked over a real socket: a client library would tidy these up first."""
    with running_uvicorn(shop.front()) as url:
        status, body = asked_raw(
            url, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
    assert status == 404
    assert "Không có trang này".encode() in body


def test_nonsense_on_the_wire_is_no_500(shop: Shop) -> None:
    with running_uvicorn(shop.front()) as url:
        for request in (
            "GET /vi/a HTTP/1.1\r\nHost: a\r\nRange: bytes=\x01\r\nConnection: close\r\n\r\n",
            "GET /vi/\x00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET /vi/\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "BREW /vi/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "\r\n\r\nhello\r\n\r\n",
        ):
            assert asked_raw(url, request)[0] < 500, request
        assert httpx.get(f"{url}/vi/a").status_code == 200


def asked_raw(url: str, request: str) -> tuple[int, bytes]:
    """Send exactly these bytes; return the status (0: the server just hung up) and the rest."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.sendall(request.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return int(answer.split(b" ", 2)[1]) if answer else 0, answer


def test_only_asking_is_allowed(shop: Shop) -> None:
    front = shop.front()
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = visit(front, "/vi/a", method, body=b"x" * 100_000)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_machinery_belongs_to_the_rooms(shop: Shop) -> None:
    front = shop.front()
    assert visit(front, "/api/v1/lessons").headers["x-room"] == "yes"
    assert visit(front, "/-/tim/vi", "POST").headers["x-room"] == "yes"
    assert visit(front, "/apixyz").status_code == 404


def test_a_server_with_nothing_published_says_so_in_words(tmp_path: Path) -> None:
    answer = visit(Shop.open(tmp_path).front(), "/vi")
    assert answer.status_code == 404
    assert "Không có trang này" in answer.text


def test_a_withdrawn_page_says_410(shop: Shop) -> None:
    front = shop.front()
    shop.publish("lesson:a", page("/vi/a", "không còn dùng", status=410))
    front.refresh()
    answer = visit(front, "/vi/a")
    assert answer.status_code == 410
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "không còn dùng" in answer.text


@pytest.mark.parametrize("size", [1000, BIG_BYTES])
def test_bytes_that_are_lost_are_said_kindly(shop: Shop, size: int) -> None:
    path = shop.publish_medium(noise(size))
    front = shop.front()
    digest = next(each for each in shop.store.digests() if path[3:23] == each[:20])
    (shop.store.folder or Path()).joinpath(digest[:2], digest).unlink()
    answer = visit(front, path)
    assert answer.status_code == 500
    assert "Máy chủ trục trặc" in answer.text
    assert visit(front, "/vi/a").status_code == 200


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
