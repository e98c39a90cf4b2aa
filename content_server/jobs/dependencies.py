"""When a waiting job may run: dependencies have ended, no job of its key runs, no backoff.

Every function works in the caller's transaction.
"""

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from content_server.db import utc_now
from content_server.jobs.tables import END_STATES, MAX_BACKOFF_S, Job, JobDependency, JobState
from content_server.phrases import Phrase, _


def select_claimable(
    tasks: Collection[str], *, include_backoff: bool = False
) -> SelectOfScalar[Job]:
    """Select the jobs that may run now, by priority.

    Their dependencies have ended, no job with their key is running, and their backoff has passed;
    with `include_backoff`, jobs in backoff are included.
    """
    needed, same_key = aliased(Job), aliased(Job)
    has_open_dependency = sa.exists().where(
        col(JobDependency.job_id) == Job.id,
        col(JobDependency.depends_on_id) == needed.id,
        col(needed.state).not_in(END_STATES),
    )
    same_key_is_running = sa.exists().where(
        col(same_key.key) == Job.key, col(same_key.state) == JobState.RUNNING
    )
    query = select(Job).where(
        Job.state == JobState.WAITING,
        col(Job.task).in_(tasks),
        ~has_open_dependency,
        ~same_key_is_running,
    )
    if not include_backoff:
        query = query.where(_backoff_has_ended())
    return query.order_by(col(Job.priority), col(Job.id))


def dependency_error(needed: Job) -> Phrase:
    """Return the error of a job whose dependency `needed` failed or was cancelled."""
    if needed.state is JobState.CANCELLED or needed.error_phrase is None:
        return _("Việc “{name}” cần có trước đã bị dừng.", name=needed.label)
    return _(
        "Việc “{name}” cần có trước không làm được: {why}",
        name=needed.label,
        why=needed.error_phrase,
    )


def _backoff_has_ended() -> sa.ColumnElement[bool]:
    """Select jobs whose backoff has passed, or ends implausibly late.

    A computer without a clock battery may start in 1970, write times, and jump to the present, or
    the reverse.
    """
    now, until = utc_now(), col(Job.not_before)
    return sa.or_(until.is_(None), until <= now, until > now + timedelta(seconds=2 * MAX_BACKOFF_S))
