"""Sandbox of one media tool: resource limits, low priority, no network, death with its parent.

The runner starts this file with a bare interpreter, and it becomes the tool (exec). A program of
its own is used instead of code between fork and exec (subprocess's preexec_fn), which may deadlock
when the server has threads.
"""

import ctypes
import os
import resource
import signal
import sys
import time
from contextlib import suppress

PR_SET_PDEATHSIG = 1  # linux/prctl.h
AUTOGROUP, AUTOGROUP_RETRY_S = "/proc/self/autogroup", 0.11  # it may be set ten times a second
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h


def become_tool(arguments: list[str]) -> None:
    """Take the parent's pid, limits, priority and `tool argument…`, and become the tool."""
    parent, cpu_s, memory_bytes, file_bytes, open_files, niceness = map(int, arguments[:6])
    cores, tool = arguments[6], arguments[7:]
    _leave_network()  # first: a new user namespace resets the parent death signal
    _die_with(parent)
    _lower_priority(niceness, cores)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, cpu_s)  # soft = hard: SIGKILL, as ffmpeg exits with 0 on SIGXCPU
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, open_files)
    # Python ignores these two and the tool would inherit that: a full output must stop the tool.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execve(tool[0], tool, {})  # noqa: S606  # no shell is what we want


def _leave_network() -> None:
    """Enter an empty network namespace; do nothing where the kernel refuses (doctor reports it)."""
    if sys.platform == "linux":
        unshare = ctypes.CDLL(None).unshare
        if unshare(CLONE_NEWNET) != 0:  # root may, anyone else needs a user namespace as well
            unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _lower_priority(niceness: int, cores: str) -> None:
    os.nice(max(0, niceness))
    if niceness > 0 and os.access(AUTOGROUP, os.W_OK):
        _lower_session_priority(niceness)
    if cores != "all" and sys.platform == "linux":
        with suppress(OSError, ValueError):  # a machine with fewer processors uses those it has
            os.sched_setaffinity(0, {int(core) for core in cores.split(",")})


def _lower_session_priority(niceness: int) -> None:
    """Set the niceness of our session: the scheduler may ignore that of a process.

    Linux may share the processor evenly among sessions (sched(7), "The autogroup feature"), and a
    tool has a session of its own. Measured beside an encode on two processors, p95: a process that
    wakes up waits some 3 ms instead of 60 ms.
    """
    for wait_s in (0.0, AUTOGROUP_RETRY_S):
        time.sleep(wait_s)
        with suppress(OSError):  # the kernel refuses a second change within 0.1 s
            os.write(os.open(AUTOGROUP, os.O_WRONLY), str(niceness).encode())  # closed by exec
            return


def _die_with(parent: int) -> None:
    if sys.platform == "linux":  # elsewhere a tool outlives a killed server until its time limit
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent died before the line above
        os._exit(1)


def _limit(what: int, most: int) -> None:
    """Lower one limit, never above our own."""
    ceiling = resource.getrlimit(what)[1]
    if ceiling != resource.RLIM_INFINITY:
        most = min(most, ceiling)
    try:
        resource.setrlimit(what, (most, most))
    except (ValueError, OSError):
        if sys.platform == "linux":  # macOS has no working RLIMIT_AS
            raise


if __name__ == "__main__":
    become_tool(sys.argv[1:])
