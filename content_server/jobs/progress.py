"""Progress: how far the work is, how fast, and how long still, for a bar or any page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.jobs.queue import standing
from content_server.jobs.tables import Job, JobState
from content_server.phrases import Phrase, _

MINUTE_S = 60


SURE_FROM_PERCENT = 2.0  # before, a guess at the time left would only jump


@dataclass(frozen=True)
class Running:
    """One job at work, as a person sees it. None where nothing can be said yet."""

    job_id: int
    label: str
    percent: float
    speed: float | None = None  # seconds of the medium done in a second
    left_s: float | None = None

    def __str__(self) -> str:
        words = [f"{self.label} {self.percent:.0f} %"]
        if self.speed is not None:
            words.append(f"×{self.speed:.1f}")
        if self.left_s is not None:
            words.append(str(_("còn {left}", left=spoken_time(self.left_s))))
        return " · ".join(words)


@dataclass(frozen=True)
class Progress:
    """How many jobs of one run have ended and how many there are."""

    done: int = 0
    failed: int = 0
    total: int = 0
    percent: float = 100.0  # 0–100, with the parts of what runs now
    running: tuple[Running, ...] = ()

    @property
    def current(self) -> tuple[str, ...]:
        """Labels of what runs now."""
        return tuple(each.label for each in self.running)


def read_progress(
    session: Session, tasks: Collection[str], before: Mapping[JobState, int]
) -> Progress:
    """Return the progress since the counts were `before`."""
    now = standing(session, tasks)  # one question: between two a job at work may end
    done, failed = (now[state][0] - before[state] for state in (JobState.DONE, JobState.FAILED))
    at_work, at_work_percent = now[JobState.RUNNING]
    total = done + failed + now[JobState.WAITING][0] + at_work
    parts = 100.0 * (done + failed) + at_work_percent
    return Progress(
        done=done,
        failed=failed,
        total=total,
        percent=parts / total if total else 100.0,
        running=running(session, tasks),
    )


def running(session: Session, tasks: Collection[str] | None = None) -> tuple[Running, ...]:
    """Return what is being worked on, oldest first; of `tasks` only, when given."""
    query = select(Job).where(Job.state == JobState.RUNNING).order_by(col(Job.id))
    if tasks is not None:
        query = query.where(col(Job.task).in_(tasks))
    now = utc_now()
    return tuple(estimated(job, now) for job in session.exec(query))


def estimated(job: Job, now: datetime) -> Running:
    """Guess speed and time left from what was done since the job was taken."""
    known = Running(job.id or 0, job.label, job.percent)
    spent_s = (now - (job.started_at or now)).total_seconds()
    if job.percent < SURE_FROM_PERCENT or spent_s <= 0:
        return known
    share = job.percent / 100
    speed = job.length_s * share / spent_s if job.length_s else None
    return replace(known, speed=speed, left_s=spent_s * (1 - share) / share)


def spoken_time(seconds: float) -> Phrase:
    if seconds < MINUTE_S:
        return _("{count} giây", count=max(1, round(seconds)))
    return _("{count} phút", count=round(seconds / MINUTE_S))
