"""Shapes of drawn screens: rectangles, drawn widgets (origin: upper left corner), SVG snippets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from content_server.media.screens.icons import ICONS, IconName
from content_server.media.screens.text_layout import fmt
from content_server.media.screens.themes import GREY_SHAPE, Theme

INSIDE_X, INSIDE_Y, INSIDE_WIDTH, INSIDE_HEIGHT = (
    8,
    8,
    344,
    624,
)  # the screen within the phone's frame
MARGIN = 16  # left and right of the page's widgets
FLOW_WIDTH = INSIDE_WIDTH - 2 * MARGIN  # 312
MIN_TARGET_PX = 48  # width of a thumb on a phone 360 px wide


@dataclass(frozen=True)
class Rectangle:
    """A rectangle in px of the drawing."""

    x: float
    y: float
    width: float
    height: float

    def translate(self, x: float, y: float) -> "Rectangle":
        return Rectangle(round(self.x + x, 1), round(self.y + y, 1), self.width, self.height)

    def grow_within(self, frame: "Rectangle") -> "Rectangle":
        """Return the rectangle at least 48 px wide and high, moved inside `frame`."""
        width, height = max(self.width, MIN_TARGET_PX), max(self.height, MIN_TARGET_PX)
        x = self.x + (self.width - width) / 2
        y = self.y + (self.height - height) / 2
        return Rectangle(
            round(min(max(x, frame.x), frame.x + frame.width - width), 1),
            round(min(max(y, frame.y), frame.y + frame.height - height), 1),
            width,
            height,
        )


@dataclass(frozen=True)
class DrawnWidget:
    """A drawn widget: its markup, its height (px), and its tap targets."""

    svg: str
    height: float
    targets: Mapping[str, Rectangle] = field(default_factory=dict)


@dataclass(frozen=True)
class DrawingStyle:
    """The theme of the app, the gap between widgets (px), and the scale that makes all fit."""

    theme: Theme
    gap: float = 16
    scale: float = 1.0

    def font_size(self, size_px: float) -> float:
        return max(12, round(size_px * self.scale))

    def scale_px(self, px: float) -> float:
        """Scale a height or a padding; a tap target never gets smaller than MIN_TARGET_PX."""
        least = MIN_TARGET_PX if px >= MIN_TARGET_PX else 4
        return max(least, round(px * self.scale))


def tap_target(
    name: str | None, x: float, y: float, width: float, height: float
) -> dict[str, Rectangle]:
    return {name: Rectangle(x, y, width, height)} if name else {}


def translate_svg(x: float, y: float, svg: str) -> str:
    """Return `svg` moved to x, y.

    A widget's own markup stays byte-identical between screens, which brotli compresses well.
    """
    return f'<g transform="translate({fmt(x)} {fmt(y)})">{svg}</g>' if svg else ""


def rect_svg(  # noqa: PLR0913, PLR0917  # four numbers, a corner radius and attributes
    x: float, y: float, width: float, height: float, corner: float, extra: str = ""
) -> str:
    at_x = f' x="{fmt(x)}"' if x else ""
    at_y = f' y="{fmt(y)}"' if y else ""
    size = f'width="{fmt(width)}" height="{fmt(height)}"'
    return f'<rect{at_x}{at_y} {size} rx="{fmt(corner)}"{extra}/>'


def stroked_svg(colour: str, svg: str, width: float = 2) -> str:
    """Return `svg` in a group stroked with `colour`, unfilled."""
    return f'<g fill="none" stroke="{colour}" stroke-width="{fmt(width)}">{svg}</g>'


def icon_path_svg(name: IconName, x: float, y: float, scale: float = 1) -> str:
    """Return an icon's path with its grid's corner at x, y; for use inside `stroked_svg`."""
    larger = "" if scale == 1 else f"scale({fmt(scale)})"
    return f'<path transform="translate({fmt(x)} {fmt(y)}){larger}" d="{ICONS[name]}"/>'


def icon_svg(name: IconName, x: float, y: float, colour: str, scale: float = 1) -> str:
    """Return one icon by itself, its grid's corner at x, y."""
    larger = "" if scale == 1 else f"scale({fmt(scale)})"
    place = f'transform="translate({fmt(x)} {fmt(y)}){larger}"'
    return f'<path {place} fill="none" stroke="{colour}" stroke-width="2" d="{ICONS[name]}"/>'


def silhouette_svg(x: float, y: float, scale: float = 1) -> str:
    """Return an anonymous grey head and shoulders in a circle 40 px wide (at scale 1)."""
    larger = "" if scale == 1 else f"scale({fmt(scale)})"
    return (
        f'<g transform="translate({fmt(x)} {fmt(y)}){larger}" fill="#fff">'
        f'<circle cx="20" cy="20" r="20" fill="{GREY_SHAPE}"/><circle cx="20" cy="16" r="7"/>'
        '<path d="M7 35c2-14 24-14 26 0a20 20 0 0 1-26 0"/></g>'
    )


def font_attributes(
    size_px: float, *, bold: bool = False, fill: str = "", middle: bool = False
) -> str:
    """Return the attributes of a text line; 18 px and the page's ink are the drawing's defaults."""
    return "".join(
        (
            f' font-size="{fmt(size_px)}"' if size_px != 18 else "",  # noqa: PLR2004  # the root's
            ' font-weight="600"' if bold else "",
            f' fill="{fill}"' if fill else "",
            ' text-anchor="middle"' if middle else "",
        )
    )
