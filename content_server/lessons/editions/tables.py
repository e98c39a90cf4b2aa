"""Tables of published content: editions, their immutable revisions, registries, search text."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column, utc_now


class EditionState(StrEnum):
    """The state of an edition between draft and published."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Origin(StrEnum):
    """Where a revision comes from: files read at start-up, or a person on the editors' pages."""

    FILE = "file"
    EDITOR = "editor"


@dataclass(frozen=True)
class EditionRef:
    """The name of an edition: the lesson's slug and the folder of the language."""

    slug: str
    folder: str

    def __str__(self) -> str:
        return f"{self.slug}/{self.folder}"


class EditionRow(SQLModel, table=True):
    """One lesson in one language."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("slug", "folder"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=60, index=True)
    folder: str = Field(max_length=20)
    state: EditionState = Field(default=EditionState.DRAFT, sa_column=enum_column(EditionState))
    published_revision: int | None = Field(default=None)  # its number
    review_by: date | None = Field(default=None)  # to be checked again by then, since apps change

    @property
    def ref(self) -> EditionRef:
        return EditionRef(self.slug, self.folder)


class RevisionRow(SQLModel, table=True):
    """One immutable version of an edition's body and media."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("edition_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="edition.id", index=True)
    number: int
    origin: Origin = Field(sa_column=enum_column(Origin))
    digest: str = Field(max_length=64)
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    media: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))  # file → source digest
    created_at: datetime = Field(
        default_factory=utc_now, sa_column=Column(UtcDateTime, nullable=False)
    )
    actor_id: int | None = Field(default=None)  # the person; None: read from files
    note: str = Field(default="", max_length=400)  # the author's words about this revision


class RegistryRow(SQLModel, table=True):
    """A registry as data: languages, contacts, topics or units."""

    __tablename__ = "registry"

    name: str = Field(primary_key=True, max_length=20)
    origin: Origin = Field(sa_column=enum_column(Origin))
    digest: str = Field(max_length=64)
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class SearchRow(SQLModel, table=True):
    """The words of a published edition, as typed and folded (no marks, đ as d)."""

    __tablename__ = "search"

    slug: str = Field(primary_key=True, max_length=60)
    folder: str = Field(primary_key=True, max_length=20)
    title: str = Field(max_length=400)
    words: str = Field(max_length=20_000)
    title_fold: str = Field(max_length=400, index=True)
    words_fold: str = Field(max_length=20_000)
