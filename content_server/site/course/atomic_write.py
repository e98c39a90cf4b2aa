"""Atomic writes: renames finished files durably and describes disk errors in words."""

import errno
import os
from pathlib import Path

from content_server.phrases import Phrase, _

DISK_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN_ERRNOS = {errno.EACCES, errno.EPERM, errno.EROFS}


def describe_disk_error(error: OSError) -> Phrase:
    """Return the cause of a disk error as part of a sentence."""
    if error.errno in DISK_FULL_ERRNOS:
        return _("ổ đĩa đã đầy")
    if error.errno in FORBIDDEN_ERRNOS:
        return _("không có quyền ghi hoặc đọc ở đó")
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return _("không thấy tệp hoặc thư mục ấy")
    if error.errno == errno.EISDIR:
        return _("đó là thư mục, không phải tệp")
    return _("ổ đĩa hoặc USB báo lỗi số {number}", number=error.errno or 0)


def rename_durably(temporary: Path, path: Path) -> None:
    """Rename a finished, flushed file so that a power cut leaves the old or the new bytes."""
    temporary.replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
