"""Horizontal and vertical bar charts as small SVGs with a title and description.

The page repeats the numbers in a table for screen readers. Bar lengths are computed from
suppressed counts, so measuring a bar reveals nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from markupsafe import Markup

from content_server.reach.small_count_suppression import SuppressedCount

WIDTH_PX = 340  # width of the view box; CSS scales it
BAR_PX, LABEL_PX, GAP_PX = 16, 22, 14
COLUMN_PX, AXIS_LABEL_PX = 110, 24
VALUE_LABEL_PX = 56  # beside a bar, for its value
SUPPRESSED_BAR_PX = 5  # the length of every "<5" bar
BAR_COLORS = (
    "#1d2b64",
    "#17603c",
)  # first and second bar: contrast ≥ 7:1 on white, distinct in greyscale
TEXT_COLOR = "#161a2b"

_ids = count(1)


@dataclass(frozen=True)
class BarGroup:
    """A label with one or two counts."""

    label: str
    counts: tuple[SuppressedCount, ...]


def horizontal_bar_chart(title: str, description: str, bars: Sequence[BarGroup]) -> Markup:
    """Return a chart with one group of horizontal bars per label, label above."""
    largest = max((each.rounded for bar in bars for each in bar.counts), default=0)
    parts, y = [], 0
    for bar in bars:
        parts.append(_text_element(0, y + LABEL_PX - 6, bar.label))
        y += LABEL_PX
        for color, value in zip(BAR_COLORS, bar.counts, strict=False):
            length = _bar_length_px(value, largest, WIDTH_PX - VALUE_LABEL_PX)
            parts.append(_rect_element(0, y, length, BAR_PX - 2, color))
            parts.append(_text_element(length + 6, y + BAR_PX - 4, str(value), bold=True))
            y += BAR_PX
        y += GAP_PX
    return _svg_document(title, description, y, parts)


def vertical_bar_chart(title: str, description: str, bars: Sequence[BarGroup]) -> Markup:
    """Return a chart with one column per label, label below; only the first count is drawn."""
    largest = max((each.rounded for bar in bars for each in bar.counts), default=0)
    step = WIDTH_PX / max(1, len(bars))
    parts = []
    for index, bar in enumerate(bars):
        height = _bar_length_px(bar.counts[0], largest, COLUMN_PX - 22)
        x, middle = index * step + 4, (index + 0.5) * step
        parts.append(_rect_element(x, COLUMN_PX - height, step - 8, height, BAR_COLORS[0]))
        top = COLUMN_PX - height - 5
        parts.append(_text_element(middle, top, str(bar.counts[0]), bold=True, middle=True))
        parts.append(_text_element(middle, COLUMN_PX + 17, bar.label, middle=True))
    return _svg_document(title, description, COLUMN_PX + AXIS_LABEL_PX, parts)


def _bar_length_px(value: SuppressedCount, largest: int, max_px: float) -> float:
    if value.is_suppressed:
        return SUPPRESSED_BAR_PX
    return max(1.0, max_px * value.rounded / largest) if value.rounded else 1.0


def _rect_element(x: float, y: float, width: float, height: float, color: str) -> Markup:
    return Markup('<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" rx="3" fill="{}"/>').format(
        round(x, 1), round(y, 1), round(width, 1), round(height, 1), color
    )


def _text_element(
    x: float, y: float, text: str, *, bold: bool = False, middle: bool = False
) -> Markup:
    attributes = (' font-weight="700"' if bold else "") + (
        ' text-anchor="middle"' if middle else ""
    )
    return Markup('<text x="{:g}" y="{:g}"{}>{}</text>').format(
        round(x, 1),
        round(y, 1),
        Markup(attributes),  # noqa: S704  # our own words
        text,
    )


def _svg_document(title: str, description: str, height: float, parts: Sequence[Markup]) -> Markup:
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
        ink=TEXT_COLOR,
        title=title,
        description=description,
        parts=Markup("").join(parts),
    )
