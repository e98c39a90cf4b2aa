"""Link previews: the picture a chat shows for a link (og:image), for each lesson and language."""

from functools import cache
from io import BytesIO
from pathlib import Path

import fontpkg_roboto
from markupsafe import escape
from PIL import Image, ImageFont

from content_server.lessons.localized import LocalizedLesson
from content_server.media.screens import render_png
from content_server.site.pages.figures import draw_picture
from content_server.site.pages.pages import find_cover_picture

WIDTH_PX, HEIGHT_PX = 1200, 630  # 1.91 : 1, what chat apps ask of og:image
LINK_PREVIEW_BYTES = 100_000  # previews are fetched over the same weak network as pages
TITLE_PX, TITLE_WIDTH_PX, MAX_LINES = 68, 600, 4
JPEG_QUALITIES = (82, 70, 58, 45)

BROCADE = "".join(
    f'<path d="M{x} 0l24 24M{x + 24} 0l-24 24" stroke="{"#d62839" if x % 48 else "#ffb703"}"'
    ' stroke-width="7"/>'
    for x in range(0, WIDTH_PX, 24)
)


def draw_link_preview(lesson: LocalizedLesson) -> bytes:
    """Return a JPEG of 1200 × 630 px, at most 100 kB: the lesson's picture, its title, a play icon.

    Some chats crop previews to a square, so the subject is inside the middle square too.
    """
    pixels = render_png(_preview_svg(lesson), width_px=WIDTH_PX)
    image = Image.open(BytesIO(pixels), formats=["PNG"]).convert("RGB")
    tries = (_jpeg(image, quality) for quality in JPEG_QUALITIES)
    return next(
        (preview for preview in tries if len(preview) <= LINK_PREVIEW_BYTES), _jpeg(image, 20)
    )


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _preview_svg(lesson: LocalizedLesson) -> str:
    lines = _wrap_title(lesson.title.text)
    top = 300 - 42 * len(lines)
    title = "".join(
        f'<text x="520" y="{top + 84 * index}">{escape(line)}</text>'
        for index, line in enumerate(lines, start=1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}">'
        f'<rect width="{WIDTH_PX}" height="{HEIGHT_PX}" fill="#fffdf7"/>'
        f'<rect width="470" height="{HEIGHT_PX}" fill="#e9edf6"/>{_picture(lesson)}'
        f'<rect width="{WIDTH_PX}" height="24" fill="#1d2b64"/><g fill="none">{BROCADE}</g>'
        f'<g font-family="Roboto" font-weight="700" font-size="{TITLE_PX}" fill="#161a2b">'
        f'{title}</g><circle cx="576" cy="530" r="50" fill="#17603c"/>'
        '<path d="M560 502l46 28-46 28z" fill="#fff"/>'
        '<text x="650" y="545" font-family="Roboto" font-size="40" fill="#454b66">'
        f"{escape(lesson.locale.endonym)}</text></svg>"
    )


def _picture(lesson: LocalizedLesson) -> str:
    picture = find_cover_picture(lesson.source)
    drawing = draw_picture(picture) if picture else None
    if drawing is None:
        return ""
    return drawing.svg.replace("<svg ", '<svg x="35" y="54" width="400" height="546" ', 1)


def _wrap_title(title: str) -> list[str]:
    """Return the title in lines that fit beside the picture, at most MAX_LINES."""
    font = _title_font()
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > TITLE_WIDTH_PX:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines[:MAX_LINES]


@cache
def _title_font() -> ImageFont.FreeTypeFont:
    files = Path(fontpkg_roboto.__file__).parent / "files"
    font = ImageFont.truetype(str(files / "Roboto[wdth,wght].ttf"), TITLE_PX)
    font.set_variation_by_axes([100, 700])  # width, weight
    return font
