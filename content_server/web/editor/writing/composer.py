"""The screen composer: screens assembled from widgets, rendered by the server."""

import copy
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field, ValidationError
from sqlmodel import Session, select

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.editorial.drafts.draft_validation import DraftDocument
from content_server.editorial.drafts.drafts import DraftWriter, check_is_source, open_draft
from content_server.editorial.edits import Change, DraftBody, as_dict, value_at
from content_server.errors import AppError, ChangeRejected
from content_server.lessons.editions.tables import EditionRow
from content_server.lessons.source.validation_problems import problems_of
from content_server.locales import SOURCE_FOLDER
from content_server.media.screens import Screen, draw_screen
from content_server.media.screens.scenes.spots import POINTS
from content_server.phrases import _
from content_server.web.dependencies import SessionDep
from content_server.web.editor.edition_context import (
    EditionContextDep,
    EditionWriterDep,
)
from content_server.web.editor.writing.widget_palette import palette
from content_server.web.permissions import WorkDep, requires
from content_server.web.rendering import page_language, render, see_other

router = APIRouter(include_in_schema=False)
AuthorDep = Annotated[Person, Depends(requires(Permission.WRITE))]
PICTURE_PATHS = r"^(screen|practise\.\d{1,2}\.screen|answers\.\d{1,2}\.picture\.screen)$"
NEW_SCREEN: DraftBody = {"app": "phone", "widgets": [{"title": {"label": "Tên màn hình"}}]}
CHILD_LISTS = ("actions", "items", "buttons")
NOT_TAPPABLE = {"dialog", "toast", "composer", "pointer", "gap", "title"}


class KnownScreen(BaseModel):
    """A screen of a lesson, to start a new one from."""

    name: str
    svg: str
    screen: dict[str, Any]


class DrawRequest(BaseModel):
    """A screen to draw."""

    screen: dict[str, Any]


class WidgetBox(BaseModel):
    """The box of a widget on the drawing (px of 360 × 640), and its path in the screen's JSON."""

    way: list[str | int]
    x: float
    y: float
    width: float
    height: float


class DrawnScreen(BaseModel):
    """A drawing with the boxes of its widgets, or the problems of the screen."""

    svg: str = ""
    spots: list[WidgetBox] = Field(default_factory=list)
    problems: list[str] = Field(default_factory=list)


@router.get(urls.EDITION_COMPOSER)
def composer_page(
    person: AuthorDep,
    request: Request,
    context: EditionContextDep,
    step: str,
    session: SessionDep,
    cho: str = "screen",
) -> HTMLResponse:
    """Show the composer for one picture of a step; `cho` is the picture's path in the step."""
    person.require(Permission.WRITE, context.folder)
    check_is_source(context.folder)
    return render(
        request,
        "editor/composer.html",
        edition=context,
        step=step[:60],
        where=cho[:40],
        screen=value_at(context.draft.body, step, cho) or NEW_SCREEN,
        tap=value_at(context.draft.body, step, _sibling_path(cho, "tap")) or "",
        palette=palette(page_language(request, person)),
        started=value_at(context.draft.body, step, cho) is not None,
        lessons=sorted(_lesson_slugs(session)),
        scenes=list(POINTS),
        has_tap=not cho.startswith("answers"),
    )


@router.post(urls.DRAW_SCREEN)
def draw_preview(draw_request: DrawRequest, request: Request, person: WorkDep) -> DrawnScreen:
    """Draw a screen; return the SVG and the box of every widget."""
    tag = page_language(request, person)
    with_ids, paths = _with_ids(draw_request.screen)
    try:
        screen = Screen.model_validate(draw_request.screen)
        svg = draw_screen(screen).svg
        targets = draw_screen(Screen.model_validate(with_ids)).targets
    except ValidationError as error:
        document = DraftDocument("", draw_request.screen)
        return DrawnScreen(
            problems=[p.phrase.translate(tag) for p in problems_of(error, document)][:6]
        )
    except AppError as error:
        return DrawnScreen(problems=[error.translate(tag)])
    spots = [
        WidgetBox(way=paths[name], x=box.x, y=box.y, width=box.width, height=box.height)
        for name, box in targets.items()
        if name in paths
    ]
    return DrawnScreen(svg=svg, spots=spots)


@router.get(urls.EDITION_KNOWN_SCREENS)
def known_screens(person: AuthorDep, context: EditionContextDep) -> list[KnownScreen]:
    """List the screens of a lesson, without duplicates."""
    person.require(Permission.VIEW_LESSONS)
    by_svg: dict[str, KnownScreen] = {}
    for screen in _iterate_screens(context.draft.body):
        try:
            svg = draw_screen(Screen.model_validate(screen)).svg
        except (ValidationError, AppError):
            continue
        by_svg.setdefault(svg, KnownScreen(name=_title_of(screen), svg=svg, screen=screen))
    return list(by_svg.values())


def _lesson_slugs(session: Session) -> list[str]:
    query = select(EditionRow.slug).where(EditionRow.folder == SOURCE_FOLDER)
    return list(session.exec(query.limit(1000)))


class ComposedScreen(BaseModel):
    """A screen to save as one picture of a step."""

    seen: int = Field(ge=0)
    where: str = Field(pattern=PICTURE_PATHS)
    screen: dict[str, Any]
    tap: str = Field("", max_length=60)


@router.post(urls.EDITION_SCREEN)
def save_screen(
    step: str,
    composed: ComposedScreen,
    person: AuthorDep,
    writer: EditionWriterDep,
) -> dict[str, str]:
    """Save a screen and its tap target; a newer one by another person becomes a conflict."""
    person.require(Permission.WRITE, writer.ref.folder)
    check_is_source(writer.ref.folder)
    _check_drawable(composed.screen)
    with writer.transaction() as (session, context):
        draft = open_draft(session, context.ref)
        changes = [
            Change(step, *pair)
            for pair in _picture_changes(composed.where, composed.screen, composed.tap)
        ]
        saved = DraftWriter(session, draft, person.id).save(changes, composed.seen)
    return {
        "go": context.url(urls.EDITION_CONFLICTS_PAGE)
        if saved.conflicts
        else context.url(urls.EDITION, fragment=step)
    }


def _picture_changes(where: str, screen: DraftBody, tap: str) -> Iterator[tuple[str, Any]]:
    if where.startswith("answers"):
        yield where.removesuffix(".screen"), {"screen": screen}
        return
    yield where, screen
    yield _sibling_path(where, "tap"), tap or None


@router.post(urls.EDITION_SCENE)
def save_scene(
    step: str,
    person: AuthorDep,
    writer: EditionWriterDep,
    scene: Annotated[str, Form(max_length=40)],
    where: Annotated[str, Form(max_length=40, pattern=PICTURE_PATHS)],
) -> RedirectResponse:
    """Save a drawn scene as the picture of a step."""
    person.require(Permission.WRITE, writer.ref.folder)
    check_is_source(writer.ref.folder)
    if scene not in set(map(str, POINTS)) or where.startswith("practise"):
        raise ChangeRejected(_("Không có cảnh vẽ nào tên {name}.", name=scene))
    value = dict[str, Any]({"draw": scene})
    of_answer = where.startswith("answers")
    path = where.removesuffix(".screen") if of_answer else "scene"
    put = {"scene": value} if of_answer else value
    with writer.transaction() as (session, context):
        draft = open_draft(session, context.ref)
        changes = [Change(step, path, put)]
        changes += [Change(step, "tap", None)] if path == "scene" else []
        DraftWriter(session, draft, person.id).save(changes, draft.version)
    return see_other(context.url(urls.EDITION, fragment=step))


def _check_drawable(screen: DraftBody) -> None:
    try:
        draw_screen(Screen.model_validate(screen))
    except ValidationError as error:
        problem = next(problems_of(error, DraftDocument("", screen)))
        raise ChangeRejected(problem.phrase) from error


def _sibling_path(where: str, name: str) -> str:
    """Return the path of the field `name` beside the screen at `where`."""
    return f"{where.rpartition('.')[0]}.{name}".lstrip(".")


def _with_ids(screen: DraftBody) -> tuple[DraftBody, dict[str, list[str | int]]]:
    """Return a copy of the screen in which every part has an id, and id → path of the part."""
    with_ids = copy.deepcopy(screen)
    paths: dict[str, list[str | int]] = {}
    for index, widget in enumerate(with_ids.get("widgets") or []):
        for kind, thing in list(as_dict(widget).items()):
            if isinstance(thing, str):
                thing = widget[kind] = {"label": thing}  # noqa: PLW2901  # a string is short for its label
            for way, part in _iterate_parts(kind, thing, ["widgets", index, kind]):
                name = str(part.setdefault("id", f"auto-{len(paths)}"))
                paths[name] = way
    return with_ids, paths


def _iterate_parts(
    kind: str,
    thing: Any,  # noqa: ANN401  # any JSON value
    way: list[str | int],
) -> Iterator[tuple[list[str | int], DraftBody]]:
    if isinstance(thing, list):
        for index, item in enumerate(thing):
            if isinstance(item, dict):
                yield [*way, index], item
        return
    if not isinstance(thing, dict):
        return
    if kind not in NOT_TAPPABLE or thing.get("id") or (kind == "title" and thing.get("back")):
        yield way, thing
    for name in CHILD_LISTS:
        for index, item in enumerate(thing.get(name) or []):
            if isinstance(item, dict):
                yield [*way, name, index], item


def _iterate_screens(part: Any) -> Iterator[DraftBody]:  # noqa: ANN401  # any JSON value
    if isinstance(part, list):
        for item in part:
            yield from _iterate_screens(item)
    elif isinstance(part, dict):
        if isinstance(part.get("widgets"), list):
            yield part
            return
        for item in part.values():
            yield from _iterate_screens(item)


def _title_of(screen: DraftBody) -> str:
    labels = [
        thing if isinstance(thing, str) else str(as_dict(thing).get("label", ""))
        for widget in screen["widgets"]
        for kind, thing in as_dict(widget).items()
        if kind in {"title", "text", "button", "dialog", "tick"}
    ]
    return next((label for label in labels if label), str(screen.get("app", "")))[:60]
