"""Which renditions are made of each source: plain data, versioned.

Change a number here and raise the medium's RECIPE_VERSION in the same commit: the recipe is part
of a rendition's key, so old renditions stay valid until new ones exist. Figures: measured, see
research on video §2.3 for the audio rates, §6 for the H.264 settings.
"""

from dataclasses import dataclass
from typing import Literal

from content_server.media.medium import MediaInfo, Medium

RECIPE_VERSION = {Medium.IMAGE: 1, Medium.VOICE: 2, Medium.CLIP: 1, Medium.CAPTIONS: 1}

VOICE_LUFS = -16.0  # the level of every voice, so that nobody turns the phone up and down
VOICE_PEAK_DB = -3.0  # room for what a lossy codec adds to a peak
VOICE_EDGE_MS = 120  # silence kept at both ends: a breath, not a wait


@dataclass(frozen=True)
class ImageRung:
    """One still picture: format, greatest width, most bytes for a screenshot and for a photo."""

    name: str
    format: Literal["AVIF", "WEBP", "JPEG"]
    content_type: str
    suffix: str
    width_px: int
    screenshot_bytes: int
    photo_bytes: int


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
class ClipRung:
    """One moving picture with its sound.

    Sized by the short side: scaled by height, a portrait recording is 136 px wide at "240" and
    half of its letters cannot be read (measured: research on video §2).
    """

    name: str
    short_side_px: int
    crf: int
    preset: str = "medium"
    profile: str = "main"
    level: str = "3.1"
    reference_frames: int = 3
    greatest_fps: int = 30
    keyframe_every_s: int = 10
    audio_kbps: int = 24
    audio_rate_hz: int = 22_050
    content_type: str = "video/mp4"
    suffix: str = ".mp4"


@dataclass(frozen=True)
class FilmRung:
    """A whole lesson as a film: pictures that stand still, one voice after another.

    Small enough for a chat (≤ 1.2 MB a minute), plain enough for a television's USB port: H.264
    main, a steady beat, 16:9 (research: trainers §2.2 T8, video §6).
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


FILM = FilmRung()

Rung = ImageRung | VoiceRung | ClipRung

# Best first: a page offers them in this order and the phone takes the first it knows.
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
    # For televisions, PowerPoint and loudspeakers; pages never name it. One rate for all, so that
    # the frames of several voices put in a row are one file again (media/mp3.py).
    VoiceRung("mp3", "libmp3lame", "audio/mpeg", ".mp3", 40, 24_000),
)

CLIP_LADDER = (
    ClipRung("h264-240", 240, crf=28),
    ClipRung("h264-360", 360, crf=28),
)

# The still shown before play: small enough to lie on the page itself.
POSTER_LADDER = (
    ImageRung("poster-avif", "AVIF", "image/avif", ".avif", 360, 20_000, 30_000),
    ImageRung("poster-webp", "WEBP", "image/webp", ".webp", 360, 30_000, 30_000),
    ImageRung("poster-jpeg", "JPEG", "image/jpeg", ".jpg", 360, 30_000, 30_000),
)


def recipe_of(medium: Medium) -> str:
    """Return the name under which today's ladder files its renditions, e.g. "voice-1"."""
    return f"{medium}-{RECIPE_VERSION[medium]}"


def image_rungs_for(width_px: int, ladder: tuple[ImageRung, ...]) -> tuple[ImageRung, ...]:
    """Return the rungs worth making: nothing is enlarged, no size is made twice."""
    smallest = min(rung.width_px for rung in ladder)
    narrower = {rung.width_px for rung in ladder if rung.width_px < width_px}
    useful = narrower | {min((r.width_px for r in ladder if r.width_px >= width_px), default=0)}
    return tuple(rung for rung in ladder if rung.width_px in useful | {smallest})


def clip_rungs_for(short_side_px: int) -> tuple[ClipRung, ...]:
    """Return the rungs not above the source, and always the lowest."""
    return tuple(
        rung
        for place, rung in enumerate(CLIP_LADDER)
        if place == 0 or CLIP_LADDER[place - 1].short_side_px < short_side_px
    )


def rungs_for(info: MediaInfo) -> tuple[Rung, ...]:
    """Return the rungs of the right ladder that are worth making of this source."""
    match info.kind:
        case Medium.IMAGE:
            return image_rungs_for(info.width, IMAGE_LADDER)
        case Medium.VOICE:
            return VOICE_LADDER
        case Medium.CLIP:
            return clip_rungs_for(info.short_side_px)
        case Medium.CAPTIONS:
            return ()  # words are written out once, at no size


def size_for(rung: ClipRung, info: MediaInfo) -> tuple[int, int]:
    """Return (width, height) in px: by the short side, never enlarged, both even (yuv420p)."""
    scale = min(1.0, rung.short_side_px / max(1, info.short_side_px))
    return _even(info.width * scale), _even(info.height * scale)


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
