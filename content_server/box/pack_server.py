"""Reads a course pack from a server in windows, with HTTP range requests."""

import http.client
import re
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from content_server import urls
from content_server.errors import InvalidSetting, ServerUnreachable
from content_server.phrases import _

WINDOW_BYTES = 256 * 1024  # the most sent twice: docs/research/trust.md#interrupted-transfers
READ_BYTES = 16 * 1024
FIRST_REQUEST_BYTES = 512  # the first tar header, with the size of the manifest
TIMEOUT_S = 20.0
MAX_TRIES = 3
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
PARTIAL, NOT_MODIFIED, RANGE_NOT_SATISFIABLE = 206, 304, 416


def make_etag(digest: str) -> str:
    """Return the ETag a server sends for the pack with this digest."""
    return f'"{digest[:20]}"'


class RemotePack:
    """The pack at an address, as a file with read and seek.

    Every read may raise ServerUnreachable, also when the server replaced the pack meanwhile.
    """

    def __init__(self, address: str, known: str = "") -> None:
        """Request the beginning; `is_unchanged` is set when the pack has digest `known`.

        Raises InvalidSetting for an invalid address, ServerUnreachable.
        """
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidSetting(
                _("Địa chỉ máy chủ phải bắt đầu bằng https:// — đang là {address}", address=address)
            )
        self._address = (
            address if parts.path.endswith(".tar") else address.rstrip("/") + urls.COURSE_PACK
        )
        self._position = 0  # of the next byte to read
        self._range_end = 0  # end of the bytes that will be read next
        self._window, self._window_start = b"", 0
        self._etag = ""
        self.is_unchanged = False
        self._open(known)

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; fewer at the end of a window, none at that of the pack."""
        offset = self._position - self._window_start
        if not 0 <= offset < len(self._window):
            ahead = max(size, self._range_end - self._position)
            self._window, self._window_start, offset = (
                self._fetch(self._position, ahead),
                self._position,
                0,
            )
        data = self._window[offset : offset + size]
        self._position += len(data)
        return data

    def seek(self, offset: int, /) -> int:
        self._position = self._range_end = offset
        return offset

    def seek_range(self, offset: int, end: int) -> None:
        """Go to `offset`; the bytes up to `end` will be read too, so requests may include them."""
        self._position, self._range_end = offset, end

    def _open(self, known: str) -> None:
        headers = {"If-None-Match": make_etag(known)} if known else {}
        answer = self._request(0, FIRST_REQUEST_BYTES, headers)
        if answer is None:
            self.is_unchanged = True
        else:
            self._window, self._etag = answer

    def _fetch(self, at: int, ahead: int) -> bytes:
        answer = self._request(
            at, min(ahead, WINDOW_BYTES), {"If-Match": self._etag} if self._etag else {}
        )
        return answer[0] if answer else b""

    def _request(self, at: int, size: int, headers: dict[str, str]) -> tuple[bytes, str] | None:
        """Request one window, at most MAX_TRIES times; None when unchanged or past the end."""
        for _try in range(MAX_TRIES - 1):
            try:
                return self._request_once(at, size, headers)
            except ServerUnreachable:
                continue
        return self._request_once(at, size, headers)

    def _request_once(
        self, at: int, size: int, headers: dict[str, str]
    ) -> tuple[bytes, str] | None:
        window = {"Range": f"bytes={at}-{at + size - 1}", "Accept-Encoding": "identity"}
        request = Request(self._address, headers={**headers, **window})  # noqa: S310  # http(s) only, checked above
        try:
            with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310  # as above
                self._check_range(answer.status, answer.headers.get("Content-Range", ""), at)
                return self._read_response(answer, size), answer.headers.get("ETag", "")
        except HTTPError as error:
            error.close()
            if error.code in {NOT_MODIFIED, RANGE_NOT_SATISFIABLE}:
                return None
            raise self._unreachable(f"HTTP {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(type(error).__name__) from error

    def _read_response(self, answer: http.client.HTTPResponse, size: int) -> bytes:
        """Read a window; an interrupted response returns what arrived, if anything did."""
        data = bytearray()
        try:
            while len(data) < size and (chunk := answer.read1(READ_BYTES)):
                data += chunk
        except (OSError, http.client.HTTPException):
            if not data:
                raise
        if not data:
            raise self._unreachable("empty")
        return bytes(data[:size])

    def _check_range(self, status: int, content_range: str, at: int) -> None:
        """Raise ServerUnreachable for a response that does not begin at the requested byte."""
        match = CONTENT_RANGE.fullmatch(content_range)
        if status != PARTIAL or match is None or int(match.group(1)) != at:
            raise self._unreachable("no ranges")

    def _unreachable(self, why: str) -> ServerUnreachable:
        host = urlsplit(self._address).hostname
        return ServerUnreachable(
            _(
                "Chưa lấy được gói mới từ {host} ({why}). Gói đang dùng giữ nguyên; máy sẽ hỏi"
                " lại sau.",
                host=host,
                why=why,
            )
        )
