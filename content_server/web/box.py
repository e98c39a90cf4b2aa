"""The village box over HTTP: published pages, a start page, its pack. There is nothing to write.

No database, no session, no form that is kept: whoever shares the Wi-Fi can only read. The one thing
a phone may do is to turn the slides whose code it has scanned (decision 14).
"""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated, TypedDict

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from content_server.box.installed_pack import Installed
from content_server.box.network import Door
from content_server.box.pack_server import COURSE
from content_server.box.start_page import START, box_page, wifi_view
from content_server.box.updates import Updates
from content_server.errors import AppError, ForeignRequest
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.course.manifest import MACHINERY
from content_server.site.tree.csp import content_security_policy
from content_server.web.downloads import course
from content_server.web.middleware import is_foreign
from content_server.web.permissions import anybody, check_doors
from content_server.web.published.front import Front
from content_server.web.remote import remote
from content_server.web.remote.remote_pairing import Pairings

NOBODY_KEEPS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
LOCAL_ENDINGS = (".local", ".lan", ".home.arpa")  # names no one can register for the world
ERROR = 400

router = APIRouter(dependencies=[anybody])
Doors = Callable[[], list[Door]]


class Network(TypedDict):
    """How to reach the box, for the screen that shows it: a presenter's hand-over page."""

    ssid: str
    password: str | None  # None: there is none, or this visitor may not see it
    addresses: list[str]
    pack: int


def create_box(
    installed: Installed, updates: Updates, settings: Settings, doors: Doors, port: int
) -> ASGIApp:
    """Return the box as one ASGI app: the same front as the server's, and a few small rooms."""
    rooms = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    rooms.state.installed = rooms.state.course = installed
    rooms.state.updates = updates
    rooms.state.settings = settings
    rooms.state.pairings = Pairings()
    rooms.state.addresses = lambda: [(door.url(port), str(door.words)) for door in doors()]
    rooms.include_router(router)
    rooms.include_router(course.router)
    rooms.include_router(remote.router, dependencies=[Depends(_ours)])
    rooms.add_exception_handler(AppError, _refused)
    rooms.add_exception_handler(HTTPException, _not_there)
    check_doors(rooms)
    return Front(rooms, installed, machinery=MACHINERY)


def _ours(request: Request) -> None:
    """Let only our own pages lead slides. Raises ForeignRequest."""
    headers = {name: value.decode("latin-1") for name, value in request.scope["headers"]}
    if request.method == "POST" and is_foreign(headers):
        raise ForeignRequest(_("Điều này do một trang khác gửi nên không được nhận."))


def _sees_all(request: Request) -> bool:
    """Tell whether the page was asked for by a name of this network.

    A page of the world that had its own name lead here would have said that name.
    """
    host = (request.url.hostname or "").rstrip(".")
    try:
        ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(LOCAL_ENDINGS))
    return True


SeesAll = Annotated[bool, Depends(_sees_all)]


@router.get(START)
def start(request: Request, sees_all: SeesAll) -> HTMLResponse:
    """Show how to come in: join the Wi-Fi, mobile data off, open."""
    state = request.app.state
    settings, news = state.settings, state.updates.news
    pack = state.installed.offered()
    body = box_page(
        pack.manifest,
        state.addresses(),
        wifi_view(settings.wifi_name, settings.wifi_password, may_see=sees_all),
        (str(news.words), news.fine) if news else ("", True),
        (COURSE, pack.size_bytes),
    )
    return HTMLResponse(body, headers={**NOBODY_KEEPS, **content_security_policy(body)})


@router.get(f"{START}/mang.json")
def network(request: Request, sees_all: SeesAll) -> JSONResponse:
    """Say how to come in, for a presenter's screen. No other site may read it (no CORS)."""
    state = request.app.state
    password = state.settings.wifi_password
    content = Network(
        ssid=state.settings.wifi_name,
        password=password if password and sees_all else None,
        addresses=[url for url, _words in state.addresses()],
        pack=state.installed.offered().manifest.sequence,
    )
    headers = {**NOBODY_KEEPS, "Cross-Origin-Resource-Policy": "same-origin"}
    return JSONResponse(content, headers=headers)


@router.get("/-/tim/{folder}")
def search(request: Request, folder: str) -> RedirectResponse:
    """Lead to the list of all lessons: a box has no index to search, and few enough to see."""
    languages = _languages(request)
    return RedirectResponse(f"/{folder if folder in languages else languages[0]}/tim", 303)


def _languages(request: Request) -> tuple[str, ...]:
    languages: tuple[str, ...] = request.app.state.installed.offered().manifest.folders
    return languages


def _refused(_request: Request, error: Exception) -> PlainTextResponse:
    if not isinstance(error, AppError):
        raise error
    return PlainTextResponse(str(error.phrase), error.status, NOBODY_KEEPS)


def _not_there(_request: Request, error: Exception) -> PlainTextResponse:
    status = error.status_code if isinstance(error, HTTPException) else ERROR
    words = _("Hộp bài học chỉ để xem. Hãy về trang đầu: /")
    return PlainTextResponse(str(words), status, NOBODY_KEEPS)
