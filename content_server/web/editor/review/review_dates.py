"""Review dates: the lessons due for review, the most overdue first, and their next date."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.editorial.status.matrix import load_matrix
from content_server.editorial.status.review_dates import UPCOMING, set_review_date
from content_server.locales import SOURCE_FOLDER
from content_server.reach.periods import today_in_vietnam
from content_server.web.dependencies import DatabaseDep, SessionDep
from content_server.web.editor.edition_context import Slug
from content_server.web.permissions import WorkDep, requires
from content_server.web.rendering import render, see_other

router = APIRouter(include_in_schema=False)
CommentDep = Annotated[Person, Depends(requires(Permission.COMMENT))]
USUAL_INTERVAL = timedelta(days=182)


@router.get(urls.REVIEW_DATES)
def review_dates_page(request: Request, person: WorkDep, session: SessionDep) -> HTMLResponse:
    """List the lessons that are due, or will be within a month."""
    now = today_in_vietnam()
    lessons = load_matrix(session, now, [SOURCE_FOLDER])
    rows = [row for row in lessons if row.review_date and row.review_date <= now + UPCOMING]
    return render(
        request,
        "editor/review_dates.html",
        rows=sorted(rows, key=lambda row: (row.review_date or now, row.title)),
        today=now,
        next=(now + USUAL_INTERVAL).isoformat(),
        can_set=person.may(Permission.WRITE) or person.may(Permission.REVIEW),
    )


@router.post(urls.LESSON_REVIEW_DATE)
def change_review_date(
    slug: Slug,
    person: CommentDep,
    database: DatabaseDep,
    review_by: Annotated[date, Form()],
    back: Annotated[str, Form(pattern="^(list|lesson)$")] = "list",
) -> RedirectResponse:
    """Set the next review date; needs permission to write or to review."""
    if not person.may(Permission.REVIEW):
        person.require(Permission.WRITE)
    with database.write() as session:
        set_review_date(session, slug, review_by, today_in_vietnam())
        record_audit_event(session, person, "review_date_set", f"{slug} {review_by}")
    if back == "list":
        return see_other(urls.REVIEW_DATES)
    return see_other(urls.EDITION.url(slug=slug, folder=SOURCE_FOLDER, fragment="bai"))
