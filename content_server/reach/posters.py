"""What a trainer pins up: the address of a village's link, and its QR."""

import segno
from markupsafe import Markup

from content_server.reach.tables import VillageLink

SHORT = 33  # signs: a QR of 29×29, read from ten times its side (research: trainers T7)


def address_of(link: VillageLink, base_url: str, path: str) -> str:
    """Return where a link leads: `path` is a lesson's short address ("/7"), or "/" for all."""
    return f"{base_url}{path}?{link.code}"


def spoken(address: str) -> str:
    """Return an address as it is said and typed: without https://."""
    return address.partition("://")[2]


def qr(address: str) -> Markup:
    """Return a QR as an SVG that takes the size it is given."""
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(omitsize=True, border=4, svgclass="qr", lineclass=None)
    return Markup(svg)  # noqa: S704  # segno's own drawing
