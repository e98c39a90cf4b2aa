"""Tables of lessons in the making: drafts, what two people wrote at once, remarks, acts, consents.

People are kept by number only (`by_id`): who leaves takes the name along.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column, utc_now


def _moment() -> Column[Any]:
    return Column(UtcDateTime, nullable=False)


def _json() -> Column[Any]:
    return Column(JSON, nullable=False)


class DraftState(StrEnum):
    """Whether a draft is being written or waits for a reviewer."""

    WRITING = "writing"
    IN_REVIEW = "in_review"


class DraftRow(SQLModel, table=True):
    """The working copy of an edition: what its editors see, and nobody else."""

    __tablename__ = "draft"

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id", unique=True, ondelete="CASCADE")
    base: int | None = Field(default=None)  # number of the revision it was taken from
    number: int = 0  # of the last change: who saves says which one was seen
    state: DraftState = Field(default=DraftState.WRITING, sa_column=enum_column(DraftState))
    body: dict[str, Any] = Field(sa_column=_json())
    media: dict[str, str] = Field(sa_column=_json())  # file → source digest
    stamps: dict[str, Any] = Field(sa_column=_json())  # part → {number, by_id} of its last change
    removed: list[dict[str, Any]] = Field(sa_column=_json())  # steps that can be brought back
    saved_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    saved_by: int | None = Field(default=None)


class ConflictRow(SQLModel, table=True):
    """Two people changed one part: what the second one wrote, kept until somebody has chosen."""

    __tablename__ = "draft_conflict"

    id: int | None = Field(default=None, primary_key=True)
    draft_id: int = Field(foreign_key="draft.id", index=True, ondelete="CASCADE")
    part: str = Field(max_length=80)
    value: dict[str, Any] = Field(sa_column=_json())  # {path: what was written}
    by_id: int | None = Field(default=None)
    at: datetime = Field(default_factory=utc_now, sa_column=_moment())


class PresenceRow(SQLModel, table=True):
    """Somebody has this draft open; forgotten after a minute."""

    __tablename__ = "draft_presence"

    draft_id: int = Field(foreign_key="draft.id", primary_key=True, ondelete="CASCADE")
    person_id: int = Field(primary_key=True)
    part: str = Field(default="", max_length=80)  # the step being looked at
    seen_at: datetime = Field(default_factory=utc_now, sa_column=_moment())


class SnapshotRow(SQLModel, table=True):
    """A draft as it once stood: kept under a name by a person, or by itself (without one)."""

    __tablename__ = "draft_kept"

    id: int | None = Field(default=None, primary_key=True)
    draft_id: int = Field(foreign_key="draft.id", index=True, ondelete="CASCADE")
    name: str = Field(default="", max_length=80)
    body: dict[str, Any] = Field(sa_column=_json())
    media: dict[str, str] = Field(sa_column=_json())  # file → source digest
    by_id: int | None = Field(default=None)
    at: datetime = Field(default_factory=utc_now, sa_column=_moment())


class ShareLinkRow(SQLModel, table=True):
    """A link by which somebody without an account sees a draft, until it ends or is withdrawn."""

    __tablename__ = "draft_guest"

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id", index=True, ondelete="CASCADE")
    token_hash: str = Field(max_length=64, unique=True)
    whom: str = Field(default="", max_length=80)  # what its maker wants to remember
    by_id: int | None = Field(default=None)
    at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    ends_at: datetime = Field(sa_column=_moment())


class CommentKind(StrEnum):
    """A comment, or what a second speaker understood of a step."""

    COMMENT = "comment"
    TOLD_BACK = "told_back"


class CommentRow(SQLModel, table=True):
    """Something said about one step of an edition, typed or spoken."""

    __tablename__ = "remark"

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id", index=True, ondelete="CASCADE")
    step: str = Field(default="", max_length=60)  # empty: the whole lesson
    kind: CommentKind = Field(sa_column=enum_column(CommentKind))
    text: str = Field(default="", max_length=1000)
    voice: str | None = Field(default=None, max_length=64)  # digest of a source
    of_sentence: str = Field(default="", max_length=6)  # stamp of the words it speaks of
    by_id: int | None = Field(default=None)
    at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    settled: bool = False


class WorkflowEvent(StrEnum):
    """What happened to an edition on its way to villagers."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    ROLLED_BACK = "rolled_back"
    WITHDRAWN = "withdrawn"
    TAKEN_DOWN = "taken_down"


class WorkflowEventRow(SQLModel, table=True):
    """Who did what to an edition, when, and why: never changed."""

    __tablename__ = "edition_deed"

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id", index=True, ondelete="CASCADE")
    revision: int | None = Field(default=None)
    deed: WorkflowEvent = Field(sa_column=enum_column(WorkflowEvent))
    note: str = Field(default="", max_length=400)
    by_id: int | None = Field(default=None)
    at: datetime = Field(default_factory=utc_now, sa_column=_moment())


class ChangeSeverity(StrEnum):
    """How much a changed sentence matters to those who translated it."""

    SMALL = "small"
    MEANING = "meaning"
    DANGEROUS = "dangerous"


class ChangeRow(SQLModel, table=True):
    """A changed sentence of a source edition, and how much that matters."""

    __tablename__ = "source_change"
    __table_args__ = (UniqueConstraint("slug", "step", "before", "after"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=60, index=True)
    step: str = Field(max_length=60)
    before: str = Field(max_length=6)  # stamps of the sentences
    after: str = Field(max_length=6)
    weight: ChangeSeverity = Field(sa_column=enum_column(ChangeSeverity))
    by_id: int | None = Field(default=None)
    at: datetime = Field(default_factory=utc_now, sa_column=_moment())


class ConsentKind(StrEnum):
    """What of a person a medium holds."""

    VOICE = "voice"
    FACE = "face"


class ConsentRow(SQLModel, table=True):
    """A person agreed that this voice or face is shown, to whom, and until when."""

    __tablename__ = "consent"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(max_length=64, index=True)  # of the source
    likeness: ConsentKind = Field(sa_column=enum_column(ConsentKind))
    who: str = Field(max_length=80)
    scope: str = Field(default="", max_length=200)
    given_on: date
    by_id: int | None = Field(default=None)
    spoken_by: int | None = Field(default=None)  # who sent it from the recorder; None: no take
    taken_down_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
