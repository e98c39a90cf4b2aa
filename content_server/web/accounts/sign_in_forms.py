"""What the people's pages share: a way back that stays here, a device's name, tries by address."""

import re
from collections import OrderedDict
from hashlib import sha256
from secrets import token_bytes
from threading import Lock
from time import monotonic
from typing import Annotated
from urllib.parse import unquote

from fastapi import Form, Request
from fastapi.responses import RedirectResponse, Response

from content_server.accounts.roles import Act, Person
from content_server.accounts.server_key import KeyFile
from content_server.accounts.sessions import lasting
from content_server.accounts.tables import PersonRow
from content_server.errors import TooManyTries
from content_server.phrases import _
from content_server.settings import Settings
from content_server.web.permissions import put_cookie

KNOWN_COOKIE, KNOWN_FOR_S = "known", 400 * 24 * 3600
OURS = re.compile(r"/-/[\w\-./?=&%~+,;:@]*", re.ASCII)
MAX_TRIES_AN_HOUR = 100  # of one address; a commune's phones share one (research: trust §1.2)
MAX_ADDRESSES = 10_000

Text = Annotated[str, Form(max_length=400)]
PassphraseField = Annotated[str, Form(max_length=400)]


def way_back(asked: str) -> str:
    """Return where to go after signing in: only a page of the rooms, else "".

    Immich's CVE-2026-53662 was a `continue` address taken as it came.
    """
    plain = unquote(asked[:400])
    safe = OURS.fullmatch(asked[:400]) and ".." not in plain and "\\" not in plain
    return asked[:400] if safe and "//" not in plain else ""


def home_of(person: Person) -> str:
    """Return where a person begins: the lessons, the trainers' room, or their own page."""
    if person.may(Act.SEE_WORK):
        return "/-/soan"
    return "/-/tap-huan" if person.may(Act.TEACH) else "/-/toi"


def device_of(request: Request) -> str:
    """Return a device as its owner knows it: "Android · Chrome"; no version, no model."""
    agent = request.headers.get("user-agent", "")[:400]
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac", "Linux")
    browsers = {"Zalo": "Zalo", "Edg": "Edge", "SamsungBrowser": "Samsung", "coc_coc": "Cốc Cốc"}
    browsers |= {"Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    system = next((name for name in systems if name in agent), "?")
    browser = next((name for sign, name in browsers.items() if sign in agent), "?")
    return f"{system} · {browser}"


def see_other(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def address_of(request: Request, settings: Settings, path: str) -> str:
    """Return the whole address of a page, as the world calls this server."""
    if settings.base_url != Settings.base_url:
        return settings.base_url + path
    line = request.state.line
    return f"{'https' if line.encrypted else 'http'}://{request.headers.get('host', '')}{path}"


def mark_of(row: PersonRow) -> str:
    """Return what a known device has signed: a new passphrase makes every device unknown."""
    return f"{row.id}:{row.passphrase_hash}"


def let_in(  # noqa: PLR0913, PLR0917  # all of one cookie's facts
    answer: Response,
    request: Request,
    keys: KeyFile,
    row: PersonRow,
    person: Person,
    token: str,
    *,
    shared: bool,
) -> None:
    """Give the browser its session, and a mark that this device is known to the account."""
    age_s = int(lasting(person.grants, shared=shared)[1].total_seconds())
    put_cookie(answer, request, token, shared=shared, age_s=age_s)
    if not shared:
        answer.set_cookie(
            KNOWN_COOKIE,
            keys.mark(mark_of(row)),
            max_age=KNOWN_FOR_S,
            path="/-/vao",
            secure=request.state.line.encrypted,
            httponly=True,
            samesite="lax",
        )


class Tries:
    """How often one address tried to sign in this hour: in memory, as a digest, no longer."""

    def __init__(self, most: int = MAX_TRIES_AN_HOUR) -> None:
        self._most = most
        self._salt = token_bytes(16)
        self._tries: OrderedDict[bytes, list[float]] = OrderedDict()
        self._lock = Lock()

    def count(self, address: str) -> None:
        """Raise TooManyTries when this address tried too often."""
        key, now = sha256(self._salt + address.encode()).digest(), monotonic()
        with self._lock:
            times = [at for at in self._tries.pop(key, []) if now - at < 3600]  # noqa: PLR2004  # an hour
            self._tries[key] = [*times, now][-self._most - 1 :]
            if len(self._tries) > MAX_ADDRESSES:
                self._tries.popitem(last=False)
        if len(times) >= self._most:
            raise TooManyTries(
                _("Từ mạng này đã thử vào quá nhiều lần. Xin đợi một giờ rồi thử lại.")
            )
