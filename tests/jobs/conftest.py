"""A fresh database for each test of jobs: SQLite, and PostgreSQL where it is installed."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from content_server.db import Database
from tests.jobs.samples import prepare


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "content.sqlite3"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(new_postgres: Callable[[str], str]) -> str:
    url = new_postgres("")
    prepare(url)
    return url


@pytest.fixture
def sqlite_copy(tmp_path: Path, migrated_file: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path)}"


@pytest.fixture
def postgres_copy(new_postgres: Callable[[str], str], migrated_postgres: str) -> str:
    return new_postgres(migrated_postgres)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """Both databases; every promise below holds for each."""
    return str(request.getfixturevalue(f"{request.param}_copy"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database.open(url)
    yield database
    database.close()
