"""Cards: the picture a chat shows for a link, one per lesson and language."""

from functools import cache
from io import BytesIO
from pathlib import Path

import fontpkg_roboto
from markupsafe import escape
from PIL import Image, ImageFont

from content_server.lessons.localized import LocalizedLesson
from content_server.media.screens import draw_pixels
from content_server.site.pages.figures import drawing_of
from content_server.site.pages.pages import cover_picture

WIDTH_PX, HEIGHT_PX = 1200, 630  # 1.91 : 1, what chat apps ask of og:image
CARD_BYTES = 100_000  # a preview travels over the same weak signal as everything else
TITLE_PX, TITLE_WIDTH_PX, MOST_LINES = 68, 600, 4
QUALITIES = (82, 70, 58, 45)

BROCADE = "".join(
    f'<path d="M{x} 0l24 24M{x + 24} 0l-24 24" stroke="{"#d62839" if x % 48 else "#ffb703"}"'
    ' stroke-width="7"/>'
    for x in range(0, WIDTH_PX, 24)
)


def draw_card(telling: LocalizedLesson) -> bytes:
    """Return a JPEG of 1200 × 630 px, at most 100 kB: the lesson's picture, title, a play sign.

    The subject stands in the middle square too, because some chats crop previews to a square.
    """
    pixels = draw_pixels(_card_svg(telling), width_px=WIDTH_PX)
    image = Image.open(BytesIO(pixels), formats=["PNG"]).convert("RGB")
    tries = (_jpeg(image, quality) for quality in QUALITIES)
    return next((card for card in tries if len(card) <= CARD_BYTES), _jpeg(image, 20))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _card_svg(telling: LocalizedLesson) -> str:
    lines = _wrapped(telling.title.text)
    top = 300 - 42 * len(lines)
    title = "".join(
        f'<text x="520" y="{top + 84 * index}">{escape(line)}</text>'
        for index, line in enumerate(lines, start=1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}">'
        f'<rect width="{WIDTH_PX}" height="{HEIGHT_PX}" fill="#fffdf7"/>'
        f'<rect width="470" height="{HEIGHT_PX}" fill="#e9edf6"/>{_picture(telling)}'
        f'<rect width="{WIDTH_PX}" height="24" fill="#1d2b64"/><g fill="none">{BROCADE}</g>'
        f'<g font-family="Roboto" font-weight="700" font-size="{TITLE_PX}" fill="#161a2b">'
        f'{title}</g><circle cx="576" cy="530" r="50" fill="#17603c"/>'
        '<path d="M560 502l46 28-46 28z" fill="#fff"/>'
        '<text x="650" y="545" font-family="Roboto" font-size="40" fill="#454b66">'
        f"{escape(telling.locale.endonym)}</text></svg>"
    )


def _picture(telling: LocalizedLesson) -> str:
    picture = cover_picture(telling.source)
    drawing = drawing_of(picture) if picture else None
    if drawing is None:
        return ""
    return drawing.svg.replace("<svg ", '<svg x="35" y="54" width="400" height="546" ', 1)


def _wrapped(title: str) -> list[str]:
    """Return the title in lines that fit beside the picture."""
    font = _title_font()
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > TITLE_WIDTH_PX:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines[:MOST_LINES]


@cache
def _title_font() -> ImageFont.FreeTypeFont:
    files = Path(fontpkg_roboto.__file__).parent / "files"
    font = ImageFont.truetype(str(files / "Roboto[wdth,wght].ttf"), TITLE_PX)
    font.set_variation_by_axes([100, 700])  # width, weight
    return font
