"""Clips on their way: the page that sends them, and where each is, live and after a reload."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel
from sqlmodel import Session

from content_server.accounts.roles import Act, Person
from content_server.editorial.drafts.drafts import check_source
from content_server.editorial.edits import dict_of
from content_server.editorial.intake import ProcessingStage, condition_of_upload, finish_upload
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.editorial.tables import DraftRow
from content_server.errors import AppError
from content_server.pipeline.pipeline import Pipeline
from content_server.site.tree.rendition_index import weight
from content_server.uploads.tables import UploadRow
from content_server.uploads.upload_store import uploads_of
from content_server.web.dependencies import DatabaseDep, SessionDep
from content_server.web.editor.edition_context import EditionContextDep, RoadDep
from content_server.web.editor.media.tus import PATH, WriteDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
LOOK_EVERY_S = 1.0
UNDER_WAY = (
    ProcessingStage.WAITING,
    ProcessingStage.SENDING,
    ProcessingStage.RECEIVED,
    ProcessingStage.PREPARING,
)
LOOKS = 60  # then the browser asks anew: a session that was ended is not listened to for long


class Sent(BaseModel):
    """One clip as the page shows it."""

    id: str
    name: str
    weight: str
    slug: str
    step: str
    stage: ProcessingStage
    percent: int
    why: str = ""


@router.get(PATH)
def clips_page(request: Request, person: WriteDep, session: SessionDep) -> HTMLResponse:
    """Show all clips one has sent or is sending."""
    return render(
        request, "editor/clips.html", place=None, sent=_sent(session, person), steps=[], step=""
    )


@router.get("/-/soan/bai/{slug}/{folder}/phim")
def lesson_clips_page(
    request: Request,
    person: WriteDep,
    place: EditionContextDep,
    session: SessionDep,
    buoc: str = "",
) -> HTMLResponse:
    """Ask for a clip of a lesson; show those on their way."""
    person.must(Act.WRITE, place.folder)
    check_source(place.folder)
    sent = [each for each in _sent(session, person) if each.slug == place.slug]
    steps = _watched(place.draft)
    step = buoc if buoc in dict(steps) else ""
    return render(request, "editor/clips.html", place=place, sent=sent, steps=steps, step=step)


@router.get(PATH + "/trang-thai")
def states(response: Response, person: WriteDep, session: SessionDep) -> list[Sent]:
    """Say where each clip is."""
    response.headers["Cache-Control"] = "no-store"
    return _sent(session, person)


@router.get(PATH + "/su-kien")
async def events(person: WriteDep, database: DatabaseDep, road: RoadDep) -> StreamingResponse:
    """Say where each clip is, whenever that changes."""

    async def telling() -> AsyncIterator[str]:
        last = ""
        yield "retry: 2000\n\n"
        for _look in range(LOOKS):
            now = await asyncio.to_thread(_told, database, road, person)
            if now != last:
                yield f"data: {now}\n\n"
                last = now
            if not any(f'"{stage}"' in now for stage in UNDER_WAY):
                return  # the browser asks anew by itself
            await asyncio.sleep(LOOK_EVERY_S)

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(telling(), media_type="text/event-stream", headers=headers)


def _told(database: DatabaseDep, road: Pipeline, person: Person) -> str:
    """Return all states as JSON; what a crash left whole but unfinished is finished first."""
    with suppress(AppError):
        with database.read() as session:
            rows = uploads_of(session, person.id)
        for row in rows:
            if row.is_whole and not row.has_ended:
                finish_upload(database, road.store, road.settings.uploads_dir, row.id)
    with database.read() as session:
        return json.dumps([each.model_dump(mode="json") for each in _sent(session, person)])


def _sent(session: Session, person: Person) -> list[Sent]:
    return [_shown(session, row, person.tag) for row in uploads_of(session, person.id)]


def _shown(session: Session, row: UploadRow, tag: str) -> Sent:
    condition = condition_of_upload(session, row)
    return Sent(
        id=row.id,
        name=row.name,
        weight=weight(row.size_bytes),
        slug=row.slug,
        step=row.step,
        stage=condition.stage,
        percent=int(condition.percent),
        why=condition.why.said_in(tag) if condition.why else "",
    )


def _watched(draft: DraftRow) -> list[tuple[str, str]]:
    """Return the steps that show a clip: id, and what they say."""
    steps = steps_of(draft.body)
    return [
        (name, sentence_in(step) or name)
        for name, step in steps.items()
        if "watch" in dict_of(step)
    ]
