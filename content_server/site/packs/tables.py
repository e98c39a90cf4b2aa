"""The table of packs: which file was made of which revisions, kept in the store by its digest."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column
from content_server.site.packs.kinds import Kind


class PackRow(SQLModel, table=True):
    """The newest finished pack of one kind, of one lesson in one language."""

    __tablename__ = "pack"

    slug: str = Field(primary_key=True, max_length=60)
    folder: str = Field(primary_key=True, max_length=20)
    kind: Kind = Field(sa_column=enum_column(Kind, primary_key=True))
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
