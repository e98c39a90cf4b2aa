"""Tables of the editorial workflow: drafts, conflicts, snapshots, comments, events, consents.

People are stored by id only (`actor_id`): deleting an account removes the name everywhere.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column, utc_now


def _timestamp() -> Column[Any]:
    return Column(UtcDateTime, nullable=False)


def _json() -> Column[Any]:
    return Column(JSON, nullable=False)


class DraftState(StrEnum):
    """Whether a draft is being written or waits for a reviewer."""

    WRITING = "writing"
    IN_REVIEW = "in_review"


class DraftRow(SQLModel, table=True):
    """The working copy of an edition, visible to its editors only."""

    __tablename__ = "draft"

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id", unique=True, ondelete="CASCADE")
    base_revision: int | None = Field(default=None)  # number of the revision it was copied from
    version: int = 0  # counts changes; a save names the version its page showed
    state: DraftState = Field(default=DraftState.WRITING, sa_column=enum_column(DraftState))
    body: dict[str, Any] = Field(sa_column=_json())
    media: dict[str, str] = Field(sa_column=_json())  # file → source digest
    field_versions: dict[str, Any] = Field(
        sa_column=_json()
    )  # "part/path" → {version, actor_id, page} of its last change
    removed_steps: list[dict[str, Any]] = Field(sa_column=_json())  # steps that can be restored
    saved_at: datetime = Field(default_factory=utc_now, sa_column=_timestamp())
    saved_by: int | None = Field(default=None)


class ConflictRow(SQLModel, table=True):
    """Two people changed the same field: the second value, kept until somebody chooses one."""

    __tablename__ = "draft_conflict"

    id: int | None = Field(default=None, primary_key=True)
    draft_id: int = Field(foreign_key="draft.id", index=True, ondelete="CASCADE")
    part: str = Field(max_length=80)
    value: dict[str, Any] = Field(sa_column=_json())  # {path, value} of the second change
    actor_id: int | None = Field(default=None)
    created_at: datetime = Field(default_factory=utc_now, sa_column=_timestamp())


class PresenceRow(SQLModel, table=True):
    """A person has this draft open; rows expire after a minute."""

    __tablename__ = "draft_presence"

    draft_id: int = Field(foreign_key="draft.id", primary_key=True, ondelete="CASCADE")
    person_id: int = Field(primary_key=True)
    part: str = Field(default="", max_length=80)  # the step being looked at
    seen_at: datetime = Field(default_factory=utc_now, sa_column=_timestamp())


class SnapshotRow(SQLModel, table=True):
    """A copy of a draft: saved by a person under a name, or automatically without one."""

    __tablename__ = "draft_snapshot"

    id: int | None = Field(default=None, primary_key=True)
    draft_id: int = Field(foreign_key="draft.id", index=True, ondelete="CASCADE")
    name: str = Field(default="", max_length=80)
    body: dict[str, Any] = Field(sa_column=_json())
    media: dict[str, str] = Field(sa_column=_json())  # file → source digest
    actor_id: int | None = Field(default=None)
    created_at: datetime = Field(default_factory=utc_now, sa_column=_timestamp())


class ShareLinkRow(SQLModel, table=True):
    """A link that shows a draft to somebody without an account, until it expires or is revoked."""

    __tablename__ = "draft_share_link"

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id", index=True, ondelete="CASCADE")
    token_hash: str = Field(max_length=64, unique=True)
    recipient: str = Field(default="", max_length=80)  # a note of the person who made the link
    actor_id: int | None = Field(default=None)
    created_at: datetime = Field(default_factory=utc_now, sa_column=_timestamp())
    expires_at: datetime = Field(sa_column=_timestamp())


class CommentKind(StrEnum):
    """An ordinary comment, or a back-translation: what a second speaker understood of a step."""

    COMMENT = "comment"
    BACK_TRANSLATION = "back_translation"


class CommentRow(SQLModel, table=True):
    """A comment on one step of an edition, typed or recorded."""

    __tablename__ = "comment"

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id", index=True, ondelete="CASCADE")
    step: str = Field(default="", max_length=60)  # empty: the whole lesson
    kind: CommentKind = Field(sa_column=enum_column(CommentKind))
    text: str = Field(default="", max_length=1000)
    voice: str | None = Field(default=None, max_length=64)  # digest of a source
    source_fingerprint: str = Field(default="", max_length=6)  # of the sentence it is about
    actor_id: int | None = Field(default=None)
    created_at: datetime = Field(default_factory=utc_now, sa_column=_timestamp())
    resolved: bool = False


class WorkflowEvent(StrEnum):
    """A step of the editorial workflow of an edition."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    PUBLISHED = "published"
    ROLLED_BACK = "rolled_back"
    WITHDRAWN = "withdrawn"
    TAKEN_DOWN = "taken_down"


class WorkflowEventRow(SQLModel, table=True):
    """One event of an edition's workflow: who, when and why. Rows never change."""

    __tablename__ = "workflow_event"

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id", index=True, ondelete="CASCADE")
    revision: int | None = Field(default=None)
    event: WorkflowEvent = Field(sa_column=enum_column(WorkflowEvent))
    note: str = Field(default="", max_length=400)
    actor_id: int | None = Field(default=None)
    created_at: datetime = Field(default_factory=utc_now, sa_column=_timestamp())


class ChangeSeverity(StrEnum):
    """How much a changed source sentence matters to its translations."""

    SMALL = "small"
    MEANING = "meaning"
    DANGEROUS = "dangerous"


class ChangeRow(SQLModel, table=True):
    """A changed sentence of a source edition, and how severe the change is."""

    __tablename__ = "source_change"
    __table_args__ = (UniqueConstraint("slug", "step", "before_fingerprint", "after_fingerprint"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=60, index=True)
    step: str = Field(max_length=60)
    before_fingerprint: str = Field(
        max_length=6
    )  # of the old sentence; after_fingerprint: of the new one
    after_fingerprint: str = Field(max_length=6)
    severity: ChangeSeverity = Field(sa_column=enum_column(ChangeSeverity))
    actor_id: int | None = Field(default=None)
    created_at: datetime = Field(default_factory=utc_now, sa_column=_timestamp())


class ConsentKind(StrEnum):
    """What of a person a recording or photo shows."""

    VOICE = "voice"
    FACE = "face"


class ConsentRow(SQLModel, table=True):
    """A person's consent to publish this voice or face: who, for which use, since when."""

    __tablename__ = "consent"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(max_length=64, index=True)  # of the source
    kind: ConsentKind = Field(sa_column=enum_column(ConsentKind))
    person_name: str = Field(max_length=80)
    scope: str = Field(default="", max_length=200)
    given_on: date
    actor_id: int | None = Field(default=None)
    recorded_by: int | None = Field(default=None)  # who sent it from the recorder; None: not a take
    taken_down_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
