"""The log, for admins: who did what, the newest first, fifty at a time, 180 days."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from content_server.accounts.accounts import people
from content_server.accounts.audit_log import KEPT, newest
from content_server.web.accounts.audit_log_lines import in_words
from content_server.web.dependencies import DatabaseDep
from content_server.web.permissions import LogDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
A_PAGE = 50


@router.get("/-/soan/nhat-ky")
def journal(
    request: Request,
    person: LogDep,
    database: DatabaseDep,
    ai: int | None = None,
    truoc: int | None = None,
) -> HTMLResponse:
    """Show a page of the log: of everybody, or of person `ai`; lines before line `truoc`."""
    del person
    with database.read() as session:
        names = {row.id: row.name for row, _person in people(session)}
        lines = newest(session, person_id=ai, before=truoc, most=A_PAGE + 1)
        shown = in_words(session, lines[:A_PAGE])
    older = lines[A_PAGE - 1].id if len(lines) > A_PAGE else None
    context: dict[str, Any] = {
        "lines": shown,
        "names": names,
        "older": older,
        "ai": ai,
        "days": KEPT.days,
    }
    return render(request, "people/journal.html", **context)
