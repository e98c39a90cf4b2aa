"""Makes the renditions of a photo or screenshot: upright, in sRGB, without any metadata."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, features

from content_server.errors import InvalidMedia
from content_server.media import limits
from content_server.media.images import image_similarity
from content_server.media.ladder import IMAGE_LADDER, ImageRung, image_rungs_for
from content_server.media.media_kinds import EncodedFile, MediaKind
from content_server.phrases import Phrase, _

FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]
FORMATS += [name for name, is_built in {"AVIF": features.check("avif")}.items() if is_built]
FORMATS += [name for name in ("HEIF",) if name in Image.registered_extensions().values()]

Image.MAX_IMAGE_PIXELS = limits.IMAGE_PIXELS  # Pillow's own guard, behind ours

SSIM_FLOOR = 0.95  # below this the editor is warned
TARGET_SSIM = {"screenshot": 0.985, "photo": 0.96}  # letters get illegible at a higher SSIM
LOWEST_QUALITY, HIGHEST_QUALITY = 20, 92
# The change of ln(1 - SSIM) and of ln(bytes) for one step of quality, roughly (measured on stills
# of screens and of photographs).
LOG_LOSS_PER_STEP = {"AVIF": -0.055, "WEBP": -0.025, "JPEG": -0.025}
LOG_BYTES_PER_STEP = {"AVIF": 0.035, "WEBP": 0.02, "JPEG": 0.02}
FULL_SHARE = 0.93  # of the byte limit: a picture limited by bytes is large enough from here on
ENCODERS: dict[str, dict[str, Any]] = {
    "AVIF": {"speed": 6, "max_threads": 1},  # one thread: the same bytes on every machine
    "WEBP": {"method": 5},
    "JPEG": {"optimize": True, "progressive": True},
}


Qualities = dict[str, int]  # name of a rung → the quality found for it


@dataclass(frozen=True)
class _EncodedPicture:
    data: bytes
    ssim: float
    quality: int

    @property
    def loss(self) -> float:
        return math.log(max(1 - self.ssim, 1e-6))


def encode_image_renditions(source: Path, folder: Path) -> list[EncodedFile]:
    """Make the image ladder of a photo or screenshot in `folder`.

    Raises InvalidMedia for anything but a whole picture in an allowed format and size.
    """
    limits.check_file(source, MediaKind.IMAGE)
    picture, note = read_picture(source)
    return encode_rungs(picture, folder, image_rungs_for(picture.width, IMAGE_LADDER), note)


def encode_rungs(
    picture: Image.Image,
    folder: Path,
    rungs: Sequence[ImageRung],
    note: Phrase | None = None,
    qualities: Qualities | None = None,
) -> list[EncodedFile]:
    """Make these rungs of an RGB picture, each the smallest file that reaches its target.

    `qualities` are the results for another picture of the same clip, from which the search starts,
    and are updated. Only screenshots use them: photographs differ too much (measured).
    """
    is_screenshot = image_similarity.is_screenshot(picture)
    known = qualities if is_screenshot and qualities is not None else {}
    return [
        _encode_rung(picture, folder, rung, note, known, is_screenshot=is_screenshot)
        for rung in rungs
    ]


def read_picture(source: Path) -> tuple[Image.Image, Phrase | None]:
    """Return the first frame, upright RGB in sRGB, and a note for the editor.

    The size in the header is checked before anything is decoded. Raises InvalidMedia.
    """
    try:
        with Image.open(source, formats=FORMATS) as opened:
            limits.check_image_size(opened.width, opened.height)
            note = _check_frames(opened)
            return _flatten(opened), note
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidMedia(
            _("Ảnh to quá, tối đa 50 triệu điểm. Hãy thu nhỏ rồi đưa lên lại.")
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError) as error:
        raise InvalidMedia(
            _("Ảnh hỏng hoặc không phải ảnh. Hãy đưa ảnh JPEG, PNG, WebP, GIF hoặc AVIF.")
        ) from error


def _check_frames(opened: Image.Image) -> Phrase | None:
    """Count the frames of an animation, at most one beyond the limit. Raises InvalidMedia."""
    if not getattr(opened, "is_animated", False):
        return None
    allowed = limits.max_frames(opened.width, opened.height)
    frames = 1
    try:
        while frames <= allowed:
            opened.seek(frames)
            frames += 1
    except EOFError:
        pass
    limits.check_image_size(opened.width, opened.height, frames)
    opened.seek(0)
    return _("Ảnh động: chỉ lấy hình đầu tiên. Muốn có chuyển động, hãy đưa lên dạng clip.")


def _flatten(opened: Image.Image) -> Image.Image:
    """Decode to upright sRGB on white, without metadata and colour profile."""
    profile = opened.info.get("icc_profile")
    upright = ImageOps.exif_transpose(opened)
    if upright.mode.startswith("I;16"):
        upright = upright.point(lambda level: level / 256, "L")  # 16 bits of grey to 8
    if upright.has_transparency_data:
        coloured = upright.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        upright = Image.alpha_composite(white, coloured)
    elif profile:
        upright = _in_srgb(upright, profile)
    plain = Image.new("RGB", upright.size)
    plain.paste(upright.convert("RGB"))  # a new picture: no info, no EXIF, no profile
    return plain


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Convert by the picture's own colour profile; a broken profile is ignored."""
    if picture.mode not in {"RGB", "L", "CMYK"}:
        return picture
    try:
        converted = ImageCms.profileToProfile(
            picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted or picture


def _encode_rung(  # noqa: PLR0913  # everything a rendition depends on
    picture: Image.Image,
    folder: Path,
    rung: ImageRung,
    note: Phrase | None,
    known: Qualities,
    *,
    is_screenshot: bool,
) -> EncodedFile:
    width = min(rung.width_px, picture.width)
    height = max(1, round(picture.height * width / picture.width))
    small = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    kind, max_bytes = (
        ("screenshot", rung.screenshot_bytes) if is_screenshot else ("photo", rung.photo_bytes)
    )
    best = _find_smallest(small, rung, TARGET_SSIM[kind], max_bytes, known.get(rung.name))
    known[rung.name] = best.quality
    path = folder / f"{rung.name}{rung.suffix}"
    path.write_bytes(best.data)
    if best.ssim < SSIM_FLOOR or len(best.data) > max_bytes:
        note = _("Ảnh nhiều chi tiết quá nên bản nhỏ bị mờ. Hãy cắt bớt hoặc chụp gần hơn.")
    return EncodedFile(rung.name, path, rung.content_type, width, height, note=note)


def _find_smallest(
    small: Image.Image, rung: ImageRung, target_ssim: float, max_bytes: int, known: int | None
) -> _EncodedPicture:
    """Return the lowest quality that reaches `target_ssim`, else the best one that fits.

    By bisection; for a rung with a tolerance by extrapolation: mostly one to three encodes.
    """
    low, high = LOWEST_QUALITY - 1, HIGHEST_QUALITY + 1
    quality = known or (low + high) // 2
    best: _EncodedPicture | None = None
    previous: _EncodedPicture | None = None
    reached = False
    while high - low > 1:
        tried = _encode_and_compare(small, rung, quality)
        fits, is_good = len(tried.data) <= max_bytes, tried.ssim >= target_ssim
        if fits and (best is None or is_good or (not reached and tried.ssim > best.ssim)):
            best, reached = tried, is_good or reached
        low, high = (low, quality) if is_good or not fits else (quality, high)
        quality = (low + high) // 2
        if rung.ssim_tolerance:
            if fits and _is_near(tried, rung, target_ssim, max_bytes):
                break
            guess = _guess_quality(tried, previous, rung, target_ssim, max_bytes)
            quality, previous = min(max(guess, low + 1), high - 1), tried
    return best or _encode_and_compare(small, rung, LOWEST_QUALITY)


def _is_near(tried: _EncodedPicture, rung: ImageRung, target_ssim: float, max_bytes: int) -> bool:
    """Return whether a picture that fits is within the tolerance, or limited by its bytes."""
    if tried.ssim >= target_ssim:
        return tried.ssim <= target_ssim + rung.ssim_tolerance
    return len(tried.data) >= FULL_SHARE * max_bytes


def _guess_quality(
    tried: _EncodedPicture,
    previous: _EncodedPicture | None,
    rung: ImageRung,
    target_ssim: float,
    max_bytes: int,
) -> int:
    """Return the quality expected in the middle of the tolerance of SSIM or of bytes."""
    target_loss = math.log(1 - target_ssim - rung.ssim_tolerance / 2)
    slope = LOG_LOSS_PER_STEP[rung.format]
    if previous:
        slope = min((tried.loss - previous.loss) / (tried.quality - previous.quality), slope / 3)
    by_ssim = (target_loss - tried.loss) / slope
    by_bytes = (
        math.log((1 + FULL_SHARE) / 2 * max_bytes / len(tried.data))
        / LOG_BYTES_PER_STEP[rung.format]
    )
    return tried.quality + round(min(by_ssim, by_bytes))


def _encode_and_compare(small: Image.Image, rung: ImageRung, quality: int) -> _EncodedPicture:
    data = encode_picture(small, rung.format, quality)
    with Image.open(io.BytesIO(data), formats=[rung.format]) as decoded:
        return _EncodedPicture(data, image_similarity.ssim(small, decoded), quality)


def encode_picture(picture: Image.Image, name: str, quality: int) -> bytes:
    """Return the picture in AVIF, WEBP or JPEG, the same bytes each time."""
    encoded = io.BytesIO()
    picture.save(encoded, name, quality=quality, **ENCODERS[name])
    return encoded.getvalue()
