"""Progress of jobs: percent, speed and remaining time, for progress bars and pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.jobs.queue import summarize_states
from content_server.jobs.tables import Job, JobState
from content_server.phrases import Phrase, _

MINUTE_S = 60
MIN_PERCENT_FOR_ESTIMATE = 2.0  # earlier estimates of the remaining time jump


@dataclass(frozen=True)
class RunningJob:
    """A running job for display; None where there is no estimate yet."""

    job_id: int
    label: str
    percent: float
    speed: float | None = None  # seconds of the medium processed per second
    remaining_s: float | None = None

    def __str__(self) -> str:
        words = [f"{self.label} {self.percent:.0f} %"]
        if self.speed is not None:
            words.append(f"×{self.speed:.1f}")
        if self.remaining_s is not None:
            words.append(str(_("còn {left}", left=format_duration(self.remaining_s))))
        return " · ".join(words)


@dataclass(frozen=True)
class Progress:
    """The numbers of jobs in one run of a worker."""

    done: int = 0
    failed: int = 0
    total: int = 0
    percent: float = 100.0  # 0–100, with the percents of running jobs
    running: tuple[RunningJob, ...] = ()

    @property
    def current(self) -> tuple[str, ...]:
        """Return the labels of the running jobs."""
        return tuple(each.label for each in self.running)


def load_progress(
    session: Session, tasks: Collection[str], before: Mapping[JobState, int]
) -> Progress:
    """Return the progress since the counts by state were `before`."""
    now = summarize_states(session, tasks)  # one query: between two, a running job may end
    done, failed = (now[state][0] - before[state] for state in (JobState.DONE, JobState.FAILED))
    at_work, at_work_percent = now[JobState.RUNNING]
    total = done + failed + now[JobState.WAITING][0] + at_work
    parts = 100.0 * (done + failed) + at_work_percent
    return Progress(
        done=done,
        failed=failed,
        total=total,
        percent=parts / total if total else 100.0,
        running=list_running_jobs(session, tasks),
    )


def list_running_jobs(
    session: Session, tasks: Collection[str] | None = None
) -> tuple[RunningJob, ...]:
    """Return the running jobs, oldest first; of `tasks` only, if given."""
    query = select(Job).where(Job.state == JobState.RUNNING).order_by(col(Job.id))
    if tasks is not None:
        query = query.where(col(Job.task).in_(tasks))
    now = utc_now()
    return tuple(estimate_progress(job, now) for job in session.exec(query))


def estimate_progress(job: Job, now: datetime) -> RunningJob:
    """Estimate speed and remaining time from the progress since the job was claimed."""
    known = RunningJob(job.id or 0, job.label, job.percent)
    spent_s = (now - (job.started_at or now)).total_seconds()
    if job.percent < MIN_PERCENT_FOR_ESTIMATE or spent_s <= 0:
        return known
    share = job.percent / 100
    speed = job.length_s * share / spent_s if job.length_s else None
    return replace(known, speed=speed, remaining_s=spent_s * (1 - share) / share)


def format_duration(seconds: float) -> Phrase:
    if seconds < MINUTE_S:
        return _("{count} giây", count=max(1, round(seconds)))
    return _("{count} phút", count=round(seconds / MINUTE_S))
