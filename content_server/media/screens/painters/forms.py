"""What people type into, choose or press: fields, buttons, switches, passcodes and the keypad."""

from content_server.media.screens import widgets
from content_server.media.screens.icons import IconName
from content_server.media.screens.painters.bars import bottom_back
from content_server.media.screens.shapes import (
    FLOW_WIDTH,
    INSIDE_WIDTH,
    MARGIN,
    Box,
    Piece,
    Style,
    font,
    icon,
    rect,
    target,
)
from content_server.media.screens.text_layout import block_of, fitted, lines_svg, middled, text_svg
from content_server.media.screens.themes import QUIET, Theme

_BOX_HEIGHT = 56
_KEY_HEIGHT, _KEY_GAP = 50, 8


def entry(thing: widgets.Entry, style: Style) -> Piece:
    """Draw a text field: its name above, in the box the value, dots, or a grey hint."""
    mark: IconName | None = "eye" if thing.masked else None
    active = thing.id is not None
    return _named_box(thing, thing.shown, thing.hint, mark, style, active=active)


def choice(thing: widgets.Choice, style: Style) -> Piece:
    """Draw a drop-down."""
    return _named_box(thing, thing.value, "", "down", style, active=False)


def _named_box(  # noqa: PLR0913  # the parts of one box, told apart by type
    thing: widgets.Entry | widgets.Choice,
    value: str,
    hint: str,
    mark: IconName | None,
    style: Style,
    *,
    active: bool,
) -> Piece:
    look, size = style.look, style.font(15)
    name = block_of(thing.label, size, FLOW_WIDTH)
    top = name.height_px + 4
    height = style.room(_BOX_HEIGHT)
    room = FLOW_WIDTH - 32 - (32 if mark else 0)
    words = fitted(value or hint, style.font(18), room, smallest=13)
    edge = look.accent if active else look.line
    svg = lines_svg(name, 0, 0, font(size, fill=look.quiet))
    svg += rect(0, top, FLOW_WIDTH, height, 12, f' fill="#fff" stroke="{edge}" stroke-width="2"')
    if words.lines:
        ink = "" if value else look.quiet
        svg += middled(words, 16, top + height / 2, font(words.size, fill=ink))
    if mark:
        svg += icon(mark, FLOW_WIDTH - 40, top + height / 2 - 12, look.quiet)
    return Piece(svg, top + height, target(thing.id, 0, top, FLOW_WIDTH, height))


def search(thing: widgets.Search, style: Style, mark: IconName = "search") -> Piece:
    """Draw the rounded search box."""
    look = style.look
    words = fitted(thing.shown or thing.hint, style.font(18), FLOW_WIDTH - 68, smallest=13)
    ground = look.card if look.page == "#fff" else "#fff"
    svg = rect(0, 0, FLOW_WIDTH, 48, 24, f' fill="{ground}" stroke="{look.line}" stroke-width="2"')
    svg += icon(mark, 14, 12, look.quiet)
    if words.lines:
        ink = "" if thing.value else QUIET
        svg += middled(words, 48, 24, font(words.size, fill=ink))
    return Piece(svg, 48, target(thing.id, 0, 0, FLOW_WIDTH, 48))


def search_in_bar(thing: widgets.Search, style: Style) -> Piece:
    """Draw the search box as the title bar of an app that has it there, a browser's with a lock."""
    inner = search(thing, style, "lock" if style.look.address_bar else "search")
    svg = f'<g transform="translate({MARGIN} 4)">{inner.svg}</g>'
    return Piece(svg, 60, {name: box.moved(MARGIN, 4) for name, box in inner.targets.items()})


def button_colours(look: Theme, kind: str) -> tuple[str, str, str]:
    """Return the fill, edge and ink of a button."""
    match kind:
        case "primary":
            return look.accent, "", "#fff"
        case "good":
            return look.good, "", "#fff"
        case "danger":
            return look.danger, "", "#fff"
        case _:
            return "#fff", look.accent, look.accent


def button(thing: widgets.Button, style: Style) -> Piece:
    """Draw a wide button; a long label takes a second or third line."""
    return pressable(thing.label, thing.look, thing.id, FLOW_WIDTH, style)


def pressable(label: str, kind: str, name: str | None, width: float, style: Style) -> Piece:
    """Draw a button of a given width."""
    fill, edge, ink = button_colours(style.look, kind)
    words = fitted(label, style.font(19), width - 24, lines=3, bold=True, smallest=14)
    height = max(style.room(_BOX_HEIGHT), words.height_px + 16)
    line = f' stroke="{edge}" stroke-width="2"' if edge else ""
    svg = rect(0, 0, width, height, style.look.corner, f' fill="{fill}"{line}')
    extra = font(words.size, bold=True, fill=ink, middle=True)
    return Piece(
        svg + middled(words, width / 2, height / 2, extra),
        height,
        target(name, 0, 0, width, height),
    )


def switch(thing: widgets.Switch, style: Style) -> Piece:
    """Draw a row with a switch at its right, or a box to tick at its left."""
    if thing.box:
        return _box_to_tick(thing, style)
    look = style.look
    words = fitted(thing.label, style.font(18), FLOW_WIDTH - 100, lines=4, smallest=14)
    height = max(style.room(60), words.height_px + 20)
    middle = height / 2
    track, knob = (look.good, 32) if thing.on else ("#8a90a6", 12)
    x = FLOW_WIDTH - 66
    svg = rect(0, 0, FLOW_WIDTH, height, style.look.corner, f' fill="{look.card}"')
    svg += middled(words, 16, middle, font(words.size))
    svg += rect(x, middle - 14, 50, 28, 14, f' fill="{track}"')
    svg += f'<circle cx="{x + knob + 3:g}" cy="{middle:g}" r="11" fill="#fff"/>'
    return Piece(svg, height, target(thing.id, 0, 0, FLOW_WIDTH, height))


def _box_to_tick(thing: widgets.Switch, style: Style) -> Piece:
    look = style.look
    words = fitted(thing.label, style.font(17), FLOW_WIDTH - 44, lines=4, smallest=14)
    height = max(style.room(48), words.height_px + 12)
    top = height / 2 - 14
    ground, edge = (look.accent, look.accent) if thing.on else ("#fff", look.quiet)
    svg = rect(1, top, 28, 28, 6, f' fill="{ground}" stroke="{edge}" stroke-width="2"')
    svg += icon("check", 3, top + 2, "#fff") if thing.on else ""
    svg += middled(words, 44, height / 2, font(words.size))
    return Piece(svg, height, target(thing.id, 0, 0, FLOW_WIDTH, height))


def dots(thing: widgets.Dots, style: Style) -> Piece:
    """Draw passcode dots: typed ones full, the others open."""
    look, step = style.look, 34
    left = FLOW_WIDTH / 2 - step * (thing.of - 1) / 2
    filled = min(thing.filled, thing.of)
    svg = _beads(left, thing.of, step, 18, look.accent)
    if filled < thing.of:
        svg += _beads(left + filled * step, thing.of - filled, step, 13, look.page)
    return Piece(svg, 28, target(thing.id, left - 14, 0, step * (thing.of - 1) + 28, 28))


def _beads(x: float, count: int, step: float, width: float, colour: str) -> str:
    """Return `count` round dots in one path: lines of no length with round ends."""
    more = f"m{step:g} 0h.1" * (count - 1)
    return f'<path d="M{x:g} 14h.1{more}" stroke="{colour}" stroke-width="{width:g}"/>'


def keypad(thing: widgets.Keypad, _style: Style) -> Piece:
    """Draw the numeric keypad across the bottom; the pad and each of its keys are targets."""
    rows = ("123", "456", "789", " 0 ")
    width = (INSIDE_WIDTH - 4 * _KEY_GAP) / 3
    height = 4 * (_KEY_HEIGHT + _KEY_GAP) + _KEY_GAP + 4
    targets: dict[str, Box] = target(thing.id, 0, 0, INSIDE_WIDTH, height)
    digits, keys = [], []
    for down, row in enumerate(rows):
        for across, digit in enumerate(row):
            x = round(_KEY_GAP + across * (width + _KEY_GAP), 1)
            y = _KEY_GAP + down * (_KEY_HEIGHT + _KEY_GAP)
            if digit == " ":
                continue
            keys.append(f"M{x + 6:g} {y + 6:g}h{width - 12:g}v{_KEY_HEIGHT - 12}h-{width - 12:g}z")
            digits.append(text_svg(digit, x + width / 2, y + 34))
            targets |= target(f"key-{digit}", x, y, width, _KEY_HEIGHT)
    svg = bottom_back(height, "#d9dde8", "")
    svg += f'<path fill="#fff" stroke="#fff" stroke-width="12" d="{"".join(keys)}"/>'
    svg += f"<g{font(25, middle=True)}>{''.join(digits)}</g>"
    erase = "M275 206h26v20h-26l-9-10zM282 212l8 8M290 212l-8 8"
    svg += f'<path d="{erase}" fill="none" stroke="{QUIET}" stroke-width="2"/>'
    return Piece(svg, height, targets)
