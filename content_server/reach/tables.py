"""Tables of reach: village links, daily totals, tokens of counted completions."""

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
    """The kind of place or group a link is for."""

    VILLAGE = "village"
    MARKET = "market"
    CLASS = "class"


class ReachEvent(StrEnum):
    """A counted event; the values are those of the beacons that pages send."""

    OPENED = "opened"
    FINISHED = "finished"  # reached the last step
    PRACTISED = "practised"  # did a practice without a hint
    HANDED_ON = "handed_on"  # shared with others
    SESSION = "session"  # held a session
    HANDS = "hands"  # raised hands in a poll


class VillageLinkRow(SQLModel, table=True):
    """A village, market or class with its own code. Never deleted: its posters stay in use."""

    __tablename__ = "village_link"

    code: str = Field(primary_key=True, max_length=CODE_LENGTH)
    name: str = Field(max_length=NAME_LENGTH)  # "bản Nà Phát"
    kind: LinkKind = Field(sa_column=enum_column(LinkKind))
    unit: str = Field(max_length=UNIT_LENGTH)  # "xã Mường Kim"
    key: str = Field(max_length=KEY_LENGTH, unique=True)  # place_key: one open link per place
    created_by: int | None = None  # id of a person
    created_at: datetime = Field(
        default_factory=utc_now, sa_column=sa.Column(UtcDateTime, nullable=False)
    )
    closed_at: datetime | None = Field(
        default=None, sa_column=sa.Column(UtcDateTime, nullable=True)
    )


class VillageCountRow(SQLModel, table=True):
    """The daily total of one event for a link, lesson and language."""

    __tablename__ = "village_count"

    day: date = Field(primary_key=True)  # in Vietnam
    link: str = Field(primary_key=True, max_length=CODE_LENGTH)  # code of the link; "": none
    lesson: str = Field(primary_key=True, max_length=60)  # its slug
    lang: str = Field(primary_key=True, max_length=20)  # folder of the language
    event: str = Field(primary_key=True, max_length=20)  # a ReachEvent
    count: int = Field(sa_type=sa.BigInteger)


class BeaconTokenRow(SQLModel, table=True):
    """The digest of a counted completion's token, deleted after some days; nothing else."""

    __tablename__ = "beacon_token"

    digest: int = Field(sa_column=sa.Column(sa.BigInteger, primary_key=True, autoincrement=False))
    day: date = Field(index=True)
