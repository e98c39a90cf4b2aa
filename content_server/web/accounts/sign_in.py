"""Signing in and out: name and passphrase, TOTP, shared machines, the language of the pages."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from content_server import urls
from content_server.accounts.accounts import find_login, find_person, is_first_start
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.names import normalize_login
from content_server.accounts.passphrases import verify_passphrase
from content_server.accounts.roles import Person
from content_server.accounts.server_key import ServerKey
from content_server.accounts.sessions import end_session, find_session, load_person, open_session
from content_server.accounts.sign_in_throttle import clear_failures, count_attempt, throttle_key
from content_server.accounts.tables import PersonRow
from content_server.accounts.totp import verify_code
from content_server.db import Database
from content_server.errors import AppError, DatabaseBusy, NotSignedIn, TooManyTries
from content_server.phrases import Phrase, _
from content_server.web.accounts.sign_in_forms import (
    DEVICE_COOKIE,
    PassphraseField,
    SignInAttempts,
    TextField,
    device_mark,
    device_name,
    safe_return_path,
    set_sign_in_cookies,
    start_page_of,
)
from content_server.web.dependencies import DatabaseDep, ServerKeyDep
from content_server.web.permissions import (
    MaybePersonDep,
    clear_session_cookies,
    is_shared_machine,
    public,
    session_token,
)
from content_server.web.rendering import LANGUAGE_COOKIE, UI_LANGUAGES, render, see_other

router = APIRouter(dependencies=[public], include_in_schema=False)
attempts = SignInAttempts()
YEAR_S = 365 * 24 * 3600
WRONG_PASSPHRASE = _("Tên hoặc câu mật khẩu không đúng. Xin xem lại từng chữ.")
WRONG_CODE = _("Mã không đúng hoặc đã dùng rồi. Xin đợi mã mới rồi gõ lại.")


@router.get(urls.SIGN_IN)
def sign_in_page(
    request: Request, person: MaybePersonDep, database: DatabaseDep, ve: str = ""
) -> Response:
    """Show the form; a person who is signed in is redirected."""
    if person is not None:
        return see_other(safe_return_path(ve) or start_page_of(person))
    with database.read() as session:
        first = is_first_start(session)
    return _sign_in_form(request, ve, first=first)


@router.post(urls.SIGN_IN)
def sign_in(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    request: Request,
    database: DatabaseDep,
    server_key: ServerKeyDep,
    name: TextField = "",
    passphrase: PassphraseField = "",
    ve: TextField = "",
    shared: Annotated[bool, Form()] = False,  # noqa: FBT002  # a tick in a form
) -> Response:
    """Sign in. Unknown names get the same answer as known ones and take the same time."""
    login = normalize_login(name)
    try:
        attempts.check(request.state.transport.address)
        row = _authenticate(request, database, server_key, login, passphrase)
    except (TooManyTries, DatabaseBusy) as error:
        return _sign_in_form(request, ve, name, error.phrase, error.status)
    if row is None:
        return _sign_in_form(request, ve, name, WRONG_PASSPHRASE, NotSignedIn.status)
    with database.write() as session:
        person = load_person(session, row)
        needs_totp = row.totp_secret is not None
        token, opened = open_session(
            session, person, device_name(request), shared=shared, totp_pending=needs_totp
        )
        if not needs_totp:
            record_audit_event(session, person, "signed_in", opened.device)
    back = safe_return_path(ve)
    response = see_other(
        urls.SIGN_IN_TOTP.url(query={"ve": back}) if needs_totp else back or start_page_of(person)
    )
    set_sign_in_cookies(response, request, server_key, row, person, token, shared=shared)
    return response


def _authenticate(
    request: Request, database: Database, server_key: ServerKey, login: str, passphrase: str
) -> PersonRow | None:
    """Return the account of a login and passphrase, or None. Raises TooManyTries, DatabaseBusy."""
    with database.write() as session:
        row = find_login(session, login)
        mark = device_mark(row) if row else ""
        device = request.cookies.get(DEVICE_COOKIE, "")
        is_known_device = bool(mark) and server_key.is_signature(mark, device)
        key = throttle_key(login, device if is_known_device else "")
        count_attempt(session, key)
    is_right = verify_passphrase(row.passphrase_hash if row else None, passphrase)
    with database.write() as session:
        if row is None or not is_right or row.disabled:
            if row is not None:  # unknown names are not logged
                record_audit_event(session, row.id, "sign_in_failed")
            return None
        clear_failures(session, key)
    return row


@router.get(urls.SIGN_IN_TOTP)
def totp_page(request: Request, ve: str = "") -> HTMLResponse:
    """Show the form for the TOTP code."""
    return render(request, "accounts/totp.html", back=safe_return_path(ve))


@router.post(urls.SIGN_IN_TOTP)
def sign_in_with_totp(
    request: Request,
    database: DatabaseDep,
    server_key: ServerKeyDep,
    code: TextField = "",
    ve: TextField = "",
) -> Response:
    """Finish signing in: a new session replaces the one that waits for the code."""
    token = session_token(request)
    shared = is_shared_machine(request)
    try:
        fresh, row, person = _complete_sign_in(
            request, database, server_key, token or "", code, shared=shared
        )
    except NotSignedIn:
        return see_other(urls.SIGN_IN)
    except AppError as error:
        return render(
            request,
            "accounts/totp.html",
            error.status,
            back=safe_return_path(ve),
            error=error.phrase,
        )
    response = see_other(safe_return_path(ve) or start_page_of(person))
    set_sign_in_cookies(response, request, server_key, row, person, fresh, shared=shared)
    return response


def _complete_sign_in(  # noqa: PLR0913  # what the pending session and the form hold
    request: Request,
    database: Database,
    server_key: ServerKey,
    token: str,
    code: str,
    *,
    shared: bool,
) -> tuple[str, PersonRow, Person]:
    """Return (token, account, person) of a new session. Raises NotSignedIn, TooManyTries."""
    with database.write() as session:
        session_and_person = find_session(session, token)
        if session_and_person is None or not session_and_person[0].totp_pending:
            raise NotSignedIn(WRONG_PASSPHRASE)
        pending, person = session_and_person
        count_attempt(session, throttle_key(f"code {person.id}"))
    with database.write() as session:
        row = find_person(session, person.id)
        if not verify_code(session, row, server_key, code):
            raise TooManyTries(WRONG_CODE)
        clear_failures(session, throttle_key(f"code {person.id}"))
        end_session(session, person.id, pending.id or 0)
        fresh, opened = open_session(session, person, device_name(request), shared=shared)
        record_audit_event(session, person, "signed_in", opened.device)
    return fresh, row, person


@router.post(urls.SIGN_OUT)
def sign_out(request: Request, database: DatabaseDep, person: MaybePersonDep) -> Response:
    """End the session and clear the browser's cache.

    On a shared machine storage is cleared too, with unsent recordings; the page asks first.
    """
    if person is not None:
        with database.write() as session:
            end_session(session, person.id, person.session_id)
            record_audit_event(session, person, "signed_out")
    clear_data = '"cache", "storage"' if is_shared_machine(request) else '"cache"'
    response = see_other(urls.SIGN_IN)
    response.headers["Clear-Site-Data"] = clear_data
    clear_session_cookies(response)
    return response


@router.post(urls.CHOOSE_LANGUAGE)
def choose_language(
    request: Request,
    database: DatabaseDep,
    person: MaybePersonDep,
    tag: TextField = "vi",
    ve: TextField = "",
) -> RedirectResponse:
    """Set the language of the pages, for this browser and for the signed-in person."""
    response = see_other(safe_return_path(ve) or urls.SIGN_IN)
    if tag in UI_LANGUAGES:
        if person is not None:
            with database.write() as session:
                row = find_person(session, person.id)
                row.locale_tag = tag
                session.add(row)
        secure = request.state.transport.is_encrypted
        response.set_cookie(
            LANGUAGE_COOKIE, tag, YEAR_S, path=urls.APP_PREFIX, secure=secure, samesite="lax"
        )
    return response


def _sign_in_form(  # noqa: PLR0913  # what the page shows
    request: Request,
    back: str,
    name: str = "",
    error: Phrase | None = None,
    status: int = 200,
    *,
    first: bool = False,
) -> HTMLResponse:
    return render(
        request,
        "accounts/sign_in.html",
        status,
        back=safe_return_path(back),
        name=name[:80],
        error=error,
        first=first,
    )
