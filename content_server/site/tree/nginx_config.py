"""The edge: how nginx serves an exported tree so that nobody can tell it from this server."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from content_server.site.tree.headers import FILE_HEADERS, fixed_headers
from content_server.site.tree.published import HTML_TYPE, Cache, Entry
from content_server.site.tree.rendition_index import MEDIA_PREFIX

OK, GONE = 200, 410
SUFFIXES = {"identity": "", "br": ".br", "gzip": ".gz"}

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


def file_of(entry: Entry) -> str:
    """Return where an entry lies in an exported tree, without the suffix of its encoding.

    What was withdrawn lies apart, so that its old address is empty for servers of plain files.
    """
    path = "/index" if entry.path == "/" else entry.path
    folder = str(GONE) if entry.status == GONE else ""
    ending = ".html" if entry.content_type.startswith(HTML_TYPE) else ""
    return f"{folder}{path}{ending}".lstrip("/")


def nginx_configuration(entries: Iterable[Entry], out: Path) -> str:
    """Return the inside of a server { } block for a tree that lies in the folder `out`.

    Pages that have the headers most pages have need no word of their own; each other does.
    """
    entries = tuple(entries)
    page = _usual([_headers(entry) for entry in entries if _is_page(entry)])
    return CONFIGURATION.format(
        out=out,
        media=MEDIA_PREFIX,
        page=page,
        notice=_of_status(entries, 404),
        trouble=_of_status(entries, 500),
        file=_added(FILE_HEADERS),
        types=_types(entries),
        others="".join(_other(entry) for entry in entries if _is_other(entry, page)),
    )


def _headers(entry: Entry) -> str:
    return _added(fixed_headers(entry))


def _usual(headers: Sequence[str]) -> str:
    return Counter(headers).most_common(1)[0][0] if headers else ""


def _of_status(entries: Iterable[Entry], status: int) -> str:
    return next((_headers(entry) for entry in entries if entry.status == status), "")


def _added(headers: dict[str, str]) -> str:
    """Return the lines for one location; said at server level they would reach others' answers."""
    return "\n".join(f'  add_header {name} "{value}" always;' for name, value in headers.items())


def _types(entries: Iterable[Entry]) -> str:
    """Return the content type of each ending there is under /m/."""
    pairs = {
        (entry.path.rpartition(".")[2], entry.content_type)
        for entry in entries
        if entry.cache is Cache.FOREVER
    }
    return "\n".join(f'    "{content_type}" {ending};' for ending, content_type in sorted(pairs))


def _is_page(entry: Entry) -> bool:
    return entry.status == OK and entry.content_type.startswith(HTML_TYPE)


def _is_other(entry: Entry, usual: str) -> bool:
    """Tell whether an entry needs a word of its own: a file like robots.txt, a rarer page."""
    if entry.cache is Cache.FOREVER or entry.status != OK:
        return False
    return not _is_page(entry) or entry.path == "/" or _headers(entry) != usual


def _other(entry: Entry) -> str:
    kind = f'  default_type "{entry.content_type}";'
    place = f"  try_files /{file_of(entry)} @missing;"
    return f"location = {entry.path} {{\n{kind}\n{_headers(entry)}\n{place}\n}}\n"
