"""Heartbeats: renew the lease of running jobs, and release jobs whose lease has expired."""

import logging
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from content_server.db import Database
from content_server.errors import AppError
from content_server.jobs.context import JobContext
from content_server.jobs.queue import record_heartbeat, release_job
from content_server.jobs.retention import delete_expired_jobs
from content_server.jobs.tables import Job, JobState

TICK_S = 0.25  # progress is written and cancel requests are read this often
HEARTBEAT_S = 5.0
CLEANUP_INTERVAL_S = 3600.0
LEASE_S = 30.0  # a job without a heartbeat for so long is released

log = logging.getLogger(__name__)


class LeaseWatch:
    """Finds jobs without a new heartbeat for a whole lease, by the monotonic clock.

    Heartbeats are only compared with each other, never with the time: a computer without a clock
    battery starts in 1970 and jumps to today while it works.
    """

    def __init__(self, lease_s: float = LEASE_S) -> None:
        self._lease_s = lease_s
        self._seen: dict[int | None, tuple[object, float]] = {}

    def find_expired(self, jobs: Iterable[Job], now_s: float) -> list[Job]:
        """Return the jobs seen with the same heartbeat for a whole lease; `now_s` is monotonic."""
        seen: dict[int | None, tuple[object, float]] = {}
        expired = []
        for job in jobs:
            token = (job.owner, job.attempt, job.heartbeat_at)
            known = self._seen.get(job.id)
            seen[job.id] = known if known and known[0] == token else (token, now_s)
            if now_s - seen[job.id][1] >= self._lease_s:
                expired.append(job)
        self._seen = seen
        return expired


class Heartbeats:
    """Sends the heartbeats of all jobs that this process runs."""

    def __init__(
        self, database: Database, tasks: Collection[str], *, lease_s: float = LEASE_S
    ) -> None:
        self._database = database
        self._tasks = tasks
        self._lease_watch = LeaseWatch(lease_s)
        self._heartbeat_s = min(HEARTBEAT_S, lease_s / 6)
        self._contexts: dict[JobContext, float] = {}  # with the percent last written
        self._lock = Lock()
        self._sent_at_s = time.monotonic()
        self._cleaned_up_at_s = -CLEANUP_INTERVAL_S

    @contextmanager
    def keep_alive(self, context: JobContext) -> Iterator[None]:
        """Send heartbeats for the job of `context` within the block."""
        with self._lock:
            self._contexts[context] = context.percent
        try:
            yield
        finally:
            with self._lock:
                del self._contexts[context]

    def run_until(self, stopped: Event) -> None:
        """Send heartbeats every TICK_S until `stopped` is set; database errors are logged."""
        while not stopped.wait(TICK_S):
            try:
                self.send()
            except (AppError, SQLAlchemyError):
                log.warning("a heartbeat could not be written, trying again", exc_info=True)

    def send(self) -> None:
        """Write changed progress and due heartbeats; read cancel requests; release expired jobs."""
        with self._lock:
            contexts = dict(self._contexts)
        now_s = time.monotonic()
        is_due = now_s - self._sent_at_s >= self._heartbeat_s
        changed = [each for each, percent in contexts.items() if is_due or each.percent != percent]
        if changed:
            self._write_heartbeats(changed)
        self._read_cancel_requests(contexts)
        if is_due:
            self._sent_at_s = now_s
            self._release_expired(contexts, now_s)
        if now_s - self._cleaned_up_at_s >= CLEANUP_INTERVAL_S:
            self._cleaned_up_at_s = now_s
            with self._database.write() as session:
                delete_expired_jobs(session)

    def _write_heartbeats(self, contexts: Iterable[JobContext]) -> None:
        written = {each: each.percent for each in contexts}
        with self._database.write() as session:
            for context, percent in written.items():
                context.lease_lost = (
                    record_heartbeat(session, context.job, percent, context.length_s) is None
                )
        with self._lock:
            self._contexts |= {e: p for e, p in written.items() if e in self._contexts}

    def _read_cancel_requests(self, contexts: Collection[JobContext]) -> None:
        """Set `cancel_requested` of contexts whose job a person wants to stop."""
        if not contexts:
            return
        ids = [context.job_id for context in contexts]
        query = select(Job.id).where(col(Job.id).in_(ids), col(Job.cancel_requested))
        with self._database.read() as session:
            asked = set(session.exec(query))
        for context in contexts:
            context.cancel_requested = context.job_id in asked

    def _release_expired(self, own_contexts: Collection[JobContext], now_s: float) -> None:
        query = select(Job).where(Job.state == JobState.RUNNING, col(Job.task).in_(self._tasks))
        with self._database.read() as session:
            running = session.exec(query).all()
        own = {(context.job_id, context.job.attempt) for context in own_contexts}
        others = [job for job in running if (job.id, job.attempt) not in own]
        for job in self._lease_watch.find_expired(others, now_s):
            with self._database.write() as session:
                fresh = session.get(Job, job.id)
                if fresh is not None and fresh.heartbeat_at == job.heartbeat_at:
                    released = release_job(session, job)
                    log.warning(
                        "job %s: lease of worker %s expired: %s", job.id, job.owner, released
                    )
