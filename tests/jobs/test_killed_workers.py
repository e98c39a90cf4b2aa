"""Promises of jobs under real processes, really killed: none is lost, none done twice."""

import logging
import os
import random
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlmodel import select

from content_server.db import Database
from content_server.errors import DatabaseBusy, DataFolderBusy
from content_server.jobs.lock import lock_data_folder
from content_server.jobs.queue import Job, JobState, enqueue
from content_server.jobs.worker import JobContext, Worker
from tests.jobs.samples import (
    WORK,
    add_job,
    children,
    count_states,
    find_job,
    id_of,
    list_effects,
    make_worker,
    wait_until,
    write_effect,
)

# --- real processes, really killed ---


def slow_work(url: str, path: str, owner: str, sleep_s: float) -> None:
    """Child process: a worker whose task takes its time and leaves one mark."""
    logging.disable(logging.WARNING)
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def work(context: JobContext) -> None:
        os.write(log, b"%d\n" % context.job_id)
        write_effect(context)
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
    ids = [add_job(database, f"k{number}") for number in range(50)]
    path = tmp_path / "begun"
    path.touch()
    for _kill in range(5):
        begun = path.stat().st_size
        process = child(url, str(path), "embedded", 0.03)
        wait_until(lambda begun=begun: path.stat().st_size > begun)  # type: ignore[misc]  # bound now
        time.sleep(chance.uniform(0, 0.15))
        process.kill()
        process.join()
    interrupted = count_states(database)
    assert interrupted[JobState.DONE] < 50, (
        f"seed {seed}: the kills came too late to prove anything"
    )
    started_s = time.monotonic()
    progress = make_worker(database, write_effect).run_until_idle()
    assert time.monotonic() - started_s < 10  # after a restart no lease is waited for
    assert progress.failed == 0
    assert count_states(database) == {JobState.DONE: 50}, f"seed {seed}"
    assert list_effects(database) == ids, f"seed {seed}"
    database.close()


def test_two_processes_share_the_work_and_do_each_job_once(url: str, tmp_path: Path) -> None:
    database = Database.open(url)
    with database.write() as session:
        ids = [id_of(enqueue(session, WORK, {}, key=f"k{number}")) for number in range(200)]
    paths = [tmp_path / name for name in ("one", "two")]
    processes = [child(url, str(path), path.name, 0.02) for path in paths]
    for process in processes:
        process.join()
    begun = [[int(line) for line in path.read_text().split()] for path in paths]
    assert sorted(begun[0] + begun[1]) == ids  # begun once too: nobody did anything in vain
    assert min(len(part) for part in begun) > 10
    assert list_effects(database) == ids
    database.close()


def freeze_between_writes(process: BaseProcess, url: str) -> None:
    """Stop a process where it holds no lock: who is frozen while writing holds up everybody."""
    database = Database.open(url, wait_s=0.2)
    is_between = False
    while not is_between:
        os.kill(process.pid or 0, signal.SIGSTOP)
        try:
            with database.write() as session:
                is_between = bool(session.exec(select(Job).with_for_update()).all())
        except DatabaseBusy:
            os.kill(process.pid or 0, signal.SIGCONT)
    database.close()


def test_a_frozen_worker_loses_its_job_and_cannot_end_it_later(url: str, tmp_path: Path) -> None:
    database = Database.open(url)
    job = add_job(database)
    path = tmp_path / "begun"
    path.touch()
    frozen = child(url, str(path), "frozen", 8.0)  # longer than it takes to freeze it, under load
    wait_until(lambda: find_job(database, job).percent == 50)
    freeze_between_writes(frozen, url)
    try:
        progress = make_worker(database, write_effect, lease_s=0.6).run_until_idle()
    finally:  # else a failure would wait for it for ever
        os.kill(frozen.pid or 0, signal.SIGCONT)
    assert progress.done == 1
    assert list_effects(database) == [job]
    frozen.join()
    assert frozen.exitcode == 0
    assert list_effects(database) == [job]
    done = find_job(database, job)
    assert (done.state, done.attempt) == (JobState.DONE, 2)
    database.close()


def hold(folder: str, path: str) -> None:
    """Child process: hold the folder until killed."""
    with lock_data_folder(Path(folder)):
        Path(path).touch()
        time.sleep(60)


def test_a_data_folder_has_one_server_and_its_death_frees_it(tmp_path: Path) -> None:
    folder, ready = tmp_path / "data", tmp_path / "ready"
    process = children.Process(target=hold, args=(str(folder), str(ready)))
    process.start()
    wait_until(ready.exists)
    with pytest.raises(DataFolderBusy, match="data"), lock_data_folder(folder):
        pytest.fail("two servers in one folder")
    process.kill()
    process.join()
    with lock_data_folder(folder):
        pass
    with lock_data_folder(folder):  # and once more after an orderly end
        pass
