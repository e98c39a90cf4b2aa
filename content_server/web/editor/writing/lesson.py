"""The page that edits a lesson: saving changes, adding, moving and removing steps."""

from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.editorial.drafts import step_order
from content_server.editorial.drafts.draft_validation import validate_draft
from content_server.editorial.drafts.drafts import (
    DraftWriter,
    check_is_source,
    conflicts_of,
    open_draft,
)
from content_server.editorial.drafts.presence import record_presence
from content_server.editorial.edits import SENTENCE_KEYS, Change, value_at
from content_server.editorial.status.review_dates import review_date_of
from content_server.editorial.status.staleness import (
    freshness_by_step,
    load_small_changes,
    sentence_in,
    steps_of,
)
from content_server.editorial.tables import DraftRow
from content_server.errors import ChangeRejected
from content_server.lessons.editions.revisions import get_or_create_edition
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.phrases import _
from content_server.web.dependencies import SessionDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    EditionWriterDep,
    format_time,
    load_edition_context,
    load_source_body,
    person_names,
)
from content_server.web.editor.rendition_urls import draft_renditions
from content_server.web.editor.step_views import general_problems, lesson_form_values, step_views
from content_server.web.editor.writing.translation import recording_diff, translation_page
from content_server.web.permissions import WorkDep, requires
from content_server.web.rendering import render, see_other

router = APIRouter(include_in_schema=False)
MAX_CHANGES = 200  # in one save: a whole lesson typed offline


class DraftChange(BaseModel):
    """One change as a page sends it."""

    part: str = Field("", max_length=60)
    path: str = Field(max_length=60)
    value: Any = None


class DraftChanges(BaseModel):
    """The changes of an open page; without changes only a sign that it is still open."""

    seen: int = Field(ge=0)
    page: str = Field("", max_length=40)
    here: str = Field("", max_length=60)
    changes: list[DraftChange] = Field(default_factory=list, max_length=MAX_CHANGES)


class SaveResult(BaseModel):
    """The answer to a save."""

    number: int
    sent_at: str
    conflicts: int
    others: list[DraftChange]
    here: list[str]
    problems: int


@router.get(urls.EDITION)
def lesson_page(
    person: WorkDep, request: Request, context: EditionContextDep, session: SessionDep
) -> HTMLResponse:
    """Show the editor of a lesson: its steps, or for a translation both languages."""
    if not context.is_source:
        return translation_page(request, context, person, session)
    draft = context.draft
    _model, problems = validate_draft(draft.body, None, context.registries)
    freshness = freshness_by_step(draft.body, draft.body, load_small_changes(session, context.slug))
    steps = step_views(
        draft.body, draft.media, problems, freshness, draft_renditions(session, draft)
    )
    return render(
        request,
        "editor/lesson.html",
        edition=context,
        steps=steps,
        fields=lesson_form_values(draft.body, context.registries),
        general=general_problems(problems),
        problems=problems,
        review_date=review_date_of(
            context.edition.review_by, str(draft.body.get("checked_on") or "")
        ),
        kinds=step_order.step_kind_names(),
        recording_diffs={
            step.id: recording_diff(session, context, step.id, steps_of(draft.body)[step.id], "")
            for step in steps
            if step.freshness.voice_stale
        },
        removed=[sentence_in(each["step"]) or each["step"]["id"] for each in draft.removed_steps],
        saved=format_time(draft.saved_at),
        conflicts=len(conflicts_of(session, draft)) if draft.id else 0,
        can_write=person.may(context.write_permission, context.folder),
        languages=list(context.registries.locales.values()),
    )


@router.post(urls.EDITION_SAVE)
def save_changes(
    sent: DraftChanges,
    person: WorkDep,
    writer: EditionWriterDep,
) -> SaveResult:
    """Save changes. A change that another person made first is stored as a conflict."""
    with writer.transaction() as (session, loaded):
        context = loaded
        if sent.changes:
            person.require(_required_permission(loaded, sent.changes), loaded.folder)
            get_or_create_edition(session, loaded.ref)
            context = load_edition_context(session, loaded.ref, loaded.registries)
        draft = open_draft(session, context.ref) if sent.changes else context.draft
        changes = [Change(each.part, each.path, each.value) for each in sent.changes]
        changes = _with_derived_changes(session, context, draft, changes)
        saved = DraftWriter(session, draft, person.id).save(changes, sent.seen, sent.page)
        others = record_presence(session, draft, person.id, sent.here) if draft.id else []
        names = person_names(session, {row.person_id for row in others})
        return SaveResult(
            number=saved.version,
            sent_at=format_time(draft.saved_at),
            conflicts=len(conflicts_of(session, draft)) if draft.id else 0,
            others=[
                DraftChange(part=each.part, path=each.path, value=each.value)
                for each in saved.other_changes
            ],
            here=sorted(names.values()),
            problems=_count_gaps(context, draft),
        )


def _required_permission(context: EditionContext, changes: list[DraftChange]) -> Permission:
    """Return the permission a save needs: confirming that a recording is still right is RECORD."""
    only_voices = all(each.path == "spoken_from" for each in changes)
    return Permission.RECORD if only_voices else context.write_permission


def _count_gaps(context: EditionContext, draft: DraftRow) -> int:
    if not context.is_source:
        return 0
    return len(validate_draft(draft.body, None, context.registries)[1])


def _with_derived_changes(
    session: Session, context: EditionContext, draft: DraftRow, changes: list[Change]
) -> list[Change]:
    """Add derived changes: a new fact's check date, the fingerprint of a translated sentence."""
    derived = []
    sources = {} if context.is_source else steps_of(load_source_body(session, context.slug))
    for change in changes:
        if not context.is_source and change.part and change.part not in sources:
            raise ChangeRejected(_("Bài tiếng Việt không còn bước này. Mở lại trang."))
        what, _dot, last = change.path.rpartition(".")
        if last == "what" and change.value and not value_at(draft.body, "", f"{what}.checked_on"):
            derived.append(Change("", f"{what}.checked_on", date.today().isoformat()))  # noqa: DTZ011  # the server's own day
        if not context.is_source and change.part and change.path in SENTENCE_KEYS:
            fingerprint = (
                source_fingerprint(sentence_in(sources[change.part])) if change.value else None
            )
            derived.append(Change(change.part, "made_from", fingerprint))
    return [*changes, *derived]


@router.post(urls.EDITION_STEPS)
def edit_steps(
    person: Annotated[Person, Depends(requires(Permission.WRITE))],
    writer: EditionWriterDep,
    do: Annotated[str, Form(max_length=20)],
    step: Annotated[str, Form(max_length=60)] = "",
    kind: Annotated[str, Form(max_length=20)] = "show",
) -> RedirectResponse:
    """Add, duplicate, move, remove or restore a step: `do` names the action."""
    person.require(Permission.WRITE, writer.ref.folder)
    check_is_source(writer.ref.folder)
    with writer.transaction() as (session, context):
        draft = open_draft(session, context.ref)
        target = _apply_step_action(DraftWriter(session, draft, person.id), do, step, kind)
    return see_other(context.url(urls.EDITION, fragment=target or "buoc"))


def _apply_step_action(writer: DraftWriter, do: str, step: str, kind: str) -> str:
    """Apply one action; return the id of the step to show afterwards, or ""."""
    if do in {"add", "double"}:
        draft = writer.row
        make = step_order.duplicate_step(draft.body, step) if do == "double" else None
        body, name = make or step_order.insert_step(draft.body, kind, step or None)
        writer.rewrite(lambda _body: body)
        return name
    if do in {"up", "down"}:
        way = -1 if do == "up" else 1
        writer.rewrite(lambda body: step_order.move_step(body, step, way))
        return step
    if do == "remove":
        writer.remove_step(partial(step_order.delete_step, name=step))
        return ""
    if do == "restore":
        writer.restore_removed_step(step_order.reinsert_step)
        return ""
    raise ChangeRejected(_("Không có việc nào tên {name}.", name=do))
