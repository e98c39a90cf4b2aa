"""The values of the published tree: built pages, and entries as they are stored and served."""

import gzip
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import brotli  # type: ignore[import-untyped]  # published without types

from content_server.site.tree.csp import NO_INLINE_BLOCKS, InlineBlocks, find_inline_blocks

BROTLI_QUALITY = 11
GZIP_LEVEL = 9
FIRST_PICTURE = b"<figure"
HTML_MEDIA_TYPE = "text/html"
COMPRESSIBLE_TYPES = (
    "text/",
    "application/json",
    "application/manifest+json",
    "application/rss+xml",
    "application/xml",
    "image/svg+xml",
)


class CachePolicy(StrEnum):
    """How long browsers and proxies may cache an address."""

    PAGE = "page"  # its bytes may change
    FOREVER = "forever"  # under /m/, with the digest in the address: never changes


@dataclass(frozen=True)
class BuiltPage:
    """A finished response: its bytes, path ("/vi/tra-tien-dien") and status."""

    path: str
    body: bytes
    content_type: str
    cache: CachePolicy
    status: int = 200
    aliases: tuple[str, ...] = ()  # short addresses of the same bytes: "/7"


@dataclass(frozen=True)
class EncodedVariant:
    """The bytes of an entry in one content encoding: identity, br or gzip."""

    encoding: str
    digest: str  # sha256 hex of exactly these bytes
    size_bytes: int

    @property
    def etag(self) -> str:
        """Return the strong ETag; it differs for other bytes and for another encoding."""
        return f'"{self.digest[:20]}"'


@dataclass(frozen=True)
class TreeEntry:
    """One published path. Its first variant is always the identity encoding."""

    path: str
    status: int
    content_type: str
    cache: CachePolicy
    variants: tuple[EncodedVariant, ...]
    inline_blocks: InlineBlocks = NO_INLINE_BLOCKS
    changed_at: datetime | None = field(default=None, compare=False)  # None: not yet published

    @property
    def identity(self) -> EncodedVariant:
        return self.variants[0]


def encode_body(page: BuiltPage) -> dict[str, bytes]:
    """Return the body by content encoding: identity, then brotli and gzip where smaller.

    Deterministic: the same body gives the same bytes and so the same digests.
    """
    bodies = {"identity": page.body}
    if page.content_type.startswith(COMPRESSIBLE_TYPES):
        bodies["br"] = _brotli(page.body)
        bodies["gzip"] = gzip.compress(page.body, compresslevel=GZIP_LEVEL, mtime=0)
    return {name: body for name, body in bodies.items() if _is_smaller(name, body, page.body)}


def _brotli(body: bytes) -> bytes:
    """Return `body` in brotli, with everything before the first picture in a block of its own.

    A block begins with the code tables of its content. With small tables of its own, the first
    sentence of a lesson is readable after 1.6 kB instead of 1.9 kB; in all it is 90 bytes more.
    """
    before, picture, after = body.partition(FIRST_PICTURE)
    compressor = brotli.Compressor(quality=BROTLI_QUALITY)
    first = compressor.process(before) + (compressor.flush() if picture else b"")
    return bytes(first + compressor.process(picture + after) + compressor.finish())


def find_page_inline_blocks(page: BuiltPage) -> InlineBlocks:
    """Return the digests of the inline blocks of an HTML page; none for other types."""
    return (
        find_inline_blocks(page.body)
        if page.content_type.startswith(HTML_MEDIA_TYPE)
        else NO_INLINE_BLOCKS
    )


def _is_smaller(encoding: str, body: bytes, identity: bytes) -> bool:
    return encoding == "identity" or len(body) < len(identity)
