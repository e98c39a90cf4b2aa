"""Jobs that have ended: why some failed, and how long each is remembered."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.jobs.tables import KEPT_DAYS, Job, JobState


def last_failed(session: Session, most: int) -> list[Job]:
    """Return the jobs that failed last, newest first, at most `most`."""
    query = select(Job).where(Job.state == JobState.FAILED)
    return list(session.exec(query.order_by(col(Job.finished_at).desc()).limit(most)))


def forget_ended(session: Session) -> int:
    """Delete jobs that ended long ago (KEPT_DAYS); return how many."""
    forgotten = 0
    for state, days in KEPT_DAYS.items():
        old = col(Job.finished_at) < utc_now() - timedelta(days=days)
        gone = sa.delete(Job).where(col(Job.state) == state, old)
        forgotten += session.exec(gone).rowcount
    return forgotten
