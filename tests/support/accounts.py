"""Accounts with a role each, and HTTP clients on which they are signed in."""

from functools import cache

from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from content_server.accounts.accounts import create_account, find_login
from content_server.accounts.passphrases import hash_passphrase
from content_server.accounts.roles import Grant, Role
from content_server.accounts.tables import PersonRow
from content_server.app import create_app
from content_server.services import Services

PASSPHRASE = "suoi lua nuong ban moi"  # noqa: S105  # of test people only
HTTPS = "https://bai.test"
SAME_SITE = {"sec-fetch-site": "same-origin"}


@cache
def _hash() -> str:
    return hash_passphrase(PASSPHRASE)


def add_account(services: Services, login: str, *grants: Grant, name: str = "") -> PersonRow:
    """Write a person with the passphrase all test people have."""
    with services.database.write() as session:
        known = find_login(session, login)
        return known or create_account(session, name or login, login, _hash(), grants)


def new_client(app: ASGIApp) -> TestClient:
    """A browser nobody is signed in on, on our own pages, over HTTPS."""
    return TestClient(app, base_url=HTTPS, headers=SAME_SITE, follow_redirects=False)


def try_sign_in(client: TestClient, name: str, passphrase: str) -> tuple[int, str]:
    """Try to sign in; return the status and the page, without the name that was typed."""
    answer = client.post("/-/vao", data={"name": name, "passphrase": passphrase})
    return answer.status_code, answer.text.replace(name, "X")


def sign_in(client: TestClient, login: str, **more: str) -> TestClient:
    answer = client.post("/-/vao", data={"name": login, "passphrase": PASSPHRASE, **more})
    assert answer.status_code == 303, answer.text
    return client


def client_with_role(
    services: Services,
    role: Role,
    folder: str | None = None,
    unit: str | None = None,
    app: ASGIApp | None = None,
) -> TestClient:
    """A browser on which somebody with this one role is signed in."""
    login = f"{role.value}{folder or ''}{(unit or '').replace('/', '').replace('-', '')}"
    add_account(services, login, Grant(role, folder, unit))
    return sign_in(new_client(app or create_app(services)), login)
