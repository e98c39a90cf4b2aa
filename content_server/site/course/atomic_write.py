"""The disk of an officer's laptop: a finished file gets its name at once, a failure plain words."""

import errno
import os
from pathlib import Path

from content_server.phrases import Phrase, _

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


def why(error: OSError) -> Phrase:
    """Return what went wrong, to be put into a sentence."""
    if error.errno in FULL:
        return _("ổ đĩa đã đầy")
    if error.errno in FORBIDDEN:
        return _("không có quyền ghi hoặc đọc ở đó")
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return _("không thấy tệp hoặc thư mục ấy")
    if error.errno == errno.EISDIR:
        return _("đó là thư mục, không phải tệp")
    return _("ổ đĩa hoặc USB báo lỗi số {number}", number=error.errno or 0)


def settle(beside: Path, final: Path) -> None:
    """Give a finished, flushed file its name, so that a power cut leaves old bytes or new."""
    beside.replace(final)
    descriptor = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
