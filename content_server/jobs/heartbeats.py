"""The pulse: keeps running jobs alive, and finds those whose worker has fallen silent."""

import logging
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Lock

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from content_server.db import Database
from content_server.errors import AppError
from content_server.jobs.context import Context
from content_server.jobs.queue import give_back, heartbeat
from content_server.jobs.retention import forget_ended
from content_server.jobs.tables import Job, JobState

TICK_S = 0.25  # progress is written and a request to stop heard this often
HEARTBEAT_S = 5.0
FORGET_EVERY_S = 3600.0
LEASE_S = 30.0  # a job without a heartbeat for so long is given to another worker

log = logging.getLogger(__name__)


class LeaseWatch:
    """Notices which jobs show no new heartbeat, by our own steady clock.

    Heartbeats are only compared with each other, never with the time: a board without a battery
    starts in 1970 and jumps to today in the middle of its work.
    """

    def __init__(self, lease_s: float = LEASE_S) -> None:
        self._lease_s = lease_s
        self._seen: dict[int | None, tuple[object, float]] = {}

    def silent(self, running: Iterable[Job], now_s: float) -> list[Job]:
        """Return the jobs seen with the same heartbeat for a whole lease, `now_s` on our clock."""
        seen: dict[int | None, tuple[object, float]] = {}
        silent = []
        for job in running:
            sign = (job.owner, job.attempt, job.heartbeat_at)
            known = self._seen.get(job.id)
            seen[job.id] = known if known and known[0] == sign else (sign, now_s)
            if now_s - seen[job.id][1] >= self._lease_s:
                silent.append(job)
        self._seen = seen
        return silent


class Heartbeats:
    """Beats for every job this process works on."""

    def __init__(
        self, database: Database, tasks: Collection[str], *, lease_s: float = LEASE_S
    ) -> None:
        self._database = database
        self._tasks = tasks
        self._watch = LeaseWatch(lease_s)
        self._heartbeat_s = min(HEARTBEAT_S, lease_s / 6)
        self._contexts: dict[Context, float] = {}  # with the percent last written
        self._lock = Lock()
        self._beaten_at_s = time.monotonic()
        self._forgotten_at_s = -FORGET_EVERY_S

    @contextmanager
    def keeping(self, context: Context) -> Iterator[None]:
        """Keep the job of `context` alive."""
        with self._lock:
            self._contexts[context] = context.percent
        try:
            yield
        finally:
            with self._lock:
                del self._contexts[context]

    def beat_until(self, stopped: Event) -> None:
        """Beat in this thread until `stopped` is set; trouble with the database ends nothing."""
        while not stopped.wait(TICK_S):
            try:
                self.beat()
            except (AppError, SQLAlchemyError):
                log.warning("a heartbeat could not be written, trying again", exc_info=True)

    def beat(self) -> None:
        with self._lock:
            contexts = dict(self._contexts)
        now_s = time.monotonic()
        due = now_s - self._beaten_at_s >= self._heartbeat_s
        moved_on = [each for each, percent in contexts.items() if due or each.percent != percent]
        if moved_on:
            self._write(moved_on)
        self._hear(contexts)
        if due:
            self._beaten_at_s = now_s
            self._return_silent(contexts, now_s)
        if now_s - self._forgotten_at_s >= FORGET_EVERY_S:
            self._forgotten_at_s = now_s
            with self._database.write() as session:
                forget_ended(session)

    def _write(self, contexts: Iterable[Context]) -> None:
        written = {each: each.percent for each in contexts}
        with self._database.write() as session:
            for context, percent in written.items():
                context.lost = heartbeat(session, context.job, percent, context.length_s) is None
        with self._lock:
            self._contexts |= {e: p for e, p in written.items() if e in self._contexts}

    def _hear(self, contexts: Collection[Context]) -> None:
        """Tell the tasks whose job somebody wants to stop."""
        if not contexts:
            return
        ids = [context.job_id for context in contexts]
        query = select(Job.id).where(col(Job.id).in_(ids), col(Job.cancel_requested))
        with self._database.read() as session:
            asked = set(session.exec(query))
        for context in contexts:
            context.cancel_requested = context.job_id in asked

    def _return_silent(self, ours: Collection[Context], now_s: float) -> None:
        query = select(Job).where(Job.state == JobState.RUNNING, col(Job.task).in_(self._tasks))
        with self._database.read() as session:
            running = session.exec(query).all()
        mine = {(context.job_id, context.job.attempt) for context in ours}
        others = [job for job in running if (job.id, job.attempt) not in mine]
        for job in self._watch.silent(others, now_s):
            with self._database.write() as session:
                fresh = session.get(Job, job.id)
                if fresh is not None and fresh.heartbeat_at == job.heartbeat_at:
                    returned = give_back(session, job)
                    log.warning("job %s: worker %s fell silent: %s", job.id, job.owner, returned)
