"""What a person wants changed in the stills of a clip: written beside the clip in the lesson."""

import json
from hashlib import sha256
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NEAR_S = 1.0  # "the still at 3.1" is the nearest one, within this
MOST_STILLS = 120

Second = Annotated[float, Field(ge=0, le=15 * 60, description="giây thứ mấy trong tệp gốc")]
Seconds = Annotated[tuple[Second, ...], Field(max_length=MOST_STILLS)]


class Move(BaseModel):
    """One still, shown as it is at another moment."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    at: Second
    to: Second


class WantedStills(BaseModel):
    """Stills to add, drop or move; with `only`, exactly these and nothing the machine found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    only: Seconds = ()
    add: Seconds = ()
    drop: Seconds = ()
    move: Annotated[tuple[Move, ...], Field(max_length=MOST_STILLS)] = ()

    @property
    def name(self) -> str:
        """Return six hex digits that differ when the wishes do; empty when there are none."""
        if self == NO_WISHES:
            return ""
        return sha256(json.dumps(self.model_dump(), sort_keys=True).encode()).hexdigest()[:6]

    def applied(self, found_ms: tuple[int, ...]) -> tuple[int, ...]:
        """Return the moments to show, in ms and in order; there is at least one."""
        moments = {_ms(second) for second in self.only} or set(found_ms)
        for second in self.drop:
            moments -= _nearest(moments, second)
        for move in self.move:
            gone = _nearest(moments, move.at)
            moments = (moments - gone) | ({_ms(move.to)} if gone else set())
        moments |= {_ms(second) for second in self.add}
        return tuple(sorted(moments)) or found_ms[:1]


NO_WISHES = WantedStills()


def _ms(second: float) -> int:
    return round(second * 1000)


def _nearest(moments: set[int], second: float) -> set[int]:
    near = min(moments, key=lambda moment: abs(moment - _ms(second)), default=None)
    return {near} if near is not None and abs(near - _ms(second)) <= NEAR_S * 1000 else set()
