"""What sees every request before the app.

RequestGuard refuses plain HTTP, cross-site requests (CSRF) and too large a form. FormerAddresses
serves the addresses of version 0.1 that have changed.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from content_server import urls
from content_server.errors import AppError, BodyTooLarge, ForeignRequest, InsecureTransport
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.tree.headers import to_asgi_headers
from content_server.web.error_handlers import error_response
from content_server.web.transport_security import Transport, transport_of

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
CLOSED_ON_PLAIN_HTTP = (
    urls.SIGN_IN,
    urls.SIGN_OUT,
    urls.OWN_ACCOUNT,
    urls.EDITORS_HOME,
    urls.SHARED_PREVIEW.prefix,
    urls.TRAINERS_HOME,
)
# Pages served without HTTPS, on a village's own Wi-Fi, may send beacons.
OPEN_TO_OTHER_SITES = (urls.BEACONS,)
OPEN_ON_PLAIN_HTTP = (*OPEN_TO_OTHER_SITES, urls.REMOTE_PAIRINGS, urls.BOX_START)
MAX_FORM_BYTES = 1_000_000  # docs/research/trust.md#limits; files come as streams, not as forms
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json", "text/")
PERMANENT_REDIRECT = 308
CONSTANT_HEADERS = {"X-Content-Type-Options": "nosniff"}


class RequestGuard:
    """ASGI middleware that checks every request; sets `scope["state"]["transport"]`."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        transport = transport_of(scope, self._settings.trusted_proxies)
        scope.setdefault("state", {})["transport"] = transport
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        refusal = request_refusal(scope["method"], scope["path"], headers, transport)
        if refusal:
            await error_response(Request(scope), refusal)(
                scope, receive, _with_constant_headers(send)
            )
        else:
            await self._app(scope, _LimitedForm(receive, headers), _with_constant_headers(send))


def request_refusal(
    method: str, path: str, headers: Mapping[bytes, str], transport: Transport
) -> AppError | None:
    """Return why a request may not pass, or None."""
    writes = method not in SAFE_METHODS
    closed = writes and not _is_under(path, OPEN_ON_PLAIN_HTTP)
    if not transport.is_private and (closed or _is_under(path, CLOSED_ON_PLAIN_HTTP)):
        return InsecureTransport(
            _(
                "Đường truyền này không có khóa (không phải https), người khác cùng mạng có thể"
                " nghe được. Xin mở địa chỉ bắt đầu bằng https:// để vào làm việc."
            )
        )
    if writes and not _is_under(path, OPEN_TO_OTHER_SITES) and is_foreign(headers):
        return ForeignRequest(
            _("Điều này do một trang khác gửi nên không được nhận. Xin mở lại trang rồi làm lại.")
        )
    too_long = _content_length(headers) > MAX_FORM_BYTES and _is_form(headers)
    return BodyTooLarge(TOO_LARGE) if writes and too_long else None


TOO_LARGE = _("Bài gửi lên quá dài. Xin rút ngắn rồi gửi lại; chữ bác gõ vẫn còn trên trang trước.")


def is_foreign(headers: Mapping[bytes, str]) -> bool:
    """Tell whether another site's page caused the request.

    Source: docs/research/trust.md#cross-site-requests.

    A page cannot set `Sec-Fetch-Site`. Older browsers, and all browsers over plain HTTP, send
    `Origin` instead, whose host must be ours. A request with neither counts as foreign: every
    browser that can hold a session sends one of them.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin, host = headers.get(b"origin"), headers.get(b"host", "")
    return origin is None or not host or urlsplit(origin).netloc.lower() != host.lower()


class _LimitedForm:
    """Passes the body of a form on. Raises BodyTooLarge after MAX_FORM_BYTES."""

    def __init__(self, receive: Receive, headers: Mapping[bytes, str]) -> None:
        self._receive = receive
        self._left_bytes = MAX_FORM_BYTES if _is_form(headers) else None

    async def __call__(self) -> Message:
        message = await self._receive()
        if self._left_bytes is not None and message["type"] == "http.request":
            self._left_bytes -= len(message.get("body", b""))
            if self._left_bytes < 0:
                raise BodyTooLarge(TOO_LARGE)
        return message


def _with_constant_headers(send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            names = {name.lower() for name, _value in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(pair for pair in to_asgi_headers(CONSTANT_HEADERS) if pair[0] not in names),
            ]
        await send(message)

    return send_with_headers


def _is_under(path: str, prefixes: tuple[str, ...]) -> bool:
    return any(path == prefix or path.startswith(prefix + "/") for prefix in prefixes)


def _is_form(headers: Mapping[bytes, str]) -> bool:
    return headers.get(b"content-type", "").strip().lower().startswith(FORMS)


def _content_length(headers: Mapping[bytes, str]) -> int:
    text = headers.get(b"content-length", "0")
    return int(text) if text.isdecimal() else 0


class FormerAddresses:
    """ASGI middleware that redirects former pages, and routes former actions as the new ones.

    A page opened before the update, or a recording queued on a phone, still sends to the former
    address. To be removed in 0.4, with `urls.FORMER_PAGES` and `urls.FORMER_ACTIONS`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] != "GET":
            url = find_present_url(scope["path"], urls.FORMER_ACTIONS)
            changed = {"path": unquote(url), "raw_path": url.encode()} if url else {}
            await self._app({**scope, **changed}, receive, send)
        elif url := find_present_url(scope["path"], urls.FORMER_PAGES):
            query = scope["query_string"].decode("latin-1")
            address = f"{url}?{query}" if query else url
            headers = {"Cache-Control": "no-store"}
            response = RedirectResponse(address, PERMANENT_REDIRECT, headers)
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def find_present_url(path: str, former: Mapping[urls.Route, urls.Route]) -> str | None:
    """Return the present URL of a former path; None for a path that has not changed."""
    for template, route in former.items():
        parameters: dict[str, Any] | None = template.match(path)
        if parameters is not None:
            return route.url(**parameters)
    return None
