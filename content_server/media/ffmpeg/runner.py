"""Runs one media tool under limits and leaves no process behind.

Nothing else in content_server starts a process.
"""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from content_server.errors import EncodeCancelled, EncodeFailed, EncodeTimedOut
from content_server.phrases import _

if TYPE_CHECKING:  # at run time the image worker would pay for settings it never reads
    from content_server.settings import Settings

SANDBOX_PROGRAM = Path(__file__).with_name("sandbox.py")
READ_BYTES = 64 * 1024
HEAD_BYTES, TAIL_BYTES = 16 * 1024, 48 * 1024  # of stderr: its beginning and its end are kept
POLL_INTERVAL_S = 0.1  # between two checks of the time limit and of `is_cancelled`
MESSAGE_LENGTH = 200

ProgressCallback = Callable[[float], None]
CancelCheck = Callable[[], bool]


@dataclass(frozen=True)
class Limits:
    """What one process may use. The largest sources are given in media/limits.py."""

    cpu_s: int
    wall_s: float
    memory_bytes: int
    file_size_bytes: int
    open_files: int = 256


@dataclass(frozen=True)
class ToolPriority:
    """Scheduling of one tool: niceness 0 (normal) to 19 (last), and its processor cores.

    No cores means all of them.
    """

    niceness: int = 0
    cores: tuple[int, ...] = ()

    @classmethod
    def from_settings(cls, settings: "Settings") -> "ToolPriority":
        return cls(settings.tool_niceness, settings.tool_cores)


NORMAL_PRIORITY = ToolPriority()


@dataclass(frozen=True)
class ToolResult:
    """What a tool that succeeded left behind.

    `stderr` holds at most its first 16 and last 48 kB. `frames` and `done_s` (seconds of medium)
    come from ffmpeg's -progress; `wall_s` is the time the tool took.
    """

    stderr: str
    frames: int
    done_s: float
    wall_s: float


def run_tool(  # noqa: PLR0913  # what runs, where, how, and its callbacks
    argv: Sequence[str],
    limits: Limits,
    folder: Path,
    on_progress: ProgressCallback | None = None,
    is_cancelled: CancelCheck | None = None,
    *,
    priority: ToolPriority = NORMAL_PRIORITY,
) -> ToolResult:
    """Run `argv` in `folder`; `on_progress` receives the seconds of medium done so far.

    Raises EncodeFailed with the end of the tool's stderr, EncodeTimedOut or EncodeCancelled. The
    process and its children are killed and reaped before this returns, also when it raises.
    """
    with subprocess.Popen(
        _sandbox_command(argv, limits, priority),
        cwd=folder,
        env={},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    ) as process:
        monitor = _ToolMonitor(process, limits, on_progress, is_cancelled)
        try:
            monitor.wait()
        finally:
            _end_group(process)
    return monitor.result(folder)


def _sandbox_command(argv: Sequence[str], limits: Limits, priority: ToolPriority) -> list[str]:
    numbers = (
        os.getpid(),
        limits.cpu_s,
        limits.memory_bytes,
        limits.file_size_bytes,
        limits.open_files,
        priority.niceness,
        ",".join(map(str, priority.cores)) or "all",
    )
    # -I -S: nothing from the environment or site-packages, and a start in some 15 ms (measured).
    return [sys.executable, "-I", "-S", str(SANDBOX_PROGRAM), *map(str, numbers), *argv]


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group, also when its leader succeeded: a child of it may still run."""
    with suppress(ProcessLookupError, PermissionError):  # gone already (macOS: a zombie)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass
class _ProgressParser:
    """Parses the output of -progress: lines of name=value, a block every half second."""

    frames: int = 0
    done_s: float = 0.0
    unparsed: bytes = b""

    def feed(self, data: bytes) -> bool:
        """Parse the next bytes; return whether `done_s` grew."""
        *lines, unparsed = (self.unparsed + data).split(b"\n")
        self.unparsed = unparsed[-READ_BYTES:]
        before_s = self.done_s
        for line in lines:
            name, _equals, value = line.partition(b"=")
            if name == b"frame" and value.strip().isdigit():
                self.frames = int(value)
            elif name == b"out_time_us" and value.strip().isdigit():
                # The sound may be ahead when the picture is first reported.
                self.done_s = max(self.done_s, int(value) / 1e6)
        return self.done_s > before_s


@dataclass
class _ToolMonitor:
    """Reads the output of one process until it ends, is cancelled, or has used its time."""

    process: subprocess.Popen[bytes]
    limits: Limits
    on_progress: ProgressCallback | None
    is_cancelled: CancelCheck | None
    started_s: float = field(default_factory=time.monotonic)
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    progress: _ProgressParser = field(default_factory=_ProgressParser)

    def wait(self) -> None:
        stdout, stderr = self.process.stdout, self.process.stderr
        with selectors.DefaultSelector() as selector:
            for pipe in (stdout, stderr):
                if pipe is not None:
                    selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                self._check_limits()
                for key, _events in selector.select(POLL_INTERVAL_S):
                    data = os.read(key.fd, READ_BYTES)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is stdout:
                        self._read_progress(data)
                    else:
                        self._append_stderr(data)
        while not self._has_exited():
            self._check_limits()

    def _has_exited(self) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(POLL_INTERVAL_S)
        return self.process.returncode is not None

    def _check_limits(self) -> None:
        if self.is_cancelled is not None and self.is_cancelled():
            raise EncodeCancelled(_("Đã dừng theo yêu cầu."))
        if time.monotonic() - self.started_s > self.limits.wall_s:
            raise EncodeTimedOut(
                _("Làm mãi chưa xong nên máy đã dừng. Hãy cắt ngắn tệp rồi đưa lên lại.")
            )

    def _read_progress(self, data: bytes) -> None:
        if self.progress.feed(data) and self.on_progress is not None:
            self.on_progress(self.progress.done_s)

    def _append_stderr(self, data: bytes) -> None:
        space = HEAD_BYTES - len(self.head)
        self.head += data[:space]
        self.tail += data[space:]
        del self.tail[:-TAIL_BYTES]

    def result(self, folder: Path) -> ToolResult:
        """Return what the tool did. Raises EncodeTimedOut, EncodeFailed."""
        stderr = (self.head + self.tail).decode("utf-8", "replace")
        returncode = self.process.returncode
        if returncode in {-signal.SIGKILL, -signal.SIGXCPU}:  # by the kernel: processor or memory
            raise EncodeTimedOut(
                _("Việc này quá sức máy nên đã phải dừng. Hãy cắt ngắn tệp rồi đưa lên lại.")
            )
        if returncode == -signal.SIGXFSZ:
            raise EncodeFailed(
                _("Tệp làm ra lớn quá mức cho phép nên máy đã dừng. Hãy đưa tệp khác.")
            )
        if returncode != 0:
            raise EncodeFailed(
                _(
                    "Máy không xử lý được tệp này. Máy báo: {words}",
                    words=summarize_stderr(stderr, folder),
                )
            )
        wall_s = time.monotonic() - self.started_s
        return ToolResult(stderr, self.progress.frames, self.progress.done_s, wall_s)


def summarize_stderr(stderr: str, folder: Path) -> str:
    """Return the last two lines of `stderr`, without memory addresses and folders."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    message = " · ".join(lines[-2:]).replace(str(folder), "")
    message = re.sub(r" @ 0x[0-9a-f]+", "", message)
    message = re.sub(r"(?:file:)?/\S*/", "", message)
    return message[-MESSAGE_LENGTH:] or "?"


def has_isolated_network(folder: Path) -> bool:
    """Return whether the kernel lets a tool run in an empty network namespace of its own."""
    print_namespace = "import os, sys; sys.stderr.write(os.readlink('/proc/self/ns/net'))"
    limits = Limits(cpu_s=5, wall_s=10, memory_bytes=1 << 30, file_size_bytes=1 << 20)
    try:
        argv = [sys.executable, "-I", "-S", "-c", print_namespace]
        namespace = run_tool(argv, limits, folder).stderr
        return namespace.strip() != Path("/proc/self/ns/net").readlink().name
    except (EncodeFailed, OSError):  # no /proc: not Linux
        return False
