"""What the sign-in pages share: form fields, safe return paths, cookies, attempts by address."""

import re
from collections import OrderedDict
from hashlib import sha256
from secrets import token_bytes
from threading import Lock
from time import monotonic
from typing import Annotated
from urllib.parse import unquote

from fastapi import Form, Request
from fastapi.responses import Response

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.accounts.server_key import ServerKey
from content_server.accounts.sessions import session_lifetimes
from content_server.accounts.tables import PersonRow
from content_server.errors import TooManyTries
from content_server.phrases import _
from content_server.settings import Settings
from content_server.web.permissions import set_session_cookie

DEVICE_COOKIE, DEVICE_COOKIE_S = "known", 400 * 24 * 3600
EDITORS_PATH = re.compile(urls.APP_PREFIX + r"[\w\-./?=&%~+,;:@]*", re.ASCII)
MAX_ATTEMPTS_PER_HOUR = 100  # per address, shared by a commune: docs/research/trust.md#limits
MAX_ADDRESSES = 10_000

TextField = Annotated[str, Form(max_length=400)]
PassphraseField = Annotated[str, Form(max_length=400)]


def safe_return_path(path: str) -> str:
    """Return the path to go to after signing in; "" unless it is below /-/ on this server.

    Prevents open redirects (Immich's CVE-2026-53662).
    """
    path = path[:400]
    decoded = unquote(path)
    is_safe = EDITORS_PATH.fullmatch(path) and ".." not in decoded and "\\" not in decoded
    return path if is_safe and "//" not in decoded else ""


def start_page_of(person: Person) -> str:
    """Return the first page for a person: lessons, the trainers' page, or their own account."""
    if person.may(Permission.VIEW_LESSONS):
        return urls.EDITORS_HOME
    return urls.TRAINERS_HOME if person.may(Permission.TEACH) else urls.OWN_ACCOUNT


def device_name(request: Request) -> str:
    """Return a name for the device like "Android · Chrome", without version or model."""
    agent = request.headers.get("user-agent", "")[:400]
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac", "Linux")
    browsers = {"Zalo": "Zalo", "Edg": "Edge", "SamsungBrowser": "Samsung", "coc_coc": "Cốc Cốc"}
    browsers |= {"Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    system = next((name for name in systems if name in agent), "?")
    browser = next((name for token, name in browsers.items() if token in agent), "?")
    return f"{system} · {browser}"


def absolute_url(request: Request, settings: Settings, path: str) -> str:
    """Return the absolute URL of a path: on the base URL, else on the host of the request."""
    if settings.base_url != Settings.base_url:
        return settings.base_url + path
    transport = request.state.transport
    return (
        f"{'https' if transport.is_encrypted else 'http'}://{request.headers.get('host', '')}{path}"
    )


def device_mark(row: PersonRow) -> str:
    """Return the text whose signature marks a known device; it changes with the passphrase."""
    return f"{row.id}:{row.passphrase_hash}"


def set_sign_in_cookies(  # noqa: PLR0913, PLR0917  # what both cookies hold
    response: Response,
    request: Request,
    server_key: ServerKey,
    row: PersonRow,
    person: Person,
    token: str,
    *,
    shared: bool,
) -> None:
    """Set the session cookie and, on a device of one's own, the signed known-device cookie."""
    age_s = int(session_lifetimes(person.grants, shared=shared)[1].total_seconds())
    set_session_cookie(response, request, token, shared=shared, age_s=age_s)
    if not shared:
        response.set_cookie(
            DEVICE_COOKIE,
            server_key.sign(device_mark(row)),
            max_age=DEVICE_COOKIE_S,
            path=urls.SIGN_IN,
            secure=request.state.transport.is_encrypted,
            httponly=True,
            samesite="lax",
        )


class SignInAttempts:
    """Counts the sign-in attempts of each IP address in the last hour, as digests in memory."""

    def __init__(self, limit: int = MAX_ATTEMPTS_PER_HOUR) -> None:
        self._limit = limit
        self._salt = token_bytes(16)
        self._attempts: OrderedDict[bytes, list[float]] = OrderedDict()
        self._lock = Lock()

    def check(self, address: str) -> None:
        """Count an attempt. Raises TooManyTries when there were too many in the last hour."""
        key, now = sha256(self._salt + address.encode()).digest(), monotonic()
        with self._lock:
            times = [time for time in self._attempts.pop(key, []) if now - time < 3600]  # noqa: PLR2004  # an hour
            self._attempts[key] = [*times, now][-self._limit - 1 :]
            if len(self._attempts) > MAX_ADDRESSES:
                self._attempts.popitem(last=False)
        if len(times) >= self._limit:
            raise TooManyTries(
                _("Từ mạng này đã thử vào quá nhiều lần. Xin đợi một giờ rồi thử lại.")
            )
