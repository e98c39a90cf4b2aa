"""Promises of workers: they stop when told, start again, and wake when there is work."""

import time
from threading import Event
from threading import enumerate as enumerate_threads

import pytest

from content_server.db import Database
from content_server.errors import (
    EncodeFailed,
)
from content_server.jobs import queue
from content_server.jobs.queue import JobState
from content_server.jobs.worker import JobContext
from content_server.phrases import _
from tests.jobs.samples import (
    add_job,
    find_job,
    list_effects,
    make_worker,
    wait_until,
    write_effect,
)

# --- stopping ---


def test_a_waiting_job_is_cancelled_at_once(database: Database) -> None:
    job = add_job(database)
    with database.write() as session:
        assert queue.request_cancel(session, job)
        assert not queue.request_cancel(session, job)
        assert not queue.request_cancel(session, 999)
    assert find_job(database, job).state is JobState.CANCELLED


def test_a_running_job_hears_that_it_is_to_stop(database: Database) -> None:
    running = Event()

    def work(context: JobContext) -> None:
        write_effect(context)
        running.set()
        wait_until(context.is_cancelled)
        raise EncodeFailed(_("Đã dừng."))

    job = add_job(database)
    worker = make_worker(database, work)
    worker.start()
    assert running.wait(5)
    with database.write() as session:
        assert queue.request_cancel(session, job)
    wait_until(lambda: find_job(database, job).state is JobState.CANCELLED, wait_s=3)
    worker.stop()
    assert list_effects(database) == []


@pytest.mark.timed
def test_a_worker_that_stops_gives_its_work_back_unharmed(database: Database) -> None:
    running = Event()

    def work(context: JobContext) -> None:
        running.set()
        wait_until(context.is_cancelled)

    job = add_job(database)
    worker = make_worker(database, work)
    worker.start()
    assert running.wait(5)
    started_s = time.monotonic()
    worker.stop()
    assert time.monotonic() - started_s < 2
    returned = find_job(database, job)
    assert (returned.state, returned.failures) == (JobState.WAITING, 0)
    assert make_worker(database, write_effect).run_until_idle().done == 1
    assert list_effects(database) == [job]


def test_who_closes_the_database_after_the_stop_leaves_nothing_open(database: Database) -> None:
    for _round in range(3):
        worker = make_worker(database, write_effect)
        worker.start()
        time.sleep(0.3)  # amid a beat
        worker.stop()
        assert not {"heartbeats", "worker-0", "worker-1"} & {
            thread.name for thread in enumerate_threads()
        }


def test_a_worker_can_start_again_but_not_twice(database: Database) -> None:
    worker = make_worker(database, write_effect)
    worker.start()
    with pytest.raises(RuntimeError, match="runs already"):
        worker.start()
    worker.stop()
    add_job(database)
    assert worker.run_until_idle().done == 1


# --- in the background ---


@pytest.mark.timed
def test_a_worker_wakes_at_once_when_called(database: Database) -> None:
    worker = make_worker(database, write_effect)
    worker.start()
    time.sleep(0.2)  # it has looked, found nothing and rests
    job = add_job(database)
    started_s = time.monotonic()
    worker.wake()
    wait_until(lambda: find_job(database, job).state is JobState.DONE)
    assert time.monotonic() - started_s < 0.5
    worker.stop()


def test_a_worker_finds_what_another_process_put_in(database: Database) -> None:
    worker = make_worker(database, write_effect)
    worker.start()
    job = add_job(database)
    wait_until(lambda: find_job(database, job).state is JobState.DONE, wait_s=3)
    worker.stop()
