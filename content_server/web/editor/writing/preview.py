"""The live preview: the villager's own page of a draft in a frame, and what it costs to fetch."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlmodel import Session, col, select

from content_server.accounts.roles import Act
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.edits import Body
from content_server.editorial.preview import ROOMS_MEDIA, preview_page, preview_telling
from content_server.errors import LessonNotFound
from content_server.lessons.editions.catalog import PublishedEdition
from content_server.lessons.lesson import Translation
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import SOURCE_FOLDER
from content_server.media.tables import Rendition
from content_server.phrases import _
from content_server.pipeline.pipeline import Pipeline
from content_server.site.costs import (
    LESSON_BUDGET_BYTES,
    STOP_BYTES,
    VERY_WEAK_KBPS,
    Cost,
    StepCost,
    cost_of,
    remedy,
    seconds_of,
    to_lighten,
)
from content_server.site.pages.pages import PAGE_BYTES
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.csp import content_security_policy
from content_server.site.tree.rendition_index import RenditionIndex, shelf_of, weight
from content_server.web.dependencies import SessionDep, SiteBuilderDep
from content_server.web.editor.edition_context import EditionContext, EditionContextDep, RoadDep
from content_server.web.editor.slow_network import ROUND_TRIP_S, TRIPS_FIRST, slowly
from content_server.web.permissions import WorkDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
KEPT_COSTS = 256
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
FILE_POLICY = {"Content-Security-Policy": "default-src 'none'; media-src 'self'; sandbox"}
SLOW_MEDIA = "/-/soan/cham/"
SUN = b'<html class="sun" '


@router.get("/-/soan/bai/{slug}/{folder}/xem")
def preview(
    _person: WorkDep,
    place: EditionContextDep,
    session: SessionDep,
    press: SiteBuilderDep,
    nang: str = "",
    mang: Annotated[int, Query()] = 0,
) -> Response:
    """Answer with the villager's page of a draft as it stands.

    On a slow line (`mang`, kbit/s) page, voices and pictures come as slowly as in a village.
    """
    telling, slow = telling_of(session, place), mang if mang in ROUND_TRIP_S else 0
    media = f"{SLOW_MEDIA}{slow}/" if slow else ROOMS_MEDIA
    body = preview_page(session, press, telling, place.library, media)
    if nang:
        body = body.replace(b"<html ", SUN, 1)
    headers = NO_STORE | content_security_policy(body)
    if not slow:
        return HTMLResponse(body, headers=headers)
    pressed = gzip.compress(body, 9)
    headers |= {"Content-Encoding": "gzip"}
    return StreamingResponse(
        slowly([pressed], slow, TRIPS_FIRST), media_type="text/html", headers=headers
    )


def telling_of(session: Session, place: EditionContext) -> LocalizedLesson:
    """Tell a lesson as its drafts have it: its own, and the source's."""
    drafts: dict[str, tuple[Body, dict[str, str]]] = {
        place.folder: (place.draft.body, place.draft.media)
    }
    if not place.is_source:
        source = draft_of(session, place.slug, SOURCE_FOLDER)
        drafts[SOURCE_FOLDER] = (source.body, source.media)
    return preview_telling(session, place.slug, place.folder, drafts, place.library)[0]


@router.get("/-/soan/bai/{slug}/{folder}/gia")
def costs(
    person: WorkDep,
    request: Request,
    place: EditionContextDep,
    session: SessionDep,
    press: SiteBuilderDep,
) -> HTMLResponse:
    """Answer with the cost meter of a draft."""
    cost = draft_cost(session, press, place)
    largest = cost.largest
    return render(
        request,
        "editor/_cost.html",
        place=place,
        cost=cost,
        total=weight(cost.total_bytes),
        page=weight(cost.page_bytes),
        budget=weight(LESSON_BUDGET_BYTES),
        page_budget=weight(PAGE_BYTES),
        clips=weight(cost.clips_bytes) if cost.clips_bytes else "",
        part=min(100, round(cost.total_bytes * 100 / LESSON_BUDGET_BYTES)),
        seconds=cost.seconds(),
        weak_seconds=cost.seconds(VERY_WEAK_KBPS),
        dong=f"{cost.dong:,}".replace(",", "."),
        largest=largest if largest and largest.total_bytes else None,
        largest_weight=weight(largest.total_bytes) if largest else "",
        is_over=is_over(cost),
        steps=[_step(step) for step in cost.steps],
        others=weight(cost.other_voices_bytes) if cost.other_voices_bytes else "",
        can_lighten=bool(to_lighten(cost)) and place.is_source and person.may(Act.WRITE, "vi"),
        remedy=None if cost.is_green else remedy(cost),
    )


def _step(step: StepCost) -> dict[str, object]:
    parts = (step.voice_bytes, step.picture_bytes, step.clip_bytes)
    voice, picture, clip = (weight(part) if part else "–" for part in parts)
    light = step.voice_bytes + step.picture_bytes
    return {
        "name": step.name,
        "number": step.number,
        "voice": voice,
        "picture": picture,
        "clip": clip,
        "seconds": seconds_of(light) if light else 0,
        "weak_seconds": seconds_of(light, VERY_WEAK_KBPS) if light else 0,
    }


def is_over(cost: Cost) -> bool:
    """Tell whether a lesson may be shown only with a reason in writing."""
    return cost.total_bytes > STOP_BYTES or cost.page_bytes > PAGE_BYTES


def draft_cost(session: Session, press: SiteBuilder, place: EditionContext) -> Cost:
    """Return what a draft would cost a villager, from built bytes; the same draft is told once."""
    telling = telling_of(session, place)
    shelf = shelf_of(
        session, [{SOURCE_FOLDER: PublishedEdition(0, "", Translation(), telling.media)}]
    )
    known = replace(
        telling, media={f: d for f, d in telling.media.items() if d in shelf.renditions}
    )
    page = preview_page(session, press, telling, place.library)
    return _cost(page, _Once(known, shelf))


class _Once:
    """A telling and its shelf, equal to any other: the page's bytes say all there is to know."""

    def __init__(self, telling: LocalizedLesson, shelf: RenditionIndex) -> None:
        self.telling, self.shelf = telling, shelf

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Once)

    def __hash__(self) -> int:
        return 0


@lru_cache(KEPT_COSTS)
def _cost(page: bytes, once: _Once) -> Cost:
    return cost_of(once.telling, page, once.shelf)


@router.get("/-/soan/tep/{name}")
def medium(
    name: Annotated[str, Path(pattern=r"^[0-9a-f]{20}\.[a-z0-9]{2,5}$")],
    _person: WorkDep,
    session: SessionDep,
    road: RoadDep,
) -> Response:
    """Answer with a rendition that is not published yet, to those who work on lessons."""
    return rendition_answer(session, road, name)[0]


@router.get("/-/soan/cham/{kbps}/{name}")
def slow_medium(
    kbps: int,
    name: Annotated[str, Path(pattern=r"^[0-9a-f]{20}\.[a-z0-9]{2,5}$")],
    _person: WorkDep,
    session: SessionDep,
    road: RoadDep,
) -> Response:
    """Answer with a rendition as slowly as a village's line would bring it."""
    if kbps not in ROUND_TRIP_S:
        raise LessonNotFound(_("Tệp này chưa làm xong hoặc không còn."))
    row = rendition_named(session, name)
    kind = row.content_type.partition(";")[0]
    headers = NO_STORE | {"Content-Length": str(row.bytes)} | FILE_POLICY
    return StreamingResponse(slowly(_chunks(road, row), kbps, 1), media_type=kind, headers=headers)


def rendition_named(session: Session, name: str) -> Rendition:
    """Return a rendition by the name pages give it. Raises LessonNotFound."""
    query = select(Rendition).where(col(Rendition.digest).startswith(name[:20])).limit(1)
    row = session.exec(query).first()
    if row is None:
        raise LessonNotFound(_("Tệp này chưa làm xong hoặc không còn."))
    return row


def rendition_answer(session: Session, road: Pipeline, name: str) -> tuple[StreamingResponse, str]:
    """Return an answer with a rendition, and the digest of its source. Raises LessonNotFound."""
    row = rendition_named(session, name)
    kind = row.content_type.partition(";")[0]
    headers = NO_STORE | {"Content-Length": str(row.bytes), "Content-Disposition": "inline"}
    answer = StreamingResponse(_chunks(road, row), media_type=kind, headers=headers | FILE_POLICY)
    return answer, row.source_digest


def _chunks(road: Pipeline, row: Rendition) -> Iterator[bytes]:
    yield from road.store.read_range(row.digest, 0, row.bytes)
