"""A finished drawing: one SVG, its size, and where it can be tapped."""

from collections.abc import Mapping
from dataclasses import dataclass

from content_server.media.screens.shapes import Rectangle

DRAWING_CACHE_SIZE = 1_024  # drawings, some 6 kB each; drawing one takes a millisecond
FONT_FAMILY = "system-ui,Roboto,'Noto Sans',sans-serif"


@dataclass(frozen=True)
class Drawing:
    """A complete `<svg>`, its viewBox size in px, and every tap target on it.

    `is_bottom_aligned`: the important part is at the lower edge, as in a chat.
    """

    svg: str
    width_px: int
    height_px: int
    targets: Mapping[str, Rectangle]
    is_bottom_aligned: bool = False

    def with_overlay(self, fragment: str) -> str:
        """Return the SVG with `fragment` (trusted SVG markup) on top of everything."""
        return f"{self.svg.removesuffix('</svg>')}{fragment}</svg>"


def wrap_svg(inside: str, width_px: int, height_px: int, ink: str) -> str:
    """Return a standalone SVG around `inside`: text of 18 px in `ink`, round line ends."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width_px} {height_px}"'
        f' font-family="{FONT_FAMILY}" font-size="18" fill="{ink}"'
        f' stroke-linecap="round" stroke-linejoin="round">{inside}</svg>'
    )
