"""The values of a comparison: the source clip, a file made of it, and the file's figures."""

from dataclasses import dataclass
from pathlib import Path

from content_server.media.media_kinds import ClipKind, MediaInfo, TrimRange
from measuring.clips.counting_job_directory import CountingJobDirectory


@dataclass(frozen=True)
class SourceClip:
    """A source in its job directory; `text_file` holds its legible text, if known."""

    name: str
    job_directory: CountingJobDirectory
    kind: ClipKind
    text_file: Path | None

    @property
    def info(self) -> MediaInfo:
        return self.job_directory.info

    @property
    def length_s(self) -> float:
        return self.info.duration_ms / 1000

    @property
    def whole(self) -> TrimRange:
        return TrimRange(0, self.info.duration_ms)


@dataclass(frozen=True)
class MeasuredFile:
    """One finished file, the part of its clip it shows, and its cost.

    `cpu_s` and `wall_s` include the search; `own_cpu_s` is the part outside ffmpeg, in our own
    program, `by_hand_cpu_s` that of encodes and trials; `encodes` counts those of its search.
    """

    maker: str
    rung: str
    path: Path
    cut: TrimRange
    cpu_s: float
    wall_s: float
    own_cpu_s: float = 0.0
    by_hand_cpu_s: float = 0.0
    encodes: int = 1


@dataclass(frozen=True)
class ClipResult:
    """One row of the comparison. A quality that cannot be measured is None."""

    clip: str
    kind: str
    maker: str
    rung: str
    width_px: int
    height_px: int
    kb_a_minute: float
    sound_kb_a_minute: float
    vmaf_mean: float | None
    vmaf_p5: float | None
    misread_share: float | None  # share of letters, 0.0 … 1.0
    source_misread_share: float | None
    cpu_s_a_s: float
    wall_s_a_s: float
    outside_share: float  # of its processor time, outside ffmpeg
    by_hand_share: float  # of its processor time, in encodes and the search
    encodes: int

    @property
    def is_ours(self) -> bool:
        return self.maker == OURS


OURS = "ours"
