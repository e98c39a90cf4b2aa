"""Sessions: one row a device, found by the digest of its token, ended the moment it is revoked."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, delete, select

from content_server.accounts.roles import Grant, Person, Role
from content_server.accounts.tables import GrantRow, PersonRow, SessionRow
from content_server.db import utc_now

TOKEN_BYTES = 32
# A speaker's own phone stays signed in (research: editors §1.4, "long-lived device session"); an
# admin's does not (trust §1.2: 12 h idle, 7 d at most); a shared machine least of all.
OWN_IDLE, OWN_LONGEST = timedelta(days=14), timedelta(days=60)
ADMIN_IDLE, ADMIN_LONGEST = timedelta(hours=12), timedelta(days=7)
SHARED_IDLE, SHARED_LONGEST = timedelta(minutes=30), timedelta(hours=8)
FOR_THE_CODE = timedelta(minutes=10)  # to find the second phone
SEEN_EVERY = timedelta(minutes=1)  # "last seen" is written no oftener
MAX_OF_ONE = 20  # devices; the oldest goes


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def lasting(grants: tuple[Grant, ...], *, shared: bool) -> tuple[timedelta, timedelta]:
    """Return how long a session may stay idle, and how long it may live."""
    if shared:
        return SHARED_IDLE, SHARED_LONGEST
    if any(grant.role is Role.ADMIN for grant in grants):
        return ADMIN_IDLE, ADMIN_LONGEST
    return OWN_IDLE, OWN_LONGEST


def open_session(
    session: Session, person: Person, device: str, *, shared: bool, waits_for_code: bool = False
) -> tuple[str, SessionRow]:
    """Sign a person in on one device; return the token, which is stored nowhere, and the row."""
    now, token = utc_now(), secrets.token_urlsafe(TOKEN_BYTES)
    idle, longest = lasting(person.grants, shared=shared)
    if waits_for_code:
        idle = longest = FOR_THE_CODE
    row = SessionRow(
        token_hash=token_hash(token),
        person_id=person.id,
        device=device[:80],
        shared=shared,
        waits_for_code=waits_for_code,
        created_at=now,
        seen_at=now,
        idle_at=now + idle,
        ends_at=now + longest,
    )
    session.add(row)
    session.exec(delete(SessionRow).where(col(SessionRow.ends_at) < now))
    session.flush()
    _keep_newest(session, person.id)
    return token, row


def find_session(
    session: Session, token: str, now: datetime | None = None
) -> tuple[SessionRow, Person] | None:
    """Return the living session of a token with its person, who is not disabled; else None."""
    now = now or utc_now()
    query = (
        select(SessionRow, PersonRow)
        .where(SessionRow.token_hash == token_hash(token))
        .where(SessionRow.person_id == PersonRow.id)
    )
    found = session.exec(query).first()
    if found is None:
        return None
    row, person = found
    if person.disabled or now >= row.idle_at or now >= row.ends_at:
        return None
    return row, person_of(session, person, row.id or 0)


def person_of(session: Session, row: PersonRow, session_id: int = 0) -> Person:
    """Return a person as the rooms see them."""
    if row.id is None:
        raise TypeError
    grants = session.exec(select(GrantRow).where(GrantRow.person_id == row.id)).all()
    return Person(
        id=row.id,
        name=row.name,
        login=row.login or "",
        grants=tuple(sorted((Grant(g.role, g.folder, g.unit) for g in grants), key=repr)),
        tag=row.tag,
        session_id=session_id,
    )


def needs_touch(row: SessionRow, now: datetime | None = None) -> bool:
    return (now or utc_now()) - row.seen_at >= SEEN_EVERY


def touch(session: Session, session_id: int, grants: tuple[Grant, ...]) -> None:
    """Note that a device was seen: its idle time begins anew."""
    row = session.get(SessionRow, session_id)
    if row is None or row.waits_for_code:
        return
    now = utc_now()
    row.seen_at = now
    row.idle_at = now + lasting(grants, shared=row.shared)[0]
    session.add(row)


def sessions_of(session: Session, person_id: int) -> list[SessionRow]:
    """Return the devices a person is signed in on, the one seen last first."""
    now = utc_now()
    query = (
        select(SessionRow)
        .where(SessionRow.person_id == person_id, col(SessionRow.waits_for_code).is_(False))
        .where(col(SessionRow.ends_at) > now, col(SessionRow.idle_at) > now)
        .order_by(col(SessionRow.seen_at).desc())
    )
    return list(session.exec(query).all())


def end_session(session: Session, person_id: int, session_id: int) -> bool:
    """End one session of this person; tell whether there was one."""
    query = delete(SessionRow).where(
        col(SessionRow.id) == session_id, col(SessionRow.person_id) == person_id
    )
    return bool(session.exec(query).rowcount)


def end_all(session: Session, person_id: int, *, but: int | None = None) -> None:
    """End every session of a person, or every other one."""
    query = delete(SessionRow).where(col(SessionRow.person_id) == person_id)
    if but is not None:
        query = query.where(col(SessionRow.id) != but)
    session.exec(query)


def _keep_newest(session: Session, person_id: int) -> None:
    query = (
        select(SessionRow)
        .where(SessionRow.person_id == person_id)
        .order_by(col(SessionRow.created_at).desc(), col(SessionRow.id).desc())
        .offset(MAX_OF_ONE)
    )
    for row in session.exec(query).all():
        session.delete(row)
