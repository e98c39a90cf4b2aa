"""A person stops a job by its number: ffmpeg and all its children are gone within a second."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from sqlmodel import select

from content_server.cli.jobs import cancel_job
from content_server.jobs.tables import Job, JobState
from content_server.services import open_services
from content_server.settings import Settings
from tests.promises.resilience.ingest_process import list_running_tools, start_ingest
from tests.support.lesson_files import LESSON, write_lessons
from tests.support.media_files import make_clip


@pytest.mark.timed
def test_a_cancelled_job_takes_its_ffmpeg_with_it_within_a_second(settings: Settings) -> None:
    make_clip(settings.media_dir / "phim.mp4", source="testsrc2=s=1280x720:r=30:d=60")
    lesson = LESSON + "  - id: xem\n    watch: {clip: phim.mp4}\n"
    write_lessons(settings.lessons_dir, vi__tra_tien=lesson)
    ingest = start_ingest(settings)
    work = settings.data_dir / "work"
    until_s = time.monotonic() + 60
    while not list_running_tools(work):
        assert time.monotonic() < until_s
        time.sleep(0.02)
    services = open_services(settings)
    with services.database.read() as session:
        job = session.exec(select(Job).where(Job.state == JobState.RUNNING)).one()
    assert job.id is not None
    cancel_job(settings, job.id, Console(quiet=True))
    asked_s = time.monotonic()
    while list_running_tools(work):
        assert time.monotonic() - asked_s < 1
        time.sleep(0.01)
    assert ingest.wait(timeout=60) in {0, 1}
    with services.database.read() as session:
        assert session.get_one(Job, job.id).state is JobState.CANCELLED
    services.database.close()


def test_a_job_that_is_not_there_is_said_so(settings: Settings) -> None:
    command = [sys.executable, "-m", "content_server", "jobs", "cancel", "99"]
    done = subprocess.run(  # noqa: S603  # ours
        [*command, "--data", str(settings.data_dir)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "99" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(Path(settings.data_dir).glob("work/*"))
