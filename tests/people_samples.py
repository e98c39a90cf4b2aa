"""People for the tests of the rooms: accounts with a role each, signed in over HTTPS or not."""

from functools import cache

from fastapi.testclient import TestClient
from starlette.types import ASGIApp

from content_server.accounts.accounts import add_person, find_login
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


def add(house: Services, login: str, *grants: Grant, name: str = "") -> PersonRow:
    """Write a person with the passphrase all test people have."""
    with house.database.write() as session:
        known = find_login(session, login)
        return known or add_person(session, name or login, login, _hash(), grants)


def visitor(app: ASGIApp) -> TestClient:
    """A browser nobody is signed in on, on our own pages, over HTTPS."""
    return TestClient(app, base_url=HTTPS, headers=SAME_SITE, follow_redirects=False)


def attempt(client: TestClient, name: str, passphrase: str) -> tuple[int, str]:
    """Try to sign in; return the status and the page, without the name that was typed."""
    answer = client.post("/-/vao", data={"name": name, "passphrase": passphrase})
    return answer.status_code, answer.text.replace(name, "X")


def sign_in(client: TestClient, login: str, **more: str) -> TestClient:
    answer = client.post("/-/vao", data={"name": login, "passphrase": PASSPHRASE, **more})
    assert answer.status_code == 303, answer.text
    return client


def signed_in(
    house: Services,
    role: Role,
    folder: str | None = None,
    unit: str | None = None,
    app: ASGIApp | None = None,
) -> TestClient:
    """A browser on which somebody with this one role is signed in."""
    login = f"{role.value}{folder or ''}{(unit or '').replace('/', '').replace('-', '')}"
    add(house, login, Grant(role, folder, unit))
    return sign_in(visitor(app or create_app(house)), login)
