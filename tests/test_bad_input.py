"""Bad input, kind by kind: a clear sentence, nothing typed is lost, nothing half is written.

Photos, media and films: `test_photos.py`, `test_tus.py`; every route by rule: `test_fuzz.py`.
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
from making_samples import house_of
from people_samples import sign_in, signed_in
from published_samples import running_uvicorn
from starlette.types import ASGIApp

from content_server.accounts.roles import Role
from content_server.app import create_app
from content_server.services import Services

VI = "/-/soan/bai/bai-1/vi"
JSON = {"accept": "application/json"}
WHOLE = "Bấm Thanh toán."


@dataclass(frozen=True)
class Room:
    """An author and a reviewer at work."""

    house: Services
    app: ASGIApp
    author: TestClient
    reviewer: TestClient

    @property
    def left_behind(self) -> list[str]:
        work = self.house.settings.data_dir / "work"
        return [each.name for each in work.glob("[!0-9]*")]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    house = house_of(tmp_path_factory.mktemp("bad"), 1)
    app = create_app(house)
    people = (signed_in(house, role, app=app) for role in (Role.AUTHOR, Role.REVIEWER))
    yield Room(house, app, *people)
    house.database.close()


def typed(value: object, part: str = "mo", path: str = "show") -> dict[str, Any]:
    return {"seen": 0, "changes": [{"part": part, "path": path, "value": value}]}


def refused(answer: Any, *statuses: int) -> None:  # noqa: ANN401  # httpx's own
    """The answer says what is wrong, to a person or to a page's script, and is no 500."""
    assert answer.status_code in statuses, (answer.status_code, answer.text[:200])
    said = answer.json()["vi"] if "json" in answer.headers["content-type"] else answer.text
    assert len(said) > 20
    assert "Traceback" not in said


TEN_MEGABYTES = "a" * 10_000_000


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/luu", {"json": typed(TEN_MEGABYTES)}),
        ("/nhan-xet", {"data": {"step": "mo", "text": TEN_MEGABYTES}}),
        ("/gui", {"data": {"note": TEN_MEGABYTES}}),
        ("/buoc", {"data": {"do": "add", "kind": TEN_MEGABYTES}}),
        ("/man-hinh/mo", {"json": {"seen": 0, "where": "screen", "screen": {"a": TEN_MEGABYTES}}}),
        ("/thu", {"json": {"part": TEN_MEGABYTES}}),
        ("/cho-xem", {"data": {"whom": TEN_MEGABYTES}}),
    ],
)
def test_ten_megabytes_where_a_sentence_belongs(
    room: Room, path: str, more: dict[str, Any]
) -> None:
    refused(room.author.post(VI + path, headers=JSON, **more), 413)
    assert WHOLE in room.author.get(VI).text


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/luu", {"json": typed({"a": [1, {"b": None}]}, path="steps.0")}),
        ("/luu", {"json": {"seen": "hai", "changes": {}}}),
        ("/luu", {"json": [[[]]]}),
        ("/luu", {"content": b'{"seen": 1e999}'}),
        ("/luu", {"content": b"\xff\xfe"}),
        ("/buoc", {"data": {"do": "bay"}}),
        ("/buoc", {"data": {"do": "up", "step": "khong-co"}}),
        ("/man-hinh/mo", {"json": {"seen": -1, "where": "screen", "screen": 7}}),
        ("/canh/mo", {"data": {"scene": "khong-co", "where": "screen"}}),
        ("/thu", {"json": {"part": "mo", "digest": "x", "stamp": 9, "agreed": "co"}}),
        ("/khac", {"data": {"conflict": "99", "take": "there"}}),
        ("/nhan-xet", {"data": {"step": "mo", "kind": "la"}}),
        ("/nhan-xet", {"data": {"step": "mo", "text": "\u200b\u202e"}}),
    ],
)
def test_wrong_types_and_things_that_are_not_there(
    room: Room, path: str, more: dict[str, Any]
) -> None:
    refused(room.author.post(VI + path, headers=JSON, **more), 400, 404, 422)
    assert WHOLE in room.author.get(VI).text


def test_letters_nobody_sees_are_left_out_everywhere(room: Room) -> None:
    odd = "Xem\u202e giúp\u2066 \u0007\u200btôi"
    for path, data in (
        ("/nhan-xet", {"step": "mo", "text": odd}),
        ("/gui", {"note": odd}),
        ("/cho-xem", {"whom": odd}),
    ):
        assert room.author.post(VI + path, data=data).status_code in {200, 303}
    for page in ("/duyet", "/cho-xem", "/lich-su"):
        text = room.author.get(VI + page).text
        assert "Xem giúp" in text
        assert not set(text) & set("\u202e\u2066\u0007\u200b"), page
    assert room.reviewer.post(f"{VI}/tra-lai", data={"note": odd}).status_code == 303


@pytest.mark.parametrize("number", ["0", "-1", "77", "9" * 30, "hai", ""])
def test_a_revision_that_is_not_there(room: Room, number: str) -> None:
    refused(room.reviewer.post(f"{VI}/quay-lai", data={"number": number}, headers=JSON), 404, 422)
    assert room.reviewer.get(f"{VI}/lich-su?cu={number}&moi={number}").status_code in {200, 422}


def test_what_was_seen_is_older_than_what_is_there(room: Room) -> None:
    """A stale page changes nothing by itself: what is there stays, the newcomer's words wait."""
    path = f"{VI}/luu"
    now = room.author.post(path, json=typed("Câu mới.", "nham", "if_wrong"), headers=JSON).json()
    late = typed("Câu của trang cũ.", "nham", "if_wrong") | {"page": "cu"}
    answer = room.author.post(path, json=late, headers=JSON).json()
    assert answer["conflicts"] == 1
    assert "Câu mới." in room.author.get(VI).text
    assert "Câu của trang cũ." in room.author.get(f"{VI}/khac").text
    assert answer["number"] == now["number"]


@pytest.mark.parametrize("path", ["/luu", "/buoc", "/gui", "/man-hinh/mo", "/thu", "/nhan-xet"])
def test_a_lesson_that_has_vanished(room: Room, path: str) -> None:
    body: dict[str, Any] = {"json": typed("Gõ lúc bài vừa mất.")}
    if path == "/man-hinh/mo":
        body = {"json": {"seen": 0, "where": "screen", "screen": {"app": "bank", "widgets": []}}}
    if path == "/thu":
        body = {"json": {"part": "mo", "digest": "0" * 64, "stamp": "000000", "agreed": True}}
    if path in {"/buoc", "/gui", "/nhan-xet"}:
        body = {"data": {"do": "add", "note": "x", "text": "x", "step": "mo"}}
    gone = VI.replace("bai-1", "bai-da-mat")
    refused(room.author.post(gone + path, headers=JSON, **body), 404, 422)


def test_a_session_ended_while_typing_loses_no_word(room: Room) -> None:
    author = sign_in(signed_in(room.house, Role.AUTHOR, app=room.app), "author")
    said = typed("Gõ lúc phiên vừa hết.", "hoi", "ask")
    author.post("/-/ra")
    refused(author.post(f"{VI}/luu", json=said, headers=JSON), 401)
    sign_in(author, "author")
    assert author.post(f"{VI}/luu", json=said, headers=JSON).status_code == 200
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
def test_a_hostile_zip_is_refused_before_it_is_opened(room: Room, kind: str) -> None:
    good = room.author.get(f"{VI}/goi.zip").content
    began_s = time.monotonic()
    answer = room.author.put("/-/soan/goi", content=ZIPS[kind](good), headers=JSON)
    assert answer.status_code == 200
    said = answer.json()
    assert said["problems"] or kind == "begun twice"  # a zip is read from its end
    assert all(len(each) > 15 for each in said["problems"])
    assert time.monotonic() - began_s < 10
    assert not room.left_behind


def test_a_line_cut_amid_a_zip_leaves_nothing(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    session = room.author.cookies["__Host-session"]
    with caplog.at_level(logging.ERROR), running_uvicorn(room.app) as address:
        host, port = urlsplit(address).hostname, urlsplit(address).port
        head = (
            f"PUT /-/soan/goi HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: session={session}\r\n"
            "Sec-Fetch-Site: same-origin\r\nContent-Length: 1000000\r\n\r\n"
        )
        with socket.create_connection((str(host), int(port or 0))) as phone:
            phone.sendall(head.encode() + b"PK\x03\x04" + b"0" * 300_000)
            time.sleep(0.3)
        time.sleep(0.5)
    assert not room.left_behind
    assert not caplog.records, caplog.text
