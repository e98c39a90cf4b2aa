"""Clips over a line that is cut: the core of tus 1.0, and what this server offers beside it.

What is acknowledged is on disk; after a crash an upload goes on from there. See uploads/protocol.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from content_server.accounts.roles import Act, Person
from content_server.db import Database
from content_server.editorial.intake import clean_name, finish_upload
from content_server.errors import AppError, MediumRefused, NotSignedIn, TusRefused
from content_server.phrases import _
from content_server.pipeline.pipeline import Pipeline
from content_server.uploads import files, tus_protocol, upload_store
from content_server.uploads.tables import UploadRow
from content_server.uploads.tus_protocol import Checksum
from content_server.uploads.write_locks import WriteLock, WriteLocks
from content_server.web.body_stream import declared_bytes, pieces
from content_server.web.dependencies import DatabaseDep
from content_server.web.editor.edition_context import RoadDep, source_body
from content_server.web.permissions import whoever_may

PATH = "/-/soan/tai-len"
ALWAYS = {"Tus-Resumable": tus_protocol.VERSION, "Cache-Control": "no-store"}
SYNC_BYTES = 262_144  # so much is gathered before it is put on disk and acknowledged
WriteDep = Annotated[Person, Depends(whoever_may(Act.WRITE))]


class TusRoute(APIRoute):
    """A route whose every answer, refusals too, speaks tus."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler; who is not signed in is led to the door as everywhere."""
        handle = super().get_route_handler()

        async def speaking(request: Request) -> Response:
            try:
                response = await handle(request)
            except AppError as refused:
                programs = "application/json" in request.headers.get("accept", "")
                if isinstance(refused, NotSignedIn) and not programs:
                    raise
                response = _refusal(refused)
            response.headers.update(ALWAYS)
            return response

        return speaking


router = APIRouter(include_in_schema=False, route_class=TusRoute)


def _refusal(refused: AppError) -> Response:
    words = {tag: refused.said_in(tag) for tag in ("vi", "en")}
    content = {"error": type(refused).__name__, **words}
    headers = {"Tus-Version": tus_protocol.VERSION}
    return JSONResponse(content, refused.status, headers)


@router.api_route(PATH, methods=["POST", "OPTIONS"])
async def collection(
    request: Request, person: WriteDep, database: DatabaseDep, road: RoadDep
) -> Response:
    """OPTIONS says what can be done; POST begins an upload."""
    if _method(request) == "OPTIONS":
        return Response(status_code=204, headers=tus_protocol.options())
    row = await asyncio.to_thread(_begin, request, person, database, road)
    headers = {"Location": f"{PATH}/{row.id}", **_expires(row)}
    return Response(status_code=201, headers=headers)


@router.api_route(PATH + "/{upload_id}", methods=["HEAD", "PATCH", "DELETE", "POST", "OPTIONS"])
async def upload(
    upload_id: str, request: Request, person: WriteDep, database: DatabaseDep, road: RoadDep
) -> Response:
    """HEAD says how much is here, PATCH brings more, DELETE ends it."""
    turns: WriteLocks = request.app.state.turns
    folder = road.settings.uploads_dir
    match _method(request):
        case "OPTIONS":
            return Response(status_code=204, headers=tus_protocol.options())
        case "HEAD":
            async with turns.take(upload_id):  # a writer that hangs puts down what it has first
                await asyncio.to_thread(_found_whole, database, upload_id, person, road)
            row = await asyncio.to_thread(_find, database, upload_id, person)
            return Response(status_code=200, headers=_head(row))
        case "PATCH":
            begins_at = tus_protocol.offset_of(request.headers)
            checksum = tus_protocol.checksum_of(request.headers)
            async with turns.take(upload_id) as turn:
                row = await asyncio.to_thread(_find, database, upload_id, person)
                upload_store.check_offset(row, begins_at)
                upload_store.check_fits(row, declared_bytes(request) or 0)
                await _Writer(row, database, folder, turn).take(request, checksum)
                if row.is_whole:
                    await asyncio.to_thread(finish_upload, database, road.store, folder, row.id)
            headers = {"Upload-Offset": str(row.offset_bytes), **_expires(row)}
            return Response(status_code=204, headers=headers)
        case "DELETE":
            async with turns.take(upload_id):
                await asyncio.to_thread(_end, database, upload_id, person, folder)
            return Response(status_code=204)
        case _:
            raise TusRefused(405, _("Địa chỉ này chỉ nhận từng phần của một phim đang gửi."))


def _method(request: Request) -> str:
    """Return the method that counts, of a client that speaks our version. Raises TusRefused."""
    method = tus_protocol.method_of(request.method, request.headers)
    tus_protocol.check_version(method, request.headers)
    return method


class _Writer:
    """Puts the pieces of one PATCH on disk; `row` says after each how far it is."""

    def __init__(self, row: UploadRow, database: Database, folder: Path, turn: WriteLock) -> None:
        self._row, self._database, self._turn = row, database, turn
        self._path = files.path_of(folder, row.id)

    async def take(self, request: Request, checksum: Checksum | None) -> None:
        """Take a body. Raises TusRefused, StoreUnavailable; what was noted before stays noted."""
        if checksum:
            await self._take_checked(request, checksum)
            return
        gathered = bytearray()
        async for piece in pieces(request, self._turn.let_go):
            gathered += piece
            if len(gathered) >= SYNC_BYTES:
                await self._note(bytes(gathered))
                gathered.clear()
        if gathered:  # the line may have been cut here: what has come need not come again
            await self._note(bytes(gathered))

    async def _take_checked(self, request: Request, checksum: Checksum) -> None:
        """Take a body that counts only as a whole: it lies behind the offset until it is right."""
        hasher, length = checksum.hasher(), 0
        async for piece in pieces(request, self._turn.let_go):
            upload_store.check_fits(self._row, length + len(piece))
            hasher.update(piece)
            at = self._row.offset_bytes + length
            await asyncio.to_thread(files.put, self._path, at, piece)
            length += len(piece)
        if hasher.digest() != checksum.digest:
            await asyncio.to_thread(files.cut, self._path, self._row.offset_bytes)
            raise TusRefused(
                tus_protocol.MISMATCH,
                _("Một phần bị sai trên đường truyền, máy sẽ tự gửi lại phần ấy."),
            )
        await asyncio.to_thread(self._advance, length)

    async def _note(self, data: bytes) -> None:
        upload_store.check_fits(self._row, len(data))
        await asyncio.to_thread(files.put, self._path, self._row.offset_bytes, data)
        await asyncio.to_thread(self._advance, len(data))

    def _advance(self, piece_bytes: int) -> None:
        with self._database.write() as session:
            upload_store.advance(session, self._row, piece_bytes)


def _begin(request: Request, person: Person, database: Database, road: Pipeline) -> UploadRow:
    """Write an upload down, and make its file. What was left for a week goes first."""
    folder = road.settings.uploads_dir
    wish = _wish(request)
    with database.write() as session:
        source_body(session, wish.slug)  # the lesson must be there
        gone = upload_store.expired(session)
        row = upload_store.begin(session, person.id, wish)
        files.begin(folder, row.id, wish.size_bytes)
    for each in gone:
        files.remove(folder, each)
    return row


def _wish(request: Request) -> upload_store.Wish:
    size_bytes = tus_protocol.length_of(request.headers)
    metadata = tus_protocol.metadata_of(request.headers)
    if size_bytes == 0:
        raise MediumRefused(_("Tệp rỗng, không có gì bên trong. Hãy chọn lại tệp."))
    return upload_store.Wish(
        name=clean_name(metadata.get("filename", "")),
        size_bytes=size_bytes,
        slug=metadata.get("slug", "")[:60],
        step=metadata.get("step", "")[:60],
        metadata_line=request.headers.get("upload-metadata", ""),
    )


def _find(database: Database, upload_id: str, person: Person) -> UploadRow:
    with database.read() as session:
        return upload_store.find(session, upload_id, person.id)


def _found_whole(database: Database, upload_id: str, person: Person, road: Pipeline) -> None:
    """Finish what a crash left whole but unfinished; trouble of ours is no reason to refuse."""
    row = _find(database, upload_id, person)
    with suppress(AppError):
        finish_upload(database, road.store, road.settings.uploads_dir, row.id)


def _end(database: Database, upload_id: str, person: Person, folder: Path) -> None:
    with database.write() as session:
        session.delete(upload_store.find(session, upload_id, person.id))
    files.remove(folder, upload_id)


def _head(row: UploadRow) -> dict[str, str]:
    headers = {"Upload-Offset": str(row.offset_bytes), "Upload-Length": str(row.size_bytes)}
    if row.metadata_line:
        headers["Upload-Metadata"] = row.metadata_line
    return headers | _expires(row)


def _expires(row: UploadRow) -> dict[str, str]:
    return {} if row.has_ended else {"Upload-Expires": tus_protocol.moment(row.expires_at)}
