"""Twins: the front and nginx over the exported tree cannot be told apart by a visitor.

Except for what each makes itself: Date, Server, Connection, Last-Modified (only nginx), and the
*value* of the ETag, which nginx makes of a file's time and size and the front of its digest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
import pytest

from content_server.site.tree.export import export_site
from content_server.site.tree.tree import BuiltPage, CachePolicy
from tests.support.published_tree import SmallTree, make_error_pages, make_noise, make_page
from tests.support.servers import run_nginx, run_uvicorn

OWN = {"date", "server", "connection", "last-modified", "keep-alive"}


@dataclass(frozen=True)
class Twins:
    """The same tree behind two addresses, with the path of one voice in it."""

    front: str
    nginx: str
    voice: str
    picture: str

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple["ComparedResponse", "ComparedResponse"]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return tuple(
            fetch_response(host + path, method, named) for host in (self.front, self.nginx)
        )  # type: ignore[return-value]  # two hosts


@dataclass(frozen=True)
class ComparedResponse:
    """What a visitor sees of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes  # as it came over the wire, still compressed
    etag: str


def fetch_response(url: str, method: str, headers: dict[str, str]) -> ComparedResponse:
    accepts = {"accept-encoding": "", **headers}  # httpx would ask for gzip by itself
    with httpx.stream(method, url, headers=accepts, trust_env=False) as answer:
        body = b"".join(answer.iter_raw())
    left = {name: value for name, value in answer.headers.items() if name not in OWN}
    etag = left.pop("etag", "")
    left["etag"] = "some" if etag else ""
    return ComparedResponse(answer.status_code, left, body, etag)


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    folder = tmp_path_factory.mktemp("twins")
    small_tree = SmallTree.open(folder)
    robots = BuiltPage(
        "/robots.txt", b"User-agent: *\nAllow: /\n" * 9, "text/plain", CachePolicy.PAGE
    )
    small_tree.publish(
        "lists", make_page("/", "Đầu"), make_page("/vi", "Tiếng Việt"), robots, *make_error_pages()
    )
    lesson = make_page("/vi/a", "Bài A", style="b{color:red}")
    small_tree.publish("lesson:a", replace(lesson, aliases=("/7", "/7-hmn")))
    small_tree.publish("lesson:b", make_page("/vi/b", "Bài B không còn", status=410))
    voice = small_tree.publish_file(make_noise(20_000), "audio/ogg; codecs=opus")
    picture = small_tree.publish_file(make_noise(100_000), "image/avif")
    with small_tree.database.read() as session:
        export_site(small_tree.tree, session, small_tree.store, folder / "site")
    with run_nginx(folder, folder / "site") as nginx, run_uvicorn(small_tree.front()) as front:
        yield Twins(front, nginx, voice, picture)


def assert_same(pair: tuple[ComparedResponse, ComparedResponse]) -> ComparedResponse:
    front, nginx = pair
    assert front.status == nginx.status
    assert front.headers == nginx.headers
    assert front.body == nginx.body
    assert "set-cookie" not in front.headers
    return front


@pytest.mark.parametrize("path", ["/", "/vi", "/vi/a", "/7?x7k2", "/7-hmn", "/robots.txt"])
@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("br", "br"),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=0", None),
        ("x", None),
        ("", None),
    ],
)
def test_pages(twins: Twins, path: str, accepts: str, encoding: str | None) -> None:
    answer = assert_same(twins.ask(path, accept_encoding=accepts))
    assert answer.status == 200
    assert answer.headers.get("content-encoding") == encoding


@pytest.mark.parametrize("accepts", ["br", "gzip", ""])
def test_pages_through_another_proxy(twins: Twins, accepts: str) -> None:
    assert_same(twins.ask("/vi/a", accept_encoding=accepts, via="1.1 cdn"))


@pytest.mark.parametrize("path", ["/", "/vi/a", "/khong-co", "/vi/b"])
def test_head(twins: Twins, path: str) -> None:
    assert assert_same(twins.ask(path, "HEAD", accept_encoding="br")).body == b""


@pytest.mark.parametrize("accepts", ["br", "gzip", ""])
def test_known_pages(twins: Twins, accepts: str) -> None:
    """Each is asked with the tag it gave itself."""
    first = twins.ask("/vi/a", accept_encoding=accepts)
    again = tuple(
        fetch_response(
            host + "/vi/a", "GET", {"accept-encoding": accepts, "if-none-match": before.etag}
        )
        for host, before in zip((twins.front, twins.nginx), first, strict=True)
    )
    assert_same((again[0], again[1]))
    assert again[0].status == 304
    assert again[0].body == b""


@pytest.mark.parametrize("accepts", ["br", "gzip", ""])
@pytest.mark.parametrize("path", ["/khong-co", "/vi/", "/vi/a/x", "/m/khong-co.opus", "/404"])
def test_pages_that_do_not_exist(twins: Twins, path: str, accepts: str) -> None:
    answer = assert_same(twins.ask(path, accept_encoding=accepts))
    assert answer.status == 404
    assert answer.headers["cache-control"] == "public, max-age=60"


@pytest.mark.parametrize("path", ["/vi/a.html", "/vi/a.html.br", "/index.html", "/404.html"])
@pytest.mark.parametrize("folder", ["", "/410"])
def test_files_are_no_addresses(twins: Twins, folder: str, path: str) -> None:
    assert assert_same(twins.ask(folder + path)).status == 404


@pytest.mark.parametrize("accepts", ["br", "gzip", ""])
def test_withdrawn_pages(twins: Twins, accepts: str) -> None:
    answer = assert_same(twins.ask("/vi/b", accept_encoding=accepts))
    assert answer.status == 410
    assert answer.headers["cache-control"] == "public, max-age=60"


def test_trouble(twins: Twins) -> None:
    assert assert_same(twins.ask("/500", accept_encoding="br")).status == 500


@pytest.mark.parametrize("which", ["voice", "picture"])
@pytest.mark.parametrize("asked", ["", "bytes=0-99", "bytes=500-", "bytes=-70", "bytes=0-999999"])
def test_media(twins: Twins, which: str, asked: str) -> None:
    headers = {"range": asked} if asked else {}
    answer = assert_same(twins.ask(getattr(twins, which), accept_encoding="br, gzip", **headers))
    assert answer.status == (206 if asked else 200)
    assert answer.headers["content-type"] in {"audio/ogg", "image/avif"}
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_media_past_their_end(twins: Twins) -> None:
    """Nginx adds a page of its own to a 416; what a player reads is the same."""
    front, nginx = twins.ask(twins.voice, range="bytes=20000-")
    assert front.status == nginx.status == 416
    assert front.headers["content-range"] == nginx.headers["content-range"] == "bytes */20000"


def test_several_ranges_are_answered_whole(twins: Twins) -> None:
    assert assert_same(twins.ask(twins.voice, range="bytes=0-1,5-6")).status == 200


def test_a_part_of_what_has_changed_is_the_whole(twins: Twins) -> None:
    assert assert_same(twins.ask(twins.voice, range="bytes=0-9", if_range='"x"')).status == 200


def test_rooms_beside_the_tree_keep_their_own_headers(twins: Twins) -> None:
    """A search must not become public for a minute because the pages around it are."""
    _front, nginx = twins.ask("/api/v1/lessons")
    assert nginx.status == 204
    assert not {"cache-control", "content-security-policy", "vary"} & nginx.headers.keys()


def test_asking_is_all_one_can_do(twins: Twins) -> None:
    front, nginx = twins.ask("/vi/a", "POST")
    assert front.status == nginx.status == 405
