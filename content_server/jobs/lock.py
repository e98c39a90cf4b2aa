"""The data folder's lock: one process works on a folder, and its death opens the lock."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from content_server.errors import DataFolderBusy
from content_server.phrases import _

LOCK_NAME = "in-use.lock"  # stays when the lock is open: to delete it would let two hold it


@contextmanager
def hold_data_folder(folder: Path) -> Iterator[None]:
    """Hold `folder` (made if missing) for this process. Raises DataFolderBusy."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _lock(handle)
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

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
