"""The file of an upload on its way: bytes put where they belong, and on disk before we say so."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from content_server.errors import StoreUnavailable
from content_server.media.store import fsync
from content_server.phrases import _

SPARE_BYTES = 500_000_000  # what stays free for the database and the pages, whoever uploads
_ID = re.compile(r"[0-9a-f]{32,64}")


def path_of(folder: Path, name: str) -> Path:
    """Return the file of an upload or original; `name` is ours, so no path can slip in."""
    if not _ID.fullmatch(name):
        raise ValueError(name)
    return folder / name


def begin(folder: Path, name: str, size_bytes: int) -> None:
    """Make an empty file, durably. Raises StoreUnavailable when so much would not fit."""
    with plain_words():
        folder.mkdir(parents=True, exist_ok=True)
        room = os.statvfs(folder)
        if room.f_bavail * room.f_frsize < size_bytes + SPARE_BYTES:
            raise OSError(errno.ENOSPC, "no room")
        path_of(folder, name).touch()
        fsync(folder)


def put(path: Path, offset_bytes: int, data: bytes) -> None:
    """Write bytes at their place and wait until they are on disk."""
    with plain_words(), path.open("r+b") as file:
        file.seek(offset_bytes)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def cut(path: Path, size_bytes: int) -> None:
    """Cut off what came after the last byte that was acknowledged."""
    with plain_words():
        os.truncate(path, size_bytes)


def remove(folder: Path, name: str) -> None:
    path_of(folder, name).unlink(missing_ok=True)


@contextmanager
def plain_words() -> Iterator[None]:
    """Turn what a disk says into our error."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise StoreUnavailable(
                _("Máy chủ hết chỗ chứa. Tệp vẫn còn trên máy bác; xin báo người quản trị dọn bớt.")
            ) from error
        raise StoreUnavailable(
            _("Máy chủ chưa ghi được lúc này. Tệp vẫn còn trên máy bác, lát nữa tự gửi lại.")
        ) from error
