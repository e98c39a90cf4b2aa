"""Everybody: who works here with which tasks; inviting, giving tasks, keeping out. For admins."""

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server.accounts import accounts, invitations, sessions
from content_server.accounts.audit_log import newest, note
from content_server.accounts.roles import NEEDS_LANGUAGE, Grant, Person, Role, role_name
from content_server.accounts.tables import InvitationRow
from content_server.db import Database
from content_server.editorial.registry_edits import units_of
from content_server.errors import PersonRefused
from content_server.lessons.editions.catalog import load_registries
from content_server.phrases import Phrase, _
from content_server.settings import Settings
from content_server.web.accounts.audit_log_lines import in_words
from content_server.web.accounts.grant_choices import (
    languages_to_choose,
    said_grants,
    units_to_choose,
)
from content_server.web.accounts.sign_in_forms import Text, address_of, see_other
from content_server.web.dependencies import DatabaseDep, SettingsDep
from content_server.web.permissions import PeopleDep
from content_server.web.rendering import render

router = APIRouter(prefix="/-/soan/nguoi", include_in_schema=False)
Number = Annotated[int, Form(ge=0, le=2**31)]
DONE = {
    "khoa": _("Đã khóa. Người ấy ra khỏi mọi máy ngay."),
    "mo": _("Đã mở lại."),
    "viec": _("Đã ghi việc được giao."),
    "huy": _("Lời mời ấy không dùng được nữa."),
    "may": _("Người ấy đã ra khỏi máy đó."),
}


@router.get("")
def everybody(
    request: Request, person: PeopleDep, database: DatabaseDep, xong: str = ""
) -> HTMLResponse:
    """List people and invitations."""
    del person  # the door has looked
    with database.read() as session:
        people = [
            (row, said_grants(session, each.grants)) for row, each in accounts.people(session)
        ]
        waiting = [
            (row, said_grants(session, invitations.grants_of(row)))
            for row in invitations.waiting(session)
        ]
    context: dict[str, Any] = {"people": people, "waiting": waiting, "done": DONE.get(xong)}
    return render(request, "people/everybody.html", **context)


@router.get("/moi")
def invite_form(request: Request, person: PeopleDep, database: DatabaseDep) -> HTMLResponse:
    """Show the form of an invitation."""
    del person
    return _invite_page(request, database)


@router.post("/moi")
def invite(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    request: Request,
    person: PeopleDep,
    database: DatabaseDep,
    settings: SettingsDep,
    name: Text = "",
    role: Text = "",
    folder: Text = "",
    unit: Text = "",
) -> Response:
    """Make an invitation and show its link and QR, this once."""
    try:
        with database.write() as session:
            grant = checked_grant(session, role, folder, unit)
            token, row = invitations.invite(session, person, name, [grant])
            note(session, person, "invited", row.name)
    except PersonRefused as refused:
        typed = {"name": name, "role": role, "folder": folder, "unit": unit}
        return _invite_page(request, database, refused.phrase, **typed)
    return _link_page(request, settings, row, token)


@router.post("/moi/huy")
def take_back(person: PeopleDep, database: DatabaseDep, invitation: Number) -> Response:
    """Make an invitation useless. Raises PersonNotFound."""
    with database.write() as session:
        row = invitations.take_back(session, invitation)
        note(session, person, "invitation_withdrawn", row.name)
    return see_other("/-/soan/nguoi?xong=huy")


@router.get("/{person_id}")
def one(
    person_id: int, request: Request, person: PeopleDep, database: DatabaseDep, xong: str = ""
) -> HTMLResponse:
    """Show one person. Raises PersonNotFound."""
    del person
    return _person_page(request, database, person_id, done=DONE.get(xong))


@router.post("/{person_id}/viec")
def give(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    person_id: int,
    request: Request,
    person: PeopleDep,
    database: DatabaseDep,
    role: Text = "",
    folder: Text = "",
    unit: Text = "",
) -> Response:
    """Give one more task."""
    return _changed_tasks(request, database, person, person_id, (role, folder, unit), take=False)


@router.post("/{person_id}/bo-viec")
def take(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    person_id: int,
    request: Request,
    person: PeopleDep,
    database: DatabaseDep,
    role: Text = "",
    folder: Text = "",
    unit: Text = "",
) -> Response:
    """Take one task back."""
    return _changed_tasks(request, database, person, person_id, (role, folder, unit), take=True)


@router.post("/{person_id}/khoa")
def disable(person_id: int, request: Request, person: PeopleDep, database: DatabaseDep) -> Response:
    """Keep somebody out, on every device, at once."""
    try:
        with database.write() as session:
            row = accounts.find_person(session, person_id)
            accounts.disable(session, row)
            note(session, person, "disabled", row.name)
    except PersonRefused as refused:
        return _person_page(request, database, person_id, refused.status, error=refused.phrase)
    return see_other(f"/-/soan/nguoi/{person_id}?xong=khoa")


@router.post("/{person_id}/mo")
def enable(person_id: int, person: PeopleDep, database: DatabaseDep) -> Response:
    """Let somebody in again."""
    with database.write() as session:
        row = accounts.find_person(session, person_id)
        accounts.enable(session, row)
        note(session, person, "enabled", row.name)
    return see_other(f"/-/soan/nguoi/{person_id}?xong=mo")


@router.post("/{person_id}/may")
def end_device(
    person_id: int, person: PeopleDep, database: DatabaseDep, device: Number
) -> Response:
    """Sign somebody out on one device."""
    with database.write() as session:
        row = accounts.find_person(session, person_id)
        if sessions.end_session(session, person_id, device):
            note(session, person, "session_ended", row.name)
    return see_other(f"/-/soan/nguoi/{person_id}?xong=may")


@router.post("/{person_id}/moi-lai")
def invite_again(
    person_id: int,
    request: Request,
    person: PeopleDep,
    database: DatabaseDep,
    settings: SettingsDep,
) -> Response:
    """Make a link for somebody who forgot the passphrase; shown this once."""
    with database.write() as session:
        row = accounts.find_person(session, person_id)
        token, invitation = invitations.invite_again(session, person, row)
        note(session, person, "invited", row.name)
    return _link_page(request, settings, invitation, token)


def checked_grant(session: Session, role: str, folder: str, unit: str) -> Grant:
    """Return the grant a form names. Raises PersonRefused for what does not exist."""
    if role not in set(Role):
        raise PersonRefused(_("Xin chọn một việc để giao."))
    if folder and folder not in load_registries(session).locales:
        raise PersonRefused(_("Không có thứ tiếng này trong danh sách."))
    if unit and unit not in units_of(session):
        raise PersonRefused(_("Không có nơi này trong danh sách."))
    return Grant(Role(role), folder or None, unit or None)


def _changed_tasks(  # noqa: PLR0913  # a form, and who sent it
    request: Request,
    database: Database,
    by: Person,
    person_id: int,
    asked: tuple[str, str, str],
    *,
    take: bool,
) -> Response:
    try:
        with database.write() as session:
            row = accounts.find_person(session, person_id)
            now = set(sessions.person_of(session, row).grants)
            role, folder, unit = asked
            if take:
                now = {g for g in now if (g.role, g.folder or "", g.unit or "") != asked}
            else:
                now.add(checked_grant(session, role, folder, unit))
            accounts.set_grants(session, row, now)
            note(session, by, "roles_changed", f"{row.name}: {role} {folder} {unit}".strip())
    except PersonRefused as refused:
        return _person_page(request, database, person_id, refused.status, error=refused.phrase)
    return see_other(f"/-/soan/nguoi/{person_id}?xong=viec")


def _person_page(
    request: Request,
    database: Database,
    person_id: int,
    status: int = 200,
    **said_now: Phrase | None,
) -> HTMLResponse:
    with database.read() as session:
        row = accounts.find_person(session, person_id)
        grants = sessions.person_of(session, row).grants
        context = {
            "row": row,
            "grants": list(zip(grants, said_grants(session, grants), strict=True)),
            "devices": sessions.sessions_of(session, person_id),
            "lines": in_words(session, newest(session, person_id=person_id, most=10)),
            **_choices(session),
        }
    return render(request, "people/person.html", status, **context, **said_now)


def _choices(session: Session) -> dict[str, Any]:
    return {
        "roles": [(role.value, role_name(role)) for role in Role],
        "need_language": [role.value for role in NEEDS_LANGUAGE],
        "languages": languages_to_choose(session),
        "units": units_to_choose(session),
        "typed": {"name": "", "role": "", "folder": "", "unit": ""},
    }


def _invite_page(
    request: Request, database: Database, error: Phrase | None = None, **typed: str
) -> HTMLResponse:
    with database.read() as session:
        context = _choices(session)
    if typed:
        context["typed"] = typed
    return render(request, "people/invite.html", 422 if error else 200, error=error, **context)


def _link_page(
    request: Request, settings: Settings, row: InvitationRow, token: str
) -> HTMLResponse:
    address = address_of(request, settings, f"/-/vao/moi/{token}")
    picture = segno.make(address, error="m").svg_data_uri(scale=4, border=2)
    return render(request, "people/link.html", row=row, address=address, picture=picture)
