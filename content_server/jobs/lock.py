"""The lock of the data folder: one process uses a folder; its end releases the lock."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from content_server.errors import DataFolderBusy
from content_server.phrases import _

LOCK_NAME = "in-use.lock"  # never deleted: after a deletion two processes could hold it


@contextmanager
def lock_data_folder(folder: Path) -> Iterator[None]:
    """Lock `folder` (created if missing) for this process. Raises DataFolderBusy."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _lock_file(handle)
        except OSError as error:
            raise DataFolderBusy(
                _(
                    "Thư mục {folder} đang có máy chủ khác dùng. Xin tắt máy chủ đó trước,"
                    " hoặc chọn thư mục khác.",
                    folder=folder,
                )
            ) from error
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":  # pragma: no cover  # the tests run on Unix
    import msvcrt

    def _lock_file(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock_file(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
