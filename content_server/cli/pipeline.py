"""Commands of the road: ingest, work, publish, withdraw, site, with progress to follow."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from content_server.errors import BundleRejected
from content_server.jobs.lock import hold_data_folder
from content_server.jobs.progress import Progress as Work
from content_server.jobs.retention import last_failed
from content_server.jobs.worker import Worker
from content_server.phrases import Phrase, _
from content_server.pipeline.pipeline import IngestReport
from content_server.services import Services, open_services
from content_server.settings import Settings

PREPARING = _("Chuẩn bị bài học")
LOOK_S = 1.0  # how often a staying worker looks for jobs


def ingest_files(settings: Settings, console: Console, *, publish: bool) -> None:
    """Ingest, do the work, report. Exits with 1 when a lesson was refused or a job failed."""
    with hold_data_folder(settings.data_dir):
        house = open_services(settings)
        report = house.pipeline.ingest(publish=publish)
        failed = finish_work(house, console)
    tell_ingested(report, console)
    if report.rejected or failed:
        raise SystemExit(1)


def finish_all_work(house: Services, console: Console) -> int:
    """Publish what waits, then make it lighter and publish that; return how many jobs failed."""
    failed = finish_work(house, console)
    failed += finish_work(house, console, house.background_worker, _("Làm nhẹ phim"))
    return failed + finish_work(house, console)


def finish_work(
    house: Services, console: Console, worker: Worker | None = None, title: Phrase = PREPARING
) -> int:
    """Do a worker's waiting jobs, by default those that lessons need to be seen.

    A progress bar is shown; returns how many failed, each said in words.
    """
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        row = bar.add_task(str(title), total=None)

        def show(now: Work) -> None:
            words = "\n  ".join([str(title), *map(str, now.running)])
            ended = now.done + now.failed
            bar.update(row, completed=ended, total=now.total or None, description=words)

        done = (worker or house.worker).run_until_idle(show)
    if done.failed:
        with house.database.read() as session:
            for job in last_failed(session, done.failed):
                console.print(f"[red]✗[/] {job.label}: {job.error_phrase}")
    return done.failed


def tell_ingested(report: IngestReport, console: Console) -> None:
    """Say what an ingest did, problems last and whole."""
    count = len(report.written)
    if count or report.rejected:
        console.print(f"[green]✓[/] {count} bản mới, {len(report.same)} bản không đổi")
    for name in report.kept:
        console.print(f"[yellow]•[/] {name}: giữ bản đã sửa trên máy chủ này")
    for name in report.stale:
        console.print(f"[yellow]•[/] {name}: câu tiếng Việt đã đổi, bản dịch cần xem lại")
    for slug, rejected in report.rejected.items():
        tell_rejected(slug, rejected, console)


def tell_rejected(slug: str, rejected: BundleRejected, console: Console) -> None:
    console.print(f"[bold red]✗ {slug}[/]: {rejected.phrase.said_in('vi')}")
    for problem in rejected.problems:
        console.print(f"  {problem.said_in('vi')}", markup=False)
        console.print(f"  {problem.phrase.said_in('en')}", markup=False, style="dim")


def do_work(settings: Settings, console: Console, *, stay: bool) -> None:
    """Do all waiting jobs; with `stay`, wait for new ones until stopped."""
    with hold_data_folder(settings.data_dir):
        house = open_services(settings)
        failed = finish_all_work(house, console)
        while stay:
            time.sleep(LOOK_S)
            finish_all_work(house, console)
    if failed:
        raise SystemExit(1)


def publish_lesson(settings: Settings, slug: str, folder: str | None, console: Console) -> None:
    """Publish a lesson's newest revisions now."""
    with hold_data_folder(settings.data_dir):
        house = open_services(settings)
        house.pipeline.publish_later(slug, folder)
        failed = finish_work(house, console)
    if failed:
        raise SystemExit(1)
    console.print(f"[green]✓[/] {settings.base_url}/{folder or 'vi'}/{slug}")


def withdraw_lesson(settings: Settings, slug: str, folder: str | None, console: Console) -> None:
    """Take a lesson away from readers now."""
    with hold_data_folder(settings.data_dir):
        house = open_services(settings)
        house.pipeline.withdraw(slug, folder)
        finish_work(house, console)
    console.print(f"[green]✓[/] {slug}")
