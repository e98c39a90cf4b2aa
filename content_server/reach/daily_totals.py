"""Daily totals in the database, and the tokens of completions that were already counted."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, func, select

from content_server.reach.tables import BeaconTokenRow, ReachEvent, VillageCountRow, VillageLinkRow

CountKey = tuple[date, str, str, str, ReachEvent]  # day, link, lesson, lang, event
TOKEN_RETENTION_DAYS = 3  # an offline page sends again when it is online
MAX_TOKENS_PER_DAY = 200_000  # beyond, a completion sent twice counts twice: bounds the table
ROWS_PER_STATEMENT = 500  # below both databases' limits of parameters


def token_digest(once: str) -> int:
    """Return the stored form of a token: 63 bits of its SHA-256."""
    return int.from_bytes(sha256(once.encode()).digest()[:8]) >> 1


def load_open_codes(session: Session, codes: Collection[str]) -> set[str]:
    """Return those of `codes` that belong to an open village link."""
    requested = set(codes) - {""}
    if not requested:
        return set()
    query = select(VillageLinkRow).where(col(VillageLinkRow.closed_at).is_(None))
    return requested & {link.code for link in session.exec(query)}


def insert_new_tokens(session: Session, digests: Iterable[int], day: date) -> list[int]:
    """Insert tokens; return those that are new, sorted, so that order reveals no time of arrival.

    Beyond MAX_TOKENS_PER_DAY, unknown tokens count as new and are not stored.
    """
    requested = sorted(digests)
    stored = session.exec(select(func.count()).where(col(BeaconTokenRow.day) == day)).one()
    if stored + len(requested) > MAX_TOKENS_PER_DAY:
        return [each for each in requested if not session.get(BeaconTokenRow, each)]
    inserted = session.connection().execute(
        _INSERT_TOKENS[_dialect_name(session)], _insert_values(session, requested, day)
    )
    return sorted(inserted.scalars())


_INSERT_TOKENS = {  # one statement for thousands: rows built in Python would delay page requests
    "sqlite": sa.text(
        "INSERT INTO beacon_token (digest, day) SELECT value, :day FROM json_each(:digests)"
        " WHERE true ON CONFLICT DO NOTHING RETURNING digest"
    ).bindparams(sa.bindparam("day", type_=sa.Date)),
    "postgresql": sa.text(
        "INSERT INTO beacon_token (digest, day) SELECT unnest(:digests), :day"
        " ON CONFLICT DO NOTHING RETURNING digest"
    ).bindparams(
        sa.bindparam("day", type_=sa.Date),
        sa.bindparam("digests", type_=postgresql.ARRAY(sa.BigInteger)),
    ),
}


def _insert_values(session: Session, digests: list[int], day: date) -> dict[str, object]:
    is_sqlite = _dialect_name(session) == "sqlite"
    return {"digests": json.dumps(digests) if is_sqlite else digests, "day": day}


def _dialect_name(session: Session) -> str:
    return session.get_bind().dialect.name


def delete_old_tokens(session: Session, day: date) -> None:
    """Delete tokens older than TOKEN_RETENTION_DAYS at `day`."""
    oldest = day - timedelta(days=TOKEN_RETENTION_DAYS)
    session.connection().execute(sa.delete(BeaconTokenRow).where(col(BeaconTokenRow.day) < oldest))


def add_to_totals(session: Session, counts: Mapping[CountKey, int]) -> None:
    """Add to the daily totals; insert missing rows."""
    names = ("day", "link", "lesson", "lang", "event")
    rows = [dict(zip(names, key, strict=True)) | {"count": n} for key, n in sorted(counts.items())]
    for part in _batches(rows):
        insert = _insert_statement(session, VillageCountRow).values(part)
        added = {"count": col(VillageCountRow.count) + insert.excluded.count}
        session.connection().execute(
            insert.on_conflict_do_update(index_elements=list(names), set_=added)
        )


def _insert_statement(session: Session, table: type[SQLModel]) -> Any:  # noqa: ANN401  # the insert of two dialects
    dialect = postgresql if _dialect_name(session) == "postgresql" else sqlite
    return dialect.insert(table)


def _batches(rows: list[Any]) -> Iterable[list[Any]]:
    return (
        rows[start : start + ROWS_PER_STATEMENT]
        for start in range(0, len(rows), ROWS_PER_STATEMENT)
    )
