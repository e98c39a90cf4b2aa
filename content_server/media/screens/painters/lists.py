"""Painters of lists, icon grids, receipts, identity and insurance cards."""

from collections.abc import Sequence
from dataclasses import replace

from content_server.media.screens import widgets
from content_server.media.screens.icons import IconName
from content_server.media.screens.shapes import (
    FLOW_WIDTH,
    DrawingStyle,
    DrawnWidget,
    Rectangle,
    font_attributes,
    icon_path_svg,
    icon_svg,
    rect_svg,
    silhouette_svg,
    stroked_svg,
    tap_target,
    translate_svg,
)
from content_server.media.screens.text_layout import (
    TextLines,
    centered_text_svg,
    fit_text,
    row_width_attributes,
    text_block,
    text_lines_svg,
    text_svg,
    width_px,
    wrap_text,
)
from content_server.media.screens.themes import INK

SILHOUETTE_ICONS = {"person", "people"}  # drawn as anonymous grey silhouettes
_PADDING = 16
_TILE = 56


def paint_rows(things: Sequence[widgets.ListRowWidget], style: DrawingStyle) -> DrawnWidget:
    """Draw list rows that follow each other as one card with hairlines between."""
    theme = style.theme
    drawn = [_paint_row(widget, style) for widget in things]
    height = sum(drawn_row.height for drawn_row in drawn)
    svg = rect_svg(0, 0, FLOW_WIDTH, height, theme.corner, f' fill="{theme.card}"')
    if theme.full_width_rows:
        svg = f'<path d="M-16 0h344v{height:g}h-344z" fill="{theme.card}"/>'
    targets: dict[str, Rectangle] = {}
    y, hairlines = 0.0, []
    for drawn_row in drawn:
        svg += translate_svg(0, y, drawn_row.svg) if y else drawn_row.svg
        targets |= {name: box.translate(0, y) for name, box in drawn_row.targets.items()}
        y += drawn_row.height
        hairlines.append(f"M64 {y:g}h232")
    if len(drawn) > 1:
        svg += f'<path d="{"".join(hairlines[:-1])}" stroke="{theme.line}"/>'
    return DrawnWidget(svg, height, targets)


def _paint_row(widget: widgets.ListRowWidget, style: DrawingStyle) -> DrawnWidget:
    theme = style.theme
    left = 68 if widget.icon else _PADDING
    chevron = widget.id is not None and not widget.value and widget.icon not in SILHOUETTE_ICONS
    right = FLOW_WIDTH - (36 if chevron else _PADDING)
    value = fit_text(widget.value, style.font_size(16), 130, lines=2, bold=True, smallest=13)
    max_width = right - left - (value.width_px + 10 if value.lines else 0)
    label = fit_text(widget.label, style.font_size(18), max_width, lines=3, smallest=15)
    note = fit_text(widget.note, style.font_size(15), max_width, lines=3, smallest=13)
    height = max(style.scale_px(64), label.height_px + note.height_px + 16)
    top = (height - label.height_px - note.height_px) / 2
    svg = _row_icon_svg(widget.icon, height / 2, style) if widget.icon else ""
    if widget.note:
        svg += text_lines_svg(label, left, top, font_attributes(label.font_px, bold=True))
        svg += text_lines_svg(
            note, left, top + label.height_px, font_attributes(note.font_px, fill=theme.quiet)
        )
    else:
        svg += centered_text_svg(label, left, height / 2, font_attributes(label.font_px))
    if value.lines:
        extra = font_attributes(value.font_px, bold=True) + ' text-anchor="end"'
        svg += centered_text_svg(
            replace(value, max_width_px=value.width_px), right, height / 2, extra
        )
    if chevron:
        arrow = f"M{FLOW_WIDTH - 24} {height / 2 - 7:g}l7 7-7 7"
        svg += f'<path d="{arrow}" fill="none" stroke="{theme.quiet}" stroke-width="2"/>'
    return DrawnWidget(svg, height, tap_target(widget.id, 0, 0, FLOW_WIDTH, height))


def _row_icon_svg(name: IconName, middle: float, style: DrawingStyle) -> str:
    if name in SILHOUETTE_ICONS:
        return silhouette_svg(14, middle - 20)
    theme = style.theme
    ground = rect_svg(14, middle - 20, 40, 40, theme.icon_corner, f' fill="{theme.tint}"')
    return ground + icon_svg(name, 22, middle - 12, theme.accent)


def paint_icon_grid(things: Sequence[widgets.IconWidget], style: DrawingStyle) -> DrawnWidget:
    """Draw a grid of icons with their names, three a row, or four when the names are short."""
    theme = style.theme
    across = _grid_columns(things)
    width = FLOW_WIDTH / across
    size = min(_fit_icon_name(widget.label, width, style).font_px for widget in things)
    names = [_fit_icon_name(widget.label, width, style, size) for widget in things]
    padding = 14 if theme.grid_on_card else 0
    targets: dict[str, Rectangle] = {}
    tiles, paths, labels = [], [], []
    y = float(padding)
    for start in range(0, len(things), across):
        line = range(start, min(start + across, len(things)))
        deep = _TILE + 4 + max(names[index].height_px for index in line)
        for index in line:
            x = round(width * (index - start), 1)
            middle = round(x + width / 2, 1)
            fill = theme.tiles[index % len(theme.tiles)] if theme.tiles else ""
            tiles.append(
                rect_svg(middle - _TILE / 2, y, _TILE, _TILE, 16, f' fill="{fill}"' if fill else "")
            )
            paths.append(icon_path_svg(things[index].icon, middle - 15, y + 13, 1.25))
            labels.append(text_lines_svg(names[index], middle, y + _TILE + 4))
            targets |= tap_target(things[index].id, x, y - 4, width, deep + 8)
        y += deep + style.gap
    height = y - style.gap + padding
    ground = rect_svg(0, 0, FLOW_WIDTH, height, theme.corner, f' fill="{theme.card}"')
    colour = "#fff" if theme.tiles else theme.accent
    name_ink = theme.ink if theme.ink != INK else ""
    return DrawnWidget(
        (ground if theme.grid_on_card else "")
        + (f'<g fill="{theme.tint}">{"".join(tiles)}</g>' if not theme.tiles else "".join(tiles))
        + stroked_svg(colour, "".join(paths))
        + f"<g{font_attributes(size, fill=name_ink, middle=True)}>{''.join(labels)}</g>",
        height,
        targets,
    )


def _grid_columns(things: Sequence[widgets.IconWidget]) -> int:
    short = all(
        all(width_px(word, 14) <= 70 for word in widget.label.split())  # noqa: PLR2004  # a quarter
        and len(wrap_text(widget.label, 14, 70)) <= 2  # noqa: PLR2004  # lines
        for widget in things
    )
    return 4 if len(things) in {4, 7, 8, 10, 11, 12} and short else 3


def _fit_icon_name(
    label: str, width: float, style: DrawingStyle, size: float | None = None
) -> TextLines:
    largest = size or style.font_size(16)
    return fit_text(label, largest, width - 8, lines=3, smallest=min(largest, 13))


def paint_receipt(widget: widgets.ReceiptWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a receipt: names left, values right, a torn lower edge."""
    theme = style.theme
    heading = fit_text(
        widget.label, style.font_size(20), FLOW_WIDTH - 32, lines=2, bold=True, smallest=15
    )
    y = style.scale_px(14.0)
    svg = text_lines_svg(heading, _PADDING, y, font_attributes(heading.font_px, bold=True))
    y += heading.height_px + (style.scale_px(8) if heading.lines else 0)
    for name, value in widget.rows:
        drawn = _paint_pair(name, value, style)
        svg += translate_svg(_PADDING, y, drawn.svg)
        y += drawn.height
    height = round(y + style.scale_px(14) + 6, 1)
    teeth = "l-6 6-6-6" * 26
    paper = f"M0 {height - 6:g}V12a12 12 0 0 1 12-12h288a12 12 0 0 1 12 12V{height - 6:g}{teeth}z"
    ground = f'<path d="{paper}" fill="{theme.card}" stroke="{theme.line}"/>'
    return DrawnWidget(ground + svg, height, tap_target(widget.id, 0, 0, FLOW_WIDTH, height))


def _paint_pair(name: str, value: str, style: DrawingStyle) -> DrawnWidget:
    """Draw a name and its value on one line, or the value below when there is no room."""
    max_width = FLOW_WIDTH - 32
    quiet = style.theme.quiet
    small, large = style.font_size(16), style.font_size(18)
    line = round(large * 1.35 + style.scale_px(8), 1)
    left, right = TextLines((name,), small), TextLines((value,), large, bold=True)
    if (left.width_px + right.width_px) * 1.1 + 12 <= max_width:
        baseline = line / 2 + 6
        left_attributes, right_attributes = row_width_attributes(left, right, max_width - 12)
        end = font_attributes(large, bold=True) + ' text-anchor="end"'
        return DrawnWidget(
            text_svg(name, 0, baseline, left_attributes + font_attributes(small, fill=quiet))
            + text_svg(value, max_width, baseline, right_attributes + end),
            line,
        )
    names = text_block(name, small, max_width)
    values = text_block(value, large, max_width, bold=True)
    return DrawnWidget(
        text_lines_svg(names, 0, 3, font_attributes(small, fill=quiet))
        + text_lines_svg(values, 0, 3 + names.height_px, font_attributes(large, bold=True)),
        names.height_px + values.height_px + style.scale_px(8),
    )


def paint_card(widget: widgets.CardWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a paper card: a band with its name, an anonymous portrait, names and values."""
    theme = style.theme
    left, max_width = 92, FLOW_WIDTH - 92 - 14
    heading = fit_text(
        widget.label, style.font_size(18), FLOW_WIDTH - 60, lines=2, bold=True, smallest=14
    )
    band = max(44, heading.height_px + 14)
    y = band + style.scale_px(10.0)
    rows_svg = ""
    for name, value in widget.rows:
        small = text_block(name, style.font_size(14), max_width)
        large = fit_text(value, style.font_size(17), max_width, lines=2, bold=True, smallest=13)
        rows_svg += text_lines_svg(small, left, y, font_attributes(small.font_px, fill=theme.quiet))
        y += small.height_px
        rows_svg += text_lines_svg(large, left, y, font_attributes(large.font_px, bold=True))
        y += large.height_px + style.scale_px(5)
    height = round(max(y + style.scale_px(8), band + 88), 1)
    mark: IconName = "health" if widget.kind == "insurance" else "id"
    svg = rect_svg(
        0, 0, FLOW_WIDTH, height, 16, f' fill="#fff" stroke="{theme.line}" stroke-width="2"'
    )
    svg += (
        f'<path d="M1 {band:g}V16a15 15 0 0 1 15-15h280a15 15 0 0 1 15 15V{band:g}z"'
        f' fill="{theme.tint}"/>'
    )
    svg += icon_svg(mark, 14, band / 2 - 12, theme.accent)
    svg += centered_text_svg(heading, 46, band / 2, font_attributes(heading.font_px, bold=True))
    svg += _portrait_svg(band + 14) + rows_svg
    return DrawnWidget(svg, height, tap_target(widget.id, 0, 0, FLOW_WIDTH, height))


def _portrait_svg(top: float) -> str:
    return translate_svg(
        16,
        top,
        '<rect width="60" height="60" rx="8" fill="#e1e4ec"/>'
        '<path d="M30 12a10 10 0 1 0 .1 0zM10 60c0-32 40-32 40 0z" fill="#9aa1b5"/>',
    )
