"""Invitations: single-use links that create an account or set a new passphrase."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from content_server.accounts.accounts import create_account, find_person, validate_grants
from content_server.accounts.names import validate_name
from content_server.accounts.roles import Grant, Person, Role
from content_server.accounts.sessions import end_all_sessions, token_hash
from content_server.accounts.tables import InvitationRow, PersonRow
from content_server.db import utc_now
from content_server.errors import PersonNotFound
from content_server.phrases import _

TOKEN_BYTES = 16  # 128 bits; short enough for a QR a cheap camera reads
INVITATION_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(days=1)


def write_invitation(
    session: Session, by: Person | None, name: str, grants: Iterable[Grant]
) -> tuple[str, InvitationRow]:
    """Insert an invitation; return its token, shown once, and the row. Raises InvalidAccount."""
    new_grants = [
        {"role": grant.role.value, "folder": grant.folder, "unit": grant.unit}
        for grant in validate_grants(grants)
    ]
    return _insert_invitation(session, by, validate_name(name), new_grants, None)


def write_reset_invitation(
    session: Session, by: Person | None, person: PersonRow
) -> tuple[str, InvitationRow]:
    """Insert an invitation to choose a new passphrase; delete the person's older ones."""
    session.exec(delete(InvitationRow).where(col(InvitationRow.person_id) == person.id))
    return _insert_invitation(session, by, person.name, [], person.id)


def find_invitation(session: Session, token: str) -> InvitationRow:
    """Return an open invitation. Raises PersonNotFound alike for used, expired and unknown."""
    row = session.exec(
        select(InvitationRow).where(InvitationRow.token_hash == token_hash(token))
    ).first()
    if row is None or utc_now() >= row.expires_at:
        raise PersonNotFound(
            _("Lời mời này đã dùng rồi hoặc đã hết hạn. Xin người mời gửi lại lời mời mới.")
        )
    return row


def use_invitation(
    session: Session, token: str, name: str, login: str, passphrase_hash: str
) -> PersonRow:
    """Delete the invitation and create its account, or set the passphrase and end all sessions.

    Raises PersonNotFound and InvalidAccount.
    """
    row = find_invitation(session, token)
    session.delete(row)
    if row.person_id is None:
        return create_account(session, name, login, passphrase_hash, invitation_grants(row))
    person = find_person(session, row.person_id)
    person.passphrase_hash = passphrase_hash
    session.add(person)
    end_all_sessions(session, row.person_id)
    return person


def invitation_grants(row: InvitationRow) -> list[Grant]:
    return [Grant(Role(each["role"]), each["folder"], each["unit"]) for each in row.grants]


def list_open_invitations(session: Session) -> list[InvitationRow]:
    """Return the open invitations, newest first."""
    query = (
        select(InvitationRow)
        .where(col(InvitationRow.expires_at) > utc_now())
        .order_by(col(InvitationRow.id).desc())
    )
    return list(session.exec(query).all())


def revoke_invitation(session: Session, invitation_id: int) -> InvitationRow:
    """Delete an open invitation and return it. Raises PersonNotFound."""
    row = session.get(InvitationRow, invitation_id)
    if row is None:
        raise PersonNotFound(_("Lời mời này không còn."))
    session.delete(row)
    return row


def _insert_invitation(
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
        expires_at=utc_now() + (INVITATION_LIFETIME if person_id is None else RESET_LIFETIME),
    )
    session.exec(delete(InvitationRow).where(col(InvitationRow.expires_at) <= utc_now()))
    session.add(row)
    session.flush()
    return token, row
