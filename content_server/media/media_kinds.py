"""The values all media code shares: kinds of media and clips, probed facts, encoded files."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from content_server.phrases import Phrase


class MediaKind(StrEnum):
    """The kinds of source an editor hands in; drawn screens are text, not media."""

    IMAGE = "image"
    VOICE = "voice"
    CLIP = "clip"
    CAPTIONS = "captions"


class ClipKind(StrEnum):
    """What a clip shows; each kind has its own ladder (clip_ladder)."""

    SCREEN = "screen"  # a phone's screen, recorded: flat areas and letters
    SLIDES = "slides"  # pictures at rest or slowly gliding, one after another
    NATURAL = "natural"  # camera footage: everything moves a little, all the time


@dataclass(frozen=True)
class StoredFile:
    """A media file that is in the store: its digest, kind, name for people, and size."""

    digest: str
    kind: MediaKind
    name: str
    size_bytes: int


@dataclass(frozen=True)
class MediaInfo:
    """What a probe found in a source. Width and height (px) are as displayed, after rotation.

    `rotation` (degrees, mostly 0) is informative only. `frames` counts the coded frames of the
    first video track; `fps` is their mean over the duration, `base_fps` the frame rate of the
    container (larger than `fps` for uneven recordings), 0.0 when unknown.
    """

    kind: MediaKind
    container: str = ""
    duration_ms: int = 0
    width: int = 0
    height: int = 0
    rotation: int = 0
    fps: float = 0.0
    base_fps: float = 0.0
    frames: int = 0
    is_interlaced: bool = False
    is_hdr: bool = False
    has_video: bool = False
    has_audio: bool = False
    audio_channels: int = 0

    @property
    def short_side_px(self) -> int:
        return min(self.width, self.height)


@dataclass(frozen=True)
class EncodedFile:
    """One rendition in the job folder, before it is put into the store.

    `rung` is the rendition's name in its ladder; `note` is a hint for the editor.
    """

    rung: str
    path: Path
    content_type: str
    width_px: int | None = None
    height_px: int | None = None
    duration_ms: int | None = None
    note: Phrase | None = None


@dataclass(frozen=True)
class TrimRange:
    """The part of a recording or clip that is kept, in ms of its source, and the gain of its sound.

    Its field names are keys of cached analyses.
    """

    start_ms: int
    end_ms: int
    gain_db: float = 0.0

    @property
    def length_s(self) -> float:
        return (self.end_ms - self.start_ms) / 1000
