"""What is measured of one file made of one clip, and the clip it was made of."""

from dataclasses import dataclass
from pathlib import Path

from content_server.media.media_kinds import ClipKind, MediaInfo, TrimRange
from measuring.films.counting import CountingBench


@dataclass(frozen=True)
class Clip:
    """A source on its bench; `words` is what can be read in it (see reading), if anyone knows."""

    name: str
    bench: CountingBench
    kind: ClipKind
    words: Path | None

    @property
    def info(self) -> MediaInfo:
        return self.bench.info

    @property
    def length_s(self) -> float:
        return self.info.duration_ms / 1000

    @property
    def whole(self) -> TrimRange:
        return TrimRange(0, self.info.duration_ms)


@dataclass(frozen=True)
class File:
    """One finished file, what it shows of its clip, and what it cost to make.

    `cpu_s` and `wall_s` hold all that was needed for it, searching included; `own_cpu_s` is the
    part spent outside ffmpeg, in our own program, `by_hand_cpu_s` that of encodes and the search;
    `encodes` are those of its search.
    """

    who: str
    rung: str
    path: Path
    cut: TrimRange
    cpu_s: float
    wall_s: float
    own_cpu_s: float = 0.0
    by_hand_cpu_s: float = 0.0
    encodes: int = 1


@dataclass(frozen=True)
class Found:
    """One row of the bench. Qualities are None where nothing of that kind is to be compared."""

    clip: str
    kind: str
    who: str
    rung: str
    width_px: int
    height_px: int
    kb_a_minute: float
    sound_kb_a_minute: float
    vmaf_mean: float | None
    vmaf_p5: float | None
    misread: float | None  # share of letters, 0.0 … 1.0
    misread_source: float | None
    cpu_s_a_s: float
    wall_s_a_s: float
    outside_share: float  # of its processor time, outside ffmpeg
    by_hand_share: float  # of its processor time, in encodes and the search
    encodes: int

    @property
    def is_ours(self) -> bool:
        return self.who == OURS


OURS = "ours"
