"""Downscales a picture to three quarters of its width, for a lesson over its budget of bytes."""

import io
from pathlib import Path

from PIL import Image

from content_server.media.images.image_renditions import read_picture
from content_server.media.images.image_similarity import is_screenshot

PHONE_WIDTH_PX = 360  # what a phone shows; wider pictures serve projectors and televisions only
MIN_WIDTH_PX = 200  # below this the words of a button are illegible (our judgement)
DOWNSCALE_FACTOR = 0.75


def downscale_picture(source: Path) -> tuple[bytes, str] | None:
    """Return a picture's bytes and extension; None when it may not get smaller.

    Raises InvalidMedia for a file that is no picture.
    """
    picture = read_picture(source)[0]
    width_px = round(min(picture.width, PHONE_WIDTH_PX) * DOWNSCALE_FACTOR)
    if width_px < MIN_WIDTH_PX:
        return None
    height_px = max(1, round(picture.height * width_px / picture.width))
    is_screen = is_screenshot(picture)
    downscaled = picture.resize((width_px, height_px), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    if is_screen:
        downscaled.save(encoded, "PNG", optimize=True)
        return encoded.getvalue(), "png"
    downscaled.save(encoded, "JPEG", quality=90)
    return encoded.getvalue(), "jpg"
