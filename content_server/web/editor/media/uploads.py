"""Media handed in whole: a recording or picture put under its own digest, as often as it takes."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from content_server.accounts.roles import Act, Person
from content_server.editorial.intake import (
    ProcessingStage,
    ProcessingStatus,
    clean_name,
    condition_of,
    keep,
    source_or_none,
)
from content_server.errors import LessonNotFound
from content_server.media.limits import GREATEST_BYTES
from content_server.media.media_kinds import MediaKind
from content_server.phrases import Phrase, _
from content_server.pipeline.pipeline import Pipeline
from content_server.web.body_stream import declared_bytes, pieces, received
from content_server.web.dependencies import DatabaseDep, SessionDep
from content_server.web.editor.edition_context import RoadDep
from content_server.web.permissions import whoever_may

router = APIRouter(include_in_schema=False)
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
HandInDep = Annotated[Person, Depends(whoever_may(Act.COMMENT))]
NO_STORE = {"Cache-Control": "no-store"}
NEEDED = {MediaKind.VOICE: Act.COMMENT, MediaKind.IMAGE: Act.WRITE, MediaKind.CLIP: Act.WRITE}
MOST_BYTES = {  # of what comes in one piece; a larger clip comes by tus
    MediaKind.VOICE: GREATEST_BYTES[MediaKind.VOICE],
    MediaKind.IMAGE: GREATEST_BYTES[MediaKind.IMAGE],
    MediaKind.CLIP: 20_000_000,
}


class Handed(BaseModel):
    """What came of it, as the page shows it."""

    digest: str
    stage: ProcessingStage
    percent: float
    why: str = ""


def handed(person: Person, digest: str, condition: ProcessingStatus) -> Handed:
    why = condition.why.said_in(person.tag) if condition.why else ""
    return Handed(digest=digest, stage=condition.stage, percent=condition.percent, why=why)


@router.put("/-/soan/media/{digest}")
async def put_medium(  # a request is all of this
    digest: Digest,
    request: Request,
    response: Response,
    person: HandInDep,
    database: DatabaseDep,
    road: RoadDep,
    medium: MediaKind = MediaKind.VOICE,
    name: str = "",
) -> Handed:
    """Keep a medium under its sha256; what is there already is only told."""
    response.headers.update(NO_STORE)
    if medium not in NEEDED:
        raise LessonNotFound(_("Loại tệp này chưa nhận được."))
    person.must(NEEDED[medium])
    known = await asyncio.to_thread(_known, database, road, digest, medium)
    if known:
        await _let_pass(request, MOST_BYTES[medium])
        return handed(person, digest, known)
    most_bytes = MOST_BYTES[medium]
    work = road.settings.data_dir / "work"
    async with received(request, work, digest, most_bytes, too_large(most_bytes)) as path:
        name = clean_name(name)
        condition = await asyncio.to_thread(keep, database, road.store, path, medium, name)
    return handed(person, digest, condition)


@router.get("/-/soan/media/{digest}")
def medium_state(
    digest: Digest, response: Response, person: HandInDep, session: SessionDep, road: RoadDep
) -> Handed:
    """Say how far a medium is; 404 when it is not here."""
    response.headers.update(NO_STORE)
    if not road.store.has(digest):
        raise LessonNotFound(_("Máy chủ chưa có tệp này."))
    return handed(person, digest, condition_of(session, digest))


def too_large(most_bytes: int) -> Phrase:
    return _("Tệp nặng quá, tối đa {most} MB.", most=most_bytes // 1_000_000)


def _known(
    database: DatabaseDep, road: Pipeline, digest: str, medium: MediaKind
) -> ProcessingStatus | None:
    with database.read() as session:
        if source_or_none(session, digest, medium) is None or not road.store.has(digest):
            return None
        return condition_of(session, digest)


async def _let_pass(request: Request, most_bytes: int) -> None:
    """Read what is being sent anyway: a browser hears no answer before it has sent all."""
    if (declared_bytes(request) or 0) > most_bytes:
        return
    passed = 0
    async for piece in pieces(request):
        passed += len(piece)
        if passed > most_bytes:
            return
