"""Pairings: a deck and the phone that leads it share a code; what they tell each other waits here.

In memory alone and for as long as the deck is heard: nothing of it is kept (decision 14). Lives on
one event loop, so nothing is locked.
"""

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from content_server.errors import PairingNotFound, PairingTaken, TooManyTries
from content_server.phrases import _
from content_server.reach.link_codes import ALPHABET
from content_server.reach.rate_limit import RateLimiter

LISTEN_S = 4.0  # how long who listens waits: shorter than the 5 s a stopping box grants
HERE_S = 15.0  # a deck heard so lately is there
SILENT_S = 90.0  # a deck not heard for so long is gone, and its pairing with it
UNCLAIMED_S = 300.0  # a code nobody has scanned
MOST_PAIRINGS = 500
MOST_WAITING = 16  # wishes held for a deck that does not listen; older ones go
WISHES_A_MINUTE = 240
OPENINGS_A_MINUTE = 20  # from one address: a village house with several walls
CODE_SIGNS = 12  # of 29 signs: 58 bits, drawn by chance
STRICT = ConfigDict(frozen=True, extra="forbid")

Code = Annotated[str, Field(pattern=f"^[{ALPHABET}]{{{CODE_SIGNS}}}$")]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
MaybeKey = Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Wish = Literal["next", "back", "replay", "point", "black", "slow", "tongue", "timer"]
Hand = Literal["1", "2", "3", "4"]


class Opening(BaseModel):
    """A deck asks for a code; or for its own once more, when the server was started again."""

    model_config = STRICT

    code: Code | None = None
    deck: MaybeKey = ""
    phone: MaybeKey = ""
    seen: Count = 0


class Shown(BaseModel):
    """What stands on the wall: all a phone needs to show its notes."""

    model_config = STRICT

    folder: Annotated[str, Field(pattern=r"^[a-z-]{0,20}$")]
    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,60}$")]
    title: Annotated[str, Field(max_length=200)]
    at: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,20}$")]  # anchor of the slide
    kind: Annotated[str, Field(pattern=r"^[a-z_]{0,12}$")]
    number: Count  # of the step; 0: none
    total: Count
    seconds: Count  # since the lesson began
    tongue: Annotated[str, Field(max_length=60)] = ""  # who speaks; empty: one language only
    dark: bool = False


class Saying(BaseModel):
    """A phone says what it wishes, a deck what it shows."""

    model_config = STRICT

    key: Key
    wish: Wish | Hand | None = None
    shown: Shown | None = None


class Listening(BaseModel):
    """Who listens, and what it has heard already."""

    model_config = STRICT

    key: Key
    seen: Count = 0
    phone: MaybeKey = ""  # the phone a deck knows of


@dataclass
class Pairing:
    """A deck, the one phone that scanned its code, and what waits between them."""

    code: str
    deck: str  # key, known to the deck alone
    opened_s: float
    heard_s: float  # when the deck was last heard
    phone: str = ""  # key of the phone; empty: nobody has scanned the code
    count: int = 0  # of wishes so far
    wishes: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    shown: dict[str, Any] | None = None
    changes: int = field(default_factory=lambda: 1 + secrets.randbelow(500_000))  # of what is shown
    listener: int = 0  # the deck's newest: an older page of the same wall stops
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Let everybody who waits look again."""
        self.changed.set()
        self.changed = asyncio.Event()

    def is_over(self, now_s: float) -> bool:
        unclaimed = not self.phone and now_s - self.opened_s > UNCLAIMED_S
        return unclaimed or now_s - self.heard_s > SILENT_S


class Pairings:
    """All pairings of this server. Every method raises PairingNotFound or PairingTaken."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._pairings: dict[str, Pairing] = {}
        self._pace = RateLimiter()

    def open(self, asked: Opening, address: str) -> Pairing:
        """Return a new pairing, or the one a deck had before. Raises TooManyTries too."""
        now_s = self._now_s()
        if not self._pace.allowed(address, 1, OPENINGS_A_MINUTE, now_s):
            raise TooManyTries(_("Xin mã nhanh quá. Xin đợi một phút rồi thử lại."))
        self._forget(now_s)
        known = self._pairings.get(asked.code) if asked.code else None
        if known and not secrets.compare_digest(known.deck, asked.deck):
            raise PairingTaken(_("Mã này của một màn hình khác."))
        if known:
            known.heard_s = now_s
            return known
        code = asked.code if asked.code and asked.deck else _drawn_code()
        pairing = Pairing(code, asked.deck or secrets.token_hex(16), now_s, now_s)
        pairing.phone, pairing.count = asked.phone, asked.seen
        self._pairings[code] = pairing
        return pairing

    def say(self, code: str, said: Saying) -> None:
        """Take what a deck shows, or what its phone wishes. Raises TooManyTries too."""
        pairing = self._found(code)
        if self._is_deck(pairing, said.key):
            if said.shown is not None:
                pairing.shown = said.shown.model_dump()
                pairing.changes += 1
                pairing.wake()
            return
        self._claim(pairing, said.key)
        if said.wish is None:
            return
        if not self._pace.allowed(("wish", code), 1, WISHES_A_MINUTE, self._now_s()):
            raise TooManyTries(_("Bấm nhanh quá. Xin bấm chậm lại."))
        pairing.count += 1
        pairing.wishes.append((pairing.count, said.wish))
        pairing.wake()

    async def listen(self, code: str, asked: Listening) -> dict[str, Any]:
        """Return what is new for who asks, as soon as there is something; else after LISTEN_S."""
        pairing = self._found(code)
        is_deck = self._is_deck(pairing, asked.key)
        if is_deck:
            pairing.listener += 1
            pairing.wake()
        else:
            self._claim(pairing, asked.key)
        mine = pairing.listener
        try:
            async with asyncio.timeout(LISTEN_S):
                while not _has_news(pairing, asked, mine, is_deck=is_deck):
                    await pairing.changed.wait()
        except TimeoutError:
            pass
        if not is_deck:
            here = self._now_s() - pairing.heard_s < HERE_S
            return {"seen": pairing.changes, "shown": pairing.shown, "here": here}
        self._is_deck(pairing, asked.key)  # heard until now
        wishes = [wish for wish in pairing.wishes if wish[0] > asked.seen]
        return {"wishes": wishes, "phone": pairing.phone, "over": mine != pairing.listener}

    def _found(self, code: str) -> Pairing:
        self._forget(self._now_s())
        if code not in self._pairings:
            raise PairingNotFound(_("Mã này đã hết. Bấm P trên máy chiếu để lấy mã mới."))
        return self._pairings[code]

    def _is_deck(self, pairing: Pairing, key: str) -> bool:
        if not secrets.compare_digest(pairing.deck, key):
            return False
        pairing.heard_s = self._now_s()
        return True

    @staticmethod
    def _claim(pairing: Pairing, key: str) -> None:
        """Give the pairing to the first phone that speaks; every other one is refused."""
        if not pairing.phone:
            pairing.phone = key
            pairing.wake()
        if not secrets.compare_digest(pairing.phone, key):
            raise PairingTaken(_("Điện thoại khác đang điều khiển. Hãy lấy mã mới."))

    def _forget(self, now_s: float) -> None:
        """Forget what is over; when there are still too many, the oldest nobody has scanned."""
        over = [each for each in self._pairings.values() if each.is_over(now_s)]
        room = MOST_PAIRINGS - (len(self._pairings) - len(over))
        if room <= 0:
            unclaimed = [p for p in self._pairings.values() if not p.phone and p not in over]
            over += sorted(unclaimed, key=lambda p: p.opened_s)[: 1 - room]
        for each in over:
            self._pairings.pop(each.code, None)


def _has_news(pairing: Pairing, asked: Listening, mine: int, *, is_deck: bool) -> bool:
    if not is_deck:
        return pairing.changes != asked.seen
    has_wishes = bool(pairing.wishes) and pairing.wishes[-1][0] > asked.seen
    return has_wishes or pairing.phone != asked.phone or mine != pairing.listener


def _drawn_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _sign in range(CODE_SIGNS))
