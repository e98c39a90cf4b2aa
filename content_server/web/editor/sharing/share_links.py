"""Guests: a draft shown by link and QR to somebody without an account, until it is withdrawn."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from sqlmodel import Session

from content_server.accounts.audit_log import note
from content_server.editorial.drafts.share_links import (
    DAYS,
    edition_for,
    guests_of,
    let_in,
    turn_away,
)
from content_server.editorial.preview import preview_page
from content_server.editorial.tables import ShareLinkRow
from content_server.errors import ChangeRefused, LessonNotFound
from content_server.phrases import _
from content_server.site.tree.csp import content_security_policy
from content_server.web.accounts.sign_in_forms import address_of
from content_server.web.dependencies import (
    DatabaseDep,
    RegistriesDep,
    SessionDep,
    SettingsDep,
    SiteBuilderDep,
)
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    Folder,
    RoadDep,
    Slug,
    day,
    names_of,
    place_of,
    see_other,
)
from content_server.web.editor.review.comments import CommentDep
from content_server.web.editor.writing.preview import NO_STORE, SUN, rendition_answer, telling_of
from content_server.web.permissions import WorkDep, anybody
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,30}$")]
HIDDEN = NO_STORE | {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@router.get("/-/soan/bai/{slug}/{folder}/cho-xem")
def guests_page(
    request: Request, _person: WorkDep, place: EditionContextDep, session: SessionDep
) -> HTMLResponse:
    """Show who may see this draft by a link, and make one more."""
    rows = guests_of(session, place.edition) if place.edition.id else []
    return _page(request, place, session, rows)


@router.post("/-/soan/bai/{slug}/{folder}/cho-xem")
def invite_guest(
    request: Request,
    slug: Slug,
    folder: Folder,
    person: CommentDep,
    database: DatabaseDep,
    library: RegistriesDep,
    settings: SettingsDep,
    days: Annotated[int, Form()] = 7,
    whom: Annotated[str, Form(max_length=200)] = "",
) -> HTMLResponse:
    """Make a link and show it, with its QR, this once."""
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        if place.edition.id is None:
            raise ChangeRefused(_("Bản này chưa có chữ nào để xem."))
        token, row = let_in(session, place.edition, days, whom, person.id)
        note(session, person, "guest_let_in", f"{slug}/{folder} {row.whom}".strip())
    address = address_of(request, settings, f"/-/xem/{token}")
    picture = segno.make(address, error="m").svg_data_uri(scale=4, border=2)
    with database.read() as session:
        rows = guests_of(session, place.edition)
        return _page(request, place, session, rows, address=address, picture=picture)


@router.post("/-/soan/bai/{slug}/{folder}/cho-xem/bo")
def turn_guest_away(
    slug: Slug,
    folder: Folder,
    person: CommentDep,
    database: DatabaseDep,
    library: RegistriesDep,
    guest: Annotated[int, Form(ge=1)],
) -> RedirectResponse:
    """Withdraw a link: its next visitor sees nothing."""
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        turn_away(session, place.edition, guest)
        note(session, person, "guest_turned_away", f"{slug}/{folder}")
    return see_other(f"{place.path}/cho-xem")


def _page(
    request: Request,
    place: EditionContext,
    session: Session,
    rows: list[ShareLinkRow],
    address: str = "",
    picture: str = "",
) -> HTMLResponse:
    names = names_of(session, {row.by_id for row in rows})
    return render(
        request,
        "editor/guests.html",
        place=place,
        guests=[
            (row.id, row.whom, names.get(row.by_id or 0, ""), day(row.ends_at)) for row in rows
        ],
        days=DAYS,
        address=address,
        picture=picture,
    )


@router.get("/-/xem/{token}", dependencies=[anybody])
def show_guest(
    token: Token, session: SessionDep, library: RegistriesDep, press: SiteBuilderDep, nang: str = ""
) -> HTMLResponse:
    """Answer whoever has the link with the villager's page of the draft as it stands now."""
    edition = edition_for(session, token)
    place = place_of(session, edition.slug, edition.folder, library)
    telling = telling_of(session, place)
    body = preview_page(session, press, telling, library, f"/-/xem/{token}/")
    if nang:
        body = body.replace(b"<html ", SUN, 1)
    return HTMLResponse(body, headers=HIDDEN | content_security_policy(body))


@router.get("/-/xem/{token}/{name}", dependencies=[anybody])
def guest_medium(
    token: Token,
    name: Annotated[str, Path(pattern=r"^[0-9a-f]{20}\.[a-z0-9]{2,5}$")],
    session: SessionDep,
    library: RegistriesDep,
    road: RoadDep,
) -> StreamingResponse:
    """Answer with a voice or picture of the draft the link shows, and no other."""
    edition = edition_for(session, token)
    place = place_of(session, edition.slug, edition.folder, library)
    sources = set(telling_of(session, place).media.values())
    answer, source = rendition_answer(session, road, name)
    if source not in sources:
        raise LessonNotFound(_("Tệp này chưa làm xong hoặc không còn."))
    return answer
