"""Redaction of photos: solid boxes drawn into the picture, then a crop, before it can be shown.

Blur and pixelation can be reversed; a filled box cannot (docs/research/editors.md#redaction).
What is under a box is gone from the bytes, and so is everything the file said about place and
owner.
"""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from pydantic import BaseModel, ConfigDict, Field

from content_server.errors import InvalidMedia
from content_server.media.images.image_renditions import read_picture
from content_server.media.images.image_similarity import is_screenshot
from content_server.phrases import _

LONG_SIDE_PX = 2000  # more than any rung of the ladder needs
PREVIEW_PX = 1200  # longest side of the preview on which an editor draws boxes
FILL_COLOUR = (22, 26, 43)  # the ink of the pages
NARROWEST_PHONE_PX = 360
TAP_TARGET_PX = 48  # what a thumb hits on the narrowest phone
MIN_CROP_PERCENT = 5.0  # of a side: a crop leaves at least this


class PictureArea(BaseModel):
    """A rectangle in percent of a picture's width and height."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    x: float = Field(ge=0, le=100)
    y: float = Field(ge=0, le=100)
    width: float = Field(gt=0, le=100)
    height: float = Field(gt=0, le=100)


class PhotoEdits(BaseModel):
    """An editor's edits of a photo: the crop, the boxes to fill, and where to tap.

    `boxes` are percent of the whole picture, `spot` is percent of the cropped one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    crop: PictureArea = PictureArea(x=0, y=0, width=100, height=100)
    boxes: tuple[PictureArea, ...] = Field((), max_length=40)  # of the whole picture
    spot: tuple[float, float] | None = None


@dataclass(frozen=True)
class RedactedPhoto:
    """A redacted and cropped picture as PNG or JPEG; `extension` is "png" or "jpg"."""

    data: bytes
    extension: str
    width_px: int
    height_px: int


def measure_picture(source: Path) -> tuple[int, int]:
    """Return the upright size of a photo in pixels. Raises InvalidMedia."""
    return read_picture(source)[0].size


def redact_picture(source: Path, edits: PhotoEdits) -> RedactedPhoto:
    """Return the picture with its boxes filled, then cropped. Raises InvalidMedia."""
    picture = read_picture(source)[0]
    brush = ImageDraw.Draw(picture)
    for box in edits.boxes:
        brush.rectangle(_pixels(box, picture.size, outwards=True), fill=FILL_COLOUR)
    if min(edits.crop.width, edits.crop.height) < MIN_CROP_PERCENT:
        raise InvalidMedia(_("Phần giữ lại nhỏ quá. Kéo khung cắt rộng ra."))
    left, top, right, bottom = _pixels(edits.crop, picture.size, outwards=False)
    cropped = picture.crop((left, top, right + 1, bottom + 1))
    cropped.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    if is_screenshot(cropped):
        cropped.save(encoded, "PNG", optimize=True)
        return RedactedPhoto(encoded.getvalue(), "png", *cropped.size)
    cropped.save(encoded, "JPEG", quality=92)
    return RedactedPhoto(encoded.getvalue(), "jpg", *cropped.size)


def render_preview(source: Path) -> bytes:
    """Return a small JPEG of a photo, without its metadata, for its editor to draw boxes on."""
    picture = read_picture(source)[0]
    picture.thumbnail((PREVIEW_PX, PREVIEW_PX), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=80)
    return encoded.getvalue()


def fit_tap_target(spot: tuple[float, float], width_px: int, height_px: int) -> tuple[float, float]:
    """Return the spot moved so that 48 px around it are inside the picture, at 360 px width.

    Raises InvalidMedia for a picture too flat for a tap target.
    """
    height_on_phone = NARROWEST_PHONE_PX * height_px / width_px
    if height_on_phone < TAP_TARGET_PX:
        raise InvalidMedia(_("Ảnh dẹt quá, ngón tay không bấm trúng. Cắt cao hơn."))
    half = TAP_TARGET_PX / 2
    x, y = half / NARROWEST_PHONE_PX * 100, half / height_on_phone * 100
    return round(min(max(spot[0], x), 100 - x), 1), round(min(max(spot[1], y), 100 - y), 1)


def _pixels(
    area: PictureArea, size: tuple[int, int], *, outwards: bool
) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) of an area in px, all inclusive.

    `outwards`: with every pixel the area touches, as a box must be.
    """
    width, height = size
    grow = 1 if outwards else 0
    left, top = int(area.x / 100 * width) - grow, int(area.y / 100 * height) - grow
    right = int(min(100.0, area.x + area.width) / 100 * width) - 1 + 2 * grow
    bottom = int(min(100.0, area.y + area.height) / 100 * height) - 1 + 2 * grow
    left, top = min(max(0, left), width - 1), min(max(0, top), height - 1)
    return left, top, max(left, min(right, width - 1)), max(top, min(bottom, height - 1))
