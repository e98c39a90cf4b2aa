"""Starts one media tool in a small cage: limits, low priority, and death together with its parent.

The runner starts this file with a bare interpreter, and it becomes the tool (exec). A fresh program
instead of code between fork and exec: that code may deadlock when the server has threads.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h
NICENESS = 10


def main(arguments: list[str]) -> None:
    """Take `parent cpu_s memory_bytes file_bytes open_files tool argument…` and become the tool."""
    parent, cpu_s, memory_bytes, file_bytes, open_files = map(int, arguments[:5])
    _die_with(parent)
    os.nice(NICENESS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, cpu_s)  # soft = hard: SIGKILL, for ffmpeg ends "well" on SIGXCPU
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, open_files)
    # Python ignores these two and the tool would inherit it: a full output must stop the tool.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execve(arguments[5], arguments[5:], {})  # noqa: S606  # no shell is what we want


def _die_with(parent: int) -> None:
    if sys.platform == "linux":  # elsewhere a tool outlives a killed server until its time limit
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent died before the line above
        os._exit(1)


def _limit(what: int, most: int) -> None:
    """Lower one limit, never above what we were given ourselves."""
    ceiling = resource.getrlimit(what)[1]
    if ceiling != resource.RLIM_INFINITY:
        most = min(most, ceiling)
    try:
        resource.setrlimit(what, (most, most))
    except (ValueError, OSError):
        if sys.platform == "linux":  # macOS has no working RLIMIT_AS
            raise


if __name__ == "__main__":
    main(sys.argv[1:])
