"""Enqueue, claim and wait for jobs, and a task whose effect is counted."""

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from content_server.db import Database
from content_server.jobs.queue import Job, JobState, claim_job, enqueue
from content_server.jobs.worker import JobContext, Task, Worker

children = multiprocessing.get_context("forkserver")  # imports once, then forks in milliseconds
children.set_forkserver_preload(["content_server.jobs.worker", "content_server.migrations.compare"])

WORK = "work"
SHORT_RESTS_S = (0.05, 0.1)  # after a failure: nobody waits here for a disk to be emptied


def prepare(url: str) -> None:
    """Migrate, and add one more table: what the tasks of these tests do to the world."""
    database = Database.open(url)
    database.migrate()
    with database.write() as session:
        execute(session, "CREATE TABLE effect (job_id INTEGER NOT NULL)")
    database.close()


def execute(session: Session, sql: str, **values: object) -> sa.CursorResult[Any]:
    return session.connection().execute(sa.text(sql), values)


def add_job(database: Database, key: str = "k", **options: Any) -> int:  # noqa: ANN401  # handed on
    with database.write() as session:
        job = enqueue(session, WORK, {"key": key}, key=key, **options)
    return id_of(job)


def id_of(job: Job) -> int:
    assert job.id is not None
    return job.id


def find_job(database: Database, job_id: int) -> Job:
    with database.read() as session:
        return session.exec(select(Job).where(Job.id == job_id)).one()


def count_states(database: Database) -> Counter[JobState]:
    with database.read() as session:
        return Counter(job.state for job in session.exec(select(Job)))


def list_effects(database: Database) -> list[int]:
    with database.read() as session:
        return [
            int(row[0]) for row in execute(session, "SELECT job_id FROM effect ORDER BY job_id")
        ]


def take_job(database: Database, owner: str = "a") -> Job:
    with database.write() as session:
        job = claim_job(session, owner, [WORK])
    assert job is not None
    return job


def wait_until(true: Callable[[], bool], wait_s: float = 15) -> None:
    give_up_at_s = time.monotonic() + wait_s
    while not true():
        assert time.monotonic() < give_up_at_s, "waited too long"
        time.sleep(0.01)


def write_effect(context: JobContext) -> None:
    """Task: write one row of effect in the transaction that ends the job."""
    job_id = context.job_id
    context.save(lambda session: execute(session, "INSERT INTO effect VALUES (:id)", id=job_id))


def make_worker(
    database: Database,
    task: Task,
    threads: int = 2,
    **options: Any,  # noqa: ANN401  # handed on
) -> Worker:
    options = {"backoff_s": SHORT_RESTS_S, **options}
    return Worker(database, {WORK: task}, threads=threads, owner="embedded", **options)
