"""Garbage collection: removes unreferenced sources, superseded renditions and stored bytes.

References are searched in every table of the database, not in a list of tables, so that a new
table is never forgotten. Any digest in any column is a reference.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from content_server.db import Database, utc_now
from content_server.errors import InvalidSetting
from content_server.media.ladder import recipe_of
from content_server.media.media_kinds import MediaKind
from content_server.media.store import Store
from content_server.media.tables import Rendition, Source
from content_server.phrases import _

SHORTEST_GRACE = timedelta(hours=1)  # a running job has stored bytes that no row references yet
MEDIA_TABLES = {"source", "rendition"}  # collected themselves, so they are no references
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class GarbageReport:
    """What was removed, or would be: rows of two tables, files of the store."""

    sources: int
    renditions: int
    files: int
    freed_bytes: int


def read_grace(text: str) -> timedelta:
    """Parse "7d", "12h", "2w". Raises InvalidSetting for anything else, or less than an hour."""
    found = re.fullmatch(r"(\d{1,4})([hdw])", text)
    grace = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if grace < SHORTEST_GRACE:
        raise InvalidSetting(
            _(
                "Thời gian chờ “{text}” không dùng được. Hãy viết như 7d, 12h; ít nhất 1h.",
                text=text,
            )
        )
    return grace


def collect_garbage(
    database: Database, store: Store, grace: timedelta, *, dry_run: bool = False
) -> GarbageReport:
    """Remove what is older than `grace` and unreferenced; with `dry_run` only count.

    Safe beside an ingest: references are read in the transaction that removes the rows, and the
    store keeps a file that was put again meanwhile.
    """
    before = utc_now() - grace
    with database.write() as session:
        sources = _unreferenced_sources(session, before)
        old = _superseded_renditions(session, removed=set(sources))
        referenced = _still_referenced(session, sources, {row.digest for row in old})
        if not dry_run:
            _delete_rows(session, sources, old)
    files = [
        (digest, size_bytes)
        for digest, put_at, size_bytes in store.list_files()
        if put_at < before and digest not in referenced
    ]
    if not dry_run:
        files = [each for each in files if store.delete_unless_renewed(each[0], before)]
    return GarbageReport(len(sources), len(old), len(files), sum(size for _digest, size in files))


def referenced_digests(session: Session, *, besides: set[str] | None = None) -> set[str]:
    """Return every digest in any table but `besides`; ended jobs are no references."""
    connection = session.connection()
    tables = sa.MetaData()
    tables.reflect(connection)
    referenced: set[str] = set()
    for table in tables.sorted_tables:
        if table.name in (besides or set()):
            continue
        texts = [sa.cast(column, sa.Text) for column in table.columns]
        query = sa.select(*texts)
        if table.name == "job":
            query = query.where(table.c.state.in_(["waiting", "running"]))
        for row in connection.execute(query):
            for text in row:
                referenced.update(_DIGEST.findall(text or ""))
    return referenced


def _unreferenced_sources(session: Session, before: datetime) -> list[str]:
    referenced = referenced_digests(session, besides=MEDIA_TABLES)
    found = session.exec(select(Source.digest).where(col(Source.created_at) < before))
    return [digest for digest in found if digest not in referenced]


def _superseded_renditions(session: Session, removed: set[str]) -> list[Rendition]:
    """Return the renditions of removed sources, and of old recipes where new ones exist."""
    rows = session.exec(select(Rendition, Source).join(Source)).all()
    sources_with_current = {
        row.source_digest for row, source in rows if _is_current_recipe(row, source)
    }
    return [
        row
        for row, source in rows
        if row.source_digest in removed
        or (row.source_digest in sources_with_current and not _is_current_recipe(row, source))
    ]


def _is_current_recipe(row: Rendition, source: Source) -> bool:
    """Return whether today's recipe made this rendition.

    Always true for clips, whose old rungs are deleted when new ones are written.
    """
    return source.kind is MediaKind.CLIP or row.recipe == recipe_of(source.kind)


def _still_referenced(session: Session, sources: list[str], old: set[str]) -> set[str]:
    """Return the digests that are referenced once these sources and renditions are removed."""
    elsewhere = referenced_digests(session, besides=MEDIA_TABLES)
    remaining_sources = set(session.exec(select(Source.digest))) - set(sources)
    remaining_renditions = set(session.exec(select(Rendition.digest))) - old
    return elsewhere | remaining_sources | remaining_renditions


def _delete_rows(session: Session, sources: list[str], old: list[Rendition]) -> None:
    session.exec(delete(Rendition).where(col(Rendition.id).in_([row.id for row in old])))
    session.exec(delete(Source).where(col(Source.digest).in_(sources)))
