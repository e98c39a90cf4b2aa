"""Accepting an invitation: the person chooses name and passphrase and is signed in."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server import urls
from content_server.accounts.accounts import find_person, validate_new_account
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.invitations import find_invitation, invitation_grants, use_invitation
from content_server.accounts.names import normalize_login
from content_server.accounts.passphrases import (
    hash_passphrase,
    require_strong_passphrase,
    suggest_passphrase,
)
from content_server.accounts.sessions import load_person, open_session
from content_server.accounts.tables import InvitationRow
from content_server.errors import AppError
from content_server.phrases import Phrase
from content_server.web.accounts.grant_choices import describe_grants
from content_server.web.accounts.sign_in_forms import (
    PassphraseField,
    TextField,
    device_name,
    set_sign_in_cookies,
    start_page_of,
)
from content_server.web.dependencies import DatabaseDep, ServerKeyDep
from content_server.web.permissions import public
from content_server.web.rendering import render, see_other

router = APIRouter(dependencies=[public], include_in_schema=False)


@router.get(urls.ACCEPT_INVITATION)
def invitation_page(token: str, request: Request, database: DatabaseDep) -> HTMLResponse:
    """Show the offered roles and the form. Raises PersonNotFound."""
    with database.read() as session:
        return _invitation_form(request, session, find_invitation(session, token))


@router.post(urls.ACCEPT_INVITATION)
def accept_invitation(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    token: str,
    request: Request,
    database: DatabaseDep,
    server_key: ServerKeyDep,
    name: TextField = "",
    login: TextField = "",
    passphrase: PassphraseField = "",
) -> Response:
    """Use the invitation. Raises PersonNotFound; other errors show the form as it was typed."""
    with database.read() as session:
        row = find_invitation(session, token)
        try:
            if row.person_id is None:
                validate_new_account(session, name, login, passphrase)
            else:
                require_strong_passphrase(
                    passphrase, find_person(session, row.person_id).login or ""
                )
        except AppError as error:
            return _invitation_form(request, session, row, name, login, error.phrase)
    hashed = hash_passphrase(passphrase)
    with database.write() as session:
        person_row = use_invitation(session, token, name, login, hashed)
        person = load_person(session, person_row)
        record_audit_event(
            session, person, "passphrase_changed" if row.person_id else "invitation_accepted"
        )
        needs_totp = person_row.totp_secret is not None
        session_token, _opened = open_session(
            session, person, device_name(request), shared=False, totp_pending=needs_totp
        )
    response = see_other(urls.SIGN_IN_TOTP if needs_totp else start_page_of(person))
    set_sign_in_cookies(
        response, request, server_key, person_row, person, session_token, shared=False
    )
    return response


def _invitation_form(  # noqa: PLR0913, PLR0917  # what the page shows
    request: Request,
    session: Session,
    row: InvitationRow,
    name: str | None = None,
    login: str | None = None,
    error: Phrase | None = None,
) -> HTMLResponse:
    name = row.name if name is None else name
    existing_login = find_person(session, row.person_id).login if row.person_id else None
    return render(
        request,
        "accounts/invitation.html",
        422 if error else 200,
        name=name,
        login=existing_login or (normalize_login(name) if login is None else login),
        is_new=row.person_id is None,
        grants=describe_grants(session, invitation_grants(row)),
        suggested=suggest_passphrase(),
        error=error,
    )
