"""The audit log, for admins: who did what, newest first, the last 180 days."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from content_server import urls
from content_server.accounts.accounts import list_people
from content_server.accounts.audit_log import RETENTION
from content_server.accounts.roles import Permission
from content_server.web.accounts.audit_log_lines import (
    describe_lines,
    load_audit_lines,
    parse_cursor,
)
from content_server.web.dependencies import DatabaseDep
from content_server.web.permissions import requires
from content_server.web.rendering import render

router = APIRouter(
    include_in_schema=False, dependencies=[Depends(requires(Permission.VIEW_AUDIT_LOG))]
)
PAGE_SIZE = 50


@router.get(urls.AUDIT_LOG)
def audit_log_page(
    request: Request,
    database: DatabaseDep,
    ai: int | None = None,
    truoc: Annotated[str, Query(max_length=60)] = "",
) -> HTMLResponse:
    """Show a page of lines: of everybody or of person `ai`, older than cursor `truoc`."""
    with database.read() as session:
        names = {row.id: row.name for row, _person in list_people(session)}
        lines = load_audit_lines(
            session, person_id=ai, before=parse_cursor(truoc), limit=PAGE_SIZE + 1
        )
        views = describe_lines(session, lines[:PAGE_SIZE])
    context: dict[str, Any] = {
        "lines": views,
        "names": names,
        "older": lines[PAGE_SIZE - 1].position.cursor if len(lines) > PAGE_SIZE else None,
        "ai": ai,
        "days": RETENTION.days,
    }
    return render(request, "accounts/audit_log.html", **context)
