"""Share links: a draft shown to people without an account, until the link expires or is revoked."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from sqlmodel import Session

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.editorial.drafts.share_links import (
    LIFETIMES_DAYS,
    create_share_link,
    find_shared_edition,
    revoke_share_link,
    share_links_of,
)
from content_server.editorial.preview import preview_page
from content_server.editorial.tables import ShareLinkRow
from content_server.errors import ChangeRejected, LessonNotFound
from content_server.phrases import _
from content_server.site.tree.csp import make_csp_header
from content_server.web.accounts.sign_in_forms import absolute_url
from content_server.web.dependencies import (
    RegistriesDep,
    SessionDep,
    SettingsDep,
    SiteBuilderDep,
    StoreDep,
)
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    EditionWriterDep,
    format_day_time,
    load_edition_context,
    person_names,
)
from content_server.web.editor.review.comments import CommentDep
from content_server.web.editor.writing.preview import (
    NO_STORE,
    SUNLIGHT_HTML,
    localize_draft,
    send_rendition,
)
from content_server.web.permissions import WorkDep, public
from content_server.web.rendering import render, see_other

router = APIRouter(include_in_schema=False)
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,30}$")]
NOINDEX = NO_STORE | {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@router.get(urls.EDITION_SHARE_LINKS_PAGE)
def share_links_page(
    request: Request, _person: WorkDep, context: EditionContextDep, session: SessionDep
) -> HTMLResponse:
    """List the share links of a draft, with a form for a new one."""
    rows = share_links_of(session, context.edition) if context.edition.id else []
    return _share_links_page(request, context, session, rows)


@router.post(urls.EDITION_SHARE_LINKS)
def add_share_link(
    request: Request,
    person: CommentDep,
    writer: EditionWriterDep,
    settings: SettingsDep,
    days: Annotated[int, Form()] = 7,
    recipient: Annotated[str, Form(max_length=200)] = "",
) -> HTMLResponse:
    """Create a link and show it with its QR code; it is not shown again."""
    with writer.transaction() as (session, context):
        if context.edition.id is None:
            raise ChangeRejected(_("Bản này chưa có chữ nào để xem."))
        token, row = create_share_link(session, context.edition, days, recipient, person.id)
        record_audit_event(
            session, person, "share_link_created", f"{context.subject} {row.recipient}".strip()
        )
    address = absolute_url(request, settings, urls.SHARED_PREVIEW.url(token=token))
    qr_code = segno.make(address, error="m").svg_data_uri(scale=4, border=2)
    with writer.database.read() as session:
        rows = share_links_of(session, context.edition)
        return _share_links_page(request, context, session, rows, address=address, qr_code=qr_code)


@router.post(urls.EDITION_SHARE_LINK_REVOKE)
def remove_share_link(
    person: CommentDep,
    writer: EditionWriterDep,
    link: Annotated[int, Form(ge=1)],
) -> RedirectResponse:
    """Revoke a link, at once."""
    with writer.transaction() as (session, context):
        revoke_share_link(session, context.edition, link)
        record_audit_event(session, person, "share_link_revoked", context.subject)
    return see_other(context.url(urls.EDITION_SHARE_LINKS_PAGE))


def _share_links_page(
    request: Request,
    context: EditionContext,
    session: Session,
    rows: list[ShareLinkRow],
    address: str = "",
    qr_code: str = "",
) -> HTMLResponse:
    names = person_names(session, {row.actor_id for row in rows})
    return render(
        request,
        "editor/share_links.html",
        here=context.url(urls.EDITION_SHARE_LINKS_PAGE),
        edition=context,
        links=[
            (
                row.id,
                row.recipient,
                names.get(row.actor_id or 0, ""),
                format_day_time(row.expires_at),
            )
            for row in rows
        ],
        days=LIFETIMES_DAYS,
        address=address,
        qr_code=qr_code,
    )


@router.get(urls.SHARED_PREVIEW, dependencies=[public])
def shared_preview(
    token: Token,
    session: SessionDep,
    registries: RegistriesDep,
    site_builder: SiteBuilderDep,
    nang: str = "",
) -> HTMLResponse:
    """Answer with the preview of the draft that the link shares."""
    edition = find_shared_edition(session, token)
    context = load_edition_context(session, edition.ref, registries)
    lesson = localize_draft(session, context)
    body = preview_page(
        session, site_builder, lesson, registries, urls.SHARED_MEDIA.url(token=token, name="")
    )
    if nang:
        body = body.replace(b"<html ", SUNLIGHT_HTML, 1)
    return HTMLResponse(body, headers=NOINDEX | make_csp_header(body))


@router.get(urls.SHARED_MEDIA, dependencies=[public])
def shared_media(
    token: Token,
    name: Annotated[str, Path(pattern=r"^[0-9a-f]{20}\.[a-z0-9]{2,5}$")],
    session: SessionDep,
    registries: RegistriesDep,
    store: StoreDep,
) -> StreamingResponse:
    """Answer with a rendition of the shared draft. Raises LessonNotFound for any other."""
    edition = find_shared_edition(session, token)
    context = load_edition_context(session, edition.ref, registries)
    sources = set(localize_draft(session, context).media.values())
    response, source = send_rendition(session, store, name)
    if source not in sources:
        raise LessonNotFound(_("Tệp này chưa làm xong hoặc không còn."))
    return response
