"""Sessions: one row per signed-in device, found by the SHA-256 of its token."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, delete, select

from content_server.accounts.roles import Grant, Person, Role
from content_server.accounts.tables import PersonGrantRow, PersonRow, PersonSessionRow
from content_server.db import utc_now

TOKEN_BYTES = 32
# The speaker's own phone stays signed in longest (docs/research/editors.md#device-sessions); an
# admin's shorter (docs/research/trust.md#limits), a shared machine shortest.
OWN_IDLE, OWN_LIFETIME = timedelta(days=14), timedelta(days=60)
ADMIN_IDLE, ADMIN_LIFETIME = timedelta(hours=12), timedelta(days=7)
SHARED_IDLE, SHARED_LIFETIME = timedelta(minutes=30), timedelta(hours=8)
TOTP_LIFETIME = timedelta(minutes=10)  # time to find the phone with the app
TOUCH_INTERVAL = timedelta(minutes=1)  # `seen_at` is written at most this often
MAX_SESSIONS = 20  # per person; the oldest is deleted


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def session_lifetimes(grants: tuple[Grant, ...], *, shared: bool) -> tuple[timedelta, timedelta]:
    """Return the maximum idle time and the maximum lifetime of a session."""
    if shared:
        return SHARED_IDLE, SHARED_LIFETIME
    if any(grant.role is Role.ADMIN for grant in grants):
        return ADMIN_IDLE, ADMIN_LIFETIME
    return OWN_IDLE, OWN_LIFETIME


def open_session(
    session: Session, person: Person, device: str, *, shared: bool, totp_pending: bool = False
) -> tuple[str, PersonSessionRow]:
    """Create a session; return its token, of which only the hash is stored, and the row."""
    now, token = utc_now(), secrets.token_urlsafe(TOKEN_BYTES)
    idle, longest = session_lifetimes(person.grants, shared=shared)
    if totp_pending:
        idle = longest = TOTP_LIFETIME
    row = PersonSessionRow(
        token_hash=token_hash(token),
        person_id=person.id,
        device=device[:80],
        shared=shared,
        totp_pending=totp_pending,
        created_at=now,
        seen_at=now,
        idle_expires_at=now + idle,
        expires_at=now + longest,
    )
    session.add(row)
    session.exec(delete(PersonSessionRow).where(col(PersonSessionRow.expires_at) < now))
    session.flush()
    _keep_newest(session, person.id)
    return token, row


def find_session(
    session: Session, token: str, now: datetime | None = None
) -> tuple[PersonSessionRow, Person] | None:
    """Return the valid session of a token and its person; None if expired or disabled."""
    now = now or utc_now()
    query = (
        select(PersonSessionRow, PersonRow)
        .where(PersonSessionRow.token_hash == token_hash(token))
        .where(PersonSessionRow.person_id == PersonRow.id)
    )
    found = session.exec(query).first()
    if found is None:
        return None
    row, person = found
    if person.disabled or now >= row.idle_expires_at or now >= row.expires_at:
        return None
    return row, load_person(session, person, row.id or 0)


def load_person(session: Session, row: PersonRow, session_id: int = 0) -> Person:
    """Return the person of a row with their grants, for use in requests."""
    if row.id is None:
        raise TypeError
    grants = session.exec(select(PersonGrantRow).where(PersonGrantRow.person_id == row.id)).all()
    return Person(
        id=row.id,
        name=row.name,
        login=row.login or "",
        grants=tuple(sorted((Grant(g.role, g.folder, g.unit) for g in grants), key=repr)),
        locale_tag=row.locale_tag,
        session_id=session_id,
    )


def is_touch_due(row: PersonSessionRow, now: datetime | None = None) -> bool:
    return (now or utc_now()) - row.seen_at >= TOUCH_INTERVAL


def touch_session(session: Session, session_id: int, grants: tuple[Grant, ...]) -> None:
    """Set `seen_at` to now and restart the idle time."""
    row = session.get(PersonSessionRow, session_id)
    if row is None or row.totp_pending:
        return
    now = utc_now()
    row.seen_at = now
    row.idle_expires_at = now + session_lifetimes(grants, shared=row.shared)[0]
    session.add(row)


def list_sessions(session: Session, person_id: int) -> list[PersonSessionRow]:
    """Return the valid sessions of a person, last seen first."""
    now = utc_now()
    query = (
        select(PersonSessionRow)
        .where(
            PersonSessionRow.person_id == person_id, col(PersonSessionRow.totp_pending).is_(False)
        )
        .where(col(PersonSessionRow.expires_at) > now, col(PersonSessionRow.idle_expires_at) > now)
        .order_by(col(PersonSessionRow.seen_at).desc())
    )
    return list(session.exec(query).all())


def end_session(session: Session, person_id: int, session_id: int) -> bool:
    """Delete one session of this person; tell whether there was one."""
    query = delete(PersonSessionRow).where(
        col(PersonSessionRow.id) == session_id, col(PersonSessionRow.person_id) == person_id
    )
    return bool(session.exec(query).rowcount)


def end_all_sessions(session: Session, person_id: int, *, except_id: int | None = None) -> None:
    """Delete all sessions of a person, but for `except_id`."""
    query = delete(PersonSessionRow).where(col(PersonSessionRow.person_id) == person_id)
    if except_id is not None:
        query = query.where(col(PersonSessionRow.id) != except_id)
    session.exec(query)


def _keep_newest(session: Session, person_id: int) -> None:
    query = (
        select(PersonSessionRow)
        .where(PersonSessionRow.person_id == person_id)
        .order_by(col(PersonSessionRow.created_at).desc(), col(PersonSessionRow.id).desc())
        .offset(MAX_SESSIONS)
    )
    for row in session.exec(query).all():
        session.delete(row)
