"""A media tool stays in its cage and is never left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from content_server.errors import EncodeCancelled, EncodeFailed, EncodeTimedOut
from content_server.media.ffmpeg import runner
from content_server.media.ffmpeg.runner import Limits, run_tool
from content_server.media.ffmpeg.sandbox import AUTOGROUP
from tests.support.media_files import FFMPEG

WIDE_LIMITS = Limits(cpu_s=20, wall_s=20, memory_bytes=2 << 30, file_size_bytes=50_000_000)
ENDLESS = [FFMPEG, "-nostdin", "-v", "error", "-progress", "pipe:1", "-f", "lavfi", "-i"]
ENDLESS += ["testsrc2=s=640x360:r=30", "-c:v", "libx264", "-f", "null", "-"]


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


def is_gone(pid: int) -> bool:
    """True when no such process exists; a zombie still exists."""
    return not Path(f"/proc/{pid}").exists()


def is_dead(pid: int) -> bool:
    """True when it no longer runs; an orphan may stay a zombie where init collects none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def dies_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not is_dead(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_dead(pid)


def wait_for_pid(path: Path) -> int:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text()).endswith("\n"):
            return int(text)
        time.sleep(0.02)
    raise AssertionError(path)


def test_a_tool_sees_no_environment_no_input_and_tight_limits(
    tmp_path: Path,
) -> None:
    code = (
        "import os, resource as r, sys\n"
        "print(dict(os.environ) in ({}, {'LC_CTYPE': 'C.UTF-8'}), sys.stdin.read() == '',\n"
        " os.nice(0), os.getsid(0) == os.getpid(), os.getcwd(),\n"
        " r.getrlimit(r.RLIMIT_CORE)[0], r.getrlimit(r.RLIMIT_CPU)[0],\n"
        " r.getrlimit(r.RLIMIT_AS)[0], r.getrlimit(r.RLIMIT_FSIZE)[0],\n"
        " r.getrlimit(r.RLIMIT_NOFILE)[0], file=sys.stderr)"
    )
    nice = os.nice(0) + 10
    priority = runner.ToolPriority(niceness=10)
    stderr = run_tool(python(code), WIDE_LIMITS, tmp_path, priority=priority).stderr
    assert stderr.split() == (
        f"True True {min(nice, 19)} True {tmp_path} 0 20 {2 << 30} 50000000 256".split()
    )


@pytest.mark.skipif(not Path(AUTOGROUP).exists(), reason="sessions are not grouped here")
def test_a_tool_stands_back_with_its_whole_session(
    tmp_path: Path,
) -> None:
    code = f"import sys; print(open('{AUTOGROUP}').read(), file=sys.stderr)"
    for niceness in (12, 0):
        priority = runner.ToolPriority(niceness=niceness)
        stderr = run_tool(python(code), WIDE_LIMITS, tmp_path, priority=priority).stderr
        assert stderr.split()[-2:] == ["nice", str(niceness)]


def test_progress_is_heard_in_seconds_of_medium(tmp_path: Path) -> None:
    heard: list[float] = []
    code = (
        "import time\n"
        "for n in (1, 2, 3):\n"
        "    print(f'frame={n * 25}\\nout_time_us={n * 500000}\\nprogress=continue', flush=True)\n"
        "    time.sleep(0.05)\n"
    )
    finished = run_tool(python(code), WIDE_LIMITS, tmp_path, heard.append)
    assert heard == [0.5, 1.0, 1.5]
    assert (finished.done_s, finished.frames) == (1.5, 75)


def test_a_flood_of_words_is_cut_to_its_first_and_last(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "sys.stderr.write('FIRST ' + 'x' * 20_000_000 + ' LAST')\n"
        "sys.stdout.write('y' * 20_000_000)\n"
    )
    said = run_tool(python(code), WIDE_LIMITS, tmp_path).stderr
    assert len(said) == 64 * 1024
    assert said.startswith("FIRST")
    assert said.endswith("LAST")


def test_a_failing_tool_is_quoted_shortly_and_without_paths(tmp_path: Path) -> None:
    code = f"import sys; sys.exit('long ago\\nfile:{tmp_path}/deep/in.mp4: moov atom not found')"
    with pytest.raises(EncodeFailed) as caught:
        run_tool(python(code), WIDE_LIMITS, tmp_path)
    assert "in.mp4: moov atom not found" in str(caught.value)
    assert "/" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.timed
def test_a_stubborn_tool_and_its_child_are_gone_after_the_time_limit(tmp_path: Path) -> None:
    code = (
        "import os, signal, time\n"
        "for kind in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n"
        "    signal.signal(kind, signal.SIG_IGN)\n"
        "name = 'child' if os.fork() == 0 else 'tool'\n"
        "open(name, 'w').write(f'{os.getpid()}\\n')\n"
        "time.sleep(60)\n"
    )
    started = time.monotonic()
    with pytest.raises(EncodeTimedOut):
        run_tool(python(code), replace(WIDE_LIMITS, wall_s=1), tmp_path)
    assert time.monotonic() - started < 2
    assert is_gone(wait_for_pid(tmp_path / "tool"))
    assert dies_within(wait_for_pid(tmp_path / "child"), 1)


def test_a_tool_that_falls_silent_with_closed_pipes_is_still_timed_out(tmp_path: Path) -> None:
    code = "import os, time; os.close(1); os.close(2); time.sleep(60)"
    with pytest.raises(EncodeTimedOut):
        run_tool(python(code), replace(WIDE_LIMITS, wall_s=0.5), tmp_path)


def test_a_stopped_tool_is_timed_out(tmp_path: Path) -> None:
    code = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"
    with pytest.raises(EncodeTimedOut):
        run_tool(python(code), replace(WIDE_LIMITS, wall_s=0.5), tmp_path)


def test_a_child_left_by_a_tool_that_ended_well_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.close(1); os.close(2)\n"
        "    open('child', 'w').write(f'{os.getpid()}\\n')\n"
        "    time.sleep(60)\n"
        "while not os.path.exists('child'): time.sleep(0.01)\n"
    )
    run_tool(python(code), WIDE_LIMITS, tmp_path)
    assert dies_within(wait_for_pid(tmp_path / "child"), 1)


@pytest.mark.parametrize("argv", [python("while True: pass"), ENDLESS], ids=["python", "ffmpeg"])
def test_processor_time_runs_out(tmp_path: Path, argv: list[str]) -> None:
    with pytest.raises(EncodeTimedOut):
        run_tool(argv, replace(WIDE_LIMITS, cpu_s=1), tmp_path)


def test_memory_runs_out_in_the_tool_alone(tmp_path: Path) -> None:
    with pytest.raises(EncodeFailed):
        run_tool(
            python("b'x' * 500_000_000"), replace(WIDE_LIMITS, memory_bytes=256 << 20), tmp_path
        )


def test_an_output_that_grows_too_large_stops_the_tool(tmp_path: Path) -> None:
    argv = [*ENDLESS[:-5], "-c:v", "rawvideo", "-f", "rawvideo", f"file:{tmp_path}/out"]
    with pytest.raises(EncodeFailed, match="lớn quá mức"):
        run_tool(argv, replace(WIDE_LIMITS, file_size_bytes=1_000_000), tmp_path)
    assert (tmp_path / "out").stat().st_size <= 1_000_000


@pytest.mark.timed
def test_cancelling_kills_ffmpeg_within_a_second(tmp_path: Path) -> None:
    wanted = threading.Event()
    moment: list[float] = []

    def on_progress(_done_s: float) -> None:
        if not wanted.is_set():
            moment.append(time.monotonic())
            wanted.set()

    with pytest.raises(EncodeCancelled):
        run_tool(ENDLESS, WIDE_LIMITS, tmp_path, on_progress, wanted.is_set)
    assert time.monotonic() - moment[0] < 1


def test_an_error_in_the_listener_does_not_leave_the_tool_running(tmp_path: Path) -> None:
    code = (
        "import os, time\n"
        "open('tool', 'w').write(f'{os.getpid()}\\n')\n"
        "print('out_time_us=1', flush=True)\n"
        "time.sleep(60)\n"
    )

    def broken(_done_s: float) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        run_tool(python(code), WIDE_LIMITS, tmp_path, broken)
    assert is_gone(wait_for_pid(tmp_path / "tool"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a death")
def test_ffmpeg_dies_with_a_killed_server(tmp_path: Path) -> None:
    code = (
        "import pathlib, threading\n"
        "from content_server.media.ffmpeg.runner import Limits, run_tool\n"
        f"limits, argv, folder = {WIDE_LIMITS!r}, {ENDLESS!r}, pathlib.Path({str(tmp_path)!r})\n"
        "work = threading.Thread(target=run_tool, args=(argv, limits, folder), daemon=True)\n"
        "work.start()\n"
        "print('started', flush=True)\n"
        "work.join()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as server:  # noqa: S603  # ours
        tool = _wait_for_child_running(server.pid, "ffmpeg")
        os.kill(server.pid, signal.SIGKILL)
        assert dies_within(tool, 2)


def _wait_for_child_running(parent: int, name: str) -> int:
    children = Path(f"/proc/{parent}/task")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for listed in children.glob("*/children"):
            for child in listed.read_text().split():
                if name in Path(f"/proc/{child}/cmdline").read_text().split("\0")[0]:
                    return int(child)
        time.sleep(0.02)
    raise AssertionError(name)


def test_many_threads_run_tools_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = [
            pool.submit(run_tool, python(f"import sys; sys.exit({n % 2})"), WIDE_LIMITS, tmp_path)
            for n in range(24)
        ]
        failed = [isinstance(done.exception(), EncodeFailed) for done in runs]
    assert failed == [bool(n % 2) for n in range(24)]


def test_a_tool_that_does_not_exist_is_a_named_error(tmp_path: Path) -> None:
    with pytest.raises(EncodeFailed):
        run_tool([str(tmp_path / "no-such-tool")], WIDE_LIMITS, tmp_path)
