"""People: invited, given tasks, kept out, handed their data, forgotten."""

import re
import time
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import col, select
from starlette.types import ASGIApp

from content_server.accounts.audit_log import load_newest_events, record_audit_event
from content_server.accounts.roles import Role
from content_server.accounts.tables import AuditLogRow, InvitationRow, PersonRow
from content_server.app import create_app
from content_server.db import utc_now
from content_server.services import Services
from content_server.web.accounts import sign_in as room
from content_server.web.accounts.sign_in_forms import SignInAttempts
from tests.support.accounts import (
    PASSPHRASE,
    add_account,
    client_with_role,
    new_client,
    sign_in,
    try_sign_in,
)


@pytest.fixture
def app(services: Services, monkeypatch: pytest.MonkeyPatch) -> ASGIApp:
    monkeypatch.setattr(room, "attempts", SignInAttempts(limit=100_000))
    services.pipeline.ingest(publish=False)
    return create_app(services)


def link_in(page: str) -> str:
    found = re.search(r"/-/vao/moi/[\w-]+", page)
    assert found
    return found[0]


def test_an_invitation_works_once(services: Services, app: ASGIApp) -> None:
    admin = client_with_role(services, Role.ADMIN, app=app)
    form = {"name": "Lò Thị Mai", "role": "speaker", "folder": "hmn"}
    link = link_in(admin.post("/-/soan/invitations", data=form).text)
    guest = new_client(app)
    assert "Lò Thị Mai" in guest.get(link).text
    weak = {"name": "Mai", "login": "maimai", "passphrase": "matkhau12345"}
    refused = guest.post(link, data=weak)
    assert refused.status_code == 422
    assert 'value="maimai"' in refused.text
    joined = guest.post(link, data=weak | {"passphrase": PASSPHRASE})
    assert joined.headers["location"] == "/-/soan"
    assert guest.get("/-/toi").status_code == 200
    for other in (guest, new_client(app)):
        assert other.get(link).status_code == 404
        assert other.post(link, data=weak | {"passphrase": PASSPHRASE}).status_code == 404
    with services.database.write() as session:
        assert session.exec(select(InvitationRow)).first() is None


def test_an_invitation_expires_and_can_be_taken_back(services: Services, app: ASGIApp) -> None:
    admin = client_with_role(services, Role.ADMIN, app=app)
    form = {"name": "Mai", "role": "trainer"}
    links = [link_in(admin.post("/-/soan/invitations", data=form).text) for _each in range(2)]
    with services.database.write() as session:
        old, kept = session.exec(select(InvitationRow).order_by(col(InvitationRow.id))).all()
        old.expires_at = utc_now() - timedelta(seconds=1)
        session.add(old)
    assert new_client(app).get(links[0]).status_code == 404
    assert admin.post("/-/soan/invitations/revoke", data={"invitation": kept.id}).status_code == 303
    assert new_client(app).get(links[1]).status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"name": "", "role": "trainer"},
        {"name": "M\u202eai", "role": "trainer"},
        {"name": "a" * 300, "role": "trainer"},
        {"name": "Mai", "role": "king"},
        {"name": "Mai", "role": "speaker"},
        {"name": "Mai", "role": "speaker", "folder": "xx"},
        {"name": "Mai", "role": "trainer", "unit": "ha-noi"},
        {"name": "Mai", "role": "admin", "folder": "hmn"},
    ],
)
def test_a_senseless_invitation_is_refused(
    services: Services, app: ASGIApp, form: dict[str, str]
) -> None:
    answer = client_with_role(services, Role.ADMIN, app=app).post("/-/soan/invitations", data=form)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text


def wait_for_room_in_totp_step(room_s: float = 10.0) -> None:
    """Wait for the next 30 s step when less than `room_s` is left of this one."""
    left_s = 30 - time.time() % 30
    if left_s < room_s:
        time.sleep(left_s)


def test_a_second_key_is_asked_for_and_works_once(services: Services, app: ASGIApp) -> None:
    admin = client_with_role(services, Role.ADMIN, app=app)
    secret = re.search(r'name="secret" value="(\w+)"', admin.get("/-/toi/ma-hai").text)
    assert secret
    totp = pyotp.TOTP(secret[1])
    form = {"secret": secret[1], "passphrase": PASSPHRASE}
    assert admin.post("/-/toi/ma-hai", data=form | {"code": "000000"}).status_code == 422
    wait_for_room_in_totp_step()
    code = totp.at(utc_now() - timedelta(seconds=30))
    assert admin.post("/-/toi/ma-hai", data=form | {"code": code}).status_code == 303
    with services.database.read() as session:
        assert secret[1] not in str(
            [row.totp_secret for row in session.exec(select(PersonRow)).all()]
        )
    other = sign_in(new_client(app), "admin")
    assert other.get("/-/toi").status_code == 303
    assert other.post("/-/vao/ma", data={"code": code}).status_code == 429
    time.sleep(1.1)
    code = totp.now()
    assert other.post("/-/vao/ma", data={"code": code}).status_code == 303
    assert other.get("/-/toi").status_code == 200
    third = sign_in(new_client(app), "admin")
    assert third.post("/-/vao/ma", data={"code": code}).status_code == 429
    assert third.get("/-/toi").status_code == 303


def test_ones_own_data_is_handed_over_and_removed(services: Services, app: ASGIApp) -> None:
    client = client_with_role(services, Role.SPEAKER, "hmn", app=app)
    kept = client.get("/-/toi/du-lieu.json").json()
    assert kept["roles"] == [{"role": "speaker", "language": "hmn", "unit": None}]
    assert kept["devices"]
    assert {line["what"] for line in kept["log"]} >= {"signed_in"}
    assert client.post("/-/toi/delete", data={"passphrase": "khong phai"}).status_code == 403
    assert client.get("/-/toi").status_code == 200
    assert client.post("/-/toi/delete", data={"passphrase": PASSPHRASE}).status_code == 303
    assert client.get("/-/toi").status_code == 303
    with services.database.read() as session:
        rows = session.exec(select(PersonRow)).all()
        assert all(row.login is None and row.passphrase_hash is None for row in rows)
        assert all(row.actor_id is None for row in session.exec(select(AuditLogRow)).all())
    assert try_sign_in(new_client(app), "speakerhmn", PASSPHRASE)[0] == 401


def test_the_last_admin_stays(services: Services, app: ASGIApp) -> None:
    admin = client_with_role(services, Role.ADMIN, app=app)
    number = add_account(services, "admin").id
    assert admin.post(f"/-/soan/nguoi/{number}/disable").status_code == 422
    assert admin.post("/-/toi/delete", data={"passphrase": PASSPHRASE}).status_code == 422
    assert admin.get("/-/toi").status_code == 200


def test_who_is_locked_out_is_out_at_once(services: Services, app: ASGIApp) -> None:
    admin, client = (
        client_with_role(services, Role.ADMIN, app=app),
        client_with_role(services, Role.TRAINER, app=app),
    )
    number = add_account(services, "trainer").id
    assert admin.post(f"/-/soan/nguoi/{number}/disable").status_code == 303
    assert client.get("/-/toi").status_code == 303
    assert try_sign_in(new_client(app), "trainer", PASSPHRASE)[0] == 401


def test_the_log_is_kept_for_180_days(services: Services) -> None:
    with services.database.write() as session:
        session.add(AuditLogRow(event="invited", created_at=utc_now() - timedelta(days=181)))
        session.add(AuditLogRow(event="invited", created_at=utc_now() - timedelta(days=179)))
        session.flush()
        record_audit_event(session, None, "signed_in")
        assert [line.event for line in load_newest_events(session)] == ["signed_in", "invited"]
