"""Units: province → commune → village, as data, with the names people used before.

Since 1 July 2025 there is no district level (research: domain, finding 2), and units keep changing:
they are a register like languages, never code.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, TypeAdapter, field_validator

from content_server.accounts.names import login_of
from content_server.accounts.roles import is_within

MAX_UNIT_LENGTH = 120
PATH = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*){0,2}")
MAX_NAME_LENGTH, MAX_ALIASES = 80, 20


class Level(StrEnum):
    """How high a unit stands."""

    PROVINCE = "province"
    COMMUNE = "commune"
    VILLAGE = "village"


LEVELS = (Level.PROVINCE, Level.COMMUNE, Level.VILLAGE)


class UnitEntry(BaseModel):
    """One line of the register of units; its key is a path, as lai-chau/muong-kim."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    aliases: tuple[str, ...] = ()  # what it, or what became part of it, was called
    languages: tuple[str, ...] = ()  # folders, the one heard most first

    @field_validator("name")
    @classmethod
    def one_line(cls, name: str) -> str:
        name = " ".join(name.split())
        if not 0 < len(name) <= MAX_NAME_LENGTH:
            raise ValueError("1–80")
        return name


Units = Mapping[str, UnitEntry]
UNITS: TypeAdapter[dict[str, UnitEntry]] = TypeAdapter(dict[str, UnitEntry])


def level_of(path: str) -> Level:
    return LEVELS[path.count("/")]


def parent_of(path: str) -> str | None:
    return path.rpartition("/")[0] or None


def is_path(text: str) -> bool:
    return len(text) <= MAX_UNIT_LENGTH and PATH.fullmatch(text) is not None


def faults(units: Units) -> Iterable[str]:
    """Yield the keys that are no unit's path, or whose parent is not written down."""
    for path in units:
        parent = parent_of(path)
        if not is_path(path) or (parent is not None and parent not in units):
            yield path


def below(units: Units, whole: str | None) -> list[str]:
    """Return the paths of a unit and all within it, in order; of everything for None."""
    return sorted(path for path in units if whole is None or is_within(path, whole))


def full_name(units: Units, path: str) -> str:
    """Return a unit with what it lies in, the smallest first."""
    names = []
    following: str | None = path
    while following:
        names.append(units[following].name if following in units else following)
        following = parent_of(following)
    return ", ".join(names)


def find_units(units: Units, typed: str, most: int = 20) -> list[str]:
    """Return units whose name, now or before, holds what was typed, with marks or without."""
    wanted = login_of(typed)
    hits = [
        path
        for path, unit in units.items()
        if any(wanted in login_of(name) for name in (unit.name, *unit.aliases))
    ]
    return sorted(hits)[:most]
