"""Services with many small published lessons, one for each test of the editors' pages."""

from pathlib import Path

from starlette.types import ASGIApp

from content_server.accounts.roles import Grant, Role
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.web.published.front import Front
from tests.support.accounts import add_account
from tests.support.lesson_files import LESSON, TRANSLATION, write_lessons


def open_lesson_services(folder: Path, lessons: int, lesson: str = LESSON) -> Services:
    """Return services whose lessons bai-1, bai-2 … are published in Vietnamese and Mông."""
    (folder / "media").mkdir()
    files = {}
    for number in range(1, lessons + 1):
        files[f"vi__bai_{number}"] = lesson
        files[f"hmn__bai_{number}"] = TRANSLATION
    lessons_dir = write_lessons(folder / "lessons", **files)
    settings = Settings(
        data_dir=folder / "data", lessons_dir=lessons_dir, media_dir=folder / "media"
    )
    services = open_services(settings)
    report = services.pipeline.ingest()
    assert not report.rejected
    assert not services.worker.run_until_idle().failed
    return services


def open_draft_services(folder: Path) -> Services:
    """Return services whose lesson bai-1 is a draft in Vietnamese and Mông."""
    (folder / "media").mkdir()
    lessons = write_lessons(folder / "lessons", vi__bai_1=LESSON, hmn__bai_1=TRANSLATION)
    settings = Settings(data_dir=folder / "data", lessons_dir=lessons, media_dir=folder / "media")
    services = open_services(settings)
    services.pipeline.ingest(publish=False)
    return services


def find_front(app: ASGIApp) -> Front:
    """Return the front inside its middleware."""
    while not isinstance(app, Front):
        app = vars(app)["_app"]  # one app inside another
    return app


def open_upload_services(folder: Path, lessons: int = 2) -> Services:
    """Return services with published lessons, an author and a Mông speaker."""
    services = open_lesson_services(folder, lessons)
    add_account(services, "pao", Grant(Role.AUTHOR), name="Vàng A Páo")
    add_account(services, "sung", Grant(Role.SPEAKER, "hmn"), name="Sùng Thị Mỷ")
    return services
