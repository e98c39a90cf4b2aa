"""Personal data: exported on request, erased when the account is deleted."""

from typing import Any

from sqlmodel import Session, col, delete, update

from content_server.accounts.accounts import disable_person, find_person
from content_server.accounts.sessions import list_sessions, load_person
from content_server.accounts.tables import (
    AuditLogRow,
    InvitationRow,
    PersonGrantRow,
    PersonSessionRow,
)

DELETED_NAME = "—"


def export_personal_data(session: Session, person_id: int) -> dict[str, Any]:
    """Return an account's data as plain JSON, without its audit log. Raises PersonNotFound."""
    row = find_person(session, person_id)
    person = load_person(session, row)
    return {
        "name": row.name,
        "login": row.login,
        "language": row.locale_tag,
        "since": row.created_at.isoformat(),
        "second_key": row.totp_secret is not None,
        "roles": [
            {"role": g.role.value, "language": g.folder, "unit": g.unit} for g in person.grants
        ],
        "devices": [
            {
                "device": each.device,
                "shared": each.shared,
                "since": each.created_at.isoformat(),
                "seen": each.seen_at.isoformat(),
            }
            for each in list_sessions(session, person_id)
        ],
    }


def delete_account(session: Session, person_id: int) -> None:
    """Erase a person's name, secrets, roles, sessions and invitations; unlink the audit log.

    The row stays without a name, so that their revisions keep an author id. Raises
    PersonNotFound, and InvalidAccount for the last admin.
    """
    row = find_person(session, person_id)
    disable_person(session, row)
    row.name, row.login, row.locale_tag = DELETED_NAME, None, "vi"
    row.passphrase_hash = row.totp_secret = None
    session.add(row)
    for table in (PersonGrantRow, PersonSessionRow):
        session.exec(delete(table).where(col(table.person_id) == person_id))
    session.exec(delete(InvitationRow).where(col(InvitationRow.invited_by) == person_id))
    session.exec(
        update(AuditLogRow).where(col(AuditLogRow.actor_id) == person_id).values(actor_id=None)
    )
