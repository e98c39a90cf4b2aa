"""Files of unfinished uploads: chunks are written at their offset and synced to disk."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from content_server.errors import StoreUnavailable
from content_server.media.store import fsync
from content_server.phrases import _

RESERVED_BYTES = 500_000_000  # free space left for the database and the site
_ID = re.compile(r"[0-9a-f]{32,64}")


def upload_path(folder: Path, name: str) -> Path:
    """Return the file of an upload or original. Raises ValueError for a name that is not hex."""
    if not _ID.fullmatch(name):
        raise ValueError(name)
    return folder / name


def create_upload_file(folder: Path, name: str, size_bytes: int) -> None:
    """Create an empty file durably. Raises StoreUnavailable without space for `size_bytes`."""
    with upload_disk_errors():
        folder.mkdir(parents=True, exist_ok=True)
        disk = os.statvfs(folder)
        if disk.f_bavail * disk.f_frsize < size_bytes + RESERVED_BYTES:
            raise OSError(errno.ENOSPC, "no space")
        upload_path(folder, name).touch()
        fsync(folder)


def write_chunk(path: Path, offset_bytes: int, data: bytes) -> None:
    """Write bytes at an offset and sync them to disk."""
    with upload_disk_errors(), path.open("r+b") as file:
        file.seek(offset_bytes)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def truncate_upload_file(path: Path, size_bytes: int) -> None:
    """Drop the bytes after the last acknowledged one."""
    with upload_disk_errors():
        os.truncate(path, size_bytes)


def delete_upload_file(folder: Path, name: str) -> None:
    upload_path(folder, name).unlink(missing_ok=True)


@contextmanager
def upload_disk_errors() -> Iterator[None]:
    """Turn OSError into StoreUnavailable with words for the editor."""
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
