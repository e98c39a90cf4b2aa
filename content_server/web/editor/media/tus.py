"""Resumable clip uploads by the tus 1.0 protocol, core and some extensions.

Acknowledged bytes are on disk: after a crash an upload goes on from them. See
`uploads/tus_protocol.py`.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.db import Database
from content_server.editorial.intake import clean_file_name, finish_upload
from content_server.errors import AppError, InvalidMedia, NotSignedIn, TusError
from content_server.media.store import Store
from content_server.phrases import _
from content_server.settings import Settings
from content_server.uploads import files, tus_protocol, upload_store
from content_server.uploads.tables import UploadRow
from content_server.uploads.tus_protocol import Checksum
from content_server.uploads.write_locks import WriteLock
from content_server.web.body_stream import declared_bytes, stream_chunks
from content_server.web.dependencies import DatabaseDep, SettingsDep, StoreDep, WriteLocksDep
from content_server.web.editor.edition_context import load_source_body
from content_server.web.permissions import requires

TUS_HEADERS = {"Tus-Resumable": tus_protocol.VERSION, "Cache-Control": "no-store"}
SYNC_BYTES = 262_144  # buffered before they are written to disk and acknowledged
WriteDep = Annotated[Person, Depends(requires(Permission.WRITE))]


class TusRoute(APIRoute):
    """A route that adds the tus headers to every response, errors too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler; NotSignedIn redirects people to sign in, as on other routes."""
        handle = super().get_route_handler()

        async def handle_tus(request: Request) -> Response:
            try:
                response = await handle(request)
            except AppError as error:
                programs = "application/json" in request.headers.get("accept", "")
                if isinstance(error, NotSignedIn) and not programs:
                    raise
                response = _error_response(error)
            response.headers.update(TUS_HEADERS)
            return response

        return handle_tus


router = APIRouter(include_in_schema=False, route_class=TusRoute)


def _error_response(error: AppError) -> Response:
    words = {tag: error.translate(tag) for tag in ("vi", "en")}
    content = {"error": type(error).__name__, **words}
    headers = {"Tus-Version": tus_protocol.VERSION}
    return JSONResponse(content, error.status, headers)


@router.api_route(urls.CLIP_UPLOADS, methods=["POST", "OPTIONS"])
async def tus_collection(
    request: Request, person: WriteDep, database: DatabaseDep, settings: SettingsDep
) -> Response:
    """OPTIONS: what the server supports. POST: create an upload."""
    if _method(request) == "OPTIONS":
        return Response(status_code=204, headers=tus_protocol.server_capabilities())
    row = await asyncio.to_thread(_begin_upload, request, person, database, settings)
    headers = {"Location": urls.CLIP_UPLOAD.url(upload_id=row.id), **_expires_header(row)}
    return Response(status_code=201, headers=headers)


@router.api_route(urls.CLIP_UPLOAD, methods=["HEAD", "PATCH", "DELETE", "POST", "OPTIONS"])
async def tus_upload(
    upload_id: str,
    request: Request,
    person: WriteDep,
    database: DatabaseDep,
    store: StoreDep,
    settings: SettingsDep,
    write_locks: WriteLocksDep,
) -> Response:
    """HEAD: the offset received. PATCH: append bytes. DELETE: terminate the upload."""
    folder = settings.uploads_dir
    match _method(request):
        case "OPTIONS":
            return Response(status_code=204, headers=tus_protocol.server_capabilities())
        case "HEAD":
            async with write_locks.acquire(upload_id):  # a stalled writer stores its bytes first
                await asyncio.to_thread(
                    _finish_if_whole, database, upload_id, person, store, settings
                )
            row = await asyncio.to_thread(_find_upload, database, upload_id, person)
            return Response(status_code=200, headers=_head_headers(row))
        case "PATCH":
            begins_at = tus_protocol.parse_offset(request.headers)
            checksum = tus_protocol.parse_checksum(request.headers)
            async with write_locks.acquire(upload_id) as lock:
                row = await asyncio.to_thread(_find_upload, database, upload_id, person)
                upload_store.require_matching_offset(row, begins_at)
                upload_store.require_within_length(row, declared_bytes(request) or 0)
                await _UploadWriter(row, database, folder, lock).write(request, checksum)
                if row.is_complete:
                    await asyncio.to_thread(finish_upload, database, store, folder, row.id)
            headers = {"Upload-Offset": str(row.offset_bytes), **_expires_header(row)}
            return Response(status_code=204, headers=headers)
        case "DELETE":
            async with write_locks.acquire(upload_id):
                await asyncio.to_thread(_delete_upload, database, upload_id, person, folder)
            return Response(status_code=204)
        case _:
            raise TusError(405, _("Địa chỉ này chỉ nhận từng phần của một phim đang gửi."))


def _method(request: Request) -> str:
    """Return the effective method. Raises TusError for another protocol version."""
    method = tus_protocol.effective_method(request.method, request.headers)
    tus_protocol.require_version(method, request.headers)
    return method


class _UploadWriter:
    """Writes the body of one PATCH to disk; `row` has the offset after every write."""

    def __init__(self, row: UploadRow, database: Database, folder: Path, lock: WriteLock) -> None:
        self._row, self._database, self._lock = row, database, lock
        self._path = files.upload_path(folder, row.id)

    async def write(self, request: Request, checksum: Checksum | None) -> None:
        """Write a body. Raises TusError, StoreUnavailable; bytes acknowledged before stay."""
        if checksum:
            await self._write_checked(request, checksum)
            return
        buffer = bytearray()
        async for chunk in stream_chunks(request, self._lock.is_evicted):
            buffer += chunk
            if len(buffer) >= SYNC_BYTES:
                await self._append(bytes(buffer))
                buffer.clear()
        if buffer:  # the connection may have ended here: these bytes need not be sent again
            await self._append(bytes(buffer))

    async def _write_checked(self, request: Request, checksum: Checksum) -> None:
        """Write a body behind the offset, and advance the offset only if its checksum is right."""
        hasher, length = checksum.new_hash(), 0
        async for chunk in stream_chunks(request, self._lock.is_evicted):
            upload_store.require_within_length(self._row, length + len(chunk))
            hasher.update(chunk)
            offset = self._row.offset_bytes + length
            await asyncio.to_thread(files.write_chunk, self._path, offset, chunk)
            length += len(chunk)
        if hasher.digest() != checksum.digest:
            await asyncio.to_thread(files.truncate_upload_file, self._path, self._row.offset_bytes)
            raise TusError(
                tus_protocol.CHECKSUM_MISMATCH,
                _("Một phần bị sai trên đường truyền, máy sẽ tự gửi lại phần ấy."),
            )
        await asyncio.to_thread(self._advance, length)

    async def _append(self, data: bytes) -> None:
        upload_store.require_within_length(self._row, len(data))
        await asyncio.to_thread(files.write_chunk, self._path, self._row.offset_bytes, data)
        await asyncio.to_thread(self._advance, len(data))

    def _advance(self, length: int) -> None:
        with self._database.write() as session:
            upload_store.advance_offset(session, self._row, length)


def _begin_upload(
    request: Request, person: Person, database: Database, settings: Settings
) -> UploadRow:
    """Create an upload and its file; remove uploads that have expired."""
    folder = settings.uploads_dir
    upload = _upload_request(request)
    with database.write() as session:
        load_source_body(session, upload.slug)  # raises LessonNotFound for an unknown lesson
        expired = upload_store.delete_expired_uploads(session)
        row = upload_store.create_upload(session, person.id, upload)
        files.create_upload_file(folder, row.id, upload.size_bytes)
    for each in expired:
        files.delete_upload_file(folder, each)
    return row


def _upload_request(request: Request) -> upload_store.UploadRequest:
    size_bytes = tus_protocol.parse_length(request.headers)
    metadata = tus_protocol.parse_metadata(request.headers)
    if size_bytes == 0:
        raise InvalidMedia(_("Tệp rỗng, không có gì bên trong. Hãy chọn lại tệp."))
    return upload_store.UploadRequest(
        name=clean_file_name(metadata.get("filename", "")),
        size_bytes=size_bytes,
        slug=metadata.get("slug", "")[:60],
        step=metadata.get("step", "")[:60],
        tus_metadata=request.headers.get("upload-metadata", ""),
    )


def _find_upload(database: Database, upload_id: str, person: Person) -> UploadRow:
    with database.read() as session:
        return upload_store.find_upload(session, upload_id, person.id)


def _finish_if_whole(
    database: Database, upload_id: str, person: Person, store: Store, settings: Settings
) -> None:
    """Process a complete upload that a crash left unprocessed; errors are ignored here."""
    row = _find_upload(database, upload_id, person)
    with suppress(AppError):
        finish_upload(
            database,
            store,
            settings.uploads_dir,
            row.id,
        )


def _delete_upload(database: Database, upload_id: str, person: Person, folder: Path) -> None:
    with database.write() as session:
        session.delete(upload_store.find_upload(session, upload_id, person.id))
    files.delete_upload_file(folder, upload_id)


def _head_headers(row: UploadRow) -> dict[str, str]:
    headers = {"Upload-Offset": str(row.offset_bytes), "Upload-Length": str(row.size_bytes)}
    if row.tus_metadata:
        headers["Upload-Metadata"] = row.tus_metadata
    return headers | _expires_header(row)


def _expires_header(row: UploadRow) -> dict[str, str]:
    return (
        {} if row.is_finished else {"Upload-Expires": tus_protocol.format_http_date(row.expires_at)}
    )
