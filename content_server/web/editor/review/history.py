"""History: every revision of an edition, what changed between two, and back to an older one."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session

from content_server.accounts.audit_log import note
from content_server.accounts.roles import Act, Person
from content_server.editorial import publication
from content_server.editorial.drafts.drafts import conflicts_of, go_back, open_draft, settle
from content_server.editorial.drafts.snapshots import drop, keep_as, kept_of
from content_server.editorial.edits import Body, value_at
from content_server.editorial.exchange.text_tables import LESSON_LINES
from content_server.editorial.review.word_diff import Piece, word_diff
from content_server.editorial.review.workflow import deeds_of, revision_with, revisions_of
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.editorial.tables import WorkflowEvent, WorkflowEventRow
from content_server.jobs.queue import Job
from content_server.jobs.tables import JobState
from content_server.lessons.editions.tables import Origin, RevisionRow
from content_server.phrases import Phrase, _
from content_server.site.pages.panels import path_of
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    Folder,
    Slug,
    actor_of,
    day,
    names_of,
    place_of,
    see_other,
    source_body,
)
from content_server.web.editor.review.review import deed_name
from content_server.web.permissions import WorkDep, whoever_may
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
PublishDep = Annotated[Person, Depends(whoever_may(Act.PUBLISH))]


@router.get("/-/soan/bai/{slug}/{folder}/lich-su")
def history_page(
    person: WorkDep,
    request: Request,
    place: EditionContextDep,
    session: SessionDep,
    cu: Annotated[int, Query(ge=0)] = 0,
    moi: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    """Show the revisions, and word by word what changed between two of them."""
    stored = place.edition.id is not None
    rows = revisions_of(session, place.edition) if stored else []
    deeds = deeds_of(session, place.edition) if stored else []
    names = names_of(session, {r.by_id for r in rows} | {d.by_id for d in deeds})
    once_shown = {
        deed.revision
        for deed in deeds
        if deed.deed in {WorkflowEvent.PUBLISHED, WorkflowEvent.APPROVED}
    } | {place.edition.published_revision}
    order = list(steps_of(source_body(session, place.slug)))
    pair = _pair(session, place.edition, rows, cu, moi)
    return render(
        request,
        "editor/history.html",
        place=place,
        revisions=[_revision(row, names, deeds, once_shown) for row in rows],
        current=place.edition.published_revision,
        old=pair[0].number if pair else 0,
        new=pair[1].number if pair else 0,
        diff=_differences(pair[0].body, pair[1].body, order) if pair else [],
        can_publish=person.may(Act.PUBLISH, place.folder),
        can_write=person.may(place.writing, place.folder),
        kept=_kept(session, place, order),
    )


def _kept(session: Session, place: EditionContext, order: Sequence[str]) -> list[dict[str, object]]:
    """Return what is kept of the draft, as the page lists it: named, and by itself."""
    rows = kept_of(session, place.draft)
    names = names_of(session, {row.by_id for row in rows})
    return [
        {
            "id": row.id,
            "name": row.name,
            "when": day(row.at),
            "who": names.get(row.by_id or 0, ""),
            "changes": len(_differences(row.body, place.draft.body, order)),
        }
        for row in rows
    ]


@router.post("/-/soan/bai/{slug}/{folder}/giu")
def keep_version(
    slug: Slug,
    folder: Folder,
    person: WorkDep,
    database: DatabaseDep,
    library: RegistriesDep,
    name: Annotated[str, Form(max_length=200)] = "",
    back_to: Annotated[int, Form(ge=0)] = 0,
    forget: Annotated[int, Form(ge=0)] = 0,
) -> RedirectResponse:
    """Keep the draft under a name, make it what it was, or forget a kept version."""
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        person.must(place.writing, folder)
        draft = open_draft(session, slug, folder)
        if back_to:
            go_back(session, draft, back_to, person.id)
            note(session, person, "version_back", f"{slug}/{folder}")
        elif forget:
            drop(session, draft, forget)
        else:
            kept = keep_as(session, draft, name, person.id)
            note(session, person, "version_kept", f"{slug}/{folder} {kept.name}")
    return see_other(place.path if back_to else f"{place.path}/lich-su#giu")


def _pair(
    session: Session, edition: object, rows: list[RevisionRow], old: int, new: int
) -> tuple[RevisionRow, RevisionRow] | None:
    if len(rows) < 2:  # noqa: PLR2004  # two are compared
        return None
    return (
        revision_with(session, edition, old) if old else rows[1],  # type: ignore[arg-type]  # an edition
        revision_with(session, edition, new) if new else rows[0],  # type: ignore[arg-type]  # an edition
    )


def _revision(
    row: RevisionRow,
    names: dict[int, str],
    deeds: list[WorkflowEventRow],
    once_shown: set[int | None],
) -> dict[str, object]:
    return {
        "number": row.number,
        "when": day(row.created_at),
        "who": names.get(row.by_id or 0, ""),
        "note": row.note,
        "deeds": [
            (deed_name(deed.deed), day(deed.at), names.get(deed.by_id or 0, ""), deed.note)
            for deed in deeds
            if deed.revision == row.number
        ],
        "can_return": row.number in once_shown or row.origin is Origin.FILE,
    }


def _differences(
    old: Body, new: Body, order: Sequence[str]
) -> list[tuple[Phrase, tuple[Piece, ...]]]:
    """Return (place, pieces) of everything that is said otherwise; `order`: the lesson's steps."""
    old_steps, new_steps = steps_of(old), steps_of(new)
    numbers = {name: _("Bước {number}", number=n) for n, name in enumerate(order, 1)}
    gone = (name for name in {**new_steps, **old_steps} if name not in numbers)
    numbers |= {name: _("Bước đã bỏ") for name in gone}
    said = [
        (where, str(old.get(key) or ""), str(new.get(key) or ""))
        for key, where in LESSON_LINES.items()
    ]
    said += [
        (where, _spoken(old_steps.get(name, {})), _spoken(new_steps.get(name, {})))
        for name, where in numbers.items()
    ]
    return [(where, word_diff(before, after)) for where, before, after in said if before != after]


def _spoken(step: Body) -> str:
    """Return all a step says and shows, as one text to compare."""
    words = [sentence_in(step)]
    for group in ("practise", "answers"):
        for item in step.get(group) or []:
            words += [str(item.get(key) or "") for key in ("say", "hint", "because")]
    if step.get("voice"):
        words.append(f"🔊{step['voice'].rpartition('/')[2][:6]}")
    return " ".join(word for word in words if word)


@router.post("/-/soan/bai/{slug}/{folder}/quay-lai")
def roll_back(
    slug: Slug,
    folder: Folder,
    person: PublishDep,
    database: DatabaseDep,
    library: RegistriesDep,
    number: Annotated[int, Form(ge=1)],
) -> RedirectResponse:
    """Show an older revision to villagers again."""
    person.must(Act.PUBLISH, folder)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        job = publication.roll_back(session, slug, folder, number, actor_of(person))
        note(session, person, "rolled_back", f"{slug}/{folder} {number}")
    return see_other(f"{place.path}/dang-len/{job}")


@router.get("/-/soan/bai/{slug}/{folder}/dang-len/{job}")
def showing_page(
    _person: WorkDep, request: Request, place: EditionContextDep, job: int, session: SessionDep
) -> HTMLResponse:
    """Say how far publishing is, until villagers get the new bytes, or why they do not."""
    row = session.get(Job, job)
    state = row.state if row else JobState.FAILED
    page = render(
        request,
        "editor/showing.html",
        place=place,
        waiting=state in {JobState.WAITING, JobState.RUNNING},
        failed=state in {JobState.FAILED, JobState.CANCELLED},
        why=row.error_phrase if row else None,
        address=path_of(place.folder, place.slug),
        job=job,
    )
    if state in {JobState.WAITING, JobState.RUNNING}:
        page.headers["Refresh"] = "2"  # without scripts too
    return page


@router.get("/-/soan/bai/{slug}/{folder}/khac")
def conflicts_page(
    person: WorkDep, request: Request, place: EditionContextDep, session: SessionDep
) -> HTMLResponse:
    """Show what two people wrote at once, to choose from."""
    rows = conflicts_of(session, place.draft) if place.draft.id else []
    names = names_of(session, {row.by_id for row in rows})
    steps = list(steps_of(place.draft.body))
    return render(
        request,
        "editor/conflicts.html",
        place=place,
        conflicts=[
            {
                "id": row.id,
                "step": steps.index(row.part) + 1 if row.part in steps else 0,
                "who": names.get(row.by_id or 0, ""),
                "when": day(row.at),
                "here": value_at(place.draft.body, row.part, row.value["path"]),
                "there": row.value["value"],
            }
            for row in rows
        ],
        can_write=person.may(place.writing, place.folder),
    )


@router.post("/-/soan/bai/{slug}/{folder}/khac")
def choose(
    slug: Slug,
    folder: Folder,
    person: WorkDep,
    database: DatabaseDep,
    library: RegistriesDep,
    conflict: Annotated[int, Form()],
    take: Annotated[str, Form(pattern="^(here|there)$")],
) -> RedirectResponse:
    """Keep one of two."""
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        person.must(place.writing, folder)
        draft = open_draft(session, slug, folder)
        settle(session, draft, conflict, mine=take == "there", by_id=person.id)
        left = conflicts_of(session, draft)
    return see_other(f"{place.path}/khac" if left else place.path)
