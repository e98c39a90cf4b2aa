"""Draws a screen: lays out its widgets between the bars, and shrinks them when they do not fit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import ceil
from typing import Any

from content_server.errors import AppError
from content_server.media.screens import widgets
from content_server.media.screens.drawing import DRAWING_CACHE_SIZE, Drawing, wrap_svg
from content_server.media.screens.models import Screen
from content_server.media.screens.painters import bars, camera, chat, forms, lists
from content_server.media.screens.shapes import (
    INSIDE_HEIGHT,
    INSIDE_WIDTH,
    INSIDE_X,
    INSIDE_Y,
    MARGIN,
    DrawingStyle,
    DrawnWidget,
    Rectangle,
    translate_svg,
)
from content_server.media.screens.themes import INK, Theme, theme_of
from content_server.phrases import _

WIDTH_PX, HEIGHT_PX = 360, 640
_DIALOG_MARGIN = 48  # above and below a dialog together
SCREEN_AREA = Rectangle(INSIDE_X, INSIDE_Y, INSIDE_WIDTH, INSIDE_HEIGHT)
_LAYOUT_TRIALS = ((16, 1.0), (12, 1.0), (10, 0.94), (8, 0.88), (6, 0.82))  # gap (px), scale
_HOME_WIDGETS = (
    widgets.IconWidget,
    widgets.TabWidget,
    widgets.GapWidget,
    widgets.TextWidget,
    widgets.ToastWidget,
    widgets.DialogWidget,
    widgets.PointerWidget,
)


# On a chat or above a keypad, the page's widgets are aligned to the bottom bar.
_BOTTOM_ALIGNING = (widgets.ComposerWidget, widgets.KeypadWidget)


class ScreenTooFull(AppError):
    """The widgets need more height than a phone has, even when shrunk."""

    status = 422


_PAGE_PAINTERS: dict[type, Callable[[Any, DrawingStyle], DrawnWidget]] = {
    widgets.TextWidget: chat.paint_text,
    widgets.EntryWidget: forms.paint_entry,
    widgets.ChoiceWidget: forms.paint_choice,
    widgets.SearchWidget: forms.paint_search,
    widgets.ButtonWidget: forms.paint_button,
    widgets.IconWidget: lists.paint_icon_grid,
    widgets.ListRowWidget: lists.paint_rows,
    widgets.DotsWidget: forms.paint_dots,
    widgets.BubbleWidget: chat.paint_bubble,
    widgets.RoundWidget: chat.paint_round_button,
    widgets.ReceiptWidget: lists.paint_receipt,
    widgets.CardWidget: lists.paint_card,
    widgets.QrWidget: camera.paint_qr,
    widgets.CameraWidget: camera.paint_camera,
    widgets.SwitchWidget: forms.paint_switch,
    widgets.TickWidget: chat.paint_tick,
    widgets.WarningWidget: chat.paint_warning,
    widgets.GapWidget: lambda _thing, _style: DrawnWidget("", 0),
}
_BOTTOM_PAINTERS: dict[type, Callable[[Any, DrawingStyle], DrawnWidget]] = {
    widgets.ToastWidget: chat.paint_toast,
    widgets.ComposerWidget: bars.paint_composer,
    widgets.KeypadWidget: forms.paint_keypad,
    widgets.TabWidget: bars.paint_tabs,
}


@dataclass(frozen=True)
class _StackItem:
    """A drawn widget in a vertical stack: its x, and the space above and below it, in px."""

    drawn: DrawnWidget
    x: float = MARGIN
    above: float = 0
    below: float = 0
    is_spring: bool = False  # takes a share of the spare height

    @property
    def height(self) -> float:
        return self.above + self.drawn.height + self.below


@dataclass(frozen=True)
class _Layout:
    """Drawn widgets with their x and y on the screen, and the spare height; negative: too full."""

    positioned: tuple[tuple[DrawnWidget, float, float], ...]
    spare_px: float


@lru_cache(maxsize=DRAWING_CACHE_SIZE)
def draw_screen(screen: Screen) -> Drawing:
    """Draw a phone with `screen` on it, 360 by 640 px.

    The same screen always gives the same bytes. Every id is in `targets`, at least 48 px wide and
    high. Raises ScreenTooFull when the widgets do not fit.
    """
    contents = [widget.content for widget in screen.widgets]
    is_home = all(issubclass(_widget_type(widget), _HOME_WIDGETS) for widget in contents)
    theme = theme_of(screen.app, home=is_home)
    layouts = (_layout(contents, DrawingStyle(theme, gap, scale)) for gap, scale in _LAYOUT_TRIALS)
    fitting = next((layout for layout in layouts if layout.spare_px >= 0), None)
    if fitting is None:
        tightest = _layout(contents, DrawingStyle(theme, *_LAYOUT_TRIALS[-1]))
        raise ScreenTooFull(
            _(
                "Màn hình nhiều thứ quá: thừa {px} px. Bớt một hai thứ, hoặc tách thành hai bước.",
                px=ceil(-tightest.spare_px),
            )
        )
    return _assemble(fitting, contents, theme)


def _widget_type(widget: object) -> type:
    return type(widget[0]) if isinstance(widget, tuple) else type(widget)


def _layout(contents: Sequence[Any], style: DrawingStyle) -> _Layout:
    """Place the top bar, the page below it, the bars at the bottom, and a dialog over all."""
    top, others = _layout_top(contents, style)
    page, bottom = _layout_page(others, style), _layout_bottom(others, style)
    if _is_bottom_aligned(others):
        page = [_StackItem(DrawnWidget("", 0), is_spring=True), *page]
    over = [
        chat.paint_dialog(widget, style)
        for widget in others
        if isinstance(widget, widgets.DialogWidget)
    ]
    floor = INSIDE_HEIGHT - sum(item.height for item in bottom)
    spare = floor - top.height - sum(item.height for item in page) - style.gap
    spring = max(0.0, spare) / max(1, sum(item.is_spring for item in page))
    positioned = [(top, 0.0, 0.0), *_stack(page, top.height, spring), *_stack(bottom, floor, 0)]
    positioned += [(drawn, 0.0, 0.0) for drawn in over]
    tallest = max((drawn.height for drawn in over), default=0)
    return _Layout(tuple(positioned), min(spare, INSIDE_HEIGHT - _DIALOG_MARGIN - tallest))


def _is_bottom_aligned(contents: Sequence[Any]) -> bool:
    return any(isinstance(widget, _BOTTOM_ALIGNING) for widget in contents)


def _stack(
    items: Sequence[_StackItem], y: float, spring: float
) -> Iterator[tuple[DrawnWidget, float, float]]:
    for item in items:
        yield item.drawn, item.x, y + item.above
        y += item.height + spring * item.is_spring


def _layout_top(contents: Sequence[Any], style: DrawingStyle) -> tuple[DrawnWidget, list[Any]]:
    """Return the drawn top bar and the widgets that are not in it."""
    inside: list[Any] = [widget for widget in contents if isinstance(widget, widgets.TitleWidget)]
    drawn_widgets = [bars.paint_title(widget, style) for widget in inside]
    theme = style.theme
    in_bar = theme.search_in_bar or theme.address_bar
    if not inside and in_bar and isinstance(contents[0], widgets.SearchWidget):
        inside, drawn_widgets = [contents[0]], [forms.paint_search_in_bar(contents[0], style)]
    others = [widget for widget in contents if widget not in inside]
    return bars.paint_top_bar(drawn_widgets, theme), others


def _layout_page(contents: Sequence[Any], style: DrawingStyle) -> list[_StackItem]:
    """Return the items of the page. Rows are joined; consecutive bubbles are closer together."""
    items: list[_StackItem] = []
    for kind, run in groupby(
        (widget for widget in contents if _widget_type(widget) in _PAGE_PAINTERS), _widget_type
    ):
        if kind is widgets.ListRowWidget:
            under_bar = style.theme.full_width_rows and not items
            items.append(
                _StackItem(lists.paint_rows(list(run), style), above=0 if under_bar else style.gap)
            )
            continue
        for index, widget in enumerate(run):
            close = kind is widgets.BubbleWidget and index > 0
            space = 0 if kind is widgets.GapWidget else min(style.gap, 10) if close else style.gap
            drawn = _PAGE_PAINTERS[kind](widget, style)
            items.append(_StackItem(drawn, above=space, is_spring=kind is widgets.GapWidget))
    return items


def _layout_bottom(contents: Sequence[Any], style: DrawingStyle) -> list[_StackItem]:
    """Return the items at the bottom, the lowest last; a toast floats above the others."""
    items = []
    for kind, draw in _BOTTOM_PAINTERS.items():
        drawn_widgets = [draw(widget, style) for widget in contents if _widget_type(widget) is kind]
        floats = kind is widgets.ToastWidget
        items += [
            _StackItem(drawn, MARGIN if floats else 0, below=style.gap if floats else 0)
            for drawn in drawn_widgets
        ]
    return items


def _assemble(layout: _Layout, contents: Sequence[Any], theme: Theme) -> Drawing:
    svg = "".join(
        translate_svg(x, y, drawn.svg) if x or y else drawn.svg for drawn, x, y in layout.positioned
    )
    targets = {
        name: box.translate(INSIDE_X + x, INSIDE_Y + y).grow_within(SCREEN_AREA)
        for drawn, x, y in layout.positioned
        for name, box in drawn.targets.items()
    }
    body = bars.phone_frame_svg(theme) + translate_svg(INSIDE_X, INSIDE_Y, svg)
    body += "".join(
        _pointer_svg(targets[widget.to])
        for widget in contents
        if isinstance(widget, widgets.PointerWidget)
    )
    svg = wrap_svg(body, WIDTH_PX, HEIGHT_PX, INK)
    return Drawing(svg, WIDTH_PX, HEIGHT_PX, targets, _is_bottom_aligned(contents))


def _pointer_svg(box: Rectangle) -> str:
    wide = box.width > 2 * camera.POINTER_WIDTH  # then its words stand at the left
    x = box.x + box.width * (0.75 if wide else 0.5)
    y = min(box.y + box.height / 2, HEIGHT_PX - INSIDE_Y - camera.POINTER_HEIGHT)
    return camera.pointer_svg(x, y)
