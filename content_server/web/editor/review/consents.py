"""Consents: who agreed to be heard or seen, and their voice or face taken down everywhere."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session, select

from content_server.accounts.audit_log import note
from content_server.accounts.roles import Act, Person
from content_server.editorial import publication
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.edits import dict_of
from content_server.editorial.review.consents import consents, note_consent
from content_server.editorial.status.matrix import matrix_of
from content_server.editorial.status.staleness import steps_of
from content_server.editorial.tables import ConsentKind
from content_server.lessons.editions.tables import EditionRow
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import Phrase, _
from content_server.reach.periods import today
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep
from content_server.web.editor.edition_context import RoadDep, actor_of, locale_of, see_other
from content_server.web.permissions import whoever_may
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
ConsentDep = Annotated[Person, Depends(whoever_may(Act.REVIEW))]


@router.get("/-/soan/dong-y")
def consents_page(
    request: Request,
    _person: ConsentDep,
    session: SessionDep,
    library: RegistriesDep,
    bai: str = "",
) -> HTMLResponse:
    """Show who agreed to be heard or seen; of one lesson, what there is to write down."""
    return render(
        request,
        "editor/consents.html",
        consents=consents(session),
        today=today().isoformat(),
        kinds=[(ConsentKind.VOICE, _("giọng nói")), (ConsentKind.FACE, _("khuôn mặt"))],
        lessons=[(row.slug, row.title) for row in matrix_of(session, folders=[SOURCE_FOLDER])],
        lesson=bai[:60],
        media=list(_media_of(session, bai[:60], library)),
    )


def _media_of(
    session: Session, slug: str, library: Registries
) -> Iterator[tuple[str, str, Phrase]]:
    """Yield (digest, language, which) of every voice and photo of a lesson."""
    query = select(EditionRow.folder).where(EditionRow.slug == slug)
    folders = sorted(session.exec(query), key=lambda folder: (folder != SOURCE_FOLDER, folder))
    for folder in folders:
        draft, name = draft_of(session, slug, folder), locale_of(folder, library).name_vi
        for number, step in enumerate(steps_of(draft.body).values(), 1):
            photo = str(dict_of(step.get("photo")).get("file") or "")
            voice = _("lời bước {number}", number=number)
            for file, what in (
                (str(step.get("voice") or ""), voice),
                (photo, _("ảnh bước {number}", number=number)),
            ):
                if file in draft.media:
                    yield draft.media[file], name, what


@router.post("/-/soan/dong-y")
def add_consent(
    person: ConsentDep,
    database: DatabaseDep,
    digest: Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")],
    who: Annotated[str, Form(max_length=200)],
    given_on: Annotated[date, Form()],
    likeness: Annotated[ConsentKind, Form()] = ConsentKind.VOICE,
    scope: Annotated[str, Form(max_length=400)] = "",
) -> RedirectResponse:
    """Write a consent down."""
    with database.write() as session:
        row = note_consent(
            session, digest, likeness, who, scope=scope, given_on=given_on, by=actor_of(person)
        )
        note(session, person, "consent_noted", f"{row.id}")
    return see_other("/-/soan/dong-y")


@router.post("/-/soan/dong-y/{consent}/go-xuong")
def take_down(
    consent: int, person: ConsentDep, database: DatabaseDep, road: RoadDep
) -> RedirectResponse:
    """Take a voice or face down everywhere, at once."""
    person.must(Act.PUBLISH)
    with database.write() as session:
        publication.take_down_everywhere(session, consent, road.tree, actor_of(person))
        note(session, person, "taken_down", f"{consent}")
    return see_other("/-/soan/dong-y")
