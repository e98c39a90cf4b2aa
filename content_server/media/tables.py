"""Tables of media: sources, what was computed about them, and the renditions made of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column, utc_now
from content_server.media.media_kinds import MediaKind

DIGEST_LENGTH = 64  # sha256 in hex


class Source(SQLModel, table=True):
    """An original as an editor handed it in: stored, never served."""

    __tablename__ = "source"

    digest: str = Field(primary_key=True, max_length=DIGEST_LENGTH)
    kind: MediaKind = Field(sa_column=enum_column(MediaKind))
    name: str = Field(max_length=255)  # the file name an editor knows
    bytes: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(
        default_factory=utc_now, sa_column=Column(UtcDateTime, nullable=False)
    )


class Rendition(SQLModel, table=True):
    """One encoded output of a source, under the recipe that made it."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("source_digest", "recipe", "rung"),)

    id: int | None = Field(default=None, primary_key=True)
    source_digest: str = Field(
        foreign_key="source.digest", max_length=DIGEST_LENGTH, index=True, ondelete="CASCADE"
    )
    recipe: str = Field(max_length=32)
    rung: str = Field(max_length=32)
    digest: str = Field(max_length=DIGEST_LENGTH, index=True)
    content_type: str = Field(max_length=80)
    bytes: int = Field(sa_type=BigInteger)
    width_px: int | None = None
    height_px: int | None = None
    duration_ms: int | None = None
    note: str | None = Field(default=None, max_length=500)  # in Vietnamese, for the editor


class CachedAnalysis(SQLModel, table=True):
    """A fact computed from a source's bytes: it holds for ever and is computed once.

    `name` says which and by what recipe: "look-1" (the analysis of a clip), "lean-1" (the setting
    chosen for a rung), "lean-1/lean" (why a rung was left out). `value` is plain JSON; its keys
    belong to the code that wrote it.
    """

    __tablename__ = "cached_analysis"

    source_digest: str = Field(
        primary_key=True, foreign_key="source.digest", max_length=DIGEST_LENGTH, ondelete="CASCADE"
    )
    name: str = Field(primary_key=True, max_length=60)
    value: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
