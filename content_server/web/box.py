"""The village box over HTTP: published pages, a start page and its pack, all read-only.

The box has no database and no sessions, and stores nothing that a visitor sends. A phone can only
control slides whose code it has scanned (decision 10).
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated, TypedDict

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from content_server import urls
from content_server.box.installed_pack import InstalledPack
from content_server.box.network import NetworkAddress
from content_server.box.start_page import make_wifi_view, render_box_start_page
from content_server.box.updates import UpdateWatcher
from content_server.errors import AppError, ForeignRequest
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.tree.csp import make_csp_header
from content_server.web.downloads import course
from content_server.web.middleware import is_foreign
from content_server.web.permissions import check_every_route_declares_a_permission, public
from content_server.web.published.front import Front
from content_server.web.remote import remote
from content_server.web.remote.remote import RemoteState
from content_server.web.remote.remote_pairing import Pairings

NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
LOCAL_ENDINGS = (".local", ".lan", ".home.arpa")  # names that cannot be registered on the Internet
ERROR = 400

router = APIRouter(dependencies=[public])


class NetworkInfo(TypedDict):
    """How to reach the box, as JSON for a presenter's screen."""

    ssid: str
    password: str | None  # None: the Wi-Fi has none, or the request did not use a local name
    addresses: list[str]
    pack: int


@dataclass(frozen=True)
class BoxState:
    """What the box's own routes share; set as `app.state.box`."""

    installed: InstalledPack
    updates: UpdateWatcher
    settings: Settings
    addresses: Callable[[], list[tuple[str, str]]]  # (address, words) of the ways to this box


def _box_state(request: Request) -> BoxState:
    state: BoxState = request.app.state.box
    return state


BoxStateDep = Annotated[BoxState, Depends(_box_state)]


def create_box(
    installed: InstalledPack,
    updates: UpdateWatcher,
    settings: Settings,
    find_addresses: Callable[[], list[NetworkAddress]],
    port: int,
) -> ASGIApp:
    """Return the box as one ASGI app: the same front as the server's, and a few routes."""

    def addresses() -> list[tuple[str, str]]:
        return [(address.url(port), str(address.label)) for address in find_addresses()]

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.box = BoxState(installed, updates, settings, addresses)
    app.state.course = installed
    app.state.remote = RemoteState(Pairings(), addresses)
    app.include_router(router)
    app.include_router(course.router)
    app.include_router(remote.router, dependencies=[Depends(_require_own_page)])
    app.add_exception_handler(AppError, _answer_app_error)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    check_every_route_declares_a_permission(app)
    return Front(app, installed, app_prefixes=urls.RESERVED_PREFIXES)


def _require_own_page(request: Request) -> None:
    """Accept remote control from our own pages only. Raises ForeignRequest."""
    headers = {name: value.decode("latin-1") for name, value in request.scope["headers"]}
    if request.method == "POST" and is_foreign(headers):
        raise ForeignRequest(_("Điều này do một trang khác gửi nên không được nhận."))


def _is_local_name(request: Request) -> bool:
    """Tell whether the request used an IP address or a name of the local network.

    Protects against DNS rebinding: a foreign page that makes its own name resolve to this box sends
    that name as Host.
    """
    host = (request.url.hostname or "").rstrip(".")
    try:
        ip_address(host)
    except ValueError:
        return bool(host) and ("." not in host or host.endswith(LOCAL_ENDINGS))
    return True


LocalNameDep = Annotated[bool, Depends(_is_local_name)]


@router.get(urls.BOX_START)
def start_page(state: BoxStateDep, is_local: LocalNameDep) -> HTMLResponse:
    """Show how to reach the box: join the Wi-Fi, switch mobile data off, open the address."""
    settings, notice = state.settings, state.updates.last_notice
    pack = state.installed.require_pack()
    body = render_box_start_page(
        pack.manifest,
        state.addresses(),
        make_wifi_view(settings.wifi_name, settings.wifi_password, may_see=is_local),
        (str(notice.phrase), notice.succeeded) if notice else ("", True),
        (urls.COURSE_PACK, pack.size_bytes),
    )
    return HTMLResponse(body, headers={**NO_STORE, **make_csp_header(body)})


@router.get(urls.BOX_NETWORK)
def network_info(state: BoxStateDep, is_local: LocalNameDep) -> JSONResponse:
    """Answer with how to reach the box. Other sites cannot read it (no CORS headers)."""
    password = state.settings.wifi_password
    content = NetworkInfo(
        ssid=state.settings.wifi_name,
        password=password if password and is_local else None,
        addresses=[url for url, _words in state.addresses()],
        pack=state.installed.require_pack().manifest.sequence,
    )
    headers = {**NO_STORE, "Cross-Origin-Resource-Policy": "same-origin"}
    return JSONResponse(content, headers=headers)


@router.get(urls.SEARCH)
def redirect_search(state: BoxStateDep, folder: str) -> RedirectResponse:
    """Redirect to the list of all lessons: a box has no search index, and few lessons."""
    languages = state.installed.require_pack().manifest.folders
    known = folder if folder in languages else languages[0]
    return RedirectResponse(urls.SEARCH_PAGE.url(folder=known), 303)


def _answer_app_error(_request: Request, error: Exception) -> PlainTextResponse:
    if not isinstance(error, AppError):
        raise error
    return PlainTextResponse(str(error.phrase), error.status, NO_STORE)


def _answer_http_exception(_request: Request, error: Exception) -> PlainTextResponse:
    status = error.status_code if isinstance(error, HTTPException) else ERROR
    words = _("Hộp bài học chỉ để xem. Hãy về trang đầu: /")
    return PlainTextResponse(str(words), status, NO_STORE)
