"""Villages: their codes, and the QR, poster and stickers that carry them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel import Session

from content_server.accounts.audit_log import note
from content_server.accounts.roles import Act, Person
from content_server.accounts.tables import PersonRow
from content_server.accounts.units import UNITS, Level, level_of
from content_server.errors import AppError, LinkTaken
from content_server.lessons.editions.catalog import published_numbers, versions_of
from content_server.lessons.editions.tables import RegistryRow
from content_server.lessons.lesson import Lesson
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import Phrase, _
from content_server.reach.posters import address_of, qr, spoken
from content_server.reach.tables import VillageLink
from content_server.reach.village_links import (
    KINDS,
    NewLink,
    called,
    close_link,
    find_link,
    kind_called,
    links_of,
    make_link,
)
from content_server.settings import NO_ADDRESS, is_only_here
from content_server.site.pages.panels import path_of, short_paths
from content_server.web.accounts.sign_in_forms import address_of as called_by
from content_server.web.dependencies import DatabaseDep, SessionDep, SettingsDep
from content_server.web.permissions import whoever_may
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
LinkMakerDep = Annotated[Person, Depends(whoever_may(Act.MAKE_LINKS))]
Text = Annotated[str, Form(max_length=400)]
LessonQuery = Annotated[str, Query(alias="bai", max_length=60)]
HERE = "/-/tap-huan/ban"


@router.get("/-/tap-huan")
def home(request: Request, _person: LinkMakerDep) -> HTMLResponse:
    """Say what there is for a trainer."""
    return render(request, "trainer/home.html")


@router.get(HERE)
def villages(request: Request, _person: LinkMakerDep, session: SessionDep) -> HTMLResponse:
    """List the villages, and offer a new code."""
    return _page(request, session)


@router.post(HERE)
def make(  # noqa: PLR0913, PLR0917  # one argument a field of the form
    request: Request,
    person: LinkMakerDep,
    database: DatabaseDep,
    name: Text = "",
    unit: Text = "",
    kind: Text = "village",
    code: Text = "",
) -> Response:
    """Make a link; a place or code that is taken leads to the one there is."""
    typed = {"name": name, "unit": unit, "kind": kind, "code": code}
    try:
        with database.write() as session:
            wanted = NewLink(name, unit, kind_called(kind), code, person.id)
            link = make_link(session, wanted)
            note(session, person.id, "village_made", link.code)
    except AppError as refused:
        there = refused.there if isinstance(refused, LinkTaken) else ""
        with database.read() as session:
            return _page(request, session, refused, typed, there)
    return RedirectResponse(f"{HERE}/{link.code}", 303)


@router.get(HERE + "/{code}")
def village(  # what FastAPI hands in
    request: Request,
    _person: LinkMakerDep,
    session: SessionDep,
    settings: SettingsDep,
    code: str,
    lesson: LessonQuery = "",
) -> HTMLResponse:
    """Show the QR and the address to say; `bai` chooses a lesson, none means all lessons."""
    link = find_link(session, code)
    context = _sheet(session, link, called_by(request, settings, ""), lesson)
    maker = session.get(PersonRow, link.made_by) if link.made_by else None
    return render(request, "trainer/village.html", maker=maker and maker.name, **context)


@router.get(HERE + "/{code}/to")
def poster(  # noqa: PLR0913, PLR0917  # what FastAPI hands in
    request: Request,
    _person: LinkMakerDep,
    session: SessionDep,
    settings: SettingsDep,
    code: str,
    lesson: LessonQuery = "",
    form: Annotated[str, Query(alias="kieu", max_length=20)] = "poster",
) -> HTMLResponse:
    """Show what is printed on A4: one poster, or twelve stickers to cut."""
    world = called_by(request, settings, "")
    context = _sheet(session, find_link(session, code), world, lesson)
    return render(request, "trainer/poster.html", copies=12 if form == "nhan" else 1, **context)


@router.post(HERE + "/{code}/dong")
def close(person: LinkMakerDep, database: DatabaseDep, code: str) -> RedirectResponse:
    """Close a link: its posters still open lessons, and count for no village."""
    with database.write() as session:
        link = close_link(session, code)
        note(session, person.id, "village_closed", link.code)
    return RedirectResponse(HERE, 303)


def _page(
    request: Request,
    session: Session,
    refused: AppError | None = None,
    typed: dict[str, str] | None = None,
    there: str = "",
) -> HTMLResponse:
    links = links_of(session)
    error: Phrase | None = refused.phrase if refused else None
    return render(
        request,
        "trainer/villages.html",
        refused.status if refused else 200,
        links=[(link, called(link)) for link in links],
        communes=sorted({link.unit for link in links} | set(_communes(session))),
        kinds=[(kind.value, phrase) for kind, phrase in KINDS.items()],
        typed=typed or {"name": "", "unit": "", "kind": "village", "code": ""},
        there=there,
        error=error,
    )


def _communes(session: Session) -> list[str]:
    row = session.get(RegistryRow, "units")
    units = UNITS.validate_python(row.body if row else {})
    return [unit.name for path, unit in units.items() if level_of(path) is Level.COMMUNE]


def _sheet(session: Session, link: VillageLink, base_url: str, slug: str) -> dict[str, Any]:
    lessons = lessons_of(session)
    lesson = lessons.get(slug)
    address = address_of(link, base_url, _path(slug, lesson))
    return {
        "link": link,
        "called": called(link),
        "titles": {each: body.title for each, body in lessons.items()},
        "slug": slug if lesson else "",
        "title": lesson.title if lesson else _("Bài học một phút"),
        "address": spoken(address),
        "opens": address,
        "no_address": NO_ADDRESS,
        "qr": "" if is_only_here(address) else qr(address),
    }


def _path(slug: str, lesson: Lesson | None) -> str:
    """Return the shortest address of a lesson: /7; of all lessons: /."""
    if lesson is None:
        return "/"
    return next(iter(short_paths(SOURCE_FOLDER, lesson.number)), path_of(SOURCE_FOLDER, slug))


def lessons_of(session: Session) -> dict[str, Lesson]:
    """Return slug → Vietnamese edition of every published lesson, by title."""
    numbers = published_numbers(session)
    found = {
        slug: versions_of(session, slug, {SOURCE_FOLDER: folders[SOURCE_FOLDER]})
        for slug, folders in numbers.items()
    }
    bodies = {slug: versions[SOURCE_FOLDER].body for slug, versions in found.items()}
    lessons = {slug: body for slug, body in bodies.items() if isinstance(body, Lesson)}
    return dict(sorted(lessons.items(), key=lambda pair: pair[1].title))
