"""Answers made ready when something is published, so that a visit is a look-up and two sends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.types import Message

from content_server.phrases import _
from content_server.site.tree.headers import Header, headers_for, raw
from content_server.site.tree.published import Cache, Entry, Variant

OK, PARTIAL, NOT_MODIFIED, NOT_ALLOWED, OUT_OF_REACH = 200, 206, 304, 405, 416
OF_THE_BODY = {b"content-type", b"content-length", b"content-encoding", b"accept-ranges"}
EMPTY: Message = {"type": "http.response.body", "body": b"", "more_body": False}
NOT_FOUND, TROUBLE = 404, 500
NOTICES = {NOT_FOUND: "/404", TROUBLE: "/500"}  # the pages that say so


@dataclass(frozen=True, slots=True)
class Answer:
    """One entry in one encoding, with its messages ready to send."""

    digest: str
    size_bytes: int
    etag: bytes
    has_ranges: bool
    may_be_known: bool  # only a 200 may be answered with 304
    headers: list[Header]
    start: Message
    not_modified: Message


Encodings = Mapping[str, Answer]
"""The answers of one path by content encoding; identity is always there."""


@dataclass(frozen=True)
class Shown:
    """All answers of one generation, by path. Swapped as a whole."""

    generation: int
    answers: Mapping[str, Encodings]
    pages: tuple[Answer, ...]  # those worth having in memory before anyone asks
    digests: frozenset[str]


NOTHING_SHOWN = Shown(-1, {}, (), frozenset())


def ready(generation: int, entries: Iterable[Entry]) -> Shown:
    """Make the answers of a whole tree ready."""
    entries = tuple(entries)
    answers = {entry.path: _answers(entry) for entry in entries}
    notices_first = sorted(entries, key=lambda entry: -entry.status)
    pages = [entry for entry in notices_first if entry.cache is Cache.PAGE]
    kept = tuple(answer for page in pages for answer in answers[page.path].values())
    digests = frozenset(variant.digest for entry in entries for variant in entry.variants)
    return Shown(generation, answers, kept, digests)


def start(status: int, headers: list[Header]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


def part(answer: Answer, first: int, end: int) -> Message:
    """Return the start of an answer with the bytes first ≤ i < end only."""
    replaced = {b"content-length", b"accept-ranges"}
    others = [header for header in answer.headers if header[0] not in replaced]
    content_range = f"bytes {first}-{end - 1}/{answer.size_bytes}"
    length = {"Content-Length": str(end - first), "Content-Range": content_range}
    return start(PARTIAL, others + raw(length))


def out_of_reach(answer: Answer) -> Message:
    headers = [header for header in answer.headers if header[0] not in OF_THE_BODY]
    size = {"Content-Length": "0", "Content-Range": f"bytes */{answer.size_bytes}"}
    return start(OUT_OF_REACH, headers + raw(size))


def not_allowed() -> Message:
    return start(NOT_ALLOWED, raw({"Allow": "GET, HEAD", "Content-Length": "0"}))


def bare_notice(status: int) -> tuple[Message, bytes]:
    """Return the notice for when not even the page that says so is published."""
    words = {
        NOT_FOUND: _("Không có trang này. Hãy về trang đầu: /"),
        TROUBLE: _("Máy chủ đang gặp trục trặc. Bác thử lại sau ít phút."),
    }
    data = str(words[status]).encode()
    headers = {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(data)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return start(status, raw(headers)), data


def _answers(entry: Entry) -> Encodings:
    return {variant.encoding: _answer(entry, variant) for variant in entry.variants}


def _answer(entry: Entry, variant: Variant) -> Answer:
    headers = headers_for(entry, variant)
    left = [header for header in headers if header[0] not in OF_THE_BODY]
    return Answer(
        digest=variant.digest,
        size_bytes=variant.size_bytes,
        etag=variant.etag.encode(),
        has_ranges=entry.cache is Cache.FOREVER,
        may_be_known=entry.status == OK,
        headers=headers,
        start=start(entry.status, headers),
        not_modified=start(NOT_MODIFIED, left),
    )
