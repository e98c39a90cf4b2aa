"""Doors: every route says whom it serves, and is walked by every role and by nobody."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from people_samples import SAME_SITE, add, signed_in, visitor
from starlette.types import ASGIApp

from content_server.accounts.roles import ACTS, Act, Grant, Role
from content_server.app import create_app, open_rooms
from content_server.services import Services
from content_server.web.middleware import CLOSED_ON_PLAIN_HTTP, OPEN_ON_PLAIN_HTTP, refusal
from content_server.web.permissions import WhoeverMay, check_doors, door_of, every_route
from content_server.web.transport_security import Line, line_of

ANYBODY = "anybody"
LESSON = "/-/soan/bai/{slug}/{folder}"
DOORS = {  # every route of the rooms: who may come in. A new route has to be written down here.
    "GET /-/openapi.json": ANYBODY,
    "HEAD /-/openapi.json": ANYBODY,
    "GET /-/docs": ANYBODY,
    "GET /-/tim/{folder}": ANYBODY,
    "GET /-/tinh/{stamp}/{name:path}": ANYBODY,
    "GET /-/vao": ANYBODY,
    "POST /-/vao": ANYBODY,
    "GET /-/vao/ma": ANYBODY,
    "POST /-/vao/ma": ANYBODY,
    "GET /-/vao/moi/{token}": ANYBODY,
    "POST /-/vao/moi/{token}": ANYBODY,
    "POST /-/ra": ANYBODY,
    "POST /-/tieng": ANYBODY,
    "GET /-/soan": Act.SEE_WORK,
    "GET /-/toi": Act.KEEP_OWN,
    "POST /-/toi/ten": Act.KEEP_OWN,
    "POST /-/toi/may": Act.KEEP_OWN,
    "POST /-/toi/moi-may": Act.KEEP_OWN,
    "POST /-/toi/mat-khau": Act.KEEP_OWN,
    "GET /-/toi/ma-hai": Act.KEEP_OWN,
    "POST /-/toi/ma-hai": Act.KEEP_OWN,
    "POST /-/toi/bo-ma-hai": Act.KEEP_OWN,
    "GET /-/toi/du-lieu.json": Act.KEEP_OWN,
    "POST /-/toi/xoa": Act.KEEP_OWN,
    "GET /-/soan/nguoi": Act.KEEP_PEOPLE,
    "GET /-/soan/nguoi/moi": Act.KEEP_PEOPLE,
    "POST /-/soan/nguoi/moi": Act.KEEP_PEOPLE,
    "POST /-/soan/nguoi/moi/huy": Act.KEEP_PEOPLE,
    "GET /-/soan/nguoi/{person_id}": Act.KEEP_PEOPLE,
    "POST /-/soan/nguoi/{person_id}/viec": Act.KEEP_PEOPLE,
    "POST /-/soan/nguoi/{person_id}/bo-viec": Act.KEEP_PEOPLE,
    "POST /-/soan/nguoi/{person_id}/khoa": Act.KEEP_PEOPLE,
    "POST /-/soan/nguoi/{person_id}/mo": Act.KEEP_PEOPLE,
    "POST /-/soan/nguoi/{person_id}/may": Act.KEEP_PEOPLE,
    "POST /-/soan/nguoi/{person_id}/moi-lai": Act.KEEP_PEOPLE,
    "GET /-/soan/danh-sach": Act.KEEP_REGISTERS,
    "GET /-/soan/danh-sach/{name}": Act.KEEP_REGISTERS,
    "GET /-/soan/danh-sach/{name}/{key:path}": Act.KEEP_REGISTERS,
    "POST /-/soan/danh-sach/{name}": Act.KEEP_REGISTERS,
    "POST /-/soan/danh-sach/{name}/bo": Act.KEEP_REGISTERS,
    "GET /-/soan/nhat-ky": Act.SEE_LOG,
    "GET /-/goi/{folder}/{slug}": ANYBODY,
    "GET /-/goi/{kind}/{folder}/{slug}": ANYBODY,
    "HEAD /-/goi/{kind}/{folder}/{slug}": ANYBODY,
    "GET /-/goi": ANYBODY,
    "GET /-/goi/usb.zip": ANYBODY,
    "HEAD /-/goi/usb.zip": ANYBODY,
    "GET /-/goi/khoa-hoc.tar": ANYBODY,
    "HEAD /-/goi/khoa-hoc.tar": ANYBODY,
    "POST /-/dieu-khien": ANYBODY,
    "GET /-/dieu-khien/{code}": ANYBODY,
    "POST /-/dieu-khien/{code}/noi": ANYBODY,
    "POST /-/dieu-khien/{code}/nghe": ANYBODY,
    "GET /-/soan/moi": Act.WRITE,
    "POST /-/soan/moi": Act.WRITE,
    "POST /-/soan/ve": Act.SEE_WORK,
    "GET /-/soan/tep/{name}": Act.SEE_WORK,
    "GET /-/soan/goi": Act.MOVE_LESSONS,
    "PUT /-/soan/goi": Act.MOVE_LESSONS,
    "GET /-/soan/dong-y": Act.REVIEW,
    "POST /-/soan/dong-y": Act.REVIEW,
    "POST /-/soan/dong-y/{consent}/go-xuong": Act.REVIEW,
    f"GET {LESSON}/thu": Act.RECORD,
    f"POST {LESSON}/thu": Act.RECORD,
    f"GET {LESSON}/phim": Act.WRITE,
    f"GET {LESSON}/anh": Act.WRITE,
    "PUT /-/soan/bai/{slug}/vi/anh/{digest}": Act.WRITE,
    "GET /-/soan/bai/{slug}/vi/anh/{photo}/goc": Act.WRITE,
    "POST /-/soan/bai/{slug}/vi/anh/{photo}": Act.WRITE,
    "DELETE /-/soan/bai/{slug}/vi/anh/{photo}": Act.WRITE,
    "PUT /-/soan/media/{digest}": Act.COMMENT,
    "GET /-/soan/media/{digest}": Act.COMMENT,
    "GET /-/soan/tai-len": Act.WRITE,
    "POST /-/soan/tai-len": Act.WRITE,
    "OPTIONS /-/soan/tai-len": Act.WRITE,
    "GET /-/soan/tai-len/trang-thai": Act.WRITE,
    "GET /-/soan/tai-len/su-kien": Act.WRITE,
    "HEAD /-/soan/tai-len/{upload_id}": Act.WRITE,
    "PATCH /-/soan/tai-len/{upload_id}": Act.WRITE,
    "DELETE /-/soan/tai-len/{upload_id}": Act.WRITE,
    "POST /-/soan/tai-len/{upload_id}": Act.WRITE,
    "OPTIONS /-/soan/tai-len/{upload_id}": Act.WRITE,
    f"GET {LESSON}": Act.SEE_WORK,
    f"GET {LESSON}/goi.zip": Act.MOVE_LESSONS,
    f"POST {LESSON}/luu": Act.SEE_WORK,
    f"POST {LESSON}/buoc": Act.WRITE,
    f"GET {LESSON}/man-hinh/{{step}}": Act.WRITE,
    f"POST {LESSON}/man-hinh/{{step}}": Act.WRITE,
    f"POST {LESSON}/canh/{{step}}": Act.WRITE,
    f"GET {LESSON}/co-san": Act.WRITE,
    f"GET {LESSON}/xem": Act.SEE_WORK,
    f"GET {LESSON}/gia": Act.SEE_WORK,
    f"POST {LESSON}/nhe-bot": Act.WRITE,
    "GET /-/soan/cham/{kbps}/{name}": Act.SEE_WORK,
    f"GET {LESSON}/duyet": Act.SEE_WORK,
    f"POST {LESSON}/gui": Act.SUBMIT,
    f"POST {LESSON}/tra-lai": Act.REVIEW,
    f"POST {LESSON}/dong-y": Act.REVIEW,
    f"POST {LESSON}/dua-len": Act.PUBLISH,
    f"POST {LESSON}/cat-di": Act.PUBLISH,
    f"POST {LESSON}/nhan-xet": Act.SEE_WORK,
    f"GET {LESSON}/bang": Act.SEE_WORK,
    f"GET {LESSON}/bang.{{kind}}": Act.SEE_WORK,
    f"POST {LESSON}/bang": Act.SEE_WORK,
    f"GET {LESSON}/cho-xem": Act.SEE_WORK,
    f"POST {LESSON}/cho-xem": Act.COMMENT,
    f"POST {LESSON}/cho-xem/bo": Act.COMMENT,
    "GET /-/xem/{token}": ANYBODY,
    "GET /-/xem/{token}/{name}": ANYBODY,
    "GET /-/soan/den-han": Act.SEE_WORK,
    "POST /-/soan/bai/{slug}/hen-xem": Act.COMMENT,
    f"POST {LESSON}/giu": Act.SEE_WORK,
    f"GET {LESSON}/noi": Act.COMMENT,
    f"POST {LESSON}/noi": Act.COMMENT,
    f"GET {LESSON}/noi-lai": Act.TELL_BACK,
    f"POST {LESSON}/noi-lai": Act.TELL_BACK,
    f"GET {LESSON}/lich-su": Act.SEE_WORK,
    f"POST {LESSON}/quay-lai": Act.PUBLISH,
    f"GET {LESSON}/dang-len/{{job}}": Act.SEE_WORK,
    f"GET {LESSON}/khac": Act.SEE_WORK,
    f"POST {LESSON}/khac": Act.SEE_WORK,
    "GET /-/tap-huan": Act.MAKE_LINKS,
    "GET /-/tap-huan/ban": Act.MAKE_LINKS,
    "POST /-/tap-huan/ban": Act.MAKE_LINKS,
    "GET /-/tap-huan/ban/{code}": Act.MAKE_LINKS,
    "GET /-/tap-huan/ban/{code}/to": Act.MAKE_LINKS,
    "POST /-/tap-huan/ban/{code}/dong": Act.MAKE_LINKS,
    "GET /-/tap-huan/bang": Act.SEE_COUNTS,
    "GET /-/tap-huan/bang.csv": Act.SEE_COUNTS,
}
ROLES = [(role, "hmn" if role in {Role.SPEAKER, Role.TRANSLATOR} else None) for role in Role]
ASK_AGAIN = {"POST /-/toi/mat-khau", "POST /-/toi/bo-ma-hai"}  # refused without the passphrase
HTML = {"accept": "text/html"}
LEAVES = {"POST /-/ra", "POST /-/toi/xoa", "POST /-/toi/moi-may"}  # would end the walk


@pytest.fixture
def app(house: Services) -> ASGIApp:
    house.pipeline.ingest(publish=False)
    return create_app(house)


def routes(house: Services) -> Iterator[tuple[str, str, str]]:
    """Yield (name, method, an address) of every route but those of the API."""
    for route in every_route(open_rooms(house)):
        path = str(getattr(route, "path", ""))
        for method in sorted(getattr(route, "methods", None) or ()):
            if not path.startswith("/api/"):
                yield f"{method} {path}", method, re.sub(r"\{[^}]+\}", "1", path)


def test_every_route_is_in_the_table(house: Services) -> None:
    assert {name for name, _method, _address in routes(house)} == set(DOORS)
    for route in every_route(open_rooms(house)):
        if isinstance(route, APIRoute) and not route.path.startswith("/api/"):
            door = door_of(route)
            wanted = DOORS[f"{min(route.methods or {'GET'})} {route.path}"]
            assert (door.act if isinstance(door, WhoeverMay) else ANYBODY) == wanted


def test_a_route_without_a_door_stops_the_server() -> None:
    rooms = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    rooms.get("/-/moi")(lambda: None)
    with pytest.raises(RuntimeError, match="/-/moi"):
        check_doors(rooms)


def test_nobody_gets_in_without_signing_in(house: Services, app: ASGIApp) -> None:
    client = visitor(app)
    for name, method, address in routes(house):
        if DOORS[name] != ANYBODY:
            answer = client.request(method, address, headers=HTML)
            assert answer.status_code == 303, name
            assert answer.headers["location"].startswith("/-/vao"), name


@pytest.mark.parametrize(("role", "folder"), ROLES)
def test_every_role_on_every_route(
    house: Services, app: ASGIApp, role: Role, folder: str | None
) -> None:
    add(house, "chu", Grant(Role.ADMIN))
    client = signed_in(house, role, folder, app=app)
    for name, method, address in routes(house):
        if name in LEAVES or DOORS[name] == ANYBODY:
            continue
        answer = client.request(method, address)
        allowed = DOORS[name] in ACTS[role]
        assert answer.status_code < 500, name
        if not allowed:
            assert answer.status_code == 403, name
        elif name not in ASK_AGAIN and "{folder}" not in name:  # asked inside: which language
            assert answer.status_code != 403, name


def test_every_page_of_the_rooms_is_kept_by_nobody(house: Services, app: ASGIApp) -> None:
    client = signed_in(house, Role.ADMIN, app=app)
    for name, method, address in routes(house):
        answer = client.request(method, address) if method == "GET" else None
        if answer is None or "/tinh/" in name or answer.status_code == 404:
            continue
        if name.startswith(("GET /-/docs", "GET /-/openapi")):
            continue
        assert answer.headers["cache-control"] == "no-store", name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        if answer.headers.get("content-type", "").startswith("text/html"):
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'"), name
            assert "unsafe" not in policy, name


PRIVATE, LISTENED = Line(True, True, "a"), Line(False, False, "a")  # noqa: FBT003  # two flags


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({b"sec-fetch-site": "same-origin"}, True),
        ({b"sec-fetch-site": "none"}, True),
        ({b"sec-fetch-site": "same-site"}, False),
        ({b"sec-fetch-site": "cross-site"}, False),
        ({b"sec-fetch-site": "cross-site", b"origin": "https://bai.test"}, False),
        ({b"origin": "https://bai.test"}, True),
        ({b"origin": "https://evil.test"}, False),
        ({b"origin": "https://bai.test.evil.test"}, False),
        ({b"origin": "https://bai.test:444"}, False),
        ({b"origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_change_is_asked_for_by_our_own_pages_only(
    headers: dict[bytes, str],
    passes: bool,  # noqa: FBT001  # a column of the table
) -> None:
    said = {b"host": "bai.test", **headers}
    assert (refusal("POST", "/-/soan", said, PRIVATE) is None) == passes
    assert refusal("GET", "/-/soan", said, PRIVATE) is None
    assert refusal("POST", "/-/dem", said, PRIVATE) is None


def test_over_plain_http_the_rooms_are_closed(house: Services, app: ASGIApp) -> None:
    client = TestClient(app, base_url="http://hop.test", headers=SAME_SITE, follow_redirects=False)
    token = signed_in(house, Role.ADMIN, app=app).cookies["__Host-session"]
    client.headers["cookie"] = f"session={token}; __Host-session={token}"
    for name, method, address in routes(house):
        unsafe = method not in {"GET", "HEAD"} and not address.startswith(OPEN_ON_PLAIN_HTTP)
        if unsafe or address.startswith(CLOSED_ON_PLAIN_HTTP):
            assert client.request(method, address).status_code == 403, name
        elif DOORS[name] != ANYBODY:
            assert client.request(method, address).status_code in {303, 403}, name
    answer = client.get("/-/vao")
    assert "https://" in answer.text
    assert "<form" not in answer.text


@pytest.mark.parametrize(
    ("peer", "headers", "private"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8000"}, True),
        ("127.0.0.1", {"host": "localhost:8000"}, True),
        ("::1", {"host": "[::1]:8000"}, True),
        ("192.168.1.7", {"host": "127.0.0.1"}, False),
        ("127.0.0.1", {"host": "bai.test"}, False),
        ("127.0.0.1", {"host": "127.0.0.1", "x-forwarded-for": "192.168.1.7"}, False),
        ("127.0.0.1", {"host": "127.0.0.1", "x-forwarded-proto": "https"}, False),
        ("10.0.0.2", {"host": "bai.test", "x-forwarded-proto": "https"}, True),
        ("10.0.0.2", {"host": "bai.test", "x-forwarded-proto": "https, http"}, False),
        ("10.0.0.2", {"host": "bai.test", "x-forwarded-proto": "http"}, False),
        ("10.9.0.2", {"host": "bai.test", "x-forwarded-proto": "https"}, False),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    peer: str,
    headers: dict[str, str],
    private: bool,  # noqa: FBT001  # a column of the table
) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": raw}
    assert line_of(scope, ["10.0.0.0/24"]).private == private


def test_a_form_of_ten_megabytes_is_not_read(house: Services, app: ASGIApp) -> None:
    client = signed_in(house, Role.ADMIN, app=app)
    answer = client.post("/-/toi/ten", data={"name": "a" * 10_000_000})
    assert answer.status_code == 413
    chunks = (b"name=" + b"a" * 100_000 for _each in range(20))
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/-/toi/ten", content=chunks, headers=form).status_code in {400, 413}


def test_a_grant_reaches_its_language_and_its_unit_only() -> None:
    speaker = Grant(Role.SPEAKER, "hmn")
    assert speaker.allows(Act.RECORD, "hmn")
    assert not speaker.allows(Act.RECORD, "vi")
    assert not speaker.allows(Act.TRANSLATE, "hmn")
    trainer = Grant(Role.TRAINER, unit="lai-chau/muong-kim")
    assert trainer.allows(Act.MAKE_LINKS, unit="lai-chau/muong-kim/ban-dong")
    assert not trainer.allows(Act.MAKE_LINKS, unit="lai-chau/muong-kim-2")
    assert not trainer.allows(Act.MAKE_LINKS, unit="lai-chau")
    assert Grant(Role.AUTHOR).allows(Act.RECORD, "vi")
    assert not Grant(Role.AUTHOR).allows(Act.RECORD, "hmn")
