"""Runs one media tool under limits and leaves none behind; nothing else starts a process."""

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

from content_server.errors import EncodeCancelled, EncodeFailed, EncodeTimedOut
from content_server.phrases import _

LAUNCHER = Path(__file__).with_name("sandbox.py")
READ_BYTES = 64 * 1024
HEAD_BYTES, TAIL_BYTES = 16 * 1024, 48 * 1024  # kept of what a tool says: its first and last words
LOOK_AROUND_S = 0.1  # how often time and wish to cancel are looked at
WORDS_LENGTH = 200

Progress = Callable[[float], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Limits:
    """What one process may use. Figures per medium are in bounds.py."""

    cpu_s: int
    wall_s: float
    memory_bytes: int
    file_size_bytes: int
    open_files: int = 256


@dataclass(frozen=True)
class Manners:
    """How far a tool stands back behind everything else: niceness 0–19; no cores means all."""

    niceness: int = 19
    cores: tuple[int, ...] = ()


manners = Manners()  # of this process's tools, set once when the house is opened


@dataclass(frozen=True)
class Finished:
    """A tool that ended well.

    `stderr` holds at most its first 16 and last 48 kB; `frames` and `done_s` are what -progress
    counted.
    """

    stderr: str
    frames: int
    done_s: float
    wall_s: float


def run(  # noqa: PLR0913  # what runs, where, and who listens
    argv: Sequence[str],
    limits: Limits,
    folder: Path,
    on_progress: Progress | None = None,
    is_cancelled: Cancelled | None = None,
    *,
    is_waited_for: bool = False,
) -> Finished:
    """Run `argv` in `folder`; `on_progress` hears the seconds of medium done so far.

    What a person waits for does not stand back behind other work.

    Raises EncodeFailed with the tool's last words, EncodeTimedOut, EncodeCancelled. Whatever
    happens, the process and its children are gone and waited for when this returns.
    """
    with subprocess.Popen(
        _caged(argv, limits, 0 if is_waited_for else manners.niceness),
        cwd=folder,
        env={},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    ) as process:
        watch = _Watch(process, limits, on_progress, is_cancelled)
        try:
            watch.until_end()
        finally:
            _end_group(process)
    return watch.verdict(folder)


def _caged(argv: Sequence[str], limits: Limits, niceness: int) -> list[str]:
    figures = (
        os.getpid(),
        limits.cpu_s,
        limits.memory_bytes,
        limits.file_size_bytes,
        limits.open_files,
        niceness,
        ",".join(map(str, manners.cores)) or "all",
    )
    # -I -S: nothing from the environment or site-packages, and a start in some 15 ms.
    return [sys.executable, "-I", "-S", str(LAUNCHER), *map(str, figures), *argv]


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group, also when its leader ended well: a child of it may linger."""
    with suppress(ProcessLookupError, PermissionError):  # gone already (macOS: a zombie)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass
class _Counted:
    """What -progress has said: lines of name=value, a block every half second."""

    frames: int = 0
    done_s: float = 0.0
    rest: bytes = b""

    def hear(self, data: bytes) -> bool:
        """Take the next bytes; True when the time moved on."""
        *lines, rest = (self.rest + data).split(b"\n")
        self.rest = rest[-READ_BYTES:]
        before_s = self.done_s
        for line in lines:
            name, _equals, value = line.partition(b"=")
            if name == b"frame" and value.strip().isdigit():
                self.frames = int(value)
            elif name == b"out_time_us" and value.strip().isdigit():
                # sound may be ahead of the picture when a picture is first heard of
                self.done_s = max(self.done_s, int(value) / 1e6)
        return self.done_s > before_s


@dataclass
class _Watch:
    """Listens to one process until it ends, is told to end, or has used its time."""

    process: subprocess.Popen[bytes]
    limits: Limits
    on_progress: Progress | None
    is_cancelled: Cancelled | None
    started_s: float = field(default_factory=time.monotonic)
    head: bytearray = field(default_factory=bytearray)
    tail: bytearray = field(default_factory=bytearray)
    counted: _Counted = field(default_factory=_Counted)

    def until_end(self) -> None:
        stdout, stderr = self.process.stdout, self.process.stderr
        with selectors.DefaultSelector() as selector:
            for pipe in (stdout, stderr):
                if pipe is not None:
                    selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                self._look_around()
                for key, _events in selector.select(LOOK_AROUND_S):
                    data = os.read(key.fd, READ_BYTES)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is stdout:
                        self._hear_progress(data)
                    else:
                        self._hear_words(data)
        while not self._has_ended():
            self._look_around()

    def _has_ended(self) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(LOOK_AROUND_S)
        return self.process.returncode is not None

    def _look_around(self) -> None:
        if self.is_cancelled is not None and self.is_cancelled():
            raise EncodeCancelled(_("Đã dừng theo yêu cầu."))
        if time.monotonic() - self.started_s > self.limits.wall_s:
            raise EncodeTimedOut(
                _("Làm mãi chưa xong nên máy đã dừng. Hãy cắt ngắn tệp rồi đưa lên lại.")
            )

    def _hear_progress(self, data: bytes) -> None:
        if self.counted.hear(data) and self.on_progress is not None:
            self.on_progress(self.counted.done_s)

    def _hear_words(self, data: bytes) -> None:
        room = HEAD_BYTES - len(self.head)
        self.head += data[:room]
        self.tail += data[room:]
        del self.tail[:-TAIL_BYTES]

    def verdict(self, folder: Path) -> Finished:
        words = (self.head + self.tail).decode("utf-8", "replace")
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
                _("Máy không xử lý được tệp này. Máy báo: {words}", words=last_words(words, folder))
            )
        wall_s = time.monotonic() - self.started_s
        return Finished(words, self.counted.frames, self.counted.done_s, wall_s)


def last_words(stderr: str, folder: Path) -> str:
    """Shorten what a tool said to its last two lines, without addresses in memory or paths."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    words = " · ".join(lines[-2:]).replace(str(folder), "")
    words = re.sub(r" @ 0x[0-9a-f]+", "", words)
    words = re.sub(r"(?:file:)?/\S*/", "", words)
    return words[-WORDS_LENGTH:] or "?"


def has_own_network(folder: Path) -> bool:
    """Tell whether the kernel lets us shut a tool in a network of its own, where nothing is."""
    tell = "import os, sys; sys.stderr.write(os.readlink('/proc/self/ns/net'))"
    limits = Limits(cpu_s=5, wall_s=10, memory_bytes=1 << 30, file_size_bytes=1 << 20)
    try:
        theirs = run([sys.executable, "-I", "-S", "-c", tell], limits, folder).stderr
        return theirs.strip() != Path("/proc/self/ns/net").readlink().name
    except (EncodeFailed, OSError):  # no /proc: no Linux
        return False
