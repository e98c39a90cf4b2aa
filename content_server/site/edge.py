"""The edge: how nginx serves an exported tree so that nobody can tell it from this server."""

from collections.abc import Iterable
from pathlib import Path

from content_server.site.headers import fixed_headers, policy_of
from content_server.site.published import HTML_TYPE, Cache, Entry
from content_server.site.shelf import MEDIA_PREFIX

GONE = 410
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
location = / {{
{page}
  try_files /index.html @missing;
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
    """Return the inside of a server { } block for a tree that lies in the folder `out`."""
    entries = tuple(entries)
    policy = policy_of(entries)
    page = _added(fixed_headers(Cache.PAGE, 200, policy))
    return CONFIGURATION.format(
        out=out,
        media=MEDIA_PREFIX,
        page=page,
        notice=_added(fixed_headers(Cache.PAGE, 404, policy)),
        trouble=_added(fixed_headers(Cache.PAGE, 500, policy)),
        file=_added(fixed_headers(Cache.FOREVER, 200, policy)),
        types=_types(entries),
        others="".join(_other(entry, page) for entry in entries if _is_other(entry)),
    )


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


def _is_other(entry: Entry) -> bool:
    """Tell whether an entry is neither a page of HTML nor a file under /m/: robots.txt."""
    return entry.cache is Cache.PAGE and not entry.content_type.startswith(HTML_TYPE)


def _other(entry: Entry, headers: str) -> str:
    kind = f'  default_type "{entry.content_type}";'
    return f"location = {entry.path} {{\n{kind}\n{headers}\n  try_files {entry.path} =404;\n}}\n"
