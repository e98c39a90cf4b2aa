"""Which renditions are made of each picture and voice: plain data, versioned (clips: clip_ladder).

Change a number here and raise the version beside it in the same commit: the version is part of a
rendition's key, so old renditions stay valid until new ones exist, and nothing else is made again.
Figures: measured, docs/research/video.md#renditions and bench/transcode.py.
"""

from dataclasses import dataclass
from typing import Literal

from content_server.media.media_kinds import MediaKind

RECIPE_VERSION = {MediaKind.IMAGE: 1, MediaKind.VOICE: 3, MediaKind.CAPTIONS: 1}

VOICE_LUFS = -16.0  # one loudness for all voices, so that nobody has to adjust the volume
VOICE_PEAK_DB = -3.0  # headroom, because a lossy codec raises peaks
VOICE_PADDING_MS = 120  # silence kept at both ends of a voice


@dataclass(frozen=True)
class ImageRung:
    """One still picture: format, largest width, byte limits for a screenshot and for a photo.

    The search for the smallest file stops once SSIM is at most `ssim_tolerance` above the target.
    """

    name: str
    format: Literal["AVIF", "WEBP", "JPEG"]
    content_type: str
    suffix: str
    width_px: int
    screenshot_bytes: int
    photo_bytes: int
    ssim_tolerance: float = 0.0


@dataclass(frozen=True)
class VoiceRung:
    """One recording, always mono."""

    name: str
    codec: Literal["libopus", "aac", "libmp3lame"]
    content_type: str
    suffix: str
    rate_kbps: int
    sample_rate_hz: int


@dataclass(frozen=True)
class LessonVideoRung:
    """A whole lesson as a film: pictures that stand still, one voice after another.

    Small enough for a chat (≤ 1.2 MB a minute), plain enough for a television's USB port: H.264
    main, a steady beat, 16:9 (docs/research/trainers.md#film-for-televisions).
    """

    width_px: int = 854
    height_px: int = 480
    fps: int = 10
    crf: int = 25
    preset: str = "veryfast"
    profile: str = "main"
    level: str = "3.1"
    keyframe_every_s: int = 5
    audio_kbps: int = 48
    audio_rate_hz: int = 44_100


LESSON_VIDEO = LessonVideoRung()

# Best first: a page offers them in this order and the phone takes the first format it supports.
IMAGE_LADDER = (
    ImageRung("avif-360", "AVIF", "image/avif", ".avif", 360, 20_000, 30_000),
    ImageRung("webp-360", "WEBP", "image/webp", ".webp", 360, 30_000, 45_000),
    ImageRung("jpeg-360", "JPEG", "image/jpeg", ".jpg", 360, 45_000, 60_000),
    ImageRung("avif-720", "AVIF", "image/avif", ".avif", 720, 50_000, 80_000),
    ImageRung("webp-720", "WEBP", "image/webp", ".webp", 720, 75_000, 120_000),
    ImageRung("jpeg-720", "JPEG", "image/jpeg", ".jpg", 720, 110_000, 160_000),
)

VOICE_LADDER = (
    VoiceRung("opus", "libopus", "audio/ogg", ".opus", 16, 48_000),
    VoiceRung("aac", "aac", "audio/mp4", ".m4a", 24, 22_050),
    # For televisions, PowerPoint and loudspeakers; pages never use it. One rate for all voices, so
    # that the frames of several joined are a valid file (audio/mp3.py).
    VoiceRung("mp3", "libmp3lame", "audio/mpeg", ".mp3", 40, 24_000),
)


def recipe_of(kind: MediaKind) -> str:
    """Return the recipe name of today's ladder, e.g. "voice-1".

    A clip's renditions have a recipe for each rung: clip_ladder.ClipRung.recipe.
    """
    return f"{kind}-{RECIPE_VERSION[kind]}"


def image_rungs_for(width_px: int, ladder: tuple[ImageRung, ...]) -> tuple[ImageRung, ...]:
    """Return the rungs to make of a picture: nothing is enlarged, no size is made twice."""
    smallest = min(rung.width_px for rung in ladder)
    narrower = {rung.width_px for rung in ladder if rung.width_px < width_px}
    useful = narrower | {min((r.width_px for r in ladder if r.width_px >= width_px), default=0)}
    return tuple(rung for rung in ladder if rung.width_px in useful | {smallest})
