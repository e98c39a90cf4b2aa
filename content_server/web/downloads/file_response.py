"""Sends a kept file as any file server does: whole, in part, or not at all when it is known."""

from base64 import b64encode
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response, StreamingResponse

from content_server.media.store import Store
from content_server.site.tree.csp import FILE_POLICY
from content_server.web.published.ranges import RangeOutOfReach, parse_range

PARTIAL, NOT_MODIFIED, OUT_OF_REACH = 206, 304, 416


@dataclass(frozen=True)
class Download:
    """A file in the store, and what a browser calls it."""

    digest: str
    size_bytes: int
    content_type: str
    name: str


def send(request: Request, store: Store, file: Download) -> Response:
    """Answer a GET or HEAD for a file."""
    headers = _headers(file)
    asked = request.headers
    if headers["ETag"] in asked.get("if-none-match", ""):
        return Response(status_code=NOT_MODIFIED, headers=headers)
    first, end, status = 0, file.size_bytes, 200
    wanted = asked.get("range", "")
    if wanted and asked.get("if-range", headers["ETag"]) == headers["ETag"]:
        try:
            part = parse_range(wanted.encode(), file.size_bytes)
        except RangeOutOfReach:
            size = {"Content-Range": f"bytes */{file.size_bytes}"}
            return Response(status_code=OUT_OF_REACH, headers=headers | size)
        if part is not None:
            (first, end), status = part, PARTIAL
            headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.size_bytes}"
    headers["Content-Length"] = str(end - first)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.content_type)
    body = store.read_range(file.digest, first, end)
    return StreamingResponse(body, status, headers, media_type=file.content_type)


def _headers(file: Download) -> dict[str, str]:
    digest = b64encode(bytes.fromhex(file.digest)).decode()
    return {
        "ETag": f'"{file.digest}"',
        "Repr-Digest": f"sha-256=:{digest}:",  # RFC 9530
        "Digest": f"SHA-256={digest}",  # RFC 3230, for older tools
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "no-cache",
        "Content-Security-Policy": FILE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
