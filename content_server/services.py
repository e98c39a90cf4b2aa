"""The house: everything a server and the command line share, opened once."""

import platform
from dataclasses import dataclass

from content_server.db import Database
from content_server.jobs.worker import Worker
from content_server.media.ffmpeg import runner
from content_server.media.store import Store
from content_server.pipeline.pipeline import Pipeline
from content_server.reach.counter import Counter
from content_server.settings import Settings
from content_server.site.tree.tree import Tree


@dataclass(frozen=True)
class Services:
    """The parts of a running server."""

    settings: Settings
    database: Database
    store: Store
    tree: Tree
    pipeline: Pipeline
    worker: Worker  # does what a lesson needs to be seen
    background_worker: (
        Worker  # makes what is seen lighter, and never stands in the way of the other
    )
    counter: Counter


def open_services(settings: Settings) -> Services:
    """Open database and store, migrated and ready. Raises the named errors of both."""
    runner.manners = runner.Manners(settings.tool_niceness, settings.tool_cores)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database.open(settings.effective_database_url)
    database.migrate()
    store = Store.open(settings.effective_store_url, settings.store_options)
    tree = Tree(store)
    road = Pipeline(settings, database, store, tree)
    owner = f"{platform.node()}:{settings.data_dir}"[-80:]  # one alive: the folder is locked
    worker = Worker(database, road.tasks, threads=settings.worker_threads, owner=owner)
    later = Worker(
        database,
        road.background_tasks,
        threads=settings.later_threads,
        owner=f"{owner[-74:]}+later",
    )
    return Services(settings, database, store, tree, road, worker, later, Counter(database))
