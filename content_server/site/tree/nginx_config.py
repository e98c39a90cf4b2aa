"""The nginx configuration that serves an exported tree exactly as this server does."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from content_server import urls
from content_server.site.tree.headers import MEDIA_HEADERS, make_entry_headers
from content_server.site.tree.published import HTML_MEDIA_TYPE, CachePolicy, TreeEntry

OK, GONE = 200, 410
ENCODING_SUFFIXES = {"identity": "", "br": ".br", "gzip": ".gz"}

CONFIGURATION = """\
# Written by `content-server site`. Use it so, and reload nginx when this file has changed:
#   server {{ listen 80; server_name bai.example.vn; include {out}.nginx.conf;
#            location ~ ^/(api|-)/ {{ proxy_pass http://127.0.0.1:8000; }} }}
# Needs the module brotli_static (Debian: libnginx-mod-http-brotli-static).
# Unlike the server itself, nginx makes its ETag from a file's time and size. Files whose bytes did
# not change are therefore never written again, and carry the time they were published.
root "{out}";
server_tokens off;
merge_slashes off;
types {{ }}
default_type "text/html; charset=utf-8";
gzip off;
gzip_static on;
gzip_proxied any;
gzip_http_version 1.0;
gzip_vary off;
brotli_static on;
max_ranges 0;
error_page 404 /404.html;
error_page 410 /410$uri.html;
error_page 500 502 503 504 /500.html;

location / {{
{page}
  try_files $uri.html @missing;
}}
location @missing {{
  if (-f "$document_root/410$uri.html") {{ return 410; }}
  return 404;
}}
location = /404 {{ return 404; }}
location = /500 {{ return 500; }}
location = /404.html {{
  internal;
{notice}
}}
location ^~ /410/ {{
  internal;
{notice}
}}
location = /500.html {{
  internal;
{trouble}
}}
location ^~ {media} {{
  gzip_static off;
  brotli_static off;
  max_ranges 1;
  default_type application/octet-stream;
  types {{
{types}
  }}
{file}
  try_files $uri =404;
}}
{others}"""


def exported_path(entry: TreeEntry) -> str:
    """Return the path of an entry in an exported tree, without the suffix of its encoding.

    Withdrawn pages are under 410/, so that file servers find nothing at the old address.
    """
    path = "/index" if entry.path == "/" else entry.path
    folder = str(GONE) if entry.status == GONE else ""
    ending = ".html" if entry.content_type.startswith(HTML_MEDIA_TYPE) else ""
    return f"{folder}{path}{ending}".lstrip("/")


def nginx_configuration(entries: Iterable[TreeEntry], out: Path) -> str:
    """Return the content of a server { } block for a tree in the folder `out`.

    Pages with the most common headers share one location; every other page has its own.
    """
    entries = tuple(entries)
    page = _most_common([_headers(entry) for entry in entries if _is_page(entry)])
    return CONFIGURATION.format(
        out=out,
        media=urls.MEDIA_PREFIX,
        page=page,
        notice=_status_headers(entries, 404),
        trouble=_status_headers(entries, 500),
        file=_add_header_lines(MEDIA_HEADERS),
        types=_content_types(entries),
        others="".join(_location(entry) for entry in entries if _needs_own_location(entry, page)),
    )


def _headers(entry: TreeEntry) -> str:
    return _add_header_lines(make_entry_headers(entry))


def _most_common(headers: Sequence[str]) -> str:
    return Counter(headers).most_common(1)[0][0] if headers else ""


def _status_headers(entries: Iterable[TreeEntry], status: int) -> str:
    return next((_headers(entry) for entry in entries if entry.status == status), "")


def _add_header_lines(headers: dict[str, str]) -> str:
    """Return add_header lines for one location; at server level they would apply everywhere."""
    return "\n".join(f'  add_header {name} "{value}" always;' for name, value in headers.items())


def _content_types(entries: Iterable[TreeEntry]) -> str:
    """Return the content type of each file extension under /m/."""
    pairs = {
        (entry.path.rpartition(".")[2], entry.content_type)
        for entry in entries
        if entry.cache is CachePolicy.FOREVER
    }
    return "\n".join(f'    "{content_type}" {ending};' for ending, content_type in sorted(pairs))


def _is_page(entry: TreeEntry) -> bool:
    return entry.status == OK and entry.content_type.startswith(HTML_MEDIA_TYPE)


def _needs_own_location(entry: TreeEntry, usual: str) -> bool:
    """Tell whether an entry needs its own location: it is no page, or has rarer headers."""
    if entry.cache is CachePolicy.FOREVER or entry.status != OK:
        return False
    return not _is_page(entry) or entry.path == "/" or _headers(entry) != usual


def _location(entry: TreeEntry) -> str:
    kind = f'  default_type "{entry.content_type}";'
    place = f"  try_files /{exported_path(entry)} @missing;"
    return f"location = {entry.path} {{\n{kind}\n{_headers(entry)}\n{place}\n}}\n"
