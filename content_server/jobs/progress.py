"""Progress: how far the work is, for a progress bar."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from content_server.jobs.queue import counts
from content_server.jobs.tables import Job, JobState


@dataclass(frozen=True)
class Progress:
    """How many jobs of one run have ended and how many there are."""

    done: int = 0
    failed: int = 0
    total: int = 0
    percent: float = 100.0  # 0–100, with the parts of what runs now
    current: tuple[str, ...] = ()  # labels of what runs now


def read_progress(
    session: Session, tasks: Collection[str], before: Mapping[JobState, int]
) -> Progress:
    """Return the progress since the counts were `before`."""
    now = counts(session, tasks)
    query = select(Job.label, Job.percent).where(
        Job.state == JobState.RUNNING, col(Job.task).in_(tasks)
    )
    running = session.exec(query.order_by(col(Job.id))).all()
    done, failed = (now[state] - before[state] for state in (JobState.DONE, JobState.FAILED))
    total = done + failed + now[JobState.WAITING] + now[JobState.RUNNING]
    parts = 100.0 * (done + failed) + sum(percent for _label, percent in running)
    return Progress(
        done=done,
        failed=failed,
        total=total,
        percent=parts / total if total else 100.0,
        current=tuple(label for label, _percent in running),
    )


def last_failed(session: Session, most: int) -> list[Job]:
    """Return the jobs that failed last, newest first, at most `most`."""
    query = select(Job).where(Job.state == JobState.FAILED)
    return list(session.exec(query.order_by(col(Job.finished_at).desc()).limit(most)))
