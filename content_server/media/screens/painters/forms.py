"""Painters of controls: fields, buttons, switches, passcode dots and the keypad."""

from content_server.media.screens import widgets
from content_server.media.screens.icons import IconName
from content_server.media.screens.painters.bars import bottom_background_svg
from content_server.media.screens.shapes import (
    FLOW_WIDTH,
    INSIDE_WIDTH,
    MARGIN,
    DrawingStyle,
    DrawnWidget,
    Rectangle,
    font_attributes,
    icon_svg,
    rect_svg,
    tap_target,
)
from content_server.media.screens.text_layout import (
    centered_text_svg,
    fit_text,
    text_block,
    text_lines_svg,
    text_svg,
)
from content_server.media.screens.themes import QUIET, Theme

_BOX_HEIGHT = 56
_KEY_HEIGHT, _KEY_GAP = 50, 8


def paint_entry(widget: widgets.EntryWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a text field: its name above, in the box the value, dots, or a grey hint."""
    mark: IconName | None = "eye" if widget.masked else None
    active = widget.id is not None
    return _paint_labelled_box(
        widget, widget.displayed_text, widget.hint, mark, style, active=active
    )


def paint_choice(widget: widgets.ChoiceWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a drop-down."""
    return _paint_labelled_box(widget, widget.value, "", "down", style, active=False)


def _paint_labelled_box(  # noqa: PLR0913  # the parts of one box
    widget: widgets.EntryWidget | widgets.ChoiceWidget,
    value: str,
    hint: str,
    mark: IconName | None,
    style: DrawingStyle,
    *,
    active: bool,
) -> DrawnWidget:
    theme, size = style.theme, style.font_size(15)
    name = text_block(widget.label, size, FLOW_WIDTH)
    top = name.height_px + 4
    height = style.scale_px(_BOX_HEIGHT)
    max_width = FLOW_WIDTH - 32 - (32 if mark else 0)
    text = fit_text(value or hint, style.font_size(18), max_width, smallest=13)
    border = theme.accent if active else theme.line
    svg = text_lines_svg(name, 0, 0, font_attributes(size, fill=theme.quiet))
    svg += rect_svg(
        0, top, FLOW_WIDTH, height, 12, f' fill="#fff" stroke="{border}" stroke-width="2"'
    )
    if text.lines:
        ink = "" if value else theme.quiet
        svg += centered_text_svg(
            text, 16, top + height / 2, font_attributes(text.font_px, fill=ink)
        )
    if mark:
        svg += icon_svg(mark, FLOW_WIDTH - 40, top + height / 2 - 12, theme.quiet)
    return DrawnWidget(svg, top + height, tap_target(widget.id, 0, top, FLOW_WIDTH, height))


def paint_search(
    widget: widgets.SearchWidget, style: DrawingStyle, mark: IconName = "search"
) -> DrawnWidget:
    """Draw the rounded search box."""
    theme = style.theme
    text = fit_text(
        widget.displayed_text or widget.hint, style.font_size(18), FLOW_WIDTH - 68, smallest=13
    )
    ground = theme.card if theme.page == "#fff" else "#fff"
    svg = rect_svg(
        0, 0, FLOW_WIDTH, 48, 24, f' fill="{ground}" stroke="{theme.line}" stroke-width="2"'
    )
    svg += icon_svg(mark, 14, 12, theme.quiet)
    if text.lines:
        ink = "" if widget.value else QUIET
        svg += centered_text_svg(text, 48, 24, font_attributes(text.font_px, fill=ink))
    return DrawnWidget(svg, 48, tap_target(widget.id, 0, 0, FLOW_WIDTH, 48))


def paint_search_in_bar(widget: widgets.SearchWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw the search box as the title bar of an app that has it there, a browser's with a lock."""
    inner = paint_search(widget, style, "lock" if style.theme.address_bar else "search")
    svg = f'<g transform="translate({MARGIN} 4)">{inner.svg}</g>'
    return DrawnWidget(
        svg, 60, {name: box.translate(MARGIN, 4) for name, box in inner.targets.items()}
    )


def button_colours(theme: Theme, kind: str) -> tuple[str, str, str]:
    """Return the fill, edge and ink of a button."""
    match kind:
        case "primary":
            return theme.accent, "", "#fff"
        case "good":
            return theme.good, "", "#fff"
        case "danger":
            return theme.danger, "", "#fff"
        case _:
            return "#fff", theme.accent, theme.accent


def paint_button(widget: widgets.ButtonWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a wide button; a long label takes a second or third line."""
    return paint_sized_button(widget.label, widget.look, widget.id, FLOW_WIDTH, style)


def paint_sized_button(
    label: str, kind: str, name: str | None, width: float, style: DrawingStyle
) -> DrawnWidget:
    """Draw a button of a given width."""
    fill, border, ink = button_colours(style.theme, kind)
    text = fit_text(label, style.font_size(19), width - 24, lines=3, bold=True, smallest=14)
    height = max(style.scale_px(_BOX_HEIGHT), text.height_px + 16)
    line = f' stroke="{border}" stroke-width="2"' if border else ""
    svg = rect_svg(0, 0, width, height, style.theme.corner, f' fill="{fill}"{line}')
    extra = font_attributes(text.font_px, bold=True, fill=ink, middle=True)
    return DrawnWidget(
        svg + centered_text_svg(text, width / 2, height / 2, extra),
        height,
        tap_target(name, 0, 0, width, height),
    )


def paint_switch(widget: widgets.SwitchWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a row with a switch at its right, or a box to tick at its left."""
    if widget.box:
        return _paint_checkbox(widget, style)
    theme = style.theme
    text = fit_text(widget.label, style.font_size(18), FLOW_WIDTH - 100, lines=4, smallest=14)
    height = max(style.scale_px(60), text.height_px + 20)
    middle = height / 2
    track, knob = (theme.good, 32) if widget.on else ("#8a90a6", 12)
    x = FLOW_WIDTH - 66
    svg = rect_svg(0, 0, FLOW_WIDTH, height, style.theme.corner, f' fill="{theme.card}"')
    svg += centered_text_svg(text, 16, middle, font_attributes(text.font_px))
    svg += rect_svg(x, middle - 14, 50, 28, 14, f' fill="{track}"')
    svg += f'<circle cx="{x + knob + 3:g}" cy="{middle:g}" r="11" fill="#fff"/>'
    return DrawnWidget(svg, height, tap_target(widget.id, 0, 0, FLOW_WIDTH, height))


def _paint_checkbox(widget: widgets.SwitchWidget, style: DrawingStyle) -> DrawnWidget:
    theme = style.theme
    text = fit_text(widget.label, style.font_size(17), FLOW_WIDTH - 44, lines=4, smallest=14)
    height = max(style.scale_px(48), text.height_px + 12)
    top = height / 2 - 14
    ground, border = (theme.accent, theme.accent) if widget.on else ("#fff", theme.quiet)
    svg = rect_svg(1, top, 28, 28, 6, f' fill="{ground}" stroke="{border}" stroke-width="2"')
    svg += icon_svg("check", 3, top + 2, "#fff") if widget.on else ""
    svg += centered_text_svg(text, 44, height / 2, font_attributes(text.font_px))
    return DrawnWidget(svg, height, tap_target(widget.id, 0, 0, FLOW_WIDTH, height))


def paint_dots(widget: widgets.DotsWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw passcode dots: typed ones filled, the others open."""
    theme, step = style.theme, 34
    left = FLOW_WIDTH / 2 - step * (widget.of - 1) / 2
    filled = min(widget.filled, widget.of)
    svg = _dots_svg(left, widget.of, step, 18, theme.accent)
    if filled < widget.of:
        svg += _dots_svg(left + filled * step, widget.of - filled, step, 13, theme.page)
    return DrawnWidget(
        svg, 28, tap_target(widget.id, left - 14, 0, step * (widget.of - 1) + 28, 28)
    )


def _dots_svg(x: float, count: int, step: float, width: float, colour: str) -> str:
    """Return `count` round dots in one path: lines of no length with round ends."""
    more = f"m{step:g} 0h.1" * (count - 1)
    return f'<path d="M{x:g} 14h.1{more}" stroke="{colour}" stroke-width="{width:g}"/>'


def paint_keypad(widget: widgets.KeypadWidget, _style: DrawingStyle) -> DrawnWidget:
    """Draw the numeric keypad across the bottom; the pad and each of its keys are targets."""
    rows = ("123", "456", "789", " 0 ")
    width = (INSIDE_WIDTH - 4 * _KEY_GAP) / 3
    height = 4 * (_KEY_HEIGHT + _KEY_GAP) + _KEY_GAP + 4
    targets: dict[str, Rectangle] = tap_target(widget.id, 0, 0, INSIDE_WIDTH, height)
    digits, keys = [], []
    for down, row in enumerate(rows):
        for across, digit in enumerate(row):
            x = round(_KEY_GAP + across * (width + _KEY_GAP), 1)
            y = _KEY_GAP + down * (_KEY_HEIGHT + _KEY_GAP)
            if digit == " ":
                continue
            keys.append(f"M{x + 6:g} {y + 6:g}h{width - 12:g}v{_KEY_HEIGHT - 12}h-{width - 12:g}z")
            digits.append(text_svg(digit, x + width / 2, y + 34))
            targets |= tap_target(f"key-{digit}", x, y, width, _KEY_HEIGHT)
    svg = bottom_background_svg(height, "#d9dde8", "")
    svg += f'<path fill="#fff" stroke="#fff" stroke-width="12" d="{"".join(keys)}"/>'
    svg += f"<g{font_attributes(25, middle=True)}>{''.join(digits)}</g>"
    erase = "M275 206h26v20h-26l-9-10zM282 212l8 8M290 212l-8 8"
    svg += f'<path d="{erase}" fill="none" stroke="{QUIET}" stroke-width="2"/>'
    return DrawnWidget(svg, height, targets)
