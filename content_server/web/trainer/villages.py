"""Village links: their codes, QR codes, posters and stickers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.accounts.tables import PersonRow
from content_server.accounts.units import UNITS, UnitLevel, unit_level
from content_server.errors import AppError, LinkTaken
from content_server.lessons.editions.catalog import load_editions, published_revision_numbers
from content_server.lessons.editions.tables import RegistryRow
from content_server.lessons.lesson import Lesson
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import Phrase, _
from content_server.reach.posters import link_address, qr_svg, spoken_address
from content_server.reach.tables import VillageLinkRow
from content_server.reach.village_links import (
    KIND_WORDS,
    NewVillageLink,
    close_link,
    create_link,
    find_link,
    list_links,
    parse_link_kind,
    place_name,
)
from content_server.settings import NO_ADDRESS, is_only_here
from content_server.site.pages.panels import page_path, short_paths
from content_server.web.accounts.sign_in_forms import absolute_url
from content_server.web.dependencies import DatabaseDep, SessionDep, SettingsDep
from content_server.web.permissions import requires
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
VillageLinksDep = Annotated[Person, Depends(requires(Permission.MANAGE_VILLAGE_LINKS))]
Text = Annotated[str, Form(max_length=400)]
LessonQuery = Annotated[str, Query(alias="bai", max_length=60)]


@router.get(urls.TRAINERS_HOME)
def trainer_home(request: Request, _person: VillageLinksDep) -> HTMLResponse:
    """Show the trainers' start page."""
    return render(request, "trainer/home.html")


@router.get(urls.VILLAGE_LINKS)
def villages_page(request: Request, _person: VillageLinksDep, session: SessionDep) -> HTMLResponse:
    """List the village links, with a form for a new one."""
    return _villages_page(request, session)


@router.post(urls.VILLAGE_LINKS)
def create_village_link(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    request: Request,
    person: VillageLinksDep,
    database: DatabaseDep,
    name: Text = "",
    unit: Text = "",
    kind: Text = "village",
    code: Text = "",
) -> Response:
    """Create a link; for a place or code that is taken, show the existing link."""
    typed = {"name": name, "unit": unit, "kind": kind, "code": code}
    try:
        with database.write() as session:
            new_link = NewVillageLink(name, unit, parse_link_kind(kind), code, person.id)
            link = create_link(session, new_link)
            record_audit_event(session, person.id, "village_link_created", link.code)
    except AppError as app_error:
        existing_code = app_error.existing_code if isinstance(app_error, LinkTaken) else ""
        with database.read() as session:
            return _villages_page(request, session, app_error, typed, existing_code)
    return RedirectResponse(urls.VILLAGE_LINK.url(code=link.code), 303)


@router.get(urls.VILLAGE_LINK)
def village_page(  # FastAPI injects each by name
    request: Request,
    _person: VillageLinksDep,
    session: SessionDep,
    settings: SettingsDep,
    code: str,
    lesson: LessonQuery = "",
) -> HTMLResponse:
    """Show the QR code and address; `bai` chooses a lesson, without it they open all lessons."""
    link = find_link(session, code)
    context = _poster_context(session, link, absolute_url(request, settings, ""), lesson)
    creator = session.get(PersonRow, link.created_by) if link.created_by else None
    return render(request, "trainer/village.html", creator=creator and creator.name, **context)


@router.get(urls.VILLAGE_POSTER)
def poster_page(  # noqa: PLR0913, PLR0917  # FastAPI injects each by name
    request: Request,
    _person: VillageLinksDep,
    session: SessionDep,
    settings: SettingsDep,
    code: str,
    lesson: LessonQuery = "",
    form: Annotated[str, Query(alias="kieu", max_length=20)] = "poster",
) -> HTMLResponse:
    """Show a page to print on A4: one poster, or twelve stickers."""
    base_url = absolute_url(request, settings, "")
    context = _poster_context(session, find_link(session, code), base_url, lesson)
    return render(request, "trainer/poster.html", copies=12 if form == "nhan" else 1, **context)


@router.post(urls.VILLAGE_LINK_CLOSE)
def close_village_link(
    person: VillageLinksDep, database: DatabaseDep, code: str
) -> RedirectResponse:
    """Close a link: its posters still open lessons, but no longer count for the village."""
    with database.write() as session:
        link = close_link(session, code)
        record_audit_event(session, person.id, "village_link_closed", link.code)
    return RedirectResponse(urls.VILLAGE_LINKS, 303)


def _villages_page(
    request: Request,
    session: Session,
    app_error: AppError | None = None,
    typed: dict[str, str] | None = None,
    existing_code: str = "",
) -> HTMLResponse:
    links = list_links(session)
    error: Phrase | None = app_error.phrase if app_error else None
    return render(
        request,
        "trainer/villages.html",
        app_error.status if app_error else 200,
        links=[(link, place_name(link)) for link in links],
        communes=sorted({link.unit for link in links} | set(_communes(session))),
        kinds=[(kind.value, phrase) for kind, phrase in KIND_WORDS.items()],
        typed=typed or {"name": "", "unit": "", "kind": "village", "code": ""},
        existing_code=existing_code,
        error=error,
    )


def _communes(session: Session) -> list[str]:
    row = session.get(RegistryRow, "units")
    units = UNITS.validate_python(row.body if row else {})
    return [unit.name for path, unit in units.items() if unit_level(path) is UnitLevel.COMMUNE]


def _poster_context(
    session: Session, link: VillageLinkRow, base_url: str, slug: str
) -> dict[str, Any]:
    lessons = published_lessons(session)
    lesson = lessons.get(slug)
    address = link_address(link, base_url, _lesson_path(slug, lesson))
    return {
        "link": link,
        "place_name": place_name(link),
        "titles": {each: body.title for each, body in lessons.items()},
        "slug": slug if lesson else "",
        "title": lesson.title if lesson else _("Bài học một phút"),
        "address": spoken_address(address),
        "url": address,
        "no_address": NO_ADDRESS,
        "qr": "" if is_only_here(address) else qr_svg(address),
    }


def _lesson_path(slug: str, lesson: Lesson | None) -> str:
    """Return the shortest path of a lesson, such as /7; "/" for all lessons."""
    if lesson is None:
        return urls.START_PAGE
    return next(iter(short_paths(SOURCE_FOLDER, lesson.number)), page_path(SOURCE_FOLDER, slug))


def published_lessons(session: Session) -> dict[str, Lesson]:
    """Return slug → Vietnamese edition of every published lesson, sorted by title."""
    numbers = published_revision_numbers(session)
    editions = {
        slug: load_editions(session, slug, {SOURCE_FOLDER: folders[SOURCE_FOLDER]})
        for slug, folders in numbers.items()
    }
    bodies = {slug: versions[SOURCE_FOLDER].body for slug, versions in editions.items()}
    lessons = {slug: body for slug, body in bodies.items() if isinstance(body, Lesson)}
    return dict(sorted(lessons.items(), key=lambda pair: pair[1].title))
