"""Charts as small SVGs: bars that lie, bars that stand. Sharp on paper, silent to no one.

Each has a title and a description for who listens; the page puts the same numbers in a table
beneath. Lengths are drawn from blurred counts: a ruler on the screen finds nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from markupsafe import Markup

from content_server.reach.small_count_suppression import Said

WIDTH_PX = 340  # of the drawing; it grows with the page
BAR_PX, LABEL_PX, GAP_PX = 16, 22, 14
COLUMN_PX, FOOT_PX = 110, 24
ROOM_PX = 56  # beside a bar, for its number
STUB_PX = 5  # the length of "<5", whatever it hides
INKS = ("#1d2b64", "#17603c")  # first and second bar: ≥ 7:1 on paper, dark and light in grey
INK = "#161a2b"

_ids = count(1)


@dataclass(frozen=True)
class Bars:
    """One label with one or two counts."""

    label: str
    counts: tuple[Said, ...]


def lying_bars(title: str, description: str, bars: Sequence[Bars]) -> Markup:
    """Return a chart with one group of bars a label, label above."""
    longest = max((each.about for bar in bars for each in bar.counts), default=0)
    parts, y = [], 0
    for bar in bars:
        parts.append(_words(0, y + LABEL_PX - 6, bar.label))
        y += LABEL_PX
        for ink, said in zip(INKS, bar.counts, strict=False):
            length = _length(said, longest, WIDTH_PX - ROOM_PX)
            parts.append(_rect(0, y, length, BAR_PX - 2, ink))
            parts.append(_words(length + 6, y + BAR_PX - 4, str(said), bold=True))
            y += BAR_PX
        y += GAP_PX
    return _svg(title, description, y, parts)


def standing_bars(title: str, description: str, bars: Sequence[Bars]) -> Markup:
    """Return a chart of columns from left to right, one count each, label below."""
    longest = max((each.about for bar in bars for each in bar.counts), default=0)
    step = WIDTH_PX / max(1, len(bars))
    parts = []
    for index, bar in enumerate(bars):
        height = _length(bar.counts[0], longest, COLUMN_PX - 22)
        x, middle = index * step + 4, (index + 0.5) * step
        parts.append(_rect(x, COLUMN_PX - height, step - 8, height, INKS[0]))
        top = COLUMN_PX - height - 5
        parts.append(_words(middle, top, str(bar.counts[0]), bold=True, middle=True))
        parts.append(_words(middle, COLUMN_PX + 17, bar.label, middle=True))
    return _svg(title, description, COLUMN_PX + FOOT_PX, parts)


def _length(said: Said, longest: int, most_px: float) -> float:
    if said.few:
        return STUB_PX
    return max(1.0, most_px * said.about / longest) if said.about else 1.0


def _rect(x: float, y: float, width: float, height: float, ink: str) -> Markup:
    return Markup('<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" rx="3" fill="{}"/>').format(
        round(x, 1), round(y, 1), round(width, 1), round(height, 1), ink
    )


def _words(x: float, y: float, text: str, *, bold: bool = False, middle: bool = False) -> Markup:
    looks = (' font-weight="700"' if bold else "") + (' text-anchor="middle"' if middle else "")
    return Markup('<text x="{:g}" y="{:g}"{}>{}</text>').format(
        round(x, 1),
        round(y, 1),
        Markup(looks),  # noqa: S704  # our own words
        text,
    )


def _svg(title: str, description: str, height: float, parts: Sequence[Markup]) -> Markup:
    name = f"bieu-do-{next(_ids)}"
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {width} {height:g}"'
        ' role="img" aria-labelledby="{name}-t {name}-d" font-size="14" fill="{ink}"'
        ' font-family="system-ui,Roboto,sans-serif"><title id="{name}-t">{title}</title>'
        '<desc id="{name}-d">{description}</desc>{parts}</svg>'
    ).format(
        width=WIDTH_PX,
        height=height,
        name=name,
        ink=INK,
        title=title,
        description=description,
        parts=Markup("").join(parts),
    )
