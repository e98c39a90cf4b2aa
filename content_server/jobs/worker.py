"""The worker: threads that take jobs and do them, whatever a task throws at them."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from threading import Condition, Event, Thread

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from content_server.db import Database
from content_server.errors import AppError, DatabaseBusy, StoreUnavailable
from content_server.jobs.context import Context
from content_server.jobs.heartbeats import LEASE_S, Heartbeats
from content_server.jobs.progress import Progress, read_progress
from content_server.jobs.queue import (
    Job,
    JobState,
    cancel,
    claim,
    counts,
    fail,
    finish,
    give_back,
    has_work,
    is_idle,
    return_interrupted,
)
from content_server.jobs.tables import BACKOFF_S
from content_server.phrases import Phrase, _

__all__ = ["Context", "Progress", "Task", "Worker"]

POLL_S = 1.0  # for work another process put in; our own is told by wake()
LOOK_S = 0.1  # how often a progress bar is looked after
RETRY_S = 1.0  # after the database did not answer
BEAT_S = 1.0  # what a beat under way is given to end, at least
STOP_S = 20.0  # how long a task may take to hear that the worker goes home
SERVER_TROUBLE = 500  # a Refused below this status is about the input: trying again changes nothing

Task = Callable[[Context], None]
Ending = Callable[[Session], bool]

log = logging.getLogger(__name__)


class Worker:
    """Does jobs in threads of this process.

    `owner` names this process among all that work on the database: give it to no other that is
    alive (for the server's own worker, `hold_data_folder` sees to that).
    """

    def __init__(  # noqa: PLR0913  # all but two by name
        self,
        database: Database,
        tasks: Mapping[str, Task],
        *,
        threads: int,
        owner: str,
        lease_s: float = LEASE_S,
        backoff_s: Sequence[float] = BACKOFF_S,
    ) -> None:
        self._database = database
        self._tasks = dict(tasks)
        self._count = threads
        self._owner = owner
        self._backoff_s = backoff_s
        self._pulse = Heartbeats(database, tuple(self._tasks), lease_s=lease_s)
        self._threads: list[Thread] = []
        self._beating: Thread | None = None
        self._stopping = Event()
        self._pulse_stopped = Event()
        self._bell = Condition()
        self._rings = 0
        self._returned = False

    def run_until_idle(self, on_change: Callable[[Progress], None] | None = None) -> Progress:
        """Do all there is to do, telling `on_change` how far it is; return how it went.

        Jobs that another process works on are waited for. What `on_change` raises ends the run.
        """
        with self._database.read() as session:
            before = counts(session, self._tasks)
        progress = None
        self._begin(until_idle=True)
        try:
            while working := [thread for thread in self._threads if thread.is_alive()]:
                latest = self._progress(before)
                if on_change and latest != progress:
                    on_change(latest)
                progress = latest
                working[0].join(LOOK_S)
        finally:
            self.stop()
        latest = self._progress(before)
        if on_change and latest != progress:
            on_change(latest)
        return latest

    def start(self) -> None:
        """Do jobs in the background until stop()."""
        self._begin(until_idle=False)

    def wake(self) -> None:
        """Tell the threads that there may be work, now."""
        with self._bell:
            self._rings += 1
            self._bell.notify_all()

    def stop(self, wait_s: float = STOP_S) -> None:
        """Tell the tasks to stop and wait for them; what they leave undone is given back.

        A task that does not listen is left behind: its job is taken again at the next start.
        """
        self._stopping.set()
        self.wake()
        give_up_at_s = time.monotonic() + wait_s
        for thread in self._threads:
            thread.join(max(0.0, give_up_at_s - time.monotonic()))
        self._pulse_stopped.set()
        if self._beating:  # a beat under way holds a connection: who closes the database waits
            self._beating.join(max(BEAT_S, give_up_at_s - time.monotonic()))
        self._threads, self._beating = [], None

    def _begin(self, *, until_idle: bool) -> None:
        if self._threads:
            raise RuntimeError("this worker is at work already")
        if not self._returned:
            with self._database.write() as session:
                return_interrupted(session, self._owner)
            self._returned = True
        self._stopping, self._pulse_stopped = Event(), Event()
        self._beating = Thread(
            target=self._pulse.beat_until, args=(self._pulse_stopped,), name="pulse", daemon=True
        )
        self._threads = [
            Thread(target=self._work, args=(until_idle,), name=f"worker-{number}", daemon=True)
            for number in range(self._count)
        ]
        for thread in (self._beating, *self._threads):
            thread.start()

    def _work(self, until_idle: bool) -> None:  # noqa: FBT001  # handed over by Thread
        while not self._stopping.is_set():
            rings = self._rings
            try:
                job = self._take()
                if job is None and until_idle and self._is_idle():
                    return
            except (AppError, SQLAlchemyError):
                log.warning("no job could be taken, trying again", exc_info=True)
                job = None
            if job is None:
                self._rest(rings)
            else:
                self._do(job)
                self.wake()  # others may have waited for this one

    def _rest(self, rings: int) -> None:
        with self._bell:
            self._bell.wait_for(lambda: self._rings != rings, POLL_S)

    def _take(self) -> Job | None:
        with self._database.read() as session:
            if not has_work(session, self._tasks):
                return None
        with self._database.write() as session:
            return claim(session, self._owner, self._tasks)

    def _is_idle(self) -> bool:
        with self._database.read() as session:
            return is_idle(session, self._tasks)

    def _progress(self, before: Mapping[JobState, int]) -> Progress:
        with self._database.read() as session:
            return read_progress(session, self._tasks, before)

    def _do(self, job: Job) -> None:
        context = Context(job, self._stopping)
        with self._pulse.keeping(context):
            ending = self._attempt(context)
            while not self._written(context, ending):
                if self._stopping.wait(RETRY_S):
                    return  # still marked as ours: given back at the next start

    def _attempt(self, context: Context) -> Ending:
        """Do the task; return what is to be written about it."""
        try:
            self._tasks[context.job.task](context)
        except BaseException as error:  # noqa: BLE001  # no task may end the worker
            return self._ending_of(context, error)
        return self._ending_of(context, None)

    def _written(self, context: Context, ending: Ending) -> bool:
        """Write the ending. False when the database did not answer: try again."""
        try:
            with self._database.write() as session:
                if not ending(session):
                    log.warning("job %s was given to another worker; left out", context.job_id)
        except (DatabaseBusy, StoreUnavailable):
            log.warning("job %s: its end could not be written yet", context.job_id, exc_info=True)
            return False
        except Exception as error:
            if not context.changes:  # nothing of the task's: its lease will run out
                log.exception("job %s: its end could not be written", context.job_id)
                return True
            context.changes.clear()
            return self._written(context, self._ending_of(context, error))
        return True

    def _ending_of(self, context: Context, error: BaseException | None) -> Ending:
        """Decide what to write after a task returned, or raised `error`."""
        job = context.job
        if context.told_to_stop:
            ending = cancel if context.cancel_requested else give_back
            return lambda session: ending(session, job)
        if error is None:
            return lambda session: _finish_with_changes(session, context)
        for_good = isinstance(error, AppError) and error.status < SERVER_TROUBLE
        log.error("job %s (%s) failed", job.id, job.label, exc_info=error)
        why = _why(context, error)
        return lambda session: fail(session, job, why, for_good=for_good, backoff_s=self._backoff_s)


def _finish_with_changes(session: Session, context: Context) -> bool:
    if not finish(session, context.job):
        return False
    for change in context.changes:
        change(session)
    return True


def _why(context: Context, error: BaseException) -> Phrase:
    if isinstance(error, AppError):
        return error.phrase
    return _(
        "Máy gặp lỗi không ngờ ở việc số {number}. Người quản máy xem thêm trong nhật ký.",
        number=context.job_id,
    )
