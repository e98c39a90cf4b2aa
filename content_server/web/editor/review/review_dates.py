"""Due: lessons to be looked at again, the most overdue first, each given its next day."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from content_server.accounts.audit_log import note
from content_server.accounts.roles import Act, Person
from content_server.editorial.status.matrix import matrix_of
from content_server.editorial.status.review_dates import SOON, set_due
from content_server.locales import SOURCE_FOLDER
from content_server.reach.periods import today
from content_server.web.dependencies import DatabaseDep, SessionDep
from content_server.web.editor.edition_context import Slug, see_other
from content_server.web.permissions import WorkDep, whoever_may
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
CommentDep = Annotated[Person, Depends(whoever_may(Act.COMMENT))]
USUAL = timedelta(days=182)


@router.get("/-/soan/den-han")
def due_page(request: Request, person: WorkDep, session: SessionDep) -> HTMLResponse:
    """List what is due, and what will be within a month."""
    now = today()
    lessons = matrix_of(session, now, [SOURCE_FOLDER])
    rows = [row for row in lessons if row.due_on and row.due_on <= now + SOON]
    return render(
        request,
        "editor/due.html",
        rows=sorted(rows, key=lambda row: (row.due_on or now, row.title)),
        today=now,
        next=(now + USUAL).isoformat(),
        can_set=person.may(Act.WRITE) or person.may(Act.REVIEW),
    )


@router.post("/-/soan/bai/{slug}/hen-xem")
def set_day(
    slug: Slug,
    person: CommentDep,
    database: DatabaseDep,
    review_by: Annotated[date, Form()],
    back: Annotated[str, Form(pattern="^(list|lesson)$")] = "list",
) -> RedirectResponse:
    """Say by which day the lesson is looked at again. For authors and reviewers."""
    if not person.may(Act.REVIEW):
        person.must(Act.WRITE)
    with database.write() as session:
        set_due(session, slug, review_by, today())
        note(session, person, "due_set", f"{slug} {review_by}")
    return see_other("/-/soan/den-han" if back == "list" else f"/-/soan/bai/{slug}/vi#bai")
