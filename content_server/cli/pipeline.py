"""The commands ingest, work, publish and withdraw, with a progress bar."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from content_server.errors import BundleRejected
from content_server.jobs.lock import lock_data_folder
from content_server.jobs.progress import Progress as Work
from content_server.jobs.retention import list_recent_failures
from content_server.jobs.worker import Worker
from content_server.phrases import Phrase, _
from content_server.pipeline.ingest import IngestReport
from content_server.services import Services, open_services
from content_server.settings import Settings

REQUIRED_TITLE = _("Chuẩn bị bài học")
POLL_S = 1.0  # how often `work --stay` looks for new jobs


def ingest_files(settings: Settings, console: Console, *, publish: bool) -> None:
    """Ingest, run the jobs, report. Exits with 1 when a lesson was rejected or a job failed."""
    with lock_data_folder(settings.data_dir):
        services = open_services(settings)
        report = services.pipeline.ingest(publish=publish)
        failed = run_waiting_jobs(services, console)
    print_ingest_report(report, console)
    if report.rejected or failed:
        raise SystemExit(1)


def run_all_jobs(services: Services, console: Console) -> int:
    """Run the required, then the background jobs, then publish again; return how many failed."""
    failed = run_waiting_jobs(services, console)
    failed += run_waiting_jobs(services, console, services.background_worker, _("Làm nhẹ phim"))
    return failed + run_waiting_jobs(services, console)


def run_waiting_jobs(
    services: Services,
    console: Console,
    worker: Worker | None = None,
    title: Phrase = REQUIRED_TITLE,
) -> int:
    """Run a worker's waiting jobs with a progress bar; return how many failed.

    The default worker runs the jobs that publishing needs. Each failure is printed.
    """
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        row = bar.add_task(str(title), total=None)

        def show(now: Work) -> None:
            words = "\n  ".join([str(title), *map(str, now.running)])
            finished = now.done + now.failed
            bar.update(row, completed=finished, total=now.total or None, description=words)

        done = (worker or services.worker).run_until_idle(show)
    if done.failed:
        with services.database.read() as session:
            for job in list_recent_failures(session, done.failed):
                console.print(f"[red]✗[/] {job.label}: {job.error_phrase}")
    return done.failed


def print_ingest_report(report: IngestReport, console: Console) -> None:
    """Print what an ingest did, its problems last."""
    count = len(report.written)
    if count or report.rejected:
        console.print(f"[green]✓[/] {count} bản mới, {len(report.unchanged)} bản không đổi")
    for name in report.edited_here:
        console.print(f"[yellow]•[/] {name}: giữ bản đã sửa trên máy chủ này")
    for name in report.stale:
        console.print(f"[yellow]•[/] {name}: câu tiếng Việt đã đổi, bản dịch cần xem lại")
    for slug, rejected in report.rejected.items():
        print_rejected(slug, rejected, console)


def print_rejected(slug: str, rejected: BundleRejected, console: Console) -> None:
    console.print(f"[bold red]✗ {slug}[/]: {rejected.phrase.translate('vi')}")
    for problem in rejected.problems:
        console.print(f"  {problem.translate('vi')}", markup=False)
        console.print(f"  {problem.phrase.translate('en')}", markup=False, style="dim")


def run_jobs(settings: Settings, console: Console, *, stay: bool) -> None:
    """Run all waiting jobs; with `stay`, wait for new ones until stopped."""
    with lock_data_folder(settings.data_dir):
        services = open_services(settings)
        failed = run_all_jobs(services, console)
        while stay:
            time.sleep(POLL_S)
            run_all_jobs(services, console)
    if failed:
        raise SystemExit(1)


def publish_lesson(settings: Settings, slug: str, folder: str | None, console: Console) -> None:
    """Publish a lesson's newest revisions now."""
    with lock_data_folder(settings.data_dir):
        services = open_services(settings)
        services.pipeline.publisher.publish_latest(slug, folder)
        failed = run_waiting_jobs(services, console)
    if failed:
        raise SystemExit(1)
    console.print(f"[green]✓[/] {settings.base_url}/{folder or 'vi'}/{slug}")


def withdraw_lesson(settings: Settings, slug: str, folder: str | None, console: Console) -> None:
    """Withdraw a lesson now."""
    with lock_data_folder(settings.data_dir):
        services = open_services(settings)
        services.pipeline.publisher.withdraw(slug, folder)
        run_waiting_jobs(services, console)
    console.print(f"[green]✓[/] {slug}")
