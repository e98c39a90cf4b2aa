"""The headers of tus 1.0, parsed and written without side effects.

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

from content_server.errors import TusError
from content_server.media.limits import MAX_SOURCE_BYTES
from content_server.media.media_kinds import MediaKind
from content_server.phrases import Phrase, _

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
MAX_UPLOAD_BYTES = MAX_SOURCE_BYTES[MediaKind.CLIP]
ALGORITHMS = ("sha1", "sha256")
OFFSET_TYPE = "application/offset+octet-stream"
METHODS = frozenset({"POST", "HEAD", "PATCH", "DELETE", "OPTIONS"})
MAX_METADATA_LENGTH = 2000  # characters of the header
BAD_REQUEST, GONE, CONFLICT, LENGTH_REQUIRED, PRECONDITION_FAILED, TOO_LARGE = (
    400,
    410,
    409,
    411,
    412,
    413,
)
UNSUPPORTED_MEDIA_TYPE, CHECKSUM_MISMATCH, LOCKED = 415, 460, 423

_NUMBER = re.compile(r"[0-9]{1,18}")
_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")  # ASCII without space and comma
_MALFORMED_PHRASE = _("Máy gửi tệp sai cách: {what}. Xin tải lại trang rồi gửi lại.", what="{what}")


@dataclass(frozen=True)
class Checksum:
    """The checksum a chunk must have."""

    algorithm: str
    digest: bytes

    def new_hash(self) -> "hashlib._Hash":
        return hashlib.new(self.algorithm, usedforsecurity=False)


def server_capabilities() -> dict[str, str]:
    """Return the headers of the answer to OPTIONS."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(MAX_UPLOAD_BYTES),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def effective_method(method: str, headers: Mapping[str, str]) -> str:
    """Return the method of `X-HTTP-Method-Override` if given, for proxies that allow only POST.

    A GET, HEAD or OPTIONS cannot be overridden: these pass the CSRF check.
    """
    override = headers.get("x-http-method-override", "").strip().upper()
    return override if override and method not in {"GET", "HEAD", "OPTIONS"} else method


def require_version(method: str, headers: Mapping[str, str]) -> None:
    """Raise TusError (412) for another version than VERSION."""
    if method != "OPTIONS" and headers.get("tus-resumable") != VERSION:
        raise TusError(PRECONDITION_FAILED, _malformed_phrase("Tus-Resumable"))


def parse_length(headers: Mapping[str, str]) -> int:
    """Return the size of a new upload in bytes. Raises TusError (400, 413)."""
    if "upload-defer-length" in headers:  # an extension that is not offered
        raise TusError(BAD_REQUEST, _malformed_phrase("Upload-Defer-Length"))
    size_bytes = _parse_number(headers, "upload-length")
    if size_bytes > MAX_UPLOAD_BYTES:
        most = MAX_UPLOAD_BYTES // 1_000_000
        raise TusError(TOO_LARGE, _("Phim nặng quá, tối đa {most} MB.", most=most))
    return size_bytes


def parse_offset(headers: Mapping[str, str]) -> int:
    """Return the offset of a chunk in bytes. Raises TusError (400, 415)."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != OFFSET_TYPE:
        raise TusError(UNSUPPORTED_MEDIA_TYPE, _malformed_phrase("Content-Type"))
    return _parse_number(headers, "upload-offset")


def parse_metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """Return key → value of `Upload-Metadata`. Raises TusError (400) when malformed."""
    line = headers.get("upload-metadata", "").strip()
    found: dict[str, str] = {}
    if len(line) > MAX_METADATA_LENGTH:
        raise TusError(BAD_REQUEST, _malformed_phrase("Upload-Metadata"))
    for pair in line.split(",") if line else ():
        key, _space, value = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in found:
            raise TusError(BAD_REQUEST, _malformed_phrase("Upload-Metadata"))
        found[key] = _decode_base64(value.strip(), "Upload-Metadata").decode("utf-8", "replace")
    return found


def parse_checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Return the checksum of a chunk; None without the header. Raises TusError (400)."""
    if "upload-checksum" not in headers:
        return None
    algorithm, _space, value = headers["upload-checksum"].strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise TusError(BAD_REQUEST, _malformed_phrase("Upload-Checksum"))
    return Checksum(algorithm, _decode_base64(value.strip(), "Upload-Checksum"))


def format_http_date(at: datetime) -> str:
    """Return a UTC time in the format of HTTP dates, for `Upload-Expires`."""
    return format_datetime(at, usegmt=True)


def _parse_number(headers: Mapping[str, str], name: str) -> int:
    text = headers.get(name, "").strip()
    if not _NUMBER.fullmatch(text):
        raise TusError(BAD_REQUEST, _malformed_phrase(name.title()))
    return int(text)


def _decode_base64(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TusError(BAD_REQUEST, _malformed_phrase(name)) from error


def _malformed_phrase(what: str) -> Phrase:
    return Phrase(_MALFORMED_PHRASE.message, {"what": what})
