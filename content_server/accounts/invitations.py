"""Invitations: a link or QR that works once, makes an account or gives a new passphrase."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from content_server.accounts.accounts import add_person, checked_grants, find_person
from content_server.accounts.names import checked_name
from content_server.accounts.roles import Grant, Person, Role
from content_server.accounts.sessions import end_all, token_hash
from content_server.accounts.tables import InvitationRow, PersonRow
from content_server.db import utc_now
from content_server.errors import PersonNotFound
from content_server.phrases import _

TOKEN_BYTES = 16  # 128 bits; short enough for a QR a cheap camera reads
LASTS = timedelta(days=7)
RESET_LASTS = timedelta(days=1)


def invite(
    session: Session, by: Person | None, name: str, grants: Iterable[Grant]
) -> tuple[str, InvitationRow]:
    """Invite somebody new; return the token, shown once, and the row. Raises PersonRefused."""
    wanted = [
        {"role": grant.role.value, "folder": grant.folder, "unit": grant.unit}
        for grant in checked_grants(grants)
    ]
    return _written(session, by, checked_name(name), wanted, None)


def invite_again(
    session: Session, by: Person | None, person: PersonRow
) -> tuple[str, InvitationRow]:
    """Let somebody who forgot choose a new passphrase; older links of theirs stop working."""
    session.exec(delete(InvitationRow).where(col(InvitationRow.person_id) == person.id))
    return _written(session, by, person.name, [], person.id)


def find_invitation(session: Session, token: str) -> InvitationRow:
    """Return a living invitation. Raises PersonNotFound, the same for used, old and never made."""
    row = session.exec(
        select(InvitationRow).where(InvitationRow.token_hash == token_hash(token))
    ).first()
    if row is None or utc_now() >= row.expires_at:
        raise PersonNotFound(
            _("Lời mời này đã dùng rồi hoặc đã hết hạn. Xin người mời gửi lại lời mời mới.")
        )
    return row


def accept(session: Session, token: str, name: str, login: str, passphrase_hash: str) -> PersonRow:
    """Use an invitation up: a new person, or a new passphrase with every old device signed out.

    Raises PersonNotFound and PersonRefused.
    """
    row = find_invitation(session, token)
    session.delete(row)
    if row.person_id is None:
        return add_person(session, name, login, passphrase_hash, grants_of(row))
    person = find_person(session, row.person_id)
    person.passphrase_hash = passphrase_hash
    session.add(person)
    end_all(session, row.person_id)
    return person


def grants_of(row: InvitationRow) -> list[Grant]:
    return [Grant(Role(each["role"]), each["folder"], each["unit"]) for each in row.grants]


def waiting(session: Session) -> list[InvitationRow]:
    """Return invitations nobody has used yet, the newest first."""
    query = (
        select(InvitationRow)
        .where(col(InvitationRow.expires_at) > utc_now())
        .order_by(col(InvitationRow.id).desc())
    )
    return list(session.exec(query).all())


def take_back(session: Session, invitation_id: int) -> InvitationRow:
    """Make an invitation useless. Raises PersonNotFound."""
    row = session.get(InvitationRow, invitation_id)
    if row is None:
        raise PersonNotFound(_("Lời mời này không còn."))
    session.delete(row)
    return row


def _written(
    session: Session,
    by: Person | None,
    name: str,
    grants: list[dict[str, str | None]],
    person_id: int | None,
) -> tuple[str, InvitationRow]:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = InvitationRow(
        token_hash=token_hash(token),
        name=name,
        grants=grants,
        person_id=person_id,
        invited_by=by.id if by else None,
        expires_at=utc_now() + (LASTS if person_id is None else RESET_LASTS),
    )
    session.exec(delete(InvitationRow).where(col(InvitationRow.expires_at) <= utc_now()))
    session.add(row)
    session.flush()
    return token, row
