"""Starts one media tool in a small cage: limits, low priority, and death together with its parent.

The runner starts this file with a bare interpreter, and it becomes the tool (exec). A fresh program
instead of code between fork and exec: that code may deadlock when the server has threads.
"""

import ctypes
import os
import resource
import signal
import sys
import time
from contextlib import suppress

PR_SET_PDEATHSIG = 1  # linux/prctl.h
AUTOGROUP, AUTOGROUP_REST_S = "/proc/self/autogroup", 0.11  # it may be set ten times a second
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h


def main(arguments: list[str]) -> None:
    """Take the parent's pid, limits, manners and `tool argument…`, and become the tool."""
    parent, cpu_s, memory_bytes, file_bytes, open_files, niceness = map(int, arguments[:6])
    cores, tool = arguments[6], arguments[7:]
    _leave_the_network()  # first: new rights forget whom to die with
    _die_with(parent)
    _stand_back(niceness, cores)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, cpu_s)  # soft = hard: SIGKILL, for ffmpeg ends "well" on SIGXCPU
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, open_files)
    # Python ignores these two and the tool would inherit it: a full output must stop the tool.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execve(tool[0], tool, {})  # noqa: S606  # no shell is what we want


def _leave_the_network() -> None:
    """Go where no network is; silently stay where the kernel does not allow it (doctor says)."""
    if sys.platform == "linux":
        unshare = ctypes.CDLL(None).unshare
        if unshare(CLONE_NEWNET) != 0:  # root may, anyone else needs a user space of its own
            unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _stand_back(niceness: int, cores: str) -> None:
    os.nice(max(0, niceness))
    if niceness > 0 and os.access(AUTOGROUP, os.W_OK):
        _let_the_session_stand_back(niceness)
    if cores != "all" and sys.platform == "linux":
        with suppress(OSError, ValueError):  # a machine with fewer processors uses those it has
            os.sched_setaffinity(0, {int(core) for core in cores.split(",")})


def _let_the_session_stand_back(niceness: int) -> None:
    """Make all of our session nice: among sessions, the niceness of a process counts for nothing.

    Linux may share a machine evenly among sessions (sched(7), "The autogroup feature"), and a tool
    has one of its own. Measured beside an encode on two processors, p95: who wakes up waits some
    3 ms instead of 60.
    """
    for wait_s in (0.0, AUTOGROUP_REST_S):
        time.sleep(wait_s)
        with suppress(OSError):  # somebody else asked a moment ago
            os.write(os.open(AUTOGROUP, os.O_WRONLY), str(niceness).encode())  # closed by exec
            return


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
