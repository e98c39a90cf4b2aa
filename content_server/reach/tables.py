"""Tables of villages: links, daily totals, and which completions were counted already."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from content_server.db import UtcDateTime, enum_column, utc_now

CODE_LENGTH = 4
NAME_LENGTH = 60
UNIT_LENGTH = 120
KEY_LENGTH = 240


class LinkKind(StrEnum):
    """What a link is made for."""

    VILLAGE = "village"
    MARKET = "market"
    CLASS = "class"


class What(StrEnum):
    """What is counted."""

    OPENED = "opened"
    FINISHED = "finished"  # the last step was reached
    PRACTISED = "practised"  # a practice done without a hint
    HANDED_ON = "handed_on"  # shown to others to take along
    SESSION = "session"  # an evening held
    HANDS = "hands"  # raised in a show of hands


class VillageLink(SQLModel, table=True):
    """A village, market or class that has a code of its own. Never deleted: posters live on."""

    __tablename__ = "village_link"

    code: str = Field(primary_key=True, max_length=CODE_LENGTH)
    name: str = Field(max_length=NAME_LENGTH)  # "bản Nà Phát"
    kind: LinkKind = Field(sa_column=enum_column(LinkKind))
    unit: str = Field(max_length=UNIT_LENGTH)  # "xã Mường Kim"
    key: str = Field(max_length=KEY_LENGTH, unique=True)  # what makes two open links the same
    made_by: int | None = None  # a person's id; the name is kept with the person alone
    made_at: datetime = Field(
        default_factory=utc_now, sa_column=sa.Column(UtcDateTime, nullable=False)
    )
    closed_at: datetime | None = Field(
        default=None, sa_column=sa.Column(UtcDateTime, nullable=True)
    )


class DayCount(SQLModel, table=True):
    """How often something happened on one day: a sum, from which nobody can be told apart."""

    __tablename__ = "village_count"

    day: date = Field(primary_key=True)  # in Vietnam
    link: str = Field(primary_key=True, max_length=CODE_LENGTH)  # "": opened without a code
    lesson: str = Field(primary_key=True, max_length=60)  # its slug
    lang: str = Field(primary_key=True, max_length=20)  # folder of the language
    what: str = Field(primary_key=True, max_length=20)  # a What
    count: int = Field(sa_type=sa.BigInteger)


class CountedOnce(SQLModel, table=True):
    """The digest of a completion's token, for some days. Says neither where nor what nor who."""

    __tablename__ = "counted_once"

    digest: int = Field(sa_column=sa.Column(sa.BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(index=True)
