"""Pictures as they stand in a page: drawn screens with a ring where to tap, scenes, and photos."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from content_server.lessons.lesson import Frame, Photo, Picture
from content_server.media.screens import Box, Drawing, draw_scene, draw_screen
from content_server.site.tree.rendition_index import RenditionIndex

RING_PX = 34  # radius on the 360 px canvas: a thumb
SPOT_PX = 88  # a spot to press, at least: the smallest phone draws it at half its size
WINDOW_PX = 440  # of a 640 px screen: at 360 px wide, letters keep 9/10 of their size


@dataclass(frozen=True)
class Figure:
    """A picture's markup, and whether it may lose its top or bottom on a short phone."""

    markup: Markup
    alt: str


def figure_of(
    picture: Picture, tap: str | None, alt: str, shelf: RenditionIndex, media: Mapping[str, str]
) -> Figure | None:
    """Return the figure of `picture`, with a ring at `tap`; None when there is no picture."""
    if picture.photo:
        return Figure(_photo(picture.photo, shelf, media), picture.photo.alt)
    drawing = drawing_of(picture)
    if drawing is None:
        return None
    target = target_of(picture, drawing, tap)
    return Figure(_inline(drawing, alt, _ring(target) if target else "", target), alt)


def drawing_of(picture: Picture) -> Drawing | None:
    """Return the drawing of a screen or scene; None for a photo or nothing."""
    if picture.screen:
        return draw_screen(picture.screen)
    return draw_scene(picture.scene) if picture.scene else None


def target_of(picture: Picture, drawing: Drawing, tap: str | None) -> Box | None:
    """Return where to tap in a drawn screen; a scene points by itself."""
    return drawing.targets.get(tap) if tap and picture.screen else None


def practice_figure(frame: Frame, alt: str, right_href: str, wrong_href: str) -> Figure:
    """Return a screen one can tap: the right spot leads on, every other one to a kind hint."""
    drawing = draw_screen(frame.screen)
    box = drawing.targets[frame.tap]
    everywhere = f'<path d="M0 0h{drawing.width_px}v{drawing.height_px}H0z"/>'
    spot = f'<rect {_geometry(_for_a_thumb(box, drawing))} rx="12"/>'
    overlay = (
        f'<g fill="transparent"><a href="{wrong_href}" tabindex="-1" aria-hidden="true">'
        f'{everywhere}</a><a href="{right_href}" aria-label="{escape(alt)}">{spot}</a></g>'
        f"{_ring(box)}"
    )
    return Figure(_inline(drawing, "", overlay, box), alt)


def _geometry(box: Box) -> str:
    return f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'


def _for_a_thumb(box: Box, drawing: Drawing) -> Box:
    """Return `box` grown around its middle to what a thumb can hit, inside the drawing."""
    width, height = max(box.width, SPOT_PX), max(box.height, SPOT_PX)
    x = min(max(0, box.x - (width - box.width) / 2), drawing.width_px - width)
    y = min(max(0, box.y - (height - box.height) / 2), drawing.height_px - height)
    return Box(x, y, width, height)


def _ring(box: Box) -> str:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    if max(box.width, box.height) <= 2 * RING_PX:
        return f'<circle class="ring" cx="{x:g}" cy="{y:g}" r="{RING_PX}"/>'
    return f'<rect class="ring" {_geometry(box)} rx="18"/>'


def _inline(drawing: Drawing, alt: str, overlay: str, target: Box | None) -> Markup:
    """Return the SVG for a page, cut to the window that has the target in sight."""
    role = f'role="img" aria-label="{escape(alt)}"' if alt else ""
    if not alt and "<a " not in overlay:  # nothing to say, nothing to press: words beside it do
        role = 'aria-hidden="true"'
    svg = drawing.with_overlay(overlay)
    whole = f'viewBox="0 0 {drawing.width_px} {drawing.height_px}"'
    return Markup(svg.replace(whole, f"{_window(drawing, target)} {role}", 1))  # noqa: S704  # drawn by us, texts escaped there


def window_of(drawing: Drawing, target: Box | None) -> Box:
    """Return the part a phone shows: a whole screen would make its letters too small to read."""
    height = min(drawing.height_px, WINDOW_PX)
    bottom: float = drawing.height_px if drawing.from_below else 0
    if target:
        bottom = target.y + target.height + RING_PX
    top = min(max(0, bottom - height), drawing.height_px - height)
    return Box(0, top, drawing.width_px, height)


def _window(drawing: Drawing, target: Box | None) -> str:
    window = window_of(drawing, target)
    return f'viewBox="0 {window.y:g} {window.width:g} {window.height:g}"'


def _photo(photo: Photo, shelf: RenditionIndex, media: Mapping[str, str]) -> Markup:
    source = media[photo.file]
    fallback = shelf.of_type(source, "image/jpeg")[0]
    sources = Markup("").join(
        Markup('<source type="{}" srcset="{}">').format(
            kind, ", ".join(f"{r.path} {r.width_px}w" for r in shelf.of_type(source, kind))
        )
        for kind in ("image/avif", "image/webp")
        if shelf.of_type(source, kind)
    )
    img = Markup('<img loading="lazy" src="{}" width="{}" height="{}" alt="{}">').format(
        fallback.path, fallback.width_px, fallback.height_px, photo.alt
    )
    return Markup("<picture>{}{}</picture>{}").format(
        sources, img, _photo_ring(photo, fallback.width_px, fallback.height_px)
    )


def _photo_ring(photo: Photo, width_px: int | None, height_px: int | None) -> Markup:
    """Return a ring over a photo: a transparent drawing of the photo's shape."""
    if photo.spot is None or not width_px or not height_px:
        return Markup("")
    height = round(360 * height_px / width_px)
    x, y = photo.spot[0] * 3.6, photo.spot[1] * height / 100
    return Markup(
        '<svg class="over" viewBox="0 0 360 {}">'
        '<circle class="ring" cx="{:g}" cy="{:g}" r="{}"/></svg>'
    ).format(height, x, y, RING_PX)
