"""Pairs a slide deck with the phone that controls it, and queues their messages.

Everything is in memory and ends with the deck (decision 10). It runs on one event loop, so there
are no locks.
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

LISTEN_TIMEOUT_S = 4.0  # shorter than the 5 s that a stopping box grants
DECK_ONLINE_S = 15.0  # a deck that asked within this time counts as online
DECK_GONE_S = 90.0  # a deck that has not asked for this long loses its pairing
UNCLAIMED_TTL_S = 300.0  # for a code that no phone has scanned
MAX_PAIRINGS = 500
MAX_QUEUED_COMMANDS = 16  # for a deck that does not listen; the oldest are dropped
MAX_COMMANDS_PER_MINUTE = 240
MAX_OPENINGS_PER_MINUTE = 20  # from one address: a village house with several walls
CODE_LENGTH = 12  # random characters out of 29: 58 bits
# The names on the wire are those of the pages' scripts: see the aliases.
MODEL_CONFIG = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

Code = Annotated[str, Field(pattern=f"^[{ALPHABET}]{{{CODE_LENGTH}}}$")]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
MaybeKey = Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
RemoteCommand = Literal["next", "back", "replay", "point", "black", "slow", "tongue", "timer"]
AnswerNumber = Literal["1", "2", "3", "4"]


class OpenPairing(BaseModel):
    """A deck asks for a code, or for its earlier one after the server was restarted."""

    model_config = MODEL_CONFIG

    code: Code | None = None
    deck: MaybeKey = ""
    phone: MaybeKey = ""
    seen: Count = 0


class SlideState(BaseModel):
    """What the deck shows now, for the notes on the phone."""

    model_config = MODEL_CONFIG

    folder: Annotated[str, Field(pattern=r"^[a-z-]{0,20}$")]
    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]{0,60}$")]
    title: Annotated[str, Field(max_length=200)]
    anchor: Annotated[  # of the slide
        str, Field(pattern=r"^[a-z0-9-]{0,20}$", validation_alias="at", serialization_alias="at")
    ]
    kind: Annotated[str, Field(pattern=r"^[a-z_]{0,12}$")]
    number: Count  # of the step; 0: none
    total: Count
    elapsed_s: Annotated[  # since the lesson began
        Count, Field(validation_alias="seconds", serialization_alias="seconds")
    ]
    language: Annotated[  # of the voice; empty where there is one language only
        str, Field(max_length=60, validation_alias="tongue", serialization_alias="tongue")
    ] = ""
    is_dark: Annotated[bool, Field(validation_alias="dark", serialization_alias="dark")] = False


class RemoteMessage(BaseModel):
    """A command from the phone, or the state of the slides from the deck."""

    model_config = MODEL_CONFIG

    key: Key
    command: Annotated[RemoteCommand | AnswerNumber | None, Field(validation_alias="wish")] = None
    slide_state: Annotated[SlideState | None, Field(validation_alias="shown")] = None


class ListenRequest(BaseModel):
    """A phone or deck asks for news after number `seen`."""

    model_config = MODEL_CONFIG

    key: Key
    seen: Count = 0
    phone: MaybeKey = ""  # of the phone that the deck knows


@dataclass
class Pairing:
    """A deck, the one phone that scanned its code, and the messages between them."""

    code: str
    deck: str  # key, known to the deck alone
    opened_s: float
    deck_seen_s: float  # when the deck last asked
    phone: str = ""  # key of the phone; empty: nobody has scanned the code
    command_count: int = 0  # of commands so far
    commands: deque[tuple[int, str]] = field(
        default_factory=lambda: deque(maxlen=MAX_QUEUED_COMMANDS)
    )
    slide_state: dict[str, Any] | None = None
    state_version: int = field(
        default_factory=lambda: 1 + secrets.randbelow(500_000)
    )  # raised with every slide_state
    newest_listener: int = (
        0  # number of the deck's newest listener; an older page of the deck stops
    )
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def notify(self) -> None:
        """Wake every waiting listener."""
        self.changed.set()
        self.changed = asyncio.Event()

    def is_expired(self, now_s: float) -> bool:
        unclaimed = not self.phone and now_s - self.opened_s > UNCLAIMED_TTL_S
        return unclaimed or now_s - self.deck_seen_s > DECK_GONE_S


class Pairings:
    """All pairings of this server. Methods raise PairingNotFound or PairingTaken."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._pairings: dict[str, Pairing] = {}
        self._rate_limiter = RateLimiter()

    def open(self, request: OpenPairing, address: str) -> Pairing:
        """Return a new pairing, or the deck's earlier one. Raises TooManyTries too."""
        now_s = self._now_s()
        if not self._rate_limiter.grant(address, 1, MAX_OPENINGS_PER_MINUTE, now_s):
            raise TooManyTries(_("Xin mã nhanh quá. Xin đợi một phút rồi thử lại."))
        self._remove_expired(now_s)
        known = self._pairings.get(request.code) if request.code else None
        if known and not secrets.compare_digest(known.deck, request.deck):
            raise PairingTaken(_("Mã này của một màn hình khác."))
        if known:
            known.deck_seen_s = now_s
            return known
        code = request.code if request.code and request.deck else _random_code()
        pairing = Pairing(code, request.deck or secrets.token_hex(16), now_s, now_s)
        pairing.phone, pairing.command_count = request.phone, request.seen
        self._pairings[code] = pairing
        return pairing

    def receive(self, code: str, message: RemoteMessage) -> None:
        """Store the deck's state, or queue the phone's command. Raises TooManyTries too."""
        pairing = self._find(code)
        if self._touch_deck(pairing, message.key):
            if message.slide_state is not None:
                pairing.slide_state = message.slide_state.model_dump(by_alias=True)
                pairing.state_version += 1
                pairing.notify()
            return
        self._claim(pairing, message.key)
        if message.command is None:
            return
        if not self._rate_limiter.grant(
            ("command", code), 1, MAX_COMMANDS_PER_MINUTE, self._now_s()
        ):
            raise TooManyTries(_("Bấm nhanh quá. Xin bấm chậm lại."))
        pairing.command_count += 1
        pairing.commands.append((pairing.command_count, message.command))
        pairing.notify()

    async def listen(self, code: str, request: ListenRequest) -> dict[str, Any]:
        """Return the news for this phone or deck, waiting up to LISTEN_TIMEOUT_S for some."""
        pairing = self._find(code)
        is_deck = self._touch_deck(pairing, request.key)
        if is_deck:
            pairing.newest_listener += 1
            pairing.notify()
        else:
            self._claim(pairing, request.key)
        own_number = pairing.newest_listener
        try:
            async with asyncio.timeout(LISTEN_TIMEOUT_S):
                while not _has_news(pairing, request, own_number, is_deck=is_deck):
                    await pairing.changed.wait()
        except TimeoutError:
            pass
        if not is_deck:
            is_online = self._now_s() - pairing.deck_seen_s < DECK_ONLINE_S
            return {"seen": pairing.state_version, "shown": pairing.slide_state, "here": is_online}
        self._touch_deck(pairing, request.key)  # it was listening until now
        commands = [command for command in pairing.commands if command[0] > request.seen]
        return {
            "wishes": commands,
            "phone": pairing.phone,
            "over": own_number != pairing.newest_listener,
        }

    def _find(self, code: str) -> Pairing:
        self._remove_expired(self._now_s())
        if code not in self._pairings:
            raise PairingNotFound(_("Mã này đã hết. Bấm P trên máy chiếu để lấy mã mới."))
        return self._pairings[code]

    def _touch_deck(self, pairing: Pairing, key: str) -> bool:
        if not secrets.compare_digest(pairing.deck, key):
            return False
        pairing.deck_seen_s = self._now_s()
        return True

    @staticmethod
    def _claim(pairing: Pairing, key: str) -> None:
        """Give the pairing to the first phone that writes. Raises PairingTaken for others."""
        if not pairing.phone:
            pairing.phone = key
            pairing.notify()
        if not secrets.compare_digest(pairing.phone, key):
            raise PairingTaken(_("Điện thoại khác đang điều khiển. Hãy lấy mã mới."))

    def _remove_expired(self, now_s: float) -> None:
        """Remove expired pairings; when there are still too many, the oldest unclaimed ones."""
        expired = [each for each in self._pairings.values() if each.is_expired(now_s)]
        free = MAX_PAIRINGS - (len(self._pairings) - len(expired))
        if free <= 0:
            unclaimed = [p for p in self._pairings.values() if not p.phone and p not in expired]
            expired += sorted(unclaimed, key=lambda p: p.opened_s)[: 1 - free]
        for each in expired:
            self._pairings.pop(each.code, None)


def _has_news(pairing: Pairing, request: ListenRequest, own_number: int, *, is_deck: bool) -> bool:
    if not is_deck:
        return pairing.state_version != request.seen
    has_commands = bool(pairing.commands) and pairing.commands[-1][0] > request.seen
    return has_commands or pairing.phone != request.phone or own_number != pairing.newest_listener


def _random_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _position in range(CODE_LENGTH))
