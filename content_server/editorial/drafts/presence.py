"""Presence: who has a draft open right now, reported by their open pages."""

from datetime import timedelta

from sqlmodel import Session, col, delete, select

from content_server.db import utc_now
from content_server.editorial.tables import DraftRow, PresenceRow

PRESENCE_S = 60  # a page that has not reported for this long counts as closed


def record_presence(
    session: Session, row: DraftRow, person_id: int, part: str
) -> list[PresenceRow]:
    """Record that a person has the draft open at `part`; return the other people who have."""
    now = utc_now()
    session.exec(
        delete(PresenceRow).where(col(PresenceRow.seen_at) < now - timedelta(seconds=PRESENCE_S))
    )
    session.merge(
        PresenceRow(draft_id=row.id or 0, person_id=person_id, part=part[:60], seen_at=now)
    )
    session.flush()
    others = select(PresenceRow).where(
        PresenceRow.draft_id == row.id, PresenceRow.person_id != person_id
    )
    return list(session.exec(others.limit(20)))
