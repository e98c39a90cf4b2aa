"""Bad input, kind by kind: a clear sentence, nothing typed is lost, nothing half is written.

Photos, media and films: `test_photos.py`, `test_tus_protocol.py`; routes by rule: `test_fuzz.py`.
"""

import logging
import socket
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from content_server.accounts.roles import Role
from content_server.app import create_app
from content_server.services import Services
from tests.support.accounts import client_with_role, sign_in
from tests.support.editor_services import open_lesson_services
from tests.support.servers import run_uvicorn

VI = "/-/soan/bai/bai-1/vi"
JSON = {"accept": "application/json"}
WHOLE = "Bấm Thanh toán."


@dataclass(frozen=True)
class Editors:
    """An author and a reviewer at work."""

    services: Services
    app: ASGIApp
    author: TestClient
    reviewer: TestClient

    @property
    def leftover_files(self) -> list[str]:
        work = self.services.settings.data_dir / "work"
        return [each.name for each in work.glob("[!0-9]*")]


@pytest.fixture(scope="module")
def editors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editors]:
    services = open_lesson_services(tmp_path_factory.mktemp("bad"), 1)
    app = create_app(services)
    people = (client_with_role(services, role, app=app) for role in (Role.AUTHOR, Role.REVIEWER))
    yield Editors(services, app, *people)
    services.database.close()


def make_change(value: object, part: str = "mo", path: str = "show") -> dict[str, Any]:
    return {"seen": 0, "changes": [{"part": part, "path": path, "value": value}]}


def assert_refused(answer: Any, *statuses: int) -> None:  # noqa: ANN401  # httpx's own
    """The answer says what is wrong, to a person or to a page's script, and is no 500."""
    assert answer.status_code in statuses, (answer.status_code, answer.text[:200])
    said = answer.json()["vi"] if "json" in answer.headers["content-type"] else answer.text
    assert len(said) > 20
    assert "Traceback" not in said


TEN_MEGABYTES = "a" * 10_000_000


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/save", {"json": make_change(TEN_MEGABYTES)}),
        ("/comments", {"data": {"step": "mo", "text": TEN_MEGABYTES}}),
        ("/submit", {"data": {"note": TEN_MEGABYTES}}),
        ("/steps", {"data": {"do": "add", "kind": TEN_MEGABYTES}}),
        ("/screens/mo", {"json": {"seen": 0, "where": "screen", "screen": {"a": TEN_MEGABYTES}}}),
        ("/takes", {"json": {"part": TEN_MEGABYTES}}),
        ("/share-links", {"data": {"recipient": TEN_MEGABYTES}}),
    ],
)
def test_ten_megabytes_where_a_sentence_belongs(
    editors: Editors, path: str, more: dict[str, Any]
) -> None:
    assert_refused(editors.author.post(VI + path, headers=JSON, **more), 413)
    assert WHOLE in editors.author.get(VI).text


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/save", {"json": make_change({"a": [1, {"b": None}]}, path="steps.0")}),
        ("/save", {"json": {"seen": "hai", "changes": {}}}),
        ("/save", {"json": [[[]]]}),
        ("/save", {"content": b'{"seen": 1e999}'}),
        ("/save", {"content": b"\xff\xfe"}),
        ("/steps", {"data": {"do": "bay"}}),
        ("/steps", {"data": {"do": "up", "step": "khong-co"}}),
        ("/screens/mo", {"json": {"seen": -1, "where": "screen", "screen": 7}}),
        ("/scenes/mo", {"data": {"scene": "khong-co", "where": "screen"}}),
        ("/takes", {"json": {"part": "mo", "digest": "x", "stamp": 9, "agreed": "co"}}),
        ("/conflicts", {"data": {"conflict": "99", "take": "there"}}),
        ("/comments", {"data": {"step": "mo", "kind": "la"}}),
        ("/comments", {"data": {"step": "mo", "text": "\u200b\u202e"}}),
    ],
)
def test_wrong_types_and_things_that_are_not_there(
    editors: Editors, path: str, more: dict[str, Any]
) -> None:
    assert_refused(editors.author.post(VI + path, headers=JSON, **more), 400, 404, 422)
    assert WHOLE in editors.author.get(VI).text


def test_letters_nobody_sees_are_left_out_everywhere(editors: Editors) -> None:
    odd = "Xem\u202e giúp\u2066 \u0007\u200btôi"
    for path, data in (
        ("/comments", {"step": "mo", "text": odd}),
        ("/submit", {"note": odd}),
        ("/share-links", {"recipient": odd}),
    ):
        assert editors.author.post(VI + path, data=data).status_code in {200, 303}
    for page in ("/duyet", "/cho-xem", "/lich-su"):
        text = editors.author.get(VI + page).text
        assert "Xem giúp" in text
        assert not set(text) & set("\u202e\u2066\u0007\u200b"), page
    assert editors.reviewer.post(f"{VI}/return", data={"note": odd}).status_code == 303


@pytest.mark.parametrize("number", ["0", "-1", "77", "9" * 30, "hai", ""])
def test_a_revision_that_is_not_there(editors: Editors, number: str) -> None:
    assert_refused(
        editors.reviewer.post(f"{VI}/roll-back", data={"number": number}, headers=JSON), 404, 422
    )
    assert editors.reviewer.get(f"{VI}/lich-su?cu={number}&moi={number}").status_code in {200, 422}


def test_what_was_seen_is_older_than_what_is_there(editors: Editors) -> None:
    """A stale page changes nothing by itself: what is there stays, the newcomer's words wait."""
    path = f"{VI}/save"
    now = editors.author.post(
        path, json=make_change("Câu mới.", "nham", "if_wrong"), headers=JSON
    ).json()
    late = make_change("Câu của trang cũ.", "nham", "if_wrong") | {"page": "cu"}
    answer = editors.author.post(path, json=late, headers=JSON).json()
    assert answer["conflicts"] == 1
    assert "Câu mới." in editors.author.get(VI).text
    assert "Câu của trang cũ." in editors.author.get(f"{VI}/khac").text
    assert answer["number"] == now["number"]


@pytest.mark.parametrize(
    "path", ["/save", "/steps", "/submit", "/screens/mo", "/takes", "/comments"]
)
def test_a_lesson_that_has_vanished(editors: Editors, path: str) -> None:
    body: dict[str, Any] = {"json": make_change("Gõ lúc bài vừa mất.")}
    if path == "/screens/mo":
        body = {"json": {"seen": 0, "where": "screen", "screen": {"app": "bank", "widgets": []}}}
    if path == "/takes":
        body = {"json": {"part": "mo", "digest": "0" * 64, "stamp": "000000", "agreed": True}}
    if path in {"/steps", "/submit", "/comments"}:
        body = {"data": {"do": "add", "note": "x", "text": "x", "step": "mo"}}
    gone = VI.replace("bai-1", "bai-da-mat")
    assert_refused(editors.author.post(gone + path, headers=JSON, **body), 404, 422)


def test_a_session_ended_while_typing_loses_no_word(editors: Editors) -> None:
    author = sign_in(client_with_role(editors.services, Role.AUTHOR, app=editors.app), "author")
    said = make_change("Gõ lúc phiên vừa hết.", "hoi", "ask")
    author.post("/-/sign-out")
    assert_refused(author.post(f"{VI}/save", json=said, headers=JSON), 401)
    sign_in(author, "author")
    assert author.post(f"{VI}/save", json=said, headers=JSON).status_code == 200
    assert "Gõ lúc phiên vừa hết." in author.get(VI).text


def zipped(*entries: tuple[ZipInfo | str, bytes]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data, compress_type=ZIP_DEFLATED)
    return out.getvalue()


def link() -> ZipInfo:
    info = ZipInfo("media/" + "0" * 64)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


ZIPS: dict[str, Callable[[bytes], bytes]] = {
    "climbs out": lambda _good: zipped(("../../etc/cron.d/x", b"x")),
    "from the root": lambda _good: zipped(("/etc/passwd", b"x")),
    "by backslash": lambda _good: zipped(("media\\..\\..\\x", b"x")),
    "a link": lambda _good: zipped((link(), b"/etc/passwd")),
    "a bomb": lambda _good: zipped(("manifest.json", b"[" * 90_000_000)),
    "a bomb of many": lambda _good: zipped(*((f"media/{n:064x}", b"") for n in range(20_000))),
    "a name without end": lambda _good: zipped(("a" * 60_000, b"x")),
    "cut in the middle": lambda good: good[: len(good) // 2],
    "cut at its end": lambda good: good[:-10],
    "begun twice": lambda good: good[:500] + good,
    "a picture": lambda _good: b"\x89PNG\r\n\x1a\n" + b"0" * 5_000,
}


@pytest.mark.parametrize("kind", ZIPS)
def test_a_hostile_zip_is_refused_before_it_is_opened(editors: Editors, kind: str) -> None:
    good = editors.author.get(f"{VI}/lesson.zip").content
    began_s = time.monotonic()
    answer = editors.author.put("/-/soan/lessons/import", content=ZIPS[kind](good), headers=JSON)
    assert answer.status_code == 200
    said = answer.json()
    assert said["problems"] or kind == "begun twice"  # a zip is read from its end
    assert all(len(each) > 15 for each in said["problems"])
    assert time.monotonic() - began_s < 10
    assert not editors.leftover_files


def test_a_line_cut_amid_a_zip_leaves_nothing(
    editors: Editors, caplog: pytest.LogCaptureFixture
) -> None:
    session = editors.author.cookies["__Host-session"]
    with caplog.at_level(logging.ERROR), run_uvicorn(editors.app) as address:
        host, port = urlsplit(address).hostname, urlsplit(address).port
        head = (
            f"PUT /-/soan/lessons/import HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"Cookie: session={session}\r\nSec-Fetch-Site: same-origin\r\n"
            "Content-Length: 1000000\r\n\r\n"
        )
        with socket.create_connection((str(host), int(port or 0))) as phone:
            phone.sendall(head.encode() + b"PK\x03\x04" + b"0" * 300_000)
            time.sleep(0.3)
        time.sleep(0.5)
    assert not editors.leftover_files
    assert not caplog.records, caplog.text
