"""Which renditions are made of each clip, by what it shows: plain data, versioned.

Change a rung here and raise its version in the same commit, as in ladder: what was made before
stays valid until the new one exists. Figures: measured, docs/research/video.md#renditions and
bench/transcode.py.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from content_server.media.ladder import ImageRung
from content_server.media.media_kinds import ClipKind, MediaInfo


@dataclass(frozen=True)
class SoundRung:
    """The sound beside a moving picture, always mono."""

    codec: Literal["libopus", "aac"]
    rate_kbps: int
    sample_rate_hz: int


@dataclass(frozen=True)
class QualityTarget:
    """The least quality of a rendition: mean VMAF, and that of its worst twentieth (p5).

    `legible` is the least share of structure the worst letters of a picture at rest must keep
    (quality.legibility); 0.0 where there is no text.
    """

    mean: float
    p5: float
    legible: float = 0.0


@dataclass(frozen=True)
class ClipRung:
    """One rendition with its sound. The search starts at `crf` and stays within `crf_range`.

    Sized by the short side: scaled by height, a portrait recording is 136 px wide at "240" and
    half of its letters cannot be read (measured: docs/research/video.md#picture-size).
    """

    name: Literal["compat", "lean", "stills"]
    version: int
    codec: Literal["libx264", "libsvtav1", "libaom-av1"]
    preset: str
    crf: int
    crf_range: tuple[int, int]
    short_side_px: int
    target: QualityTarget
    sound: SoundRung
    max_encodes: int  # of a search, the last one included
    max_sample_s: float  # length of the sample the search encodes; 0: it encodes the whole clip
    max_sample_share: float = 0.4  # of the clip
    sample_part_s: float = 4.0  # shorter parts score too low: a picture at rest sharpens slowly
    sample_vmaf_bias: float = -1.0  # VMAF of a sample minus that of the whole clip (measured)
    vmaf_per_crf: float = -0.6  # VMAF a crf at the start: docs/research/video.md#search-slope
    tolerance_vmaf: float = 0.4  # points above the target within which no other crf is tried
    max_kb_per_minute: int | None = None  # of a rung encoded to a size, not to a quality
    judged_short_side_px: int | None = None  # size at which it is compared; None: its own
    is_screen: bool = False
    rest_every_nth: int = 1  # encode every n-th frame while the picture is at rest
    max_fps: int = 30
    keyframe_every_s: int = 20  # with 10 s camera footage is 6 % larger (measured)
    suffix: str = ".mp4"

    @property
    def recipe(self) -> str:
        return f"{self.name}-{self.version}"

    @property
    def as_judged(self) -> "ClipRung":
        """Return the rung whose pictures this one is compared with."""
        return replace(self, short_side_px=self.judged_short_side_px or self.short_side_px)

    @property
    def crf_step(self) -> float:
        """The smallest change of crf that is tried; one crf is 12 % of the bytes of H.264."""
        return {"libx264": 0.1, "libsvtav1": 0.25, "libaom-av1": 1.0}[self.codec]


_AAC = SoundRung("aac", 16, 16_000)  # 126 kB a minute, for phones of before 2018; as far as Opus
_OPUS = SoundRung("libopus", 12, 48_000)  # 60 ms frames: 90 kB a minute, speech up to 8 kHz
_LEGIBLE = (
    0.8  # below this letters run together (measured: tests/media/video/test_quality_search.py)
)


# H.264 that Android 5 and iOS 12 play: High, level 3.1, three reference frames. One trial on an
# eighth of the clip estimates the crf, and the whole is encoded again only where that was wrong,
# so that publishing a lesson takes no longer than the clip plays.
_compat = partial(
    ClipRung,
    name="compat",
    version=4,
    codec="libx264",
    crf_range=(18, 51),
    sound=_AAC,
    max_encodes=3,
    max_sample_s=8.0,
    max_sample_share=0.12,
)
_av1 = partial(ClipRung, codec="libsvtav1", sound=_OPUS, max_sample_s=16.0)
# Above crf 63 SVT-AV1 takes the value from its own parameters only (video_codec_options).
_lean = partial(_av1, name="lean", version=3, crf_range=(30, 70), max_encodes=6)


def _stills(*, crf: int, short_side_px: int, max_kb_per_minute: int) -> ClipRung:
    """Return the rung of the pictures at rest, one after another, with the voice.

    No quality is searched: a film over `max_kb_per_minute` is encoded again with a larger crf, up
    to 63.
    """
    return _av1(
        name="stills",
        version=4,
        target=QualityTarget(0.0, 0.0),
        preset="4",
        crf=crf,
        crf_range=(crf, 63),
        short_side_px=short_side_px,
        max_encodes=3,
        is_screen=True,
        max_kb_per_minute=max_kb_per_minute,
    )


# Made in this order: compat is required for publishing, the others are made in the background.
# Screens keep their size: 720 px at crf 60 is smaller than 480 px at crf 45, and 4-7 VMAF better
# (measured: docs/research/video.md#picture-size). Photographs do so in AV1 alone, where 576 px
# weigh the same; in H.264 they weigh a fifth less than 720 px of the same VMAF, and are quicker
# made (measured on photographs that rest and that glide).
CLIP_LADDER: dict[ClipKind, tuple[ClipRung, ...]] = {
    ClipKind.SCREEN: (
        _compat(
            target=QualityTarget(90.0, 84.0),
            preset="medium",
            crf=40,
            vmaf_per_crf=-0.7,
            tolerance_vmaf=0.4,
            short_side_px=720,
        ),
        _stills(crf=52, short_side_px=720, max_kb_per_minute=265),
        _lean(
            target=QualityTarget(94.0, 90.0, _LEGIBLE),
            preset="4",
            crf=63,
            short_side_px=720,
            is_screen=True,
        ),
    ),
    ClipKind.SLIDES: (
        # Encoding the whole takes a third of its length, so one encode must be enough: the
        # tolerance is wide. The parts of the sample are short because every photograph differs
        # (measured: they score 0.4-1.3 VMAF more than the whole).
        _compat(
            version=5,
            target=QualityTarget(87.5, 72.0),
            preset="slow",
            crf=29,
            vmaf_per_crf=-1.1,
            tolerance_vmaf=2.4,
            short_side_px=576,
            judged_short_side_px=720,
            max_sample_s=10.0,
            max_sample_share=0.25,
            sample_part_s=2.0,
            sample_vmaf_bias=0.9,
        ),
        # Photographs of 480 px weigh what those of 720 px weigh at an equal VMAF (measured), and a
        # phone held upright shows no more.
        _stills(crf=48, short_side_px=480, max_kb_per_minute=147),
        # A key frame in the middle of a photograph costs as much as a new photograph, hence 40 s.
        # libaom up to preset 4 models a slow zoom as one motion: when photographs glide it is a
        # third smaller than SVT-AV1 at VMAF 95, for four times the work. At rest every fourth
        # frame is enough: 11 % smaller, and less than half the work (measured on photographs that
        # rest and that glide).
        _lean(
            version=4,
            codec="libaom-av1",
            target=QualityTarget(89.0, 74.0),
            preset="4",
            crf=59,
            crf_range=(30, 63),
            vmaf_per_crf=-0.5,
            tolerance_vmaf=0.6,
            short_side_px=720,
            rest_every_nth=4,
            keyframe_every_s=40,
        ),
    ),
    ClipKind.NATURAL: (
        # Search on the whole clip: a 4 s sample of camera footage overestimates VMAF by 3 points
        # (measured), and at 360 px the whole is encoded quickly.
        _compat(
            target=QualityTarget(87.0, 74.0),
            preset="veryslow",
            crf=31,
            vmaf_per_crf=-1.9,
            tolerance_vmaf=0.3,
            short_side_px=360,
            max_sample_s=0.0,
        ),
        _lean(
            target=QualityTarget(90.0, 78.0),
            preset="2",
            crf=50,
            short_side_px=360,
            tolerance_vmaf=0.25,
            sample_vmaf_bias=0.3,
        ),
    ),
}
CLIP_ANALYSIS_VERSION = 3  # of ClipAnalysis

# Strips and posters are many, each in three formats: a third fewer encodes cost 2 % of their bytes
# (measured).
_SSIM_TOLERANCE = 0.003

# The most distinct stills, for paper, for pages and for phones that cannot play AV1.
STRIP_STILLS = (4, 6)
STRIP_LADDER = (
    ImageRung("avif", "AVIF", "image/avif", ".avif", 480, 15_000, 15_000, _SSIM_TOLERANCE),
    ImageRung("webp", "WEBP", "image/webp", ".webp", 480, 25_000, 25_000, _SSIM_TOLERANCE),
    ImageRung("jpeg", "JPEG", "image/jpeg", ".jpg", 480, 35_000, 35_000, _SSIM_TOLERANCE),
)

# The poster is shown before play. It loads beside the first bytes of the film when somebody taps
# at once: each 1.5 kB of it delays the sound by a tenth of a second on 120 kbit/s.
POSTER_LADDER = (
    ImageRung("poster-avif", "AVIF", "image/avif", ".avif", 360, 8_000, 12_000, _SSIM_TOLERANCE),
    ImageRung("poster-webp", "WEBP", "image/webp", ".webp", 360, 12_000, 16_000, _SSIM_TOLERANCE),
    ImageRung("poster-jpeg", "JPEG", "image/jpeg", ".jpg", 360, 16_000, 20_000, _SSIM_TOLERANCE),
)


def clip_rung(kind: ClipKind, name: str) -> ClipRung | None:
    """Return the rung of this name for such a clip; None where it is not offered."""
    return next((rung for rung in CLIP_LADDER[kind] if rung.name == name), None)


def size_for(rung: ClipRung, info: MediaInfo) -> tuple[int, int]:
    """Return (width, height) in px: by the short side, never enlarged, both even (yuv420p)."""
    scale = min(1.0, rung.short_side_px / max(1, info.short_side_px))
    return _even(info.width * scale), _even(info.height * scale)


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
