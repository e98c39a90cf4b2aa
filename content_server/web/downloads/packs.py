"""The way to packs: a page that lists them, and each as a file that can be fetched in parts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server.errors import LessonNotFound
from content_server.phrases import _
from content_server.site.downloads.downloads_page import PackOffer, offer_of, takeaway_page
from content_server.site.downloads.pack_builder import Packer, ask_for
from content_server.site.packs.pack_kinds import ABOUT, PackKind
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.tables import PackRow
from content_server.site.pages.render import render
from content_server.site.tree.csp import content_security_policy
from content_server.web.dependencies import SessionDep
from content_server.web.downloads.file_response import Download, send
from content_server.web.permissions import anybody

router = APIRouter(dependencies=[anybody])
RETRY_S = 3
BEING_MADE = 202


def _packer(request: Request) -> Packer:
    packer: Packer = request.app.state.packer
    return packer


PackerDep = Annotated[Packer, Depends(_packer)]


def _taught(folder: str, slug: str, session: SessionDep, packer: PackerDep) -> PackLesson:
    return packer.taught(session, slug, folder)


TaughtDep = Annotated[PackLesson, Depends(_taught)]


@router.get("/-/goi/{folder}/{slug}", include_in_schema=False)  # noqa: FAST003  # TaughtDep takes both
def takeaway(session: SessionDep, taught: TaughtDep) -> HTMLResponse:
    """Show what can be taken away of a lesson."""
    return _page(session, taught)


@router.api_route(  # TaughtDep takes two
    "/-/goi/{kind}/{folder}/{slug}", methods=["GET", "HEAD"], include_in_schema=False
)
def pack(  # noqa: PLR0913, PLR0917  # each is asked for by name
    kind: str,
    request: Request,
    session: SessionDep,
    taught: TaughtDep,
    packer: PackerDep,
    lai: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    """Send a pack; what is not there yet is asked for, and the page says how far it is.

    An old pack is sent while a new one is being made.
    """
    offer = offer_of(session, taught, _kind(kind))
    if _is_to_be_made(offer, again=bool(lai)) and request.method == "GET":
        with packer.database.write() as writing:
            ask_for(writing, taught.telling.slug, taught.telling.locale.folder, offer.kind)
    if offer.row is not None:
        return _file(request, taught, offer.row)
    with packer.database.read() as fresh:  # it may have been made this very moment
        made = offer_of(fresh, taught, offer.kind).row
        return _file(request, taught, made) if made else _page(fresh, taught, offer.kind)


def _kind(name: str) -> PackKind:
    if name in set(PackKind):
        return PackKind(name)
    raise LessonNotFound(_("Không có loại gói {name}. Có: {kinds}.", name=name[:20], kinds="mp4 …"))


def _is_to_be_made(offer: PackOffer, *, again: bool) -> bool:
    """Tell whether to ask for it; what failed once for this lesson is tried when a person says so.

    What failed for an older state of the lesson counts too: then `renew` has asked already.
    """
    if offer.is_fresh or offer.is_being_made:
        return False
    return again or offer.job is None or offer.job.error is None


def _page(session: Session, taught: PackLesson, waits_for: PackKind | None = None) -> HTMLResponse:
    offered = offer_of(session, taught, waits_for) if waits_for else None
    is_made = offered is not None and offered.is_being_made
    body = render(takeaway_page(session, taught, waits_for if is_made else None))
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    if is_made:
        headers["Retry-After"] = str(RETRY_S)
    status = BEING_MADE if is_made else 409 if waits_for else 200
    return HTMLResponse(body, status, headers | content_security_policy(body))


def _file(request: Request, taught: PackLesson, row: PackRow) -> Response:
    name = f"{row.slug}.{row.folder}.{row.kind.file_name}"
    file = Download(row.digest, row.size_bytes, ABOUT[row.kind].content_type, name)
    return send(request, taught.store, file)
