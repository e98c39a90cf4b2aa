"""A house with many small lessons on the site: one for each test of the editors' room."""

from pathlib import Path

from conftest import LESSON, TRANSLATION, write_lessons
from starlette.types import ASGIApp

from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.web.published.front import Front


def house_of(folder: Path, lessons: int, lesson: str = LESSON) -> Services:
    """Return a house whose lessons bai-1, bai-2 … are published in Vietnamese and Mông."""
    (folder / "media").mkdir()
    files = {}
    for number in range(1, lessons + 1):
        files[f"vi__bai_{number}"] = lesson
        files[f"hmn__bai_{number}"] = TRANSLATION
    lessons_dir = write_lessons(folder / "lessons", **files)
    settings = Settings(
        data_dir=folder / "data", lessons_dir=lessons_dir, media_dir=folder / "media"
    )
    house = open_services(settings)
    report = house.pipeline.ingest()
    assert not report.rejected
    assert not house.worker.run_until_idle().failed
    return house


def front_of(app: ASGIApp) -> Front:
    """Return what shows published pages, inside whatever is put around it."""
    while not isinstance(app, Front):
        app = vars(app)["_house"]  # one app inside another
    return app
