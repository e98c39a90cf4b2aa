"""Lighter: a picture made three quarters as wide, when a lesson weighs more than it may."""

import io
from pathlib import Path

from PIL import Image

from content_server.media.images.image_renditions import read_picture
from content_server.media.images.image_similarity import is_screenshot

PHONE_PX = 360  # what a phone shows; anything above was only for walls
LEAST_PX = 200  # below this nobody reads a button any more; our judgement
PART = 0.75


def lighter_picture(source: Path) -> tuple[bytes, str] | None:
    """Return a picture's bytes and ending; None when it is as small as it may be.

    Raises MediumRefused for what is no picture.
    """
    picture = read_picture(source)[0]
    width_px = round(min(picture.width, PHONE_PX) * PART)
    if width_px < LEAST_PX:
        return None
    height_px = max(1, round(picture.height * width_px / picture.width))
    is_screen = is_screenshot(picture)
    small = picture.resize((width_px, height_px), Image.Resampling.LANCZOS)
    written = io.BytesIO()
    if is_screen:
        small.save(written, "PNG", optimize=True)
        return written.getvalue(), "png"
    small.save(written, "JPEG", quality=90)
    return written.getvalue(), "jpg"
