"""The queue: enqueue, claim, finish, fail, cancel and release jobs.

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
from content_server.jobs.dependencies import dependency_error, select_claimable
from content_server.jobs.tables import (
    BACKOFF_S,
    END_STATES,
    MAX_ATTEMPTS,
    MAX_FAILURES,
    Job,
    JobDependency,
    JobState,
    job_transition,
    phrase_to_json,
)
from content_server.phrases import Phrase, _

__all__ = [
    "Job",
    "JobDependency",
    "JobState",
    "claim_job",
    "count_by_state",
    "enqueue",
    "fail_job",
    "finish_job",
    "has_work",
    "is_idle",
    "job_transition",
    "mark_cancelled",
    "record_heartbeat",
    "release_interrupted_jobs",
    "release_job",
    "request_cancel",
]

_OPEN_STATES = (JobState.WAITING, JobState.RUNNING)
_UNSUCCESSFUL_STATES = (JobState.FAILED, JobState.CANCELLED)


def enqueue(  # noqa: PLR0913  # the fields of a job, by name
    session: Session,
    task: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    priority: int = 100,
    needs: Sequence[int] = (),
    after: Sequence[int] = (),
    label: str | None = None,
    even_if_running: bool = False,
) -> Job:
    """Insert a job, or return the waiting or running one with the same task, key and payload.

    Jobs with one key and different payloads run one after another. `even_if_running`: a running job
    may have read outdated data, so insert another one behind it. `needs`: ids of jobs that must
    succeed first; when one fails, this job fails. `after`: ids of jobs that must have ended,
    whether they succeeded or failed. `label`: shown to people; the key by default.
    """
    digest = _work_digest(task, payload, key)
    _lock_digest(session, digest)
    job = _find_same_work(session, digest, (JobState.WAITING,) if even_if_running else _OPEN_STATES)
    if job is None:
        job = Job(task=task, payload=dict(payload), key=key, digest=digest, label=label or key)
        job.priority = priority
        session.add(job)
        session.flush()
    if job.state is JobState.WAITING:
        job.priority = min(job.priority, priority)
        _add_dependencies(session, job, after, must_succeed=False)
        _add_dependencies(session, job, needs, must_succeed=True)
    session.flush()
    return job


def claim_job(session: Session, owner: str, tasks: Collection[str]) -> Job | None:
    """Claim the first runnable job of `tasks`, or None. The returned row is the token."""
    query = select_claimable(tasks).limit(1).with_for_update(skip_locked=True, of=Job)
    job = session.exec(query.execution_options(populate_existing=True)).first()
    if job is None:
        return None
    job.state = job_transition(job.state, JobState.RUNNING)
    job.owner, job.attempt, job.percent = owner, job.attempt + 1, 0.0
    job.started_at = job.heartbeat_at = utc_now()
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError:  # another machine has just claimed a job of the same key
        session.expunge(job)
        return None
    return job


def has_work(session: Session, tasks: Collection[str]) -> bool:
    """Tell whether claim_job would find a job; cheap, takes no lock."""
    return session.exec(select_claimable(tasks).limit(1)).first() is not None


def record_heartbeat(
    session: Session, held: Job, percent: float | None = None, length_s: float | None = None
) -> Job | None:
    """Renew the lease and store the progress; return the row, None if the token is outdated."""
    job = _load_held(session, held)
    if job is not None:
        job.heartbeat_at = utc_now()
        job.percent = job.percent if percent is None else min(100.0, max(0.0, percent))
        job.length_s = length_s or job.length_s
        session.flush()
    return job


def finish_job(session: Session, held: Job) -> bool:
    """Mark the job done. False, and nothing changed, if the token is outdated."""
    job = _load_held(session, held)
    if job is None:
        return False
    job.percent, job.error = 100.0, None
    _end_job(session, job, JobState.DONE)
    return True


def fail_job(  # the fields of a failure, by name
    session: Session,
    held: Job,
    error: Phrase,
    *,
    is_permanent: bool = False,
    backoff_s: Sequence[float] = BACKOFF_S,
) -> bool:
    """Record a failure: retry after `backoff_s`, or mark the job failed.

    It is marked failed after MAX_FAILURES or if `is_permanent`. False, and nothing changed, if the
    token is outdated.
    """
    job = _load_held(session, held)
    if job is None:
        return False
    job.failures += 1
    job.error = phrase_to_json(error)
    if is_permanent or job.failures >= MAX_FAILURES:
        _end_job(session, job, JobState.FAILED)
    else:
        delay_s = backoff_s[min(job.failures, len(backoff_s)) - 1]
        job.not_before = utc_now() + timedelta(seconds=delay_s)
        _return_to_waiting(session, job)
    return True


def release_job(session: Session, held: Job) -> bool:
    """Return an interrupted job to the waiting ones; after MAX_ATTEMPTS mark it failed.

    A job whose cancellation was requested is cancelled. False if the token is outdated.
    """
    job = _load_held(session, held)
    if job is None:
        return False
    if job.cancel_requested:
        _end_job(session, job, JobState.CANCELLED)
    elif job.attempt >= MAX_ATTEMPTS:
        job.error = phrase_to_json(
            _("Máy đã dừng {count} lần giữa lúc làm việc này, nên thôi.", count=job.attempt)
        )
        _end_job(session, job, JobState.FAILED)
    else:
        _return_to_waiting(session, job)
    return True


def release_interrupted_jobs(session: Session, owner: str) -> int:
    """Release all running jobs of `owner`, a process that died; return how many."""
    query = select(Job).where(Job.state == JobState.RUNNING, Job.owner == owner)
    return sum(release_job(session, job) for job in session.exec(query).all())


def mark_cancelled(session: Session, held: Job) -> bool:
    """Mark the job cancelled. False, and nothing changed, if the token is outdated."""
    job = _load_held(session, held)
    if job is None:
        return False
    _end_job(session, job, JobState.CANCELLED)
    return True


def request_cancel(session: Session, job_id: int) -> bool:
    """Cancel a waiting job, or ask a running one to stop. False if it has ended."""
    job = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    if job is None or job.state not in _OPEN_STATES:
        return False
    job.cancel_requested = True
    if job.state is JobState.WAITING:
        _end_job(session, job, JobState.CANCELLED)
    session.flush()
    return True


def count_by_state(
    session: Session, tasks: Collection[str] | None = None
) -> Mapping[JobState, int]:
    """Return the number of jobs in each state; of `tasks` only, if given."""
    return {state: number for state, (number, _) in summarize_states(session, tasks).items()}


def summarize_states(
    session: Session, tasks: Collection[str] | None = None
) -> Mapping[JobState, tuple[int, float]]:
    """Return for each state the number of jobs and the sum of their percents, in one query."""
    query = select(Job.state, sa.func.count(), sa.func.sum(Job.percent)).group_by(col(Job.state))
    if tasks is not None:
        query = query.where(col(Job.task).in_(tasks))
    found = {JobState(state): (number, percent) for state, number, percent in session.exec(query)}
    return {state: found.get(state, (0, 0.0)) for state in JobState}


def is_idle(session: Session, tasks: Collection[str]) -> bool:
    """Tell whether no job of `tasks` runs anywhere or could be claimed now or after backoff."""
    running = select(Job.id).where(Job.state == JobState.RUNNING, col(Job.task).in_(tasks))
    if session.exec(running.limit(1)).first() is not None:
        return False
    return session.exec(select_claimable(tasks, include_backoff=True).limit(1)).first() is None


def _work_digest(task: str, payload: Mapping[str, Any], key: str) -> str:
    text = json.dumps([task, key, payload], sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def _lock_digest(session: Session, digest: str) -> None:
    """Serialize machines that enqueue the same work; SQLite does so by itself."""
    if session.get_bind().dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock(int(digest[:15], 16))
        session.execute(sa.select(lock))


def _find_same_work(session: Session, digest: str, states: Collection[JobState]) -> Job | None:
    query = select(Job).where(Job.digest == digest, col(Job.state).in_(states))
    return session.exec(query.order_by(col(Job.id).desc()).limit(1)).first()


def _add_dependencies(
    session: Session, job: Job, ids: Sequence[int], *, must_succeed: bool
) -> None:
    """Make `job` depend on the jobs `ids`; fail it if a required one has failed already."""
    # The rows stay locked until the transaction ends: a job that fails later sees the dependency.
    query = select(Job).where(col(Job.id).in_(ids)).order_by(col(Job.id))
    for needed in session.exec(query.with_for_update(read=True)).all() if ids else ():
        if needed.state not in END_STATES and needed.id != job.id:
            known = session.get(JobDependency, (_id(job), _id(needed)))
            must = must_succeed or (known is not None and known.must_succeed)
            session.merge(
                JobDependency(job_id=_id(job), depends_on_id=_id(needed), must_succeed=must)
            )
        elif (
            must_succeed and needed.state in _UNSUCCESSFUL_STATES and job.state is JobState.WAITING
        ):
            job.error = phrase_to_json(dependency_error(needed))
            _end_job(session, job, JobState.FAILED)


def _load_held(session: Session, held: Job) -> Job | None:
    """Return the locked row of a job if `held` is still its token."""
    query = select(Job).where(
        Job.id == held.id,
        Job.state == JobState.RUNNING,
        Job.owner == held.owner,
        Job.attempt == held.attempt,
    )
    fresh = query.with_for_update().execution_options(populate_existing=True)
    return session.exec(fresh).first()


def _return_to_waiting(session: Session, job: Job) -> None:
    job.state = job_transition(job.state, JobState.WAITING)
    job.owner, job.percent = None, 0.0
    session.flush()


def _end_job(session: Session, job: Job, to: JobState) -> None:
    """End a job; jobs that need it to succeed fail in the same transaction."""
    job.state = job_transition(job.state, to)
    job.owner, job.finished_at = None, utc_now()
    session.flush()
    if to not in _UNSUCCESSFUL_STATES:
        return
    query = select(Job).where(
        Job.state == JobState.WAITING,
        col(Job.id).in_(
            select(JobDependency.job_id).where(
                JobDependency.depends_on_id == job.id, col(JobDependency.must_succeed)
            )
        ),
    )
    for dependent in session.exec(query).all():
        dependent.error = phrase_to_json(dependency_error(job))
        _end_job(session, dependent, JobState.FAILED)


def _id(job: Job) -> int:
    if job.id is None:
        raise TypeError("a job has its id once it is flushed")
    return job.id
