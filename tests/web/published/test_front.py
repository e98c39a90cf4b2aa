"""The front: published bytes, exactly and cheaply; anything else is a kind page, never a 500."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.published_tree import SmallTree, make_noise, make_page
from tests.support.servers import run_uvicorn
from tests.web.published.front_client import request_front

BIG_BYTES = 3_000_000


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
def test_each_visitor_gets_what_it_can_read(
    small_tree: SmallTree, accepts: str, encoding: str | None
) -> None:
    answer = request_front(small_tree.front(), "/vi/a", accept_encoding=accepts)
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == make_page("/vi/a", "Bài A").body


def test_a_page_carries_its_headers_and_no_cookie(small_tree: SmallTree) -> None:
    headers = request_front(small_tree.front(), "/vi/a", accept_encoding="br").headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"].startswith("public, max-age=60, s-maxage=300")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "'sha256-" in headers["content-security-policy"]
    assert "set-cookie" not in headers


def test_head_is_get_without_a_body(small_tree: SmallTree) -> None:
    front = small_tree.front()
    get, head = request_front(front, "/vi/a"), request_front(front, "/vi/a", "HEAD")
    assert head.headers == get.headers
    assert (head.status_code, head.content) == (200, b"")
    assert request_front(front, "/khong-co", "HEAD").content == b""


def test_who_has_it_already_gets_no_body(small_tree: SmallTree) -> None:
    front = small_tree.front()
    first = request_front(front, "/vi/a", accept_encoding="br")
    etag = first.headers["etag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}', "*"):
        answer = request_front(front, "/vi/a", accept_encoding="br", if_none_match=known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == etag
        assert answer.headers["cache-control"] == first.headers["cache-control"]
        assert "content-length" not in answer.headers
    for other in ('"x"', request_front(front, "/vi/a").headers["etag"], "nonsense, "):
        assert (
            request_front(front, "/vi/a", accept_encoding="br", if_none_match=other).status_code
            == 200
        )


def test_a_notice_is_never_not_modified(small_tree: SmallTree) -> None:
    assert request_front(small_tree.front(), "/khong-co", if_none_match="*").status_code == 404


@pytest.mark.parametrize("size", [1000, BIG_BYTES])
def test_a_player_gets_the_part_it_asks_for(small_tree: SmallTree, size: int) -> None:
    data = make_noise(size)
    path = small_tree.publish_file(data)
    front = small_tree.front()
    whole = request_front(front, path)
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
        answer = request_front(front, path, range=asked)
        assert answer.status_code == 206
        assert answer.content == data[first:end]
        assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{size}"
        assert answer.headers["content-length"] == str(end - first)


def test_ranges_that_mean_nothing(small_tree: SmallTree) -> None:
    path = small_tree.publish_file(make_noise(1000))
    front = small_tree.front()
    for past in ("bytes=1000-", "bytes=-0", "bytes=99999999999999999999-"):
        answer = request_front(front, path, range=past)
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer.headers["content-range"] == "bytes */1000"
    for nonsense in ("bytes=5-2", "bytes=", "bytes=-", "chars=0-1", "bytes=0-1,5-6", "bytes=a-b"):
        assert request_front(front, path, range=nonsense).status_code == 200
    assert (
        request_front(front, "/vi/a", range="bytes=0-9").status_code == 200
    )  # a page is small and whole


def test_a_part_only_of_the_same_bytes(small_tree: SmallTree) -> None:
    path = small_tree.publish_file(make_noise(1000))
    front = small_tree.front()
    etag = request_front(front, path).headers["etag"]
    assert request_front(front, path, range="bytes=0-9", if_range=etag).status_code == 206
    for other in ('"x"', f"W/{etag}", "Tue, 24 Nov 2026 09:25:21 GMT"):
        assert request_front(front, path, range="bytes=0-9", if_range=other).status_code == 200


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
def test_odd_addresses_get_the_page_that_leads_home(small_tree: SmallTree, path: str) -> None:
    """Asked over a real socket: a client library would tidy these up first."""
    with run_uvicorn(small_tree.front()) as url:
        status, body = asked_raw(
            url, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
    assert status == 404
    assert "Không có trang này".encode() in body


def test_nonsense_on_the_wire_is_no_500(small_tree: SmallTree) -> None:
    with run_uvicorn(small_tree.front()) as url:
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


def test_only_asking_is_allowed(small_tree: SmallTree) -> None:
    front = small_tree.front()
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        answer = request_front(front, "/vi/a", method, body=b"x" * 100_000)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_machinery_belongs_to_the_rooms(small_tree: SmallTree) -> None:
    front = small_tree.front()
    assert request_front(front, "/api/v1/lessons").headers["x-room"] == "yes"
    assert request_front(front, "/-/tim/vi", "POST").headers["x-room"] == "yes"
    assert request_front(front, "/apixyz").status_code == 404


def test_a_server_with_nothing_published_says_so_in_words(tmp_path: Path) -> None:
    answer = request_front(SmallTree.open(tmp_path).front(), "/vi")
    assert answer.status_code == 404
    assert "Không có trang này" in answer.text


def test_a_withdrawn_page_says_410(small_tree: SmallTree) -> None:
    front = small_tree.front()
    small_tree.publish("lesson:a", make_page("/vi/a", "không còn dùng", status=410))
    front.refresh()
    answer = request_front(front, "/vi/a")
    assert answer.status_code == 410
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "không còn dùng" in answer.text


@pytest.mark.parametrize("size", [1000, BIG_BYTES])
def test_bytes_that_are_lost_are_said_kindly(small_tree: SmallTree, size: int) -> None:
    path = small_tree.publish_file(make_noise(size))
    front = small_tree.front()
    digest = next(each for each in small_tree.store.digests() if path[3:23] == each[:20])
    (small_tree.store.folder or Path()).joinpath(digest[:2], digest).unlink()
    answer = request_front(front, path)
    assert answer.status_code == 500
    assert "Máy chủ trục trặc" in answer.text
    assert request_front(front, "/vi/a").status_code == 200
