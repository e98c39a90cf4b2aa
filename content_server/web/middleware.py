"""Refuses requests before they reach the app: plain HTTP, cross-site (CSRF), too large a form."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from content_server import urls
from content_server.errors import AppError, BodyTooLarge, ForeignRequest, PlainHttpRefused
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
        return PlainHttpRefused(
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
