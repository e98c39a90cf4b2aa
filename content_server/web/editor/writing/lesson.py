"""A lesson in the making: its cards, saved change by change, its steps added and put in order."""

from datetime import date
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from content_server.accounts.roles import Act, Person
from content_server.editorial.drafts import step_order
from content_server.editorial.drafts.draft_validation import read_draft
from content_server.editorial.drafts.drafts import (
    be_here,
    bring_back,
    check_source,
    conflicts_of,
    open_draft,
    remove_step,
    rewrite,
    save,
)
from content_server.editorial.edits import SENTENCES, Change, value_at
from content_server.editorial.status.review_dates import due_on
from content_server.editorial.status.staleness import (
    freshness,
    sentence_in,
    small_changes,
    steps_of,
)
from content_server.editorial.tables import DraftRow
from content_server.errors import ChangeRefused
from content_server.lessons.editions.revisions import open_edition
from content_server.lessons.validation import source_fingerprint
from content_server.phrases import _
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    Folder,
    Slug,
    clock,
    names_of,
    place_of,
    see_other,
    source_body,
)
from content_server.web.editor.rendition_urls import shelf_for
from content_server.web.editor.step_views import general_problems, lesson_fields, step_views
from content_server.web.editor.writing.translation import spoken_since, translation_page
from content_server.web.permissions import WorkDep, whoever_may
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
MOST_CHANGES = 200  # of one save: a whole lesson typed while there was no signal


class TypedChange(BaseModel):
    """One change as a page sends it."""

    part: str = Field("", max_length=60)
    path: str = Field(max_length=60)
    value: Any = None


class Typed(BaseModel):
    """What a page sends when something was typed, or only to say that it is still open."""

    seen: int = Field(ge=0)
    page: str = Field("", max_length=40)
    here: str = Field("", max_length=60)
    changes: list[TypedChange] = Field(default_factory=list, max_length=MOST_CHANGES)


class Answered(BaseModel):
    """What the server says to a save."""

    number: int
    sent_at: str
    conflicts: int
    others: list[TypedChange]
    here: list[str]
    problems: int


@router.get("/-/soan/bai/{slug}/{folder}")
def lesson_page(
    person: WorkDep, request: Request, place: EditionContextDep, session: SessionDep
) -> HTMLResponse:
    """Show a lesson's cards; a translation beside its source."""
    if not place.is_source:
        return translation_page(request, place, person, session)
    draft = place.draft
    _model, problems = read_draft(draft.body, None, place.library)
    fresh = freshness(draft.body, draft.body, small_changes(session, place.slug))
    steps = step_views(draft.body, draft.media, problems, fresh, shelf_for(session, draft))
    return render(
        request,
        "editor/lesson.html",
        place=place,
        steps=steps,
        fields=lesson_fields(draft.body, place.library),
        general=general_problems(problems),
        problems=problems,
        due_on=due_on(place.edition.review_by, str(draft.body.get("checked_on") or "")),
        kinds=step_order.kind_names(),
        spoken={
            step.id: spoken_since(session, place, step.id, steps_of(draft.body)[step.id], "")
            for step in steps
            if step.fresh.voice_stale
        },
        removed=[sentence_in(each["step"]) or each["step"]["id"] for each in draft.removed],
        saved=clock(draft.saved_at),
        conflicts=len(conflicts_of(session, draft)) if draft.id else 0,
        can_write=person.may(place.writing, place.folder),
        languages=list(place.library.locales.values()),
    )


@router.post("/-/soan/bai/{slug}/{folder}/luu")
def save_changes(
    slug: Slug,
    folder: Folder,
    typed: Typed,
    person: WorkDep,
    database: DatabaseDep,
    library: RegistriesDep,
) -> Answered:
    """Save what was typed. Two people at once lose nothing: what clashes is kept beside."""
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        if typed.changes:
            person.must(_act_of(place, typed.changes), folder)
            open_edition(session, slug, folder)
            place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder) if typed.changes else place.draft
        changes = [Change(each.part, each.path, each.value) for each in typed.changes]
        changes = _completed(session, place, draft, changes)
        saved = save(session, draft, changes, typed.seen, person.id, typed.page)
        others = be_here(session, draft, person.id, typed.here) if draft.id else []
        names = names_of(session, {row.person_id for row in others})
        return Answered(
            number=saved.number,
            sent_at=clock(draft.saved_at),
            conflicts=len(conflicts_of(session, draft)) if draft.id else 0,
            others=[
                TypedChange(part=each.part, path=each.path, value=each.value)
                for each in saved.others
            ],
            here=sorted(names.values()),
            problems=_gaps(place, draft),
        )


def _act_of(place: EditionContext, changes: list[TypedChange]) -> Act:
    """Return what a save is: a speaker who calls recordings still right writes nothing."""
    only_voices = all(each.path == "spoken_from" for each in changes)
    return Act.RECORD if only_voices else place.writing


def _gaps(place: EditionContext, draft: DraftRow) -> int:
    if not place.is_source:
        return 0
    return len(read_draft(draft.body, None, place.library)[1])


def _completed(
    session: Session, place: EditionContext, draft: DraftRow, changes: list[Change]
) -> list[Change]:
    """Add what goes with a change: the day a fact was checked, the stamp of what was translated."""
    more = []
    sources = {} if place.is_source else steps_of(source_body(session, place.slug))
    for change in changes:
        if not place.is_source and change.part and change.part not in sources:
            raise ChangeRefused(_("Bài tiếng Việt không còn bước này. Mở lại trang."))
        what, _dot, last = change.path.rpartition(".")
        if last == "what" and change.value and not value_at(draft.body, "", f"{what}.checked_on"):
            more.append(Change("", f"{what}.checked_on", date.today().isoformat()))  # noqa: DTZ011  # the server's own day
        if not place.is_source and change.part and change.path in SENTENCES:
            stamp = source_fingerprint(sentence_in(sources[change.part])) if change.value else None
            more.append(Change(change.part, "made_from", stamp))
    return [*changes, *more]


@router.post("/-/soan/bai/{slug}/{folder}/buoc")
def change_steps(
    slug: Slug,
    folder: Folder,
    person: Annotated[Person, Depends(whoever_may(Act.WRITE))],
    database: DatabaseDep,
    library: RegistriesDep,
    do: Annotated[str, Form(max_length=20)],
    step: Annotated[str, Form(max_length=60)] = "",
    kind: Annotated[str, Form(max_length=20)] = "show",
) -> RedirectResponse:
    """Add, double, move, take away or bring back a step."""
    person.must(Act.WRITE, folder)
    check_source(folder)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder)
        target = _do(session, draft, do, step, kind, person.id)
    return see_other(f"{place.path}#{target}" if target else f"{place.path}#buoc")


def _do(  # a move is all of this
    session: Session, draft: DraftRow, do: str, step: str, kind: str, by_id: int
) -> str:
    """Make one move; return the step to look at afterwards."""
    if do in {"add", "double"}:
        make = step_order.with_double(draft.body, step) if do == "double" else None
        body, name = make or step_order.with_step(draft.body, kind, step or None)
        rewrite(session, draft, lambda _body: body, by_id)
        return name
    if do in {"up", "down"}:
        way = -1 if do == "up" else 1
        rewrite(session, draft, lambda body: step_order.moved_by(body, step, way), by_id)
        return step
    if do == "remove":
        remove_step(session, draft, partial(step_order.without, name=step), by_id)
        return ""
    if do == "restore":
        bring_back(session, draft, step_order.restored, by_id)
        return ""
    raise ChangeRefused(_("Không có việc nào tên {name}.", name=do))
