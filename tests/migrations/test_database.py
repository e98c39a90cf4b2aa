"""Promises of the database: nothing acknowledged is lost, no writer trips, one history."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from content_server.db import Database, utc_now
from content_server.errors import DatabaseBusy, StoreUnavailable
from content_server.jobs.tables import Job, JobState
from tests.migrations.samples import children, make_job, read_stored_numbers

# --- writing ---


def test_what_a_writer_raises_undoes_all_it_wrote(database: Database) -> None:
    def write_half() -> None:
        with database.write() as session:
            session.add(make_job(1))
            session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        write_half()
    assert read_stored_numbers(database) == []
    with database.write() as session:
        session.add(make_job(2))
    assert read_stored_numbers(database) == [2]


def test_rows_stay_readable_after_their_session(database: Database) -> None:
    with database.write() as session:
        job = make_job(1)
        session.add(job)
    assert (job.id, job.label) == (1, "việc")


def test_a_reading_session_cannot_write(database: Database) -> None:
    with database.read() as session:
        session.add(make_job(1))
        with pytest.raises(sa.exc.DBAPIError):
            session.commit()
    assert read_stored_numbers(database) == []


def test_reading_goes_on_while_someone_writes(database: Database) -> None:
    with database.write() as session:
        session.add(make_job(1))
        session.flush()
        assert read_stored_numbers(database) == []


def test_writing_inside_writing_is_refused_at_once(database: Database) -> None:
    with (
        database.write(),
        pytest.raises(RuntimeError, match="pass the session on"),
        database.write(),
    ):
        pass


def test_sixteen_threads_write_one_at_a_time_and_none_is_locked_out(database: Database) -> None:
    inside: list[int] = []
    most = 0

    def write(number: int) -> None:
        nonlocal most
        with database.write() as session:
            inside.append(number)
            most = max(most, len(inside))
            session.add(make_job(number))
            session.flush()
            inside.remove(number)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(320)))
    assert sorted(read_stored_numbers(database)) == list(range(320))
    assert most == 1


def test_a_locked_database_answers_in_time_and_in_words(sqlite_url: str) -> None:
    database = Database.open(sqlite_url, wait_s=0.2)
    database.migrate()
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started_s = time.monotonic()
    with pytest.raises(DatabaseBusy) as refused, database.write():
        pytest.fail("somebody else writes")
    assert 0.15 < time.monotonic() - started_s < 2
    assert refused.value.status == 503
    assert "thử lại" in str(refused.value)
    assert read_stored_numbers(database) == []  # reading is unharmed
    other.execute("ROLLBACK")
    other.close()
    with database.write() as session:
        session.add(make_job(1))
    assert read_stored_numbers(database) == [1]
    database.close()


def test_a_thread_that_waits_too_long_is_told(sqlite_url: str) -> None:
    database = Database.open(sqlite_url, wait_s=0.1)
    with database.write(), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(lambda: database.write().__enter__())
        assert isinstance(waiting.exception(), DatabaseBusy)
    database.close()


def test_a_full_disk_is_said_in_words_and_hurts_nothing(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    database.migrate()
    with database.write() as session:
        session.add(make_job(1))

    def write_too_much() -> None:
        with database.write() as session:
            # SQLite's own word for a full disk, without filling one
            session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
            session.add_all(make_job(number) for number in range(2, 2000))

    with pytest.raises(StoreUnavailable) as refused:
        write_too_much()
    assert refused.value.status == 507
    assert read_stored_numbers(database) == [1]
    database.close()


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="file"):
        Database.open(f"sqlite:///{tmp_path}/file/content.sqlite3")


def write_and_acknowledge(url: str, path: str) -> None:
    """Child process: tell of each commit only after it has happened."""
    database = Database.open(url)
    acknowledged = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(1_000_000):
        with database.write() as session:
            session.add(make_job(number))
        os.write(acknowledged, b"%d\n" % number)


@pytest.mark.parametrize("life_s", [0.1, 0.2, 0.4])
def test_what_was_acknowledged_survives_kill_9(url: str, tmp_path: Path, life_s: float) -> None:
    database = Database.open(url)
    database.migrate()
    path = tmp_path / "acknowledged"
    child = children.Process(target=write_and_acknowledge, args=(url, str(path)))
    child.start()
    until(lambda: path.exists() and path.stat().st_size > 0)
    time.sleep(life_s)
    child.kill()
    child.join()
    acknowledged = [int(line) for line in path.read_text().split()]
    assert len(acknowledged) > 1
    assert set(acknowledged) <= set(read_stored_numbers(database))
    if url.startswith("sqlite"):
        with database.read() as session:
            assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    database.close()


def until(true: Callable[[], bool], wait_s: float = 20) -> None:
    give_up_at_s = time.monotonic() + wait_s
    while not true():
        assert time.monotonic() < give_up_at_s, "waited too long"
        time.sleep(0.02)


def test_sqlite_is_set_up_to_lose_nothing(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    with database.read() as session:
        pragma = session.connection().exec_driver_sql
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = {name: pragma(f"PRAGMA {name}").scalar() for name in names}
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    assert found == expected
    database.close()


# --- columns ---


def test_moments_come_back_aware_and_in_utc(database: Database) -> None:
    in_hanoi = datetime(2026, 11, 24, 17, 30, tzinfo=timezone(timedelta(hours=7)))
    with database.write() as session:
        job = make_job(1)
        job.started_at = in_hanoi
        session.add(job)
    with database.read() as session:
        stored = session.exec(select(Job)).one()
    assert stored.started_at == in_hanoi
    assert stored.started_at.tzinfo is UTC
    assert abs(utc_now() - stored.created_at) < timedelta(minutes=1)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    job = make_job(1)
    job.started_at = datetime(2026, 11, 24)  # noqa: DTZ001  # the mistake under test
    with database.write() as session:
        session.add(job)
        with pytest.raises(sa.exc.StatementError, match="timezone"):
            session.flush()
        session.rollback()


def test_states_are_stored_by_value_as_text(database: Database) -> None:
    with database.write() as session:
        session.add(make_job(1))
    with database.read() as session:
        assert session.connection().exec_driver_sql("SELECT state FROM job").scalar() == "waiting"
        assert session.exec(select(Job)).one().state is JobState.WAITING


def test_threads_of_a_web_server_all_get_a_session(database: Database) -> None:
    together = threading.Barrier(40)

    def read(_number: int) -> int:
        with database.read() as session:
            session.connection()
            together.wait(10)
            return len(session.exec(select(Job)).all())

    with ThreadPoolExecutor(40) as pool:
        assert list(pool.map(read, range(40))) == [0] * 40
