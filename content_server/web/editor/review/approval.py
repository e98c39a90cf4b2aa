"""Signing: a draft is handed in, given back or signed, shown to villagers, or taken away."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse

from content_server.accounts.audit_log import note as log
from content_server.accounts.roles import Act, Person
from content_server.editorial import publication
from content_server.editorial.drafts.drafts import open_draft
from content_server.editorial.edits import clean
from content_server.editorial.review import workflow
from content_server.editorial.tables import ChangeSeverity, WorkflowEvent
from content_server.errors import ChangeRefused
from content_server.lessons.editions.revisions import find_edition
from content_server.phrases import _
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SettingsDep, SiteBuilderDep
from content_server.web.editor.edition_context import (
    Folder,
    RoadDep,
    Slug,
    actor_of,
    place_of,
    see_other,
)
from content_server.web.editor.writing.preview import draft_cost, is_over
from content_server.web.permissions import whoever_may

router = APIRouter(include_in_schema=False)
SubmitDep = Annotated[Person, Depends(whoever_may(Act.SUBMIT))]
ReviewDep = Annotated[Person, Depends(whoever_may(Act.REVIEW))]
PublishDep = Annotated[Person, Depends(whoever_may(Act.PUBLISH))]
Note = Annotated[str, Form(max_length=400)]


@router.post("/-/soan/bai/{slug}/{folder}/gui")
def submit(
    slug: Slug,
    folder: Folder,
    person: SubmitDep,
    database: DatabaseDep,
    library: RegistriesDep,
    note: Note = "",
) -> RedirectResponse:
    """Hand a draft in for review."""
    person.must(Act.SUBMIT, folder)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder)
        hand = actor_of(person)
        workflow.submit(session, slug, folder, draft, library, hand, str(clean(note)))
        log(session, person, "submitted", f"{slug}/{folder}")
    return see_other(f"{place.path}/duyet")


@router.post("/-/soan/bai/{slug}/{folder}/tra-lai")
def give_back(
    slug: Slug,
    folder: Folder,
    person: ReviewDep,
    database: DatabaseDep,
    library: RegistriesDep,
    note: Note = "",
) -> RedirectResponse:
    """Return a draft to its writers, with a note."""
    person.must(Act.REVIEW, folder)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder)
        workflow.give_back(session, place.edition, draft, actor_of(person), str(clean(note)))
        log(session, person, "returned", f"{slug}/{folder}")
    return see_other(f"{place.path}/duyet")


@router.post("/-/soan/bai/{slug}/{folder}/dong-y")
def approve(
    slug: Slug,
    folder: Folder,
    person: ReviewDep,
    database: DatabaseDep,
    library: RegistriesDep,
    settings: SettingsDep,
) -> RedirectResponse:
    """Sign what was handed in."""
    person.must(Act.REVIEW, folder)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder)
        workflow.approve(
            session, place.edition, draft, actor_of(person), two_people=settings.two_people
        )
        log(session, person, "approved", f"{slug}/{folder}")
    return see_other(f"{place.path}/duyet#len")


@router.post("/-/soan/bai/{slug}/{folder}/dua-len")
async def publish(
    request: Request,
    slug: Slug,
    folder: Folder,
    person: PublishDep,
    database: DatabaseDep,
    library: RegistriesDep,
    press: SiteBuilderDep,
    settings: SettingsDep,
) -> RedirectResponse:
    """Show the newest revision to villagers: a job; nothing else changes their page."""
    person.must(Act.PUBLISH, folder)
    form = await request.form(max_fields=40)
    texts = {key: str(value)[:400] for key, value in form.items()}
    weights = {
        key.removeprefix("weight-"): ChangeSeverity(value)
        for key, value in texts.items()
        if key.startswith("weight-") and value in set(ChangeSeverity)
    }
    with database.read() as session:
        place = place_of(session, slug, folder, library)
        over = is_over(draft_cost(session, press, place))
    wish = publication.Wish(
        reason=str(clean(texts.get("reason", ""))),
        is_over=over,
        two_people=settings.two_people,
        weights=weights,
    )
    with database.write() as session:
        job = publication.show(session, slug, folder, actor_of(person), wish)
        log(session, person, "published", f"{slug}/{folder}")
    return see_other(f"{place.path}/dang-len/{job}")


@router.post("/-/soan/bai/{slug}/{folder}/cat-di")
def take_away(
    slug: Slug,
    folder: Folder,
    person: PublishDep,
    database: DatabaseDep,
    road: RoadDep,
    note: Note = "",
) -> RedirectResponse:
    """Take an edition away from villagers."""
    person.must(Act.PUBLISH, folder)
    if not note.strip():
        raise ChangeRefused(_("Viết vì sao cất bài này đi."))
    road.withdraw(slug, folder)
    with database.write() as session:
        edition = find_edition(session, slug, folder)
        number = edition.published_revision
        hand = actor_of(person)
        workflow.do(session, edition, WorkflowEvent.WITHDRAWN, number, hand, str(clean(note)))
        log(session, person, "withdrawn", f"{slug}/{folder}")
    return see_other(f"/-/soan/bai/{slug}/{folder}/duyet")
