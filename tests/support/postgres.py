"""A real PostgreSQL for one test run: its own cluster on a Unix socket, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.support.missing_programs import skip_or_fail

numbers = count(1)


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """A running cluster; its folder holds the socket. Without programs: skips, fails in CI."""
    programs = _programs()
    if programs is None:
        skip_or_fail("no PostgreSQL server programs (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="lessons-pg-"))  # short: a socket's path is ≤ 107 bytes
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    if user:
        shutil.chown(folder, user)

    def run(name: str, *arguments: str) -> None:
        command = [str(programs / name), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  # our own words only

    run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield folder
    finally:
        run("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def new_postgres(postgres_folder: Path) -> Callable[[str], str]:
    """Make a database like the one at another address ("": an empty one); return its address."""

    def make(like: str) -> str:
        name = f"test_{next(numbers)}"
        template = like.partition("@/")[2].partition("?")[0] or "template1"
        with psycopg.connect(host=str(postgres_folder), user="postgres", autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return f"postgresql+psycopg://postgres@/{name}?host={postgres_folder}"

    return make


@pytest.fixture
def postgres_url(new_postgres: Callable[[str], str]) -> str:
    """Return the address of a new, empty database."""
    return new_postgres("")


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))  # Debian keeps them off PATH
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None
