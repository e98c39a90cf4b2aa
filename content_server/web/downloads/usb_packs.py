"""USB packs over HTTP: the page of the course's downloads, and the zip of chosen languages."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server import urls
from content_server.errors import CoursePackUnavailable
from content_server.site.downloads.usb_packs import (
    UsbPacks,
    request_usb_pack,
)
from content_server.site.pages.render import render_page
from content_server.site.tree.csp import make_csp_header
from content_server.site.tree.rendition_index import format_size
from content_server.web.dependencies import SessionDep, UsbPacksDep
from content_server.web.downloads.course import CourseSourceDep
from content_server.web.downloads.file_response import StoredDownload, send_file
from content_server.web.permissions import public

RETRY_S = 3
ACCEPTED, CONFLICT = 202, 409
LanguagesQuery = Annotated[list[Annotated[str, Query(max_length=20)]], Query(max_length=60)]

router = APIRouter(dependencies=[public])


@router.get(urls.COURSE_DOWNLOADS, include_in_schema=False)
def course_page(
    session: SessionDep, usb_packs: UsbPacksDep, course_source: CourseSourceDep
) -> HTMLResponse:
    """Show the downloads of the whole course, each with its size."""
    course = ("", "")
    with suppress(CoursePackUnavailable):  # without a key no pack for boxes can be signed
        course = (urls.COURSE_PACK, format_size(course_source.require_pack().size_bytes))
    return _course_page(usb_packs, session, course=course)


@router.api_route(urls.USB_PACK, methods=["GET", "HEAD"], include_in_schema=False)
def usb_pack_file(
    request: Request,
    session: SessionDep,
    usb_packs: UsbPacksDep,
    tieng: LanguagesQuery = [],  # noqa: B006  # FastAPI copies it
    lai: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """Send the USB pack of these languages; without one, enqueue its build and show the page.

    An outdated pack is sent while a new one is being built. `lai` asks to retry a failed build.
    """
    languages = usb_packs.resolve_languages(session, tieng)
    pack = usb_packs.load_status(session, languages)
    has_failed = pack.job is not None and pack.job.error is not None
    should_enqueue = not pack.is_current and not pack.is_building and (bool(lai) or not has_failed)
    if should_enqueue and request.method == "GET":
        with usb_packs.site_builder.database.write() as writing:
            request_usb_pack(writing, languages)
    if pack.row is None:  # it may have been built meanwhile
        with usb_packs.site_builder.database.read() as fresh:
            pack = usb_packs.load_status(fresh, languages)
            if pack.row is None:
                return _course_page(usb_packs, fresh, languages)
    name = f"bai-hoc.{'-'.join(languages)}.zip"
    file = StoredDownload(pack.row.digest, pack.row.size_bytes, "application/zip", name)
    return send_file(request, usb_packs.site_builder.store, file)


def _course_page(
    usb_packs: UsbPacks,
    session: Session,
    languages: tuple[str, ...] = (),
    course: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    body = render_page(usb_packs.build_page(session, languages, course))
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    status = 200
    if languages:
        is_building = usb_packs.load_status(session, languages).is_building
        status = ACCEPTED if is_building else CONFLICT
        headers |= {"Retry-After": str(RETRY_S)} if is_building else {}
    return HTMLResponse(body, status, headers | make_csp_header(body))
