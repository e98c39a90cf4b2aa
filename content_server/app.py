"""The app: the only place where everything meets."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from threading import Thread

from fastapi import FastAPI
from starlette.types import ASGIApp

from content_server import __version__
from content_server.accounts.server_key import KeyFile
from content_server.box.network import doors
from content_server.editorial.status import matrix
from content_server.errors import AppError
from content_server.services import Services
from content_server.settings import Settings
from content_server.site.course.course_pack import Course
from content_server.site.course.pack_status import CourseOffer
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.tree import LiveTree
from content_server.uploads.write_locks import WriteLocks
from content_server.web import accounts, api, assets, docs, editor, trainer
from content_server.web.assets import load_assets
from content_server.web.body_stream import sweep
from content_server.web.downloads import course, packs, usb_packs
from content_server.web.error_handlers import answer_refusals
from content_server.web.middleware import Guard
from content_server.web.permissions import check_doors
from content_server.web.published import search
from content_server.web.published.beacons import Counting
from content_server.web.published.front import Front
from content_server.web.remote import remote
from content_server.web.remote.remote_pairing import Pairings

MACHINERY = ("/api/", "/-/")  # addresses that are no pages: the front leaves them to the rooms


def create_app(house: Services) -> ASGIApp:
    """Return the whole server as one ASGI app: the front, and the rooms behind it."""
    front = Front(open_rooms(house), LiveTree(house.tree, house.database), machinery=MACHINERY)
    return Counting(front, house.counter, front.shows)


def open_rooms(house: Services) -> FastAPI:
    """Return everything under /-/ and /api/. Raises RuntimeError for a route without a door."""
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
    rooms.state.road = house.pipeline
    rooms.state.keys = KeyFile(house.settings.data_dir)
    rooms.state.assets = load_assets()
    rooms.state.turns = WriteLocks()
    rooms.state.pairings = Pairings()
    rooms.state.addresses = lambda: _ways_in(house.settings)
    rooms.state.press = SiteBuilder(house.settings, house.database, house.store, house.tree)
    rooms.state.packer = house.pipeline.packer
    rooms.state.sticks = house.pipeline.usb_packs
    rooms.state.course = CourseOffer(Course(rooms.state.press))
    rooms.include_router(search.router)
    rooms.include_router(packs.router)
    rooms.include_router(usb_packs.router)
    rooms.include_router(course.router)
    rooms.include_router(remote.router)
    rooms.include_router(api.router)
    rooms.include_router(docs.router)
    rooms.include_router(assets.router)
    for router in (*accounts.ROUTERS, *editor.ROUTERS, *trainer.ROUTERS):
        rooms.include_router(router)
    check_doors(rooms)
    answer_refusals(rooms)
    rooms.add_middleware(Guard, settings=house.settings)
    return rooms


def _ways_in(settings: Settings) -> list[tuple[str, str]]:
    """Return addresses phones reach this server by, for slides opened on the machine itself."""
    world = (settings.base_url, "")
    here = [(door.url(settings.port), str(door.words)) for door in doors(settings.host)]
    return [world] if settings.base_url != Settings.base_url else [*here, world]


def _living(house: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what FastAPI runs around serving: the worker lives as long as the server."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sweep(house.settings.data_dir / "work")  # the folder is locked: no request is under way
        house.worker.start()
        house.background_worker.start()
        Thread(target=get_ready, args=(house,), name="get-ready", daemon=True).start()
        yield
        house.background_worker.stop()
        house.worker.stop()
        house.counter.stop()

    return lifespan


def get_ready(house: Services) -> None:
    """Read what the editors' home needs of every revision, before anybody asks.

    What was read stays: the collector need not walk it again and again (80 ms for 500 lessons).
    """
    with suppress(AppError), house.database.read() as session:
        matrix.warm(session)
    gc.collect()
    gc.freeze()
