"""Limits of sources: the largest photo, voice, clip and captions file that is accepted.

Figures: inside what imgproxy, Mastodon and Cloudflare ship (docs/research/trust.md#limits).
"""

from collections.abc import Iterator
from pathlib import Path

from content_server.errors import InvalidMedia
from content_server.media.media_kinds import MediaInfo, MediaKind
from content_server.phrases import Phrase, _

MB = 1_000_000
MAX_SOURCE_BYTES = {
    MediaKind.IMAGE: 20 * MB,
    MediaKind.VOICE: 100 * MB,
    MediaKind.CLIP: 500 * MB,
    MediaKind.CAPTIONS: 64_000,  # captions of 15 minutes of speech have 15 kB
}

IMAGE_PIXELS = 50 * MB  # all frames of an animation together
IMAGE_SIDE_PX = 12_000
IMAGE_FRAMES = 300

VOICE_S = 60 * 60
VOICE_CHANNELS = 8

MAX_STREAMS = (
    64  # read of one file (ffmpeg.command_line): only the first picture and sound are used
)

CLIP_S = 15 * 60
CLIP_LONG_SIDE_PX = 3840
CLIP_SHORT_SIDE_PX = 2160
CLIP_FPS = 120
CLIP_FRAMES = 36_000
CLIP_PIXELS = CLIP_LONG_SIDE_PX * CLIP_SHORT_SIDE_PX

# A file that lost its end in transfer declares a longer duration than it has.
COMPLETE_SHARE = 0.9
COMPLETE_SLACK_S = 1.0


def check_file(source: Path, kind: MediaKind) -> None:
    """Raise InvalidMedia for a file that is empty or too large, before any tool opens it."""
    size_bytes, most_bytes = source.stat().st_size, MAX_SOURCE_BYTES[kind]
    if size_bytes == 0:
        raise InvalidMedia(_("Tệp rỗng, không có gì bên trong. Hãy chọn lại tệp."))
    if size_bytes > most_bytes and kind is MediaKind.CAPTIONS:
        raise InvalidMedia(_("Tệp phụ đề dài quá, tối đa {most} kB chữ.", most=most_bytes // 1000))
    if size_bytes > most_bytes:
        raise InvalidMedia(
            _(
                "Tệp nặng quá: {mb} MB, tối đa {most} MB.",
                mb=f"{size_bytes / MB:.0f}",
                most=most_bytes // MB,
            )
        )


def check_image_size(width: int, height: int, frames: int = 1) -> None:
    """Raise InvalidMedia for a picture with too many pixels or frames; px from its header."""
    if max(width, height) > IMAGE_SIDE_PX or width * height > IMAGE_PIXELS:
        raise InvalidMedia(
            _(
                "Ảnh to quá: {width} × {height} điểm. Mỗi cạnh tối đa 12.000 điểm, cả ảnh tối đa "
                "50 triệu điểm. Hãy thu nhỏ rồi đưa lên lại.",
                width=width,
                height=height,
            )
        )
    if frames > max_frames(width, height):
        raise InvalidMedia(
            _("Ảnh động có nhiều hình quá. Hãy đưa một ảnh tĩnh, hoặc đưa lên dạng clip.")
        )


def max_frames(width: int, height: int) -> int:
    return max(1, min(IMAGE_FRAMES, IMAGE_PIXELS // max(1, width * height)))


def check_sound(info: MediaInfo) -> None:
    """Raise InvalidMedia for a recording without sound, too long, or with too many channels."""
    _raise_first_problem(_sound_problems(info))


def check_clip(info: MediaInfo) -> None:
    """Raise InvalidMedia for a clip without a picture, too long, too large or too fast."""
    _raise_first_problem(_clip_problems(info))


def check_streams(count: int) -> None:
    """Raise InvalidMedia for a file with more streams than ffmpeg is allowed to read."""
    if count >= MAX_STREAMS:
        raise InvalidMedia(
            _("Clip có nhiều luồng hình và tiếng quá. Hãy quay lại bằng điện thoại.")
        )


def check_complete(declared_s: float, found_s: float) -> None:
    """Raise InvalidMedia when a file is clearly shorter than its header declares."""
    if found_s < declared_s * COMPLETE_SHARE - COMPLETE_SLACK_S:
        raise InvalidMedia(
            _(
                "Tệp bị cắt giữa chừng: ghi là {declared} giây nhưng chỉ có {found} giây. "
                "Hãy chép lại tệp từ máy đã thu.",
                declared=f"{declared_s:.0f}",
                found=f"{found_s:.0f}",
            )
        )


def _raise_first_problem(problems: Iterator[Phrase]) -> None:
    for problem in problems:
        raise InvalidMedia(problem)


def _sound_problems(info: MediaInfo) -> Iterator[Phrase]:
    if not info.has_audio or info.duration_ms == 0:
        yield _("Tệp này không có tiếng. Hãy thu lại.")
    if info.duration_ms > VOICE_S * 1000:
        yield _("Lời đọc dài quá 60 phút. Hãy cắt ngắn rồi đưa lên lại.")
    if info.audio_channels > VOICE_CHANNELS:
        yield _("Tệp tiếng có nhiều kênh quá, tối đa 8 kênh. Hãy thu lại bằng điện thoại.")


def _clip_problems(info: MediaInfo) -> Iterator[Phrase]:
    if not info.has_video:
        yield _("Tệp này không có hình. Nếu là lời đọc, hãy đưa lên ở chỗ lời đọc.")
    if info.frames == 0 or info.width == 0 or info.height == 0:
        yield _("Clip không có hình nào bên trong. Hãy quay lại.")
    long_side_px = max(info.width, info.height)
    if long_side_px > CLIP_LONG_SIDE_PX or info.short_side_px > CLIP_SHORT_SIDE_PX:
        yield _(
            "Clip to quá: {width} × {height} điểm, tối đa 3840 × 2160. Hãy quay cỡ nhỏ hơn.",
            width=info.width,
            height=info.height,
        )
    if info.duration_ms > CLIP_S * 1000:
        yield _("Clip dài quá 15 phút. Hãy cắt ngắn rồi đưa lên lại.")
    if info.fps > CLIP_FPS or info.frames > CLIP_FRAMES:
        yield _("Clip có nhiều hình quá: tối đa 120 hình mỗi giây, cả clip tối đa 36.000 hình.")
