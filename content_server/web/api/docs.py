"""The documentation page of the API, rendered from its OpenAPI description."""

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from content_server import urls
from content_server.web.permissions import public

router = APIRouter(dependencies=[public])

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head><body><h1>{title}</h1>
<p>Machine-readable: <a href="{openapi}">{openapi}</a></p>{routes}</body></html>"""


@router.get(urls.API_DOCS, include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """List every address of the API with what it takes and gives."""
    openapi = request.app.openapi()
    routes = "".join(
        f"<h2><code>{escape(verb.upper())} {escape(path)}</code></h2>"
        f"<p>{escape(operation.get('description', ''))}</p>{_parameters(operation)}"
        for path, operations in openapi["paths"].items()
        for verb, operation in operations.items()
    )
    page = PAGE.format(
        title="content server " + escape(openapi["info"]["version"]),
        openapi=urls.OPENAPI,
        routes=routes,
    )
    policy = {"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(page, headers=policy)


def _parameters(operation: dict[str, list[dict[str, str]]]) -> str:
    items = "".join(
        f"<li><code>{escape(each['name'])}</code> ({escape(each['in'])})</li>"
        for each in operation.get("parameters", [])
    )
    return f"<ul>{items}</ul>" if items else ""
