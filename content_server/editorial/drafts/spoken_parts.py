"""Parts: what of a lesson is read aloud, in the order it is heard: its opening, steps, ending."""

from collections.abc import Mapping

from content_server.editorial.edits import SENTENCES, Body
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.phrases import Phrase, _

TITLE, ENDING = "", "*"  # no steps, yet read aloud; no step can be called so
READ: Mapping[str, tuple[str, ...]] = {
    TITLE: ("title", "why", "safety"),
    ENDING: ("success", "warning"),
}


def parts_of(body: Body) -> dict[str, Phrase]:
    """Return part → its name, of an edition that has all the steps."""
    steps = {name: _("Bước {number}", number=n) for n, name in enumerate(steps_of(body), 1)}
    return {TITLE: _("Mở đầu"), **steps, ENDING: _("Kết bài")}


def words_in(body: Body, part: str) -> str:
    """Return the words a part says; empty where there are none."""
    if part in READ:
        return " ".join(str(body[key]) for key in READ[part] if body.get(key))
    return sentence_in(steps_of(body).get(part, {}))


def voice_in(body: Body, part: str) -> str:
    """Return the file of a part's recording; empty where there is none."""
    if part in READ:
        return str(body.get("voice" if part == TITLE else "ending_voice") or "")
    return str(steps_of(body).get(part, {}).get("voice") or "")


def stamp_keys(part: str) -> list[str]:
    """Return the keys under which a draft's stamps say who wrote a part's words."""
    return [f"{part if part not in READ else ''}/{key}" for key in READ.get(part, SENTENCES)]
