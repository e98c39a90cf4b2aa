"""Sums in the database: what is added to a day, and which completions were added before."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, func, select

from content_server.reach.tables import CountedOnce, DayCount, VillageLink, What

Key = tuple[date, str, str, str, What]  # day, link, lesson, lang, what
TOKEN_DAYS = 3  # a page that was cut off sends again when it is back, or never
TOKENS_A_DAY = 200_000  # beyond, a completion sent twice may count twice: the disk is not endless
AT_ONCE = 500  # rows a statement, below every database's number of parameters


def token_digest(once: str) -> int:
    """Return what is kept of a token: 63 bits that lead back to nothing."""
    return int.from_bytes(sha256(once.encode()).digest()[:8]) >> 1


def open_codes(session: Session, codes: Collection[str]) -> set[str]:
    """Return those of `codes` that belong to an open link."""
    wanted = set(codes) - {""}
    if not wanted:
        return set()
    query = select(VillageLink).where(col(VillageLink.closed_at).is_(None))
    return wanted & {link.code for link in session.exec(query)}


def new_tokens(session: Session, digests: Iterable[int], day: date) -> list[int]:
    """Write down tokens; return those that were not there. In order of size: time leaves no trace.

    Beyond TOKENS_A_DAY all count as new and are not written down.
    """
    wanted = sorted(digests)
    kept = session.exec(select(func.count()).where(col(CountedOnce.day) == day)).one()
    if kept + len(wanted) > TOKENS_A_DAY:
        return [each for each in wanted if not session.get(CountedOnce, each)]
    written = session.connection().execute(_ONCE[_dialect(session)], _many(session, wanted, day))
    return sorted(written.scalars())


_ONCE = {  # one statement for thousands: building rows in Python would hold up the pages
    "sqlite": sa.text(
        "INSERT INTO counted_once (digest, day) SELECT value, :day FROM json_each(:digests)"
        " WHERE true ON CONFLICT DO NOTHING RETURNING digest"
    ).bindparams(sa.bindparam("day", type_=sa.Date)),
    "postgresql": sa.text(
        "INSERT INTO counted_once (digest, day) SELECT unnest(:digests), :day"
        " ON CONFLICT DO NOTHING RETURNING digest"
    ).bindparams(
        sa.bindparam("day", type_=sa.Date),
        sa.bindparam("digests", type_=postgresql.ARRAY(sa.BigInteger)),
    ),
}


def _many(session: Session, digests: list[int], day: date) -> dict[str, object]:
    is_sqlite = _dialect(session) == "sqlite"
    return {"digests": json.dumps(digests) if is_sqlite else digests, "day": day}


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def forget_tokens(session: Session, day: date) -> None:
    """Forget tokens older than TOKEN_DAYS."""
    oldest = day - timedelta(days=TOKEN_DAYS)
    session.connection().execute(sa.delete(CountedOnce).where(col(CountedOnce.day) < oldest))


def add_up(session: Session, sums: Mapping[Key, int]) -> None:
    """Add to the days' counts, making rows where there are none."""
    names = ("day", "link", "lesson", "lang", "what")
    rows = [dict(zip(names, key, strict=True)) | {"count": n} for key, n in sorted(sums.items())]
    for part in _parts(rows):
        insert = _insert(session, DayCount).values(part)
        added = {"count": col(DayCount.count) + insert.excluded.count}
        session.connection().execute(
            insert.on_conflict_do_update(index_elements=list(names), set_=added)
        )


def _insert(session: Session, table: type[SQLModel]) -> Any:  # noqa: ANN401  # two dialects, one word
    dialect = postgresql if _dialect(session) == "postgresql" else sqlite
    return dialect.insert(table)


def _parts(rows: list[Any]) -> Iterable[list[Any]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
