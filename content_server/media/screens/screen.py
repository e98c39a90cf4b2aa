"""Draws a screen: stacks its widgets between the bars, and shrinks them when they are too many."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from content_server.errors import Refused
from content_server.media.screens import bars, forms, kinds, lists, seeing, talk
from content_server.media.screens.drawing import Drawing, svg_of
from content_server.media.screens.looks import INK, Look, look_of
from content_server.media.screens.models import Screen
from content_server.media.screens.piece import (
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
from content_server.phrases import _

WIDTH_PX, HEIGHT_PX = 360, 640
GLASS = Box(INSIDE_X, INSIDE_Y, INSIDE_WIDTH, INSIDE_HEIGHT)
_TRIALS = ((16, 1.0), (12, 1.0), (10, 0.94), (8, 0.88), (6, 0.82))  # space between (px), shrink
_HOME = (kinds.Icon, kinds.Tab, kinds.Gap, kinds.Text, kinds.Toast, kinds.Dialog, kinds.Pointer)


class ScreenTooFull(Refused):
    """The widgets need more height than a phone has, even when shrunk."""

    status = 422


Drawn = tuple[Any, Piece]  # a widget (None for a card of rows) and its piece

_FLOW: dict[type, Callable[[Any, Style], Piece]] = {
    kinds.Text: talk.text,
    kinds.Entry: forms.entry,
    kinds.Choice: forms.choice,
    kinds.Search: forms.search,
    kinds.Button: forms.button,
    kinds.Icon: lists.icons,
    kinds.ListRow: lists.rows,
    kinds.Dots: forms.dots,
    kinds.Bubble: talk.bubble,
    kinds.Round: talk.round_button,
    kinds.Receipt: lists.receipt,
    kinds.Card: lists.card,
    kinds.Qr: seeing.qr,
    kinds.Camera: seeing.camera,
    kinds.Switch: forms.switch,
    kinds.Tick: talk.tick,
    kinds.Warned: talk.warned,
    kinds.Gap: lambda _thing, _style: Piece("", 0),
}
_BOTTOM: dict[type, Callable[[Any, Style], Piece]] = {
    kinds.Toast: talk.toast,
    kinds.Composer: bars.composer,
    kinds.Keypad: forms.keypad,
    kinds.Tab: bars.tabs,
}


def draw_screen(screen: Screen) -> Drawing:
    """Draw a phone with `screen` on it, 360 by 640 px.

    The same screen always gives the same bytes. Every id is in `targets`, at least 48 px wide and
    high. Raises ScreenTooFull when the widgets do not fit.
    """
    things = [widget.thing for widget in screen.widgets]
    look = look_of(screen.app, home=all(issubclass(_kind(thing), _HOME) for thing in things))
    left_over = 0.0
    for gap, shrink in _TRIALS:
        style = Style(look, gap, shrink)
        svg, targets, left_over = _laid_out(things, style)
        if left_over >= 0:
            return _finished(svg, targets, things, look)
    raise ScreenTooFull(
        _(
            "Màn hình nhiều thứ quá: thừa {px} px. Bớt một hai thứ, hoặc tách thành hai bước.",
            px=round(-left_over),
        )
    )


def _kind(thing: object) -> type:
    return type(thing[0]) if isinstance(thing, tuple) else type(thing)


def _laid_out(things: Sequence[Any], style: Style) -> tuple[str, dict[str, Box], float]:
    """Return the markup on the glass, the targets, and the px of height left (< 0: too full)."""
    top, rest = _top(things, style)
    flow = _flow(rest, style)
    bottom = [
        (thing, _BOTTOM[_kind(thing)](thing, style)) for thing in rest if _kind(thing) in _BOTTOM
    ]
    bottom.sort(key=lambda drawn: list(_BOTTOM).index(_kind(drawn[0])))
    floor = INSIDE_HEIGHT - sum(
        piece.height + (style.gap if _kind(thing) is kinds.Toast else 0) for thing, piece in bottom
    )
    needed = sum(space + piece.height for _thing, piece, space in flow)
    left_over = floor - top.height - needed - style.gap
    springs = sum(_kind(thing) is kinds.Gap for thing, _piece, _space in flow)
    spring = max(0, left_over) / springs if springs else 0
    canvas = _Canvas(top.svg, dict(top.targets))
    y = top.height
    for thing, piece, space in flow:
        y += space
        canvas.place(piece, MARGIN, y)
        y += piece.height + (spring if _kind(thing) is kinds.Gap else 0)
    for thing, piece in bottom:
        floats = _kind(thing) is kinds.Toast
        canvas.place(piece, MARGIN if floats else 0, floor)
        floor += piece.height + (style.gap if floats else 0)
    return canvas.svg, canvas.targets, left_over


class _Canvas:
    """The glass while it fills: markup so far, targets so far."""

    def __init__(self, svg: str, targets: dict[str, Box]) -> None:
        self.svg, self.targets = svg, targets

    def place(self, piece: Piece, x: float, y: float) -> None:
        self.svg += at(x, y, piece.svg)
        self.targets |= {name: box.moved(x, y) for name, box in piece.targets.items()}


def _top(things: Sequence[Any], style: Style) -> tuple[Piece, list[Any]]:
    """Return the drawn top bar and the widgets that are not in it."""
    rest = list(things)
    inside: list[Piece] = []
    titles = [thing for thing in rest if isinstance(thing, kinds.Title)]
    if titles:
        inside.append(bars.title(titles[0], style))
        rest.remove(titles[0])
    elif style.look.search_in_bar and isinstance(rest[0], kinds.Search):
        inside.append(forms.search_in_bar(rest.pop(0), style))
    return bars.top_bar(tuple(inside), style.look), rest


def _flow(things: Sequence[Any], style: Style) -> list[tuple[Any, Piece, float]]:
    """Return the widgets of the page with their pieces and the space above each."""
    drawn: list[tuple[Any, Piece, float]] = []
    flowing = [thing for thing in things if _kind(thing) in _FLOW]
    for kind, run in groupby(flowing, _kind):
        if kind is kinds.ListRow:
            drawn.append((None, lists.rows(list(run), style), style.gap))
            continue
        for index, thing in enumerate(run):
            space = 0 if kind is kinds.Gap else style.gap
            if kind is kinds.Bubble and index:
                space = min(space, 10)
            drawn.append((thing, _FLOW[kind](thing, style), space))
    return drawn


def _finished(svg: str, targets: dict[str, Box], things: Sequence[Any], look: Look) -> Drawing:
    for thing in things:
        if isinstance(thing, kinds.Dialog):
            piece = talk.dialog(thing, Style(look))
            svg += piece.svg
            targets |= piece.targets
    placed = {
        name: box.moved(INSIDE_X, INSIDE_Y).grown_within(GLASS) for name, box in targets.items()
    }
    body = bars.phone_body(look) + at(INSIDE_X, INSIDE_Y, svg)
    for thing in things:
        if isinstance(thing, kinds.Pointer):
            body += _pointing(placed[thing.to])
    return Drawing(svg_of(body, WIDTH_PX, HEIGHT_PX, INK), WIDTH_PX, HEIGHT_PX, placed)


def _pointing(box: Box) -> str:
    wide = box.width > 2 * seeing.HAND_WIDTH  # then its words stand at the left
    x = box.x + box.width * (0.75 if wide else 0.5)
    y = min(box.y + box.height / 2, HEIGHT_PX - INSIDE_Y - seeing.HAND_HEIGHT)
    return seeing.hand(x, y)
