"""What a waiting job waits for: the jobs it needs, its twin that runs, and its rest after failing.

Every function works in the caller's transaction.
"""

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from content_server.db import utc_now
from content_server.jobs.tables import ENDED, LONGEST_REST_S, Job, JobNeed, JobState
from content_server.phrases import Phrase, _


def claimable(tasks: Collection[str], *, even_resting: bool = False) -> SelectOfScalar[Job]:
    """Select what may run now: all it waits for has ended, nothing of its key runs, it has rested.

    With `even_resting`, also what rests after a failure.
    """
    needed, twin = aliased(Job), aliased(Job)
    waits = sa.exists().where(
        col(JobNeed.job_id) == Job.id,
        col(JobNeed.needed_id) == needed.id,
        col(needed.state).not_in(ENDED),
    )
    twin_runs = sa.exists().where(col(twin.key) == Job.key, col(twin.state) == JobState.RUNNING)
    query = select(Job).where(
        Job.state == JobState.WAITING, col(Job.task).in_(tasks), ~waits, ~twin_runs
    )
    if not even_resting:
        query = query.where(_has_rested())
    return query.order_by(col(Job.priority), col(Job.id))


def why_not(needed: Job) -> Phrase:
    """Say why a job that needs `needed` cannot be done."""
    if needed.state is JobState.CANCELLED or needed.error_phrase is None:
        return _("Việc “{name}” cần có trước đã bị dừng.", name=needed.label)
    return _(
        "Việc “{name}” cần có trước không làm được: {why}",
        name=needed.label,
        why=needed.error_phrase,
    )


def _has_rested() -> sa.ColumnElement[bool]:
    """Ask for the end of the rest; one that ends in decades is not believed.

    A board without a battery may start in 1970 and come back to the present later, or not.
    """
    now, until = utc_now(), col(Job.not_before)
    return sa.or_(
        until.is_(None), until <= now, until > now + timedelta(seconds=2 * LONGEST_REST_S)
    )
