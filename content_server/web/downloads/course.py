"""The course pack over HTTP: one file with ranges, so a box takes only what it is missing."""

from collections.abc import Mapping
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from content_server.box.pack_server import COURSE, etag_of
from content_server.media.store import Store
from content_server.site.course.container import CONTENT_TYPE, Pack
from content_server.web.permissions import anybody
from content_server.web.published.ranges import RangeOutOfReach, parse_range

PARTIAL, NOT_MODIFIED, PRECONDITION_FAILED, OUT_OF_REACH = 206, 304, 412, 416

router = APIRouter(dependencies=[anybody])


class Offers(Protocol):
    """Who has a pack to give: a server or a box."""

    @property
    def store(self) -> Store: ...

    def offered(self) -> Pack:
        """Return it. Raises CourseNotOffered."""
        ...


def _offers(request: Request) -> Offers:
    offers: Offers = request.app.state.course
    return offers


@router.api_route(COURSE, methods=["GET", "HEAD"], include_in_schema=False)
def course_file(request: Request, offers: Annotated[Offers, Depends(_offers)]) -> Response:
    """Answer with the pack, or the part of it that is asked for."""
    pack = offers.offered()
    headers = _headers(pack)
    if refusal := _refused(request.headers, headers["ETag"]):
        return Response(status_code=refusal, headers=headers)
    try:
        part = _part(request.headers, pack, headers["ETag"])
    except RangeOutOfReach:
        size = {"Content-Range": f"bytes */{pack.size_bytes}"}
        return Response(status_code=OUT_OF_REACH, headers=headers | size)
    start, end = part or (0, pack.size_bytes)
    headers |= {"Content-Length": str(end - start)}
    if part:
        headers |= {"Content-Range": f"bytes {start}-{end - 1}/{pack.size_bytes}"}
    status = PARTIAL if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(pack.read(offers.store, start, end), status, headers)


def _headers(pack: Pack) -> dict[str, str]:
    return {
        "Content-Type": CONTENT_TYPE,
        "Content-Disposition": f'attachment; filename="{pack.file_name}"',
        "ETag": etag_of(pack.digest),
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }


def _refused(asked: Mapping[str, str], etag: str) -> int | None:
    """Return the status for who has this pack already, or wants another one."""
    if asked.get("if-none-match") == etag:
        return NOT_MODIFIED
    if asked.get("if-match", etag) not in {etag, "*"}:
        return PRECONDITION_FAILED
    return None


def _part(asked: Mapping[str, str], pack: Pack, etag: str) -> tuple[int, int] | None:
    if "range" not in asked or asked.get("if-range", etag) != etag:
        return None
    return parse_range(asked["range"].encode(), pack.size_bytes)
