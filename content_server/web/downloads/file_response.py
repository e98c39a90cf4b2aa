"""Sends a file of the store: whole, a range of it, or 304."""

from base64 import b64encode
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from content_server.media.store import Store
from content_server.site.tree.csp import MEDIA_CSP
from content_server.web.published.ranges import RangeNotSatisfiable, parse_range

PARTIAL, NOT_MODIFIED, RANGE_NOT_SATISFIABLE = 206, 304, 416


@dataclass(frozen=True)
class StoredDownload:
    """A file in the store, and what a browser calls it."""

    digest: str
    size_bytes: int
    content_type: str
    name: str


def send_file(request: Request, store: Store, file: StoredDownload) -> Response:
    """Answer a GET or HEAD for a file."""
    headers = _headers(file)
    request_headers = request.headers
    if headers["ETag"] in request_headers.get("if-none-match", ""):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    first, end, status = 0, file.size_bytes, 200
    range_header = request_headers.get("range", "")
    if range_header and request_headers.get("if-range", headers["ETag"]) == headers["ETag"]:
        try:
            part = parse_range(range_header.encode(), file.size_bytes)
        except RangeNotSatisfiable:
            size = {"Content-Range": f"bytes */{file.size_bytes}"}
            return Response(status_code=RANGE_NOT_SATISFIABLE, headers=headers | size)
        if part is not None:
            (first, end), status = part, PARTIAL
            headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.size_bytes}"
    headers["Content-Length"] = str(end - first)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.content_type)
    body = store.read_range(file.digest, first, end)
    return StreamingResponse(body, status, headers, media_type=file.content_type)


def _headers(file: StoredDownload) -> dict[str, str]:
    digest = b64encode(bytes.fromhex(file.digest)).decode()
    return {
        "ETag": f'"{file.digest}"',
        "Repr-Digest": f"sha-256=:{digest}:",  # RFC 9530
        "Digest": f"SHA-256={digest}",  # RFC 3230, for older tools
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "no-cache",
        "Content-Security-Policy": MEDIA_CSP,
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
