"""Units: province → commune → village, as data, with the names people used before.

Since 1 July 2025 there is no district level, and units keep changing
(docs/research/domain.md#administrative-units): they are a registry like languages, never code.
"""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, TypeAdapter, field_validator

from content_server.accounts.names import normalize_login
from content_server.accounts.roles import is_within

MAX_UNIT_LENGTH = 120
PATH = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*){0,2}")
MAX_NAME_LENGTH, MAX_ALIASES = 80, 20


class UnitLevel(StrEnum):
    """The administrative level of a unit."""

    PROVINCE = "province"
    COMMUNE = "commune"
    VILLAGE = "village"


LEVELS = (UnitLevel.PROVINCE, UnitLevel.COMMUNE, UnitLevel.VILLAGE)


class UnitEntry(BaseModel):
    """An entry of the registry of units; its key is a path such as lai-chau/muong-kim."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    aliases: tuple[str, ...] = ()  # former names, also of units merged into it
    languages: tuple[str, ...] = ()  # folders, most spoken first

    @field_validator("name")
    @classmethod
    def normalize_name(cls, name: str) -> str:
        name = " ".join(name.split())
        if not 0 < len(name) <= MAX_NAME_LENGTH:
            raise ValueError("1–80")
        return name


Units = Mapping[str, UnitEntry]
UNITS: TypeAdapter[dict[str, UnitEntry]] = TypeAdapter(dict[str, UnitEntry])


def unit_level(path: str) -> UnitLevel:
    return LEVELS[path.count("/")]


def parent_path(path: str) -> str | None:
    return path.rpartition("/")[0] or None


def is_unit_path(text: str) -> bool:
    return len(text) <= MAX_UNIT_LENGTH and PATH.fullmatch(text) is not None


def invalid_paths(units: Units) -> Iterable[str]:
    """Yield the keys that are no valid path or whose parent is missing."""
    for path in units:
        parent = parent_path(path)
        if not is_unit_path(path) or (parent is not None and parent not in units):
            yield path


def list_within(units: Units, root: str | None) -> list[str]:
    """Return the sorted paths of `root` and the units within it; of all units for None."""
    return sorted(path for path in units if root is None or is_within(path, root))


def full_unit_name(units: Units, path: str) -> str:
    """Return the names of a unit and its parents, smallest first: "Nà Phát, Mường Kim"."""
    names = []
    following: str | None = path
    while following:
        names.append(units[following].name if following in units else following)
        following = parent_path(following)
    return ", ".join(names)


def find_units(units: Units, typed: str, limit: int = 20) -> list[str]:
    """Return units whose present or former name contains `typed`; diacritics are ignored."""
    query = normalize_login(typed)
    hits = [
        path
        for path, unit in units.items()
        if any(query in normalize_login(name) for name in (unit.name, *unit.aliases))
    ]
    return sorted(hits)[:limit]
