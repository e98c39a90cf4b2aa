"""The reader's room behind the published pages: searching, the one thing that must be asked."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from content_server.lessons.editions.catalog import find_lessons
from content_server.site.tree.csp import content_security_policy
from content_server.web.dependencies import LocaleDep, SessionDep, SiteBuilderDep
from content_server.web.permissions import anybody

router = APIRouter(dependencies=[anybody])


@router.get("/-/tim/{folder}", include_in_schema=False)  # noqa: FAST003  # LocaleDep takes it
def search(
    locale: LocaleDep,
    session: SessionDep,
    press: SiteBuilderDep,
    q: Annotated[str, Query(max_length=400)] = "",
) -> HTMLResponse:
    """Answer with the lessons whose words hold the query's, typed with or without marks."""
    ranks = find_lessons(session, locale.folder, q[:80])
    body = press.found(session, ranks, locale, q[:80])
    policy = content_security_policy(body)
    return HTMLResponse(body, headers={**policy, "Cache-Control": "no-store"})
