"""The guard before the rooms: no listener on the line, no foreign page's request, no huge form."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from content_server.errors import AppError, BodyTooLarge, ForeignRequest, PlainHttpRefused
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.tree.headers import raw
from content_server.web.error_handlers import answer_refusal
from content_server.web.transport_security import Line, line_of

SAFE = {"GET", "HEAD", "OPTIONS"}
CLOSED_ON_PLAIN_HTTP = (
    "/-/vao",
    "/-/ra",
    "/-/toi",
    "/-/soan",
    "/-/xem",
    "/-/tap-huan",
)  # whole rooms
# What a page may do on a box without HTTPS, on a village's own Wi-Fi: say what was counted.
OPEN_TO_ALL = ("/-/dem",)
OPEN_ON_PLAIN_HTTP = (*OPEN_TO_ALL, "/-/dieu-khien", "/-/hop")
MAX_FORM_BYTES = 1_000_000  # research: trust §1.2; files come as streams, not as forms
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json", "text/")
ALWAYS = {"X-Content-Type-Options": "nosniff"}


class Guard:
    """An ASGI app around the rooms; leaves `scope["state"]["line"]` for them."""

    def __init__(self, rooms: ASGIApp, settings: Settings) -> None:
        self._rooms = rooms
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._rooms(scope, receive, send)
            return
        line = line_of(scope, self._settings.trusted_proxies)
        scope.setdefault("state", {})["line"] = line
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        refused = refusal(scope["method"], scope["path"], headers, line)
        if refused:
            await answer_refusal(Request(scope), refused)(scope, receive, _with_always(send))
        else:
            await self._rooms(scope, _Counted(receive, headers), _with_always(send))


def refusal(method: str, path: str, headers: Mapping[bytes, str], line: Line) -> AppError | None:
    """Return why a request may not pass, or None."""
    writes = method not in SAFE
    closed = writes and not _under(path, OPEN_ON_PLAIN_HTTP)
    if not line.private and (closed or _under(path, CLOSED_ON_PLAIN_HTTP)):
        return PlainHttpRefused(
            _(
                "Đường truyền này không có khóa (không phải https), người khác cùng mạng có thể"
                " nghe được. Xin mở địa chỉ bắt đầu bằng https:// để vào làm việc."
            )
        )
    if writes and not _under(path, OPEN_TO_ALL) and is_foreign(headers):
        return ForeignRequest(
            _("Điều này do một trang khác gửi nên không được nhận. Xin mở lại trang rồi làm lại.")
        )
    too_long = _length(headers) > MAX_FORM_BYTES and _is_form(headers)
    return BodyTooLarge(TOO_LARGE) if writes and too_long else None


TOO_LARGE = _("Bài gửi lên quá dài. Xin rút ngắn rồi gửi lại; chữ bác gõ vẫn còn trên trang trước.")


def is_foreign(headers: Mapping[bytes, str]) -> bool:
    """Tell whether another site's page made the browser ask (research: trust §1, CSRF).

    `Sec-Fetch-Site` cannot be written by a page. Browsers without it, and lines without HTTPS, send
    `Origin`, whose host must be ours. A request with neither is refused: every browser that can
    hold a session sends one of them.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin, host = headers.get(b"origin"), headers.get(b"host", "")
    return origin is None or not host or urlsplit(origin).netloc.lower() != host.lower()


class _Counted:
    """Hands a form's body on, and stops where no form of ours can end."""

    def __init__(self, receive: Receive, headers: Mapping[bytes, str]) -> None:
        self._receive = receive
        self._left = MAX_FORM_BYTES if _is_form(headers) else None

    async def __call__(self) -> Message:
        message = await self._receive()
        if self._left is not None and message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise BodyTooLarge(TOO_LARGE)
        return message


def _with_always(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            known = {name.lower() for name, _value in message["headers"]}
            message["headers"] = [
                *message["headers"],
                *(pair for pair in raw(ALWAYS) if pair[0] not in known),
            ]
        await send(message)

    return sending


def _under(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(place + "/") for place in places)


def _is_form(headers: Mapping[bytes, str]) -> bool:
    return headers.get(b"content-type", "").strip().lower().startswith(FORMS)


def _length(headers: Mapping[bytes, str]) -> int:
    text = headers.get(b"content-length", "0")
    return int(text) if text.isdecimal() else 0
