"""Which renditions are made of each clip, by what it shows: plain data, versioned.

Change a rung here and raise its version in the same commit, as in ladder: what was made before
stays valid until the new one exists. Figures: measured, see research on video §2 and §6, and the
bench (bench/transcode.py).
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
class Target:
    """The least quality of a rendition: VMAF on average, and of its worst twentieth (p5).

    `legible` is the share of structure that must be left of the worst letters of a picture at rest
    (quality.legibility); 0.0 where nothing is to be read.
    """

    mean: float
    p5: float
    legible: float = 0.0


@dataclass(frozen=True)
class ClipRung:
    """One moving picture with its sound. `crf` is where the search begins, `crfs` how far it goes.

    Sized by the short side: scaled by height, a portrait recording is 136 px wide at "240" and
    half of its letters cannot be read (measured: research on video §2).
    """

    name: Literal["compat", "lean", "stills"]
    version: int
    codec: Literal["libx264", "libsvtav1", "libaom-av1"]
    preset: str
    crf: int
    crfs: tuple[int, int]
    short_side_px: int
    target: Target
    sound: SoundRung
    encodes: int  # the most a search may make, the last one included
    sample_s: float  # of the clip, looked at by the search, at most; 0: only the whole is
    sample_share: float = 0.4  # and at most this share of it
    sample_part_s: float = 4.0  # shorter ones flatter nobody: what rests takes a while to be sharp
    sample_vmaf: float = -1.0  # by which a sample looks better than the whole (measured)
    slope: float = -0.6  # VMAF a crf, before anything is known (measured: research on video §2)
    near: float = 0.4  # VMAF points above the target with which the whole is near enough
    most_kb_a_minute: int | None = None  # of a rung that is not searched but weighed
    judged_px: int | None = None  # short side at which it is compared; None: its own
    is_screen: bool = False
    rest_every: int = 1  # of the pictures at rest, one in so many is told again
    greatest_fps: int = 30
    keyframe_every_s: int = 20  # every ten made camera films 6 % larger (measured)
    suffix: str = ".mp4"

    @property
    def recipe(self) -> str:
        return f"{self.name}-{self.version}"

    @property
    def as_judged(self) -> "ClipRung":
        """Return the rung whose pictures this one is compared with."""
        return replace(self, short_side_px=self.judged_px or self.short_side_px)

    @property
    def step(self) -> float:
        """The least change of crf that is tried: a whole one is 12 % of the bytes of H.264."""
        return {"libx264": 0.1, "libsvtav1": 0.25, "libaom-av1": 1.0}[self.codec]


_AAC = SoundRung("aac", 16, 16_000)  # 126 kB a minute, for phones of before 2018; as far as Opus
_OPUS = SoundRung("libopus", 12, 48_000)  # 60 ms frames: 90 kB a minute, speech up to 8 kHz
_LETTERS = 0.8  # below this letters run together (measured: tests/test_quality.py)


# H.264 that Android 5 and iOS 12 play: High, level 3.1, three reference pictures. One try on an
# eighth of the clip points at a setting, and the whole is made again only where that misled it, so
# that a lesson is published in its own length.
_compat = partial(
    ClipRung,
    name="compat",
    version=4,
    codec="libx264",
    crfs=(18, 51),
    sound=_AAC,
    encodes=3,
    sample_s=8.0,
    sample_share=0.12,
)
_av1 = partial(ClipRung, codec="libsvtav1", sound=_OPUS, sample_s=16.0)
_lean = partial(_av1, name="lean", version=3, crfs=(30, 70), encodes=6)  # >63: its own words


def _stills(*, crf: int, short_side_px: int, most_kb_a_minute: int) -> ClipRung:
    """Give the pictures at rest, one after another, with the voice.

    Nothing is searched: what weighs too much is made again, coarser, as far as crf 63.
    """
    return _av1(
        name="stills",
        version=4,
        target=Target(0.0, 0.0),
        preset="4",
        crf=crf,
        crfs=(crf, 63),
        short_side_px=short_side_px,
        encodes=3,
        is_screen=True,
        most_kb_a_minute=most_kb_a_minute,
    )


# Made in this order: compat is published at once, the others when nothing else waits.
# Screens keep their size: 720 px at crf 60 is smaller than 480 px at crf 45, and 4-7 VMAF better
# (measured: research on video §0). Photographs do so in AV1 alone, where 576 px weigh the same; in
# H.264 they weigh a fifth less than 720 px of the same VMAF, and are quicker made (measured on
# photographs that rest and that glide).
CLIP_LADDER: dict[ClipKind, tuple[ClipRung, ...]] = {
    ClipKind.SCREEN: (
        _compat(
            target=Target(90.0, 84.0),
            preset="medium",
            crf=40,
            slope=-0.7,
            near=0.4,
            short_side_px=720,
        ),
        _stills(crf=52, short_side_px=720, most_kb_a_minute=265),
        _lean(
            target=Target(94.0, 90.0, _LETTERS),
            preset="4",
            crf=63,
            short_side_px=720,
            is_screen=True,
        ),
    ),
    ClipKind.SLIDES: (
        # A whole takes a third of its own length, so one must do: near enough is wide here, and
        # parts are short, for every photograph is another clip (measured: they say 0.4-1.3 VMAF
        # more than the whole).
        _compat(
            version=5,
            target=Target(87.5, 72.0),
            preset="slow",
            crf=29,
            slope=-1.1,
            near=2.4,
            short_side_px=576,
            judged_px=720,
            sample_s=10.0,
            sample_share=0.25,
            sample_part_s=2.0,
            sample_vmaf=0.9,
        ),
        # Photographs of 480 px weigh what those of 720 px weigh at an equal VMAF (measured), and a
        # phone held upright shows no more.
        _stills(crf=48, short_side_px=480, most_kb_a_minute=147),
        # A key picture in the middle of a photograph costs as much as a new one.
        # libaom follows a slow zoom as a whole, up to preset 4: a third smaller than SVT-AV1 at 95
        # when photographs glide, for four times the work. At rest a quarter of the pictures does:
        # 11 % smaller, and less than half the work (measured on photographs of both kinds).
        _lean(
            version=4,
            codec="libaom-av1",
            target=Target(89.0, 74.0),
            preset="4",
            crf=59,
            crfs=(30, 63),
            slope=-0.5,
            near=0.6,
            short_side_px=720,
            rest_every=4,
            keyframe_every_s=40,
        ),
    ),
    ClipKind.NATURAL: (
        # Four seconds of a camera stand for nothing (measured: 3 VMAF too good); small as it is,
        # all of it is tried.
        _compat(
            target=Target(87.0, 74.0),
            preset="veryslow",
            crf=31,
            slope=-1.9,
            near=0.3,
            short_side_px=360,
            sample_s=0.0,
        ),
        _lean(
            target=Target(90.0, 78.0),
            preset="2",
            crf=50,
            short_side_px=360,
            near=0.25,
            sample_vmaf=0.3,
        ),
    ),
}
LOOK_VERSION = 3  # of what is found out about a clip before anything is made of it

# There are many of these, each in three formats: a third fewer tries cost 2 % of their bytes.
_NEAR = 0.003

# The most telling stills, for paper, for pages and for phones that play no AV1.
STRIP_STILLS = (4, 6)
STRIP_LADDER = (
    ImageRung("avif", "AVIF", "image/avif", ".avif", 480, 15_000, 15_000, _NEAR),
    ImageRung("webp", "WEBP", "image/webp", ".webp", 480, 25_000, 25_000, _NEAR),
    ImageRung("jpeg", "JPEG", "image/jpeg", ".jpg", 480, 35_000, 35_000, _NEAR),
)

# The still shown before play. It comes beside the first bytes of the film where somebody taps at
# once: each 1.5 kB of it is a tenth of a second of silence on 120 kbit/s.
POSTER_LADDER = (
    ImageRung("poster-avif", "AVIF", "image/avif", ".avif", 360, 8_000, 12_000, _NEAR),
    ImageRung("poster-webp", "WEBP", "image/webp", ".webp", 360, 12_000, 16_000, _NEAR),
    ImageRung("poster-jpeg", "JPEG", "image/jpeg", ".jpg", 360, 16_000, 20_000, _NEAR),
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
