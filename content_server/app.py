"""Builds the ASGI application of the server from its services."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from threading import Thread

from fastapi import FastAPI
from starlette.types import ASGIApp

from content_server import __version__, urls
from content_server.accounts.server_key import ServerKey
from content_server.box.network import network_addresses
from content_server.editorial.status import matrix
from content_server.errors import AppError
from content_server.services import Services
from content_server.settings import Settings
from content_server.site.course.course_pack import CoursePackBuilder
from content_server.site.course.pack_status import CurrentCoursePack
from content_server.site.tree.tree import LiveTree
from content_server.uploads.write_locks import WriteLocks
from content_server.web import accounts, editor, static_files, trainer
from content_server.web.api import docs, lessons
from content_server.web.app_state import AppState
from content_server.web.assets import load_assets
from content_server.web.body_stream import remove_leftovers
from content_server.web.downloads import course, packs, usb_packs
from content_server.web.error_handlers import add_error_handlers
from content_server.web.middleware import FormerAddresses, RequestGuard
from content_server.web.permissions import check_every_route_declares_a_permission
from content_server.web.published import search
from content_server.web.published.beacons import BeaconMiddleware
from content_server.web.published.front import Front
from content_server.web.remote import remote
from content_server.web.remote.remote import RemoteState
from content_server.web.remote.remote_pairing import Pairings


def create_app(services: Services) -> ASGIApp:
    """Return the whole server as one ASGI app: the front, and the FastAPI app behind it."""
    live_tree = LiveTree(services.tree, services.database)
    front = Front(create_fastapi_app(services), live_tree, app_prefixes=urls.RESERVED_PREFIXES)
    return BeaconMiddleware(front, services.counter, front.is_published)


def create_fastapi_app(services: Services) -> FastAPI:
    """Return the app for everything under /-/ and /api/.

    Raises RuntimeError for a route that declares no permission.
    """
    app = FastAPI(
        title="content server",
        version=__version__,
        lifespan=_lifespan_of(services),
        openapi_url=urls.OPENAPI,
        docs_url=None,
        redoc_url=None,
    )
    app.state.server = app_state_of(services)
    app.state.course = CurrentCoursePack(CoursePackBuilder(services.site_builder))
    app.state.remote = RemoteState(Pairings(), lambda: _reachable_addresses(services.settings))
    for router in (
        search.router,
        packs.router,
        usb_packs.router,
        course.router,
        remote.router,
        lessons.router,
        docs.router,
        static_files.router,
        *accounts.ROUTERS,
        *editor.ROUTERS,
        *trainer.ROUTERS,
    ):
        app.include_router(router)
    check_every_route_declares_a_permission(app)
    add_error_handlers(app)
    app.add_middleware(FormerAddresses)
    app.add_middleware(RequestGuard, settings=services.settings)  # the outer one: it runs first
    return app


def app_state_of(services: Services) -> AppState:
    """Return what the routes share."""
    return AppState(
        settings=services.settings,
        database=services.database,
        store=services.store,
        tree=services.tree,
        site_builder=services.site_builder,
        publisher=services.pipeline.publisher,
        pack_builder=services.pipeline.pack_builder,
        usb_packs=services.pipeline.usb_packs,
        server_key=ServerKey(services.settings.data_dir),
        assets=load_assets(),
        write_locks=WriteLocks(),
    )


def _reachable_addresses(settings: Settings) -> list[tuple[str, str]]:
    """Return (address, words) of every way a phone reaches this server.

    Without a base URL the addresses of this machine come first: slides are shown from it.
    """
    world = (settings.base_url, "")
    here = [
        (address.url(settings.port), str(address.label))
        for address in network_addresses(settings.host)
    ]
    return [world] if settings.base_url != Settings.base_url else [*here, world]


def _lifespan_of(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return the lifespan of the app: the workers run as long as it serves."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        remove_leftovers(
            services.settings.data_dir / "work"
        )  # the folder is locked: no request is under way
        services.worker.start()
        services.background_worker.start()
        Thread(target=warm_caches, args=(services,), name="warm-caches", daemon=True).start()
        yield
        services.background_worker.stop()
        services.worker.stop()
        services.counter.stop()

    return lifespan


def warm_caches(services: Services) -> None:
    """Read what the editors' home needs of every revision, before the first request.

    The objects read stay for good, so they are frozen: the garbage collector would otherwise walk
    them again and again (80 ms for 500 lessons).
    """
    with suppress(AppError), services.database.read() as session:
        matrix.warm_matrix_cache(session)
    gc.collect()
    gc.freeze()
