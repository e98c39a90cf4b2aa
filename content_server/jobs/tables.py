"""Tables of work: each job, the life it goes through, and which jobs it waits for."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column, utc_now
from content_server.errors import TransitionRefused
from content_server.phrases import Phrase, _

MAX_FAILURES = 3  # a job that failed this often stays failed
BACKOFF_S = (1.0, 10.0)  # its rest after the first failure, the second …
LONGEST_REST_S = 3600.0
MAX_ATTEMPTS = 10  # a job that was cut short this often brings the machine down, or never ends


class JobState(StrEnum):
    """Where a job is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIFE: Mapping[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(set(JobState) - {JobState.RUNNING}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}
# A failure is kept as long as somebody may ask why a lesson has no clip.
KEPT_DAYS = {JobState.DONE: 7, JobState.CANCELLED: 7, JobState.FAILED: 30}
ENDED = tuple(state for state, following in LIFE.items() if not following)


def moved(state: JobState, to: JobState) -> JobState:
    """Return `to` when a job may go there from `state`. Raises TransitionRefused."""
    if to not in LIFE[state]:
        raise TransitionRefused(
            _("Việc đang ở bước {state}, chưa chuyển sang {to} được.", state=state, to=to)
        )
    return to


class Job(SQLModel, table=True):
    """One piece of work.

    `attempt` counts how often it was taken, and with `owner` is the token of whoever has it now:
    a worker whose job was given to another holds an old token and can change nothing any more.
    """

    __tablename__ = "job"
    __table_args__ = (
        sa.Index("ix_job_state_priority_id", "state", "priority", "id"),
        sa.Index("ix_job_digest_state", "digest", "state"),
        sa.Index(
            "uq_job_key_running",
            "key",
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    task: str = Field(max_length=40)
    payload: dict[str, Any] = Field(sa_column=sa.Column(sa.JSON, nullable=False))
    key: str = Field(max_length=200)  # jobs of one key run one after another
    digest: str = Field(max_length=64)  # of task, key and payload: the same work
    label: str = Field(max_length=200)  # what a person calls it
    priority: int = 100  # small first
    state: JobState = Field(
        default=JobState.WAITING, sa_column=enum_column(JobState, default=JobState.WAITING)
    )
    percent: float = 0.0
    length_s: float | None = None  # of the medium it works on, where that says something
    attempt: int = 0
    failures: int = 0
    error: dict[str, Any] | None = Field(
        default=None, sa_column=sa.Column(sa.JSON(none_as_null=True))
    )
    cancel_requested: bool = False
    owner: str | None = Field(default=None, max_length=80)
    created_at: datetime = Field(
        default_factory=utc_now, sa_column=sa.Column(UtcDateTime, nullable=False)
    )
    started_at: datetime | None = Field(default=None, sa_column=sa.Column(UtcDateTime))
    not_before: datetime | None = Field(default=None, sa_column=sa.Column(UtcDateTime))
    heartbeat_at: datetime | None = Field(default=None, sa_column=sa.Column(UtcDateTime))
    finished_at: datetime | None = Field(default=None, sa_column=sa.Column(UtcDateTime))

    @property
    def error_phrase(self) -> Phrase | None:
        """Why it failed, to be said in the reader's language."""
        return phrase_from_json(self.error) if self.error else None


class JobNeed(SQLModel, table=True):
    """One job waits for another to end; when `must_succeed`, it fails if the other does."""

    __tablename__ = "job_need"

    job_id: int = Field(foreign_key="job.id", primary_key=True, ondelete="CASCADE")
    needed_id: int = Field(foreign_key="job.id", primary_key=True, index=True, ondelete="CASCADE")
    must_succeed: bool = True


def phrase_to_json(phrase: Phrase) -> dict[str, Any]:
    """Return the sentence and its values as plain JSON; a value may be a sentence itself."""
    return {
        "message": phrase.message,
        "values": {name: _value_to_json(value) for name, value in phrase.values.items()},
    }


def phrase_from_json(stored: Mapping[str, Any]) -> Phrase:
    values = {
        name: phrase_from_json(value) if isinstance(value, dict) else value
        for name, value in stored["values"].items()
    }
    return Phrase(stored["message"], values)


def _value_to_json(value: object) -> object:
    if isinstance(value, Phrase):
        return phrase_to_json(value)
    return value if isinstance(value, bool | int | float) else str(value)
