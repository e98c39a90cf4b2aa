"""The working directory of one clip's job: its folder, its limits, and how tools run in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from content_server.media import limits as source_limits
from content_server.media.ffmpeg import audio_commands, command_line, runner
from content_server.media.ffmpeg.probe import probe
from content_server.media.media_kinds import MediaInfo, MediaKind

MAX_CPU_S_PER_CLIP_S = 40
MEMORY_BYTES = 3 << 30  # of address space; resident memory stays under 1 GB

ProgressShare = Callable[[float], None]  # receives the share of the work done, 0.0 … 1.0


def _ignore_progress(_share: float) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class JobDirectory:
    """A probed clip, its folder and what tools may use; every tool runs in `folder`.

    `on_progress` receives the share of this job that is done.
    """

    source: Path
    folder: Path
    info: MediaInfo
    limits: runner.Limits
    threads: int = command_line.THREADS
    on_progress: ProgressShare = _ignore_progress
    is_cancelled: Callable[[], bool] | None = None
    priority: runner.ToolPriority = runner.NORMAL_PRIORITY

    def run(self, argv: list[str], length_s: float = 0.0) -> runner.ToolResult:
        """Run a command; with `length_s`, the seconds of its medium, report its progress."""

        def report(done_s: float) -> None:
            self.on_progress(min(done_s / length_s, 1.0))

        return runner.run_tool(
            argv,
            self.limits,
            self.folder,
            report if length_s else None,
            self.is_cancelled,
            priority=self.priority,
        )

    def run_for_stderr(self, argv: list[str]) -> str:
        """Run a command; return its stderr."""
        return self.run(argv).stderr

    def with_progress_range(self, begin: float, end: float) -> "JobDirectory":
        """Return the same directory for the part of the job from share `begin` to `end`."""
        return replace(
            self, on_progress=lambda share: self.on_progress(begin + (end - begin) * share)
        )


def open_job_directory(  # noqa: PLR0913  # the source, the folder, and how its tools run
    source: Path,
    folder: Path,
    *,
    threads: int = command_line.THREADS,
    on_progress: ProgressShare | None = None,
    is_cancelled: Callable[[], bool] | None = None,
    priority: runner.ToolPriority = runner.NORMAL_PRIORITY,
) -> JobDirectory:
    """Probe a clip and return the working directory of its job.

    Raises InvalidMedia for a file without pictures, too long, too large or not playable.
    """
    info = probe(source, MediaKind.CLIP, priority)
    source_limits.check_clip(info)
    return JobDirectory(
        source,
        folder,
        info,
        _limits_for(info, source.stat().st_size),
        threads,
        on_progress or _ignore_progress,
        is_cancelled,
        priority,
    )


def _limits_for(info: MediaInfo, source_bytes: int) -> runner.Limits:
    """Return what one command may use; no output grows far beyond its source."""
    cpu_s = max(60, MAX_CPU_S_PER_CLIP_S * info.duration_ms // 1000)
    sound_bytes = info.duration_ms * 2 * audio_commands.WORKING_RATE_HZ // 1000
    return runner.Limits(
        cpu_s=cpu_s,
        wall_s=cpu_s * 2,
        memory_bytes=MEMORY_BYTES,
        file_size_bytes=max(4 * source_bytes, 2 * sound_bytes) + 600 * source_limits.MB,
    )
