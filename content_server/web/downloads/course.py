"""The course pack over HTTP: one file with ranges, so a box fetches only what it lacks."""

from collections.abc import Mapping
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from content_server import urls
from content_server.box.pack_server import make_etag
from content_server.media.store import Store
from content_server.site.course.container import CONTENT_TYPE, CoursePack
from content_server.web.permissions import public
from content_server.web.published.ranges import RangeNotSatisfiable, parse_range

PARTIAL, NOT_MODIFIED, PRECONDITION_FAILED, RANGE_NOT_SATISFIABLE = 206, 304, 412, 416

router = APIRouter(dependencies=[public])


class CourseSource(Protocol):
    """Where the course pack comes from: the site of a server, or the installed pack of a box."""

    @property
    def store(self) -> Store: ...

    def require_pack(self) -> CoursePack:
        """Return the pack. Raises CoursePackUnavailable."""
        ...


def _course_source(request: Request) -> CourseSource:
    source: CourseSource = request.app.state.course
    return source


CourseSourceDep = Annotated[CourseSource, Depends(_course_source)]


@router.api_route(urls.COURSE_PACK, methods=["GET", "HEAD"], include_in_schema=False)
def course_pack_file(request: Request, source: CourseSourceDep) -> Response:
    """Answer with the pack, or the requested range of it."""
    pack = source.require_pack()
    headers = _headers(pack)
    if status := _precondition_status(request.headers, headers["ETag"]):
        return Response(status_code=status, headers=headers)
    try:
        part = _requested_range(request.headers, pack, headers["ETag"])
    except RangeNotSatisfiable:
        size = {"Content-Range": f"bytes */{pack.size_bytes}"}
        return Response(status_code=RANGE_NOT_SATISFIABLE, headers=headers | size)
    start, end = part or (0, pack.size_bytes)
    headers |= {"Content-Length": str(end - start)}
    if part:
        headers |= {"Content-Range": f"bytes {start}-{end - 1}/{pack.size_bytes}"}
    status = PARTIAL if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(pack.read(source.store, start, end), status, headers)


def _headers(pack: CoursePack) -> dict[str, str]:
    return {
        "Content-Type": CONTENT_TYPE,
        "Content-Disposition": f'attachment; filename="{pack.file_name}"',
        "ETag": make_etag(pack.digest),
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }


def _precondition_status(headers: Mapping[str, str], etag: str) -> int | None:
    """Return 304 or 412 when a condition of the request says so, else None."""
    if headers.get("if-none-match") == etag:
        return NOT_MODIFIED
    if headers.get("if-match", etag) not in {etag, "*"}:
        return PRECONDITION_FAILED
    return None


def _requested_range(
    headers: Mapping[str, str], pack: CoursePack, etag: str
) -> tuple[int, int] | None:
    if "range" not in headers or headers.get("if-range", etag) != etag:
        return None
    return parse_range(headers["range"].encode(), pack.size_bytes)
