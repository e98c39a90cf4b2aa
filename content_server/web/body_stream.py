"""Reads request bodies as streams: counted, with a time limit, into a file checked by digest."""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

from fastapi import Request
from starlette.requests import ClientDisconnect

from content_server.errors import BodyTooLarge, DigestMismatch, InvalidMedia
from content_server.phrases import Phrase, _
from content_server.uploads.files import upload_disk_errors

STALL_TIMEOUT_S = 30.0  # without a byte; longer than the phone's own retry
CONNECTION_LOST = _("Đường truyền đứt giữa chừng. Tệp vẫn còn trên máy bác, có mạng sẽ tự gửi lại.")


def declared_bytes(request: Request) -> int | None:
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() else None


async def stream_chunks(
    request: Request, stop: asyncio.Event | None = None
) -> AsyncIterator[bytes]:
    """Yield a body in chunks; end early without an error when `stop` is set or the client is gone.

    A caller that needs the whole body compares the number of bytes with the declared one.
    """
    stream = aiter(request.stream())
    stopping = asyncio.ensure_future((stop or asyncio.Event()).wait())
    try:
        while True:
            coming = asyncio.ensure_future(anext(stream, b""))
            await asyncio.wait(
                {coming, stopping}, timeout=STALL_TIMEOUT_S, return_when="FIRST_COMPLETED"
            )
            if stopping.done() or not coming.done():
                coming.cancel()
                with suppress(asyncio.CancelledError, ClientDisconnect):
                    await coming
                return
            chunk = coming.result()
            if not chunk:
                return
            yield chunk
    except ClientDisconnect:
        return
    finally:
        stopping.cancel()


@asynccontextmanager
async def receive_file(
    request: Request, folder: Path, digest: str, most_bytes: int, too_large: Phrase
) -> AsyncIterator[Path]:
    """Receive a whole body into a temporary file, removed on leaving the context.

    Raises BodyTooLarge, InvalidMedia for an empty or incomplete body, DigestMismatch.
    """
    declared = declared_bytes(request)
    if declared is not None and declared > most_bytes:
        raise BodyTooLarge(too_large)
    file = await asyncio.to_thread(_new_file, folder)
    path = Path(file.name)
    hasher, size_bytes = hashlib.sha256(), 0
    try:
        with file:
            async for chunk in stream_chunks(request):
                size_bytes += len(chunk)
                if size_bytes > most_bytes:
                    raise BodyTooLarge(too_large)
                hasher.update(chunk)
                with upload_disk_errors():
                    await asyncio.to_thread(file.write, chunk)
        if declared is not None and size_bytes < declared:
            raise InvalidMedia(CONNECTION_LOST)
        if size_bytes == 0:
            raise InvalidMedia(_("Tệp rỗng, không có gì bên trong. Hãy chọn lại tệp."))
        if hasher.hexdigest() != digest:
            raise DigestMismatch(
                _("Tệp đến nơi không giống tệp đã gửi. Tệp vẫn còn trên máy bác, gửi lại là được.")
            )
        yield path
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _new_file(folder: Path) -> IO[bytes]:
    with upload_disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=folder, delete=False)


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of requests that a crash ended.

    Folders of jobs are named by a number; the jobs remove those themselves.
    """
    for path in folder.glob("[!0-9]*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
