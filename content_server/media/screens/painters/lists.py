"""Lists, grids and papers: rows in one card, icon grids, receipts, identity and insurance cards."""

from collections.abc import Sequence
from dataclasses import replace

from content_server.media.screens import widgets
from content_server.media.screens.icons import IconName
from content_server.media.screens.shapes import (
    FLOW_WIDTH,
    Box,
    Piece,
    Style,
    at,
    font,
    icon,
    icon_path,
    lined,
    rect,
    silhouette,
    target,
)
from content_server.media.screens.text_layout import (
    Lines,
    block_of,
    fitted,
    kept_apart,
    lines_svg,
    middled,
    text_svg,
    width_px,
    wrapped,
)
from content_server.media.screens.themes import INK

PEOPLE = {"person", "people"}  # drawn as grey nobodies
_PADDING = 16
_TILE = 56


def rows(things: Sequence[widgets.ListRow], style: Style) -> Piece:
    """Draw list rows that follow each other as one card with hairlines between."""
    look = style.look
    drawn = [_row(thing, style) for thing in things]
    height = sum(piece.height for piece in drawn)
    svg = rect(0, 0, FLOW_WIDTH, height, look.corner, f' fill="{look.card}"')
    if look.rows_to_edge:
        svg = f'<path d="M-16 0h344v{height:g}h-344z" fill="{look.card}"/>'
    targets: dict[str, Box] = {}
    y, hairlines = 0.0, []
    for piece in drawn:
        svg += at(0, y, piece.svg) if y else piece.svg
        targets |= {name: box.moved(0, y) for name, box in piece.targets.items()}
        y += piece.height
        hairlines.append(f"M64 {y:g}h232")
    if len(drawn) > 1:
        svg += f'<path d="{"".join(hairlines[:-1])}" stroke="{look.line}"/>'
    return Piece(svg, height, targets)


def _row(thing: widgets.ListRow, style: Style) -> Piece:
    look = style.look
    left = 68 if thing.icon else _PADDING
    chevron = thing.id is not None and not thing.value and thing.icon not in PEOPLE
    right = FLOW_WIDTH - (36 if chevron else _PADDING)
    value = fitted(thing.value, style.font(16), 130, lines=2, bold=True, smallest=13)
    room = right - left - (value.width_px + 10 if value.lines else 0)
    label = fitted(thing.label, style.font(18), room, lines=3, smallest=15)
    note = fitted(thing.note, style.font(15), room, lines=3, smallest=13)
    height = max(style.room(64), label.height_px + note.height_px + 16)
    top = (height - label.height_px - note.height_px) / 2
    svg = _row_icon(thing.icon, height / 2, style) if thing.icon else ""
    if thing.note:
        svg += lines_svg(label, left, top, font(label.size, bold=True))
        svg += lines_svg(note, left, top + label.height_px, font(note.size, fill=look.quiet))
    else:
        svg += middled(label, left, height / 2, font(label.size))
    if value.lines:
        extra = font(value.size, bold=True) + ' text-anchor="end"'
        svg += middled(replace(value, room_px=value.width_px), right, height / 2, extra)
    if chevron:
        arrow = f"M{FLOW_WIDTH - 24} {height / 2 - 7:g}l7 7-7 7"
        svg += f'<path d="{arrow}" fill="none" stroke="{look.quiet}" stroke-width="2"/>'
    return Piece(svg, height, target(thing.id, 0, 0, FLOW_WIDTH, height))


def _row_icon(name: IconName, middle: float, style: Style) -> str:
    if name in PEOPLE:
        return silhouette(14, middle - 20)
    look = style.look
    ground = rect(14, middle - 20, 40, 40, look.icon_corner, f' fill="{look.tint}"')
    return ground + icon(name, 22, middle - 12, look.accent)


def icons(things: Sequence[widgets.Icon], style: Style) -> Piece:
    """Draw a grid of icons with their names, three a row, or four when the names are short."""
    look = style.look
    across = _columns(things)
    width = FLOW_WIDTH / across
    size = min(_name(thing.label, width, style).size for thing in things)
    names = [_name(thing.label, width, style, size) for thing in things]
    padding = 14 if look.grid_on_card else 0
    targets: dict[str, Box] = {}
    tiles, paths, words = [], [], []
    y = float(padding)
    for start in range(0, len(things), across):
        line = range(start, min(start + across, len(things)))
        deep = _TILE + 4 + max(names[index].height_px for index in line)
        for index in line:
            x = round(width * (index - start), 1)
            middle = round(x + width / 2, 1)
            fill = look.tiles[index % len(look.tiles)] if look.tiles else ""
            tiles.append(
                rect(middle - _TILE / 2, y, _TILE, _TILE, 16, f' fill="{fill}"' if fill else "")
            )
            paths.append(icon_path(things[index].icon, middle - 15, y + 13, 1.25))
            words.append(lines_svg(names[index], middle, y + _TILE + 4))
            targets |= target(things[index].id, x, y - 4, width, deep + 8)
        y += deep + style.gap
    height = y - style.gap + padding
    ground = rect(0, 0, FLOW_WIDTH, height, look.corner, f' fill="{look.card}"')
    colour = "#fff" if look.tiles else look.accent
    name_ink = look.ink if look.ink != INK else ""
    return Piece(
        (ground if look.grid_on_card else "")
        + (f'<g fill="{look.tint}">{"".join(tiles)}</g>' if not look.tiles else "".join(tiles))
        + lined(colour, "".join(paths))
        + f"<g{font(size, fill=name_ink, middle=True)}>{''.join(words)}</g>",
        height,
        targets,
    )


def _columns(things: Sequence[widgets.Icon]) -> int:
    short = all(
        all(width_px(word, 14) <= 70 for word in thing.label.split())  # noqa: PLR2004  # a quarter
        and len(wrapped(thing.label, 14, 70)) <= 2  # noqa: PLR2004  # lines
        for thing in things
    )
    return 4 if len(things) in {4, 7, 8, 10, 11, 12} and short else 3


def _name(label: str, width: float, style: Style, size: float | None = None) -> Lines:
    largest = size or style.font(16)
    return fitted(label, largest, width - 8, lines=3, smallest=min(largest, 13))


def receipt(thing: widgets.Receipt, style: Style) -> Piece:
    """Draw a receipt: names left, values right, a torn lower edge."""
    look = style.look
    heading = fitted(thing.label, style.font(20), FLOW_WIDTH - 32, lines=2, bold=True, smallest=15)
    y = style.room(14.0)
    svg = lines_svg(heading, _PADDING, y, font(heading.size, bold=True))
    y += heading.height_px + (style.room(8) if heading.lines else 0)
    for name, value in thing.rows:
        drawn = _pair(name, value, style)
        svg += at(_PADDING, y, drawn.svg)
        y += drawn.height
    height = round(y + style.room(14) + 6, 1)
    teeth = "l-6 6-6-6" * 26
    paper = f"M0 {height - 6:g}V12a12 12 0 0 1 12-12h288a12 12 0 0 1 12 12V{height - 6:g}{teeth}z"
    ground = f'<path d="{paper}" fill="{look.card}" stroke="{look.line}"/>'
    return Piece(ground + svg, height, target(thing.id, 0, 0, FLOW_WIDTH, height))


def _pair(name: str, value: str, style: Style) -> Piece:
    """Draw a name and its value on one line, or the value below when there is no room."""
    room = FLOW_WIDTH - 32
    quiet = style.look.quiet
    small, large = style.font(16), style.font(18)
    line = round(large * 1.35 + style.room(8), 1)
    left, right = Lines((name,), small), Lines((value,), large, bold=True)
    if (left.width_px + right.width_px) * 1.1 + 12 <= room:
        baseline = line / 2 + 6
        left_kept, right_kept = kept_apart(left, right, room - 12)
        end = font(large, bold=True) + ' text-anchor="end"'
        return Piece(
            text_svg(name, 0, baseline, left_kept + font(small, fill=quiet))
            + text_svg(value, room, baseline, right_kept + end),
            line,
        )
    names = block_of(name, small, room)
    values = block_of(value, large, room, bold=True)
    return Piece(
        lines_svg(names, 0, 3, font(small, fill=quiet))
        + lines_svg(values, 0, 3 + names.height_px, font(large, bold=True)),
        names.height_px + values.height_px + style.room(8),
    )


def card(thing: widgets.Card, style: Style) -> Piece:
    """Draw a paper card: a band with its name, a grey nobody, names and values."""
    look = style.look
    left, room = 92, FLOW_WIDTH - 92 - 14
    heading = fitted(thing.label, style.font(18), FLOW_WIDTH - 60, lines=2, bold=True, smallest=14)
    band = max(44, heading.height_px + 14)
    y = band + style.room(10.0)
    words = ""
    for name, value in thing.rows:
        small = block_of(name, style.font(14), room)
        large = fitted(value, style.font(17), room, lines=2, bold=True, smallest=13)
        words += lines_svg(small, left, y, font(small.size, fill=look.quiet))
        y += small.height_px
        words += lines_svg(large, left, y, font(large.size, bold=True))
        y += large.height_px + style.room(5)
    height = round(max(y + style.room(8), band + 88), 1)
    mark: IconName = "health" if thing.kind == "insurance" else "id"
    svg = rect(0, 0, FLOW_WIDTH, height, 16, f' fill="#fff" stroke="{look.line}" stroke-width="2"')
    svg += (
        f'<path d="M1 {band:g}V16a15 15 0 0 1 15-15h280a15 15 0 0 1 15 15V{band:g}z"'
        f' fill="{look.tint}"/>'
    )
    svg += icon(mark, 14, band / 2 - 12, look.accent)
    svg += middled(heading, 46, band / 2, font(heading.size, bold=True))
    svg += _portrait(band + 14) + words
    return Piece(svg, height, target(thing.id, 0, 0, FLOW_WIDTH, height))


def _portrait(top: float) -> str:
    return at(
        16,
        top,
        '<rect width="60" height="60" rx="8" fill="#e1e4ec"/>'
        '<path d="M30 12a10 10 0 1 0 .1 0zM10 60c0-32 40-32 40 0z" fill="#9aa1b5"/>',
    )
