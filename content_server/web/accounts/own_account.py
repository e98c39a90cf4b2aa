"""One's own page: devices, passphrase, second key, data; what matters asks the passphrase again."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from sqlmodel import Session

from content_server.accounts import sessions, totp
from content_server.accounts.accounts import find_person
from content_server.accounts.audit_log import newest, note
from content_server.accounts.data_export import data_of, leave
from content_server.accounts.names import checked_name
from content_server.accounts.passphrases import (
    check_passphrase,
    hash_passphrase,
    is_passphrase,
    suggested_passphrase,
)
from content_server.accounts.roles import Person
from content_server.accounts.sign_in_throttle import forgive, key_of, take_turn
from content_server.accounts.tables import PersonRow
from content_server.db import Database
from content_server.editorial.review.comments import said_by, silence
from content_server.editorial.review.consents import takes_of
from content_server.errors import NotAllowed, PersonRefused
from content_server.phrases import Phrase, _
from content_server.web.accounts.audit_log_lines import in_words
from content_server.web.accounts.grant_choices import said_grants
from content_server.web.accounts.sign_in_forms import PassphraseField, Text, see_other
from content_server.web.dependencies import DatabaseDep, KeysDep
from content_server.web.permissions import SelfDep, drop_cookie
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
DONE = {
    "ten": _("Đã đổi tên."),
    "may": _("Máy ấy đã ra."),
    "moi-may": _("Mọi máy khác đã ra."),
    "mat-khau": _("Đã đổi câu mật khẩu. Mọi máy khác đã ra."),
    "ma-hai": _("Mã thứ hai đã bật. Lần vào sau sẽ hỏi mã."),
    "bo-ma-hai": _("Mã thứ hai đã tắt."),
}
LATEST_LINES = 10
WRONG_CODE = _("Sáu số chưa đúng. Xin gõ mã đang hiện trên ứng dụng.")


@router.get("/-/toi")
def own(request: Request, person: SelfDep, database: DatabaseDep, xong: str = "") -> HTMLResponse:
    """Show what one may do, where one is signed in, and what was done lately."""
    return _page(request, database, person, done=DONE.get(xong))


@router.post("/-/toi/ten")
def rename(person: SelfDep, database: DatabaseDep, name: Text = "") -> Response:
    """Change one's own name as others see it. Raises PersonRefused."""
    new = checked_name(name)
    with database.write() as session:
        row = find_person(session, person.id)
        row.name = new
        session.add(row)
        note(session, person, "name_changed")
    return see_other("/-/toi?xong=ten")


@router.post("/-/toi/may")
def end_device(person: SelfDep, database: DatabaseDep, device: Annotated[int, Form()]) -> Response:
    """Sign out one device of one's own."""
    with database.write() as session:
        if sessions.end_session(session, person.id, device):
            note(session, person, "session_ended")
    return see_other("/-/toi?xong=may")


@router.post("/-/toi/moi-may")
def end_devices(person: SelfDep, database: DatabaseDep) -> Response:
    """Sign out every other device."""
    with database.write() as session:
        sessions.end_all(session, person.id, but=person.session_id)
        note(session, person, "session_ended")
    return see_other("/-/toi?xong=moi-may")


@router.post("/-/toi/mat-khau")
def change_passphrase(
    request: Request,
    person: SelfDep,
    database: DatabaseDep,
    old: PassphraseField = "",
    new: PassphraseField = "",
) -> Response:
    """Choose a new passphrase; every other device is signed out."""
    try:
        _prove(database, person, old)
        check_passphrase(new, person.login)
    except (NotAllowed, PersonRefused) as refused:
        return _page(request, database, person, refused.status, error=refused.phrase)
    hashed = hash_passphrase(new)
    with database.write() as session:
        row = find_person(session, person.id)
        row.passphrase_hash = hashed
        session.add(row)
        sessions.end_all(session, person.id, but=person.session_id)
        note(session, person, "passphrase_changed")
    return see_other("/-/toi?xong=mat-khau")


@router.get("/-/toi/ma-hai")
def second_key_form(request: Request, person: SelfDep) -> HTMLResponse:
    """Show a fresh secret to scan; nothing is kept before its first code was typed."""
    return _second_key_page(request, person, totp.fresh_secret())


@router.post("/-/toi/ma-hai")
def second_key_on(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    request: Request,
    person: SelfDep,
    database: DatabaseDep,
    keys: KeysDep,
    secret: Text = "",
    code: Text = "",
    passphrase: PassphraseField = "",
) -> Response:
    """Start to use a second key."""
    if not totp.is_secret(secret):
        return _second_key_page(request, person, totp.fresh_secret(), WRONG_CODE)
    try:
        _prove(database, person, passphrase)
    except NotAllowed as refused:
        return _second_key_page(request, person, secret, refused.phrase)
    with database.write() as session:
        row = find_person(session, person.id)
        if totp.put_on(session, row, keys, secret, code):
            note(session, person, "second_key_on")
            return see_other("/-/toi?xong=ma-hai")
    return _second_key_page(request, person, secret, WRONG_CODE)


@router.post("/-/toi/bo-ma-hai")
def second_key_off(
    request: Request, person: SelfDep, database: DatabaseDep, passphrase: PassphraseField = ""
) -> Response:
    """Stop using the second key."""
    try:
        _prove(database, person, passphrase)
    except NotAllowed as refused:
        return _page(request, database, person, refused.status, error=refused.phrase)
    with database.write() as session:
        totp.take_off(session, find_person(session, person.id))
        note(session, person, "second_key_off")
    return see_other("/-/toi?xong=bo-ma-hai")


@router.get("/-/toi/du-lieu.json")
def own_data(person: SelfDep, database: DatabaseDep) -> JSONResponse:
    """Hand over everything kept about oneself."""
    with database.write() as session:
        note(session, person, "data_taken")
    with database.read() as session:
        kept = data_of(session, person.id) | {
            "remarks": _remarks(session, person.id),
            "recordings": _recordings(session, person.id),
        }
    name = f'attachment; filename="{person.login}.json"'
    return JSONResponse(kept, headers={"Cache-Control": "no-store", "Content-Disposition": name})


@router.post("/-/toi/xoa")
def forget_me(
    request: Request, person: SelfDep, database: DatabaseDep, passphrase: PassphraseField = ""
) -> Response:
    """Remove oneself; what one made stays, made by nobody."""
    try:
        _prove(database, person, passphrase)
        with database.write() as session:
            silence(session, said_by(session, person.id))
            leave(session, person.id)
            note(session, None, "left")
    except (NotAllowed, PersonRefused) as refused:
        return _page(request, database, person, refused.status, error=refused.phrase)
    answer = see_other("/-/vao")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    drop_cookie(answer)
    return answer


def _remarks(session: Session, person_id: int) -> list[dict[str, str]]:
    return [
        {"at": row.at.isoformat(), "step": row.step, "text": row.text, "voice": row.voice or ""}
        for row in said_by(session, person_id)
    ]


def _recordings(session: Session, person_id: int) -> list[dict[str, str]]:
    return [
        {"on": row.given_on.isoformat(), "scope": row.scope, "who": row.who, "voice": row.digest}
        for row in takes_of(session, person_id)
    ]


def _prove(database: Database, person: Person, passphrase: str) -> PersonRow:
    """Raise NotAllowed unless the passphrase is this person's. Raises TooManyTries."""
    key = key_of(f"own {person.id}")
    with database.write() as session:
        take_turn(session, key)
        row = find_person(session, person.id)
    if not is_passphrase(row.passphrase_hash, passphrase):
        raise NotAllowed(_("Câu mật khẩu đang dùng không đúng nên chưa làm. Xin gõ lại."))
    with database.write() as session:
        forgive(session, key)
    return row


def _page(
    request: Request,
    database: Database,
    person: Person,
    status: int = 200,
    **said_now: Phrase | None,
) -> HTMLResponse:
    with database.read() as session:
        row = find_person(session, person.id)
        context = {
            "grants": said_grants(session, person.grants),
            "devices": sessions.sessions_of(session, person.id),
            "has_second_key": row.second_key is not None,
            "lines": in_words(session, newest(session, person_id=person.id, most=LATEST_LINES)),
            "suggested": suggested_passphrase(),
        }
    return render(request, "people/own.html", status, **context, **said_now)


def _second_key_page(
    request: Request, person: Person, secret: str, error: Phrase | None = None
) -> HTMLResponse:
    picture = segno.make(totp.address_of(secret, person.login), error="m")
    return render(
        request,
        "people/second_key.html",
        422 if error else 200,
        secret=secret,
        picture=picture.svg_data_uri(scale=4, border=2),
        error=error,
    )
