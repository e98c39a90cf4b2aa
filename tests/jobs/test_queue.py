"""Promises of jobs: what is put in waits its turn, and each says how it went."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from content_server.db import Database, utc_now
from content_server.errors import (
    InvalidTransition,
)
from content_server.jobs import progress, queue
from content_server.jobs.queue import Job, JobState, claim_job, enqueue
from content_server.jobs.retention import delete_expired_jobs
from content_server.jobs.tables import TRANSITIONS, job_transition
from content_server.jobs.worker import JobContext, Progress
from content_server.phrases import _
from tests.jobs.samples import (
    WORK,
    add_job,
    count_states,
    find_job,
    id_of,
    list_effects,
    make_worker,
    take_job,
    wait_until,
    write_effect,
)

# --- the life of a job ---


@pytest.mark.parametrize("state", JobState)
@pytest.mark.parametrize("to", JobState)
def test_a_job_goes_only_where_its_life_leads(state: JobState, to: JobState) -> None:
    if to in TRANSITIONS[state]:
        assert job_transition(state, to) is to
    else:
        with pytest.raises(InvalidTransition) as refused:
            job_transition(state, to)
        assert state in str(refused.value)


def test_what_has_ended_stays_ended() -> None:
    assert all(not TRANSITIONS[s] for s in (JobState.DONE, JobState.FAILED, JobState.CANCELLED))


# --- putting in ---


def test_a_job_exists_only_with_the_change_that_causes_it(database: Database) -> None:
    def change_mind() -> None:
        with database.write() as session:
            enqueue(session, WORK, {}, key="k")
            raise KeyError

    with pytest.raises(KeyError):
        change_mind()
    assert not count_states(database)


def test_the_same_work_is_put_in_once_while_it_waits_or_runs(database: Database) -> None:
    first = add_job(database)
    assert add_job(database) == first
    job = take_job(database)
    assert add_job(database) == first
    with database.write() as session:
        assert queue.finish_job(session, job)
    assert add_job(database) != first


def test_the_same_work_put_in_from_many_places_at_once_is_one_job(url: str) -> None:
    databases = [Database.open(url) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(add_job, databases * 6))
    assert len(ids) == 1
    for database in databases:
        database.close()


def test_again_puts_one_more_run_behind_the_running_one(database: Database) -> None:
    first = add_job(database)
    job = take_job(database)
    second = add_job(database, even_if_running=True)
    assert second != first
    assert add_job(database, even_if_running=True) == second
    with database.write() as session:
        assert claim_job(session, "b", [WORK]) is None  # one after the other
        assert queue.finish_job(session, job)
    assert take_job(database, "b").id == second


def test_one_key_with_other_payloads_is_all_done_one_by_one(database: Database) -> None:
    with database.write() as session:
        ids = [id_of(enqueue(session, WORK, {"n": n}, key="lesson")) for n in range(3)]
    assert len(set(ids)) == 3
    seen = []
    running = 0
    most = 0

    def watch(context: JobContext) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        seen.append(context.payload["n"])
        running -= 1

    make_worker(database, watch, threads=3).run_until_idle()
    assert (seen, most) == ([0, 1, 2], 1)


def test_small_priorities_come_first_then_older_ones(database: Database) -> None:
    late = add_job(database, "late", priority=190)
    middle = add_job(database, "middle")
    soon, sooner = (
        add_job(database, "soon", priority=10),
        add_job(database, "sooner", priority=10),
    )
    assert [take_job(database).id for _ in range(4)] == [soon, sooner, middle, late]


def test_a_worker_takes_only_what_it_can_do(database: Database) -> None:
    add_job(database)
    with database.write() as session:
        assert claim_job(session, "a", ["other"]) is None


# --- needs ---


def test_a_job_waits_for_all_it_needs(database: Database) -> None:
    needs = [add_job(database, key, priority=200) for key in ("a", "b")]
    last = add_job(database, "last", needs=needs, priority=1)
    order: list[int] = []
    make_worker(database, lambda context: order.append(context.job_id)).run_until_idle()
    assert set(order[:2]) == set(needs)
    assert order[2] == last


def test_a_job_fails_with_what_it_needs_and_names_it(database: Database) -> None:
    picture = add_job(database, "p", label="Ảnh bìa")
    page = add_job(database, "page", needs=[picture], label="Trang")
    shelf = add_job(database, "shelf", needs=[page])
    list_of_lessons = add_job(database, "list", after=[page])
    broken = take_job(database)
    with database.write() as session:
        assert queue.fail_job(session, broken, _("Ảnh hỏng."), is_permanent=True)
    assert [find_job(database, job).state for job in (picture, page, shelf)] == [
        JobState.FAILED
    ] * 3
    assert "Ảnh bìa" in str(find_job(database, page).error_phrase)
    assert "Ảnh hỏng." in str(find_job(database, page).error_phrase)
    assert "Trang" in str(find_job(database, shelf).error_phrase)
    assert take_job(database).id == list_of_lessons  # came after, however it ended


def test_what_a_job_needs_it_still_needs_when_it_is_put_in_again(database: Database) -> None:
    picture = add_job(database, "p")
    page = add_job(database, "page", needs=[picture])
    assert add_job(database, "page", after=[picture]) == page
    with database.write() as session:
        queue.request_cancel(session, picture)
    assert find_job(database, page).state is JobState.FAILED


def test_needing_what_has_failed_already_fails_at_once(database: Database) -> None:
    picture = add_job(database, "p", label="Ảnh bìa")
    with database.write() as session:
        queue.request_cancel(session, picture)
    page = add_job(database, "page", needs=[picture])
    assert find_job(database, page).state is JobState.FAILED
    assert "Ảnh bìa" in str(find_job(database, page).error_phrase)


def test_needing_what_is_done_already_needs_no_wait(database: Database) -> None:
    done = add_job(database, "done")
    job = take_job(database)
    with database.write() as session:
        queue.finish_job(session, job)
    assert add_job(database, "next", needs=[done]) == take_job(database).id


# --- progress ---


def test_progress_only_grows_and_ends_at_all_of_it(database: Database) -> None:
    seen: list[Progress] = []

    def is_seen_at_work() -> bool:
        both = any(progress.current == ("Ảnh 0", "Ảnh 1") for progress in seen)
        return both and any(progress.percent % 25 > 0 for progress in seen)  # parts of jobs count

    def work(context: JobContext) -> None:
        for percent in (-5, 30):
            context.report(percent)
        wait_until(is_seen_at_work)
        for percent in (60, 1000):
            context.report(percent)

    for number in range(4):
        add_job(database, f"k{number}", label=f"Ảnh {number}")
    last = make_worker(database, work).run_until_idle(seen.append)
    assert seen[-1] == last == Progress(done=4, failed=0, total=4, percent=100.0, running=())
    percents = [progress.percent for progress in seen]
    assert percents == sorted(percents)
    assert is_seen_at_work()


@pytest.mark.timed
def test_nothing_to_do_is_done_at_once(database: Database) -> None:
    started_s = time.monotonic()
    assert make_worker(database, write_effect).run_until_idle() == Progress()
    assert time.monotonic() - started_s < 0.5


def test_trouble_in_the_progress_bar_ends_the_run_and_loses_no_work(database: Database) -> None:
    def trip(_progress: Progress) -> None:
        raise KeyboardInterrupt

    def slow(context: JobContext) -> None:
        time.sleep(0.05)
        write_effect(context)

    ids = [add_job(database, f"k{number}") for number in range(20)]
    worker = make_worker(database, slow)
    with pytest.raises(KeyboardInterrupt):
        worker.run_until_idle(trip)
    assert worker.run_until_idle().failed == 0
    assert list_effects(database) == ids


def test_counts_name_every_state(database: Database) -> None:
    add_job(database, "a"), add_job(database, "b")
    take_job(database)
    with database.read() as session:
        found_counts = queue.count_by_state(session)
        assert queue.count_by_state(session, ["other"]) == dict.fromkeys(JobState, 0)
    assert found_counts == dict.fromkeys(JobState, 0) | {
        JobState.WAITING: 1,
        JobState.RUNNING: 1,
    }


@pytest.mark.timed
def test_old_jobs_do_not_slow_the_taking_of_new_ones(database: Database) -> None:
    with database.write() as session:
        session.add_all(
            Job(task=WORK, payload={}, key=f"{n}", digest=f"{n}", label="", state=JobState.DONE)
            for n in range(5000)
        )
    add_job(database)
    started_s = time.monotonic()
    job = take_job(database)
    assert time.monotonic() - started_s < 0.1
    with database.read() as session:
        newest = session.exec(select(sa.func.max(col(Job.id)))).one()
    assert job.id == newest


def test_speed_and_time_left_are_told_while_a_job_runs() -> None:
    started = utc_now()
    job = Job(task=WORK, payload={}, key="k", digest="d", label="phim.mp4", percent=25.0)
    job.started_at, job.length_s = started, 60.0
    told = progress.estimate_progress(job, started + timedelta(seconds=30))
    assert (told.speed, told.remaining_s) == (0.5, 90.0)
    assert str(told) == "phim.mp4 25 % · ×0.5 · còn 2 phút"
    job.percent = 0.0
    assert progress.estimate_progress(job, started).remaining_s is None


def test_what_ended_long_ago_is_forgotten(database: Database) -> None:
    old, new = add_job(database, "old"), add_job(database, "new")
    make_worker(database, write_effect).run_until_idle()
    with database.write() as session:
        job = session.get_one(Job, old)
        job.finished_at = utc_now() - timedelta(days=8)
    with database.write() as session:
        assert delete_expired_jobs(session) == 1
    assert find_job(database, new).state is JobState.DONE
