"""The bench one clip is worked on: its folder, its limits, and how the tools are run there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from content_server.media import limits as bounds
from content_server.media.ffmpeg import commands, runner
from content_server.media.ffmpeg.probe import probe
from content_server.media.media_kinds import MediaInfo, MediaKind

SLOWEST = 40  # seconds of processor for a second of clip, at most
MEMORY_BYTES = 3 << 30  # of addresses; what is really used stays under 1 GB

Share = Callable[[float], None]  # hears how much of the work is done, 0.0 … 1.0


def _quiet(_share: float) -> None:
    """Hear nothing."""


@dataclass(frozen=True)
class JobDirectory:
    """A source in its folder, ready to be worked on. `tell` hears the share done of this work."""

    source: Path
    folder: Path
    info: MediaInfo
    limits: runner.Limits
    threads: int = commands.THREADS
    tell: Share = _quiet
    is_cancelled: Callable[[], bool] | None = None

    def run(self, argv: list[str], length_s: float = 0.0) -> runner.Finished:
        """Run a command; with its length in seconds of medium, its progress is told."""
        heard = (lambda done_s: self.tell(min(done_s / length_s, 1.0))) if length_s else None
        return runner.run(argv, self.limits, self.folder, heard, self.is_cancelled)

    def said(self, argv: list[str]) -> str:
        """Run a command; return what it said."""
        return self.run(argv).stderr

    def telling(self, begin: float, end: float) -> "JobDirectory":
        """Return a bench whose whole work is the part from `begin` to `end` of this one's."""
        return replace(self, tell=lambda share: self.tell(begin + (end - begin) * share))


def open_job_directory(
    source: Path,
    folder: Path,
    *,
    threads: int = commands.THREADS,
    on_progress: Share | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> JobDirectory:
    """Probe a clip and return the bench for it.

    Raises MediumRefused for a file without pictures, too long, too large or not playable.
    """
    info = probe(source, MediaKind.CLIP)
    bounds.check_clip(info)
    limits = _limits_for(info, source.stat().st_size)
    tell = on_progress or _quiet
    return JobDirectory(source, folder, info, limits, threads, tell, is_cancelled)


def _limits_for(info: MediaInfo, source_bytes: int) -> runner.Limits:
    """Return what one command may use; an output never grows far beyond its source."""
    cpu_s = max(60, SLOWEST * info.duration_ms // 1000)
    sound_bytes = info.duration_ms * 2 * commands.WORKING_RATE_HZ // 1000
    return runner.Limits(
        cpu_s=cpu_s,
        wall_s=cpu_s * 2,
        memory_bytes=MEMORY_BYTES,
        file_size_bytes=max(4 * source_bytes, 2 * sound_bytes) + 600 * bounds.MB,
    )
