"""The words of tus 1.0: what its headers say, read and written; pure.

https://tus.io/protocols/resumable-upload — the core, creation, expiration, checksum, termination.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from content_server.errors import TusRefused
from content_server.media.limits import GREATEST_BYTES
from content_server.media.media_kinds import MediaKind
from content_server.phrases import Phrase, _

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
MOST_BYTES = GREATEST_BYTES[MediaKind.CLIP]
ALGORITHMS = ("sha1", "sha256")
OFFSET_TYPE = "application/offset+octet-stream"
METHODS = frozenset({"POST", "HEAD", "PATCH", "DELETE", "OPTIONS"})
MOST_METADATA = 2000  # characters of the whole line
BAD_REQUEST, GONE, CONFLICT, NO_LENGTH, PRECONDITION, TOO_LARGE = 400, 410, 409, 411, 412, 413
UNKNOWN_TYPE, MISMATCH, BUSY = 415, 460, 423

_NUMBER = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")  # ASCII without space and comma
_MALFORMED = _("Máy gửi tệp sai cách: {what}. Xin tải lại trang rồi gửi lại.", what="{what}")


@dataclass(frozen=True)
class Checksum:
    """What a piece must come to; `hasher()` starts counting."""

    algorithm: str
    digest: bytes

    def hasher(self) -> "hashlib._Hash":
        return hashlib.new(self.algorithm, usedforsecurity=False)


def options() -> dict[str, str]:
    """Return what this server can do, for OPTIONS."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(MOST_BYTES),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def method_of(method: str, headers: Mapping[str, str]) -> str:
    """Return the method that counts: `X-HTTP-Method-Override`, for lines that know only POST.

    A GET stays one: it passes where a foreign page's request would not.
    """
    override = headers.get("x-http-method-override", "").strip().upper()
    return override if override and method not in {"GET", "HEAD", "OPTIONS"} else method


def check_version(method: str, headers: Mapping[str, str]) -> None:
    """Raise TusRefused (412) for a version that is not ours."""
    if method != "OPTIONS" and headers.get("tus-resumable") != VERSION:
        raise TusRefused(PRECONDITION, _malformed("Tus-Resumable"))


def length_of(headers: Mapping[str, str]) -> int:
    """Return the size of a new upload in bytes. Raises TusRefused."""
    if "upload-defer-length" in headers:  # an extension that is not offered
        raise TusRefused(BAD_REQUEST, _malformed("Upload-Defer-Length"))
    size_bytes = _number(headers, "upload-length")
    if size_bytes > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise TusRefused(TOO_LARGE, _("Phim nặng quá, tối đa {most} MB.", most=most))
    return size_bytes


def offset_of(headers: Mapping[str, str]) -> int:
    """Return where a piece begins, in bytes. Raises TusRefused."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != OFFSET_TYPE:
        raise TusRefused(UNKNOWN_TYPE, _malformed("Content-Type"))
    return _number(headers, "upload-offset")


def metadata_of(headers: Mapping[str, str]) -> dict[str, str]:
    """Return key → value of `Upload-Metadata`. Raises TusRefused for what is not well made."""
    line = headers.get("upload-metadata", "").strip()
    found: dict[str, str] = {}
    if len(line) > MOST_METADATA:
        raise TusRefused(BAD_REQUEST, _malformed("Upload-Metadata"))
    for pair in line.split(",") if line else ():
        key, _space, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise TusRefused(BAD_REQUEST, _malformed("Upload-Metadata"))
        found[key] = _from_base64(value.strip(), "Upload-Metadata").decode("utf-8", "replace")
    return found


def checksum_of(headers: Mapping[str, str]) -> Checksum | None:
    """Return what the piece must come to, if it says so. Raises TusRefused."""
    if "upload-checksum" not in headers:
        return None
    algorithm, _space, value = headers["upload-checksum"].strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise TusRefused(BAD_REQUEST, _malformed("Upload-Checksum"))
    return Checksum(algorithm, _from_base64(value.strip(), "Upload-Checksum"))


def moment(at: datetime) -> str:
    """Return a moment as HTTP writes it, for `Upload-Expires`."""
    return format_datetime(at, usegmt=True)


def _number(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "").strip()
    if not _NUMBER.fullmatch(text):
        raise TusRefused(BAD_REQUEST, _malformed(name.title()))
    return int(text)


def _from_base64(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TusRefused(BAD_REQUEST, _malformed(name)) from error


def _malformed(what: str) -> Phrase:
    return Phrase(_MALFORMED.message, {"what": what})
