"""Scenes of the answers to a question: the same calm old woman beside a board with the choice.

All answers have the same face and colours, so that none looks like the right one.
"""

from collections.abc import Callable, Mapping

from content_server.media.screens.icons import IconName
from content_server.media.screens.painters import camera
from content_server.media.screens.scenes.calls import HANDSET_DOWN, LINK
from content_server.media.screens.scenes.papers import SceneDrawing
from content_server.media.screens.scenes.parts import (
    BROCADE,
    GREY,
    INDIGO,
    LEAF,
    LINE,
    SHORT_HAIR,
    TURBAN,
    draw_arm,
    draw_background,
    draw_body,
    draw_face,
    draw_icon,
    draw_person,
    draw_phone,
    draw_speech_balloon,
    draw_words,
)
from content_server.media.screens.scenes.places import CAP
from content_server.media.screens.scenes.safety import BANK
from content_server.media.screens.scenes.spots import WORDS, SceneName
from content_server.media.screens.shapes import Rectangle, rect_svg, translate_svg

_BOARD = Rectangle(172, 64, 168, 208)
_MIDDLE = 256  # of the board
_SMALL_LINK = f'<g transform="scale(.6)">{LINK}</g>'
_HELD = (207, 84, 98, 168)  # a phone on the board: x, y, width, height


def _draw_choice(drawn: str) -> SceneDrawing:
    """Draw the woman, and on the board what she chooses."""
    elder = draw_person(92, 196, draw_body(INDIGO) + draw_face("calm", old=True) + TURBAN, 1.1)
    board = rect_svg(_BOARD.x, _BOARD.y, _BOARD.width, _BOARD.height, 22, f' fill="#fff"{LINE}')
    pointing = draw_arm("M130 384c40-10 62-40 84-84", INDIGO, 218, 292)
    return draw_background() + elder + board + drawn + pointing, {"board": _BOARD}


def _draw_icons(widget: IconName, mark: IconName) -> str:
    """Return one icon large on the board, the other small at its corner."""
    return draw_icon(widget, 190, 88, 5.5) + _draw_mark(draw_icon(mark, 282, 214, 2))


def _draw_mark(drawn: str) -> str:
    return f'<circle cx="306" cy="238" r="36" fill="#fff0c2"{LINE}/>{drawn}'


def _draw_hang_up() -> str:
    return (
        f'<circle cx="{_MIDDLE}" cy="168" r="66" fill="{BROCADE}"/>'
        f'<g transform="translate({_MIDDLE} 168)scale(1.9)">{HANDSET_DOWN}</g>'
    )


def _draw_read_code() -> str:
    code = draw_words(WORDS["choose-read-code"][0], _MIDDLE, 156, 24, ' font-weight="600"', 120)
    return draw_speech_balloon(Rectangle(186, 104, 140, 84), "M206 184l-8 50 48-50", code)


def _draw_type_code() -> str:
    code = WORDS["choose-type-code"][0]
    inside = (
        '<rect x="9" y="52" width="68" height="40" rx="8" fill="#fff" stroke="#4a5068"'
        ' stroke-width="3"/>' + draw_words(code, 43, 78, 15, ' font-weight="600"', 58)
    )
    return draw_phone(*_HELD, inside) + camera.pointer_svg(268, 176)


def _draw_tap_link() -> str:
    return draw_phone(*_HELD, translate_svg(8, 46, _SMALL_LINK)) + camera.pointer_svg(262, 166)


def _draw_leave() -> str:
    crossed = f'<path d="M12 50l62 42" stroke="{BROCADE}" stroke-width="7"/>'
    shown = draw_phone(*_HELD, translate_svg(8, 46, _SMALL_LINK) + crossed)
    return shown + _draw_mark(draw_icon("back", 280, 214, 2))


def _draw_police() -> str:
    officer = translate_svg(
        _MIDDLE, 152, f'<g transform="scale(1.6)">{draw_face("smile")}{CAP}</g>'
    )
    place = draw_words(WORDS["choose-police"][0], _MIDDLE, 248, 19, ' font-weight="600"', 140)
    return officer + place


def _draw_ask_helper() -> str:
    helper = translate_svg(
        _MIDDLE, 156, f'<g transform="scale(1.7)">{draw_face("smile")}{SHORT_HAIR}</g>'
    )
    tick = f'<path d="M290 238l12 12 20-24" fill="none" stroke="{LEAF}" stroke-width="7"/>'
    return helper + _draw_mark(tick)


def _draw_call_bank() -> str:
    bank = translate_svg(246, 192, f'<g transform="scale(.72)">{BANK}</g>')
    return draw_icon("call", 186, 84, 4.5) + bank


def _draw_buy_phone() -> str:
    return draw_icon("shop", 190, 80, 5.5) + draw_phone(278, 186, 46, 78, _draw_lines(34))


def _draw_lines(width: int) -> str:
    return f'<path d="M6 16h{width - 12}M6 30h{width - 18}" stroke="{GREY}" stroke-width="5"/>'


_CHOICES: Mapping[SceneName, Callable[[], str]] = {
    "choose-hang-up": _draw_hang_up,
    "choose-read-code": _draw_read_code,
    "choose-switch-off": lambda: _draw_icons("phone", "power"),
    "choose-wait": lambda: _draw_icons("phone", "clock"),
    "choose-call-bank": _draw_call_bank,
    "choose-buy-phone": _draw_buy_phone,
    "choose-police": _draw_police,
    "choose-send-card": lambda: _draw_icons("id", "send"),
    "choose-type-code": _draw_type_code,
    "choose-ask-helper": _draw_ask_helper,
    "choose-tap-link": _draw_tap_link,
    "choose-leave": _draw_leave,
}


def choice_scenes() -> dict[SceneName, Callable[[], SceneDrawing]]:
    """Return name → draw function of every scene of a choice."""
    return {name: _bind_choice(drawn) for name, drawn in _CHOICES.items()}


def _bind_choice(drawn: Callable[[], str]) -> Callable[[], SceneDrawing]:
    return lambda: _draw_choice(drawn())
