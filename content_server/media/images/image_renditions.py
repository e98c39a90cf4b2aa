"""Makes photos and screenshots small: upright, in sRGB, without a trace of place or owner."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, features

from content_server.errors import MediumRefused
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
SSIM_WANTED = {"screenshot": 0.985, "photo": 0.96}  # letters suffer before the figure does
LOWEST_QUALITY, HIGHEST_QUALITY = 20, 92
# What a step of quality changes of ln(1 - SSIM) and of ln(bytes), roughly (measured on stills of
# screens and of photographs).
LOSS_A_STEP = {"AVIF": -0.055, "WEBP": -0.025, "JPEG": -0.025}
WEIGHT_A_STEP = {"AVIF": 0.035, "WEBP": 0.02, "JPEG": 0.02}
FULL = 0.93  # of the most bytes: where they are what limits a picture, this is near enough
ENCODERS: dict[str, dict[str, Any]] = {
    "AVIF": {"speed": 6, "max_threads": 1},  # one thread: the same bytes on every machine
    "WEBP": {"method": 5},
    "JPEG": {"optimize": True, "progressive": True},
}


Qualities = dict[str, int]  # name of a rung → the quality found for it


@dataclass(frozen=True)
class _Encoded:
    data: bytes
    ssim: float
    quality: int

    @property
    def loss(self) -> float:
        return math.log(max(1 - self.ssim, 1e-6))


def make_image_renditions(source: Path, folder: Path) -> list[EncodedFile]:
    """Make the image ladder of a photo or screenshot in `folder`.

    Raises MediumRefused for anything but a whole picture in an allowed format and size.
    """
    limits.check_file(source, MediaKind.IMAGE)
    picture, note = read_picture(source)
    return make_stills(picture, folder, image_rungs_for(picture.width, IMAGE_LADDER), note)


def make_stills(
    picture: Image.Image,
    folder: Path,
    rungs: Sequence[ImageRung],
    note: Phrase | None = None,
    qualities: Qualities | None = None,
) -> list[EncodedFile]:
    """Make these rungs of an RGB picture, each as small as it may be without looking worse.

    `qualities` are those another picture of the same clip came to, and are written anew: near them
    the search is short. Photographs are too unlike one another for that (measured).
    """
    is_screenshot = image_similarity.is_screenshot(picture)
    known = qualities if is_screenshot and qualities is not None else {}
    return [
        _made(picture, folder, rung, note, known, is_screenshot=is_screenshot) for rung in rungs
    ]


def read_picture(source: Path) -> tuple[Image.Image, Phrase | None]:
    """Return the first frame, upright RGB in sRGB, and what the editor should know.

    The size in the header is judged before anything is decoded.
    """
    try:
        with Image.open(source, formats=FORMATS) as opened:
            limits.check_image_size(opened.width, opened.height)
            note = _check_frames(opened)
            return _plain(opened), note
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediumRefused(
            _("Ảnh to quá, tối đa 50 triệu điểm. Hãy thu nhỏ rồi đưa lên lại.")
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError) as error:
        raise MediumRefused(
            _("Ảnh hỏng hoặc không phải ảnh. Hãy đưa ảnh JPEG, PNG, WebP, GIF hoặc AVIF.")
        ) from error


def _check_frames(opened: Image.Image) -> Phrase | None:
    """Count frames of a moving picture, but only as far as they are allowed to go."""
    if not getattr(opened, "is_animated", False):
        return None
    allowed = limits.frames_allowed(opened.width, opened.height)
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


def _plain(opened: Image.Image) -> Image.Image:
    """Decode to upright RGB on white; colours mean sRGB; nothing else of the file is kept."""
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
    """Convert by the picture's own colour profile; a broken profile is simply dropped."""
    if picture.mode not in {"RGB", "L", "CMYK"}:
        return picture
    try:
        converted = ImageCms.profileToProfile(
            picture, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted or picture


def _made(  # noqa: PLR0913  # a rendition is all of this
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
    kind, most_bytes = (
        ("screenshot", rung.screenshot_bytes) if is_screenshot else ("photo", rung.photo_bytes)
    )
    best = _smallest(small, rung, SSIM_WANTED[kind], most_bytes, known.get(rung.name))
    known[rung.name] = best.quality
    path = folder / f"{rung.name}{rung.suffix}"
    path.write_bytes(best.data)
    if best.ssim < SSIM_FLOOR or len(best.data) > most_bytes:
        note = _("Ảnh nhiều chi tiết quá nên bản nhỏ bị mờ. Hãy cắt bớt hoặc chụp gần hơn.")
    return EncodedFile(rung.name, path, rung.content_type, width, height, note=note)


def _smallest(
    small: Image.Image, rung: ImageRung, wanted_ssim: float, most_bytes: int, known: int | None
) -> _Encoded:
    """Return the lowest quality that looks as wanted, else the best that fits.

    By bisection; where something near is enough, by guesses: one to three tries are the rule.
    """
    low, high = LOWEST_QUALITY - 1, HIGHEST_QUALITY + 1
    quality = known or (low + high) // 2
    best: _Encoded | None = None
    before: _Encoded | None = None
    reached = False
    while high - low > 1:
        tried = _encoded(small, rung, quality)
        fits, looks = len(tried.data) <= most_bytes, tried.ssim >= wanted_ssim
        if fits and (best is None or looks or (not reached and tried.ssim > best.ssim)):
            best, reached = tried, looks or reached
        low, high = (low, quality) if looks or not fits else (quality, high)
        quality = (low + high) // 2
        if rung.near_ssim:
            if fits and _is_near(tried, rung, wanted_ssim, most_bytes):
                break
            guess = _guessed(tried, before, rung, wanted_ssim, most_bytes)
            quality, before = min(max(guess, low + 1), high - 1), tried
    return best or _encoded(small, rung, LOWEST_QUALITY)


def _is_near(tried: _Encoded, rung: ImageRung, wanted_ssim: float, most_bytes: int) -> bool:
    """Tell whether a picture that fits looks as wanted and hardly better, or is full."""
    if tried.ssim >= wanted_ssim:
        return tried.ssim <= wanted_ssim + rung.near_ssim
    return len(tried.data) >= FULL * most_bytes


def _guessed(
    tried: _Encoded, before: _Encoded | None, rung: ImageRung, wanted_ssim: float, most_bytes: int
) -> int:
    """Return the quality that should look, or weigh, as the middle of what is near enough."""
    aim = math.log(1 - wanted_ssim - rung.near_ssim / 2)
    slope = LOSS_A_STEP[rung.format]
    if before:
        slope = min((tried.loss - before.loss) / (tried.quality - before.quality), slope / 3)
    by_looks = (aim - tried.loss) / slope
    by_weight = math.log((1 + FULL) / 2 * most_bytes / len(tried.data)) / WEIGHT_A_STEP[rung.format]
    return tried.quality + round(min(by_looks, by_weight))


def _encoded(small: Image.Image, rung: ImageRung, quality: int) -> _Encoded:
    data = encode(small, rung.format, quality)
    with Image.open(io.BytesIO(data), formats=[rung.format]) as decoded:
        return _Encoded(data, image_similarity.ssim(small, decoded), quality)


def encode(picture: Image.Image, name: str, quality: int) -> bytes:
    """Return the picture in AVIF, WEBP or JPEG, the same bytes each time."""
    written = io.BytesIO()
    picture.save(written, name, quality=quality, **ENCODERS[name])
    return written.getvalue()
