"""Tables of people: who, with which roles, invited how, signed in where, and what they did."""

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
    """Somebody who may sign in. A person who left keeps the row, without name or key."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=80)
    login: str | None = Field(default=None, max_length=40, unique=True)  # folded: giangapao
    passphrase_hash: str | None = Field(default=None, max_length=200)
    second_key: str | None = Field(default=None, max_length=400)  # encrypted; None: not in use
    second_key_step: int = 0  # the last code taken: none works twice
    tag: str = Field(default="vi", max_length=20)
    disabled: bool = False
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())


class GrantRow(SQLModel, table=True):
    """One role of one person."""

    __tablename__ = "person_grant"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    role: Role = Field(sa_column=enum_column(Role))
    folder: str | None = Field(default=None, max_length=20)
    unit: str | None = Field(default=None, max_length=120)


class InvitationRow(SQLModel, table=True):
    """A link that makes an account, or gives an old one a new passphrase. Works once."""

    __tablename__ = "invitation"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=TOKEN_HASH_LENGTH, unique=True)
    name: str = Field(max_length=80)
    grants: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    person_id: int | None = Field(default=None, foreign_key="person.id", ondelete="CASCADE")
    invited_by: int | None = Field(default=None, foreign_key="person.id", ondelete="SET NULL")
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    expires_at: datetime = Field(sa_column=_moment())


class SessionRow(SQLModel, table=True):
    """One device a person is signed in on."""

    __tablename__ = "person_session"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(max_length=TOKEN_HASH_LENGTH, unique=True)
    person_id: int = Field(foreign_key="person.id", index=True, ondelete="CASCADE")
    device: str = Field(max_length=80)  # "Android · Chrome": for the list of devices
    shared: bool = False  # a machine others use too
    waits_for_code: bool = False  # the passphrase was right, the second key is still missing
    created_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    seen_at: datetime = Field(default_factory=utc_now, sa_column=_moment())
    idle_at: datetime = Field(sa_column=_moment())  # unseen until then, it ends
    ends_at: datetime = Field(sa_column=_moment(index=True))


class FailureRow(SQLModel, table=True):
    """How often signing in failed lately, by account name (there or not) and known device."""

    __tablename__ = "sign_in_failure"

    key: str = Field(primary_key=True, max_length=TOKEN_HASH_LENGTH)
    count: int = 0
    last_at: datetime = Field(default_factory=utc_now, sa_column=_moment(index=True))


class LogRow(SQLModel, table=True):
    """One line of the log: who did what to what, and when. Kept for 180 days."""

    __tablename__ = "person_log"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=utc_now, sa_column=_moment(index=True))
    person_id: int | None = Field(
        default=None, foreign_key="person.id", index=True, ondelete="SET NULL"
    )
    what: str = Field(max_length=40)
    about: str = Field(default="", max_length=200)
