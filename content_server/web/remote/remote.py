"""The remote control of slides over HTTP: a deck asks for a code, a phone scans it and controls.

The same four routes on the server and on a village box. Nothing is stored; slides work without
them (decision 10).
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ValidationError

from content_server import urls
from content_server.errors import BodyTooLarge, InvalidMessage
from content_server.phrases import _
from content_server.site.pages.remote_page import render_remote_page
from content_server.site.tree.csp import make_csp_header
from content_server.web.permissions import public
from content_server.web.remote.remote_pairing import (
    ListenRequest,
    OpenPairing,
    Pairings,
    RemoteMessage,
)
from content_server.web.transport_security import Transport

MAX_MESSAGE_BYTES = 2_000
BODY_TIMEOUT_S = 10.0
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
NO_CONTENT = 204

router = APIRouter(dependencies=[public])
Message = TypeVar("Message", bound=BaseModel)


@dataclass(frozen=True)
class RemoteState:
    """What these routes share; set as `app.state.remote`."""

    pairings: Pairings
    addresses: Callable[[], list[tuple[str, str]]]  # (address, words) of the ways to this machine


def _remote_state(request: Request) -> RemoteState:
    state: RemoteState = request.app.state.remote
    return state


RemoteStateDep = Annotated[RemoteState, Depends(_remote_state)]


@router.post(urls.REMOTE_PAIRINGS, include_in_schema=False)
async def open_pairing(request: Request, state: RemoteStateDep) -> JSONResponse:
    """Give a deck a code, its key, and the addresses under which phones reach this machine."""
    message = await _read_message(request, OpenPairing)
    pairing = state.pairings.open(message, _address_of_sender(request))
    content = {
        "code": pairing.code,
        "deck": pairing.deck,
        "addresses": [url for url, _words in state.addresses()],
    }
    return JSONResponse(content, headers=NO_STORE)


@router.get(urls.REMOTE_CONTROL, include_in_schema=False)
def remote_control_page(code: str) -> HTMLResponse:  # noqa: ARG001  # read by the page itself
    """Show the phone its buttons. This claims nothing: chat apps fetch every address they see."""
    body = render_remote_page()
    headers = {**NO_STORE, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return HTMLResponse(body, headers=headers | make_csp_header(body))


@router.post(urls.REMOTE_MESSAGES, include_in_schema=False)
async def send_message(code: str, request: Request, state: RemoteStateDep) -> Response:
    """Receive a command of the phone, or the state of the deck."""
    state.pairings.receive(code, await _read_message(request, RemoteMessage))
    return Response(status_code=NO_CONTENT, headers=NO_STORE)


@router.post(urls.REMOTE_NEWS, include_in_schema=False)
async def listen_for_news(code: str, request: Request, state: RemoteStateDep) -> JSONResponse:
    """Answer with the news for this phone or deck, as soon as there are some."""
    news = await state.pairings.listen(code, await _read_message(request, ListenRequest))
    return JSONResponse(news, headers=NO_STORE)


def _address_of_sender(request: Request) -> str:
    """Return the sender's IP address, for the rate limit; kept in memory for a minute."""
    transport: Transport | None = getattr(request.state, "transport", None)  # a box has none
    return transport.address if transport else request.client.host if request.client else ""


async def _read_message(request: Request, form: type[Message]) -> Message:
    """Return the parsed body. Raises BodyTooLarge, InvalidMessage."""
    body = b""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_MESSAGE_BYTES:
                    raise BodyTooLarge(_("Điều gửi lên quá dài."))
        return form.model_validate_json(body, strict=True)
    except (ValidationError, ValueError, RecursionError, TimeoutError) as error:
        raise InvalidMessage(_("Máy chủ không đọc được điều vừa gửi.")) from error
