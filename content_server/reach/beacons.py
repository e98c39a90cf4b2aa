"""Beacons: the one small message a page sends, read strictly; everything else is rubbish."""

import json
import re
from dataclasses import dataclass

from content_server.reach.link_codes import is_code
from content_server.reach.tables import What

MOST_BYTES = 1_000
MOST_AT_ONCE = {What.HANDS: 200, What.HANDED_ON: 200}  # a full cultural house; others one by one
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
FOLDER = re.compile(r"[a-z][a-z0-9-]{0,19}")
ONCE = re.compile(r"[0-9a-f]{16}")
KINDS = {what.value: what for what in What}


@dataclass(frozen=True, slots=True)
class Beacon:
    """One thing that happened. `once` is drawn by the page for this one completion, or empty."""

    link: str
    lesson: str
    lang: str
    what: What
    count: int
    once: str


def read_beacon(body: bytes) -> Beacon | None:
    """Return what a page has to tell; None for rubbish of any kind."""
    try:
        told = json.loads(body) if len(body) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        return None
    return _beacon(told) if isinstance(told, dict) else None


def _beacon(told: dict[str, object]) -> Beacon | None:
    link, lesson, lang = told.get("link", ""), told.get("lesson"), told.get("lang")
    count, once = told.get("count", 1), told.get("once", "")
    what = KINDS.get(said) if isinstance(said := told.get("what"), str) else None
    if (
        what is None
        or not (isinstance(lesson, str) and NAME.fullmatch(lesson))
        or not (isinstance(lang, str) and FOLDER.fullmatch(lang))
        or not (isinstance(link, str) and (not link or is_code(link)))
        or not (isinstance(once, str) and (not once or ONCE.fullmatch(once)))
        or not (type(count) is int and 1 <= count <= MOST_AT_ONCE.get(what, 1))
    ):
        return None
    return Beacon(link, lesson, lang, what, count, once)
