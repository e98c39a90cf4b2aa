"""The bars of a screen: status and title at the top, tabs and message box at the bottom."""

from collections.abc import Sequence

from content_server.media.screens import widgets
from content_server.media.screens.shapes import (
    INSIDE_WIDTH,
    DrawingStyle,
    DrawnWidget,
    Rectangle,
    font_attributes,
    icon_path_svg,
    icon_svg,
    rect_svg,
    stroked_svg,
    tap_target,
    translate_svg,
)
from content_server.media.screens.text_layout import (
    centered_text_svg,
    fit_text,
    text_svg,
    width_attributes,
)
from content_server.media.screens.themes import FRAME, INK, Theme

STATUS_HEIGHT = 32
TITLE_HEIGHT = 56
TABS_HEIGHT = 64
COMPOSER_HEIGHT = 60
_HILLS = (  # the wallpaper of a home screen: mountains
    '<path d="M8 500l60-60 50 36 74-84 72 66 34-26 54 50v128H8z" fill="#31446f"/>'
    '<path d="M8 552l80-52 60 34 90-58 114 76v40H8z" fill="#22304f"/>'
)
_SIDE = 48  # a tappable icon in a bar


def phone_frame_svg(theme: Theme) -> str:
    """Return the phone's frame and the background of its screen."""
    return (
        f'<rect width="360" height="640" rx="30" fill="{FRAME}"/>'
        f'<rect x="8" y="8" width="344" height="624" rx="22" fill="{theme.page}"/>'
        + (_HILLS if theme.tiles else "")
    )


def bar_background_svg(theme: Theme, height: float) -> str:
    """Return the coloured background of the top bar, its upper corners rounded as the screen."""
    if theme.bar == theme.page:
        return ""
    path = f"M0 {height:g}V22a22 22 0 0 1 22-22h300a22 22 0 0 1 22 22v{height - 22:g}z"
    return f'<path d="{path}" fill="{theme.bar}"/>'


def bar_line_svg(theme: Theme, height: float) -> str:
    """Return the hairline under a bar that is as light as the page."""
    if theme.on_bar != INK:
        return ""
    return f'<path d="M0 {height:g}h344" stroke="{theme.line}"/>'


def status_bar_svg(theme: Theme) -> str:
    """Return the time, the signal and the battery."""
    bars = "M270 23v-1m5 1v-4m5 4v-7m5 7v-10M295 12h22v11h-22zM320 16v3"
    return (
        text_svg("9:41", 20, 23, font_attributes(14, bold=True, fill=theme.on_bar))
        + f'<path d="{bars}" stroke="{theme.on_bar}" stroke-width="3" fill="{theme.on_bar}"/>'
    )


def paint_title(widget: widgets.TitleWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw the content of the title bar, under the status bar."""
    theme = style.theme
    arrow = bool(widget.id) or widget.back
    left = 52 if arrow else 16
    actions_x = INSIDE_WIDTH - 4 - _SIDE * len(widget.actions)
    max_width = actions_x - left - (0 if widget.actions else 8)
    parts = [icon_svg("back", 16, 16, theme.on_bar)] if arrow else []
    draw_label = _address_svg if theme.address_bar else _heading_svg
    parts.append(draw_label(widget.label, left, max_width, theme))
    parts += [
        icon_svg(action.icon, actions_x + 12 + index * _SIDE, 16, theme.on_bar)
        for index, action in enumerate(widget.actions)
    ]
    targets = tap_target(widget.id, 4, 4, _SIDE, _SIDE)
    for index, action in enumerate(widget.actions):
        targets |= tap_target(action.id, actions_x + index * _SIDE, 4, _SIDE, _SIDE)
    return DrawnWidget("".join(parts), TITLE_HEIGHT, targets)


def _heading_svg(label: str, left: float, max_width: float, theme: Theme) -> str:
    text = fit_text(label, 21, max_width, bold=True, smallest=17)
    if text.lines and text.lines[0].endswith("…"):
        text = fit_text(label, 17, max_width, lines=2, bold=True, smallest=13)
    return centered_text_svg(
        text, left, TITLE_HEIGHT / 2, font_attributes(text.font_px, bold=True, fill=theme.on_bar)
    )


def _address_svg(label: str, left: float, max_width: float, theme: Theme) -> str:
    text = fit_text(label, 17, max_width - 56, smallest=13)
    return (
        rect_svg(left, 8, max_width, 40, 20, ' fill="#fff"')
        + icon_svg("lock", left + 10, 19, theme.good, 0.7)
        + centered_text_svg(
            text, left + 36, TITLE_HEIGHT / 2, font_attributes(text.font_px, fill=theme.on_bar)
        )
    )


def bottom_background_svg(height: float, colour: str, line: str) -> str:
    """Return the background of a bottom bar, its lower corners rounded as the screen."""
    border = f'<path d="M0 0h344" stroke="{line}"/>' if line else ""
    path = f"M0 0h344v{height - 22:g}a22 22 0 0 1-22 22H22a22 22 0 0 1-22-22z"
    return f'<path d="{path}" fill="{colour}"/>{border}'


def paint_tabs(things: tuple[widgets.TabWidget, ...], style: DrawingStyle) -> DrawnWidget:
    """Draw the tab bar; the current tab has the accent colour."""
    theme = style.theme
    home = theme.tiles != ()
    current = next((index for index, tab in enumerate(things) if tab.on), 0)
    width = INSIDE_WIDTH / len(things)
    drawn: dict[bool, list[str]] = {True: [], False: []}
    named: dict[bool, list[str]] = {True: [], False: []}
    sizes = [fit_text(tab.label, 14, width - 6, bold=True, smallest=11) for tab in things]
    size = min(text.font_px for text in sizes)
    targets: dict[str, Rectangle] = {}
    for index, tab in enumerate(things):
        middle = round(width * (index + 0.5), 1)
        on = index == current and not home
        text = fit_text(tab.label, size, width - 6, bold=True, smallest=size)
        baseline = 50 if tab.icon else TABS_HEIGHT / 2 + 5
        named[on] += [
            text_svg(line, middle, baseline, width_attributes(text, line)) for line in text.lines
        ]
        if tab.icon:
            drawn[on].append(icon_path_svg(tab.icon, middle - 12, 9))
        targets |= tap_target(tab.id, round(width * index, 1), 0, round(width, 1), TABS_HEIGHT)
    ground, border = ("#1b2848", "") if home else ("#fff", theme.line)
    marks = "".join(
        stroked_svg(colour, "".join(drawn[on])) if drawn[on] else ""
        for on, colour in ((True, theme.accent), (False, theme.quiet))
    )
    words_svg = "".join(
        f'<g fill="{colour}"{weight}>{"".join(named[on])}</g>' if named[on] else ""
        for on, colour, weight in (
            (True, theme.accent, ' font-weight="600"'),
            (False, theme.quiet, ""),
        )
    )
    names = f"<g{font_attributes(size, middle=True)}>{words_svg}</g>"
    return DrawnWidget(
        bottom_background_svg(TABS_HEIGHT, ground, border) + marks + names, TABS_HEIGHT, targets
    )


def paint_composer(widget: widgets.ComposerWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw the bar under a chat: a smiley, the message box, icons at the right."""
    theme = style.theme
    icons_x = INSIDE_WIDTH - 6 - _SIDE * len(widget.items)
    hint = fit_text(widget.hint, 18, icons_x - 60, smallest=13)
    icons = icon_path_svg("smile", 16, 18) + "".join(
        icon_path_svg(item.icon, icons_x + 12 + index * _SIDE, 18)
        for index, item in enumerate(widget.items)
    )
    targets: dict[str, Rectangle] = {}
    for index, item in enumerate(widget.items):
        targets |= tap_target(item.id, icons_x + index * _SIDE, 6, _SIDE, _SIDE)
    hint_svg = (
        centered_text_svg(hint, 54, 30, font_attributes(hint.font_px, fill=theme.quiet))
        if hint.lines
        else ""
    )
    return DrawnWidget(
        bottom_background_svg(COMPOSER_HEIGHT, "#fff", theme.line)
        + stroked_svg(theme.quiet, icons)
        + hint_svg,
        COMPOSER_HEIGHT,
        targets,
    )


def paint_top_bar(parts: Sequence[DrawnWidget], theme: Theme) -> DrawnWidget:
    """Stack the status bar and the parts below it on one coloured background."""
    height = STATUS_HEIGHT + sum(part.height for part in parts)
    svg = bar_background_svg(theme, height) + status_bar_svg(theme)
    targets: dict[str, Rectangle] = {}
    y = float(STATUS_HEIGHT)
    for part in parts:
        svg += translate_svg(0, y, part.svg)
        targets |= {name: box.translate(0, y) for name, box in part.targets.items()}
        y += part.height
    return DrawnWidget(svg + bar_line_svg(theme, height), height, targets)
