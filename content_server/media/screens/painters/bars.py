"""The bars of a screen: status and title at the top, tabs and message box at the bottom."""

from collections.abc import Sequence

from content_server.media.screens import widgets
from content_server.media.screens.shapes import (
    INSIDE_WIDTH,
    Box,
    Piece,
    Style,
    at,
    font,
    icon,
    icon_path,
    lined,
    rect,
    target,
)
from content_server.media.screens.text_layout import fitted, held, middled, text_svg
from content_server.media.screens.themes import FRAME, INK, Theme

STATUS_HEIGHT = 32
TITLE_HEIGHT = 56
TABS_HEIGHT = 64
COMPOSER_HEIGHT = 60
_HILLS = (  # the wallpaper of a home screen: mountains, as out of the window
    '<path d="M8 500l60-60 50 36 74-84 72 66 34-26 54 50v128H8z" fill="#31446f"/>'
    '<path d="M8 552l80-52 60 34 90-58 114 76v40H8z" fill="#22304f"/>'
)
_SIDE = 48  # a tappable icon in a bar


def phone_body(look: Theme) -> str:
    """Return the phone's frame and its lit page."""
    return (
        f'<rect width="360" height="640" rx="30" fill="{FRAME}"/>'
        f'<rect x="8" y="8" width="344" height="624" rx="22" fill="{look.page}"/>'
        + (_HILLS if look.tiles else "")
    )


def bar_back(look: Theme, height: float) -> str:
    """Return the coloured ground of the top bar, its upper corners round as the glass."""
    if look.bar == look.page:
        return ""
    path = f"M0 {height:g}V22a22 22 0 0 1 22-22h300a22 22 0 0 1 22 22v{height - 22:g}z"
    return f'<path d="{path}" fill="{look.bar}"/>'


def bar_line(look: Theme, height: float) -> str:
    """Return the hairline under a bar that is as light as the page."""
    if look.on_bar != INK:
        return ""
    return f'<path d="M0 {height:g}h344" stroke="{look.line}"/>'


def status(look: Theme) -> str:
    """Return the time, the signal and the battery."""
    bars = "M270 23v-1m5 1v-4m5 4v-7m5 7v-10M295 12h22v11h-22zM320 16v3"
    return (
        text_svg("9:41", 20, 23, font(14, bold=True, fill=look.on_bar))
        + f'<path d="{bars}" stroke="{look.on_bar}" stroke-width="3" fill="{look.on_bar}"/>'
    )


def title(thing: widgets.Title, style: Style) -> Piece:
    """Draw what stands in the title bar, under the status bar."""
    look = style.look
    arrow = bool(thing.id) or thing.back
    left = 52 if arrow else 16
    actions_x = INSIDE_WIDTH - 4 - _SIDE * len(thing.actions)
    room = actions_x - left - (0 if thing.actions else 8)
    parts = [icon("back", 16, 16, look.on_bar)] if arrow else []
    words = _address if look.address_bar else _heading
    parts.append(words(thing.label, left, room, look))
    parts += [
        icon(action.icon, actions_x + 12 + index * _SIDE, 16, look.on_bar)
        for index, action in enumerate(thing.actions)
    ]
    targets = target(thing.id, 4, 4, _SIDE, _SIDE)
    for index, action in enumerate(thing.actions):
        targets |= target(action.id, actions_x + index * _SIDE, 4, _SIDE, _SIDE)
    return Piece("".join(parts), TITLE_HEIGHT, targets)


def _heading(label: str, left: float, room: float, look: Theme) -> str:
    words = fitted(label, 21, room, bold=True, smallest=17)
    if words.lines and words.lines[0].endswith("…"):
        words = fitted(label, 17, room, lines=2, bold=True, smallest=13)
    return middled(words, left, TITLE_HEIGHT / 2, font(words.size, bold=True, fill=look.on_bar))


def _address(label: str, left: float, room: float, look: Theme) -> str:
    words = fitted(label, 17, room - 56, smallest=13)
    return (
        rect(left, 8, room, 40, 20, ' fill="#fff"')
        + icon("lock", left + 10, 19, look.good, 0.7)
        + middled(words, left + 36, TITLE_HEIGHT / 2, font(words.size, fill=look.on_bar))
    )


def bottom_back(height: float, colour: str, line: str) -> str:
    """Return the ground of a bottom bar, its lower corners round as the glass."""
    edge = f'<path d="M0 0h344" stroke="{line}"/>' if line else ""
    path = f"M0 0h344v{height - 22:g}a22 22 0 0 1-22 22H22a22 22 0 0 1-22-22z"
    return f'<path d="{path}" fill="{colour}"/>{edge}'


def tabs(things: tuple[widgets.Tab, ...], style: Style) -> Piece:
    """Draw the tab bar; the current tab wears the accent."""
    look = style.look
    home = look.tiles != ()
    current = next((index for index, tab in enumerate(things) if tab.on), 0)
    width = INSIDE_WIDTH / len(things)
    drawn: dict[bool, list[str]] = {True: [], False: []}
    named: dict[bool, list[str]] = {True: [], False: []}
    sizes = [fitted(tab.label, 14, width - 6, bold=True, smallest=11) for tab in things]
    size = min(words.size for words in sizes)
    targets: dict[str, Box] = {}
    for index, tab in enumerate(things):
        middle = round(width * (index + 0.5), 1)
        on = index == current and not home
        words = fitted(tab.label, size, width - 6, bold=True, smallest=size)
        baseline = 50 if tab.icon else TABS_HEIGHT / 2 + 5
        named[on] += [text_svg(line, middle, baseline, held(words, line)) for line in words.lines]
        if tab.icon:
            drawn[on].append(icon_path(tab.icon, middle - 12, 9))
        targets |= target(tab.id, round(width * index, 1), 0, round(width, 1), TABS_HEIGHT)
    ground, edge = ("#1b2848", "") if home else ("#fff", look.line)
    marks = "".join(
        lined(colour, "".join(drawn[on])) if drawn[on] else ""
        for on, colour in ((True, look.accent), (False, look.quiet))
    )
    words_svg = "".join(
        f'<g fill="{colour}"{weight}>{"".join(named[on])}</g>' if named[on] else ""
        for on, colour, weight in (
            (True, look.accent, ' font-weight="600"'),
            (False, look.quiet, ""),
        )
    )
    names = f"<g{font(size, middle=True)}>{words_svg}</g>"
    return Piece(bottom_back(TABS_HEIGHT, ground, edge) + marks + names, TABS_HEIGHT, targets)


def composer(thing: widgets.Composer, style: Style) -> Piece:
    """Draw the bar under a chat: a face, the place for words, icons at the right."""
    look = style.look
    icons_x = INSIDE_WIDTH - 6 - _SIDE * len(thing.items)
    hint = fitted(thing.hint, 18, icons_x - 60, smallest=13)
    icons = icon_path("smile", 16, 18) + "".join(
        icon_path(item.icon, icons_x + 12 + index * _SIDE, 18)
        for index, item in enumerate(thing.items)
    )
    targets: dict[str, Box] = {}
    for index, item in enumerate(thing.items):
        targets |= target(item.id, icons_x + index * _SIDE, 6, _SIDE, _SIDE)
    words = middled(hint, 54, 30, font(hint.size, fill=look.quiet)) if hint.lines else ""
    return Piece(
        bottom_back(COMPOSER_HEIGHT, "#fff", look.line) + lined(look.quiet, icons) + words,
        COMPOSER_HEIGHT,
        targets,
    )


def top_bar(parts: Sequence[Piece], look: Theme) -> Piece:
    """Stack the status bar and what stands below it on one coloured ground."""
    height = STATUS_HEIGHT + sum(part.height for part in parts)
    svg = bar_back(look, height) + status(look)
    targets: dict[str, Box] = {}
    y = float(STATUS_HEIGHT)
    for part in parts:
        svg += at(0, y, part.svg)
        targets |= {name: box.moved(0, y) for name, box in part.targets.items()}
        y += part.height
    return Piece(svg + bar_line(look, height), height, targets)
