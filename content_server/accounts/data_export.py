"""What is kept about a person: handed over when they ask, and removed when they leave."""

from typing import Any

from sqlmodel import Session, col, delete, update

from content_server.accounts.accounts import disable, find_person
from content_server.accounts.audit_log import newest
from content_server.accounts.sessions import person_of, sessions_of
from content_server.accounts.tables import GrantRow, InvitationRow, LogRow, SessionRow

MOST_LINES = 10_000
NAMELESS = "—"


def data_of(session: Session, person_id: int) -> dict[str, Any]:
    """Return everything kept about a person, as plain JSON. Raises PersonNotFound."""
    row = find_person(session, person_id)
    person = person_of(session, row)
    return {
        "name": row.name,
        "login": row.login,
        "language": row.tag,
        "since": row.created_at.isoformat(),
        "second_key": row.second_key is not None,
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
            for each in sessions_of(session, person_id)
        ],
        "log": [
            {"at": line.at.isoformat(), "what": line.what, "about": line.about}
            for line in newest(session, person_id=person_id, most=MOST_LINES)
        ],
    }


def leave(session: Session, person_id: int) -> None:
    """Remove a person: name, keys, roles, devices, and the link from the log to them.

    What they made stays, as made by nobody. Raises PersonNotFound, PersonRefused (last admin).
    """
    row = find_person(session, person_id)
    disable(session, row)
    row.name, row.login, row.tag = NAMELESS, None, "vi"
    row.passphrase_hash = row.second_key = None
    session.add(row)
    for table in (GrantRow, SessionRow):
        session.exec(delete(table).where(col(table.person_id) == person_id))
    session.exec(delete(InvitationRow).where(col(InvitationRow.invited_by) == person_id))
    session.exec(update(LogRow).where(col(LogRow.person_id) == person_id).values(person_id=None))
