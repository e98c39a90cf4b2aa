"""A house in which one small lesson is published, in Vietnamese and Mông, for whole modules.

A test module that needs it says `pytest_plugins = ("fixtures_taught",)`.
"""

from collections.abc import Iterator

import pytest
from conftest import LESSON, TRANSLATION, write_lessons
from published_samples import running_uvicorn

from content_server.app import create_app
from content_server.services import Services, open_services
from content_server.settings import Settings


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("taught")
    (folder / "media").mkdir()
    lessons = write_lessons(folder / "lessons", vi__tra_tien=LESSON, hmn__tra_tien=TRANSLATION)
    house = open_services(Settings(folder / "data", lessons, folder / "media"))
    house.pipeline.ingest()
    assert not house.worker.run_until_idle().failed
    yield house
    house.database.close()


@pytest.fixture(scope="module")
def taught_site(taught: Services) -> Iterator[str]:
    """The address of that house, served by a real uvicorn."""
    with running_uvicorn(create_app(taught)) as address:
        yield address
