"""What the rooms answer when they cannot: a page for people, JSON for programs, never a trace."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from content_server.errors import Refused
from content_server.phrases import Phrase, _
from content_server.site.policy import content_security_policy
from content_server.site.press import Press

NOT_FOUND, TROUBLE = 404, 500
PROGRAMS = ("/api/", "/-/openapi.json")  # who asks here reads JSON

log = logging.getLogger(__name__)


def answer_refusals(rooms: FastAPI) -> None:
    """Give every error that leaves a room an answer in plain words."""
    rooms.add_exception_handler(Refused, _refused)
    rooms.add_exception_handler(HTTPException, _not_routed)
    rooms.add_exception_handler(RequestValidationError, _not_understood)
    rooms.add_exception_handler(Exception, _unexpected)


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    name = type(error).__name__
    return _answer(request, error.status, name, error.phrase)


def _not_routed(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else NOT_FOUND
    return _answer(request, status, "NotFound", _("Trang này không có."))


def _not_understood(request: Request, _error: Exception) -> Response:
    phrase = _("Câu hỏi viết chưa đúng. Xem cách hỏi ở /-/docs.")
    return _answer(request, 422, "NotUnderstood", phrase)


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected, at %s", request.url.path[:200], exc_info=error)
    phrase = _("Máy chủ đang trục trặc, không phải lỗi của bác.")
    return _answer(request, TROUBLE, "Trouble", phrase)


def _answer(request: Request, status: int, name: str, phrase: Phrase) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if request.url.path.startswith(PROGRAMS):
        content = {"error": name, "vi": phrase.said_in("vi"), "en": phrase.said_in("en")}
        return JSONResponse(content, status, headers)
    press: Press = request.app.state.press
    body = press.notice(TROUBLE if status >= TROUBLE else NOT_FOUND)
    return HTMLResponse(body, status, headers | content_security_policy(body))
