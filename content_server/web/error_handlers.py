"""What the rooms answer when they cannot: a page for people, JSON for programs, never a trace."""

import logging
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from content_server.errors import AppError, NotSignedIn
from content_server.phrases import Phrase, _
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.csp import content_security_policy
from content_server.web.permissions import is_of_shared_machine
from content_server.web.rendering import render

NOT_FOUND, TROUBLE = 404, 500
PROGRAMS = ("/api/", "/-/openapi.json")  # who asks here reads JSON
SIGN_IN = "/-/vao"
READERS_OWN = ("/-/tim",)  # villagers come here: the published notice is theirs

NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

log = logging.getLogger(__name__)


def answer_refusals(rooms: FastAPI) -> None:
    """Give every error that leaves a room an answer in plain words."""
    rooms.add_exception_handler(AppError, _refused)
    rooms.add_exception_handler(HTTPException, _not_routed)
    rooms.add_exception_handler(RequestValidationError, _not_understood)
    rooms.add_exception_handler(ClientDisconnect, _gone)
    rooms.add_exception_handler(Exception, _unexpected)


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, AppError):
        raise error
    return answer_refusal(request, error)


def answer_refusal(request: Request, error: AppError) -> Response:
    """Return what a named error says to whoever asked; who must sign in is led there."""
    if isinstance(error, NotSignedIn) and not _is_program(request):
        return _led_to_the_door(request)
    return _answer(request, error.status, type(error).__name__, error.phrase)


def _led_to_the_door(request: Request) -> Response:
    """Send a person to sign in, and back afterwards; htmx is told to leave the page."""
    asked = f"?{request.url.query}" if request.url.query else ""
    back = request.url.path + asked if request.method in {"GET", "HEAD"} else ""
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": SIGN_IN, **NO_STORE})
    door = f"{SIGN_IN}?ve={quote(back, safe='/')}" if back else SIGN_IN
    headers = dict(NO_STORE)
    if is_of_shared_machine(request):
        headers["Clear-Site-Data"] = '"cache", "storage"'
    return RedirectResponse(door, 303, headers)


def _not_routed(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else NOT_FOUND
    known = {
        400: _("Máy chủ không đọc được điều vừa gửi. Xin tải lại trang rồi gửi lại."),
        405: _("Địa chỉ này chỉ để xem, không nhận gì gửi lên."),
    }
    return _answer(request, status, "NotFound", known.get(status, _("Trang này không có.")))


def _not_understood(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith(PROGRAMS):
        phrase = _("Câu hỏi viết chưa đúng. Xem cách hỏi ở /-/docs.")
    else:
        phrase = _("Có ô chưa điền hoặc điền chưa đúng. Xin quay lại trang trước và xem từng ô.")
    return _answer(request, 422, "NotUnderstood", phrase)


def _gone(_request: Request, _error: Exception) -> Response:
    """Answer nobody: the line was cut while something was sent, and it will be sent again."""
    return Response(status_code=400)


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected, at %s", request.url.path[:200], exc_info=error)
    phrase = _("Máy chủ đang trục trặc, không phải lỗi của bác.")
    return _answer(request, TROUBLE, "Trouble", phrase)


def _answer(request: Request, status: int, name: str, phrase: Phrase) -> Response:
    if _is_program(request):
        content = {"error": name, "vi": phrase.said_in("vi"), "en": phrase.said_in("en")}
        return JSONResponse(content, status, NO_STORE)
    unnamed = name in {"NotFound", "Trouble"}
    if unnamed or request.url.path.startswith(READERS_OWN):
        press: SiteBuilder = request.app.state.press
        body = press.notice(TROUBLE if status >= TROUBLE else NOT_FOUND)
        return HTMLResponse(body, status, NO_STORE | content_security_policy(body))
    return render(request, "notice.html", status, phrase=phrase)


def _is_program(request: Request) -> bool:
    accepts = request.headers.get("accept", "")
    wants_json = "application/json" in accepts and "text/html" not in accepts
    return wants_json or request.url.path.startswith(PROGRAMS)
