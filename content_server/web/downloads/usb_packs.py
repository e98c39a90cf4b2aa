"""The whole course to take away: a page, and the memory stick of chosen languages as a download."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server.box.pack_server import COURSE
from content_server.errors import CourseNotOffered
from content_server.site.downloads.usb_packs import ADDRESS, COURSE_PAGE, Sticks, ask_for_stick
from content_server.site.pages.render import render
from content_server.site.tree.csp import content_security_policy
from content_server.site.tree.rendition_index import weight
from content_server.web.dependencies import SessionDep
from content_server.web.downloads.file_response import Download, send
from content_server.web.permissions import anybody

RETRY_S = 3
BEING_MADE, FAILED = 202, 409
Tongues = Annotated[list[Annotated[str, Query(max_length=20)]], Query(max_length=60)]

router = APIRouter(dependencies=[anybody])


def _sticks(request: Request) -> Sticks:
    sticks: Sticks = request.app.state.sticks
    return sticks


SticksDep = Annotated[Sticks, Depends(_sticks)]


@router.get(COURSE_PAGE, include_in_schema=False)
def whole_course(request: Request, session: SessionDep, sticks: SticksDep) -> HTMLResponse:
    """Show what can be taken away of the whole course, each with its size."""
    course = ("", "")
    with suppress(CourseNotOffered):  # no key yet: a box cannot be filled from here
        course = (COURSE, weight(request.app.state.course.offered().size_bytes))
    return _page(sticks, session, course=course)


@router.api_route(ADDRESS, methods=["GET", "HEAD"], include_in_schema=False)
def stick(
    request: Request,
    session: SessionDep,
    sticks: SticksDep,
    tieng: Tongues = [],  # noqa: B006  # FastAPI copies it
    lai: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """Send the stick of these languages; what is not there yet is made, and the page says so.

    An old one is sent while a new one is being made.
    """
    languages = sticks.chosen(session, tieng)
    offer = sticks.offer(session, languages)
    tried = offer.job is not None and offer.job.error is not None
    wanted = not offer.is_fresh and not offer.is_being_made and (bool(lai) or not tried)
    if wanted and request.method == "GET":
        with sticks.press.database.write() as writing:
            ask_for_stick(writing, languages)
    if offer.row is None:  # it may have been made this very moment
        with sticks.press.database.read() as fresh:
            offer = sticks.offer(fresh, languages)
            if offer.row is None:
                return _page(sticks, fresh, languages)
    name = f"bai-hoc.{'-'.join(languages)}.zip"
    file = Download(offer.row.digest, offer.row.size_bytes, "application/zip", name)
    return send(request, sticks.press.store, file)


def _page(
    sticks: Sticks,
    session: Session,
    asked: tuple[str, ...] = (),
    course: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    body = render(sticks.page(session, asked, course))
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    status = 200
    if asked:
        made = sticks.offer(session, asked).is_being_made
        status = BEING_MADE if made else FAILED
        headers |= {"Retry-After": str(RETRY_S)} if made else {}
    return HTMLResponse(body, status, headers | content_security_policy(body))
