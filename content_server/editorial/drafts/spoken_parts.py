"""Spoken parts: the parts of a lesson that are read aloud, in order: opening, steps, ending."""

from collections.abc import Mapping

from content_server.editorial.edits import SENTENCE_KEYS, DraftBody
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.phrases import Phrase, _

OPENING, ENDING = "", "*"  # not steps, but read aloud; no step id can equal these
PART_FIELDS: Mapping[str, tuple[str, ...]] = {
    OPENING: ("title", "why", "safety"),
    ENDING: ("success", "warning"),
}


def spoken_parts_of(body: DraftBody) -> dict[str, Phrase]:
    """Return part → its name on the page; `body` must be a source edition's, with all the steps."""
    steps = {name: _("Bước {number}", number=n) for n, name in enumerate(steps_of(body), 1)}
    return {OPENING: _("Mở đầu"), **steps, ENDING: _("Kết bài")}


def part_text(body: DraftBody, part: str) -> str:
    """Return the text of a part; empty when it has none."""
    if part in PART_FIELDS:
        return " ".join(str(body[key]) for key in PART_FIELDS[part] if body.get(key))
    return sentence_in(steps_of(body).get(part, {}))


def part_voice(body: DraftBody, part: str) -> str:
    """Return the file of a part's recording; empty when it has none."""
    if part in PART_FIELDS:
        return str(body.get("voice" if part == OPENING else "ending_voice") or "")
    return str(steps_of(body).get(part, {}).get("voice") or "")


def change_keys(part: str) -> list[str]:
    """Return the keys in `DraftRow.field_versions` of a part's text fields."""
    return [
        f"{part if part not in PART_FIELDS else ''}/{key}"
        for key in PART_FIELDS.get(part, SENTENCE_KEYS)
    ]
