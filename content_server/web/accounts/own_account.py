"""A person's own account: sessions, passphrase, TOTP, personal data, deletion.

Changes that matter for security ask for the passphrase again.
"""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from sqlmodel import Session

from content_server import urls
from content_server.accounts import sessions, totp
from content_server.accounts.accounts import find_person
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.data_export import delete_account, export_personal_data
from content_server.accounts.names import validate_name
from content_server.accounts.passphrases import (
    hash_passphrase,
    require_strong_passphrase,
    suggest_passphrase,
    verify_passphrase,
)
from content_server.accounts.roles import Person
from content_server.accounts.sign_in_throttle import clear_failures, count_attempt, throttle_key
from content_server.accounts.tables import PersonRow
from content_server.db import Database
from content_server.editorial.review.comments import comments_by, remove_recordings
from content_server.editorial.review.consents import takes_of
from content_server.errors import InvalidAccount, NotAllowed
from content_server.phrases import Phrase, _
from content_server.web.accounts.audit_log_lines import describe_lines, load_audit_lines
from content_server.web.accounts.grant_choices import describe_grants
from content_server.web.accounts.sign_in_forms import PassphraseField, TextField
from content_server.web.dependencies import DatabaseDep, ServerKeyDep
from content_server.web.permissions import SelfDep, clear_session_cookies
from content_server.web.rendering import render, see_other

router = APIRouter(include_in_schema=False)
DONE = {
    "ten": _("Đã đổi tên."),
    "may": _("Máy ấy đã ra."),
    "moi-may": _("Mọi máy khác đã ra."),
    "mat-khau": _("Đã đổi câu mật khẩu. Mọi máy khác đã ra."),
    "ma-hai": _("Mã thứ hai đã bật. Lần vào sau sẽ hỏi mã."),
    "bo-ma-hai": _("Mã thứ hai đã tắt."),
}
RECENT_LINES = 10
MAX_EXPORTED_LINES = 10_000
WRONG_CODE = _("Sáu số chưa đúng. Xin gõ mã đang hiện trên ứng dụng.")


@router.get(urls.OWN_ACCOUNT)
def own_account_page(
    request: Request, person: SelfDep, database: DatabaseDep, xong: str = ""
) -> HTMLResponse:
    """Show the person's roles, sessions and latest audit lines."""
    return _own_account_page(request, database, person, done=DONE.get(xong))


@router.post(urls.OWN_NAME)
def change_own_name(person: SelfDep, database: DatabaseDep, name: TextField = "") -> Response:
    """Change the name that others see. Raises InvalidAccount."""
    name = validate_name(name)
    with database.write() as session:
        row = find_person(session, person.id)
        row.name = name
        session.add(row)
        record_audit_event(session, person, "name_changed")
    return see_other(urls.OWN_ACCOUNT.url(query={"xong": "ten"}))


@router.post(urls.OWN_SESSION_END)
def end_own_session(
    person: SelfDep, database: DatabaseDep, device: Annotated[int, Form()]
) -> Response:
    """End one of the person's sessions."""
    with database.write() as session:
        if sessions.end_session(session, person.id, device):
            record_audit_event(session, person, "session_ended")
    return see_other(urls.OWN_ACCOUNT.url(query={"xong": "may"}))


@router.post(urls.OWN_OTHER_SESSIONS_END)
def end_other_sessions(person: SelfDep, database: DatabaseDep) -> Response:
    """End every other session of the person."""
    with database.write() as session:
        sessions.end_all_sessions(session, person.id, except_id=person.session_id)
        record_audit_event(session, person, "session_ended")
    return see_other(urls.OWN_ACCOUNT.url(query={"xong": "moi-may"}))


@router.post(urls.OWN_PASSPHRASE)
def change_passphrase(
    request: Request,
    person: SelfDep,
    database: DatabaseDep,
    old: PassphraseField = "",
    new: PassphraseField = "",
) -> Response:
    """Change the passphrase; every other session ends."""
    try:
        _check_own_passphrase(database, person, old)
        require_strong_passphrase(new, person.login)
    except (NotAllowed, InvalidAccount) as error:
        return _own_account_page(request, database, person, error.status, error=error.phrase)
    hashed = hash_passphrase(new)
    with database.write() as session:
        row = find_person(session, person.id)
        row.passphrase_hash = hashed
        session.add(row)
        sessions.end_all_sessions(session, person.id, except_id=person.session_id)
        record_audit_event(session, person, "passphrase_changed")
    return see_other(urls.OWN_ACCOUNT.url(query={"xong": "mat-khau"}))


@router.get(urls.OWN_TOTP_SETUP)
def totp_setup_page(request: Request, person: SelfDep) -> HTMLResponse:
    """Show a new secret to scan; it is stored only once a code of it was typed."""
    return _totp_setup_page(request, person, totp.new_secret())


@router.post(urls.OWN_TOTP_SETUP)
def enable_totp(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    request: Request,
    person: SelfDep,
    database: DatabaseDep,
    server_key: ServerKeyDep,
    secret: TextField = "",
    code: TextField = "",
    passphrase: PassphraseField = "",
) -> Response:
    """Enable TOTP."""
    if not totp.is_secret(secret):
        return _totp_setup_page(request, person, totp.new_secret(), WRONG_CODE)
    try:
        _check_own_passphrase(database, person, passphrase)
    except NotAllowed as error:
        return _totp_setup_page(request, person, secret, error.phrase)
    with database.write() as session:
        row = find_person(session, person.id)
        if totp.activate_totp(session, row, server_key, secret, code):
            record_audit_event(session, person, "totp_enabled")
            return see_other(urls.OWN_ACCOUNT.url(query={"xong": "ma-hai"}))
    return _totp_setup_page(request, person, secret, WRONG_CODE)


@router.post(urls.OWN_TOTP_DISABLE)
def disable_totp(
    request: Request, person: SelfDep, database: DatabaseDep, passphrase: PassphraseField = ""
) -> Response:
    """Disable TOTP."""
    try:
        _check_own_passphrase(database, person, passphrase)
    except NotAllowed as error:
        return _own_account_page(request, database, person, error.status, error=error.phrase)
    with database.write() as session:
        totp.deactivate_totp(session, find_person(session, person.id))
        record_audit_event(session, person, "totp_disabled")
    return see_other(urls.OWN_ACCOUNT.url(query={"xong": "bo-ma-hai"}))


@router.get(urls.OWN_DATA)
def export_own_data(person: SelfDep, database: DatabaseDep) -> JSONResponse:
    """Answer with all personal data as JSON."""
    with database.write() as session:
        record_audit_event(session, person, "data_exported")
    with database.read() as session:
        data = export_personal_data(session, person.id) | {
            "log": _audit_lines_of(session, person.id),
            "remarks": _comments_of(session, person.id),
            "recordings": _recordings_of(session, person.id),
        }
    name = f'attachment; filename="{person.login}.json"'
    return JSONResponse(data, headers={"Cache-Control": "no-store", "Content-Disposition": name})


@router.post(urls.OWN_ACCOUNT_DELETE)
def delete_own_account(
    request: Request, person: SelfDep, database: DatabaseDep, passphrase: PassphraseField = ""
) -> Response:
    """Delete the account; lessons and recordings stay, without the name."""
    try:
        _check_own_passphrase(database, person, passphrase)
        with database.write() as session:
            remove_recordings(session, comments_by(session, person.id))
            delete_account(session, person.id)
            record_audit_event(session, None, "account_deleted")
    except (NotAllowed, InvalidAccount) as error:
        return _own_account_page(request, database, person, error.status, error=error.phrase)
    response = see_other(urls.SIGN_IN)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    clear_session_cookies(response)
    return response


def _audit_lines_of(session: Session, person_id: int) -> list[dict[str, str]]:
    return [
        {"at": line.created_at.isoformat(), "what": line.event, "about": line.subject}
        for line in load_audit_lines(session, person_id=person_id, limit=MAX_EXPORTED_LINES)
    ]


def _comments_of(session: Session, person_id: int) -> list[dict[str, str]]:
    return [
        {
            "at": row.created_at.isoformat(),
            "step": row.step,
            "text": row.text,
            "voice": row.voice or "",
        }
        for row in comments_by(session, person_id)
    ]


def _recordings_of(session: Session, person_id: int) -> list[dict[str, str]]:
    return [
        {
            "on": row.given_on.isoformat(),
            "scope": row.scope,
            "who": row.person_name,
            "voice": row.digest,
        }
        for row in takes_of(session, person_id)
    ]


def _check_own_passphrase(database: Database, person: Person, passphrase: str) -> PersonRow:
    """Return the person's row. Raises NotAllowed for a wrong passphrase, TooManyTries."""
    key = throttle_key(f"own {person.id}")
    with database.write() as session:
        count_attempt(session, key)
        row = find_person(session, person.id)
    if not verify_passphrase(row.passphrase_hash, passphrase):
        raise NotAllowed(_("Câu mật khẩu đang dùng không đúng nên chưa làm. Xin gõ lại."))
    with database.write() as session:
        clear_failures(session, key)
    return row


def _own_account_page(
    request: Request,
    database: Database,
    person: Person,
    status: int = 200,
    **messages: Phrase | None,
) -> HTMLResponse:
    with database.read() as session:
        row = find_person(session, person.id)
        context = {
            "here": urls.OWN_ACCOUNT,
            "grants": describe_grants(session, person.grants),
            "devices": sessions.list_sessions(session, person.id),
            "has_totp": row.totp_secret is not None,
            "lines": describe_lines(
                session, load_audit_lines(session, person_id=person.id, limit=RECENT_LINES)
            ),
            "suggested": suggest_passphrase(),
        }
    return render(request, "accounts/own_account.html", status, **context, **messages)


def _totp_setup_page(
    request: Request, person: Person, secret: str, error: Phrase | None = None
) -> HTMLResponse:
    qr_code = segno.make(totp.provisioning_uri(secret, person.login), error="m")
    return render(
        request,
        "accounts/totp_setup.html",
        422 if error else 200,
        secret=secret,
        qr_code=qr_code.svg_data_uri(scale=4, border=2),
        error=error,
    )
