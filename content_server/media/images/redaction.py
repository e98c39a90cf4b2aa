"""Covering: a photo cropped, and solid boxes burned into it, before anything of it can be shown.

Blur and pixels can be undone; a filled box cannot (research: editors §1.2, M9). What is under a box
is gone from the bytes, and so is everything the file said about place and owner.
"""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from pydantic import BaseModel, ConfigDict, Field

from content_server.errors import MediumRefused
from content_server.media.images.image_renditions import read_picture
from content_server.media.images.image_similarity import is_screenshot
from content_server.phrases import _

LONG_SIDE_PX = 2000  # more than any rung of the ladder needs
PREVIEW_PX = 1200  # of what an editor draws boxes on
FILL = (22, 26, 43)  # the ink of the pages
CANVAS_PX = 360  # the narrowest phone
TARGET_PX = 48  # what a thumb hits on it
LEAST_PERCENT = 5.0  # of a side that a crop may leave


class Area(BaseModel):
    """A rectangle in percent of a picture's width and height."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    x: float = Field(ge=0, le=100)
    y: float = Field(ge=0, le=100)
    width: float = Field(gt=0, le=100)
    height: float = Field(gt=0, le=100)


class PhotoEdits(BaseModel):
    """What to do with a photo: what is kept, what is covered, where to tap (of what is kept)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    crop: Area = Area(x=0, y=0, width=100, height=100)
    boxes: tuple[Area, ...] = Field((), max_length=40)  # of the whole picture
    spot: tuple[float, float] | None = None


@dataclass(frozen=True)
class Covered:
    """A picture that may be shown."""

    data: bytes
    ending: str
    width_px: int
    height_px: int


def size_of(source: Path) -> tuple[int, int]:
    """Return the upright size of a photo in pixels. Raises MediumRefused."""
    return read_picture(source)[0].size


def covered(source: Path, marks: PhotoEdits) -> Covered:
    """Return the picture with its boxes filled, then cropped. Raises MediumRefused."""
    picture = read_picture(source)[0]
    brush = ImageDraw.Draw(picture)
    for box in marks.boxes:
        brush.rectangle(_pixels(box, picture.size, outwards=True), fill=FILL)
    if min(marks.crop.width, marks.crop.height) < LEAST_PERCENT:
        raise MediumRefused(_("Phần giữ lại nhỏ quá. Kéo khung cắt rộng ra."))
    left, top, right, bottom = _pixels(marks.crop, picture.size, outwards=False)
    kept = picture.crop((left, top, right + 1, bottom + 1))
    kept.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    if is_screenshot(kept):
        kept.save(written, "PNG", optimize=True)
        return Covered(written.getvalue(), "png", *kept.size)
    kept.save(written, "JPEG", quality=92)
    return Covered(written.getvalue(), "jpg", *kept.size)


def preview(source: Path) -> bytes:
    """Return a photo for its editor to draw boxes on: small, without what the file said beside."""
    picture = read_picture(source)[0]
    picture.thumbnail((PREVIEW_PX, PREVIEW_PX), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return written.getvalue()


def for_a_thumb(spot: tuple[float, float], width_px: int, height_px: int) -> tuple[float, float]:
    """Return the spot moved so that 48 px around it lie in the picture, on a phone 360 px wide."""
    height_on_phone = CANVAS_PX * height_px / width_px
    if height_on_phone < TARGET_PX:
        raise MediumRefused(_("Ảnh dẹt quá, ngón tay không bấm trúng. Cắt cao hơn."))
    half = TARGET_PX / 2
    x, y = half / CANVAS_PX * 100, half / height_on_phone * 100
    return round(min(max(spot[0], x), 100 - x), 1), round(min(max(spot[1], y), 100 - y), 1)


def _pixels(area: Area, size: tuple[int, int], *, outwards: bool) -> tuple[int, int, int, int]:
    """Return the first and last pixel of an area each way; a box takes every pixel it touches."""
    width, height = size
    more = 1 if outwards else 0
    left, top = int(area.x / 100 * width) - more, int(area.y / 100 * height) - more
    right = int(min(100.0, area.x + area.width) / 100 * width) - 1 + 2 * more
    bottom = int(min(100.0, area.y + area.height) / 100 * height) - 1 + 2 * more
    left, top = min(max(0, left), width - 1), min(max(0, top), height - 1)
    return left, top, max(left, min(right, width - 1)), max(top, min(bottom, height - 1))
