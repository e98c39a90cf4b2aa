"""Tables of what is handed in: uploads in pieces, and photos whose original stays private."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, utc_now

ID_LENGTH = 32  # 128 random bits in hex: nobody guesses another's upload


def _moment() -> Column[Any]:
    return Column(UtcDateTime, nullable=False)


class UploadRow(SQLModel, table=True):
    """One clip on its way here. `offset_bytes` are safe on disk, whatever else the file holds."""

    __tablename__ = "upload"

    id: str = Field(primary_key=True, max_length=ID_LENGTH)
    person_id: int = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    slug: str = Field(max_length=60)  # the lesson it is for
    step: str = Field(default="", max_length=60)  # the step that shows it; empty: a new one
    name: str = Field(max_length=120)  # as the editor's phone calls the file
    metadata_line: str = Field(default="", max_length=2000)  # as the client sent it
    size_bytes: int = Field(sa_type=BigInteger)
    offset_bytes: int = Field(default=0, sa_type=BigInteger)
    digest: str | None = Field(default=None, max_length=64)  # of the source it became
    trouble: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())

    @property
    def is_whole(self) -> bool:
        return self.offset_bytes == self.size_bytes

    @property
    def has_ended(self) -> bool:
        return self.digest is not None or self.trouble is not None


class PhotoRow(SQLModel, table=True):
    """A photo handed in for a lesson. The original is a private file until the lesson is shown."""

    __tablename__ = "photo"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=60, index=True)
    step: str = Field(default="", max_length=60)  # the step that shows it; empty: not yet placed
    original: str | None = Field(default=None, max_length=64)  # name of the private file
    name: str = Field(max_length=120)
    width_px: int
    height_px: int
    marks: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))  # Marks as JSON
    source: str | None = Field(default=None, max_length=64)  # digest once covered and burned in
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
