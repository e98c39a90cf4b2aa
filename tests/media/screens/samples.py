"""The gallery of drawn screens, and every line of a drawing with its place."""

import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET

from content_server.media.screens import (
    Drawing,
    Screen,
)
from content_server.media.screens.gallery import gallery_scenes, gallery_screens
from content_server.media.screens.text_layout import width_px

SCREENS = gallery_screens()


SCENES = gallery_scenes()


SVG = "{http://www.w3.org/2000/svg}"


LEFT, RIGHT, TOP, BOTTOM = 8, 352, 8, 632  # the glass


def bank(*widgets: object) -> Screen:
    return Screen.model_validate({"app": "bank", "widgets": list(widgets)})


def root_of(drawing: Drawing) -> ET.Element:
    return ET.fromstring(drawing.svg)  # noqa: S314  # our own SVG


def texts_with_places(
    element: ET.Element, given: Mapping[str, str], x: float = 0, y: float = 0
) -> Iterator[tuple[str, float, float, float, float]]:
    """Yield every line: words, left, right, baseline, font size, on the drawing's own canvas."""
    attributes = {**given, **element.attrib}
    moved = re.match(r"translate\(([-\d.]+)(?: ([-\d.]+))?\)", element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2] or 0)
    if element.tag == f"{SVG}text":
        words, size = element.text or "", float(attributes["font-size"])
        bold = attributes.get("font-weight") == "600"
        held = element.get("textLength")
        width = float(held) if held else width_px(words, size, bold=bold)
        at = x + float(element.get("x", 0))
        left = {"middle": at - width / 2, "end": at - width}.get(
            attributes.get("text-anchor", "start"), at
        )
        yield words, left, left + width, y + float(element.get("y", 0)), size
    for child in element:
        yield from texts_with_places(child, attributes, x, y)


def lines_of(drawing: Drawing) -> list[tuple[str, float, float, float, float]]:
    return list(texts_with_places(root_of(drawing), {}))


def assert_nothing_forbidden(root: ET.Element) -> None:
    for element in root.iter():
        tag = element.tag.removeprefix(SVG)
        assert tag in {"svg", "g", "path", "rect", "circle", "ellipse", "text"}
        for name, value in element.attrib.items():
            assert name not in {"style", "id", "class"}
            assert not name.startswith(("on", "{"))
            assert "url(" not in value
            assert "http" not in value
