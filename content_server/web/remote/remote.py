"""The phone as remote over HTTP: slides ask for a code, a phone that scans it turns them.

The same four routes on the server and on a village box. Nothing is written anywhere, and nothing
depends on them (decision 14).
"""

import asyncio
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ValidationError

from content_server.errors import BodyTooLarge, MessageRefused
from content_server.phrases import _
from content_server.site.pages.remote_page import REMOTE, remote_page
from content_server.site.tree.csp import content_security_policy
from content_server.web.permissions import anybody
from content_server.web.remote.remote_pairing import Listening, Opening, Pairings, Saying
from content_server.web.transport_security import Line

MOST_BYTES = 2_000
BODY_S = 10.0
KEPT_BY_NOBODY = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
NO_CONTENT = 204

router = APIRouter(prefix=REMOTE, dependencies=[anybody])
Message = TypeVar("Message", bound=BaseModel)


def _pairings(request: Request) -> Pairings:
    pairings: Pairings = request.app.state.pairings
    return pairings


PairingsDep = Annotated[Pairings, Depends(_pairings)]


@router.post("", include_in_schema=False)
async def open_pairing(request: Request, pairings: PairingsDep) -> JSONResponse:
    """Give slides a code, their own key, and the addresses phones reach this machine by."""
    asked = await _read(request, Opening)
    pairing = pairings.open(asked, _address_of(request))
    content = {
        "code": pairing.code,
        "deck": pairing.deck,
        "addresses": [url for url, _words in request.app.state.addresses()],
    }
    return JSONResponse(content, headers=KEPT_BY_NOBODY)


@router.get("/{code}", include_in_schema=False)
def remote(code: str) -> HTMLResponse:  # noqa: ARG001  # read by the page itself
    """Show the phone its buttons. Looking claims nothing: chat apps look at every address."""
    body = remote_page()
    headers = {**KEPT_BY_NOBODY, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return HTMLResponse(body, headers=headers | content_security_policy(body))


@router.post("/{code}/noi", include_in_schema=False)
async def say(code: str, request: Request, pairings: PairingsDep) -> Response:
    """Take a wish of the phone, or what the slides show now."""
    pairings.say(code, await _read(request, Saying))
    return Response(status_code=NO_CONTENT, headers=KEPT_BY_NOBODY)


@router.post("/{code}/nghe", include_in_schema=False)
async def listen(code: str, request: Request, pairings: PairingsDep) -> JSONResponse:
    """Answer as soon as there is something new for who asks."""
    news = await pairings.listen(code, await _read(request, Listening))
    return JSONResponse(news, headers=KEPT_BY_NOBODY)


def _address_of(request: Request) -> str:
    """Return where slides ask from, to keep one place from taking all codes; kept for a minute."""
    line: Line | None = getattr(request.state, "line", None)  # a box sits on its own network
    return line.address if line else request.client.host if request.client else ""


async def _read(request: Request, form: type[Message]) -> Message:
    """Return a message. Raises BodyTooLarge, MessageRefused."""
    body = b""
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise BodyTooLarge(_("Điều gửi lên quá dài."))
        return form.model_validate_json(body, strict=True)
    except (ValidationError, ValueError, RecursionError, TimeoutError) as error:
        raise MessageRefused(_("Máy chủ không đọc được điều vừa gửi.")) from error
