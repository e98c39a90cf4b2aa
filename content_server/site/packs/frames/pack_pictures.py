"""Pictures of a pack: one SVG each, cropped to the visible area, with a ring where to tap."""

from base64 import b64encode
from dataclasses import dataclass

from content_server.lessons.lesson import Picture
from content_server.media.screens import Rectangle
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.pages.figures import (
    RING_PX,
    draw_picture,
    find_tap_target,
    find_visible_area,
)
from content_server.site.pages.panels import make_alt_text

PICTURE_WIDTH_PX = 360  # every picture is as wide as a phone


@dataclass(frozen=True)
class TapMarker:
    """How the place to tap is marked: in colour on screens, in black on white on paper."""

    colour: str
    halo: str
    width_px: float


SCREEN_MARKER = TapMarker("#ffb703", "#1d2b64", 8)
PRINT_MARKER = TapMarker("#000", "#fff", 6)


@dataclass(frozen=True)
class PackPicture:
    """A picture as SVG. `target` is where to tap, in px from its top left corner."""

    svg: str
    width_px: float
    height_px: float
    alt: str
    target: Rectangle | None = None

    def nested_svg(self, x: float, y: float, width: float, height: float) -> str:
        """Return the picture as a nested SVG, fitted whole into the middle of a box (px)."""
        attributes = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        return self.svg.replace("<svg ", f"<svg {attributes} ", 1)


def draw_pack_picture(
    picture: Picture, tap: str | None, pack_lesson: PackLesson, marker: TapMarker
) -> PackPicture | None:
    """Return a picture with its marker; None without a picture or while a photo is not ready."""
    if picture.photo:
        return _photo_picture(picture, pack_lesson, marker)
    drawing = draw_picture(picture)
    if drawing is None:
        return None
    target = find_tap_target(picture, drawing, tap)
    window = find_visible_area(drawing, target)
    svg = drawing.with_overlay(_marker_svg(target, marker) if target else "")
    whole = f'viewBox="0 0 {drawing.width_px} {drawing.height_px}"'
    cut = f'viewBox="0 {window.y:g} {window.width:g} {window.height:g}"'
    return PackPicture(
        svg=svg.replace(whole, cut, 1),
        width_px=window.width,
        height_px=window.height,
        alt=make_alt_text(picture),
        target=target.translate(0, -window.y) if target else None,
    )


def _marker_svg(box: Rectangle, marker: TapMarker) -> str:
    """Return a ring with a halo, visible on every background and without colours."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    small = max(box.width, box.height) <= 2 * RING_PX
    shape = (
        f'<circle cx="{x:g}" cy="{y:g}" r="{RING_PX}"/>'
        if small
        else f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
        ' rx="18"/>'
    )
    return "".join(
        f'<g fill="none" stroke="{colour}" stroke-width="{width:g}">{shape}</g>'
        for colour, width in ((marker.halo, marker.width_px + 5), (marker.colour, marker.width_px))
    )


def _photo_picture(
    picture: Picture, pack_lesson: PackLesson, marker: TapMarker
) -> PackPicture | None:
    photo = picture.photo
    source = pack_lesson.lesson.media.get(photo.file, "") if photo else ""
    found = pack_lesson.site.renditions.of_type(source, "image/jpeg")
    if photo is None or not found or not found[-1].width_px or not found[-1].height_px:
        return None
    file = found[-1]  # the largest: packs are printed and shown on televisions
    height = round(PICTURE_WIDTH_PX * (file.height_px or 1) / (file.width_px or 1))
    data = b64encode(pack_lesson.store.read_bytes(file.digest)).decode()
    target = None
    if photo.spot:
        x, y = photo.spot[0] * PICTURE_WIDTH_PX / 100, photo.spot[1] * height / 100
        target = Rectangle(x - RING_PX, y - RING_PX, 2 * RING_PX, 2 * RING_PX)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PICTURE_WIDTH_PX} {height}">'
        f'<image width="{PICTURE_WIDTH_PX}" height="{height}"'
        f' href="data:image/jpeg;base64,{data}"/>'
        f"{_marker_svg(target, marker) if target else ''}</svg>"
    )
    return PackPicture(svg, PICTURE_WIDTH_PX, height, photo.alt, target)
