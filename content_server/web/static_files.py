"""Serves the editors' styles and scripts under an address with their version."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from content_server import urls
from content_server.errors import LessonNotFound
from content_server.phrases import _
from content_server.site.tree.headers import IMMUTABLE_CACHE_CONTROL
from content_server.web.app_state import app_state
from content_server.web.assets import CONTENT_TYPES
from content_server.web.permissions import public
from content_server.web.published.negotiation import preferred_encodings

POLICY = "default-src 'none'; sandbox"  # an asset opened by itself is shown as text

router = APIRouter(dependencies=[public])


@router.get(urls.ASSET, include_in_schema=False)
def asset(version: str, name: str, request: Request) -> Response:
    """Answer with an asset; an outdated version gets today's bytes, not to be cached."""
    assets = app_state(request).assets
    if name not in assets.bodies:
        raise LessonNotFound(_("Không có tệp này. Xin tải lại trang."))
    accepted = request.headers.get("accept-encoding", "identity")
    encoding = preferred_encodings(accepted.encode("latin-1"))[0]
    headers = {
        "Cache-Control": IMMUTABLE_CACHE_CONTROL if version == assets.version else "no-store",
        "Content-Type": CONTENT_TYPES[Path(name).suffix],
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Vary": "Accept-Encoding",
    }
    if encoding != "identity":
        headers["Content-Encoding"] = encoding
    return Response(assets.compress(name, encoding), headers=headers)
