"""The screen composer: a drawn screen put together from widgets, drawn by the server's own pen."""

import copy
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field, ValidationError
from sqlmodel import Session, select

from content_server.accounts.roles import Act, Person
from content_server.editorial.drafts.draft_validation import Sheet
from content_server.editorial.drafts.drafts import check_source, open_draft, save
from content_server.editorial.edits import Body, Change, dict_of, value_at
from content_server.errors import AppError, ChangeRefused
from content_server.lessons.editions.tables import EditionRow
from content_server.lessons.source.validation_problems import problems_of
from content_server.locales import SOURCE_FOLDER
from content_server.media.screens import Screen, draw_screen
from content_server.media.screens.scenes.spots import POINTS
from content_server.phrases import _
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep
from content_server.web.editor.edition_context import (
    EditionContextDep,
    Folder,
    Slug,
    place_of,
    see_other,
)
from content_server.web.editor.writing.widget_palette import palette
from content_server.web.permissions import WorkDep, whoever_may
from content_server.web.rendering import render, tag_of

router = APIRouter(include_in_schema=False)
AuthorDep = Annotated[Person, Depends(whoever_may(Act.WRITE))]
PLACES = r"^(screen|practise\.\d{1,2}\.screen|answers\.\d{1,2}\.picture\.screen)$"
NEW: Body = {"app": "phone", "widgets": [{"title": {"label": "Tên màn hình"}}]}
INSIDE = ("actions", "items", "buttons")
NOT_TAPPED = {"dialog", "toast", "composer", "pointer", "gap", "title"}


class Known(BaseModel):
    """A screen somebody has drawn before."""

    name: str
    svg: str
    screen: dict[str, Any]


class Asked(BaseModel):
    """A screen to draw."""

    screen: dict[str, Any]


class Spot(BaseModel):
    """Where a widget stands on the drawing (px of 360 × 640), and the way to it in the screen."""

    way: list[str | int]
    x: float
    y: float
    width: float
    height: float


class Drawn(BaseModel):
    """A drawing, every widget on it, or what is wrong with the screen."""

    svg: str = ""
    spots: list[Spot] = Field(default_factory=list)
    problems: list[str] = Field(default_factory=list)


@router.get("/-/soan/bai/{slug}/{folder}/man-hinh/{step}")
def composer_page(
    person: AuthorDep,
    request: Request,
    place: EditionContextDep,
    step: str,
    session: SessionDep,
    cho: str = "screen",
) -> HTMLResponse:
    """Show the composer for one picture of a step."""
    person.must(Act.WRITE, place.folder)
    check_source(place.folder)
    return render(
        request,
        "editor/composer.html",
        place=place,
        step=step[:60],
        where=cho[:40],
        screen=value_at(place.draft.body, step, cho) or NEW,
        tap=value_at(place.draft.body, step, _beside(cho, "tap")) or "",
        palette=palette(tag_of(request, person)),
        started=value_at(place.draft.body, step, cho) is not None,
        lessons=sorted(_lessons(session)),
        scenes=list(POINTS),
        has_tap=not cho.startswith("answers"),
    )


@router.post("/-/soan/ve")
def draw(asked: Asked, request: Request, person: WorkDep) -> Drawn:
    """Draw a screen, and say where everything on it is."""
    tag = tag_of(request, person)
    marked, ways = _marked(asked.screen)
    try:
        screen = Screen.model_validate(asked.screen)
        svg = draw_screen(screen).svg
        targets = draw_screen(Screen.model_validate(marked)).targets
    except ValidationError as error:
        sheet = Sheet("", asked.screen)
        return Drawn(problems=[p.phrase.said_in(tag) for p in problems_of(error, sheet)][:6])
    except AppError as refused:
        return Drawn(problems=[refused.said_in(tag)])
    spots = [
        Spot(way=ways[name], x=box.x, y=box.y, width=box.width, height=box.height)
        for name, box in targets.items()
        if name in ways
    ]
    return Drawn(svg=svg, spots=spots)


@router.get("/-/soan/bai/{slug}/{folder}/co-san")
def known_screens(person: AuthorDep, place: EditionContextDep) -> list[Known]:
    """List the screens of a lesson, to begin a new one from."""
    person.must(Act.SEE_WORK)
    found: dict[str, Known] = {}
    for screen in _screens_in(place.draft.body):
        try:
            svg = draw_screen(Screen.model_validate(screen)).svg
        except (ValidationError, AppError):
            continue
        found.setdefault(svg, Known(name=_title_of(screen), svg=svg, screen=screen))
    return list(found.values())


def _lessons(session: Session) -> list[str]:
    query = select(EditionRow.slug).where(EditionRow.folder == SOURCE_FOLDER)
    return list(session.exec(query.limit(1000)))


class Composed(BaseModel):
    """A finished screen for one picture of a step."""

    seen: int = Field(ge=0)
    where: str = Field(pattern=PLACES)
    screen: dict[str, Any]
    tap: str = Field("", max_length=60)


@router.post("/-/soan/bai/{slug}/{folder}/man-hinh/{step}")
def keep_screen(
    slug: Slug,
    folder: Folder,
    step: str,
    composed: Composed,
    person: AuthorDep,
    database: DatabaseDep,
    library: RegistriesDep,
) -> dict[str, str]:
    """Put a screen into a step, with its target. A newer one by somebody else is kept aside."""
    person.must(Act.WRITE, folder)
    check_source(folder)
    _check_drawable(composed.screen)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder)
        changes = [
            Change(step, *pair) for pair in _pictures(composed.where, composed.screen, composed.tap)
        ]
        saved = save(session, draft, changes, composed.seen, person.id)
    return {"go": f"{place.path}/khac" if saved.conflicts else f"{place.path}#{step}"}


def _pictures(where: str, screen: Body, tap: str) -> Iterator[tuple[str, Any]]:
    if where.startswith("answers"):
        yield where.removesuffix(".screen"), {"screen": screen}
        return
    yield where, screen
    yield _beside(where, "tap"), tap or None


@router.post("/-/soan/bai/{slug}/{folder}/canh/{step}")
def keep_scene(
    slug: Slug,
    folder: Folder,
    step: str,
    person: AuthorDep,
    database: DatabaseDep,
    library: RegistriesDep,
    scene: Annotated[str, Form(max_length=40)],
    where: Annotated[str, Form(max_length=40, pattern=PLACES)],
) -> RedirectResponse:
    """Put a drawn scene into a step, in place of the picture it had."""
    person.must(Act.WRITE, folder)
    check_source(folder)
    if scene not in set(map(str, POINTS)) or where.startswith("practise"):
        raise ChangeRefused(_("Không có cảnh vẽ nào tên {name}.", name=scene))
    value = dict[str, Any]({"draw": scene})
    of_answer = where.startswith("answers")
    path = where.removesuffix(".screen") if of_answer else "scene"
    put = {"scene": value} if of_answer else value
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder)
        changes = [Change(step, path, put)]
        changes += [Change(step, "tap", None)] if path == "scene" else []
        save(session, draft, changes, draft.number, person.id)
    return see_other(f"{place.path}#{step}")


def _check_drawable(screen: Body) -> None:
    try:
        draw_screen(Screen.model_validate(screen))
    except ValidationError as error:
        problem = next(problems_of(error, Sheet("", screen)))
        raise ChangeRefused(problem.phrase) from error


def _beside(where: str, name: str) -> str:
    """Return the path of what stands beside a screen: its tap."""
    return f"{where.rpartition('.')[0]}.{name}".lstrip(".")


def _marked(screen: Body) -> tuple[Body, dict[str, list[str | int]]]:
    """Return a screen on which everything has a name, and name → the way to it in the screen."""
    marked = copy.deepcopy(screen)
    ways: dict[str, list[str | int]] = {}
    for index, widget in enumerate(marked.get("widgets") or []):
        for kind, thing in list(dict_of(widget).items()):
            if isinstance(thing, str):
                thing = widget[kind] = {"label": thing}  # noqa: PLW2901  # the long way of writing
            for way, part in _parts(kind, thing, ["widgets", index, kind]):
                name = str(part.setdefault("id", f"auto-{len(ways)}"))
                ways[name] = way
    return marked, ways


def _parts(
    kind: str,
    thing: Any,  # noqa: ANN401  # any JSON value
    way: list[str | int],
) -> Iterator[tuple[list[str | int], Body]]:
    if isinstance(thing, list):
        for index, item in enumerate(thing):
            if isinstance(item, dict):
                yield [*way, index], item
        return
    if not isinstance(thing, dict):
        return
    if kind not in NOT_TAPPED or thing.get("id") or (kind == "title" and thing.get("back")):
        yield way, thing
    for name in INSIDE:
        for index, item in enumerate(thing.get(name) or []):
            if isinstance(item, dict):
                yield [*way, name, index], item


def _screens_in(part: Any) -> Iterator[Body]:  # noqa: ANN401  # any JSON value
    if isinstance(part, list):
        for item in part:
            yield from _screens_in(item)
    elif isinstance(part, dict):
        if isinstance(part.get("widgets"), list):
            yield part
            return
        for item in part.values():
            yield from _screens_in(item)


def _title_of(screen: Body) -> str:
    labels = [
        thing if isinstance(thing, str) else str(dict_of(thing).get("label", ""))
        for widget in screen["widgets"]
        for kind, thing in dict_of(widget).items()
        if kind in {"title", "text", "button", "dialog", "tick"}
    ]
    return next((label for label in labels if label), str(screen.get("app", "")))[:60]
