"""Packs of a lesson over HTTP: the page that lists them, and each file, with ranges."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server import urls
from content_server.errors import LessonNotFound
from content_server.phrases import _
from content_server.site.downloads.downloads_page import (
    PackStatus,
    build_downloads_page,
    load_pack_status,
)
from content_server.site.downloads.pack_builder import request_pack
from content_server.site.packs.pack_kinds import PACK_KINDS, PackKind
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.tables import PackRow
from content_server.site.pages.render import render_page
from content_server.site.tree.csp import make_csp_header
from content_server.web.dependencies import PackBuilderDep, SessionDep
from content_server.web.downloads.file_response import StoredDownload, send_file
from content_server.web.permissions import public

router = APIRouter(dependencies=[public])
RETRY_S = 3
ACCEPTED, CONFLICT = 202, 409


def _pack_lesson(
    folder: str, slug: str, session: SessionDep, pack_builder: PackBuilderDep
) -> PackLesson:
    return pack_builder.load_pack_lesson(session, slug, folder)


PackLessonDep = Annotated[PackLesson, Depends(_pack_lesson)]


@router.get(urls.LESSON_DOWNLOADS, include_in_schema=False)
def downloads_page(session: SessionDep, lesson: PackLessonDep) -> HTMLResponse:
    """Show the packs of a lesson."""
    return _downloads_page(session, lesson)


@router.api_route(urls.LESSON_PACK, methods=["GET", "HEAD"], include_in_schema=False)
def pack_file(  # noqa: PLR0913, PLR0917  # FastAPI injects each by name
    kind: str,
    request: Request,
    session: SessionDep,
    lesson: PackLessonDep,
    pack_builder: PackBuilderDep,
    lai: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """Send a pack; without one, enqueue its build and show the downloads page with its progress.

    An outdated pack is sent while a new one is being built. `lai` asks to retry a failed build.
    """
    status = load_pack_status(session, lesson, _pack_kind(kind))
    if _should_enqueue(status, again=bool(lai)) and request.method == "GET":
        with pack_builder.site_builder.database.write() as writing:
            request_pack(writing, lesson.lesson.slug, lesson.lesson.locale.folder, status.kind)
    if status.row is not None:
        return _send_pack(request, lesson, status.row)
    with pack_builder.site_builder.database.read() as fresh:  # it may have been built meanwhile
        row = load_pack_status(fresh, lesson, status.kind).row
        return (
            _send_pack(request, lesson, row) if row else _downloads_page(fresh, lesson, status.kind)
        )


def _pack_kind(name: str) -> PackKind:
    if name in set(PackKind):
        return PackKind(name)
    raise LessonNotFound(_("Không có loại gói {name}. Có: {kinds}.", name=name[:20], kinds="mp4 …"))


def _should_enqueue(status: PackStatus, *, again: bool) -> bool:
    """Tell whether to enqueue the build; one that failed is retried only with `again`.

    A failure for an older revision counts too: publishing has enqueued a rebuild since.
    """
    if status.is_current or status.is_building:
        return False
    return again or status.job is None or status.job.error is None


def _downloads_page(
    session: Session, lesson: PackLesson, awaited: PackKind | None = None
) -> HTMLResponse:
    awaited_status = load_pack_status(session, lesson, awaited) if awaited else None
    is_building = awaited_status is not None and awaited_status.is_building
    body = render_page(build_downloads_page(session, lesson, awaited if is_building else None))
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    if is_building:
        headers["Retry-After"] = str(RETRY_S)
    code = ACCEPTED if is_building else CONFLICT if awaited else 200
    return HTMLResponse(body, code, headers | make_csp_header(body))


def _send_pack(request: Request, lesson: PackLesson, row: PackRow) -> Response:
    name = f"{row.slug}.{row.folder}.{row.kind.file_name}"
    file = StoredDownload(row.digest, row.size_bytes, PACK_KINDS[row.kind].content_type, name)
    return send_file(request, lesson.store, file)
