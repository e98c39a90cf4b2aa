"""Pictures of a pack: one SVG each, cut to the part that matters, with a ring where to tap."""

from base64 import b64encode
from dataclasses import dataclass

from content_server.lessons.lesson import Picture
from content_server.media.screens import Box, Drawing
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.pages.figures import RING_PX, drawing_of, target_of, window_of
from content_server.site.pages.panels import alt_of

CANVAS_PX = 360  # every picture is as wide as a phone


@dataclass(frozen=True)
class Ring:
    """How the place to tap is marked: on glass in colour, on paper in black on white."""

    colour: str
    halo: str
    width_px: float


ON_GLASS = Ring("#ffb703", "#1d2b64", 8)
ON_PAPER = Ring("#000", "#fff", 6)


@dataclass(frozen=True)
class Seen:
    """A picture by itself. `target` is where to tap, in px of its own corner."""

    svg: str
    width_px: float
    height_px: float
    alt: str
    target: Box | None = None

    def placed(self, x: float, y: float, width: float, height: float) -> str:
        """Return the picture as a part of a larger drawing, whole and in the middle of a box."""
        place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"'
        return self.svg.replace("<svg ", f"<svg {place} ", 1)


def seen_of(picture: Picture, tap: str | None, taught: PackLesson, ring: Ring) -> Seen | None:
    """Return a picture with its ring; None where there is none, or a photo is not ready."""
    if picture.photo:
        return _photo(picture, taught, ring)
    drawing = drawing_of(picture)
    if drawing is None:
        return None
    target = target_of(picture, drawing, tap)
    window = window_of(drawing, target)
    svg = drawing.with_overlay(_ring(target, ring) if target else "")
    whole = f'viewBox="0 0 {drawing.width_px} {drawing.height_px}"'
    cut = f'viewBox="0 {window.y:g} {window.width:g} {window.height:g}"'
    return Seen(
        svg=svg.replace(whole, cut, 1),
        width_px=window.width,
        height_px=window.height,
        alt=alt_of(picture),
        target=target.moved(0, -window.y) if target else None,
    )


def whole_of(drawing: Drawing, alt: str) -> Seen:
    """Return a whole drawing, nothing cut away and nothing marked."""
    return Seen(drawing.svg, drawing.width_px, drawing.height_px, alt)


def _ring(box: Box, ring: Ring) -> str:
    """Return a ring with a halo: it is seen on every ground, also without colours."""
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
        for colour, width in ((ring.halo, ring.width_px + 5), (ring.colour, ring.width_px))
    )


def _photo(picture: Picture, taught: PackLesson, ring: Ring) -> Seen | None:
    photo = picture.photo
    source = taught.telling.media.get(photo.file, "") if photo else ""
    found = taught.site.shelf.of_type(source, "image/jpeg")
    if photo is None or not found or not found[-1].width_px or not found[-1].height_px:
        return None
    file = found[-1]  # the largest: these pictures are seen on paper and on televisions
    height = round(CANVAS_PX * (file.height_px or 1) / (file.width_px or 1))
    data = b64encode(taught.store.read_bytes(file.digest)).decode()
    target = None
    if photo.spot:
        x, y = photo.spot[0] * CANVAS_PX / 100, photo.spot[1] * height / 100
        target = Box(x - RING_PX, y - RING_PX, 2 * RING_PX, 2 * RING_PX)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {CANVAS_PX} {height}">'
        f'<image width="{CANVAS_PX}" height="{height}" href="data:image/jpeg;base64,{data}"/>'
        f"{_ring(target, ring) if target else ''}</svg>"
    )
    return Seen(svg, CANVAS_PX, height, photo.alt, target)
