"""Registers: the languages, helplines and topics lessons refer to, each one list as data."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter

from content_server.lessons.lesson import Frozen, Line, Slug
from content_server.media.screens.icons import IconName

REGISTERS = ("languages", "contacts", "topics", "units")


class LanguageEntry(Frozen):
    """One line of the language registry."""

    tag: str
    endonym: Line
    name_vi: Line
    script: str = "Latn"
    fallback: Slug | None = "vi"
    voice_only: bool = False
    orthography: str | None = None
    waiting: bool = False


class ContactCost(StrEnum):
    """What a call costs the villager."""

    FREE = "free"
    PAID = "paid"
    UNKNOWN = "unknown"


class Contact(Frozen):
    """A helpline: one change here updates every lesson in every language."""

    name: Line
    tel: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,11}$")] | None = None
    site: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+\.vn$")] | None = None
    cost: ContactCost
    hours: Line | None = None
    source: Line
    verified_on: date
    verified_by: Line
    verify: bool = False


class Topic(Frozen):
    """A group of lessons, with one picture."""

    name: Line
    icon: IconName = "book"
    order: int = 100


LANGUAGES: TypeAdapter[dict[Slug, LanguageEntry]] = TypeAdapter(dict[Slug, LanguageEntry])
CONTACTS: TypeAdapter[dict[Slug, Contact]] = TypeAdapter(dict[Slug, Contact])
TOPICS: TypeAdapter[dict[Slug, Topic]] = TypeAdapter(dict[Slug, Topic])
