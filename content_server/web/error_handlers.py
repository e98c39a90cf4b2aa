"""Turns errors into answers: a page for people, JSON for programs, never a traceback."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from content_server import urls
from content_server.errors import AppError, NotSignedIn
from content_server.phrases import Phrase, _
from content_server.site.tree.csp import make_csp_header
from content_server.web.app_state import app_state
from content_server.web.permissions import is_shared_machine
from content_server.web.rendering import render

NOT_FOUND, SERVER_ERROR = 404, 500
JSON_PREFIXES = (urls.API_PREFIX, urls.OPENAPI)
PUBLIC_PAGES = (urls.SEARCH.prefix,)  # errors show the published notice, not the editors' one

NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

log = logging.getLogger(__name__)


def add_error_handlers(app: FastAPI) -> None:
    """Answer every error that leaves a route in plain words."""
    app.add_exception_handler(AppError, _handle_app_error)
    app.add_exception_handler(HTTPException, _handle_http_exception)
    app.add_exception_handler(RequestValidationError, _handle_validation_error)
    app.add_exception_handler(ClientDisconnect, _handle_client_disconnect)
    app.add_exception_handler(Exception, _handle_unexpected_error)


def _handle_app_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, AppError):
        raise error
    return error_response(request, error)


def error_response(request: Request, error: AppError) -> Response:
    """Return the answer to an AppError; a person who is not signed in is redirected to sign in."""
    if isinstance(error, NotSignedIn) and not _wants_json(request):
        return _redirect_to_sign_in(request)
    return _response(request, error.status, type(error).__name__, error.phrase)


def _redirect_to_sign_in(request: Request) -> Response:
    """Redirect to the sign-in page, which leads back afterwards; htmx by its own header."""
    query = f"?{request.url.query}" if request.url.query else ""
    back = request.url.path + query if request.method in {"GET", "HEAD"} else ""
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": urls.SIGN_IN, **NO_STORE})
    address = urls.SIGN_IN.url(query={"ve": back})
    headers = dict(NO_STORE)
    if is_shared_machine(request):
        headers["Clear-Site-Data"] = '"cache", "storage"'
    return RedirectResponse(address, 303, headers)


def _handle_http_exception(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else NOT_FOUND
    phrases = {
        400: _("Máy chủ không đọc được điều vừa gửi. Xin tải lại trang rồi gửi lại."),
        405: _("Địa chỉ này chỉ để xem, không nhận gì gửi lên."),
    }
    return _response(request, status, "NotFound", phrases.get(status, _("Trang này không có.")))


def _handle_validation_error(request: Request, _error: Exception) -> Response:
    if request.url.path.startswith(JSON_PREFIXES):
        phrase = _("Câu hỏi viết chưa đúng. Xem cách hỏi ở /-/docs.")
    else:
        phrase = _("Có ô chưa điền hoặc điền chưa đúng. Xin quay lại trang trước và xem từng ô.")
    return _response(request, 422, "NotUnderstood", phrase)


def _handle_client_disconnect(_request: Request, _error: Exception) -> Response:
    """Answer a request that was cut off while its body was sent; the client sends it again."""
    return Response(status_code=400)


def _handle_unexpected_error(request: Request, error: Exception) -> Response:
    log.error("unexpected error at %s", request.url.path[:200], exc_info=error)
    phrase = _("Máy chủ đang trục trặc, không phải lỗi của bác.")
    return _response(request, SERVER_ERROR, "Trouble", phrase)


def _response(request: Request, status: int, name: str, phrase: Phrase) -> Response:
    if _wants_json(request):
        content = {"error": name, "vi": phrase.translate("vi"), "en": phrase.translate("en")}
        return JSONResponse(content, status, NO_STORE)
    unnamed = name in {"NotFound", "Trouble"}
    if unnamed or request.url.path.startswith(PUBLIC_PAGES):
        body = app_state(request).site_builder.render_notice(
            SERVER_ERROR if status >= SERVER_ERROR else NOT_FOUND
        )
        return HTMLResponse(body, status, NO_STORE | make_csp_header(body))
    return render(request, "notice.html", status, phrase=phrase)


def _wants_json(request: Request) -> bool:
    accepts = request.headers.get("accept", "")
    wants_json = "application/json" in accepts and "text/html" not in accepts
    return wants_json or request.url.path.startswith(JSON_PREFIXES)
