"""Signing in and out: name and passphrase, perhaps a second key, a shared machine's switch."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from content_server.accounts.accounts import find_login, find_person, is_first_start
from content_server.accounts.audit_log import note
from content_server.accounts.names import login_of
from content_server.accounts.passphrases import is_passphrase
from content_server.accounts.roles import Person
from content_server.accounts.server_key import KeyFile
from content_server.accounts.sessions import end_session, find_session, open_session, person_of
from content_server.accounts.sign_in_throttle import forgive, key_of, take_turn
from content_server.accounts.tables import PersonRow
from content_server.accounts.totp import take_code
from content_server.db import Database
from content_server.errors import AppError, DatabaseBusy, NotSignedIn, TooManyTries
from content_server.phrases import Phrase, _
from content_server.web.accounts.sign_in_forms import (
    KNOWN_COOKIE,
    PassphraseField,
    Text,
    Tries,
    device_of,
    home_of,
    let_in,
    mark_of,
    see_other,
    way_back,
)
from content_server.web.dependencies import DatabaseDep, KeysDep
from content_server.web.permissions import (
    MaybePersonDep,
    anybody,
    drop_cookie,
    is_of_shared_machine,
    token_of,
)
from content_server.web.rendering import TAG_COOKIE, TAGS, render

router = APIRouter(dependencies=[anybody], include_in_schema=False)
tries = Tries()
A_YEAR_S = 365 * 24 * 3600
WRONG = _("Tên hoặc câu mật khẩu không đúng. Xin xem lại từng chữ.")
WRONG_CODE = _("Mã không đúng hoặc đã dùng rồi. Xin đợi mã mới rồi gõ lại.")


@router.get("/-/vao")
def door(request: Request, person: MaybePersonDep, database: DatabaseDep, ve: str = "") -> Response:
    """Show the form; who is signed in already goes on."""
    if person is not None:
        return see_other(way_back(ve) or home_of(person))
    with database.read() as session:
        first = is_first_start(session)
    return _form(request, ve, first=first)


@router.post("/-/vao")
def enter(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    request: Request,
    database: DatabaseDep,
    keys: KeysDep,
    name: Text = "",
    passphrase: PassphraseField = "",
    ve: Text = "",
    shared: Annotated[bool, Form()] = False,  # noqa: FBT002  # a tick in a form
) -> Response:
    """Sign in. Known and unknown names are told the same, and cost the same work."""
    login = login_of(name)
    try:
        tries.count(request.state.line.address)
        row = _known(request, database, keys, login, passphrase)
    except (TooManyTries, DatabaseBusy) as refused:
        return _form(request, ve, name, refused.phrase, refused.status)
    if row is None:
        return _form(request, ve, name, WRONG, NotSignedIn.status)
    with database.write() as session:
        person = person_of(session, row)
        waits = row.second_key is not None
        token, opened = open_session(
            session, person, device_of(request), shared=shared, waits_for_code=waits
        )
        if not waits:
            note(session, person, "signed_in", opened.device)
    back = way_back(ve)
    answer = see_other(f"/-/vao/ma?ve={quote(back)}" if waits else back or home_of(person))
    let_in(answer, request, keys, row, person, token, shared=shared)
    return answer


def _known(
    request: Request, database: Database, keys: KeyFile, login: str, passphrase: str
) -> PersonRow | None:
    """Return the person of a name and passphrase. Raises TooManyTries, DatabaseBusy."""
    with database.write() as session:
        row = find_login(session, login)
        mark = mark_of(row) if row else ""
        device = request.cookies.get(KNOWN_COOKIE, "")
        known = bool(mark) and keys.is_mark(mark, device)
        key = key_of(login, device if known else "")
        take_turn(session, key)
    right = is_passphrase(row.passphrase_hash if row else None, passphrase)
    with database.write() as session:
        if row is None or not right or row.disabled:
            if row is not None:  # names that are nobody's would only fill the log
                note(session, row.id, "sign_in_failed")
            return None
        forgive(session, key)
    return row


@router.get("/-/vao/ma")
def code_form(request: Request, ve: str = "") -> HTMLResponse:
    """Ask for the six digits."""
    return render(request, "people/code.html", back=way_back(ve))


@router.post("/-/vao/ma")
def enter_code(
    request: Request, database: DatabaseDep, keys: KeysDep, code: Text = "", ve: Text = ""
) -> Response:
    """Finish signing in: the half-open session gives way to a new one."""
    token = token_of(request)
    shared = is_of_shared_machine(request)
    try:
        fresh, row, person = _with_code(request, database, keys, token or "", code, shared=shared)
    except NotSignedIn:
        return see_other("/-/vao")
    except AppError as refused:
        return render(
            request, "people/code.html", refused.status, back=way_back(ve), error=refused.phrase
        )
    answer = see_other(way_back(ve) or home_of(person))
    let_in(answer, request, keys, row, person, fresh, shared=shared)
    return answer


def _with_code(  # noqa: PLR0913  # what the half-open session and the form hold
    request: Request, database: Database, keys: KeyFile, token: str, code: str, *, shared: bool
) -> tuple[str, PersonRow, Person]:
    """Return a whole session for a half-open one. Raises NotSignedIn, TooManyTries."""
    with database.write() as session:
        found = find_session(session, token)
        if found is None or not found[0].waits_for_code:
            raise NotSignedIn(WRONG)
        half, person = found
        take_turn(session, key_of(f"code {person.id}"))
    with database.write() as session:
        row = find_person(session, person.id)
        if not take_code(session, row, keys, code):
            raise TooManyTries(WRONG_CODE)
        forgive(session, key_of(f"code {person.id}"))
        end_session(session, person.id, half.id or 0)
        fresh, opened = open_session(session, person, device_of(request), shared=shared)
        note(session, person, "signed_in", opened.device)
    return fresh, row, person


@router.post("/-/ra")
def leave(request: Request, database: DatabaseDep, person: MaybePersonDep) -> Response:
    """Sign out here: the session ends on the server, and the browser keeps no page of ours.

    On a shared machine everything goes, recordings not yet sent too; the page asks before.
    """
    if person is not None:
        with database.write() as session:
            end_session(session, person.id, person.session_id)
            note(session, person, "signed_out")
    wiped = '"cache", "storage"' if is_of_shared_machine(request) else '"cache"'
    answer = see_other("/-/vao")
    answer.headers["Clear-Site-Data"] = wiped
    drop_cookie(answer)
    return answer


@router.post("/-/tieng")
def choose_tag(
    request: Request,
    database: DatabaseDep,
    person: MaybePersonDep,
    tag: Text = "vi",
    ve: Text = "",
) -> RedirectResponse:
    """Choose the language of these rooms: for this browser, and for who is signed in."""
    answer = see_other(way_back(ve) or "/-/vao")
    if tag in TAGS:
        if person is not None:
            with database.write() as session:
                row = find_person(session, person.id)
                row.tag = tag
                session.add(row)
        secure = request.state.line.encrypted
        answer.set_cookie(TAG_COOKIE, tag, A_YEAR_S, path="/-/", secure=secure, samesite="lax")
    return answer


def _form(  # noqa: PLR0913  # what the page shows
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
        "people/sign_in.html",
        status,
        back=way_back(back),
        name=name[:80],
        error=error,
        first=first,
    )
