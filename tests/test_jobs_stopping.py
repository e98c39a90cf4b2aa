"""Promises of workers: they stop when told, start again, and wake when there is work."""

import time
from threading import Event
from threading import enumerate as enumerate_threads

import pytest
from jobs_samples import effects, found, note, put, until, worker_with

from content_server.db import Database
from content_server.errors import (
    EncodeFailed,
)
from content_server.jobs import queue
from content_server.jobs.queue import JobState
from content_server.jobs.worker import Context
from content_server.phrases import _

pytest_plugins = ("fixtures_jobs",)


# --- stopping ---


def test_a_waiting_job_is_cancelled_at_once(database: Database) -> None:
    job = put(database)
    with database.write() as session:
        assert queue.request_cancel(session, job)
        assert not queue.request_cancel(session, job)
        assert not queue.request_cancel(session, 999)
    assert found(database, job).state is JobState.CANCELLED


def test_a_running_job_hears_that_it_is_to_stop(database: Database) -> None:
    running = Event()

    def work(context: Context) -> None:
        note(context)
        running.set()
        until(context.is_cancelled)
        raise EncodeFailed(_("Đã dừng."))

    job = put(database)
    worker = worker_with(database, work)
    worker.start()
    assert running.wait(5)
    with database.write() as session:
        assert queue.request_cancel(session, job)
    until(lambda: found(database, job).state is JobState.CANCELLED, wait_s=3)
    worker.stop()
    assert effects(database) == []


@pytest.mark.timed
def test_a_worker_that_stops_gives_its_work_back_unharmed(database: Database) -> None:
    running = Event()

    def work(context: Context) -> None:
        running.set()
        until(context.is_cancelled)

    job = put(database)
    worker = worker_with(database, work)
    worker.start()
    assert running.wait(5)
    started_s = time.monotonic()
    worker.stop()
    assert time.monotonic() - started_s < 2
    returned = found(database, job)
    assert (returned.state, returned.failures) == (JobState.WAITING, 0)
    assert worker_with(database, note).run_until_idle().done == 1
    assert effects(database) == [job]


def test_who_closes_the_database_after_the_stop_leaves_nothing_open(database: Database) -> None:
    for _round in range(3):
        worker = worker_with(database, note)
        worker.start()
        time.sleep(0.3)  # amid a beat
        worker.stop()
        assert not {"pulse", "worker-0", "worker-1"} & {
            thread.name for thread in enumerate_threads()
        }


def test_a_worker_can_start_again_but_not_twice(database: Database) -> None:
    worker = worker_with(database, note)
    worker.start()
    with pytest.raises(RuntimeError, match="at work"):
        worker.start()
    worker.stop()
    put(database)
    assert worker.run_until_idle().done == 1


# --- in the background ---


@pytest.mark.timed
def test_a_worker_wakes_at_once_when_called(database: Database) -> None:
    worker = worker_with(database, note)
    worker.start()
    time.sleep(0.2)  # it has looked, found nothing and rests
    job = put(database)
    started_s = time.monotonic()
    worker.wake()
    until(lambda: found(database, job).state is JobState.DONE)
    assert time.monotonic() - started_s < 0.5
    worker.stop()


def test_a_worker_finds_what_another_process_put_in(database: Database) -> None:
    worker = worker_with(database, note)
    worker.start()
    job = put(database)
    until(lambda: found(database, job).state is JobState.DONE, wait_s=3)
    worker.stop()
