"""Draws a screen: stacks its widgets between the bars, and shrinks them when they are too many."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import ceil
from typing import Any

from content_server.errors import AppError
from content_server.media.screens import widgets
from content_server.media.screens.drawing import KEPT, Drawing, svg_of
from content_server.media.screens.models import Screen
from content_server.media.screens.painters import bars, camera, chat, forms, lists
from content_server.media.screens.shapes import (
    INSIDE_HEIGHT,
    INSIDE_WIDTH,
    INSIDE_X,
    INSIDE_Y,
    MARGIN,
    Box,
    Piece,
    Style,
    at,
)
from content_server.media.screens.themes import INK, Theme, look_of
from content_server.phrases import _

WIDTH_PX, HEIGHT_PX = 360, 640
_DIALOG_MARGIN = 48  # above and below a dialog together
GLASS = Box(INSIDE_X, INSIDE_Y, INSIDE_WIDTH, INSIDE_HEIGHT)
_TRIALS = ((16, 1.0), (12, 1.0), (10, 0.94), (8, 0.88), (6, 0.82))  # space between (px), shrink
_HOME = (
    widgets.Icon,
    widgets.Tab,
    widgets.Gap,
    widgets.Text,
    widgets.Toast,
    widgets.Dialog,
    widgets.Pointer,
)


# The newest words of a chat, and what a keypad types, stand right above what is at the bottom.
_FROM_BELOW = (widgets.Composer, widgets.Keypad)


class ScreenTooFull(AppError):
    """The widgets need more height than a phone has, even when shrunk."""

    status = 422


_FLOW: dict[type, Callable[[Any, Style], Piece]] = {
    widgets.Text: chat.text,
    widgets.Entry: forms.entry,
    widgets.Choice: forms.choice,
    widgets.Search: forms.search,
    widgets.Button: forms.button,
    widgets.Icon: lists.icons,
    widgets.ListRow: lists.rows,
    widgets.Dots: forms.dots,
    widgets.Bubble: chat.bubble,
    widgets.Round: chat.round_button,
    widgets.Receipt: lists.receipt,
    widgets.Card: lists.card,
    widgets.Qr: camera.qr,
    widgets.Camera: camera.camera,
    widgets.Switch: forms.switch,
    widgets.Tick: chat.tick,
    widgets.Warned: chat.warned,
    widgets.Gap: lambda _thing, _style: Piece("", 0),
}
_BOTTOM: dict[type, Callable[[Any, Style], Piece]] = {
    widgets.Toast: chat.toast,
    widgets.Composer: bars.composer,
    widgets.Keypad: forms.keypad,
    widgets.Tab: bars.tabs,
}


@dataclass(frozen=True)
class _Slot:
    """A piece of a stack: how far from the left it stands, and the space it wants around it."""

    piece: Piece
    x: float = MARGIN
    above: float = 0
    below: float = 0
    springs: bool = False  # takes a share of the height nobody else needs

    @property
    def height(self) -> float:
        return self.above + self.piece.height + self.below


@dataclass(frozen=True)
class _Layout:
    """What stands where on the glass, and the height (px) nobody needs; below 0: too full."""

    placed: tuple[tuple[Piece, float, float], ...]
    left_over_px: float


@lru_cache(maxsize=KEPT)
def draw_screen(screen: Screen) -> Drawing:
    """Draw a phone with `screen` on it, 360 by 640 px.

    The same screen always gives the same bytes. Every id is in `targets`, at least 48 px wide and
    high. Raises ScreenTooFull when the widgets do not fit.
    """
    things = [widget.thing for widget in screen.widgets]
    look = look_of(screen.app, home=all(issubclass(_kind(thing), _HOME) for thing in things))
    layouts = (_layout(things, Style(look, gap, shrink)) for gap, shrink in _TRIALS)
    fitting = next((layout for layout in layouts if layout.left_over_px >= 0), None)
    if fitting is None:
        tightest = _layout(things, Style(look, *_TRIALS[-1]))
        raise ScreenTooFull(
            _(
                "Màn hình nhiều thứ quá: thừa {px} px. Bớt một hai thứ, hoặc tách thành hai bước.",
                px=ceil(-tightest.left_over_px),
            )
        )
    return _drawn(fitting, things, look)


def _kind(thing: object) -> type:
    return type(thing[0]) if isinstance(thing, tuple) else type(thing)


def _layout(things: Sequence[Any], style: Style) -> _Layout:
    """Place the top bar, the page below it, the bars at the bottom, and a dialog over all."""
    top, rest = _top(things, style)
    page, bottom = _page(rest, style), _bottom(rest, style)
    if _is_from_below(rest):
        page = [_Slot(Piece("", 0), springs=True), *page]
    over = [chat.dialog(thing, style) for thing in rest if isinstance(thing, widgets.Dialog)]
    floor = INSIDE_HEIGHT - sum(slot.height for slot in bottom)
    left = floor - top.height - sum(slot.height for slot in page) - style.gap
    spring = max(0.0, left) / max(1, sum(slot.springs for slot in page))
    placed = [(top, 0.0, 0.0), *_stacked(page, top.height, spring), *_stacked(bottom, floor, 0)]
    placed += [(piece, 0.0, 0.0) for piece in over]
    tallest = max((piece.height for piece in over), default=0)
    return _Layout(tuple(placed), min(left, INSIDE_HEIGHT - _DIALOG_MARGIN - tallest))


def _is_from_below(things: Sequence[Any]) -> bool:
    return any(isinstance(thing, _FROM_BELOW) for thing in things)


def _stacked(
    slots: Sequence[_Slot], y: float, spring: float
) -> Iterator[tuple[Piece, float, float]]:
    for slot in slots:
        yield slot.piece, slot.x, y + slot.above
        y += slot.height + spring * slot.springs


def _top(things: Sequence[Any], style: Style) -> tuple[Piece, list[Any]]:
    """Return the drawn top bar and the widgets that are not in it."""
    inside: list[Any] = [thing for thing in things if isinstance(thing, widgets.Title)]
    pieces = [bars.title(thing, style) for thing in inside]
    look = style.look
    in_bar = look.search_in_bar or look.address_bar
    if not inside and in_bar and isinstance(things[0], widgets.Search):
        inside, pieces = [things[0]], [forms.search_in_bar(things[0], style)]
    rest = [thing for thing in things if thing not in inside]
    return bars.top_bar(pieces, look), rest


def _page(things: Sequence[Any], style: Style) -> list[_Slot]:
    """Return what flows down the page. Rows join; bubbles that follow each other stand closer."""
    slots: list[_Slot] = []
    for kind, run in groupby((thing for thing in things if _kind(thing) in _FLOW), _kind):
        if kind is widgets.ListRow:
            under_bar = style.look.rows_to_edge and not slots
            slots.append(_Slot(lists.rows(list(run), style), above=0 if under_bar else style.gap))
            continue
        for index, thing in enumerate(run):
            close = kind is widgets.Bubble and index > 0
            space = 0 if kind is widgets.Gap else min(style.gap, 10) if close else style.gap
            piece = _FLOW[kind](thing, style)
            slots.append(_Slot(piece, above=space, springs=kind is widgets.Gap))
    return slots


def _bottom(things: Sequence[Any], style: Style) -> list[_Slot]:
    """Return what stands at the bottom, the lowest last; a toast floats above the rest."""
    slots = []
    for kind, draw in _BOTTOM.items():
        pieces = [draw(thing, style) for thing in things if _kind(thing) is kind]
        floats = kind is widgets.Toast
        slots += [
            _Slot(piece, MARGIN if floats else 0, below=style.gap if floats else 0)
            for piece in pieces
        ]
    return slots


def _drawn(layout: _Layout, things: Sequence[Any], look: Theme) -> Drawing:
    svg = "".join(at(x, y, piece.svg) if x or y else piece.svg for piece, x, y in layout.placed)
    targets = {
        name: box.moved(INSIDE_X + x, INSIDE_Y + y).grown_within(GLASS)
        for piece, x, y in layout.placed
        for name, box in piece.targets.items()
    }
    body = bars.phone_body(look) + at(INSIDE_X, INSIDE_Y, svg)
    body += "".join(
        _pointing(targets[thing.to]) for thing in things if isinstance(thing, widgets.Pointer)
    )
    svg = svg_of(body, WIDTH_PX, HEIGHT_PX, INK)
    return Drawing(svg, WIDTH_PX, HEIGHT_PX, targets, _is_from_below(things))


def _pointing(box: Box) -> str:
    wide = box.width > 2 * camera.HAND_WIDTH  # then its words stand at the left
    x = box.x + box.width * (0.75 if wide else 0.5)
    y = min(box.y + box.height / 2, HEIGHT_PX - INSIDE_Y - camera.HAND_HEIGHT)
    return camera.hand(x, y)
