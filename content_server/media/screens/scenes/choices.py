"""Scenes of what one may choose: the same calm old woman beside a board with the choice on it.

Every answer to a question wears the same face and colours, so that none looks like the right one.
"""

from collections.abc import Callable, Mapping

from content_server.media.screens.icons import IconName
from content_server.media.screens.painters import camera
from content_server.media.screens.scenes.calls import HANDSET_DOWN, LINK
from content_server.media.screens.scenes.papers import Scenery
from content_server.media.screens.scenes.parts import (
    BROCADE,
    GREY,
    INDIGO,
    LEAF,
    LINE,
    SHORT_HAIR,
    TURBAN,
    arm,
    background,
    balloon,
    body,
    drawn_icon,
    face,
    person,
    phone,
    words,
)
from content_server.media.screens.scenes.places import CAP
from content_server.media.screens.scenes.safety import BANK
from content_server.media.screens.scenes.spots import WORDS, SceneName
from content_server.media.screens.shapes import Box, at, rect

_BOARD = Box(172, 64, 168, 208)
_MIDDLE = 256  # of the board
_SMALL_LINK = f'<g transform="scale(.6)">{LINK}</g>'
_HELD = (207, 84, 98, 168)  # a phone on the board: x, y, width, height


def _choice(drawn: str) -> Scenery:
    """Draw the woman, and on the board what she chooses."""
    elder = person(92, 196, body(INDIGO) + face("calm", old=True) + TURBAN, 1.1)
    board = rect(_BOARD.x, _BOARD.y, _BOARD.width, _BOARD.height, 22, f' fill="#fff"{LINE}')
    pointing = arm("M130 384c40-10 62-40 84-84", INDIGO, 218, 292)
    return background() + elder + board + drawn + pointing, {"board": _BOARD}


def _icons(thing: IconName, mark: IconName) -> str:
    """Return one icon large on the board, the other small at its corner."""
    return drawn_icon(thing, 190, 88, 5.5) + _mark(drawn_icon(mark, 282, 214, 2))


def _mark(drawn: str) -> str:
    return f'<circle cx="306" cy="238" r="36" fill="#fff0c2"{LINE}/>{drawn}'


def _hang_up() -> str:
    return (
        f'<circle cx="{_MIDDLE}" cy="168" r="66" fill="{BROCADE}"/>'
        f'<g transform="translate({_MIDDLE} 168)scale(1.9)">{HANDSET_DOWN}</g>'
    )


def _read_code() -> str:
    said = words(WORDS["choose-read-code"][0], _MIDDLE, 156, 24, ' font-weight="600"', 120)
    return balloon(Box(186, 104, 140, 84), "M206 184l-8 50 48-50", said)


def _type_code() -> str:
    code = WORDS["choose-type-code"][0]
    inside = (
        '<rect x="9" y="52" width="68" height="40" rx="8" fill="#fff" stroke="#4a5068"'
        ' stroke-width="3"/>' + words(code, 43, 78, 15, ' font-weight="600"', 58)
    )
    return phone(*_HELD, inside) + camera.hand(268, 176)


def _tap_link() -> str:
    return phone(*_HELD, at(8, 46, _SMALL_LINK)) + camera.hand(262, 166)


def _leave() -> str:
    crossed = f'<path d="M12 50l62 42" stroke="{BROCADE}" stroke-width="7"/>'
    shown = phone(*_HELD, at(8, 46, _SMALL_LINK) + crossed)
    return shown + _mark(drawn_icon("back", 280, 214, 2))


def _police() -> str:
    officer = at(_MIDDLE, 152, f'<g transform="scale(1.6)">{face("smile")}{CAP}</g>')
    place = words(WORDS["choose-police"][0], _MIDDLE, 248, 19, ' font-weight="600"', 140)
    return officer + place


def _ask_helper() -> str:
    helper = at(_MIDDLE, 156, f'<g transform="scale(1.7)">{face("smile")}{SHORT_HAIR}</g>')
    tick = f'<path d="M290 238l12 12 20-24" fill="none" stroke="{LEAF}" stroke-width="7"/>'
    return helper + _mark(tick)


def _call_bank() -> str:
    bank = at(246, 192, f'<g transform="scale(.72)">{BANK}</g>')
    return drawn_icon("call", 186, 84, 4.5) + bank


def _buy_phone() -> str:
    return drawn_icon("shop", 190, 80, 5.5) + phone(278, 186, 46, 78, _lines(34))


def _lines(width: int) -> str:
    return f'<path d="M6 16h{width - 12}M6 30h{width - 18}" stroke="{GREY}" stroke-width="5"/>'


_DRAWN: Mapping[SceneName, Callable[[], str]] = {
    "choose-hang-up": _hang_up,
    "choose-read-code": _read_code,
    "choose-switch-off": lambda: _icons("phone", "power"),
    "choose-wait": lambda: _icons("phone", "clock"),
    "choose-call-bank": _call_bank,
    "choose-buy-phone": _buy_phone,
    "choose-police": _police,
    "choose-send-card": lambda: _icons("id", "send"),
    "choose-type-code": _type_code,
    "choose-ask-helper": _ask_helper,
    "choose-tap-link": _tap_link,
    "choose-leave": _leave,
}


def choices() -> dict[SceneName, Callable[[], Scenery]]:
    """Return every scene of a choice by its name."""
    return {name: _drawing(drawn) for name, drawn in _DRAWN.items()}


def _drawing(drawn: Callable[[], str]) -> Callable[[], Scenery]:
    return lambda: _choice(drawn())
