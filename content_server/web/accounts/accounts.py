"""The accounts for admins: the list, invitations, roles, and who is disabled."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server import urls
from content_server.accounts import accounts, invitations, sessions
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import LANGUAGE_ROLES, Grant, Permission, Person, Role, role_name
from content_server.accounts.tables import InvitationRow
from content_server.db import Database
from content_server.editorial.registry_edits import load_units
from content_server.errors import InvalidAccount
from content_server.lessons.editions.stored_registries import load_registries
from content_server.phrases import Phrase, _
from content_server.settings import Settings
from content_server.web.accounts.audit_log_lines import describe_lines, load_audit_lines
from content_server.web.accounts.grant_choices import (
    describe_grants,
    language_choices,
    unit_choices,
)
from content_server.web.accounts.sign_in_forms import TextField, absolute_url
from content_server.web.dependencies import DatabaseDep, SettingsDep
from content_server.web.permissions import AccountsAdminDep, requires
from content_server.web.rendering import render, see_other

router = APIRouter(
    include_in_schema=False,
    dependencies=[Depends(requires(Permission.MANAGE_ACCOUNTS))],
)
FormId = Annotated[int, Form(ge=0, le=2**31)]


@dataclass(frozen=True)
class GrantForm:
    """A grant as a form sends it; empty fields mean every language, every unit."""

    role: str
    folder: str
    unit: str


def _grant_form(role: TextField = "", folder: TextField = "", unit: TextField = "") -> GrantForm:
    return GrantForm(role, folder, unit)


GrantFormDep = Annotated[GrantForm, Depends(_grant_form)]
DONE = {
    "khoa": _("Đã khóa. Người ấy ra khỏi mọi máy ngay."),
    "mo": _("Đã mở lại."),
    "viec": _("Đã ghi việc được giao."),
    "huy": _("Lời mời ấy không dùng được nữa."),
    "may": _("Người ấy đã ra khỏi máy đó."),
}


@router.get(urls.ACCOUNTS)
def accounts_page(request: Request, database: DatabaseDep, xong: str = "") -> HTMLResponse:
    """List the accounts and the open invitations."""
    with database.read() as session:
        people = [
            (row, describe_grants(session, each.grants))
            for row, each in accounts.list_people(session)
        ]
        open_invitations = [
            (row, describe_grants(session, invitations.invitation_grants(row)))
            for row in invitations.list_open_invitations(session)
        ]
    context: dict[str, Any] = {
        "people": people,
        "invitations": open_invitations,
        "done": DONE.get(xong),
    }
    return render(request, "accounts/accounts.html", **context)


@router.get(urls.INVITATION_FORM)
def invitation_form(request: Request, database: DatabaseDep) -> HTMLResponse:
    """Show the form of an invitation."""
    return _invitation_page(request, database)


@router.post(urls.INVITATIONS)
def create_invitation(  # noqa: PLR0913, PLR0917  # FastAPI injects each by name
    request: Request,
    person: AccountsAdminDep,
    database: DatabaseDep,
    settings: SettingsDep,
    form: GrantFormDep,
    name: TextField = "",
) -> Response:
    """Create an invitation and show its link and QR code; they are not shown again."""
    try:
        with database.write() as session:
            grant = parse_grant(session, form)
            token, row = invitations.write_invitation(session, person, name, [grant])
            record_audit_event(session, person, "invited", row.name)
    except InvalidAccount as error:
        typed = {"name": name, **asdict(form)}
        return _invitation_page(request, database, error.phrase, **typed)
    return _invitation_link_page(request, settings, row, token)


@router.post(urls.INVITATION_REVOKE)
def withdraw_invitation(
    person: AccountsAdminDep, database: DatabaseDep, invitation: FormId
) -> Response:
    """Revoke an invitation. Raises PersonNotFound."""
    with database.write() as session:
        row = invitations.revoke_invitation(session, invitation)
        record_audit_event(session, person, "invitation_revoked", row.name)
    return see_other(urls.ACCOUNTS.url(query={"xong": "huy"}))


@router.get(urls.ACCOUNT)
def account_page(
    person_id: int, request: Request, database: DatabaseDep, xong: str = ""
) -> HTMLResponse:
    """Show one account. Raises PersonNotFound."""
    return _account_page(request, database, person_id, done=DONE.get(xong))


@router.post(urls.ACCOUNT_GRANTS)
def grant_role(
    person_id: int,
    request: Request,
    person: AccountsAdminDep,
    database: DatabaseDep,
    form: GrantFormDep,
) -> Response:
    """Grant a role."""

    def change(session: Session, grants: set[Grant]) -> set[Grant]:
        return grants | {parse_grant(session, form)}

    return _change_grants(request, database, person, person_id, form, change)


@router.post(urls.ACCOUNT_GRANT_REVOKE)
def revoke_role(
    person_id: int,
    request: Request,
    person: AccountsAdminDep,
    database: DatabaseDep,
    form: GrantFormDep,
) -> Response:
    """Revoke a role; a grant that names what no longer exists can be revoked too."""

    def change(_session: Session, grants: set[Grant]) -> set[Grant]:
        return {g for g in grants if GrantForm(g.role, g.folder or "", g.unit or "") != form}

    return _change_grants(request, database, person, person_id, form, change)


@router.post(urls.ACCOUNT_DISABLE)
def disable_account(
    person_id: int, request: Request, person: AccountsAdminDep, database: DatabaseDep
) -> Response:
    """Disable an account; all its sessions end at once."""
    try:
        with database.write() as session:
            row = accounts.find_person(session, person_id)
            accounts.disable_person(session, row)
            record_audit_event(session, person, "account_disabled", row.name)
    except InvalidAccount as error:
        return _account_page(request, database, person_id, error.status, error=error.phrase)
    return see_other(urls.ACCOUNT.url(person_id=person_id, query={"xong": "khoa"}))


@router.post(urls.ACCOUNT_ENABLE)
def enable_account(person_id: int, person: AccountsAdminDep, database: DatabaseDep) -> Response:
    """Enable a disabled account."""
    with database.write() as session:
        row = accounts.find_person(session, person_id)
        accounts.enable_person(session, row)
        record_audit_event(session, person, "account_enabled", row.name)
    return see_other(urls.ACCOUNT.url(person_id=person_id, query={"xong": "mo"}))


@router.post(urls.ACCOUNT_SESSION_END)
def end_account_session(
    person_id: int, person: AccountsAdminDep, database: DatabaseDep, device: FormId
) -> Response:
    """End one session of an account."""
    with database.write() as session:
        row = accounts.find_person(session, person_id)
        if sessions.end_session(session, person_id, device):
            record_audit_event(session, person, "session_ended", row.name)
    return see_other(urls.ACCOUNT.url(person_id=person_id, query={"xong": "may"}))


@router.post(urls.ACCOUNT_REINVITE)
def reinvite(
    person_id: int,
    request: Request,
    person: AccountsAdminDep,
    database: DatabaseDep,
    settings: SettingsDep,
) -> Response:
    """Create a link to choose a new passphrase; it is not shown again."""
    with database.write() as session:
        row = accounts.find_person(session, person_id)
        token, invitation = invitations.write_reset_invitation(session, person, row)
        record_audit_event(session, person, "invited", row.name)
    return _invitation_link_page(request, settings, invitation, token)


def parse_grant(session: Session, form: GrantForm) -> Grant:
    """Return the grant of a form. Raises InvalidAccount for an unknown role, language or unit."""
    if form.role not in set(Role):
        raise InvalidAccount(_("Xin chọn một việc để giao."))
    if form.folder and form.folder not in load_registries(session).locales:
        raise InvalidAccount(_("Không có thứ tiếng này trong danh sách."))
    if form.unit and form.unit not in load_units(session):
        raise InvalidAccount(_("Không có nơi này trong danh sách."))
    return Grant(Role(form.role), form.folder or None, form.unit or None)


def _change_grants(  # noqa: PLR0913, PLR0917  # a form, and who sent it
    request: Request,
    database: Database,
    actor: Person,
    person_id: int,
    form: GrantForm,
    change: Callable[[Session, set[Grant]], set[Grant]],
) -> Response:
    """Replace an account's grants by `change(session, grants)`, and show the account."""
    try:
        with database.write() as session:
            row = accounts.find_person(session, person_id)
            grants = set(sessions.load_person(session, row).grants)
            accounts.set_grants(session, row, change(session, grants))
            subject = f"{row.name}: {form.role} {form.folder} {form.unit}".strip()
            record_audit_event(session, actor, "roles_changed", subject)
    except InvalidAccount as error:
        return _account_page(request, database, person_id, error.status, error=error.phrase)
    return see_other(urls.ACCOUNT.url(person_id=person_id, query={"xong": "viec"}))


def _account_page(
    request: Request,
    database: Database,
    person_id: int,
    status: int = 200,
    **messages: Phrase | None,
) -> HTMLResponse:
    with database.read() as session:
        row = accounts.find_person(session, person_id)
        grants = sessions.load_person(session, row).grants
        context = {
            "here": urls.ACCOUNT.url(person_id=person_id),
            "row": row,
            "grants": list(zip(grants, describe_grants(session, grants), strict=True)),
            "devices": sessions.list_sessions(session, person_id),
            "lines": describe_lines(
                session, load_audit_lines(session, person_id=person_id, limit=10)
            ),
            **_grant_form_choices(session),
        }
    return render(request, "accounts/account.html", status, **context, **messages)


def _grant_form_choices(session: Session) -> dict[str, Any]:
    return {
        "roles": [(role.value, role_name(role)) for role in Role],
        "need_language": [role.value for role in LANGUAGE_ROLES],
        "languages": language_choices(session),
        "units": unit_choices(session),
        "typed": {"name": "", "role": "", "folder": "", "unit": ""},
    }


def _invitation_page(
    request: Request, database: Database, error: Phrase | None = None, **typed: str
) -> HTMLResponse:
    with database.read() as session:
        context = {"here": urls.INVITATION_FORM, **_grant_form_choices(session)}
    if typed:
        context["typed"] = typed
    return render(
        request, "accounts/invitation_form.html", 422 if error else 200, error=error, **context
    )


def _invitation_link_page(
    request: Request, settings: Settings, row: InvitationRow, token: str
) -> HTMLResponse:
    address = absolute_url(request, settings, urls.ACCEPT_INVITATION.url(token=token))
    qr_code = segno.make(address, error="m").svg_data_uri(scale=4, border=2)
    return render(
        request,
        "accounts/invitation_link.html",
        here=urls.ACCOUNTS,
        row=row,
        address=address,
        qr_code=qr_code,
    )
