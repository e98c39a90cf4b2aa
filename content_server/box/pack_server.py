"""A pack that lies on a server, read window by window: any server that knows ranges will do."""

import http.client
import re
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from content_server.errors import ServerOutOfReach, SettingRefused
from content_server.phrases import _

WINDOW_BYTES = 256 * 1024  # research: trust §3.2; the most that is sent twice after a cut
PIECE_BYTES = 16 * 1024
BEGINNING_BYTES = 512  # says how long the manifest is
WAIT_S = 20.0
TRIES = 3
COURSE = "/-/goi/khoa-hoc.tar"  # where a content-server has its pack
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
PARTIAL, NOT_MODIFIED, OUT_OF_REACH = 206, 304, 416


def etag_of(digest: str) -> str:
    """Return the validator a server gives the pack with this digest."""
    return f'"{digest[:20]}"'


class Remote:
    """The pack behind an address, as a file that can be read and sought.

    Raises ServerOutOfReach from every reading, also when the pack was replaced meanwhile.
    """

    def __init__(self, address: str, known: str = "") -> None:
        """Ask for the beginning; `is_known` says that the pack is the one with digest `known`.

        Raises SettingRefused for an address that is none, ServerOutOfReach.
        """
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingRefused(
                _("Địa chỉ máy chủ phải bắt đầu bằng https:// — đang là {address}", address=address)
            )
        self._address = address if parts.path.endswith(".tar") else address.rstrip("/") + COURSE
        self._at = 0  # of the next byte to read
        self._until = 0  # of what will be wanted after it
        self._window, self._window_at = b"", 0
        self._etag = ""
        self.is_known = False
        self._open(known)

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; fewer at the end of a window, none at that of the pack."""
        inside = self._at - self._window_at
        if not 0 <= inside < len(self._window):
            ahead = max(size, self._until - self._at)
            self._window, self._window_at, inside = self._fetched(self._at, ahead), self._at, 0
        data = self._window[inside : inside + size]
        self._at += len(data)
        return data

    def seek(self, offset: int, /) -> int:
        self._at = self._until = offset
        return offset

    def aim(self, offset: int, until: int) -> None:
        """Go to `offset`; what lies before `until` will be wanted, too, so it comes with it."""
        self._at, self._until = offset, until

    def _open(self, known: str) -> None:
        asked = {"If-None-Match": etag_of(known)} if known else {}
        answer = self._asked(0, BEGINNING_BYTES, asked)
        if answer is None:
            self.is_known = True
        else:
            self._window, self._etag = answer

    def _fetched(self, at: int, ahead: int) -> bytes:
        answer = self._asked(
            at, min(ahead, WINDOW_BYTES), {"If-Match": self._etag} if self._etag else {}
        )
        return answer[0] if answer else b""

    def _asked(self, at: int, size: int, headers: dict[str, str]) -> tuple[bytes, str] | None:
        """Ask for one window, a few times; None: nothing new, or past the end."""
        for _try in range(TRIES - 1):
            try:
                return self._asked_once(at, size, headers)
            except ServerOutOfReach:
                continue
        return self._asked_once(at, size, headers)

    def _asked_once(self, at: int, size: int, headers: dict[str, str]) -> tuple[bytes, str] | None:
        window = {"Range": f"bytes={at}-{at + size - 1}", "Accept-Encoding": "identity"}
        request = Request(self._address, headers={**headers, **window})  # noqa: S310  # http(s) only, checked above
        try:
            with urlopen(request, timeout=WAIT_S) as answer:  # noqa: S310  # as above
                self._check_place(answer.status, answer.headers.get("Content-Range", ""), at)
                return self._what_comes(answer, size), answer.headers.get("ETag", "")
        except HTTPError as error:
            error.close()
            if error.code in {NOT_MODIFIED, OUT_OF_REACH}:
                return None
            raise self._silent(f"HTTP {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            raise self._silent(type(error).__name__) from error

    def _what_comes(self, answer: http.client.HTTPResponse, size: int) -> bytes:
        """Read a window; a line that breaks in it leaves what came, if anything did."""
        data = bytearray()
        try:
            while len(data) < size and (piece := answer.read1(PIECE_BYTES)):
                data += piece
        except (OSError, http.client.HTTPException):
            if not data:
                raise
        if not data:
            raise self._silent("empty")
        return bytes(data[:size])

    def _check_place(self, status: int, content_range: str, at: int) -> None:
        """Refuse an answer that does not begin where it was asked to."""
        match = CONTENT_RANGE.fullmatch(content_range)
        if status != PARTIAL or match is None or int(match.group(1)) != at:
            raise self._silent("no ranges")

    def _silent(self, why: str) -> ServerOutOfReach:
        host = urlsplit(self._address).hostname
        return ServerOutOfReach(
            _(
                "Chưa lấy được gói mới từ {host} ({why}). Gói đang dùng giữ nguyên; máy sẽ hỏi"
                " lại sau.",
                host=host,
                why=why,
            )
        )
