"""Pictures as a page shows them: drawn screens with a ring where to tap, scenes, photos."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from content_server.lessons.lesson import Photo, Picture, PracticeFrame
from content_server.media.screens import Drawing, Rectangle, draw_scene, draw_screen
from content_server.site.tree.rendition_index import RenditionIndex

RING_PX = 34  # radius on the 360 px canvas: a thumb
MIN_TAP_AREA_PX = (
    88  # width and height of a link in a picture; the smallest phones show it at half that size
)
VISIBLE_HEIGHT_PX = (
    440  # of a 640 px drawn screen: at 360 px width, letters keep 9/10 of their size
)


@dataclass(frozen=True)
class Figure:
    """The markup of a picture and its alternative text."""

    markup: Markup
    alt: str


def make_figure(
    picture: Picture,
    tap: str | None,
    alt: str,
    renditions: RenditionIndex,
    media: Mapping[str, str],
) -> Figure | None:
    """Return the figure of `picture`, with a ring at target `tap`; None without a picture."""
    if picture.photo:
        return Figure(_photo(picture.photo, renditions, media), picture.photo.alt)
    drawing = draw_picture(picture)
    if drawing is None:
        return None
    target = find_tap_target(picture, drawing, tap)
    return Figure(_inline_svg(drawing, alt, _ring(target) if target else "", target), alt)


def draw_picture(picture: Picture) -> Drawing | None:
    """Return the drawing of a screen or scene; None for a photo or nothing."""
    if picture.screen:
        return draw_screen(picture.screen)
    return draw_scene(picture.scene) if picture.scene else None


def find_tap_target(picture: Picture, drawing: Drawing, tap: str | None) -> Rectangle | None:
    """Return the box to tap in a drawn screen; None for scenes and photos."""
    return drawing.targets.get(tap) if tap and picture.screen else None


def make_practice_figure(
    frame: PracticeFrame, alt: str, right_href: str, wrong_href: str
) -> Figure:
    """Return a screen to practise on: the target links to `right_href`, the rest to the other."""
    drawing = draw_screen(frame.screen)
    box = drawing.targets[frame.tap]
    everywhere = f'<path d="M0 0h{drawing.width_px}v{drawing.height_px}H0z"/>'
    target = f'<rect {_box_attributes(_tap_area(box, drawing))} rx="12"/>'
    overlay = (
        f'<g fill="transparent"><a href="{wrong_href}" tabindex="-1" aria-hidden="true">'
        f'{everywhere}</a><a href="{right_href}" aria-label="{escape(alt)}">{target}</a></g>'
        f"{_ring(box)}"
    )
    return Figure(_inline_svg(drawing, "", overlay, box), alt)


def _box_attributes(box: Rectangle) -> str:
    return f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'


def _tap_area(box: Rectangle, drawing: Drawing) -> Rectangle:
    """Return `box` grown to at least MIN_TAP_AREA_PX around its middle, inside the drawing."""
    width, height = max(box.width, MIN_TAP_AREA_PX), max(box.height, MIN_TAP_AREA_PX)
    x = min(max(0, box.x - (width - box.width) / 2), drawing.width_px - width)
    y = min(max(0, box.y - (height - box.height) / 2), drawing.height_px - height)
    return Rectangle(x, y, width, height)


def _ring(box: Rectangle) -> str:
    x, y = box.x + box.width / 2, box.y + box.height / 2
    if max(box.width, box.height) <= 2 * RING_PX:
        return f'<circle class="ring" cx="{x:g}" cy="{y:g}" r="{RING_PX}"/>'
    return f'<rect class="ring" {_box_attributes(box)} rx="18"/>'


def _inline_svg(drawing: Drawing, alt: str, overlay: str, target: Rectangle | None) -> Markup:
    """Return the SVG of a drawing, cropped to the area that shows the target."""
    role = f'role="img" aria-label="{escape(alt)}"' if alt else ""
    if (
        not alt and "<a " not in overlay
    ):  # no alternative text and no link: the text beside it suffices
        role = 'aria-hidden="true"'
    svg = drawing.with_overlay(overlay)
    whole = f'viewBox="0 0 {drawing.width_px} {drawing.height_px}"'
    return Markup(svg.replace(whole, f"{_view_box(drawing, target)} {role}", 1))  # noqa: S704  # drawn by us, texts escaped there


def find_visible_area(drawing: Drawing, target: Rectangle | None) -> Rectangle:
    """Return the part of a drawing to show: a whole screen would have too small letters."""
    height = min(drawing.height_px, VISIBLE_HEIGHT_PX)
    bottom: float = drawing.height_px if drawing.is_bottom_aligned else 0
    if target:
        bottom = target.y + target.height + RING_PX
    top = min(max(0, bottom - height), drawing.height_px - height)
    return Rectangle(0, top, drawing.width_px, height)


def _view_box(drawing: Drawing, target: Rectangle | None) -> str:
    area = find_visible_area(drawing, target)
    return f'viewBox="0 {area.y:g} {area.width:g} {area.height:g}"'


def _photo(photo: Photo, renditions: RenditionIndex, media: Mapping[str, str]) -> Markup:
    source = media[photo.file]
    fallback = renditions.of_type(source, "image/jpeg")[0]
    sources = Markup("").join(
        Markup('<source type="{}" srcset="{}">').format(
            kind, ", ".join(f"{r.path} {r.width_px}w" for r in renditions.of_type(source, kind))
        )
        for kind in ("image/avif", "image/webp")
        if renditions.of_type(source, kind)
    )
    img = Markup('<img loading="lazy" src="{}" width="{}" height="{}" alt="{}">').format(
        fallback.path, fallback.width_px, fallback.height_px, photo.alt
    )
    return Markup("<picture>{}{}</picture>{}").format(
        sources, img, _photo_ring(photo, fallback.width_px, fallback.height_px)
    )


def _photo_ring(photo: Photo, width_px: int | None, height_px: int | None) -> Markup:
    """Return a ring over a photo: a transparent SVG with the aspect ratio of the photo."""
    if photo.spot is None or not width_px or not height_px:
        return Markup("")
    height = round(360 * height_px / width_px)
    x, y = photo.spot[0] * 3.6, photo.spot[1] * height / 100
    return Markup(
        '<svg class="over" viewBox="0 0 360 {}">'
        '<circle class="ring" cx="{:g}" cy="{:g}" r="{}"/></svg>'
    ).format(height, x, y, RING_PX)
