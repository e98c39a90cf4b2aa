"""Scenes of paper and messages: the electricity bill, on paper and as a text message."""

from content_server.media.screens.icons import ICONS, IconName
from content_server.media.screens.scenes.parts import (
    INDIGO,
    LINE,
    PAPER,
    SKIN,
    SUN,
    draw_background,
    draw_held_phone,
    draw_words,
)
from content_server.media.screens.scenes.spots import WORDS
from content_server.media.screens.shapes import Rectangle
from content_server.media.screens.text_layout import TextLines, row_width_attributes, text_svg

SceneDrawing = tuple[str, dict[str, Rectangle]]

_QUIET = ' font-size="16" fill="#4a5068"'
_STRONG = ' font-weight="600" text-anchor="end"'


def draw_paper_bill() -> SceneDrawing:
    """Draw an electricity bill held in two hands."""
    spots = {
        "customer-code": Rectangle(44, 112, 272, 48),
        "amount": Rectangle(44, 222, 272, 48),
        "phone-number": Rectangle(44, 276, 272, 48),
    }
    return draw_held_bill(WORDS["paper-bill"], "bolt", SUN, "#fff0c2"), spots


def draw_held_bill(written: tuple[str, ...], icon: IconName, ink: str, band: str) -> str:
    """Return a bill in two hands: its heading, then four rows of a name and a value."""
    heading, *lines = written
    paper = (
        f'<path d="M34 24h264l28 28v332H34z" fill="{PAPER}"{LINE}/>'
        f'<path d="M298 24v28h28z" fill="#e4dfce"{LINE}/>'
        f'<path d="M34 90V24h264v28h28v38z" fill="{band}"/>'
        f'<path d="M34 90h292" {LINE}/>'
        f'<path transform="translate(42 38)scale(1.5)" d="{ICONS[icon]}" fill="{ink}"{LINE}/>'
    )
    rows = "".join(
        _draw_line(lines[index], lines[index + 1], y)
        for index, y in ((0, 142), (2, 196), (4, 250), (6, 304))
    )
    rules = '<path d="M52 166h256M52 220h256M52 274h256" stroke="#d9d3c0" stroke-width="2"/>'
    check_mark = (
        '<g fill="none" stroke="#d62839" stroke-width="3"><circle cx="104" cy="346" r="22"/>'
        '<path d="M94 346l8 8 14-16"/></g>'
    )
    thumbs = (
        f'<path d="M20 400V338c0-20 34-20 36 0 2 24-2 44-12 62z" fill="{SKIN}"{LINE}/>'
        f'<path d="M340 400V338c0-20-34-20-36 0-2 24 2 44 12 62z" fill="{SKIN}"{LINE}/>'
    )
    svg = draw_background() + paper + draw_words(heading, 190, 67, 19, ' font-weight="600"', 212)
    return svg + rules + rows + check_mark + thumbs


def _draw_line(name: str, value: str, y: float) -> str:
    """Return a name at the left and its value at the right; in no font do they overlap."""
    left, right = row_width_attributes(
        TextLines((name,), 16), TextLines((value,), 18, bold=True), 248
    )
    return text_svg(name, 52, y, left + _QUIET) + text_svg(value, 308, y, right + _STRONG)


def draw_sms_bill() -> SceneDrawing:
    """Draw a phone with the bill's text message."""
    kind, name, code = WORDS["sms-bill"]
    message = (
        f'<path d="M0 44V9a9 9 0 0 1 9-9h160a9 9 0 0 1 9 9v35z" fill="{INDIGO}"/>'
        f'<path transform="translate(14 10)" fill="none" stroke="#fff" stroke-width="2"'
        f' d="{ICONS["mail"]}"/>'
        '<rect x="10" y="64" width="158" height="112" rx="14" fill="#e4e9f6"/>'
        + text_svg(kind, 22, 90, ' font-weight="600"')
        + text_svg(name, 22, 118, _QUIET)
        + text_svg(code, 22, 146, ' font-weight="600"')
    )
    svg = draw_background() + draw_held_phone(85, 30, 190, 320, message)
    return svg, {"customer-code": Rectangle(104, 136, 152, 56)}
