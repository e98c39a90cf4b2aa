"""Uploads in one request: a recording or picture is PUT under its sha256; repeating is safe."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.editorial.intake import (
    ProcessingStage,
    ProcessingStatus,
    clean_file_name,
    find_source,
    processing_status_of,
    store_source,
)
from content_server.errors import LessonNotFound
from content_server.media.ffmpeg.runner import ToolPriority
from content_server.media.limits import MAX_SOURCE_BYTES
from content_server.media.media_kinds import MediaKind
from content_server.media.store import Store
from content_server.phrases import Phrase, _
from content_server.web.body_stream import declared_bytes, receive_file, stream_chunks
from content_server.web.dependencies import DatabaseDep, SessionDep, SettingsDep, StoreDep
from content_server.web.permissions import requires

router = APIRouter(include_in_schema=False)
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
UploadDep = Annotated[Person, Depends(requires(Permission.COMMENT))]
NO_STORE = {"Cache-Control": "no-store"}
REQUIRED_PERMISSIONS = {
    MediaKind.VOICE: Permission.COMMENT,
    MediaKind.IMAGE: Permission.WRITE,
    MediaKind.CLIP: Permission.WRITE,
}
MAX_BYTES = {  # in one request; larger clips are uploaded by tus
    MediaKind.VOICE: MAX_SOURCE_BYTES[MediaKind.VOICE],
    MediaKind.IMAGE: MAX_SOURCE_BYTES[MediaKind.IMAGE],
    MediaKind.CLIP: 20_000_000,
}


class UploadStatus(BaseModel):
    """The processing state of an uploaded file, as JSON for the page."""

    digest: str
    stage: ProcessingStage
    percent: float
    why: str = ""


def upload_status(person: Person, digest: str, status: ProcessingStatus) -> UploadStatus:
    why = status.reason.translate(person.locale_tag) if status.reason else ""
    return UploadStatus(digest=digest, stage=status.stage, percent=status.percent, why=why)


@router.put(urls.MEDIA_UPLOAD)
async def upload_media(
    digest: Digest,
    request: Request,
    response: Response,
    person: UploadDep,
    database: DatabaseDep,
    store: StoreDep,
    settings: SettingsDep,
    medium: MediaKind = MediaKind.VOICE,
    name: str = "",
) -> UploadStatus:
    """Store a file under its sha256; a known file is not stored again."""
    response.headers.update(NO_STORE)
    if medium not in REQUIRED_PERMISSIONS:
        raise LessonNotFound(_("Loại tệp này chưa nhận được."))
    person.require(REQUIRED_PERMISSIONS[medium])
    status = await asyncio.to_thread(_stored_status, database, store, digest, medium)
    if status:
        await _drain(request, MAX_BYTES[medium])
        return upload_status(person, digest, status)
    most_bytes = MAX_BYTES[medium]
    work = settings.data_dir / "work"
    async with receive_file(
        request, work, digest, most_bytes, too_large_phrase(most_bytes)
    ) as path:
        name = clean_file_name(name)
        priority = ToolPriority.from_settings(settings)
        status = await asyncio.to_thread(
            store_source, database, store, path, medium, name, priority
        )
    return upload_status(person, digest, status)


@router.get(urls.MEDIA_UPLOAD)
def media_status(
    digest: Digest, response: Response, person: UploadDep, session: SessionDep, store: StoreDep
) -> UploadStatus:
    """Return the processing state of a file. Raises LessonNotFound when it was not received."""
    response.headers.update(NO_STORE)
    if not store.has(digest):
        raise LessonNotFound(_("Máy chủ chưa có tệp này."))
    return upload_status(person, digest, processing_status_of(session, digest))


def too_large_phrase(most_bytes: int) -> Phrase:
    return _("Tệp nặng quá, tối đa {most} MB.", most=most_bytes // 1_000_000)


def _stored_status(
    database: DatabaseDep, store: Store, digest: str, medium: MediaKind
) -> ProcessingStatus | None:
    with database.read() as session:
        if find_source(session, digest, medium) is None or not store.has(digest):
            return None
        return processing_status_of(session, digest)


async def _drain(request: Request, most_bytes: int) -> None:
    """Read and drop the body: a browser reads the answer only after it has sent everything."""
    if (declared_bytes(request) or 0) > most_bytes:
        return
    read_bytes = 0
    async for chunk in stream_chunks(request):
        read_bytes += len(chunk)
        if read_bytes > most_bytes:
            return
