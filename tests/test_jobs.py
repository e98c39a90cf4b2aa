"""Promises of jobs: none is lost, none takes effect twice, and each says how it went."""

import itertools
import logging
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from content_server.db import Database, utc_now
from content_server.errors import (
    DataFolderBusy,
    EncodeFailed,
    MediumRefused,
    StoreUnavailable,
    TransitionRefused,
)
from content_server.jobs import progress, queue
from content_server.jobs.ended import forget_ended
from content_server.jobs.lock import hold_data_folder
from content_server.jobs.pulse import LeaseWatch
from content_server.jobs.queue import Job, JobState, claim, enqueue
from content_server.jobs.tables import LIFE, moved
from content_server.jobs.worker import Context, Progress, Task, Worker
from content_server.phrases import Phrase, _

pytest_plugins = ("fixtures_postgres",)
children = multiprocessing.get_context("forkserver")  # imports once, then forks in milliseconds
children.set_forkserver_preload(["content_server.jobs.worker", "content_server.migrations.compare"])

WORK = "work"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "content.sqlite3"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(new_postgres: Callable[[str], str]) -> str:
    url = new_postgres("")
    prepare(url)
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path)}"


@pytest.fixture
def postgres_url(new_postgres: Callable[[str], str], migrated_postgres: str) -> str:
    return new_postgres(migrated_postgres)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """Both databases; every promise below holds for each."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database.open(url)
    yield database
    database.close()


def prepare(url: str) -> None:
    """Migrate, and add one more table: what the tasks of these tests do to the world."""
    database = Database.open(url)
    database.migrate()
    with database.write() as session:
        run(session, "CREATE TABLE effect (job_id INTEGER NOT NULL)")
    database.close()


def run(session: Session, sql: str, **values: object) -> sa.CursorResult[Any]:
    return session.connection().execute(sa.text(sql), values)


def put(database: Database, key: str = "k", **options: Any) -> int:  # noqa: ANN401  # handed on
    with database.write() as session:
        job = enqueue(session, WORK, {"key": key}, key=key, **options)
    return id_of(job)


def id_of(job: Job) -> int:
    assert job.id is not None
    return job.id


def found(database: Database, job_id: int) -> Job:
    with database.read() as session:
        return session.exec(select(Job).where(Job.id == job_id)).one()


def states(database: Database) -> Counter[JobState]:
    with database.read() as session:
        return Counter(job.state for job in session.exec(select(Job)))


def effects(database: Database) -> list[int]:
    with database.read() as session:
        return [int(row[0]) for row in run(session, "SELECT job_id FROM effect ORDER BY job_id")]


def take(database: Database, owner: str = "a") -> Job:
    with database.write() as session:
        job = claim(session, owner, [WORK])
    assert job is not None
    return job


def until(true: Callable[[], bool], wait_s: float = 15) -> None:
    give_up_at_s = time.monotonic() + wait_s
    while not true():
        assert time.monotonic() < give_up_at_s, "waited too long"
        time.sleep(0.01)


def note(context: Context) -> None:
    """Task: leave one mark in the world, together with the job's end."""
    job_id = context.job_id
    context.save(lambda session: run(session, "INSERT INTO effect VALUES (:id)", id=job_id))


def worker_with(
    database: Database,
    task: Task,
    threads: int = 2,
    **options: Any,  # noqa: ANN401  # handed on
) -> Worker:
    return Worker(database, {WORK: task}, threads=threads, owner="embedded", **options)


# --- the life of a job ---


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("to", JobState)
def test_a_job_goes_only_where_its_life_leads(state: JobState, to: JobState) -> None:
    if to in LIFE[state]:
        assert moved(state, to) is to
    else:
        with pytest.raises(TransitionRefused) as refused:
            moved(state, to)
        assert state in str(refused.value)


def test_what_has_ended_stays_ended() -> None:
    assert all(not LIFE[s] for s in (JobState.DONE, JobState.FAILED, JobState.CANCELLED))


# --- putting in ---


def test_a_job_exists_only_with_the_change_that_causes_it(database: Database) -> None:
    def change_mind() -> None:
        with database.write() as session:
            enqueue(session, WORK, {}, key="k")
            raise KeyError

    with pytest.raises(KeyError):
        change_mind()
    assert not states(database)


def test_the_same_work_is_put_in_once_while_it_waits_or_runs(database: Database) -> None:
    first = put(database)
    assert put(database) == first
    job = take(database)
    assert put(database) == first
    with database.write() as session:
        assert queue.finish(session, job)
    assert put(database) != first


def test_the_same_work_put_in_from_many_places_at_once_is_one_job(url: str) -> None:
    databases = [Database.open(url) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(put, databases * 6))
    assert len(ids) == 1
    for database in databases:
        database.close()


def test_again_puts_one_more_run_behind_the_running_one(database: Database) -> None:
    first = put(database)
    job = take(database)
    second = put(database, again=True)
    assert second != first
    assert put(database, again=True) == second
    with database.write() as session:
        assert claim(session, "b", [WORK]) is None  # one after the other
        assert queue.finish(session, job)
    assert take(database, "b").id == second


def test_one_key_with_other_payloads_is_all_done_one_by_one(database: Database) -> None:
    with database.write() as session:
        ids = [id_of(enqueue(session, WORK, {"n": n}, key="lesson")) for n in range(3)]
    assert len(set(ids)) == 3
    seen = []
    running = 0
    most = 0

    def watch(context: Context) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        seen.append(context.payload["n"])
        running -= 1

    worker_with(database, watch, threads=3).run_until_idle()
    assert (seen, most) == ([0, 1, 2], 1)


def test_small_priorities_come_first_then_older_ones(database: Database) -> None:
    late = put(database, "late", priority=190)
    middle = put(database, "middle")
    soon, sooner = put(database, "soon", priority=10), put(database, "sooner", priority=10)
    assert [take(database).id for _ in range(4)] == [soon, sooner, middle, late]


def test_a_worker_takes_only_what_it_can_do(database: Database) -> None:
    put(database)
    with database.write() as session:
        assert claim(session, "a", ["other"]) is None


# --- needs ---


def test_a_job_waits_for_all_it_needs(database: Database) -> None:
    needs = [put(database, key, priority=200) for key in ("a", "b")]
    last = put(database, "last", needs=needs, priority=1)
    order: list[int] = []
    worker_with(database, lambda context: order.append(context.job_id)).run_until_idle()
    assert set(order[:2]) == set(needs)
    assert order[2] == last


def test_a_job_fails_with_what_it_needs_and_names_it(database: Database) -> None:
    picture = put(database, "p", label="Ảnh bìa")
    page = put(database, "page", needs=[picture], label="Trang")
    shelf = put(database, "shelf", needs=[page])
    list_of_lessons = put(database, "list", after=[page])
    broken = take(database)
    with database.write() as session:
        assert queue.fail(session, broken, _("Ảnh hỏng."), for_good=True)
    assert [found(database, job).state for job in (picture, page, shelf)] == [JobState.FAILED] * 3
    assert "Ảnh bìa" in str(found(database, page).error_phrase)
    assert "Ảnh hỏng." in str(found(database, page).error_phrase)
    assert "Trang" in str(found(database, shelf).error_phrase)
    assert take(database).id == list_of_lessons  # came after, however it ended


def test_needing_what_has_failed_already_fails_at_once(database: Database) -> None:
    picture = put(database, "p", label="Ảnh bìa")
    with database.write() as session:
        queue.request_cancel(session, picture)
    page = put(database, "page", needs=[picture])
    assert found(database, page).state is JobState.FAILED
    assert "Ảnh bìa" in str(found(database, page).error_phrase)


def test_needing_what_is_done_already_needs_no_wait(database: Database) -> None:
    done = put(database, "done")
    job = take(database)
    with database.write() as session:
        queue.finish(session, job)
    assert put(database, "next", needs=[done]) == take(database).id


# --- failing ---


def test_a_failing_job_is_tried_three_times_then_says_why(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    def trip(context: Context) -> None:
        tries.append(context.job_id)
        raise ZeroDivisionError

    job = put(database)
    progress = worker_with(database, trip).run_until_idle()
    assert len(tries) == 3
    failed = found(database, job)
    assert failed.state is JobState.FAILED
    assert str(job) in str(failed.error_phrase)
    assert "ZeroDivisionError" not in str(failed.error_phrase)
    assert "ZeroDivisionError" in caplog.text  # the keeper of the machine finds it in the log
    assert (progress.done, progress.failed, progress.total) == (0, 1, 1)


def test_the_words_of_a_named_error_reach_people_with_their_values(database: Database) -> None:
    def trip(_context: Context) -> None:
        why = _("Tệp dài {count} giây.", count=99)
        raise EncodeFailed(_("Không thu nhỏ được {name}: {why}", name=Path("a.mp4"), why=why))

    job = put(database)
    worker_with(database, trip).run_until_idle()
    phrase = found(database, job).error_phrase
    assert phrase == Phrase(
        "Không thu nhỏ được {name}: {why}",
        {"name": "a.mp4", "why": Phrase("Tệp dài {count} giây.", {"count": 99})},
    )
    assert str(phrase) == "Không thu nhỏ được a.mp4: Tệp dài 99 giây."


def test_a_fault_of_the_input_is_not_tried_again(database: Database) -> None:
    tries = []

    def trip(context: Context) -> None:
        tries.append(context.job_id)
        raise MediumRefused(_("Đây không phải là ảnh."))

    job = put(database)
    worker_with(database, trip).run_until_idle()
    assert len(tries) == 1
    assert found(database, job).state is JobState.FAILED


def test_a_job_that_works_the_second_time_is_done(database: Database) -> None:
    tries = []

    def trip_once(context: Context) -> None:
        tries.append(context.job_id)
        if len(tries) == 1:
            raise StoreUnavailable(_("Ổ đĩa đầy."))

    job = put(database)
    progress = worker_with(database, trip_once).run_until_idle()
    done = found(database, job)
    assert (done.state, done.percent, done.error_phrase) == (JobState.DONE, 100, None)
    assert (progress.done, progress.failed) == (1, 0)


@pytest.mark.parametrize("thrown", [SystemExit, KeyboardInterrupt, MemoryError, RecursionError])
def test_nothing_a_task_throws_ends_the_worker(
    database: Database, thrown: type[BaseException]
) -> None:
    def trip(context: Context) -> None:
        if context.payload["key"] == "bad":
            raise thrown

    put(database, "bad", priority=1)
    put(database, "good")
    worker_with(database, trip, threads=1).run_until_idle()
    assert states(database) == {JobState.FAILED: 1, JobState.DONE: 1}


def test_what_is_saved_is_written_with_the_end_or_not_at_all(database: Database) -> None:
    def save_nonsense(context: Context) -> None:
        note(context)
        context.save(lambda session: run(session, "INSERT INTO nowhere VALUES (1)"))

    job = put(database)
    worker_with(database, save_nonsense).run_until_idle()
    assert found(database, job).state is JobState.FAILED
    assert effects(database) == []


def test_an_end_the_database_had_no_time_for_is_written_later(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("content_server.jobs.worker.RETRY_S", 0.05)
    database = Database.open(sqlite_url, wait_s=0.05)
    other = sqlite3.connect(
        sqlite_url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
    )

    def lock_and_note(context: Context) -> None:
        other.execute("BEGIN IMMEDIATE")
        note(context)

    job = put(database)
    with ThreadPoolExecutor(1) as pool:
        run_through = pool.submit(worker_with(database, lock_and_note).run_until_idle)
        time.sleep(0.6)
        assert not run_through.done()
        other.execute("ROLLBACK")
        assert run_through.result().done == 1
    other.close()
    assert effects(database) == [job]
    database.close()


# --- whose job it is ---


def test_a_late_worker_is_refused_and_changes_nothing(database: Database) -> None:
    job_id = put(database)
    late = take(database, "late")
    with database.write() as session:
        assert queue.give_back(session, late)
    now = take(database, "late")  # even under the same name, it is another attempt
    with database.write() as session:
        assert not queue.finish(session, late)
        assert not queue.fail(session, late, _("Muộn."))
        assert not queue.cancel(session, late)
        assert not queue.give_back(session, late)
        assert queue.heartbeat(session, late, 50) is None
    running = found(database, job_id)
    assert (running.state, running.attempt, running.percent) == (JobState.RUNNING, 2, 0)
    with database.write() as session:
        assert queue.finish(session, now)
        assert not queue.finish(session, now)


def test_at_the_start_only_our_own_interrupted_jobs_return(database: Database) -> None:
    mine, other = put(database, "mine"), put(database, "other")
    assert (take(database, "me").id, take(database, "you").id) == (mine, other)
    with database.write() as session:
        assert queue.return_interrupted(session, "me") == 1
    assert found(database, mine).state is JobState.WAITING
    assert found(database, other).state is JobState.RUNNING


def test_a_job_that_brings_the_machine_down_each_time_is_given_up(database: Database) -> None:
    job_id = put(database)
    for _attempt in range(10):
        take(database)
        with database.write() as session:
            queue.return_interrupted(session, "a")
    given_up = found(database, job_id)
    assert given_up.state is JobState.FAILED
    assert "10" in str(given_up.error_phrase)


def test_leases_do_not_believe_the_clock_on_the_wall() -> None:
    watch = LeaseWatch(lease_s=30)
    job = Job(id=1, task=WORK, payload={}, key="k", digest="", label="", owner="a", attempt=1)
    job.heartbeat_at = datetime(2026, 11, 24, tzinfo=UTC)
    assert watch.silent([job], now_s=0) == []
    job.heartbeat_at = datetime(1970, 1, 1, tzinfo=UTC)  # a boot without a battery: still a beat
    assert watch.silent([job], now_s=29) == []
    assert watch.silent([job], now_s=58) == []
    assert watch.silent([job], now_s=59) == [job]
    assert watch.silent([], now_s=60) == []
    assert watch.silent([job], now_s=1000) == []  # back again, and seen for the first time


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


def test_a_worker_can_start_again_but_not_twice(database: Database) -> None:
    worker = worker_with(database, note)
    worker.start()
    with pytest.raises(RuntimeError, match="at work"):
        worker.start()
    worker.stop()
    put(database)
    assert worker.run_until_idle().done == 1


# --- in the background ---


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


# --- progress ---


def test_progress_only_grows_and_ends_at_all_of_it(database: Database) -> None:
    def work(context: Context) -> None:
        for percent in (-5, 30, 60, 1000):
            context.report(percent)
            time.sleep(0.1)

    for number in range(4):
        put(database, f"k{number}", label=f"Ảnh {number}")
    seen: list[Progress] = []
    last = worker_with(database, work).run_until_idle(seen.append)
    assert seen[-1] == last == Progress(done=4, failed=0, total=4, percent=100.0, running=())
    percents = [progress.percent for progress in seen]
    assert percents == sorted(percents)
    assert any(percent % 25 > 0 for percent in percents)  # parts of jobs count
    assert any(progress.current == ("Ảnh 0", "Ảnh 1") for progress in seen)


def test_nothing_to_do_is_done_at_once(database: Database) -> None:
    started_s = time.monotonic()
    assert worker_with(database, note).run_until_idle() == Progress()
    assert time.monotonic() - started_s < 0.5


def test_trouble_in_the_progress_bar_ends_the_run_and_loses_no_work(database: Database) -> None:
    def trip(_progress: Progress) -> None:
        raise KeyboardInterrupt

    def slow(context: Context) -> None:
        time.sleep(0.05)
        note(context)

    ids = [put(database, f"k{number}") for number in range(20)]
    worker = worker_with(database, slow)
    with pytest.raises(KeyboardInterrupt):
        worker.run_until_idle(trip)
    assert worker.run_until_idle().failed == 0
    assert effects(database) == ids


def test_counts_name_every_state(database: Database) -> None:
    put(database, "a"), put(database, "b")
    take(database)
    with database.read() as session:
        found_counts = queue.counts(session)
        assert queue.counts(session, ["other"]) == dict.fromkeys(JobState, 0)
    assert found_counts == dict.fromkeys(JobState, 0) | {
        JobState.WAITING: 1,
        JobState.RUNNING: 1,
    }


# --- real processes, really killed ---


def slow_work(url: str, path: str, owner: str, sleep_s: float) -> None:
    """Child process: a worker whose task takes its time and leaves one mark."""
    logging.disable(logging.WARNING)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def work(context: Context) -> None:
        os.write(log, b"%d\n" % context.job_id)
        note(context)
        context.report(50)
        time.sleep(sleep_s)

    tasks = {WORK: work}
    Worker(Database.open(url), tasks, threads=2, owner=owner).run_until_idle()


def child(*arguments: object) -> BaseProcess:
    process = children.Process(target=slow_work, args=arguments)
    process.start()
    return process


def test_killed_five_times_every_job_still_takes_effect_once(url: str, tmp_path: Path) -> None:
    seed = random.randrange(10**6)  # noqa: S311  # no secret
    chance = random.Random(seed)  # noqa: S311  # no secret
    database = Database.open(url)
    ids = [put(database, f"k{number}") for number in range(50)]
    path = tmp_path / "begun"
    path.touch()
    for _kill in range(5):
        begun = path.stat().st_size
        process = child(url, str(path), "embedded", 0.03)
        until(lambda begun=begun: path.stat().st_size > begun)  # type: ignore[misc]  # bound now
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.join()
    interrupted = states(database)
    assert interrupted[JobState.DONE] < 50, (
        f"seed {seed}: the kills came too late to prove anything"
    )
    started_s = time.monotonic()
    progress = worker_with(database, note).run_until_idle()
    assert time.monotonic() - started_s < 10  # after a restart no lease is waited for
    assert progress.failed == 0
    assert states(database) == {JobState.DONE: 50}, f"seed {seed}"
    assert effects(database) == ids, f"seed {seed}"
    database.close()


def test_two_processes_share_the_work_and_do_each_job_once(url: str, tmp_path: Path) -> None:
    database = Database.open(url)
    with database.write() as session:
        ids = [id_of(enqueue(session, WORK, {}, key=f"k{number}")) for number in range(200)]
    paths = [tmp_path / name for name in ("one", "two")]
    processes = [child(url, str(path), path.name, 0) for path in paths]
    for process in processes:
        process.join()
    begun = [[int(line) for line in path.read_text().split()] for path in paths]
    assert sorted(begun[0] + begun[1]) == ids  # begun once too: nobody did anything in vain
    assert min(len(part) for part in begun) > 10
    assert effects(database) == ids
    database.close()


def test_a_frozen_worker_loses_its_job_and_cannot_end_it_later(url: str, tmp_path: Path) -> None:
    database = Database.open(url)
    job = put(database)
    path = tmp_path / "begun"
    path.touch()
    frozen = child(url, str(path), "frozen", 1.0)
    until(lambda: path.stat().st_size > 0)
    os.kill(frozen.pid or 0, signal.SIGSTOP)
    progress = worker_with(database, note, lease_s=0.6).run_until_idle()
    assert progress.done == 1
    assert effects(database) == [job]
    os.kill(frozen.pid or 0, signal.SIGCONT)
    frozen.join()
    assert frozen.exitcode == 0
    assert effects(database) == [job]
    done = found(database, job)
    assert (done.state, done.attempt) == (JobState.DONE, 2)
    database.close()


def hold(folder: str, path: str) -> None:
    """Child process: hold the folder until killed."""
    with hold_data_folder(Path(folder)):
        Path(path).touch()
        time.sleep(60)


def test_a_data_folder_has_one_server_and_its_death_frees_it(tmp_path: Path) -> None:
    folder, ready = tmp_path / "data", tmp_path / "ready"
    process = children.Process(target=hold, args=(str(folder), str(ready)))
    process.start()
    until(ready.exists)
    with pytest.raises(DataFolderBusy, match="data"), hold_data_folder(folder):
        pytest.fail("two servers in one folder")
    process.kill()
    process.join()
    with hold_data_folder(folder):
        pass
    with hold_data_folder(folder):  # and once more after an orderly end
        pass


def test_old_jobs_do_not_slow_the_taking_of_new_ones(database: Database) -> None:
    with database.write() as session:
        session.add_all(
            Job(task=WORK, payload={}, key=f"{n}", digest=f"{n}", label="", state=JobState.DONE)
            for n in range(5000)
        )
    put(database)
    started_s = time.monotonic()
    job = take(database)
    assert time.monotonic() - started_s < 0.1
    with database.read() as session:
        newest = session.exec(select(sa.func.max(col(Job.id)))).one()
    assert job.id == newest


def test_a_failed_job_rests_before_it_is_tried_again_each_time_longer(database: Database) -> None:
    tried_at_s = []

    def trip(_context: Context) -> None:
        tried_at_s.append(time.monotonic())
        raise StoreUnavailable(_("Ổ đĩa đầy."))

    put(database)
    worker_with(database, trip, backoff_s=(0.2, 1.5)).run_until_idle()
    first, second = (b - a for a, b in itertools.pairwise(tried_at_s))
    assert first >= 0.2
    assert second >= 1.5


def test_speed_and_time_left_are_told_while_a_job_runs() -> None:
    started = utc_now()
    job = Job(task=WORK, payload={}, key="k", digest="d", label="phim.mp4", percent=25.0)
    job.started_at, job.length_s = started, 60.0
    told = progress.estimated(job, started + timedelta(seconds=30))
    assert (told.speed, told.left_s) == (0.5, 90.0)
    assert str(told) == "phim.mp4 25 % · ×0.5 · còn 2 phút"
    job.percent = 0.0
    assert progress.estimated(job, started).left_s is None


def test_what_ended_long_ago_is_forgotten(database: Database) -> None:
    old, new = put(database, "old"), put(database, "new")
    worker_with(database, note).run_until_idle()
    with database.write() as session:
        job = session.get_one(Job, old)
        job.finished_at = utc_now() - timedelta(days=8)
    with database.write() as session:
        assert forget_ended(session) == 1
    assert found(database, new).state is JobState.DONE
