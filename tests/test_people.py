"""People: invited, given tasks, kept out, handed their data, forgotten."""

import re
import time
from datetime import timedelta

import pyotp
import pytest
from people_samples import PASSPHRASE, add, attempt, sign_in, signed_in, visitor
from sqlmodel import col, select
from starlette.types import ASGIApp

from content_server.accounts.audit_log import newest, note
from content_server.accounts.roles import Role
from content_server.accounts.tables import InvitationRow, LogRow, PersonRow
from content_server.app import create_app
from content_server.db import utc_now
from content_server.services import Services
from content_server.web.accounts import sign_in as room
from content_server.web.accounts.sign_in_forms import Tries


@pytest.fixture
def app(house: Services, monkeypatch: pytest.MonkeyPatch) -> ASGIApp:
    monkeypatch.setattr(room, "tries", Tries(most=100_000))
    house.pipeline.ingest(publish=False)
    return create_app(house)


def link_in(page: str) -> str:
    found = re.search(r"/-/vao/moi/[\w-]+", page)
    assert found
    return found[0]


def test_an_invitation_works_once(house: Services, app: ASGIApp) -> None:
    admin = signed_in(house, Role.ADMIN, app=app)
    form = {"name": "Lò Thị Mai", "role": "speaker", "folder": "hmn"}
    link = link_in(admin.post("/-/soan/nguoi/moi", data=form).text)
    guest = visitor(app)
    assert "Lò Thị Mai" in guest.get(link).text
    weak = {"name": "Mai", "login": "maimai", "passphrase": "matkhau12345"}
    refused = guest.post(link, data=weak)
    assert refused.status_code == 422
    assert 'value="maimai"' in refused.text
    joined = guest.post(link, data=weak | {"passphrase": PASSPHRASE})
    assert joined.headers["location"] == "/-/soan"
    assert guest.get("/-/toi").status_code == 200
    for other in (guest, visitor(app)):
        assert other.get(link).status_code == 404
        assert other.post(link, data=weak | {"passphrase": PASSPHRASE}).status_code == 404
    with house.database.write() as session:
        assert session.exec(select(InvitationRow)).first() is None


def test_an_invitation_expires_and_can_be_taken_back(house: Services, app: ASGIApp) -> None:
    admin = signed_in(house, Role.ADMIN, app=app)
    form = {"name": "Mai", "role": "trainer"}
    links = [link_in(admin.post("/-/soan/nguoi/moi", data=form).text) for _each in range(2)]
    with house.database.write() as session:
        old, kept = session.exec(select(InvitationRow).order_by(col(InvitationRow.id))).all()
        old.expires_at = utc_now() - timedelta(seconds=1)
        session.add(old)
    assert visitor(app).get(links[0]).status_code == 404
    assert admin.post("/-/soan/nguoi/moi/huy", data={"invitation": kept.id}).status_code == 303
    assert visitor(app).get(links[1]).status_code == 404


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
    house: Services, app: ASGIApp, form: dict[str, str]
) -> None:
    answer = signed_in(house, Role.ADMIN, app=app).post("/-/soan/nguoi/moi", data=form)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text


def test_a_second_key_is_asked_for_and_works_once(house: Services, app: ASGIApp) -> None:
    admin = signed_in(house, Role.ADMIN, app=app)
    secret = re.search(r'name="secret" value="(\w+)"', admin.get("/-/toi/ma-hai").text)
    assert secret
    totp = pyotp.TOTP(secret[1])
    form = {"secret": secret[1], "passphrase": PASSPHRASE}
    assert admin.post("/-/toi/ma-hai", data=form | {"code": "000000"}).status_code == 422
    code = totp.at(utc_now() - timedelta(seconds=30))
    assert admin.post("/-/toi/ma-hai", data=form | {"code": code}).status_code == 303
    with house.database.read() as session:
        assert secret[1] not in str(
            [row.second_key for row in session.exec(select(PersonRow)).all()]
        )
    other = sign_in(visitor(app), "admin")
    assert other.get("/-/toi").status_code == 303
    assert other.post("/-/vao/ma", data={"code": code}).status_code == 429
    time.sleep(1.1)
    code = totp.now()
    assert other.post("/-/vao/ma", data={"code": code}).status_code == 303
    assert other.get("/-/toi").status_code == 200
    third = sign_in(visitor(app), "admin")
    assert third.post("/-/vao/ma", data={"code": code}).status_code == 429
    assert third.get("/-/toi").status_code == 303


def test_ones_own_data_is_handed_over_and_removed(house: Services, app: ASGIApp) -> None:
    client = signed_in(house, Role.SPEAKER, "hmn", app=app)
    kept = client.get("/-/toi/du-lieu.json").json()
    assert kept["roles"] == [{"role": "speaker", "language": "hmn", "unit": None}]
    assert kept["devices"]
    assert {line["what"] for line in kept["log"]} >= {"signed_in"}
    assert client.post("/-/toi/xoa", data={"passphrase": "khong phai"}).status_code == 403
    assert client.get("/-/toi").status_code == 200
    assert client.post("/-/toi/xoa", data={"passphrase": PASSPHRASE}).status_code == 303
    assert client.get("/-/toi").status_code == 303
    with house.database.read() as session:
        rows = session.exec(select(PersonRow)).all()
        assert all(row.login is None and row.passphrase_hash is None for row in rows)
        assert all(row.person_id is None for row in session.exec(select(LogRow)).all())
    assert attempt(visitor(app), "speakerhmn", PASSPHRASE)[0] == 401


def test_the_last_admin_stays(house: Services, app: ASGIApp) -> None:
    admin = signed_in(house, Role.ADMIN, app=app)
    number = add(house, "admin").id
    assert admin.post(f"/-/soan/nguoi/{number}/khoa").status_code == 422
    assert admin.post("/-/toi/xoa", data={"passphrase": PASSPHRASE}).status_code == 422
    assert admin.get("/-/toi").status_code == 200


def test_who_is_locked_out_is_out_at_once(house: Services, app: ASGIApp) -> None:
    admin, client = signed_in(house, Role.ADMIN, app=app), signed_in(house, Role.TRAINER, app=app)
    number = add(house, "trainer").id
    assert admin.post(f"/-/soan/nguoi/{number}/khoa").status_code == 303
    assert client.get("/-/toi").status_code == 303
    assert attempt(visitor(app), "trainer", PASSPHRASE)[0] == 401


def test_the_log_is_kept_for_180_days(house: Services) -> None:
    with house.database.write() as session:
        session.add(LogRow(what="invited", at=utc_now() - timedelta(days=181)))
        session.add(LogRow(what="invited", at=utc_now() - timedelta(days=179)))
        session.flush()
        note(session, None, "signed_in")
        assert [line.what for line in newest(session)] == ["signed_in", "invited"]
