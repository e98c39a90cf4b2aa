"""JobContext: what a task gets: payload, progress reports, cancellation, and saving changes."""

from collections.abc import Callable
from threading import Event
from typing import Any

from sqlmodel import Session

from content_server.jobs.tables import Job


class JobContext:
    """One attempt at a job. All methods are fast and may be called at any rate."""

    def __init__(self, job: Job, stopping: Event | None = None) -> None:
        self.job = job
        self.percent = 0.0
        self.length_s: float | None = None
        self.changes: list[Callable[[Session], object]] = []
        self.cancel_requested = False  # by a person
        self.lease_lost = False  # another worker has taken the job
        self.has_seen_cancellation = False  # is_cancelled has returned True
        self._stopping = stopping or Event()  # the worker is stopping

    @property
    def job_id(self) -> int:
        if self.job.id is None:
            raise TypeError("a running job has an id")
        return self.job.id

    @property
    def payload(self) -> dict[str, Any]:
        return self.job.payload

    def report(self, percent: float, length_s: float | None = None) -> None:
        """Set the progress, 0–100; it is written to the database every TICK_S.

        `length_s` is the duration of the medium; with it, pages show the speed.
        """
        self.length_s = length_s or self.length_s
        self.percent = min(100.0, max(0.0, percent))

    def is_cancelled(self) -> bool:
        """Tell whether to stop. The task then cleans up and returns or raises; nothing is saved."""
        self.has_seen_cancellation |= (
            self.cancel_requested or self.lease_lost or self._stopping.is_set()
        )
        return self.has_seen_cancellation

    def save(self, change: Callable[[Session], object]) -> None:
        """Register `change`, called with a session after the task has returned.

        All changes and the end of the job are written in one transaction.
        """
        self.changes.append(change)
