"""What a task is handed: its payload, and how to tell of progress, hear "stop", and save."""

from collections.abc import Callable
from threading import Event
from typing import Any

from sqlmodel import Session

from content_server.jobs.tables import Job


class Context:
    """One attempt at a job. Every method is quick and may be called as often as one likes."""

    def __init__(self, job: Job, stopping: Event | None = None) -> None:
        self.job = job
        self.percent = 0.0
        self.length_s: float | None = None
        self.changes: list[Callable[[Session], object]] = []
        self.cancel_requested = False  # a person asked
        self.lost = False  # another worker has the job now
        self.told_to_stop = False  # the task has heard it
        self._stopping = stopping or Event()  # the worker itself is going home

    @property
    def job_id(self) -> int:
        if self.job.id is None:
            raise TypeError("a job that runs has an id")
        return self.job.id

    @property
    def payload(self) -> dict[str, Any]:
        return self.job.payload

    def report(self, percent: float, length_s: float | None = None) -> None:
        """Say how far the work is, 0–100; people see it at most four times a second.

        `length_s` is how long the medium is: then they see the speed too.
        """
        self.length_s = length_s or self.length_s
        self.percent = min(100.0, max(0.0, percent))

    def is_cancelled(self) -> bool:
        """Return whether to stop: then tidy up and return, or raise; nothing will be saved."""
        self.told_to_stop |= self.cancel_requested or self.lost or self._stopping.is_set()
        return self.told_to_stop

    def save(self, change: Callable[[Session], object]) -> None:
        """Let `change` write to the database when the task has returned.

        It is one transaction with the job's own end: both are written, once, or neither.
        """
        self.changes.append(change)
