"""The headers of everything published, equal from this server, from nginx and from a CDN."""

from content_server.site.tree.csp import MEDIA_CSP, make_page_csp
from content_server.site.tree.published import CachePolicy, EncodedVariant, TreeEntry

Header = tuple[bytes, bytes]

IMMUTABLE_CACHE_CONTROL = "public, max-age=31536000, immutable"
# A phone asks again after a minute; an edge may lag, and serves for a week while we are down
# (docs/research/serving.md#page-caching).
PAGE_CACHE_CONTROL = (
    "public, max-age=60, s-maxage=300, stale-while-revalidate=86400, stale-if-error=604800"
)
NOTICE_CACHE_CONTROL = "public, max-age=60"  # of 404 and 410, which may change soon
ERROR_CACHE_CONTROL = "no-store"
SERVER_ERROR = 500

COMMON_HEADERS = {"X-Content-Type-Options": "nosniff"}


MEDIA_HEADERS = {
    "Cache-Control": IMMUTABLE_CACHE_CONTROL,
    "Content-Security-Policy": MEDIA_CSP,
    "Cross-Origin-Resource-Policy": "same-site",
    **COMMON_HEADERS,
}
"""The headers of every file under /m/."""


def make_entry_headers(entry: TreeEntry) -> dict[str, str]:
    """Return the headers that depend on the cache policy, status and inline blocks of an entry."""
    if entry.cache is CachePolicy.FOREVER:
        return MEDIA_HEADERS
    return {
        "Cache-Control": _page_cache_control(entry.status),
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": make_page_csp(entry.inline_blocks),
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        **COMMON_HEADERS,
    }


def make_response_headers(entry: TreeEntry, variant: EncodedVariant) -> list[Header]:
    """Return all headers of a full response, without cookies and `Date`, which the server adds."""
    headers = {
        "Content-Type": entry.content_type,
        "Content-Length": str(variant.size_bytes),
        "ETag": variant.etag,
        **make_entry_headers(entry),
    }
    if variant.encoding != "identity":
        headers["Content-Encoding"] = variant.encoding
    if entry.cache is CachePolicy.FOREVER:
        headers["Accept-Ranges"] = "bytes"
    return to_asgi_headers(headers)


def to_asgi_headers(headers: dict[str, str]) -> list[Header]:
    """Return headers in the form of ASGI: bytes, with lower-case names."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _page_cache_control(status: int) -> str:
    if status < 400:  # noqa: PLR2004  # 4xx and 5xx
        return PAGE_CACHE_CONTROL
    return NOTICE_CACHE_CONTROL if status < SERVER_ERROR else ERROR_CACHE_CONTROL
