"""Commands of the work: what runs and waits and why some failed, and how to stop one."""

from rich.console import Console
from sqlmodel import col, select

from content_server.errors import JobNotFound
from content_server.jobs.progress import list_running_jobs
from content_server.jobs.queue import request_cancel
from content_server.jobs.retention import list_recent_failures
from content_server.jobs.tables import Job, JobState
from content_server.phrases import _
from content_server.services import open_services
from content_server.settings import Settings

MOST = 20  # lines of each kind: a screen


def list_jobs(settings: Settings, console: Console) -> None:
    """Say what runs, with percent, speed and time left; what waits; and what failed, and why."""
    services = open_services(settings)
    query = select(Job).where(Job.state == JobState.WAITING)
    with services.database.read() as session:
        at_work = list_running_jobs(session)
        waiting = session.exec(query.order_by(col(Job.priority), col(Job.id)).limit(MOST)).all()
        failed = list_recent_failures(session, MOST)
    for each in at_work:
        console.print(f"▶ {each.job_id}  {each}", markup=False)
    for job in waiting:
        console.print(f"… {job.id}  {job.label}", markup=False)
    for job in failed:
        console.print(f"✗ {job.id}  {job.label}: {job.error_phrase}", markup=False)
    if not (at_work or waiting or failed):
        console.print("[green]✓[/] " + str(_("Không có việc nào.")))


def cancel_job(settings: Settings, job_id: int, console: Console) -> None:
    """Stop a job: its tools are gone within a second. Raises JobNotFound."""
    services = open_services(settings)
    with services.database.write() as session:
        if not request_cancel(session, job_id):
            raise JobNotFound(_("Không có việc số {number} đang chờ hay đang làm.", number=job_id))
    console.print("[green]✓[/] " + str(_("Đã dừng việc số {number}.", number=job_id)))
