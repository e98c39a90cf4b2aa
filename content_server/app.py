"""The app: the only place where everything meets."""

import platform
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from starlette.types import ASGIApp

from content_server import __version__
from content_server.db import Database
from content_server.jobs.worker import Worker
from content_server.media import runner
from content_server.media.store import Store
from content_server.people.key_file import KeyFile
from content_server.pipeline import Road
from content_server.settings import Settings
from content_server.site.press import Press
from content_server.site.tree import Tree
from content_server.uploads.turns import Turns
from content_server.villages.counter import Counter
from content_server.web import api, assets, docs, editor, people, reader, trainer
from content_server.web.assets import load_assets
from content_server.web.counting import Counting
from content_server.web.front import Front
from content_server.web.guard import Guard
from content_server.web.refusals import answer_refusals
from content_server.web.who import check_doors

MACHINERY = ("/api/", "/-/")  # addresses that are no pages: the front leaves them to the rooms


@dataclass(frozen=True)
class House:
    """The parts of a running server."""

    settings: Settings
    database: Database
    store: Store
    tree: Tree
    road: Road
    worker: Worker
    counter: Counter


def open_house(settings: Settings) -> House:
    """Open database and store, migrated and ready. Raises the named errors of both."""
    runner.manners = runner.Manners(settings.tool_niceness, settings.tool_cores)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database.open(settings.effective_database_url)
    database.migrate()
    store = Store.open(settings.effective_store_url, settings.store_options)
    tree = Tree(store)
    road = Road(settings, database, store, tree)
    owner = f"{platform.node()}:{settings.data_dir}"[-80:]  # one alive: the folder is locked
    worker = Worker(database, road.tasks, threads=settings.worker_threads, owner=owner)
    return House(settings, database, store, tree, road, worker, Counter(database))


def create_app(house: House) -> ASGIApp:
    """Return the whole server as one ASGI app: the front, and the rooms behind it."""
    rooms = FastAPI(
        title="content server",
        version=__version__,
        lifespan=_living(house),
        openapi_url="/-/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    rooms.state.settings = house.settings
    rooms.state.database = house.database
    rooms.state.keys = KeyFile(house.settings.data_dir)
    rooms.state.assets = load_assets()
    rooms.state.turns = Turns()
    rooms.state.press = Press(house.settings, house.database, house.store, house.tree)
    rooms.include_router(reader.router)
    rooms.include_router(api.router)
    rooms.include_router(docs.router)
    rooms.include_router(assets.router)
    rooms.state.road = house.road
    for room in (*people.ROOMS, *editor.ROOMS, *trainer.ROOMS):
        rooms.include_router(room)
    check_doors(rooms)
    answer_refusals(rooms)
    rooms.add_middleware(Guard, settings=house.settings)
    front = Front(rooms, house.tree, house.database, machinery=MACHINERY)
    return Counting(front, house.counter, front.shows)


def _living(house: House) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what FastAPI runs around serving: the worker lives as long as the server."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        house.worker.start()
        yield
        house.worker.stop()
        house.counter.stop()

    return lifespan
