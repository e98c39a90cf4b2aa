"""Fixtures of all tests: small lessons, services over them, and the published starter lessons."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from content_server.app import create_app
from content_server.services import Services, open_services
from content_server.settings import Settings
from tests.support.lesson_files import LESSON, TRANSLATION, write_lessons
from tests.support.servers import run_uvicorn
from tests.support.starter_site import open_starter_services

pytest_plugins = ("tests.support.browser", "tests.support.postgres")


# What takes longest begins first, so that the last minute keeps every worker busy.
LONG = (
    "test_end_to_end",
    "test_every_page",
    "test_fuzz",
    "test_killed_ingest",
    "test_drafts",
    "test_killed_server",
)

# Beside other tests a tool that stands back would wait for all of them.
os.environ["CONTENT_SERVER_TOOL_NICENESS"] = "0"


# Folders whose tests need no encoder; those of them that need no browser and no clock are `unit`.
UNIT_FOLDERS = frozenset(
    {"accounts", "cli", "editorial", "jobs", "lessons", "reach", "site", "uploads", "web"}
)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        marked = item.get_closest_marker("browser") or item.get_closest_marker("timed")
        if folder in UNIT_FOLDERS and not marked:
            item.add_marker("unit")
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


@pytest.fixture
def lessons_dir(tmp_path: Path) -> Path:
    """A folder with one Vietnamese lesson and its Mông translation."""
    return write_lessons(tmp_path / "lessons", vi__tra_tien=LESSON, hmn__tra_tien=TRANSLATION)


@pytest.fixture
def settings(tmp_path: Path, lessons_dir: Path) -> Settings:
    media_dir = tmp_path / "media"
    media_dir.mkdir()
    return Settings(data_dir=tmp_path / "data", lessons_dir=lessons_dir, media_dir=media_dir)


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    """Services over the small lessons, nothing ingested yet."""
    services = open_services(settings)
    yield services
    services.database.close()


@pytest.fixture(scope="session")
def starter_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The real starter lessons, ingested and published once for all tests that look at them."""
    services = open_starter_services(tmp_path_factory.mktemp("starter") / "data")
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def published_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("published")
    (folder / "media").mkdir()
    lessons = write_lessons(folder / "lessons", vi__tra_tien=LESSON, hmn__tra_tien=TRANSLATION)
    services = open_services(Settings(folder / "data", lessons, folder / "media"))
    services.pipeline.ingest()
    assert not services.worker.run_until_idle().failed
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def published_site(published_services: Services) -> Iterator[str]:
    """The address of those services, served by a real uvicorn."""
    with run_uvicorn(create_app(published_services)) as address:
        yield address


@pytest.fixture(scope="module")
def reader(starter_services: Services) -> Iterator[httpx.Client]:
    """The real lessons behind the real server."""
    with (
        run_uvicorn(create_app(starter_services)) as address,
        httpx.Client(base_url=address, headers={"Accept-Encoding": "br"}) as client,
    ):
        yield client
