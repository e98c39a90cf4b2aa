"""Tables of accounts: persons, grants, invitations, sessions, sign-in failures, audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel

from content_server.accounts.roles import Role
from content_server.db import UtcDateTime, enum_column, utc_now

TOKEN_HASH_LENGTH = 64  # sha256 in hex


def _moment(*, index: bool = False) -> Column[Any]:
    return Column(UtcDateTime, nullable=False, index=index)


class PersonRow(SQLModel, table=True):
    """A person who may sign in. A deleted account keeps its row without name and secrets."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    login: str | None = Field(default=None, max_length=40, unique=True)  # folded: giangapao
    passphrase_hash: str | None = Field(default=None, max_length=200)
    totp_secret: str | None = Field(default=None, max_length=400)  # encrypted; None: not in use
    totp_step: int = 0  # time step (30 s) of the last code used: no code works twice
    locale_tag: str = Field(default="vi", max_length=20)
    disabled: bool = False
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())


class PersonGrantRow(SQLModel, table=True):
    """One role of one person, in a language and unit or everywhere."""

    __tablename__ = "person_grant"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    role: Role = Field(sa_column=enum_column(Role))
    folder: str | None = Field(default=None, max_length=20)
    unit: str | None = Field(default=None, max_length=120)


class InvitationRow(SQLModel, table=True):
    """A single-use link that creates an account or sets a new passphrase (`person_id`)."""

    __tablename__ = "invitation"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=TOKEN_HASH_LENGTH, unique=True)
    name: str = Field(max_length=80)
    grants: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE")
    invited_by: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())


class PersonSessionRow(SQLModel, table=True):
    """A session: one signed-in device of a person."""

    __tablename__ = "person_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=TOKEN_HASH_LENGTH, unique=True)
    person_id: int = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    device: str = Field(max_length=80)  # "Android · Chrome": for the list of devices
    shared: bool = False  # a computer that others use too
    totp_pending: bool = False  # passphrase verified, TOTP code still missing
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    seen_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    idle_expires_at: datetime = Field(sa_column=_moment())  # unless it is seen before
    expires_at: datetime = Field(sa_column=_moment(index=True))


class SignInFailureRow(SQLModel, table=True):
    """Recent failed sign-ins by throttle key: of a login (existing or not) or a known device."""

    __tablename__ = "sign_in_failure"

    key: str = Field(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    count: int = 0
    last_at: datetime = Field(default_factory=utc_now, sa_column=_moment(index=True))


class AuditLogRow(SQLModel, table=True):
    """An event: who did what to which subject, and when. Deleted after 180 days."""

    __tablename__ = "audit_log"

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment(index=True))
    actor_id: int | None = Field(
        default=None, foreign_key="person.id", index=True, ondelete="SET NULL"
    )
    event: str = Field(max_length=40)
    subject: str = Field(default="", max_length=200)
