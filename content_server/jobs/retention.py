"""Ended jobs: the recent failures, and deletion after RETENTION_DAYS."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.jobs.tables import RETENTION_DAYS, Job, JobState


def list_recent_failures(session: Session, limit: int) -> list[Job]:
    """Return at most `limit` failed jobs, newest first."""
    query = select(Job).where(Job.state == JobState.FAILED)
    return list(session.exec(query.order_by(col(Job.finished_at).desc()).limit(limit)))


def delete_expired_jobs(session: Session) -> int:
    """Delete jobs that ended before their RETENTION_DAYS; return how many."""
    deleted = 0
    for state, days in RETENTION_DAYS.items():
        old = col(Job.finished_at) < utc_now() - timedelta(days=days)
        query = sa.delete(Job).where(col(Job.state) == state, old)
        deleted += session.exec(query).rowcount
    return deleted
