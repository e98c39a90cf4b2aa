"""Responses prepared once per publication: a request is a look-up and two ASGI messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.types import Message

from content_server import urls
from content_server.phrases import _
from content_server.site.tree.headers import Header, make_response_headers, to_asgi_headers
from content_server.site.tree.published import CachePolicy, EncodedVariant, TreeEntry

OK, PARTIAL, NOT_MODIFIED, METHOD_NOT_ALLOWED, RANGE_NOT_SATISFIABLE = 200, 206, 304, 405, 416
BODY_HEADERS = {b"content-type", b"content-length", b"content-encoding", b"accept-ranges"}
EMPTY_BODY: Message = {"type": "http.response.body", "body": b"", "more_body": False}
NOT_FOUND, SERVER_ERROR = 404, 500
NOTICES = {
    NOT_FOUND: urls.NOT_FOUND_PAGE,
    SERVER_ERROR: urls.SERVER_ERROR_PAGE,
}  # the published error pages


@dataclass(frozen=True, slots=True)
class PreparedResponse:
    """One published entry in one content encoding, with its ASGI messages."""

    digest: str
    size_bytes: int
    etag: bytes
    has_ranges: bool
    is_conditional: bool  # may be answered with 304: a 200 only
    headers: list[Header]
    start: Message
    not_modified: Message


Encodings = Mapping[str, PreparedResponse]
"""The responses of one path by content encoding; identity is always among them."""


@dataclass(frozen=True)
class PublishedResponses:
    """All responses of one generation, by path. Swapped as a whole."""

    generation: int
    responses: Mapping[str, Encodings]
    pages: tuple[PreparedResponse, ...]  # read into memory before the first request
    digests: frozenset[str]


NO_RESPONSES = PublishedResponses(-1, {}, (), frozenset())


def prepare_responses(generation: int, entries: Iterable[TreeEntry]) -> PublishedResponses:
    """Prepare the responses of a whole tree; the error pages come first in `pages`."""
    entries = tuple(entries)
    by_path = {entry.path: _prepare_encodings(entry) for entry in entries}
    notices_first = sorted(entries, key=lambda entry: -entry.status)
    pages = [entry for entry in notices_first if entry.cache is CachePolicy.PAGE]
    page_responses = tuple(each for page in pages for each in by_path[page.path].values())
    digests = frozenset(variant.digest for entry in entries for variant in entry.variants)
    return PublishedResponses(generation, by_path, page_responses, digests)


def start_message(status: int, headers: list[Header]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body_message(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def partial_message(response: PreparedResponse, first: int, end: int) -> Message:
    """Return the start of a 206 response with the bytes first ≤ i < end."""
    replaced = {b"content-length", b"accept-ranges"}
    others = [header for header in response.headers if header[0] not in replaced]
    content_range = f"bytes {first}-{end - 1}/{response.size_bytes}"
    length = {"Content-Length": str(end - first), "Content-Range": content_range}
    return start_message(PARTIAL, others + to_asgi_headers(length))


def range_not_satisfiable_message(response: PreparedResponse) -> Message:
    headers = [header for header in response.headers if header[0] not in BODY_HEADERS]
    size = {"Content-Length": "0", "Content-Range": f"bytes */{response.size_bytes}"}
    return start_message(RANGE_NOT_SATISFIABLE, headers + to_asgi_headers(size))


def method_not_allowed_message() -> Message:
    return start_message(
        METHOD_NOT_ALLOWED, to_asgi_headers({"Allow": "GET, HEAD", "Content-Length": "0"})
    )


def plain_notice(status: int) -> tuple[Message, bytes]:
    """Return start and body of a plain-text notice, for when the error page cannot be read."""
    words = {
        NOT_FOUND: _("Không có trang này. Hãy về trang đầu: /"),
        SERVER_ERROR: _("Máy chủ đang gặp trục trặc. Bác thử lại sau ít phút."),
    }
    data = str(words[status]).encode()
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(data)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return start_message(status, to_asgi_headers(headers)), data


def _prepare_encodings(entry: TreeEntry) -> Encodings:
    return {variant.encoding: _prepare_response(entry, variant) for variant in entry.variants}


def _prepare_response(entry: TreeEntry, variant: EncodedVariant) -> PreparedResponse:
    headers = make_response_headers(entry, variant)
    left = [header for header in headers if header[0] not in BODY_HEADERS]
    return PreparedResponse(
        digest=variant.digest,
        size_bytes=variant.size_bytes,
        etag=variant.etag.encode(),
        has_ranges=entry.cache is CachePolicy.FOREVER,
        is_conditional=entry.status == OK,
        headers=headers,
        start=start_message(entry.status, headers),
        not_modified=start_message(NOT_MODIFIED, left),
    )
