"""Posters: the address of a village link and its QR code."""

import segno
from markupsafe import Markup

from content_server.reach.tables import VillageLinkRow

MAX_SHORT_ADDRESS = 33  # characters: a QR of 29×29 modules (docs/research/trainers.md#qr-size)


def link_address(link: VillageLinkRow, base_url: str, path: str) -> str:
    """Return the address of a link; `path` is a short address ("/7"), or "/" for all lessons."""
    return f"{base_url}{path}?{link.code}"


def spoken_address(address: str) -> str:
    """Return an address without https://, as people say and type it."""
    return address.partition("://")[2]


def qr_svg(address: str) -> Markup:
    """Return a QR code as an SVG without a fixed size."""
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(omitsize=True, border=4, svgclass="qr", lineclass=None)
    return Markup(svg)  # noqa: S704  # segno's own SVG
