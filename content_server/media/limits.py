"""The largest photo, voice and clip we take, and the words for those beyond.

Figures: inside what imgproxy, Mastodon and Cloudflare ship (measured: research on trust §1.2).
"""

from collections.abc import Iterator
from pathlib import Path

from content_server.errors import MediumRefused
from content_server.media.media_kinds import MediaInfo, MediaKind
from content_server.phrases import Phrase, _

MB = 1_000_000
GREATEST_BYTES = {
    MediaKind.IMAGE: 20 * MB,
    MediaKind.VOICE: 100 * MB,
    MediaKind.CLIP: 500 * MB,
    MediaKind.CAPTIONS: 64_000,  # a quarter of an hour of talk has 15 kB
}

IMAGE_PIXELS = 50 * MB  # all frames of a moving picture together
IMAGE_SIDE_PX = 12_000
IMAGE_FRAMES = 300

VOICE_S = 60 * 60
VOICE_CHANNELS = 8

MOST_STREAMS = 64  # read of one file (commands.py): only the first picture and sound are used

CLIP_S = 15 * 60
CLIP_LONG_SIDE_PX = 3840
CLIP_SHORT_SIDE_PX = 2160
CLIP_FPS = 120
CLIP_FRAMES = 36_000
CLIP_PIXELS = CLIP_LONG_SIDE_PX * CLIP_SHORT_SIDE_PX

# A file that lost its end in transfer says a longer duration than it holds.
WHOLE_SHARE = 0.9
WHOLE_SLACK_S = 1.0


def check_file(source: Path, medium: MediaKind) -> None:
    """Raise MediumRefused for a file that is empty or too heavy, before anything opens it."""
    size_bytes, most_bytes = source.stat().st_size, GREATEST_BYTES[medium]
    if size_bytes == 0:
        raise MediumRefused(_("Tệp rỗng, không có gì bên trong. Hãy chọn lại tệp."))
    if size_bytes > most_bytes and medium is MediaKind.CAPTIONS:
        raise MediumRefused(_("Tệp phụ đề dài quá, tối đa {most} kB chữ.", most=most_bytes // 1000))
    if size_bytes > most_bytes:
        raise MediumRefused(
            _(
                "Tệp nặng quá: {mb} MB, tối đa {most} MB.",
                mb=f"{size_bytes / MB:.0f}",
                most=most_bytes // MB,
            )
        )


def check_image_size(width: int, height: int, frames: int = 1) -> None:
    """Raise MediumRefused for a picture that would not fit in memory, judged by its header."""
    if max(width, height) > IMAGE_SIDE_PX or width * height > IMAGE_PIXELS:
        raise MediumRefused(
            _(
                "Ảnh to quá: {width} × {height} điểm. Mỗi cạnh tối đa 12.000 điểm, cả ảnh tối đa "
                "50 triệu điểm. Hãy thu nhỏ rồi đưa lên lại.",
                width=width,
                height=height,
            )
        )
    if frames > frames_allowed(width, height):
        raise MediumRefused(
            _("Ảnh động có nhiều hình quá. Hãy đưa một ảnh tĩnh, hoặc đưa lên dạng clip.")
        )


def frames_allowed(width: int, height: int) -> int:
    return max(1, min(IMAGE_FRAMES, IMAGE_PIXELS // max(1, width * height)))


def check_sound(info: MediaInfo) -> None:
    """Raise MediumRefused for a recording without sound, too long, or with too many channels."""
    _raise_first(_wrong_with_sound(info))


def check_clip(info: MediaInfo) -> None:
    """Raise MediumRefused for a clip without a picture, too long, too large or too fast."""
    _raise_first(_wrong_with_clip(info))


def check_streams(count: int) -> None:
    """Raise MediumRefused for a file of so many streams that the rest would be left unread."""
    if count >= MOST_STREAMS:
        raise MediumRefused(
            _("Clip có nhiều luồng hình và tiếng quá. Hãy quay lại bằng điện thoại.")
        )


def check_whole(declared_s: float, found_s: float) -> None:
    """Raise MediumRefused when the file holds clearly less than its header says."""
    if found_s < declared_s * WHOLE_SHARE - WHOLE_SLACK_S:
        raise MediumRefused(
            _(
                "Tệp bị cắt giữa chừng: ghi là {declared} giây nhưng chỉ có {found} giây. "
                "Hãy chép lại tệp từ máy đã thu.",
                declared=f"{declared_s:.0f}",
                found=f"{found_s:.0f}",
            )
        )


def _raise_first(wrong: Iterator[Phrase]) -> None:
    for phrase in wrong:
        raise MediumRefused(phrase)


def _wrong_with_sound(info: MediaInfo) -> Iterator[Phrase]:
    if not info.has_audio or info.duration_ms == 0:
        yield _("Tệp này không có tiếng. Hãy thu lại.")
    if info.duration_ms > VOICE_S * 1000:
        yield _("Lời đọc dài quá 60 phút. Hãy cắt ngắn rồi đưa lên lại.")
    if info.audio_channels > VOICE_CHANNELS:
        yield _("Tệp tiếng có nhiều kênh quá, tối đa 8 kênh. Hãy thu lại bằng điện thoại.")


def _wrong_with_clip(info: MediaInfo) -> Iterator[Phrase]:
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
