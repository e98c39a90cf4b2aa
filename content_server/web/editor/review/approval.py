"""The review workflow: submit a draft, return or approve it, publish or withdraw an edition."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.editorial import publication
from content_server.editorial.drafts.drafts import open_draft
from content_server.editorial.edits import clean_value
from content_server.editorial.review.workflow import Workflow
from content_server.editorial.tables import ChangeSeverity, WorkflowEvent
from content_server.errors import ChangeRejected
from content_server.lessons.editions.revisions import find_edition
from content_server.lessons.editions.tables import EditionRef
from content_server.phrases import _
from content_server.web.dependencies import (
    DatabaseDep,
    PublisherDep,
    RegistriesDep,
    SettingsDep,
    SiteBuilderDep,
)
from content_server.web.editor.edition_context import (
    EditionWriterDep,
    Folder,
    Slug,
    actor_of,
    load_edition_context,
)
from content_server.web.editor.writing.preview import draft_cost, is_over_budget
from content_server.web.permissions import requires
from content_server.web.rendering import see_other

router = APIRouter(include_in_schema=False)
SubmitDep = Annotated[Person, Depends(requires(Permission.SUBMIT))]
ReviewDep = Annotated[Person, Depends(requires(Permission.REVIEW))]
PublishDep = Annotated[Person, Depends(requires(Permission.PUBLISH))]
Note = Annotated[str, Form(max_length=400)]


@router.post(urls.EDITION_SUBMIT)
def post_submission(
    person: SubmitDep,
    writer: EditionWriterDep,
    note: Note = "",
) -> RedirectResponse:
    """Submit a draft for review."""
    person.require(Permission.SUBMIT, writer.ref.folder)
    with writer.transaction() as (session, context):
        draft = open_draft(session, context.ref)
        workflow = Workflow(session, context.edition, actor_of(person))
        workflow.submit(draft, context.registries, str(clean_value(note)))
    return see_other(context.url(urls.EDITION_REVIEW))


@router.post(urls.EDITION_RETURN)
def post_return(
    person: ReviewDep,
    writer: EditionWriterDep,
    note: Note = "",
) -> RedirectResponse:
    """Return a draft to its authors, with a note."""
    person.require(Permission.REVIEW, writer.ref.folder)
    with writer.transaction() as (session, context):
        draft = open_draft(session, context.ref)
        workflow = Workflow(session, context.edition, actor_of(person))
        workflow.return_to_author(draft, str(clean_value(note)))
    return see_other(context.url(urls.EDITION_REVIEW))


@router.post(urls.EDITION_APPROVE)
def post_approval(
    person: ReviewDep,
    writer: EditionWriterDep,
    settings: SettingsDep,
) -> RedirectResponse:
    """Approve a submitted draft."""
    person.require(Permission.REVIEW, writer.ref.folder)
    with writer.transaction() as (session, context):
        draft = open_draft(session, context.ref)
        workflow = Workflow(session, context.edition, actor_of(person))
        workflow.approve(draft, two_people=settings.two_people)
    return see_other(context.url(urls.EDITION_REVIEW, fragment="len"))


@router.post(urls.EDITION_PUBLISH)
async def post_publication(
    request: Request,
    slug: Slug,
    folder: Folder,
    person: PublishDep,
    database: DatabaseDep,
    registries: RegistriesDep,
    site_builder: SiteBuilderDep,
    settings: SettingsDep,
) -> RedirectResponse:
    """Enqueue the publication of the newest revision."""
    person.require(Permission.PUBLISH, folder)
    form = await request.form(max_fields=40)
    texts = {key: str(value)[:400] for key, value in form.items()}
    severities = {
        key.removeprefix("severity-"): ChangeSeverity(value)
        for key, value in texts.items()
        if key.startswith("severity-") and value in set(ChangeSeverity)
    }
    with database.read() as session:
        context = load_edition_context(session, EditionRef(slug, folder), registries)
        is_over = is_over_budget(draft_cost(session, site_builder, context))
    publish_request = publication.PublishRequest(
        reason=str(clean_value(texts.get("reason", ""))),
        is_over_budget=is_over,
        two_people=settings.two_people,
        severities=severities,
    )
    with database.write() as session:
        job = publication.publish_edition(
            session, EditionRef(slug, folder), actor_of(person), publish_request
        )
    return see_other(context.url(urls.EDITION_PUBLISHING, job=job))


@router.post(urls.EDITION_WITHDRAW)
def post_withdrawal(
    slug: Slug,
    folder: Folder,
    person: PublishDep,
    database: DatabaseDep,
    publisher: PublisherDep,
    note: Note = "",
) -> RedirectResponse:
    """Withdraw an edition, with a note."""
    person.require(Permission.PUBLISH, folder)
    if not note.strip():
        raise ChangeRejected(_("Viết vì sao cất bài này đi."))
    publisher.withdraw(slug, folder)
    with database.write() as session:
        edition = find_edition(session, EditionRef(slug, folder))
        workflow = Workflow(session, edition, actor_of(person))
        workflow.record(WorkflowEvent.WITHDRAWN, edition.published_revision, str(clean_value(note)))
    return see_other(urls.EDITION_REVIEW.url(slug=slug, folder=folder))
