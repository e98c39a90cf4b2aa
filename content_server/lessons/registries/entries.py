"""Registry entries: the models of languages, helpline contacts and topics."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter

from content_server.lessons.lesson import FrozenModel, Slug, TextLine
from content_server.media.screens.icons import IconName

REGISTRY_NAMES = ("languages", "contacts", "topics", "units")


class LanguageEntry(FrozenModel):
    """One language of the registry."""

    tag: str
    endonym: TextLine
    name_vi: TextLine
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


class Contact(FrozenModel):
    """A helpline; lessons refer to it by key, so one change here updates all of them."""

    name: TextLine
    tel: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,11}$")] | None = None
    site: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+\.vn$")] | None = None
    cost: ContactCost
    hours: TextLine | None = None
    source: TextLine
    verified_on: date
    verified_by: TextLine
    verify: bool = False


class Topic(FrozenModel):
    """A group of lessons, with one picture."""

    name: TextLine
    icon: IconName = "book"
    order: int = 100


LANGUAGES: TypeAdapter[dict[Slug, LanguageEntry]] = TypeAdapter(dict[Slug, LanguageEntry])
CONTACTS: TypeAdapter[dict[Slug, Contact]] = TypeAdapter(dict[Slug, Contact])
TOPICS: TypeAdapter[dict[Slug, Topic]] = TypeAdapter(dict[Slug, Topic])
