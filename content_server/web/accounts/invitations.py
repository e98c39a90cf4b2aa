"""Accepting an invitation: choose a name and a passphrase, and be signed in."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server.accounts.accounts import check_new, find_person
from content_server.accounts.audit_log import note
from content_server.accounts.invitations import accept, find_invitation, grants_of
from content_server.accounts.names import login_of
from content_server.accounts.passphrases import (
    check_passphrase,
    hash_passphrase,
    suggested_passphrase,
)
from content_server.accounts.sessions import open_session, person_of
from content_server.accounts.tables import InvitationRow
from content_server.errors import AppError
from content_server.phrases import Phrase
from content_server.web.accounts.grant_choices import said_grants
from content_server.web.accounts.sign_in_forms import (
    PassphraseField,
    Text,
    device_of,
    home_of,
    let_in,
    see_other,
)
from content_server.web.dependencies import DatabaseDep, KeysDep
from content_server.web.permissions import anybody
from content_server.web.rendering import render

router = APIRouter(dependencies=[anybody], include_in_schema=False)


@router.get("/-/vao/moi/{token}")
def invitation(token: str, request: Request, database: DatabaseDep) -> HTMLResponse:
    """Show what one is invited to. Raises PersonNotFound."""
    with database.read() as session:
        return _form(request, session, find_invitation(session, token))


@router.post("/-/vao/moi/{token}")
def join(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    token: str,
    request: Request,
    database: DatabaseDep,
    keys: KeysDep,
    name: Text = "",
    login: Text = "",
    passphrase: PassphraseField = "",
) -> Response:
    """Use the invitation up. What was typed stays in the form when something is wrong."""
    with database.read() as session:
        row = find_invitation(session, token)
        try:
            if row.person_id is None:
                check_new(session, name, login, passphrase)
            else:
                check_passphrase(passphrase, find_person(session, row.person_id).login or "")
        except AppError as refused:
            return _form(request, session, row, name, login, refused.phrase)
    hashed = hash_passphrase(passphrase)
    with database.write() as session:
        person_row = accept(session, token, name, login, hashed)
        person = person_of(session, person_row)
        note(session, person, "passphrase_changed" if row.person_id else "joined")
        waits = person_row.second_key is not None
        fresh, _opened = open_session(
            session, person, device_of(request), shared=False, waits_for_code=waits
        )
    answer = see_other("/-/vao/ma" if waits else home_of(person))
    let_in(answer, request, keys, person_row, person, fresh, shared=False)
    return answer


def _form(  # noqa: PLR0913, PLR0917  # what the page shows
    request: Request,
    session: Session,
    row: InvitationRow,
    name: str | None = None,
    login: str | None = None,
    error: Phrase | None = None,
) -> HTMLResponse:
    name = row.name if name is None else name
    known = find_person(session, row.person_id).login if row.person_id else None
    return render(
        request,
        "people/join.html",
        422 if error else 200,
        name=name,
        login=known or (login_of(name) if login is None else login),
        is_new=row.person_id is None,
        grants=said_grants(session, grants_of(row)),
        suggested=suggested_passphrase(),
        error=error,
    )
