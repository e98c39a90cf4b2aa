"""The headers of everything published: the same from this server, from nginx and from a CDN."""

from content_server.site.tree.csp import FILE_POLICY, page_policy
from content_server.site.tree.published import Cache, Entry, Variant

Header = tuple[bytes, bytes]

FOREVER = "public, max-age=31536000, immutable"
# Research: serving §3. A phone asks again after a minute; an edge may lag, and outlives us a week.
FRESH = "public, max-age=60, s-maxage=300, stale-while-revalidate=86400, stale-if-error=604800"
NOTICE = "public, max-age=60"  # "not here", "withdrawn": soon asked again
TROUBLE = "no-store"
SERVER_ERROR = 500

SHARED = {"X-Content-Type-Options": "nosniff"}


FILE_HEADERS = {
    "Cache-Control": FOREVER,
    "Content-Security-Policy": FILE_POLICY,
    "Cross-Origin-Resource-Policy": "same-site",
    **SHARED,
}
"""What every file under /m/ has."""


def fixed_headers(entry: Entry) -> dict[str, str]:
    """Return the headers that do not depend on the bytes, but on the kind of thing."""
    if entry.cache is Cache.FOREVER:
        return FILE_HEADERS
    return {
        "Cache-Control": _page_cache(entry.status),
        "Vary": "Accept-Encoding",
        "Content-Security-Policy": page_policy(entry.blocks),
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        **SHARED,
    }


def headers_for(entry: Entry, variant: Variant) -> list[Header]:
    """Return all headers of a whole answer. Never a cookie; `Date` is the server's to add."""
    headers = {
        "Content-Type": entry.content_type,
        "Content-Length": str(variant.size_bytes),
        "ETag": variant.etag,
        **fixed_headers(entry),
    }
    if variant.encoding != "identity":
        headers["Content-Encoding"] = variant.encoding
    if entry.cache is Cache.FOREVER:
        headers["Accept-Ranges"] = "bytes"
    return raw(headers)


def raw(headers: dict[str, str]) -> list[Header]:
    """Return headers as ASGI wants them: bytes, names in small letters."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _page_cache(status: int) -> str:
    if status < 400:  # noqa: PLR2004  # 4xx and 5xx are notices, by HTTP
        return FRESH
    return NOTICE if status < SERVER_ERROR else TROUBLE
