"""What is published: pages as they are handed in, and entries as they are kept and served."""

import gzip
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import brotli  # type: ignore[import-untyped]  # published without types

from content_server.site.tree.csp import NO_BLOCKS, Blocks, blocks_of

BROTLI_QUALITY = 11
GZIP_LEVEL = 9
FIRST_PICTURE = b"<figure"
HTML_TYPE = "text/html"
PRESSED_TYPES = (
    "text/",
    "application/json",
    "application/manifest+json",
    "application/rss+xml",
    "application/xml",
    "image/svg+xml",
)


class Cache(StrEnum):
    """How long others may keep what they fetched."""

    PAGE = "page"  # an address whose bytes change
    FOREVER = "forever"  # an address with its own digest in it, under /m/: never changes


@dataclass(frozen=True)
class Page:
    """One finished answer: these bytes, at this path ("/vi/tra-tien-dien"), with this status."""

    path: str
    body: bytes
    content_type: str
    cache: Cache
    status: int = 200
    aliases: tuple[str, ...] = ()  # shorter addresses of the same bytes: "/7"


@dataclass(frozen=True)
class Variant:
    """The bytes of an entry in one content encoding: identity, br or gzip."""

    encoding: str
    digest: str  # sha256 hex of exactly these bytes
    size_bytes: int

    @property
    def etag(self) -> str:
        """Return the strong validator: other bytes or another encoding, another tag."""
        return f'"{self.digest[:20]}"'


@dataclass(frozen=True)
class Entry:
    """One published path. Its first variant is always identity."""

    path: str
    status: int
    content_type: str
    cache: Cache
    variants: tuple[Variant, ...]
    blocks: Blocks = NO_BLOCKS
    changed_at: datetime | None = field(default=None, compare=False)  # None: not yet published

    @property
    def identity(self) -> Variant:
        return self.variants[0]


def press(page: Page) -> dict[str, bytes]:
    """Return the body by encoding: identity first, then those that are smaller than it.

    Deterministic: the same body gives the same bytes, so the same digests.
    """
    bodies = {"identity": page.body}
    if page.content_type.startswith(PRESSED_TYPES):
        bodies["br"] = _brotli(page.body)
        bodies["gzip"] = gzip.compress(page.body, compresslevel=GZIP_LEVEL, mtime=0)
    return {name: body for name, body in bodies.items() if _is_worth_it(name, body, page.body)}


def _brotli(body: bytes) -> bytes:
    """Return `body` in brotli, what stands before the first picture in a block of its own.

    A block begins with the tables of all its letters. With small tables of their own the first
    words of a lesson are readable after 1.6 kB instead of 1.9, for some 90 bytes more in all.
    """
    before, picture, after = body.partition(FIRST_PICTURE)
    compressor = brotli.Compressor(quality=BROTLI_QUALITY)
    first = compressor.process(before) + (compressor.flush() if picture else b"")
    return bytes(first + compressor.process(picture + after) + compressor.finish())


def inline_blocks(page: Page) -> Blocks:
    """Return the digests of what a page carries inline; nothing for what is no page."""
    return blocks_of(page.body) if page.content_type.startswith(HTML_TYPE) else NO_BLOCKS


def _is_worth_it(encoding: str, body: bytes, identity: bytes) -> bool:
    return encoding == "identity" or len(body) < len(identity)
