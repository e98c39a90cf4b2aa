"""Serves the addresses of version 0.1 that have changed; to be removed in 0.4.

A page opened before an update, or a recording queued on a phone, still sends to the former address.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from content_server import urls

PERMANENT_REDIRECT = 308


class FormerAddresses:
    """ASGI middleware: redirects former pages, and routes former actions as the new ones."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] != "GET":
            url = new_url(scope["path"], urls.FORMER_ACTIONS)
            changed = {"path": unquote(url), "raw_path": url.encode()} if url else {}
            await self._app({**scope, **changed}, receive, send)
        elif url := new_url(scope["path"], urls.FORMER_PAGES):
            query = scope["query_string"].decode("latin-1")
            address = f"{url}?{query}" if query else url
            headers = {"Cache-Control": "no-store"}
            response = RedirectResponse(address, PERMANENT_REDIRECT, headers)
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def new_url(path: str, former: Mapping[urls.Route, urls.Route]) -> str | None:
    """Return the present URL of a former path; None for a path that has not changed."""
    for template, route in former.items():
        parameters: dict[str, Any] | None = template.match(path)
        if parameters is not None:
            return route.url(**parameters)
    return None
