"""Incoming: a request's body as it comes, counted, timed, and kept in a file under its digest."""

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

from content_server.errors import BodyTooLarge, DigestDiffers, MediumRefused
from content_server.phrases import Phrase, _
from content_server.uploads.files import plain_words

STALL_S = 30.0  # without a single byte; the phone's own retry comes sooner
CUT = _("Đường truyền đứt giữa chừng. Tệp vẫn còn trên máy bác, có mạng sẽ tự gửi lại.")


def declared_bytes(request: Request) -> int | None:
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() else None


async def pieces(request: Request, let_go: asyncio.Event | None = None) -> AsyncIterator[bytes]:
    """Yield a body piece by piece; end early, without an error, when told to let go or cut off.

    Whoever needs to know whether all came counts what came.
    """
    stream = aiter(request.stream())
    leaving = asyncio.ensure_future((let_go or asyncio.Event()).wait())
    try:
        while True:
            coming = asyncio.ensure_future(anext(stream, b""))
            await asyncio.wait({coming, leaving}, timeout=STALL_S, return_when="FIRST_COMPLETED")
            if leaving.done() or not coming.done():
                coming.cancel()
                with suppress(asyncio.CancelledError, ClientDisconnect):
                    await coming
                return
            piece = coming.result()
            if not piece:
                return
            yield piece
    except ClientDisconnect:
        return
    finally:
        leaving.cancel()


@asynccontextmanager
async def received(
    request: Request, folder: Path, digest: str, most_bytes: int, too_large: Phrase
) -> AsyncIterator[Path]:
    """Receive a whole body into a file that is gone afterwards.

    Raises BodyTooLarge, MediumRefused for an empty or cut one, DigestDiffers.
    """
    declared = declared_bytes(request)
    if declared is not None and declared > most_bytes:
        raise BodyTooLarge(too_large)
    file = await asyncio.to_thread(_new_file, folder)
    path = Path(file.name)
    found, size_bytes = hashlib.sha256(), 0
    try:
        with file:
            async for piece in pieces(request):
                size_bytes += len(piece)
                if size_bytes > most_bytes:
                    raise BodyTooLarge(too_large)
                found.update(piece)
                with plain_words():
                    await asyncio.to_thread(file.write, piece)
        if declared is not None and size_bytes < declared:
            raise MediumRefused(CUT)
        if size_bytes == 0:
            raise MediumRefused(_("Tệp rỗng, không có gì bên trong. Hãy chọn lại tệp."))
        if found.hexdigest() != digest:
            raise DigestDiffers(
                _("Tệp đến nơi không giống tệp đã gửi. Tệp vẫn còn trên máy bác, gửi lại là được.")
            )
        yield path
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _new_file(folder: Path) -> IO[bytes]:
    with plain_words():
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=folder, delete=False)


def sweep(folder: Path) -> None:
    """Remove what requests cut by a crash have left; jobs tidy up their own, called by number."""
    for left in folder.glob("[!0-9]*"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
