"""Clip uploads: the page that sends clips, and the progress of each, also as an event stream."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel
from sqlmodel import Session

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.editorial.drafts.drafts import check_is_source
from content_server.editorial.edits import as_dict
from content_server.editorial.intake import (
    ProcessingStage,
    finish_upload,
    processing_status_of_upload,
)
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.editorial.tables import DraftRow
from content_server.errors import AppError
from content_server.media.store import Store
from content_server.settings import Settings
from content_server.site.tree.rendition_index import format_size
from content_server.uploads.tables import UploadRow
from content_server.uploads.upload_store import list_uploads
from content_server.web.dependencies import DatabaseDep, SessionDep, SettingsDep, StoreDep
from content_server.web.editor.edition_context import EditionContextDep
from content_server.web.editor.media.tus import WriteDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
POLL_EVERY_S = 1.0
ACTIVE_STAGES = (
    ProcessingStage.WAITING,
    ProcessingStage.SENDING,
    ProcessingStage.RECEIVED,
    ProcessingStage.PREPARING,
)
MAX_POLLS = 60  # then the browser reconnects, which checks the session again


class ClipUploadView(BaseModel):
    """The state of one clip upload as the page shows it."""

    id: str
    name: str
    weight: str
    slug: str
    step: str
    stage: ProcessingStage
    percent: int
    why: str = ""


@router.get(urls.CLIPS_PAGE)
def clips_page(request: Request, person: WriteDep, session: SessionDep) -> HTMLResponse:
    """Show all clips the person has sent or is sending."""
    return render(
        request,
        "editor/clips.html",
        edition=None,
        clips=_clip_views(session, person),
        steps=[],
        step="",
    )


@router.get(urls.EDITION_CLIPS_PAGE)
def lesson_clips_page(
    request: Request,
    person: WriteDep,
    context: EditionContextDep,
    session: SessionDep,
    buoc: str = "",
) -> HTMLResponse:
    """Show the upload form for a clip of this lesson, and its clips under way."""
    person.require(Permission.WRITE, context.folder)
    check_is_source(context.folder)
    clips = [each for each in _clip_views(session, person) if each.slug == context.slug]
    steps = _clip_steps(context.draft)
    step = buoc if buoc in dict(steps) else ""
    return render(
        request, "editor/clips.html", edition=context, clips=clips, steps=steps, step=step
    )


@router.get(urls.CLIP_STATES)
def clip_states(response: Response, person: WriteDep, session: SessionDep) -> list[ClipUploadView]:
    """Return the state of each clip."""
    response.headers["Cache-Control"] = "no-store"
    return _clip_views(session, person)


@router.get(urls.CLIP_EVENTS)
async def clip_events(
    person: WriteDep, database: DatabaseDep, store: StoreDep, settings: SettingsDep
) -> StreamingResponse:
    """Send the states of all clips as server-sent events, whenever they change."""

    async def stream_states() -> AsyncIterator[str]:
        last_states = ""
        yield "retry: 2000\n\n"
        for _poll in range(MAX_POLLS):
            states = await asyncio.to_thread(_states_json, database, store, settings, person)
            if states != last_states:
                yield f"data: {states}\n\n"
                last_states = states
            if not any(f'"{stage}"' in states for stage in ACTIVE_STAGES):
                return  # the browser reconnects by itself
            await asyncio.sleep(POLL_EVERY_S)

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream_states(), media_type="text/event-stream", headers=headers)


def _states_json(database: DatabaseDep, store: Store, settings: Settings, person: Person) -> str:
    """Return all states as JSON, after finishing complete uploads that a crash left unprocessed."""
    with suppress(AppError):
        with database.read() as session:
            rows = list_uploads(session, person.id)
        for row in rows:
            if row.is_complete and not row.is_finished:
                finish_upload(
                    database,
                    store,
                    settings.uploads_dir,
                    row.id,
                )
    with database.read() as session:
        return json.dumps([each.model_dump(mode="json") for each in _clip_views(session, person)])


def _clip_views(session: Session, person: Person) -> list[ClipUploadView]:
    return [_clip_view(session, row, person.locale_tag) for row in list_uploads(session, person.id)]


def _clip_view(session: Session, row: UploadRow, tag: str) -> ClipUploadView:
    condition = processing_status_of_upload(session, row)
    return ClipUploadView(
        id=row.id,
        name=row.name,
        weight=format_size(row.size_bytes),
        slug=row.slug,
        step=row.step,
        stage=condition.stage,
        percent=int(condition.percent),
        why=condition.reason.translate(tag) if condition.reason else "",
    )


def _clip_steps(draft: DraftRow) -> list[tuple[str, str]]:
    """Return (step id, sentence) of the steps that show a clip."""
    steps = steps_of(draft.body)
    return [
        (name, sentence_in(step) or name)
        for name, step in steps.items()
        if "watch" in as_dict(step)
    ]
