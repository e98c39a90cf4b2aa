"""Promises of jobs that fail or lose their worker: tried again, given up with a reason."""

import itertools
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from content_server.db import Database
from content_server.errors import (
    EncodeFailed,
    InvalidMedia,
    StoreUnavailable,
)
from content_server.jobs import queue
from content_server.jobs.heartbeats import LeaseWatch
from content_server.jobs.queue import Job, JobState
from content_server.jobs.worker import JobContext
from content_server.phrases import Phrase, _
from tests.jobs.samples import (
    WORK,
    add_job,
    count_states,
    execute,
    find_job,
    list_effects,
    make_worker,
    take_job,
    write_effect,
)

# --- failing ---


def test_a_failing_job_is_tried_three_times_then_says_why(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    def trip(context: JobContext) -> None:
        tries.append(context.job_id)
        raise ZeroDivisionError

    job = add_job(database)
    progress = make_worker(database, trip).run_until_idle()
    assert len(tries) == 3
    failed = find_job(database, job)
    assert failed.state is JobState.FAILED
    assert str(job) in str(failed.error_phrase)
    assert "ZeroDivisionError" not in str(failed.error_phrase)
    assert "ZeroDivisionError" in caplog.text  # the keeper of the machine finds it in the log
    assert (progress.done, progress.failed, progress.total) == (0, 1, 1)


def test_the_words_of_a_named_error_reach_people_with_their_values(database: Database) -> None:
    def trip(_context: JobContext) -> None:
        why = _("Tệp dài {count} giây.", count=99)
        raise EncodeFailed(_("Không thu nhỏ được {name}: {why}", name=Path("a.mp4"), why=why))

    job = add_job(database)
    make_worker(database, trip).run_until_idle()
    phrase = find_job(database, job).error_phrase
    assert phrase == Phrase(
        "Không thu nhỏ được {name}: {why}",
        {"name": "a.mp4", "why": Phrase("Tệp dài {count} giây.", {"count": 99})},
    )
    assert str(phrase) == "Không thu nhỏ được a.mp4: Tệp dài 99 giây."


def test_a_fault_of_the_input_is_not_tried_again(database: Database) -> None:
    tries = []

    def trip(context: JobContext) -> None:
        tries.append(context.job_id)
        raise InvalidMedia(_("Đây không phải là ảnh."))

    job = add_job(database)
    make_worker(database, trip).run_until_idle()
    assert len(tries) == 1
    assert find_job(database, job).state is JobState.FAILED


def test_a_job_that_works_the_second_time_is_done(database: Database) -> None:
    tries = []

    def trip_once(context: JobContext) -> None:
        tries.append(context.job_id)
        if len(tries) == 1:
            raise StoreUnavailable(_("Ổ đĩa đầy."))

    job = add_job(database)
    progress = make_worker(database, trip_once).run_until_idle()
    done = find_job(database, job)
    assert (done.state, done.percent, done.error_phrase) == (JobState.DONE, 100, None)
    assert (progress.done, progress.failed) == (1, 0)


@pytest.mark.parametrize("thrown", [SystemExit, KeyboardInterrupt, MemoryError, RecursionError])
def test_nothing_a_task_throws_ends_the_worker(
    database: Database, thrown: type[BaseException]
) -> None:
    def trip(context: JobContext) -> None:
        if context.payload["key"] == "bad":
            raise thrown

    add_job(database, "bad", priority=1)
    add_job(database, "good")
    make_worker(database, trip, threads=1).run_until_idle()
    assert count_states(database) == {JobState.FAILED: 1, JobState.DONE: 1}


def test_what_is_saved_is_written_with_the_end_or_not_at_all(database: Database) -> None:
    def save_nonsense(context: JobContext) -> None:
        write_effect(context)
        context.save(lambda session: execute(session, "INSERT INTO nowhere VALUES (1)"))

    job = add_job(database)
    make_worker(database, save_nonsense).run_until_idle()
    assert find_job(database, job).state is JobState.FAILED
    assert list_effects(database) == []


def test_an_end_the_database_had_no_time_for_is_written_later(
    sqlite_copy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("content_server.jobs.worker.RETRY_S", 0.05)
    database = Database.open(sqlite_copy, wait_s=0.05)
    other = sqlite3.connect(
        sqlite_copy.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
    )

    def lock_and_note(context: JobContext) -> None:
        other.execute("BEGIN IMMEDIATE")
        write_effect(context)

    job = add_job(database)
    with ThreadPoolExecutor(1) as pool:
        run_through = pool.submit(make_worker(database, lock_and_note).run_until_idle)
        time.sleep(0.6)
        assert not run_through.done()
        other.execute("ROLLBACK")
        assert run_through.result().done == 1
    other.close()
    assert list_effects(database) == [job]
    database.close()


def test_a_failed_job_rests_before_it_is_tried_again_each_time_longer(database: Database) -> None:
    tried_at_s = []

    def trip(_context: JobContext) -> None:
        tried_at_s.append(time.monotonic())
        raise StoreUnavailable(_("Ổ đĩa đầy."))

    add_job(database)
    make_worker(database, trip, backoff_s=(0.2, 1.5)).run_until_idle()
    first, second = (b - a for a, b in itertools.pairwise(tried_at_s))
    assert first >= 0.2
    assert second >= 1.5


# --- whose job it is ---


def test_a_late_worker_is_refused_and_changes_nothing(database: Database) -> None:
    job_id = add_job(database)
    late = take_job(database, "late")
    with database.write() as session:
        assert queue.release_job(session, late)
    now = take_job(database, "late")  # even under the same name, it is another attempt
    with database.write() as session:
        assert not queue.finish_job(session, late)
        assert not queue.fail_job(session, late, _("Muộn."))
        assert not queue.mark_cancelled(session, late)
        assert not queue.release_job(session, late)
        assert queue.record_heartbeat(session, late, 50) is None
    running = find_job(database, job_id)
    assert (running.state, running.attempt, running.percent) == (JobState.RUNNING, 2, 0)
    with database.write() as session:
        assert queue.finish_job(session, now)
        assert not queue.finish_job(session, now)


def test_at_the_start_only_our_own_interrupted_jobs_return(database: Database) -> None:
    mine, other = add_job(database, "mine"), add_job(database, "other")
    assert (take_job(database, "me").id, take_job(database, "you").id) == (mine, other)
    with database.write() as session:
        assert queue.release_interrupted_jobs(session, "me") == 1
    assert find_job(database, mine).state is JobState.WAITING
    assert find_job(database, other).state is JobState.RUNNING


def test_a_job_that_brings_the_machine_down_each_time_is_given_up(database: Database) -> None:
    job_id = add_job(database)
    for _attempt in range(10):
        take_job(database)
        with database.write() as session:
            queue.release_interrupted_jobs(session, "a")
    given_up = find_job(database, job_id)
    assert given_up.state is JobState.FAILED
    assert "10" in str(given_up.error_phrase)


def test_leases_do_not_believe_the_clock_on_the_wall() -> None:
    watch = LeaseWatch(lease_s=30)
    job = Job(id=1, task=WORK, payload={}, key="k", digest="", label="", owner="a", attempt=1)
    job.heartbeat_at = datetime(2026, 11, 24, tzinfo=UTC)
    assert watch.find_expired([job], now_s=0) == []
    job.heartbeat_at = datetime(1970, 1, 1, tzinfo=UTC)  # a boot without a battery: still a beat
    assert watch.find_expired([job], now_s=29) == []
    assert watch.find_expired([job], now_s=58) == []
    assert watch.find_expired([job], now_s=59) == [job]
    assert watch.find_expired([], now_s=60) == []
    assert watch.find_expired([job], now_s=1000) == []  # back again, and seen for the first time
