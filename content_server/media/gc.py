"""Removes what nothing names any more: sources of no lesson, old renditions, bytes.

What counts as named is looked up in every table there is, not in a list of tables: a new one can
never be forgotten. Anything that looks like a digest, in any column, is a name.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from content_server.db import Database, utc_now
from content_server.errors import SettingRefused
from content_server.media.ladder import recipe_of
from content_server.media.media_kinds import MediaKind
from content_server.media.store import Store
from content_server.media.tables import Rendition, Source
from content_server.phrases import _

SHORTEST_GRACE = timedelta(hours=1)  # work that runs has put bytes it has not named yet
OF_MEDIA = {"source", "rendition"}  # these are what is swept, so they do not name each other
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Swept:
    """What went, or would go: rows of two tables, files of the store."""

    sources: int
    renditions: int
    files: int
    freed_bytes: int


def read_grace(text: str) -> timedelta:
    """Read "7d", "12h", "2w". Raises SettingRefused for anything else, or less than an hour."""
    found = re.fullmatch(r"(\d{1,4})([hdw])", text)
    grace = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if grace < SHORTEST_GRACE:
        raise SettingRefused(
            _(
                "Thời gian chờ “{text}” không dùng được. Hãy viết như 7d, 12h; ít nhất 1h.",
                text=text,
            )
        )
    return grace


def sweep(database: Database, store: Store, grace: timedelta, *, dry_run: bool = False) -> Swept:
    """Remove what nothing has named for `grace`; with `dry_run` only count.

    Safe while others ingest: names are read in the transaction that removes the rows, and the store
    keeps what was put again meanwhile.
    """
    before = utc_now() - grace
    with database.write() as session:
        sources = _unnamed_sources(session, before)
        old = _superseded(session, gone=set(sources))
        named = _all_names(session, sources, {row.digest for row in old})
        if not dry_run:
            _forget(session, sources, old)
    files = [
        (digest, size_bytes)
        for digest, put_at, size_bytes in store.kept()
        if put_at < before and digest not in named
    ]
    if not dry_run:
        files = [each for each in files if store.discard(each[0], before)]
    return Swept(len(sources), len(old), len(files), sum(size for _digest, size in files))


def digests_named(session: Session, *, besides: set[str] | None = None) -> set[str]:
    """Return every digest that any table names, `besides` these; ended work names nothing."""
    connection = session.connection()
    tables = sa.MetaData()
    tables.reflect(connection)
    named: set[str] = set()
    for table in tables.sorted_tables:
        if table.name in (besides or set()):
            continue
        texts = [sa.cast(column, sa.Text) for column in table.columns]
        query = sa.select(*texts)
        if table.name == "job":
            query = query.where(table.c.state.in_(["waiting", "running"]))
        for row in connection.execute(query):
            for text in row:
                named.update(_DIGEST.findall(text or ""))
    return named


def _unnamed_sources(session: Session, before: datetime) -> list[str]:
    named = digests_named(session, besides=OF_MEDIA)
    found = session.exec(select(Source.digest).where(col(Source.created_at) < before))
    return [digest for digest in found if digest not in named]


def _superseded(session: Session, gone: set[str]) -> list[Rendition]:
    """Return renditions of sources that go, and those of an old recipe where new ones exist."""
    rows = session.exec(select(Rendition, Source).join(Source)).all()
    renewed = {row.source_digest for row, source in rows if _is_todays(row, source)}
    return [
        row
        for row, source in rows
        if row.source_digest in gone
        or (row.source_digest in renewed and not _is_todays(row, source))
    ]


def _is_todays(row: Rendition, source: Source) -> bool:
    """Return whether today's recipe made this; a clip's old rungs go when new ones are written."""
    return source.medium is MediaKind.CLIP or row.recipe == recipe_of(source.medium)


def _all_names(session: Session, sources: list[str], old: set[str]) -> set[str]:
    """Return what is named once these sources and renditions are forgotten."""
    elsewhere = digests_named(session, besides=OF_MEDIA)
    kept_sources = set(session.exec(select(Source.digest))) - set(sources)
    kept = set(session.exec(select(Rendition.digest))) - old
    return elsewhere | kept_sources | kept


def _forget(session: Session, sources: list[str], old: list[Rendition]) -> None:
    session.exec(delete(Rendition).where(col(Rendition.id).in_([row.id for row in old])))
    session.exec(delete(Source).where(col(Source.digest).in_(sources)))
