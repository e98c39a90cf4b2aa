"""Starts programs as a person does, and serves what is measured on free ports."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from measuring.bench import CONTENT_SERVER, Bench

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def run_program(*command: object, environment: Mapping[str, str] | None = None) -> str:
    """Run `command` to its end; return its words, or end with them when it fails."""
    done = subprocess.run(  # noqa: S603  # programs of this project, fixed above
        [str(part) for part in command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stdout[-2000:]}")
    return done.stdout


@contextmanager
def run_server(address: str, *command: object, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a server until the block ends; yield `address` once it answers 200."""
    with subprocess.Popen(  # noqa: S603  # as above
        [str(part) for part in command], env=environment, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until_s = time.monotonic() + 60
            while not is_up(address):
                if process.poll() is not None or time.monotonic() > until_s:
                    sys.exit(f"{command[0]} does not answer")
                time.sleep(0.01)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/", timeout=20) as answer:  # noqa: S310  # our own http
            return bool(answer.status == 200)  # noqa: PLR2004  # HTTP's own number
    except OSError:
        return False


def serve_data(bench: Bench) -> AbstractContextManager[str]:
    """Return the server over the bench's data, on a free port."""
    port = free_port()
    return run_server(
        f"http://127.0.0.1:{port}",
        *(CONTENT_SERVER, "serve", "--data", bench.data, "--port", port),
        environment=bench.server_environment(),
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_s(process: int) -> float:
    """Return user and system time of a process and its children that still run."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return sum(_ticks(int(each)) for each in (str(process), *children)) / TICKS_A_SECOND


def _ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
