"""Tables of packs: the newest file of each, by digest in the store, and what it was made from."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column
from content_server.jobs.tables import phrase_to_json
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.pack_makers import PackFile


class PackRow(SQLModel, table=True):
    """The newest finished pack of one kind, of one lesson in one language."""

    __tablename__ = "pack"

    slug: str = Field(primary_key=True, max_length=60)
    folder: str = Field(primary_key=True, max_length=20)
    kind: PackKind = Field(sa_column=enum_column(PackKind, primary_key=True))
    digest: str = Field(max_length=64, index=True)  # its bytes, in the store
    size_bytes: int = Field(sa_type=sa.BigInteger)
    duration_ms: int | None = None  # of audio and video
    revisions: dict[str, int] = Field(  # folder → number of the revision
        sa_column=sa.Column(sa.JSON, nullable=False)
    )
    fingerprint: str = Field(max_length=64)  # of its input; another one: to be rebuilt
    content_updated_at: datetime = Field(
        sa_column=sa.Column(UtcDateTime, nullable=False)
    )  # of its revisions
    notes: list[dict[str, Any]] = Field(  # what the file lacks, as phrases
        sa_column=sa.Column(sa.JSON, nullable=False)
    )


class UsbPackRow(SQLModel, table=True):
    """The newest USB pack of one choice of languages, by digest in the store."""

    __tablename__ = "usb_pack"

    languages: str = Field(primary_key=True, max_length=200)  # folders, "vi,hmn", Vietnamese first
    digest: str = Field(max_length=64)
    size_bytes: int = Field(sa_type=sa.BigInteger)
    generation: int  # of the published tree; another one: to be rebuilt


def make_pack_row(
    kind: PackKind, pack_lesson: PackLesson, digest: str, pack_file: PackFile
) -> PackRow:
    """Return the row of a finished pack whose bytes are in the store under `digest`."""
    return PackRow(
        slug=pack_lesson.lesson.slug,
        folder=pack_lesson.lesson.locale.folder,
        kind=kind,
        digest=digest,
        size_bytes=pack_file.size_bytes,
        duration_ms=pack_file.duration_ms,
        revisions=dict(pack_lesson.revisions),
        fingerprint=pack_lesson.fingerprint,
        content_updated_at=pack_lesson.content_updated_at,
        notes=[phrase_to_json(note) for note in pack_file.notes],
    )
