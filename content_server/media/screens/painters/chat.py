"""Painters of text, ticks, warnings, chat bubbles, dialogs and toasts."""

from content_server.media.screens import widgets
from content_server.media.screens.icons import ICONS, IconName
from content_server.media.screens.painters.forms import button_colours, paint_sized_button
from content_server.media.screens.shapes import (
    FLOW_WIDTH,
    INSIDE_HEIGHT,
    INSIDE_WIDTH,
    DrawingStyle,
    DrawnWidget,
    Rectangle,
    font_attributes,
    icon_svg,
    rect_svg,
    silhouette_svg,
    tap_target,
    translate_svg,
)
from content_server.media.screens.text_layout import (
    centered_text_svg,
    fit_text,
    text_block,
    text_lines_svg,
    text_svg,
    width_px,
)
from content_server.media.screens.themes import INK, SUN

_MIDDLE = FLOW_WIDTH / 2
_BUBBLE_WIDTH = 246
_DIALOG_WIDTH = 300


def paint_text(widget: widgets.TextWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a paragraph."""
    theme = style.theme
    size = style.font_size({"small": 15, "normal": 18, "big": 24}[widget.size])
    bold = widget.size == "big"
    text = text_block(widget.label, size, FLOW_WIDTH, bold=bold)
    ink = {"plain": theme.ink, "quiet": theme.quiet, "good": theme.good, "danger": theme.danger}
    fill = ink[widget.tone] if ink[widget.tone] != INK else ""
    centred = widget.align == "center"
    extra = font_attributes(
        size, bold=bold or widget.tone in {"good", "danger"}, fill=fill, middle=centred
    )
    svg = text_lines_svg(text, _MIDDLE if centred else 0, 0, extra)
    return DrawnWidget(svg, text.height_px, tap_target(widget.id, 0, 0, FLOW_WIDTH, text.height_px))


def paint_tick(widget: widgets.TickWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a big tick with words below."""
    theme, size = style.theme, style.font_size(22)
    text = text_block(widget.label, size, FLOW_WIDTH, bold=True)
    svg = f'<circle cx="156" cy="40" r="36" fill="{theme.good}"/>'
    svg += '<path d="M139 41l12 12 22-24" fill="none" stroke="#fff" stroke-width="7"/>'
    svg += text_lines_svg(
        text, _MIDDLE, 84, font_attributes(size, bold=True, fill=theme.good, middle=True)
    )
    height = 84 + text.height_px
    return DrawnWidget(svg, height, tap_target(widget.id, 0, 0, FLOW_WIDTH, height))


def paint_warning(widget: widgets.WarningWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a warning triangle with words beside it."""
    text = fit_text(
        widget.label, style.font_size(18), FLOW_WIDTH - 84, lines=8, bold=True, smallest=14
    )
    height = max(64, text.height_px + 20)
    svg = rect_svg(
        0, 0, FLOW_WIDTH, height, 14, ' fill="#fff3d1" stroke="#e0a100" stroke-width="2"'
    )
    svg += (
        f'<path transform="translate(14 {height / 2 - 22:g})" fill="{SUN}" stroke="{INK}"'
        f' stroke-width="3" d="M21 3L3 39h36zM21 15v11M21 33h.1"/>'
    )
    svg += centered_text_svg(text, 70, height / 2, font_attributes(text.font_px, bold=True))
    return DrawnWidget(svg, height, tap_target(widget.id, 0, 0, FLOW_WIDTH, height))


def paint_round_button(widget: widgets.RoundWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw one big round button with its name below."""
    fill, border, ink = button_colours(style.theme, widget.look)
    text = fit_text(widget.label, style.font_size(17), FLOW_WIDTH, lines=2, bold=True, smallest=13)
    line = f' stroke="{border}" stroke-width="2"' if border else ""
    mark = icon_svg(widget.icon, 138, 24, ink, 1.5)
    if widget.icon == "call" and widget.look == "danger":  # the receiver laid down
        mark = f'<g transform="rotate(135 156 42)">{mark}</g>'
    svg = f'<circle cx="156" cy="42" r="40" fill="{fill}"{line}/>{mark}'
    svg += text_lines_svg(text, _MIDDLE, 88, font_attributes(text.font_px, bold=True, middle=True))
    height = 84 + (text.height_px + 4 if text.lines else 0)
    return DrawnWidget(svg, height, tap_target(widget.id, 114, 0, 84, 84))


def paint_bubble(widget: widgets.BubbleWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a chat bubble: received ones with a grey face at the left, mine at the right."""
    theme, is_own = style.theme, widget.side == "out"
    inner, width, height = _paint_bubble_content(widget, style)
    sender = fit_text(widget.sender, style.font_size(14), _BUBBLE_WIDTH - 28, bold=True)
    above = sender.height_px if sender.lines else 0
    width = max(width, min(sender.width_px + 28, _BUBBLE_WIDTH), 64)
    height = max(height + above, 48)
    x = FLOW_WIDTH - width if is_own else 46
    ground = theme.out if is_own else "#fff" if theme.page != "#fff" else theme.card
    border = "" if theme.page == "#fff" or is_own else f' stroke="{theme.line}"'
    body = rect_svg(0, 0, width, height, 18, f' fill="{ground}"{border}')
    body += text_lines_svg(
        sender, 14, 7, font_attributes(sender.font_px, bold=True, fill=theme.accent)
    )
    svg = ("" if is_own else silhouette_svg(0, 0, 0.9)) + translate_svg(
        x, 0, body + translate_svg(0, above, inner)
    )
    return DrawnWidget(svg, height, tap_target(widget.id, x, 0, width, height))


def _paint_bubble_content(
    widget: widgets.BubbleWidget, style: DrawingStyle
) -> tuple[str, float, float]:
    """Return the SVG, width and height of a bubble's content."""
    if widget.link:
        return _paint_link(widget.link, style)
    if widget.voice:
        return _paint_voice(widget.voice, style)
    size = style.font_size(18)
    text = text_block(widget.text or "", size, _BUBBLE_WIDTH - 28)
    width = min(text.width_px * 1.1, _BUBBLE_WIDTH - 28) + 28  # room for a wider font
    return text_lines_svg(text, 14, 11, font_attributes(size)), width, text.height_px + 22


def _paint_voice(length: str, style: DrawingStyle) -> tuple[str, float, float]:
    accent = style.theme.accent
    waves = "M60 34v-6m8 9v-12m8 18v-24m8 21v-18m8 14v-10m8 16v-22m8 17v-12m8 8v-4m8 7v-10"
    svg = (
        f'<circle cx="30" cy="31" r="18" fill="{accent}"/>'
        '<path d="M25 23l12 8-12 8z" fill="#fff"/>'
        f'<path d="{waves}" stroke="{accent}" stroke-width="3"/>'
    ) + text_svg(length, 140, 37, font_attributes(16, bold=True))
    return svg, 200, 62


def _paint_link(link: widgets.Link, style: DrawingStyle) -> tuple[str, float, float]:
    theme, size = style.theme, style.font_size(17)
    width = _BUBBLE_WIDTH
    title = text_block(link.title, size, width - 28, bold=True)
    site = fit_text(link.site, style.font_size(14), width - 28)
    svg = (
        f'<path d="M10 22a12 12 0 0 1 12-12h202a12 12 0 0 1 12 12v58H10z" fill="{theme.tint}"/>'
        f'<circle cx="123" cy="45" r="22" fill="{theme.accent}"/>'
    ) + _icon_on_disc_svg(link.icon)
    svg += text_lines_svg(title, 14, 86, font_attributes(size, bold=True))
    svg += text_lines_svg(
        site, 14, 88 + title.height_px, font_attributes(site.font_px, fill=theme.quiet)
    )
    return svg, width, 98 + title.height_px + site.height_px


def _icon_on_disc_svg(icon: IconName) -> str:
    if icon == "play":
        return '<path d="M117 35l16 10-16 10z" fill="#fff"/>'
    line = ' fill="none" stroke="#fff" stroke-width="2"'
    return f'<path transform="translate(111 33)" d="{ICONS[icon]}"{line}/>'


def paint_toast(widget: widgets.ToastWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a short dark notice; floats above whatever stands at the bottom."""
    text = fit_text(widget.label, style.font_size(17), FLOW_WIDTH - 40, lines=3, smallest=13)
    height = text.height_px + 22
    width = min(text.width_px + 40, FLOW_WIDTH)
    svg = rect_svg((FLOW_WIDTH - width) / 2, 0, width, height, 22, f' fill="{INK}"')
    return DrawnWidget(
        svg
        + centered_text_svg(
            text, _MIDDLE, height / 2, font_attributes(text.font_px, fill="#fff", middle=True)
        ),
        height,
    )


def paint_dialog(widget: widgets.DialogWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a dialog over the whole glass: all behind it is dimmed."""
    max_width = _DIALOG_WIDTH - 40
    label = text_block(widget.label, style.font_size(20), max_width, bold=True)
    text = text_block(widget.text, style.font_size(17), max_width)
    y = 20 + label.height_px + (8 + text.height_px if text.lines else 0) + 18
    svg = text_lines_svg(label, 20, 20, font_attributes(label.font_px, bold=True))
    svg += text_lines_svg(
        text, 20, 28 + label.height_px, font_attributes(text.font_px, fill="#3b4159")
    )
    targets: dict[str, Rectangle] = {}
    across = _buttons_per_line(widget, style)
    width = (max_width - 10 * (across - 1)) / across
    for index, each in enumerate(widget.buttons):
        drawn = paint_sized_button(each.label, each.look, each.id, width, style)
        x = 20 + (index % across) * (width + 10)
        svg += translate_svg(x, y, drawn.svg)
        targets |= {name: box.translate(x, y) for name, box in drawn.targets.items()}
        if index % across == across - 1:
            y += drawn.height + 10
    height = y + 10
    x, top = (INSIDE_WIDTH - _DIALOG_WIDTH) / 2, (INSIDE_HEIGHT - height) / 2
    ground = rect_svg(0, 0, _DIALOG_WIDTH, height, 22, ' fill="#fff"')
    veil = '<rect width="344" height="624" rx="22" fill-opacity=".55"/>'
    moved = {name: box.translate(x, top) for name, box in targets.items()}
    return DrawnWidget(veil + translate_svg(x, top, ground + svg), height, moved)


def _buttons_per_line(widget: widgets.DialogWidget, style: DrawingStyle) -> int:
    """Return the number of buttons on one line: two if both are short, else one."""
    longest = max(width_px(each.label, style.font_size(19), bold=True) for each in widget.buttons)
    return 2 if len(widget.buttons) == 2 and longest <= 101 else 1  # noqa: PLR2004  # px in half a dialog
