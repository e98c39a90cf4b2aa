"""Tables of uploads: resumable uploads of clips, and photos with private originals."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, utc_now

ID_LENGTH = 32  # 128 random bits in hex: cannot be guessed


def _moment() -> Column[Any]:
    return Column(UtcDateTime, nullable=False)


class UploadRow(SQLModel, table=True):
    """An upload of a clip. `offset_bytes` are synced to disk; the file may hold more."""

    __tablename__ = "upload"

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    person_id: int = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    slug: str = Field(max_length=60)  # the lesson it is for
    step: str = Field(default="", max_length=60)  # the step that shows it; empty: a new one
    name: str = Field(max_length=120)  # file name on the editor's device
    tus_metadata: str = Field(default="", max_length=2000)  # the Upload-Metadata header as sent
    size_bytes: int = Field(sa_type=BigInteger)
    offset_bytes: int = Field(default=0, sa_type=BigInteger)
    digest: str | None = Field(default=None, max_length=64)  # of the source made of it
    error: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())

    @property
    def is_complete(self) -> bool:
        return self.offset_bytes == self.size_bytes

    @property
    def is_finished(self) -> bool:
        return self.digest is not None or self.error is not None


class PhotoRow(SQLModel, table=True):
    """A photo for a lesson. Its original is a private file until the lesson is published."""

    __tablename__ = "photo"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=60, index=True)
    step: str = Field(default="", max_length=60)  # the step that shows it; empty: not yet placed
    original_name: str | None = Field(
        default=None, max_length=64
    )  # file name of the private original
    name: str = Field(max_length=120)
    width_px: int
    height_px: int
    edits: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # PhotoEdits as JSON
    source_digest: str | None = Field(default=None, max_length=64)  # once redacted
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
