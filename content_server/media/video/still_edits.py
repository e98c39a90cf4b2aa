"""An editor's changes to the stills of a clip, as written in the lesson file beside the clip.

The field names are the keys of the lesson file and of the job payload; the docstrings of the two
classes are part of its JSON Schema (docs/lesson.schema.json).
"""

import json
from hashlib import sha256
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MATCH_WITHIN_S = 1.0  # "the still at 3.1" is the nearest one within this distance
MAX_STILLS = 120

Second = Annotated[float, Field(ge=0, le=15 * 60, description="giây thứ mấy trong tệp gốc")]
Seconds = Annotated[tuple[Second, ...], Field(max_length=MAX_STILLS)]


class StillMove(BaseModel):
    """One still, shown as it is at another moment."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    at: Second
    to: Second


class StillEdits(BaseModel):
    """Stills to add, drop or move; with `only`, exactly these and nothing the machine found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    only: Seconds = ()
    add: Seconds = ()
    drop: Seconds = ()
    move: Annotated[tuple[StillMove, ...], Field(max_length=MAX_STILLS)] = ()

    @property
    def fingerprint(self) -> str:
        """Return six hex digits that differ when the edits do; empty without edits."""
        if self == NO_EDITS:
            return ""
        return sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()[:6]

    def apply_to(self, detected_ms: tuple[int, ...]) -> tuple[int, ...]:
        """Return the moments to show, in ms and in order; at least one if any was detected."""
        moments = {_to_ms(second) for second in self.only} or set(detected_ms)
        for second in self.drop:
            moments -= _nearest(moments, second)
        for move in self.move:
            moved = _nearest(moments, move.at)
            moments = (moments - moved) | ({_to_ms(move.to)} if moved else set())
        moments |= {_to_ms(second) for second in self.add}
        return tuple(sorted(moments)) or detected_ms[:1]


NO_EDITS = StillEdits()


def _to_ms(second: float) -> int:
    return round(second * 1000)


def _nearest(moments: set[int], second: float) -> set[int]:
    near = min(moments, key=lambda moment: abs(moment - _to_ms(second)), default=None)
    return (
        {near}
        if near is not None and abs(near - _to_ms(second)) <= MATCH_WITHIN_S * 1000
        else set()
    )
