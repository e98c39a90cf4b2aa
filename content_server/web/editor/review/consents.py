"""Consents of people whose voice or face is in a lesson: recording and taking them down."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session, select

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.editorial.consent_withdrawal import withdraw_consent
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.edits import as_dict
from content_server.editorial.review.consents import NewConsent, list_consents, record_consent
from content_server.editorial.status.matrix import load_matrix
from content_server.editorial.status.staleness import steps_of
from content_server.editorial.tables import ConsentKind
from content_server.lessons.editions.tables import EditionRef, EditionRow
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import Phrase, _
from content_server.reach.periods import today_in_vietnam
from content_server.web.dependencies import (
    DatabaseDep,
    RegistriesDep,
    SessionDep,
    TreeDep,
    find_locale,
)
from content_server.web.editor.edition_context import actor_of
from content_server.web.permissions import requires
from content_server.web.rendering import render, see_other

router = APIRouter(include_in_schema=False)
ConsentDep = Annotated[Person, Depends(requires(Permission.REVIEW))]


@router.get(urls.CONSENTS_PAGE)
def consents_page(
    request: Request,
    _person: ConsentDep,
    session: SessionDep,
    registries: RegistriesDep,
    bai: str = "",
) -> HTMLResponse:
    """List the consents; for lesson `bai`, its media that a consent can be recorded for."""
    return render(
        request,
        "editor/consents.html",
        consents=list_consents(session),
        today=today_in_vietnam().isoformat(),
        kinds=[(ConsentKind.VOICE, _("giọng nói")), (ConsentKind.FACE, _("khuôn mặt"))],
        lessons=[(row.slug, row.title) for row in load_matrix(session, folders=[SOURCE_FOLDER])],
        lesson=bai[:60],
        media=list(_iterate_media(session, bai[:60], registries)),
    )


def _iterate_media(
    session: Session, slug: str, registries: Registries
) -> Iterator[tuple[str, str, Phrase]]:
    """Yield (digest, language, which) of every voice and photo of a lesson."""
    query = select(EditionRow.folder).where(EditionRow.slug == slug)
    folders = sorted(session.exec(query), key=lambda folder: (folder != SOURCE_FOLDER, folder))
    for folder in folders:
        draft, name = (
            draft_of(session, EditionRef(slug, folder)),
            find_locale(folder, registries).name_vi,
        )
        for number, step in enumerate(steps_of(draft.body).values(), 1):
            photo = str(as_dict(step.get("photo")).get("file") or "")
            voice = _("lời bước {number}", number=number)
            for file, what in (
                (str(step.get("voice") or ""), voice),
                (photo, _("ảnh bước {number}", number=number)),
            ):
                if file in draft.media:
                    yield draft.media[file], name, what


@router.post(urls.CONSENTS)
def add_consent(
    person: ConsentDep,
    database: DatabaseDep,
    digest: Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")],
    who: Annotated[str, Form(max_length=200)],
    given_on: Annotated[date, Form()],
    kind: Annotated[ConsentKind, Form()] = ConsentKind.VOICE,
    scope: Annotated[str, Form(max_length=400)] = "",
) -> RedirectResponse:
    """Record a consent."""
    with database.write() as session:
        consent = NewConsent(digest, kind, who, scope, given_on)
        row = record_consent(session, consent, actor_of(person))
        record_audit_event(session, person, "consent_recorded", f"{row.id}")
    return see_other(urls.CONSENTS_PAGE)


@router.post(urls.CONSENT_TAKE_DOWN)
def take_down_consent(
    consent: int, person: ConsentDep, database: DatabaseDep, tree: TreeDep
) -> RedirectResponse:
    """Remove the recording or photo of a consent from every lesson, draft and page."""
    person.require(Permission.PUBLISH)
    with database.write() as session:
        withdraw_consent(session, consent, tree, actor_of(person))
        record_audit_event(session, person, "taken_down", f"{consent}")
    return see_other(urls.CONSENTS_PAGE)
