"""The tables of packs: which file was made of what, kept in the store by its digest."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column
from content_server.jobs.tables import phrase_to_json
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.pack_lesson import Pack, PackLesson


class PackRow(SQLModel, table=True):
    """The newest finished pack of one kind, of one lesson in one language."""

    __tablename__ = "pack"

    slug: str = Field(primary_key=True, max_length=60)
    folder: str = Field(primary_key=True, max_length=20)
    kind: PackKind = Field(sa_column=enum_column(PackKind, primary_key=True))
    digest: str = Field(max_length=64, index=True)  # its bytes, in the store
    size_bytes: int = Field(sa_type=sa.BigInteger)
    duration_ms: int | None = None  # of what is played
    made_from: dict[str, int] = Field(  # folder → number of the revision
        sa_column=sa.Column(sa.JSON, nullable=False)
    )
    stamp: str = Field(max_length=64)  # of all that shaped it; another one: to be made again
    dated: datetime = Field(sa_column=sa.Column(UtcDateTime, nullable=False))  # of its revisions
    notes: list[dict[str, Any]] = Field(  # what is left out, as sentences
        sa_column=sa.Column(sa.JSON, nullable=False)
    )


class StickRow(SQLModel, table=True):
    """The newest stick of one choice of languages, kept in the store by its digest."""

    __tablename__ = "stick"

    languages: str = Field(primary_key=True, max_length=200)  # folders, "vi,hmn", Vietnamese first
    digest: str = Field(max_length=64)
    size_bytes: int = Field(sa_type=sa.BigInteger)
    generation: int  # of the published tree; another one: to be made again


def row_of(kind: PackKind, taught: PackLesson, digest: str, made: Pack) -> PackRow:
    """Return the row of a finished pack whose bytes are in the store under `digest`."""
    return PackRow(
        slug=taught.telling.slug,
        folder=taught.telling.locale.folder,
        kind=kind,
        digest=digest,
        size_bytes=made.size_bytes,
        duration_ms=made.duration_ms,
        made_from=dict(taught.made_from),
        stamp=taught.stamp,
        dated=taught.dated,
        notes=[phrase_to_json(note) for note in made.notes],
    )
