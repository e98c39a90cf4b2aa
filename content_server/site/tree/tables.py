"""Tables of the published tree: one row for each path, and a counter of changes."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column
from content_server.site.tree.published import CachePolicy

PATH_LENGTH = 200
SINGLE_ROW_ID = 1  # the only row of the counter


class PublishedRow(SQLModel, table=True):
    """One published path, with its bytes by digest. Rows of one `owner` are replaced together."""

    __tablename__ = "published"

    path: str = Field(primary_key=True, max_length=PATH_LENGTH)
    owner: str = Field(max_length=100, index=True)
    status: int
    content_type: str = Field(max_length=80)
    cache: CachePolicy = Field(sa_column=enum_column(CachePolicy))
    variants: list[tuple[str, str, int]] = Field(  # encoding, digest, size in bytes
        sa_column=sa.Column(sa.JSON, nullable=False)
    )
    scripts: list[str] = Field(sa_column=sa.Column(sa.JSON, nullable=False))  # sha256-… each
    styles: list[str] = Field(sa_column=sa.Column(sa.JSON, nullable=False))
    changed_at: datetime = Field(sa_column=sa.Column(UtcDateTime, nullable=False))


class GenerationRow(SQLModel, table=True):
    """The generation: raised in each transaction that changes what is published."""

    __tablename__ = "generation"

    id: int = Field(default=SINGLE_ROW_ID, primary_key=True)
    number: int
