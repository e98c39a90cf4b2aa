"""Painters of QR codes, viewfinders and the pointing hand."""

import segno

from content_server.media.screens import widgets
from content_server.media.screens.shapes import (
    FLOW_WIDTH,
    DrawingStyle,
    DrawnWidget,
    font_attributes,
    rect_svg,
    tap_target,
    translate_svg,
)
from content_server.media.screens.text_layout import fit_text, fmt, text_lines_svg
from content_server.media.screens.themes import INK

_QUIET_ZONE = 4  # modules of white a reader needs around the code (ISO/IEC 18004)
_QR_PX = 200
POINTER_HEIGHT, POINTER_WIDTH = 64, 56


def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the smallest code that holds `text`; True is dark."""
    code = segno.make_qr(text, error="l", boost_error=True)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


def paint_qr(widget: widgets.QrWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a real QR code on a white card, with words below."""
    matrix = qr_matrix(widget.text)
    module = _QR_PX / (len(matrix) + 2 * _QUIET_ZONE)
    text = fit_text(
        widget.label, style.font_size(17), FLOW_WIDTH - 32, lines=3, bold=True, smallest=13
    )
    below = text.height_px + 10 if text.lines else 0
    height = _QR_PX + 16 + below
    left = (FLOW_WIDTH - _QR_PX) / 2
    place = f"translate({fmt(left + _QUIET_ZONE * module)} {fmt(8 + _QUIET_ZONE * module)})"
    svg = rect_svg(0, 0, FLOW_WIDTH, height, style.theme.corner, ' fill="#fff"')
    svg += (
        f'<path transform="{place}scale({module:.4g})" stroke="#000" stroke-linecap="butt"'
        f' d="{_dark_runs_path(matrix)}"/>'
    )
    svg += text_lines_svg(
        text, 156, _QR_PX + 12, font_attributes(text.font_px, bold=True, middle=True)
    )
    return DrawnWidget(svg, height, tap_target(widget.id, left, 8, _QR_PX, _QR_PX))


def _dark_runs_path(matrix: tuple[tuple[bool, ...], ...]) -> str:
    """Return the dark runs of every row as one path of lines one module thick."""
    path = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            length = next((n for n, dark in enumerate(row[x:]) if not dark), len(row) - x)
            if length:
                path.append(f"M{x} {y}.5h{length}")
            x += length or 1
    return "".join(path)


def paint_camera(widget: widgets.CameraWidget, style: DrawingStyle) -> DrawnWidget:
    """Draw a viewfinder with what is to be held inside its corners."""
    text = fit_text(widget.label, style.font_size(17), FLOW_WIDTH - 32, lines=3, smallest=13)
    above = 20 if widget.inside == "qr" and not text.lines else 0  # a code needs no more room
    height = 276 - 2 * above + (text.height_px + 12 if text.lines else 0)
    svg = rect_svg(0, 0, FLOW_WIDTH, height, 20, ' fill="#20242f"')
    svg += translate_svg(0, -above, _VIEWS[widget.inside]) if above else _VIEWS[widget.inside]
    svg += text_lines_svg(text, 156, 270, font_attributes(text.font_px, fill="#fff", middle=True))
    return DrawnWidget(svg, height, tap_target(widget.id, 0, 0, FLOW_WIDTH, height))


def _corners_svg(x: int, y: int, width: int, height: int) -> str:
    """Return the four corners of a viewfinder."""
    across, down = width - 48, height - 48
    path = (
        f"M{x} {y + 24}v-12a12 12 0 0 1 12-12h12m{across} 0h12a12 12 0 0 1 12 12v12"
        f"m0 {down}v12a12 12 0 0 1-12 12h-12m-{across} 0h-12a12 12 0 0 1-12-12v-12"
    )
    return f'<path d="{path}" fill="none" stroke="#fff" stroke-width="5"/>'


_VIEWS = {
    "qr": _corners_svg(51, 34, 210, 210)
    + '<path d="M92 74h128v128H92z" fill="#fff"/>'
    + '<path d="M104 86h32v32h-32zM176 86h32v32h-32zM104 158h32v32h-32zM156 86v24M148 130h60'
    'M104 138h24M156 150v40M176 150h32M180 170v20M204 170v20" fill="none" stroke="#000"'
    ' stroke-width="8" stroke-linecap="butt" stroke-linejoin="miter"/>',
    "face": '<ellipse cx="156" cy="139" rx="88" ry="112" fill="#3a4052"/>'
    '<path d="M156 76a40 44 0 1 0 .1 0zM92 216c10-54 118-54 128 0a88 112 0 0 1-128 0z"'
    ' fill="#9aa1b5"/>'
    '<ellipse cx="156" cy="139" rx="88" ry="112" fill="none" stroke="#fff" stroke-width="5"'
    ' stroke-dasharray="18 14"/>',
    "card": _corners_svg(24, 58, 264, 166)
    + '<rect x="44" y="78" width="224" height="126" rx="10" fill="#e9edf5"/>'
    '<path d="M44 108V88a10 10 0 0 1 10-10h204a10 10 0 0 1 10 10v20z" fill="#c3cbe0"/>'
    '<path d="M84 126a13 13 0 1 0 .1 0zM60 188c0-38 48-38 48 0z" fill="#9aa1b5"/>'
    '<path d="M130 132h110M130 154h80M130 176h96" stroke="#9aa1b5" stroke-width="8"/>',
}


def pointer_svg(x: float, y: float) -> str:
    """Return a pointing hand whose fingertip touches x, y."""
    return translate_svg(x - 19, y - 3, _POINTER)


_POINTER = (
    f'<path fill="#f6d7b8" stroke="{INK}" stroke-width="3" d="M14 32V8a5 5 0 0 1 10 0v18l17 5'
    'c4 1 6 4 5 8l-3 14c-1 5-4 8-8 8H22c-4 0-6-2-8-5L4 40c-2-5 4-8 7-4zM24 26v9M33 29v7"/>'
)
