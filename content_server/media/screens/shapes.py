"""A piece: one widget drawn with its own upper left corner as the origin, ready to be placed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from content_server.media.screens.icons import ICONS, IconName
from content_server.media.screens.text_layout import number
from content_server.media.screens.themes import GREY_SHAPE, Theme

INSIDE_X, INSIDE_Y, INSIDE_WIDTH, INSIDE_HEIGHT = 8, 8, 344, 624  # the glass within the frame
MARGIN = 16  # left and right of what flows down the page
FLOW_WIDTH = INSIDE_WIDTH - 2 * MARGIN  # 312
LEAST_TARGET_PX = 48  # a thumb, at 360 px width


@dataclass(frozen=True)
class Box:
    """A rectangle in the drawing's own px."""

    x: float
    y: float
    width: float
    height: float

    def moved(self, x: float, y: float) -> "Box":
        return Box(round(self.x + x, 1), round(self.y + y, 1), self.width, self.height)

    def grown_within(self, frame: "Box") -> "Box":
        """Return the box at least 48 px wide and high, pushed inside `frame`."""
        width, height = max(self.width, LEAST_TARGET_PX), max(self.height, LEAST_TARGET_PX)
        x = self.x + (self.width - width) / 2
        y = self.y + (self.height - height) / 2
        return Box(
            round(min(max(x, frame.x), frame.x + frame.width - width), 1),
            round(min(max(y, frame.y), frame.y + frame.height - height), 1),
            width,
            height,
        )


@dataclass(frozen=True)
class Piece:
    """A drawn widget: its markup, how high it is (px), and where it can be tapped."""

    svg: str
    height: float
    targets: Mapping[str, Box] = field(default_factory=dict)


@dataclass(frozen=True)
class Style:
    """The look of the app, the space between widgets (px), and how much all is shrunk to fit."""

    look: Theme
    gap: float = 16
    shrink: float = 1.0

    def font(self, size_px: float) -> float:
        return max(12, round(size_px * self.shrink))

    def room(self, px: float) -> float:
        """Shrink a height or a padding; never below a thumb when it was one."""
        least = LEAST_TARGET_PX if px >= LEAST_TARGET_PX else 4
        return max(least, round(px * self.shrink))


def target(name: str | None, x: float, y: float, width: float, height: float) -> dict[str, Box]:
    return {name: Box(x, y, width, height)} if name else {}


def at(x: float, y: float, svg: str) -> str:
    """Return `svg` moved to x, y. Pieces stay byte-identical between screens: brotli likes that."""
    return f'<g transform="translate({number(x)} {number(y)})">{svg}</g>' if svg else ""


def rect(  # noqa: PLR0913, PLR0917  # a box is four numbers, its corner and its colours
    x: float, y: float, width: float, height: float, corner: float, extra: str = ""
) -> str:
    at_x = f' x="{number(x)}"' if x else ""
    at_y = f' y="{number(y)}"' if y else ""
    size = f'width="{number(width)}" height="{number(height)}"'
    return f'<rect{at_x}{at_y} {size} rx="{number(corner)}"{extra}/>'


def lined(colour: str, svg: str, width: float = 2) -> str:
    """Return `svg` drawn with a line of `colour`, unfilled."""
    return f'<g fill="none" stroke="{colour}" stroke-width="{number(width)}">{svg}</g>'


def icon_path(name: IconName, x: float, y: float, scale: float = 1) -> str:
    """Return an icon's path with its grid's corner at x, y; stands inside `lined`."""
    larger = "" if scale == 1 else f"scale({number(scale)})"
    return f'<path transform="translate({number(x)} {number(y)}){larger}" d="{ICONS[name]}"/>'


def icon(name: IconName, x: float, y: float, colour: str, scale: float = 1) -> str:
    """Return one icon by itself, its grid's corner at x, y."""
    larger = "" if scale == 1 else f"scale({number(scale)})"
    place = f'transform="translate({number(x)} {number(y)}){larger}"'
    return f'<path {place} fill="none" stroke="{colour}" stroke-width="2" d="{ICONS[name]}"/>'


def silhouette(x: float, y: float, scale: float = 1) -> str:
    """Return the grey head and shoulders of nobody, in a circle 40 px wide (at scale 1)."""
    larger = "" if scale == 1 else f"scale({number(scale)})"
    return (
        f'<g transform="translate({number(x)} {number(y)}){larger}" fill="#fff">'
        f'<circle cx="20" cy="20" r="20" fill="{GREY_SHAPE}"/><circle cx="20" cy="16" r="7"/>'
        '<path d="M7 35c2-14 24-14 26 0a20 20 0 0 1-26 0"/></g>'
    )


def font(size_px: float, *, bold: bool = False, fill: str = "", middle: bool = False) -> str:
    """Return the attributes of a line of words; 18 px and the page's ink are the drawing's own."""
    return "".join(
        (
            f' font-size="{number(size_px)}"' if size_px != 18 else "",  # noqa: PLR2004  # the root's
            ' font-weight="600"' if bold else "",
            f' fill="{fill}"' if fill else "",
            ' text-anchor="middle"' if middle else "",
        )
    )
