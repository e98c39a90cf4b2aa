"""Tables of jobs and of the dependencies between them, and the states of a job."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column, utc_now
from content_server.errors import InvalidTransition
from content_server.phrases import Phrase, _

MAX_FAILURES = 3  # a job that failed this often stays failed
BACKOFF_S = (1.0, 10.0)  # after the first failure, the second …
MAX_BACKOFF_S = 3600.0
MAX_ATTEMPTS = 10  # a job interrupted this often crashes the machine or never ends


class JobState(StrEnum):
    """The state of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset(set(JobState) - {JobState.RUNNING}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}
# Failures stay longer: they explain why a lesson lacks a clip.
RETENTION_DAYS = {JobState.DONE: 7, JobState.CANCELLED: 7, JobState.FAILED: 30}
END_STATES = tuple(state for state, following in TRANSITIONS.items() if not following)


def job_transition(state: JobState, to: JobState) -> JobState:
    """Return `to` if TRANSITIONS allows it from `state`. Raises InvalidTransition."""
    if to not in TRANSITIONS[state]:
        raise InvalidTransition(
            _("Việc đang ở bước {state}, chưa chuyển sang {to} được.", state=state, to=to)
        )
    return to


class Job(SQLModel, table=True):
    """One piece of work.

    `attempt` counts how often it was claimed; together with `owner` it is the token of the worker
    that has the job. After a release, the old worker's token is outdated and changes nothing.
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
    key: str = Field(max_length=200)  # jobs with one key run one after another
    digest: str = Field(max_length=64)  # of task, key and payload: equal for the same work
    label: str = Field(max_length=200)  # shown to people
    priority: int = 100  # smallest first
    state: JobState = Field(
        default=JobState.WAITING, sa_column=enum_column(JobState, default=JobState.WAITING)
    )
    percent: float = 0.0
    length_s: float | None = None  # duration of the medium, if it has one
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
        """The reason of the failure as a translatable phrase."""
        return phrase_from_json(self.error) if self.error else None


class JobDependency(SQLModel, table=True):
    """A job waits until another has ended; if `must_succeed`, it fails when the other does."""

    __tablename__ = "job_dependency"

    job_id: int = Field(foreign_key="job.id", primary_key=True, ondelete="CASCADE")
    depends_on_id: int = Field(
        foreign_key="job.id", primary_key=True, index=True, ondelete="CASCADE"
    )
    must_succeed: bool = True


def phrase_to_json(phrase: Phrase) -> dict[str, Any]:
    """Return the message and values of a phrase as JSON; values may be phrases."""
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
