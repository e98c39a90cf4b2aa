"""The preview of a draft as villagers will see it, and the data it costs to fetch."""

import gzip
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlmodel import Session, col, select

from content_server import urls
from content_server.accounts.roles import Permission
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.edits import DraftBody
from content_server.editorial.preview import preview_lesson, preview_page
from content_server.errors import LessonNotFound
from content_server.lessons.editions.catalog import PublishedEdition
from content_server.lessons.editions.tables import EditionRef
from content_server.lessons.lesson import Translation
from content_server.lessons.localized import LocalizedLesson
from content_server.locales import SOURCE_FOLDER
from content_server.media.store import Store
from content_server.media.tables import Rendition
from content_server.phrases import _
from content_server.site.costs import (
    LESSON_BUDGET_BYTES,
    LESSON_LIMIT_BYTES,
    VERY_WEAK_NETWORK_KBPS,
    LessonCost,
    StepCost,
    measure_cost,
    steps_to_downscale,
    suggest_remedy,
    transfer_seconds,
)
from content_server.site.pages.pages import PAGE_BYTES
from content_server.site.site_builder import SiteBuilder
from content_server.site.tree.csp import make_csp_header
from content_server.site.tree.rendition_index import (
    format_size,
    load_rendition_index,
)
from content_server.web.dependencies import SessionDep, SiteBuilderDep, StoreDep
from content_server.web.editor.edition_context import EditionContext, EditionContextDep
from content_server.web.editor.slow_network import PAGE_ROUND_TRIPS, ROUND_TRIP_S, throttle_stream
from content_server.web.permissions import WorkDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
MAX_CACHED_COSTS = 256
NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
FILE_POLICY = {"Content-Security-Policy": "default-src 'none'; media-src 'self'; sandbox"}
SUNLIGHT_HTML = b'<html class="sun" '


@router.get(urls.EDITION_PREVIEW)
def preview_draft(
    _person: WorkDep,
    context: EditionContextDep,
    session: SessionDep,
    site_builder: SiteBuilderDep,
    nang: str = "",
    mang: Annotated[int, Query()] = 0,
) -> Response:
    """Answer with the page of a draft as villagers will see it.

    `mang`: a speed in kbit/s at which page, voices and pictures are sent; `nang`: sunlight colours.
    """
    lesson, kbps = localize_draft(session, context), mang if mang in ROUND_TRIP_S else 0
    slow_media = urls.SLOW_DRAFT_MEDIA.url(kbps=kbps, name="")
    media = slow_media if kbps else urls.DRAFT_MEDIA.url(name="")
    body = preview_page(session, site_builder, lesson, context.registries, media)
    if nang:
        body = body.replace(b"<html ", SUNLIGHT_HTML, 1)
    headers = NO_STORE | make_csp_header(body)
    if not kbps:
        return HTMLResponse(body, headers=headers)
    compressed = gzip.compress(body, 9)
    headers |= {"Content-Encoding": "gzip"}
    return StreamingResponse(
        throttle_stream([compressed], kbps, PAGE_ROUND_TRIPS),
        media_type="text/html",
        headers=headers,
    )


def localize_draft(session: Session, context: EditionContext) -> LocalizedLesson:
    """Return the lesson localized from its draft and the draft of the source."""
    drafts: dict[str, tuple[DraftBody, dict[str, str]]] = {
        context.folder: (context.draft.body, context.draft.media)
    }
    if not context.is_source:
        source = draft_of(session, EditionRef(context.slug, SOURCE_FOLDER))
        drafts[SOURCE_FOLDER] = (source.body, source.media)
    return preview_lesson(session, context.slug, context.folder, drafts, context.registries)[0]


@router.get(urls.EDITION_COST)
def cost_meter(
    person: WorkDep,
    request: Request,
    context: EditionContextDep,
    session: SessionDep,
    site_builder: SiteBuilderDep,
) -> HTMLResponse:
    """Answer with the cost meter of a draft."""
    cost = draft_cost(session, site_builder, context)
    largest = cost.largest_step
    return render(
        request,
        "editor/_cost.html",
        edition=context,
        cost=cost,
        total=format_size(cost.total_bytes),
        page=format_size(cost.page_bytes),
        budget=format_size(LESSON_BUDGET_BYTES),
        page_budget=format_size(PAGE_BYTES),
        clips=format_size(cost.clips_bytes) if cost.clips_bytes else "",
        part=min(100, round(cost.total_bytes * 100 / LESSON_BUDGET_BYTES)),
        seconds=cost.seconds(),
        weak_seconds=cost.seconds(VERY_WEAK_NETWORK_KBPS),
        dong=f"{cost.price_dong:,}".replace(",", "."),
        largest=largest if largest and largest.total_bytes else None,
        largest_size=format_size(largest.total_bytes) if largest else "",
        is_over_budget=is_over_budget(cost),
        steps=[_step_cost_view(step) for step in cost.steps],
        others=format_size(cost.other_voices_bytes) if cost.other_voices_bytes else "",
        can_downscale=bool(steps_to_downscale(cost))
        and context.is_source
        and person.may(Permission.WRITE, "vi"),
        remedy=None if cost.is_green else suggest_remedy(cost),
    )


@dataclass(frozen=True)
class StepCostView:
    """The cost of one step as the cost meter shows it; "–" where there is nothing."""

    name: str
    number: int
    voice: str
    picture: str
    clip: str
    seconds: int  # on a weak network, without the clip
    weak_seconds: int  # on a very weak one


def _step_cost_view(step: StepCost) -> StepCostView:
    parts = (step.voice_bytes, step.picture_bytes, step.clip_bytes)
    voice, picture, clip = (format_size(part) if part else "–" for part in parts)
    first_bytes = step.voice_bytes + step.picture_bytes
    return StepCostView(
        name=step.name,
        number=step.number,
        voice=voice,
        picture=picture,
        clip=clip,
        seconds=transfer_seconds(first_bytes) if first_bytes else 0,
        weak_seconds=transfer_seconds(first_bytes, VERY_WEAK_NETWORK_KBPS) if first_bytes else 0,
    )


def is_over_budget(cost: LessonCost) -> bool:
    """Tell whether publishing the lesson needs a written reason."""
    return cost.total_bytes > LESSON_LIMIT_BYTES or cost.page_bytes > PAGE_BYTES


def draft_cost(session: Session, site_builder: SiteBuilder, context: EditionContext) -> LessonCost:
    """Return what the page of a draft and its media cost to fetch, from the rendered bytes."""
    lesson = localize_draft(session, context)
    renditions = load_rendition_index(
        session, [{SOURCE_FOLDER: PublishedEdition(0, "", Translation(), lesson.media)}]
    )
    available = {
        file: digest for file, digest in lesson.media.items() if digest in renditions.by_source
    }
    page = preview_page(session, site_builder, lesson, context.registries)
    key = sha256(page).digest()
    cost = _costs.get_or_none(key)
    if cost is None:
        cost = measure_cost(replace(lesson, media=available), page, renditions)
        _costs.put(key, cost)
    return cost


class CostCache:
    """The last MAX_CACHED_COSTS costs, by the sha256 of the page. Thread-safe."""

    def __init__(self, limit: int = MAX_CACHED_COSTS) -> None:
        self._limit = limit
        self._costs: OrderedDict[bytes, LessonCost] = OrderedDict()
        self._lock = Lock()

    def get_or_none(self, key: bytes) -> LessonCost | None:
        with self._lock:
            cost = self._costs.get(key)
            if cost is not None:
                self._costs.move_to_end(key)
            return cost

    def put(self, key: bytes, cost: LessonCost) -> None:
        with self._lock:
            self._costs[key] = cost
            if len(self._costs) > self._limit:
                self._costs.popitem(last=False)


_costs = CostCache()


@router.get(urls.DRAFT_MEDIA)
def draft_media(
    name: Annotated[str, Path(pattern=r"^[0-9a-f]{20}\.[a-z0-9]{2,5}$")],
    _person: WorkDep,
    session: SessionDep,
    store: StoreDep,
) -> Response:
    """Answer with a rendition, published or not; needs permission to view lessons."""
    return send_rendition(session, store, name)[0]


@router.get(urls.SLOW_DRAFT_MEDIA)
def slow_draft_media(
    kbps: int,
    name: Annotated[str, Path(pattern=r"^[0-9a-f]{20}\.[a-z0-9]{2,5}$")],
    _person: WorkDep,
    session: SessionDep,
    store: StoreDep,
) -> Response:
    """Answer with a rendition at `kbps`, a key of ROUND_TRIP_S."""
    if kbps not in ROUND_TRIP_S:
        raise LessonNotFound(_("Tệp này chưa làm xong hoặc không còn."))
    row = find_rendition(session, name)
    kind = row.content_type.partition(";")[0]
    headers = NO_STORE | {"Content-Length": str(row.bytes)} | FILE_POLICY
    return StreamingResponse(
        throttle_stream(_read_chunks(store, row), kbps, 1), media_type=kind, headers=headers
    )


def find_rendition(session: Session, name: str) -> Rendition:
    """Return the rendition with this file name. Raises LessonNotFound."""
    query = select(Rendition).where(col(Rendition.digest).startswith(name[:20])).limit(1)
    row = session.exec(query).first()
    if row is None:
        raise LessonNotFound(_("Tệp này chưa làm xong hoặc không còn."))
    return row


def send_rendition(session: Session, store: Store, name: str) -> tuple[StreamingResponse, str]:
    """Return a response with a rendition, and the digest of its source. Raises LessonNotFound."""
    row = find_rendition(session, name)
    kind = row.content_type.partition(";")[0]
    headers = NO_STORE | {"Content-Length": str(row.bytes), "Content-Disposition": "inline"}
    response = StreamingResponse(
        _read_chunks(store, row), media_type=kind, headers=headers | FILE_POLICY
    )
    return response, row.source_digest


def _read_chunks(store: Store, row: Rendition) -> Iterator[bytes]:
    yield from store.read_range(row.digest, 0, row.bytes)
