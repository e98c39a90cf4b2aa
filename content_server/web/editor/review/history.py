"""The history of an edition: its revisions, their differences, snapshots, roll-back, conflicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.editorial import publication
from content_server.editorial.drafts.drafts import (
    DraftWriter,
    conflicts_of,
    open_draft,
)
from content_server.editorial.drafts.snapshots import delete_snapshot, save_snapshot, snapshots_of
from content_server.editorial.edits import DraftBody, value_at
from content_server.editorial.exchange.text_tables import LESSON_FIELDS
from content_server.editorial.review.word_diff import DiffSegment, word_diff
from content_server.editorial.review.workflow import events_of, find_revision, revisions_of
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.editorial.tables import WorkflowEvent, WorkflowEventRow
from content_server.jobs.queue import Job
from content_server.jobs.tables import JobState
from content_server.lessons.editions.tables import EditionRow, Origin, RevisionRow
from content_server.phrases import Phrase, _
from content_server.site.pages.panels import page_path
from content_server.web.dependencies import SessionDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    EditionWriterDep,
    actor_of,
    format_day_time,
    load_source_body,
    person_names,
)
from content_server.web.editor.review.review import EventView, event_view
from content_server.web.permissions import WorkDep, requires
from content_server.web.rendering import render, see_other

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class SnapshotView:
    """One snapshot of the draft as the history page lists it."""

    id: int
    name: str  # empty when it was saved automatically
    author: str
    written_at: str
    changes: int  # texts that differ from the draft now


@dataclass(frozen=True)
class RevisionView:
    """One revision as the history page lists it."""

    number: int
    author: str  # empty when it came from a file
    written_at: str
    note: str
    events: tuple[EventView, ...]
    can_roll_back: bool


@dataclass(frozen=True)
class ConflictView:
    """A field that two people changed: the value in the draft, and the other one."""

    id: int
    step: int  # its number; 0 for a field of the lesson itself
    author: str  # of the other value
    written_at: str
    draft_value: Any
    other_value: Any


PublishDep = Annotated[Person, Depends(requires(Permission.PUBLISH))]


@router.get(urls.EDITION_HISTORY)
def history_page(
    person: WorkDep,
    request: Request,
    context: EditionContextDep,
    session: SessionDep,
    cu: Annotated[int, Query(ge=0)] = 0,
    moi: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    """Show the revisions, and the word diff of two of them: `cu` (old) and `moi` (new)."""
    is_stored = context.edition.id is not None
    rows = revisions_of(session, context.edition) if is_stored else []
    events = events_of(session, context.edition) if is_stored else []
    names = person_names(session, {r.actor_id for r in rows} | {event.actor_id for event in events})
    can_roll_back_to = {
        event.revision
        for event in events
        if event.event in {WorkflowEvent.PUBLISHED, WorkflowEvent.APPROVED}
    } | {context.edition.published_revision}
    order = list(steps_of(load_source_body(session, context.slug)))
    pair = _revisions_to_compare(session, context.edition, rows, cu, moi)
    return render(
        request,
        "editor/history.html",
        edition=context,
        revisions=[_revision_view(row, names, events, can_roll_back_to) for row in rows],
        current=context.edition.published_revision,
        old=pair[0].number if pair else 0,
        new=pair[1].number if pair else 0,
        diff=_diff_bodies(pair[0].body, pair[1].body, order) if pair else [],
        can_publish=person.may(Permission.PUBLISH, context.folder),
        can_write=person.may(context.write_permission, context.folder),
        snapshots=_snapshot_views(session, context, order),
    )


def _snapshot_views(
    session: Session, context: EditionContext, order: Sequence[str]
) -> list[SnapshotView]:
    """Return the snapshots of the draft as the page lists them."""
    rows = snapshots_of(session, context.draft)
    names = person_names(session, {row.actor_id for row in rows})
    return [
        SnapshotView(
            id=row.id or 0,
            name=row.name,
            author=names.get(row.actor_id or 0, ""),
            written_at=format_day_time(row.created_at),
            changes=len(_diff_bodies(row.body, context.draft.body, order)),
        )
        for row in rows
    ]


@router.post(urls.EDITION_SNAPSHOTS)
def change_snapshots(
    person: WorkDep,
    writer: EditionWriterDep,
    name: Annotated[str, Form(max_length=200)] = "",
    restore: Annotated[int, Form(ge=0)] = 0,
    delete: Annotated[int, Form(ge=0)] = 0,
) -> RedirectResponse:
    """Save a snapshot under a name, or restore or delete the snapshot with a number."""
    with writer.transaction() as (session, context):
        person.require(context.write_permission, context.folder)
        draft = open_draft(session, context.ref)
        if restore:
            DraftWriter(session, draft, person.id).restore_snapshot(restore)
            record_audit_event(session, person, "snapshot_restored", context.subject)
        elif delete:
            delete_snapshot(session, draft, delete)
        else:
            snapshot = save_snapshot(session, draft, name, person.id)
            record_audit_event(
                session, person, "snapshot_saved", f"{context.subject} {snapshot.name}"
            )
    return see_other(context.path if restore else context.url(urls.EDITION_HISTORY, fragment="giu"))


def _revisions_to_compare(
    session: Session, edition: EditionRow, rows: list[RevisionRow], old: int, new: int
) -> tuple[RevisionRow, RevisionRow] | None:
    if len(rows) < 2:  # noqa: PLR2004  # two are compared
        return None
    return (
        find_revision(session, edition, old) if old else rows[1],
        find_revision(session, edition, new) if new else rows[0],
    )


def _revision_view(
    row: RevisionRow,
    names: dict[int, str],
    events: list[WorkflowEventRow],
    can_roll_back_to: set[int | None],
) -> RevisionView:
    return RevisionView(
        number=row.number,
        author=names.get(row.actor_id or 0, ""),
        written_at=format_day_time(row.created_at),
        note=row.note,
        events=tuple(event_view(event, names) for event in events if event.revision == row.number),
        can_roll_back=row.number in can_roll_back_to or row.origin is Origin.FILE,
    )


def _diff_bodies(
    old: DraftBody, new: DraftBody, order: Sequence[str]
) -> list[tuple[Phrase, tuple[DiffSegment, ...]]]:
    """Return (place, diff) of every text that differs; `order`: the ids of the lesson's steps."""
    old_steps, new_steps = steps_of(old), steps_of(new)
    numbers = {name: _("Bước {number}", number=n) for n, name in enumerate(order, 1)}
    removed = (name for name in {**new_steps, **old_steps} if name not in numbers)
    numbers |= {name: _("Bước đã bỏ") for name in removed}
    texts = [
        (where, str(old.get(key) or ""), str(new.get(key) or ""))
        for key, where in LESSON_FIELDS.items()
    ]
    texts += [
        (where, _step_text(old_steps.get(name, {})), _step_text(new_steps.get(name, {})))
        for name, where in numbers.items()
    ]
    return [(where, word_diff(before, after)) for where, before, after in texts if before != after]


def _step_text(step: DraftBody) -> str:
    """Return everything a step says, as one text to compare; a changed voice counts as a word."""
    words = [sentence_in(step)]
    for group in ("practise", "answers"):
        for item in step.get(group) or []:
            words += [str(item.get(key) or "") for key in ("say", "hint", "because")]
    if step.get("voice"):
        words.append(f"🔊{step['voice'].rpartition('/')[2][:6]}")
    return " ".join(word for word in words if word)


@router.post(urls.EDITION_ROLL_BACK)
def post_roll_back(
    person: PublishDep,
    writer: EditionWriterDep,
    number: Annotated[int, Form(ge=1)],
) -> RedirectResponse:
    """Enqueue the publication of an older revision."""
    person.require(Permission.PUBLISH, writer.ref.folder)
    with writer.transaction() as (session, context):
        job = publication.roll_back_edition(session, context.ref, number, actor_of(person))
    return see_other(context.url(urls.EDITION_PUBLISHING, job=job))


@router.get(urls.EDITION_PUBLISHING)
def publishing_page(
    _person: WorkDep, request: Request, context: EditionContextDep, job: int, session: SessionDep
) -> HTMLResponse:
    """Show the progress of a publication job, or its error."""
    row = session.get(Job, job)
    state = row.state if row else JobState.FAILED
    page = render(
        request,
        "editor/publishing.html",
        edition=context,
        waiting=state in {JobState.WAITING, JobState.RUNNING},
        failed=state in {JobState.FAILED, JobState.CANCELLED},
        why=row.error_phrase if row else None,
        address=page_path(context.folder, context.slug),
        job=job,
    )
    if state in {JobState.WAITING, JobState.RUNNING}:
        page.headers["Refresh"] = "2"  # works without scripts
    return page


@router.get(urls.EDITION_CONFLICTS_PAGE)
def conflicts_page(
    person: WorkDep, request: Request, context: EditionContextDep, session: SessionDep
) -> HTMLResponse:
    """Show both versions of every field that two people changed at once."""
    rows = conflicts_of(session, context.draft) if context.draft.id else []
    names = person_names(session, {row.actor_id for row in rows})
    steps = list(steps_of(context.draft.body))
    return render(
        request,
        "editor/conflicts.html",
        edition=context,
        conflicts=[
            ConflictView(
                id=row.id or 0,
                step=steps.index(row.part) + 1 if row.part in steps else 0,
                author=names.get(row.actor_id or 0, ""),
                written_at=format_day_time(row.created_at),
                draft_value=value_at(context.draft.body, row.part, row.value["path"]),
                other_value=row.value["value"],
            )
            for row in rows
        ],
        can_write=person.may(context.write_permission, context.folder),
    )


@router.post(urls.EDITION_CONFLICTS)
def choose_version(
    person: WorkDep,
    writer: EditionWriterDep,
    conflict: Annotated[int, Form()],
    take: Annotated[str, Form(pattern="^(here|there)$")],
) -> RedirectResponse:
    """Resolve a conflict: keep the draft's words (`here`) or the other version (`there`)."""
    with writer.transaction() as (session, context):
        person.require(context.write_permission, context.folder)
        draft = open_draft(session, context.ref)
        drafts = DraftWriter(session, draft, person.id)
        drafts.resolve_conflict(conflict, take_conflicting=take == "there")
        remaining = conflicts_of(session, draft)
    return see_other(context.url(urls.EDITION_CONFLICTS_PAGE) if remaining else context.path)
