"""Every route declares its permission, and is requested by every role and by nobody."""

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from content_server.accounts.roles import PERMISSIONS, Grant, Permission, Role
from content_server.app import create_app, create_fastapi_app
from content_server.services import Services
from content_server.web.middleware import CLOSED_ON_PLAIN_HTTP, OPEN_ON_PLAIN_HTTP, request_refusal
from content_server.web.permissions import (
    Requires,
    check_every_route_declares_a_permission,
    iterate_routes,
    permission_of,
)
from content_server.web.transport_security import Transport, transport_of
from tests.support.accounts import SAME_SITE, add_account, client_with_role, new_client

ANYBODY = "anybody"
LESSON = "/-/soan/bai/{slug}/{folder}"
ROUTE_PERMISSIONS = {  # every route and who may use it; a new route must be added here
    "GET /-/openapi.json": ANYBODY,
    "HEAD /-/openapi.json": ANYBODY,
    "GET /-/docs": ANYBODY,
    "GET /-/tim/{folder}": ANYBODY,
    "GET /-/tinh/{version}/{name:path}": ANYBODY,
    "GET /-/vao": ANYBODY,
    "POST /-/vao": ANYBODY,
    "GET /-/vao/ma": ANYBODY,
    "POST /-/vao/ma": ANYBODY,
    "GET /-/vao/moi/{token}": ANYBODY,
    "POST /-/vao/moi/{token}": ANYBODY,
    "POST /-/sign-out": ANYBODY,
    "POST /-/language": ANYBODY,
    "GET /-/soan": Permission.VIEW_LESSONS,
    "GET /-/toi": Permission.MANAGE_OWN_ACCOUNT,
    "POST /-/toi/name": Permission.MANAGE_OWN_ACCOUNT,
    "POST /-/toi/sessions/end": Permission.MANAGE_OWN_ACCOUNT,
    "POST /-/toi/sessions/end-others": Permission.MANAGE_OWN_ACCOUNT,
    "POST /-/toi/passphrase": Permission.MANAGE_OWN_ACCOUNT,
    "GET /-/toi/ma-hai": Permission.MANAGE_OWN_ACCOUNT,
    "POST /-/toi/ma-hai": Permission.MANAGE_OWN_ACCOUNT,
    "POST /-/toi/totp/disable": Permission.MANAGE_OWN_ACCOUNT,
    "GET /-/toi/du-lieu.json": Permission.MANAGE_OWN_ACCOUNT,
    "POST /-/toi/delete": Permission.MANAGE_OWN_ACCOUNT,
    "GET /-/soan/nguoi": Permission.MANAGE_ACCOUNTS,
    "GET /-/soan/nguoi/moi": Permission.MANAGE_ACCOUNTS,
    "POST /-/soan/invitations": Permission.MANAGE_ACCOUNTS,
    "POST /-/soan/invitations/revoke": Permission.MANAGE_ACCOUNTS,
    "GET /-/soan/nguoi/{person_id}": Permission.MANAGE_ACCOUNTS,
    "POST /-/soan/nguoi/{person_id}/grants": Permission.MANAGE_ACCOUNTS,
    "POST /-/soan/nguoi/{person_id}/grants/revoke": Permission.MANAGE_ACCOUNTS,
    "POST /-/soan/nguoi/{person_id}/disable": Permission.MANAGE_ACCOUNTS,
    "POST /-/soan/nguoi/{person_id}/enable": Permission.MANAGE_ACCOUNTS,
    "POST /-/soan/nguoi/{person_id}/sessions/end": Permission.MANAGE_ACCOUNTS,
    "POST /-/soan/nguoi/{person_id}/reinvite": Permission.MANAGE_ACCOUNTS,
    "GET /-/soan/danh-sach": Permission.EDIT_REGISTRIES,
    "GET /-/soan/danh-sach/{name}": Permission.EDIT_REGISTRIES,
    "GET /-/soan/danh-sach/{name}/_muc-moi": Permission.EDIT_REGISTRIES,
    "GET /-/soan/danh-sach/{name}/{key:path}": Permission.EDIT_REGISTRIES,
    "POST /-/soan/danh-sach/{name}": Permission.EDIT_REGISTRIES,
    "POST /-/soan/danh-sach/{name}/remove": Permission.EDIT_REGISTRIES,
    "GET /-/soan/nhat-ky": Permission.VIEW_AUDIT_LOG,
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
    "GET /-/soan/bai-moi": Permission.WRITE,
    "POST /-/soan/bai-moi": Permission.WRITE,
    "POST /-/soan/draw": Permission.VIEW_LESSONS,
    "GET /-/soan/tep/{name}": Permission.VIEW_LESSONS,
    "GET /-/soan/nhan-bai": Permission.EXCHANGE_LESSONS,
    "PUT /-/soan/lessons/import": Permission.EXCHANGE_LESSONS,
    "GET /-/soan/dong-y": Permission.REVIEW,
    "POST /-/soan/consents": Permission.REVIEW,
    "POST /-/soan/consents/{consent}/take-down": Permission.REVIEW,
    f"GET {LESSON}/thu": Permission.RECORD,
    f"POST {LESSON}/takes": Permission.RECORD,
    f"GET {LESSON}/phim": Permission.WRITE,
    f"GET {LESSON}/anh": Permission.WRITE,
    "PUT /-/soan/bai/{slug}/photos/{digest}": Permission.WRITE,
    "GET /-/soan/bai/{slug}/photos/{photo}/original": Permission.WRITE,
    "POST /-/soan/bai/{slug}/photos/{photo}": Permission.WRITE,
    "DELETE /-/soan/bai/{slug}/photos/{photo}": Permission.WRITE,
    "PUT /-/soan/media/{digest}": Permission.COMMENT,
    "GET /-/soan/media/{digest}": Permission.COMMENT,
    "GET /-/soan/tai-len": Permission.WRITE,
    "POST /-/soan/uploads": Permission.WRITE,
    "OPTIONS /-/soan/uploads": Permission.WRITE,
    "GET /-/soan/tai-len/trang-thai": Permission.WRITE,
    "GET /-/soan/tai-len/su-kien": Permission.WRITE,
    "HEAD /-/soan/uploads/{upload_id}": Permission.WRITE,
    "PATCH /-/soan/uploads/{upload_id}": Permission.WRITE,
    "DELETE /-/soan/uploads/{upload_id}": Permission.WRITE,
    "POST /-/soan/uploads/{upload_id}": Permission.WRITE,
    "OPTIONS /-/soan/uploads/{upload_id}": Permission.WRITE,
    f"GET {LESSON}": Permission.VIEW_LESSONS,
    f"GET {LESSON}/lesson.zip": Permission.EXCHANGE_LESSONS,
    f"POST {LESSON}/save": Permission.VIEW_LESSONS,
    f"POST {LESSON}/steps": Permission.WRITE,
    f"GET {LESSON}/man-hinh/{{step}}": Permission.WRITE,
    f"POST {LESSON}/screens/{{step}}": Permission.WRITE,
    f"POST {LESSON}/scenes/{{step}}": Permission.WRITE,
    f"GET {LESSON}/co-san": Permission.WRITE,
    f"GET {LESSON}/xem": Permission.VIEW_LESSONS,
    f"GET {LESSON}/gia": Permission.VIEW_LESSONS,
    f"POST {LESSON}/downscale-photos": Permission.WRITE,
    "GET /-/soan/cham/{kbps}/{name}": Permission.VIEW_LESSONS,
    f"GET {LESSON}/duyet": Permission.VIEW_LESSONS,
    f"POST {LESSON}/submit": Permission.SUBMIT,
    f"POST {LESSON}/return": Permission.REVIEW,
    f"POST {LESSON}/approve": Permission.REVIEW,
    f"POST {LESSON}/publish": Permission.PUBLISH,
    f"POST {LESSON}/withdraw": Permission.PUBLISH,
    f"POST {LESSON}/comments": Permission.VIEW_LESSONS,
    f"GET {LESSON}/bang-chu": Permission.VIEW_LESSONS,
    f"GET {LESSON}/text-table.{{kind}}": Permission.VIEW_LESSONS,
    f"POST {LESSON}/bang-chu": Permission.VIEW_LESSONS,
    f"GET {LESSON}/cho-xem": Permission.VIEW_LESSONS,
    f"POST {LESSON}/share-links": Permission.COMMENT,
    f"POST {LESSON}/share-links/revoke": Permission.COMMENT,
    "GET /-/xem/{token}": ANYBODY,
    "GET /-/xem/{token}/{name}": ANYBODY,
    "GET /-/soan/den-han": Permission.VIEW_LESSONS,
    "POST /-/soan/bai/{slug}/review-date": Permission.COMMENT,
    f"POST {LESSON}/snapshots": Permission.VIEW_LESSONS,
    f"GET {LESSON}/noi": Permission.COMMENT,
    f"POST {LESSON}/spoken-comments": Permission.COMMENT,
    f"GET {LESSON}/noi-lai": Permission.BACK_TRANSLATE,
    f"POST {LESSON}/back-translations": Permission.BACK_TRANSLATE,
    f"GET {LESSON}/lich-su": Permission.VIEW_LESSONS,
    f"POST {LESSON}/roll-back": Permission.PUBLISH,
    f"GET {LESSON}/dang-len/{{job}}": Permission.VIEW_LESSONS,
    f"GET {LESSON}/khac": Permission.VIEW_LESSONS,
    f"POST {LESSON}/conflicts": Permission.VIEW_LESSONS,
    "GET /-/tap-huan": Permission.MANAGE_VILLAGE_LINKS,
    "GET /-/tap-huan/ban": Permission.MANAGE_VILLAGE_LINKS,
    "POST /-/tap-huan/ban": Permission.MANAGE_VILLAGE_LINKS,
    "GET /-/tap-huan/ban/{code}": Permission.MANAGE_VILLAGE_LINKS,
    "GET /-/tap-huan/ban/{code}/to": Permission.MANAGE_VILLAGE_LINKS,
    "POST /-/tap-huan/ban/{code}/close": Permission.MANAGE_VILLAGE_LINKS,
    "GET /-/tap-huan/bang": Permission.VIEW_COUNTS,
    "GET /-/tap-huan/bang.csv": Permission.VIEW_COUNTS,
}
ROLES = [(role, "hmn" if role in {Role.SPEAKER, Role.TRANSLATOR} else None) for role in Role]
ASK_AGAIN = {"POST /-/toi/passphrase", "POST /-/toi/totp/disable"}  # refused without the passphrase
HTML = {"accept": "text/html"}
LEAVES = {
    "POST /-/sign-out",
    "POST /-/toi/delete",
    "POST /-/toi/sessions/end-others",
}  # would end the walk


@pytest.fixture
def app(services: Services) -> ASGIApp:
    services.pipeline.ingest(publish=False)
    return create_app(services)


def routes(services: Services) -> Iterator[tuple[str, str, str]]:
    """Yield (name, method, an address) of every route but those of the API."""
    for route in iterate_routes(create_fastapi_app(services)):
        path = str(getattr(route, "path", ""))
        for method in sorted(getattr(route, "methods", None) or ()):
            if not path.startswith("/api/"):
                yield f"{method} {path}", method, re.sub(r"\{[^}]+\}", "1", path)


def test_every_route_is_in_the_table(services: Services) -> None:
    assert {name for name, _method, _address in routes(services)} == set(ROUTE_PERMISSIONS)
    for route in iterate_routes(create_fastapi_app(services)):
        if isinstance(route, APIRoute) and not route.path.startswith("/api/"):
            door = permission_of(route)
            wanted = ROUTE_PERMISSIONS[f"{min(route.methods or {'GET'})} {route.path}"]
            assert (door.permission if isinstance(door, Requires) else ANYBODY) == wanted


def test_a_route_without_a_door_stops_the_server() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.get("/-/moi")(lambda: None)
    with pytest.raises(RuntimeError, match="/-/moi"):
        check_every_route_declares_a_permission(app)


def test_nobody_gets_in_without_signing_in(services: Services, app: ASGIApp) -> None:
    client = new_client(app)
    for name, method, address in routes(services):
        if ROUTE_PERMISSIONS[name] != ANYBODY:
            answer = client.request(method, address, headers=HTML)
            assert answer.status_code == 303, name
            assert answer.headers["location"].startswith("/-/vao"), name


@pytest.mark.parametrize(("role", "folder"), ROLES)
def test_every_role_on_every_route(
    services: Services, app: ASGIApp, role: Role, folder: str | None
) -> None:
    add_account(services, "chu", Grant(Role.ADMIN))
    client = client_with_role(services, role, folder, app=app)
    for name, method, address in routes(services):
        if name in LEAVES or ROUTE_PERMISSIONS[name] == ANYBODY:
            continue
        answer = client.request(method, address)
        allowed = ROUTE_PERMISSIONS[name] in PERMISSIONS[role]
        assert answer.status_code < 500, name
        if not allowed:
            assert answer.status_code == 403, name
        elif name not in ASK_AGAIN and "{folder}" not in name:  # asked inside: which language
            assert answer.status_code != 403, name


def test_every_page_of_the_rooms_is_kept_by_nobody(services: Services, app: ASGIApp) -> None:
    client = client_with_role(services, Role.ADMIN, app=app)
    for name, method, address in routes(services):
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


PRIVATE, LISTENED = Transport(True, True, "a"), Transport(False, False, "a")  # noqa: FBT003  # two flags


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
    assert (request_refusal("POST", "/-/soan", said, PRIVATE) is None) == passes
    assert request_refusal("GET", "/-/soan", said, PRIVATE) is None
    assert request_refusal("POST", "/-/dem", said, PRIVATE) is None


def test_over_plain_http_the_rooms_are_closed(services: Services, app: ASGIApp) -> None:
    client = TestClient(app, base_url="http://hop.test", headers=SAME_SITE, follow_redirects=False)
    token = client_with_role(services, Role.ADMIN, app=app).cookies["__Host-session"]
    client.headers["cookie"] = f"session={token}; __Host-session={token}"
    for name, method, address in routes(services):
        unsafe = method not in {"GET", "HEAD"} and not address.startswith(OPEN_ON_PLAIN_HTTP)
        if unsafe or address.startswith(CLOSED_ON_PLAIN_HTTP):
            assert client.request(method, address).status_code == 403, name
        elif ROUTE_PERMISSIONS[name] != ANYBODY:
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
    assert transport_of(scope, ["10.0.0.0/24"]).is_private == private


def test_a_form_of_ten_megabytes_is_not_read(services: Services, app: ASGIApp) -> None:
    client = client_with_role(services, Role.ADMIN, app=app)
    answer = client.post("/-/toi/name", data={"name": "a" * 10_000_000})
    assert answer.status_code == 413
    chunks = (b"name=" + b"a" * 100_000 for _each in range(20))
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/-/toi/name", content=chunks, headers=form).status_code in {400, 413}


def test_a_grant_reaches_its_language_and_its_unit_only() -> None:
    speaker = Grant(Role.SPEAKER, "hmn")
    assert speaker.allows(Permission.RECORD, "hmn")
    assert not speaker.allows(Permission.RECORD, "vi")
    assert not speaker.allows(Permission.TRANSLATE, "hmn")
    trainer = Grant(Role.TRAINER, unit="lai-chau/muong-kim")
    assert trainer.allows(Permission.MANAGE_VILLAGE_LINKS, unit="lai-chau/muong-kim/ban-dong")
    assert not trainer.allows(Permission.MANAGE_VILLAGE_LINKS, unit="lai-chau/muong-kim-2")
    assert not trainer.allows(Permission.MANAGE_VILLAGE_LINKS, unit="lai-chau")
    assert Grant(Role.AUTHOR).allows(Permission.RECORD, "vi")
    assert not Grant(Role.AUTHOR).allows(Permission.RECORD, "hmn")
