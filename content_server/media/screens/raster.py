"""Turns a drawing into pixels for link previews, slides and paper, the same on every machine."""

import resvg_py

from content_server.media.screens.text_layout import FONT_FILE


def render_png(svg: str, *, width_px: int) -> bytes:
    """Return `svg` as a PNG `width_px` wide, with the packaged Roboto, never the system's fonts."""
    png = resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width_px,
        font_files=[str(FONT_FILE)],
        skip_system_fonts=True,
        font_family="Roboto",
        sans_serif_family="Roboto",
    )
    return bytes(png)
