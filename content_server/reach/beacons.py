"""Beacons: the JSON message by which a page reports an event, strictly validated."""

import json
import re
from dataclasses import dataclass

from content_server.reach.link_codes import is_code
from content_server.reach.tables import ReachEvent

MAX_BEACON_BYTES = 1_000
MAX_COUNTS = {
    ReachEvent.HANDS: 200,
    ReachEvent.HANDED_ON: 200,
}  # a full community hall; other events come one by one
SLUG_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
FOLDER_PATTERN = re.compile(r"[a-z][a-z0-9-]{0,19}")
TOKEN_PATTERN = re.compile(r"[0-9a-f]{16}")
EVENTS = {event.value: event for event in ReachEvent}


@dataclass(frozen=True, slots=True)
class Beacon:
    """One reported event. `token` is random, made by the page for one completion, or empty."""

    link: str
    lesson: str
    lang: str
    event: ReachEvent
    count: int
    token: str


def parse_beacon(body: bytes) -> Beacon | None:
    """Return the beacon in a request body; None when it is invalid in any way."""
    try:
        message = json.loads(body) if len(body) <= MAX_BEACON_BYTES else None
    except (ValueError, RecursionError):
        return None
    return _validate(message) if isinstance(message, dict) else None


def _validate(message: dict[str, object]) -> Beacon | None:
    link, lesson, lang = message.get("link", ""), message.get("lesson"), message.get("lang")
    count, token = message.get("count", 1), message.get("once", "")
    event = EVENTS.get(name) if isinstance(name := message.get("what"), str) else None
    if (
        event is None
        or not (isinstance(lesson, str) and SLUG_PATTERN.fullmatch(lesson))
        or not (isinstance(lang, str) and FOLDER_PATTERN.fullmatch(lang))
        or not (isinstance(link, str) and (not link or is_code(link)))
        or not (isinstance(token, str) and (not token or TOKEN_PATTERN.fullmatch(token)))
        or not (type(count) is int and 1 <= count <= MAX_COUNTS.get(event, 1))
    ):
        return None
    return Beacon(link, lesson, lang, event, count, token)
