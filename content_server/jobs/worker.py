"""The worker: threads that claim and run jobs; no exception of a task stops them."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from threading import Condition, Event, Thread

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from content_server.db import Database
from content_server.errors import AppError, DatabaseBusy, StoreUnavailable
from content_server.jobs.context import JobContext
from content_server.jobs.heartbeats import LEASE_S, Heartbeats
from content_server.jobs.progress import Progress, load_progress
from content_server.jobs.queue import (
    Job,
    JobState,
    claim_job,
    count_by_state,
    fail_job,
    finish_job,
    has_work,
    is_idle,
    mark_cancelled,
    release_interrupted_jobs,
    release_job,
)
from content_server.jobs.tables import BACKOFF_S
from content_server.phrases import Phrase, _

__all__ = ["JobContext", "Progress", "Task", "Worker"]

POLL_S = 1.0  # for jobs of other processes; own ones call wake()
PROGRESS_POLL_S = 0.1  # how often run_until_idle reads the progress
RETRY_S = 1.0  # after a database error
HEARTBEAT_STOP_S = 1.0  # minimum time for a heartbeat in progress to end
STOP_TIMEOUT_S = 20.0  # how long stop() waits for running tasks
SERVER_ERROR = 500  # an AppError below this status is about the input: no retry

Task = Callable[[JobContext], None]
Outcome = Callable[[Session], bool]

log = logging.getLogger(__name__)


class Worker:
    """Runs jobs in threads of this process.

    `owner` names the process among all workers of the database; no two living ones may share a name
    (the server's own holds `lock_data_folder`).
    """

    def __init__(  # noqa: PLR0913  # most are keywords
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
        self._thread_count = threads
        self._owner = owner
        self._backoff_s = backoff_s
        self._heartbeats = Heartbeats(database, tuple(self._tasks), lease_s=lease_s)
        self._threads: list[Thread] = []
        self._heartbeat_thread: Thread | None = None
        self._stopping = Event()
        self._heartbeats_stopped = Event()
        self._wake_condition = Condition()
        self._wake_count = 0
        self._released_interrupted = False

    def run_until_idle(self, on_change: Callable[[Progress], None] | None = None) -> Progress:
        """Run jobs until none is left and return the result; call `on_change` with the progress.

        Waits for jobs that other processes run. An exception of `on_change` stops the run.
        """
        with self._database.read() as session:
            before = count_by_state(session, self._tasks)
        progress = None
        self._start_threads(until_idle=True)
        try:
            while working := [thread for thread in self._threads if thread.is_alive()]:
                latest = self._progress(before)
                if on_change and latest != progress:
                    on_change(latest)
                progress = latest
                working[0].join(PROGRESS_POLL_S)
        finally:
            self.stop()
        latest = self._progress(before)
        if on_change and latest != progress:
            on_change(latest)
        return latest

    def start(self) -> None:
        """Run jobs in background threads until stop()."""
        self._start_threads(until_idle=False)

    def wake(self) -> None:
        """Wake the threads: there may be a job."""
        with self._wake_condition:
            self._wake_count += 1
            self._wake_condition.notify_all()

    def stop(self, wait_s: float = STOP_TIMEOUT_S) -> None:
        """Ask the tasks to stop and wait at most `wait_s`; their jobs are released.

        The job of a task that does not return is released at the next start.
        """
        self._stopping.set()
        self.wake()
        give_up_at_s = time.monotonic() + wait_s
        for thread in self._threads:
            thread.join(max(0.0, give_up_at_s - time.monotonic()))
        self._heartbeats_stopped.set()
        if self._heartbeat_thread:  # a heartbeat in progress holds a connection
            self._heartbeat_thread.join(max(HEARTBEAT_STOP_S, give_up_at_s - time.monotonic()))
        self._threads, self._heartbeat_thread = [], None

    def _start_threads(self, *, until_idle: bool) -> None:
        if self._threads:
            raise RuntimeError("this worker runs already")
        if not self._released_interrupted:
            with self._database.write() as session:
                release_interrupted_jobs(session, self._owner)
            self._released_interrupted = True
        self._stopping, self._heartbeats_stopped = Event(), Event()
        self._heartbeat_thread = Thread(
            target=self._heartbeats.run_until,
            args=(self._heartbeats_stopped,),
            name="heartbeats",
            daemon=True,
        )
        self._threads = [
            Thread(target=self._run_loop, args=(until_idle,), name=f"worker-{number}", daemon=True)
            for number in range(self._thread_count)
        ]
        for thread in (self._heartbeat_thread, *self._threads):
            thread.start()

    def _run_loop(self, until_idle: bool) -> None:  # noqa: FBT001  # passed by Thread
        while not self._stopping.is_set():
            wake_count = self._wake_count
            try:
                job = self._claim()
                if job is None and until_idle and self._is_idle():
                    return
            except (AppError, SQLAlchemyError):
                log.warning("no job could be taken, trying again", exc_info=True)
                job = None
            if job is None:
                self._wait_for_wake(wake_count)
            else:
                self._run_job(job)
                self.wake()  # jobs may have waited for this one

    def _wait_for_wake(self, wake_count: int) -> None:
        with self._wake_condition:
            self._wake_condition.wait_for(lambda: self._wake_count != wake_count, POLL_S)

    def _claim(self) -> Job | None:
        with self._database.read() as session:
            if not has_work(session, self._tasks):
                return None
        with self._database.write() as session:
            return claim_job(session, self._owner, self._tasks)

    def _is_idle(self) -> bool:
        with self._database.read() as session:
            return is_idle(session, self._tasks)

    def _progress(self, before: Mapping[JobState, int]) -> Progress:
        with self._database.read() as session:
            return load_progress(session, self._tasks, before)

    def _run_job(self, job: Job) -> None:
        context = JobContext(job, self._stopping)
        with self._heartbeats.keep_alive(context):
            outcome = self._run_task(context)
            while not self._write_outcome(context, outcome):
                if self._stopping.wait(RETRY_S):
                    return  # still claimed: released at the next start

    def _run_task(self, context: JobContext) -> Outcome:
        """Run the task; return the outcome to write."""
        try:
            self._tasks[context.job.task](context)
        except BaseException as error:  # noqa: BLE001  # no task may end the worker
            return self._outcome_of(context, error)
        return self._outcome_of(context, None)

    def _write_outcome(self, context: JobContext, outcome: Outcome) -> bool:
        """Write the outcome. False when the database did not answer: try again."""
        try:
            with self._database.write() as session:
                if not outcome(session):
                    log.warning("job %s was given to another worker; left out", context.job_id)
        except (DatabaseBusy, StoreUnavailable):
            log.warning("job %s: its end could not be written yet", context.job_id, exc_info=True)
            return False
        except Exception as error:
            if not context.changes:  # nothing of the task failed: the lease will expire
                log.exception("job %s: its end could not be written", context.job_id)
                return True
            context.changes.clear()
            return self._write_outcome(context, self._outcome_of(context, error))
        return True

    def _outcome_of(self, context: JobContext, error: BaseException | None) -> Outcome:
        """Return the outcome to write after a task returned, or raised `error`."""
        job = context.job
        if context.has_seen_cancellation:
            outcome = mark_cancelled if context.cancel_requested else release_job
            return lambda session: outcome(session, job)
        if error is None:
            return lambda session: _finish_with_changes(session, context)
        for_good = isinstance(error, AppError) and error.status < SERVER_ERROR
        log.error("job %s (%s) failed", job.id, job.label, exc_info=error)
        error_phrase = _error_phrase(context, error)
        return lambda session: fail_job(
            session, job, error_phrase, is_permanent=for_good, backoff_s=self._backoff_s
        )


def _finish_with_changes(session: Session, context: JobContext) -> bool:
    if not finish_job(session, context.job):
        return False
    for change in context.changes:
        change(session)
    return True


def _error_phrase(context: JobContext, error: BaseException) -> Phrase:
    if isinstance(error, AppError):
        return error.phrase
    return _(
        "Máy gặp lỗi không ngờ ở việc số {number}. Người quản máy xem thêm trong nhật ký.",
        number=context.job_id,
    )
