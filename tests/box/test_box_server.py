"""The village box over HTTP: the same bytes as the server, a start page, and nothing to write."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from content_server import urls
from content_server.app import create_app
from content_server.box import network
from content_server.box.network import listen
from content_server.box.updates import UpdateNotice
from content_server.errors import InvalidSetting, PortTaken
from content_server.phrases import _
from content_server.web.permissions import iterate_routes
from content_server.web.published.front import Front
from tests.support.course import CoursePublisher, open_box, open_course_publisher
from tests.support.servers import free_port, run_uvicorn, wait_for_port

WRITING = ("POST", "PUT", "PATCH", "DELETE")
APP_PATHS = [
    "/-/vao",
    "/-/soan",
    "/-/tap-huan",
    "/-/dem",
    "/-/docs",
    "/-/openapi.json",
    "/api/lessons",
]


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CoursePublisher]:
    with open_course_publisher(tmp_path_factory.mktemp("school")) as publisher:
        yield publisher


@pytest.fixture(scope="module")
def box(publisher: CoursePublisher, tmp_path_factory: pytest.TempPathFactory) -> Front:
    folder = tmp_path_factory.mktemp("box")
    return open_box(folder / "box", publisher.write(folder), publisher.key.public)


@pytest.fixture(scope="module")
def address(box: Front) -> Iterator[str]:
    with run_uvicorn(box) as address:
        yield address


def test_no_route_of_the_box_writes_or_signs_in(box: Front, address: str) -> None:
    """The relay between slides and their phone (decision 10) takes messages, and keeps none."""
    inner_app = box._app  # noqa: SLF001  # to walk every route there is
    assert isinstance(inner_app, FastAPI)
    paths, relayed = set(), set()
    for route in iterate_routes(inner_app):
        assert isinstance(route, APIRoute)
        if route.methods == {"POST"}:
            relayed.add(route.path)
        else:
            assert (route.methods or set()) <= {"GET", "HEAD"}
            paths.add(route.path)
    assert relayed == {
        urls.REMOTE_PAIRINGS,
        f"{urls.REMOTE_PAIRINGS}/{{code}}/noi",
        f"{urls.REMOTE_PAIRINGS}/{{code}}/nghe",
    }
    paths.remove(f"{urls.REMOTE_PAIRINGS}/{{code}}")
    assert paths == {"/-/hop", "/-/hop/mang.json", "/-/tim/{folder}", "/-/goi/khoa-hoc.tar"}
    with httpx.Client(base_url=address) as client:
        for path in [*paths, *APP_PATHS, "/", "/vi", "/vi/tra-tien", "/nowhere"]:
            for method in WRITING:
                answer = client.request(method, path, content=b"{}")
                assert answer.status_code in {404, 405}, (method, path)
                assert "set-cookie" not in answer.headers
        for path in APP_PATHS:
            assert client.get(path).status_code == 404


def test_a_box_serves_the_very_bytes_of_the_server(
    publisher: CoursePublisher, address: str
) -> None:
    ignored = {"date"}
    with (
        run_uvicorn(create_app(publisher.services)) as server,
        httpx.Client(base_url=server) as one,
        httpx.Client(base_url=address) as other,
    ):
        for entry in publisher.course.build().manifest.entries():
            for encoding in ("identity", "gzip", "br"):
                asked = {"Accept-Encoding": encoding}
                a, b = (each.get(entry.path, headers=asked) for each in (one, other))
                assert (a.status_code, a.content) == (b.status_code, b.content)
                heads = [
                    {n: v for n, v in each.headers.items() if n not in ignored} for each in (a, b)
                ]
                assert heads[0] == heads[1]


def test_the_box_hands_its_pack_on(
    publisher: CoursePublisher, address: str, tmp_path: Path
) -> None:
    data = httpx.get(f"{address}/-/goi/khoa-hoc.tar").content
    assert data == publisher.write(tmp_path).read_bytes()
    ask = httpx.Client(base_url=address)
    with ask:
        part = ask.get("/-/goi/khoa-hoc.tar", headers={"Range": "bytes=500-1500"})
        assert (part.status_code, part.content) == (206, data[500:1501])
        known = {"If-None-Match": part.headers["ETag"]}
        assert ask.get("/-/goi/khoa-hoc.tar", headers=known).status_code == 304
        other = {"If-Match": '"another"'}
        assert ask.get("/-/goi/khoa-hoc.tar", headers=other).status_code == 412
        far = {"Range": f"bytes={len(data)}-"}
        assert ask.get("/-/goi/khoa-hoc.tar", headers=far).status_code == 416
        head = ask.head("/-/goi/khoa-hoc.tar")
        assert int(head.headers["Content-Length"]) == len(data)


def test_the_start_page_shows_every_way_in(address: str) -> None:
    answer = httpx.get(f"{address}/-/hop")
    assert 'href="http://192.168.4.1"' in answer.text
    assert 'href="http://10.0.0.7"' in answer.text
    assert answer.text.count("<path") >= 3 + 1  # three QRs and a drawn phone
    assert "hoc:bai,2026" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    said = httpx.get(f"{address}/-/hop/mang.json").json()
    assert said["addresses"] == ["http://192.168.4.1", "http://10.0.0.7"]
    assert (said["ssid"], said["password"]) == ("Nậm Loỏng; 1", "hoc:bai,2026")


@pytest.mark.parametrize("host", ["evil.example.com", "192.168.4.1.evil.com", "evil.local.com"])
def test_a_page_of_the_world_learns_no_password(address: str, host: str) -> None:
    for path in ("/-/hop", "/-/hop/mang.json"):
        answer = httpx.get(address + path, headers={"Host": host})
        assert answer.status_code == 200
        assert "hoc:bai" not in answer.text
        assert "Access-Control-Allow-Origin" not in answer.headers
    for mine in ("192.168.4.1", "localhost:80", "hop", "hop.local", "hop.lan", "[::1]:8000"):
        answer = httpx.get(f"{address}/-/hop/mang.json", headers={"Host": mine})
        assert answer.json()["password"]


def test_no_network_and_bad_news_are_said(publisher: CoursePublisher, tmp_path: Path) -> None:
    front = open_box(tmp_path / "box", publisher.write(tmp_path), publisher.key.public, [])
    inner_app = front._app  # noqa: SLF001  # to give it news
    assert isinstance(inner_app, FastAPI)
    inner_app.state.box.updates.last_notice = UpdateNotice(
        succeeded=False, phrase=_("Gói {name} hỏng.", name="<b>x")
    )
    with run_uvicorn(front) as address:
        page = httpx.get(f"{address}/-/hop").text
        assert "chưa vào mạng nào" in page
        assert "Gói &lt;b&gt;x hỏng." in page
        assert httpx.get(f"{address}/-/hop/mang.json").json()["addresses"] == []
        led = httpx.get(f"{address}/-/tim/hmn?q=x", follow_redirects=True)
        assert (led.url.path, led.status_code) == ("/hmn/tim", 200)
        led = httpx.get(f"{address}/-/tim/http:evil?q=x", follow_redirects=True)
        assert led.url.path == "/vi/tim"


def test_ports_are_taken_in_turn_and_a_taken_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, spare = free_port(), free_port()
    monkeypatch.setattr(network, "HTTP_PORT", busy)
    monkeypatch.setattr(network, "FALLBACK_PORT", spare)
    with listen("127.0.0.1", None) as first:
        assert first.getsockname()[1] == busy
        with listen("127.0.0.1", None) as second:
            assert second.getsockname()[1] == spare
            with pytest.raises(PortTaken, match=rf"{busy}, {spare}"):
                listen("127.0.0.1", None)
            with pytest.raises(PortTaken, match=rf"Cổng {spare} .*--port"):
                listen("127.0.0.1", spare)
    with pytest.raises(InvalidSetting, match=r"203\.0\.113\.9"):
        listen("203.0.113.9", None)


def test_this_machines_own_addresses_are_found() -> None:
    for address in network.network_addresses():
        with socket.socket() as probe:
            probe.bind((address.ip, 0))  # only an address of ours can be bound
        assert not address.ip.startswith("127.")
        assert address.url(80) == f"http://{address.ip}"
        assert len(address.url(8000)) <= 33
    assert network.network_addresses("127.0.0.1") == []


def test_the_command_serves_a_pack_until_it_is_stopped(
    publisher: CoursePublisher, tmp_path: Path
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "content_server", "box", "--data", str(tmp_path)]
    ended = subprocess.run([*command, "--port", str(port)], capture_output=True, check=False)  # noqa: S603  # ours
    assert ended.returncode == 1
    assert "Hộp chưa có bài nào" in " ".join(ended.stderr.decode().split())
    pack = publisher.write(tmp_path)
    given = ["--pack", str(pack), "--key", publisher.key.public, "--port", str(port)]
    box = subprocess.Popen([*command, *given, "--host", "127.0.0.1"])  # noqa: S603  # ours
    try:
        wait_for_port(port)
        assert httpx.get(f"http://127.0.0.1:{port}/vi/tra-tien").status_code == 200
        # The folder is held: a second box says so instead of writing into it.
        second = subprocess.run([*command, "--port", "0"], capture_output=True, check=False)  # noqa: S603  # ours
        assert "đang có máy chủ khác dùng" in " ".join(second.stderr.decode().split())
    finally:
        box.terminate()
        assert box.wait(20) in {0, -15}
