"""The queue: how jobs are put in, taken, kept, ended and given back.

Every function works in the caller's transaction. A job is enqueued together with the change that
causes it, so neither exists without the other.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.jobs.dependencies import claimable, why_not
from content_server.jobs.tables import (
    BACKOFF_S,
    ENDED,
    MAX_ATTEMPTS,
    MAX_FAILURES,
    Job,
    JobNeed,
    JobState,
    moved,
    phrase_to_json,
)
from content_server.phrases import Phrase, _

__all__ = [
    "Job",
    "JobNeed",
    "JobState",
    "cancel",
    "claim",
    "counts",
    "enqueue",
    "fail",
    "finish",
    "give_back",
    "has_work",
    "heartbeat",
    "is_idle",
    "moved",
    "request_cancel",
    "return_interrupted",
]

_OPEN = (JobState.WAITING, JobState.RUNNING)
_LOST = (JobState.FAILED, JobState.CANCELLED)


def enqueue(  # noqa: PLR0913  # a job is all of this, said by name
    session: Session,
    task: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    priority: int = 100,
    needs: Sequence[int] = (),
    after: Sequence[int] = (),
    label: str | None = None,
    again: bool = False,
) -> Job:
    """Put in a job, or return the one that waits or runs already with this task, key and payload.

    Jobs with one key and different payloads are all done, one after another. `again` is for work
    that reads what others write: a job that runs already may have read what is now old, so another
    is put behind it. `needs` are ids of jobs that must be done first: when one fails, so does this.
    `after` are ids of jobs that must have ended, however. `label` is what a person reads.
    """
    digest = _digest_of(task, payload, key)
    _enqueue_in_turn(session, digest)
    job = _same_work(session, digest, (JobState.WAITING,) if again else _OPEN)
    if job is None:
        job = Job(task=task, payload=dict(payload), key=key, digest=digest, label=label or key)
        job.priority = priority
        session.add(job)
        session.flush()
    if job.state is JobState.WAITING:
        job.priority = min(job.priority, priority)
        _wait_for(session, job, after, must_succeed=False)
        _wait_for(session, job, needs, must_succeed=True)
    session.flush()
    return job


def claim(session: Session, owner: str, tasks: Collection[str]) -> Job | None:
    """Take the first job one of `tasks` can do now, or None. The row returned is the token."""
    query = claimable(tasks).limit(1).with_for_update(skip_locked=True, of=Job)
    job = session.exec(query.execution_options(populate_existing=True)).first()
    if job is None:
        return None
    job.state = moved(job.state, JobState.RUNNING)
    job.owner, job.attempt, job.percent = owner, job.attempt + 1, 0.0
    job.started_at = job.heartbeat_at = utc_now()
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError:  # another machine has just taken a job of the same key
        session.expunge(job)
        return None
    return job


def has_work(session: Session, tasks: Collection[str]) -> bool:
    """Return whether `claim` would find something; cheap, and takes no lock."""
    return session.exec(claimable(tasks).limit(1)).first() is not None


def heartbeat(
    session: Session, held: Job, percent: float | None = None, length_s: float | None = None
) -> Job | None:
    """Say that the job is being worked on. None when it is no longer ours, else the fresh row."""
    job = _held(session, held)
    if job is not None:
        job.heartbeat_at = utc_now()
        job.percent = job.percent if percent is None else min(100.0, max(0.0, percent))
        job.length_s = length_s or job.length_s
        session.flush()
    return job


def finish(session: Session, held: Job) -> bool:
    """Mark the job done. False, and nothing changed, when it is no longer ours."""
    job = _held(session, held)
    if job is None:
        return False
    job.percent, job.error = 100.0, None
    _end(session, job, JobState.DONE)
    return True


def fail(  # an ending is all of this, said by name
    session: Session,
    held: Job,
    error: Phrase,
    *,
    for_good: bool = False,
    backoff_s: Sequence[float] = BACKOFF_S,
) -> bool:
    """Note a failure; the job rests and is tried again unless it was the third, or `for_good`.

    `backoff_s` is its rest after each failure. False, and nothing changed, when it is not ours.
    """
    job = _held(session, held)
    if job is None:
        return False
    job.failures += 1
    job.error = phrase_to_json(error)
    if for_good or job.failures >= MAX_FAILURES:
        _end(session, job, JobState.FAILED)
    else:
        rest_s = backoff_s[min(job.failures, len(backoff_s)) - 1]
        job.not_before = utc_now() + timedelta(seconds=rest_s)
        _wait_again(session, job)
    return True


def give_back(session: Session, held: Job) -> bool:
    """Put a job that was interrupted through no fault of its own back among the waiting.

    False when it is no longer `held`'s: it ended, or was given back and taken again.
    """
    job = _held(session, held)
    if job is None:
        return False
    if job.cancel_requested:
        _end(session, job, JobState.CANCELLED)
    elif job.attempt >= MAX_ATTEMPTS:
        job.error = phrase_to_json(
            _("Máy đã dừng {count} lần giữa lúc làm việc này, nên thôi.", count=job.attempt)
        )
        _end(session, job, JobState.FAILED)
    else:
        _wait_again(session, job)
    return True


def return_interrupted(session: Session, owner: str) -> int:
    """Give back all that `owner` was working on when it died. No other process may be so named."""
    query = select(Job).where(Job.state == JobState.RUNNING, Job.owner == owner)
    return sum(give_back(session, job) for job in session.exec(query).all())


def cancel(session: Session, held: Job) -> bool:
    """Mark the job cancelled. False, and nothing changed, when it is no longer ours."""
    job = _held(session, held)
    if job is None:
        return False
    _end(session, job, JobState.CANCELLED)
    return True


def request_cancel(session: Session, job_id: int) -> bool:
    """Ask that the job stop: at once when it waits, soon when it runs. False when it has ended."""
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None or job.state not in _OPEN:
        return False
    job.cancel_requested = True
    if job.state is JobState.WAITING:
        _end(session, job, JobState.CANCELLED)
    session.flush()
    return True


def counts(session: Session, tasks: Collection[str] | None = None) -> Mapping[JobState, int]:
    """Return how many jobs are in each state; of `tasks` only, when given."""
    return {state: number for state, (number, _) in standing(session, tasks).items()}


def standing(
    session: Session, tasks: Collection[str] | None = None
) -> Mapping[JobState, tuple[int, float]]:
    """Return of each state how many jobs are in it and their percents added up, in one question."""
    query = select(Job.state, sa.func.count(), sa.func.sum(Job.percent)).group_by(col(Job.state))
    if tasks is not None:
        query = query.where(col(Job.task).in_(tasks))
    found = {JobState(state): (number, percent) for state, number, percent in session.exec(query)}
    return {state: found.get(state, (0, 0.0)) for state in JobState}


def is_idle(session: Session, tasks: Collection[str]) -> bool:
    """Return whether nothing of `tasks` runs anywhere and nothing could be taken, now or rested."""
    running = select(Job.id).where(Job.state == JobState.RUNNING, col(Job.task).in_(tasks))
    if session.exec(running.limit(1)).first() is not None:
        return False
    return session.exec(claimable(tasks, even_resting=True).limit(1)).first() is None


def _digest_of(task: str, payload: Mapping[str, Any], key: str) -> str:
    text = json.dumps([task, key, payload], sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def _enqueue_in_turn(session: Session, digest: str) -> None:
    """Let two machines that put in the same work do so one after the other; SQLite always does."""
    if session.get_bind().dialect.name == "postgresql":
        turn = sa.func.pg_advisory_xact_lock(int(digest[:15], 16))
        session.execute(sa.select(turn))


def _same_work(session: Session, digest: str, states: Collection[JobState]) -> Job | None:
    query = select(Job).where(Job.digest == digest, col(Job.state).in_(states))
    return session.exec(query.order_by(col(Job.id).desc()).limit(1)).first()


def _wait_for(session: Session, job: Job, ids: Sequence[int], *, must_succeed: bool) -> None:
    """Let `job` wait for the jobs `ids`, or fail now when it needs one that has failed already."""
    # The rows are held until our transaction ends: a job that fails meanwhile will see us waiting.
    query = select(Job).where(col(Job.id).in_(ids)).order_by(col(Job.id))
    for needed in session.exec(query.with_for_update(read=True)).all() if ids else ():
        if needed.state not in ENDED and needed.id != job.id:
            known = session.get(JobNeed, (_id(job), _id(needed)))
            must = must_succeed or (known is not None and known.must_succeed)
            session.merge(JobNeed(job_id=_id(job), needed_id=_id(needed), must_succeed=must))
        elif must_succeed and needed.state in _LOST and job.state is JobState.WAITING:
            job.error = phrase_to_json(why_not(needed))
            _end(session, job, JobState.FAILED)


def _held(session: Session, held: Job) -> Job | None:
    """Return the row of a job, locked, if `held` still is the token of whoever has it."""
    query = select(Job).where(
        Job.id == held.id,
        Job.state == JobState.RUNNING,
        Job.owner == held.owner,
        Job.attempt == held.attempt,
    )
    fresh = query.with_for_update().execution_options(populate_existing=True)
    return session.exec(fresh).first()


def _wait_again(session: Session, job: Job) -> None:
    job.state = moved(job.state, JobState.WAITING)
    job.owner, job.percent = None, 0.0
    session.flush()


def _end(session: Session, job: Job, to: JobState) -> None:
    """End a job; those that cannot do without it fail with it, in the same transaction."""
    job.state = moved(job.state, to)
    job.owner, job.finished_at = None, utc_now()
    session.flush()
    if to not in _LOST:
        return
    query = select(Job).where(
        Job.state == JobState.WAITING,
        col(Job.id).in_(
            select(JobNeed.job_id).where(JobNeed.needed_id == job.id, col(JobNeed.must_succeed))
        ),
    )
    for dependent in session.exec(query).all():
        dependent.error = phrase_to_json(why_not(job))
        _end(session, dependent, JobState.FAILED)


def _id(job: Job) -> int:
    if job.id is None:
        raise TypeError("a job has its id once it is flushed")
    return job.id
