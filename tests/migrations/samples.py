"""A job to write into a database, what is stored of it, and children that really are killed."""

import multiprocessing

import sqlalchemy as sa
from sqlmodel import select

from content_server.db import Database
from content_server.jobs.tables import Job

children = multiprocessing.get_context("forkserver")  # imports once, then forks in milliseconds
children.set_forkserver_preload(["content_server.jobs.worker", "content_server.migrations.compare"])


def make_job(number: int) -> Job:
    return Job(task="t", payload={"n": number}, key=f"k{number}", digest=f"{number}", label="việc")


def read_stored_numbers(database: Database) -> list[int]:
    with database.read() as session:
        return [job.payload["n"] for job in session.exec(select(Job).order_by(sa.text("id")))]
