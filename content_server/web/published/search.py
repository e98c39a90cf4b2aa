"""Searches the published lessons; the only page for villagers that is rendered per request."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from content_server import urls
from content_server.lessons.editions.search import search_lessons
from content_server.site.tree.csp import make_csp_header
from content_server.web.dependencies import LocaleDep, SessionDep, SiteBuilderDep
from content_server.web.permissions import public

router = APIRouter(dependencies=[public])


@router.get(urls.SEARCH, include_in_schema=False)
def search_page(
    locale: LocaleDep,
    session: SessionDep,
    site_builder: SiteBuilderDep,
    q: Annotated[str, Query(max_length=400)] = "",
) -> HTMLResponse:
    """Answer with the lessons that contain the query's words, typed with or without tone marks."""
    ranks = search_lessons(session, locale.folder, q[:80])
    body = site_builder.render_search_page(session, ranks, locale, q[:80])
    policy = make_csp_header(body)
    return HTMLResponse(body, headers={**policy, "Cache-Control": "no-store"})
