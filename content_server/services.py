"""Services: everything a server and the command line share, opened once."""

import platform
from dataclasses import dataclass

from content_server.db import Database
from content_server.jobs.worker import Worker
from content_server.media.store import Store
from content_server.pipeline.pipeline import Pipeline
from content_server.reach.counter import BeaconCounter
from content_server.settings import Settings
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.tree import Tree


@dataclass(frozen=True)
class Services:
    """The parts of a running server."""

    settings: Settings
    database: Database
    store: Store
    tree: Tree
    site_builder: SiteBuilder
    pipeline: Pipeline
    worker: Worker  # required renditions, pages and packs
    background_worker: Worker  # background renditions, when nothing else waits
    counter: BeaconCounter


def open_services(settings: Settings) -> Services:
    """Open the database, migrated, and the store.

    Raises DatabaseFromTheFuture, DatabaseBusy, StoreUnavailable.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database.open(settings.effective_database_url)
    database.migrate()
    store = Store.open(settings.effective_store_url, settings.store_options)
    tree = Tree(store)
    builder = SiteBuilder(settings, database, store, tree)
    pipeline = Pipeline.of(builder)
    # The data folder is locked, so a process that has this owner name is the only one alive.
    owner = f"{platform.node()}:{settings.data_dir}"[-80:]
    worker = Worker(database, pipeline.tasks, threads=settings.worker_threads, owner=owner)
    background_worker = Worker(
        database,
        pipeline.background_tasks,
        threads=settings.background_threads,
        owner=f"{owner[-69:]}+background",
    )
    return Services(
        settings,
        database,
        store,
        tree,
        builder,
        pipeline,
        worker,
        background_worker,
        BeaconCounter(database),
    )
