#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Measures the cost of a visit: the front in one uvicorn worker beside nginx over the same tree.

    bench/serving.py                   a made-up tree
    bench/serving.py --data data       what a server has published
    bench/serving.py --json out.json   the figures for machines

Needs wrk, nginx and its brotli_static module (Debian: apt-get install wrk nginx
libnginx-mod-http-brotli-static). Let nothing else run: it would be measured too.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import uvicorn
from measuring.processes import cpu_s, free_port
from rich.console import Console
from rich.table import Table
from starlette.types import Receive, Scope, Send

from content_server.db import Database
from content_server.media.store import Store
from content_server.settings import Settings
from content_server.site.tree.export import export_site
from content_server.site.tree.rendition_index import RenditionView
from content_server.site.tree.tree import BuiltPage, CachePolicy, LiveTree, Tree, TreeEntry
from content_server.web.published.front import Front

ROUNDS, SECONDS, CONNECTIONS = 3, 3, 64
MEDIUM_BYTES = 20_000
HTML = "text/html; charset=utf-8"
BROTLI = "/usr/lib/nginx/modules/ngx_http_brotli_static_module.so"
NGINX = """\
{user}
daemon off;
load_module {module};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    include {folder}/site.nginx.conf;
  }}
}}
"""


@dataclass(frozen=True)
class Figures:
    """What wrk and the kernel say about one kind of visit; the median of the rounds."""

    target: str
    visit: str
    requests_per_s: float
    p99_ms: float
    cpu_us: float  # user + system time of the server for one request
    others: int  # answers that were no 2xx or 3xx, at most in a round


@dataclass(frozen=True)
class Visit:
    """One kind of visit."""

    name: str
    path: str
    headers: tuple[str, ...] = ()


def main() -> None:
    options = _arguments()
    if options.serve:
        _serve(Settings(data_dir=options.data), options.serve)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        settings = Settings(data_dir=options.data or folder)
        if options.data is None:
            _make_up(settings)
        figures = _measure(settings, folder)
    _show(figures)
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in figures], indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, help="a data folder with something published")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def _open(settings: Settings) -> tuple[Database, Tree]:
    database = Database.open(settings.effective_database_url)
    database.migrate()
    return database, Tree(Store.open(settings.effective_store_url, settings.store_options))


def _make_up(settings: Settings) -> None:
    """Publish a page of a lesson's size, the notices and one voice."""
    database, tree = _open(settings)
    steps = "".join(
        f"<section><h2>{number}</h2><p>{hashlib.sha256(bytes([number])).hexdigest()}</p>"
        f"<svg viewBox='0 0 360 640'><rect width='{number}' height='8'/></svg></section>"
        for number in range(80)
    )
    html = f"<!doctype html><style>p{{margin:0}}</style>{steps}<script>1</script>".encode()
    pages = [
        BuiltPage("/vi/bai", html, HTML, CachePolicy.PAGE),
        BuiltPage("/404", html[:6000], HTML, CachePolicy.PAGE, status=404),
        BuiltPage("/500", html[:6000], HTML, CachePolicy.PAGE, status=500),
    ]
    voice = hashlib.shake_128(b"voice").digest(MEDIUM_BYTES)
    medium = RenditionView("voice", tree.store.put_bytes(voice), "audio/ogg", len(voice))
    prepared = tree.prepare(pages)
    with database.write() as session:
        tree.replace(session, "bench", prepared)
        tree.add_media(session, tree.prepare_media([medium]))
    database.close()


async def _empty_app(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand in for the application behind the front, which no request reaches here."""
    while scope["type"] == "lifespan":
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def _serve(settings: Settings, port: int) -> None:
    """Run in a process of its own: one worker as `content-server serve` starts it."""
    database, tree = _open(settings)
    front = Front(_empty_app, LiveTree(tree, database), app_prefixes=("/api/", "/-/"))
    uvicorn.run(front, port=port, access_log=False, server_header=False, log_level="warning")


def _measure(settings: Settings, folder: Path) -> list[Figures]:
    database, tree = _open(settings)
    with database.read() as session:
        export_site(tree, session, tree.store, folder / "site")
        entries = list(tree.entries(session))
    database.close()
    figures: list[Figures] = []
    with _nginx(folder) as nginx, _front(settings) as front:
        for server, port, process in (nginx, front):
            figures += [_figures(server, port, process, v) for v in _visits(entries, port)]
    return figures


def _visits(entries: list[TreeEntry], port: int) -> list[Visit]:
    """Return the four kinds of visit, on the page with most bytes and a medium near 20 kB."""
    lessons = [e for e in entries if e.content_type.startswith("text/html") and e.status == 200]  # noqa: PLR2004  # HTTP's own
    media = [each for each in entries if each.cache is CachePolicy.FOREVER]
    if not lessons or not media:
        sys.exit("Nothing is published there: scripts/serve publishes the starter lessons.")
    page = max(lessons, key=lambda each: each.identity.size_bytes)
    medium = min(media, key=lambda each: abs(each.identity.size_bytes - MEDIUM_BYTES))
    brotli = "Accept-Encoding: gzip, deflate, br"
    etag = _etag(port, page.path, brotli)
    size = medium.identity.size_bytes
    return [
        Visit(f"page, br, {page.variants[1].size_bytes} bytes", page.path, (brotli,)),
        Visit("page, 304", page.path, (brotli, f"If-None-Match: {etag}")),
        Visit(f"medium, {size} bytes", medium.path),
        Visit("no such page", "/khong-co", (brotli,)),
    ]


def _etag(port: int, path: str, header: str) -> str:
    """Ask the server for the tag it gives the page itself."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        request = f"HEAD {path} HTTP/1.1\r\nHost: a\r\n{header}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b"")).decode()
    match = re.search(r"^etag: (\S+)", answer, re.IGNORECASE | re.MULTILINE)
    assert match, answer  # noqa: S101  # without it the figure would be another one
    return match[1]


def _figures(target: str, port: int, process: int, visit: Visit) -> Figures:
    rounds = [_round(port, process, visit) for _ in range(ROUNDS)]
    return Figures(
        target,
        visit.name,
        requests_per_s=round(statistics.median(each[0] for each in rounds)),
        p99_ms=round(statistics.median(each[1] for each in rounds), 1),
        cpu_us=round(statistics.median(each[2] for each in rounds), 1),
        others=max(each[3] for each in rounds),
    )


def _round(port: int, process: int, visit: Visit) -> tuple[float, float, float, int]:
    headers = [argument for header in visit.headers for argument in ("-H", header)]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", *headers]
    before = cpu_s(process)
    done = subprocess.run(  # noqa: S603  # our own command, no shell
        [*command, f"http://127.0.0.1:{port}{visit.path}"],
        capture_output=True,
        text=True,
        check=True,
    )
    spent = cpu_s(process) - before
    rate = _found(r"Requests/sec:\s+([\d.]+)()", done.stdout)
    requests = _found(r"(\d+)() requests in", done.stdout)
    p99_ms = _found(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    others = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    return rate, p99_ms, spent / requests * 1e6, int(others[1]) if others else 0


def _found(pattern: str, text: str) -> float:
    match = re.search(pattern, text)
    assert match, text  # noqa: S101  # another wrk speaks otherwise
    return float(match[1]) * {"us": 0.001, "ms": 1, "s": 1000, "": 1}[match[2]]


@contextmanager
def _nginx(folder: Path) -> Iterator[tuple[str, int, int]]:
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""  # so that it may read the folder
    configuration = folder / "nginx.conf"
    text = NGINX.format(user=user, module=BROTLI, folder=folder, port=port)
    configuration.write_text(text)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with _running([program, "-p", str(folder), "-c", str(configuration)], port) as process:
        yield "nginx", port, process


@contextmanager
def _front(settings: Settings) -> Iterator[tuple[str, int, int]]:
    port = free_port()
    command = [sys.executable, __file__, "--data", str(settings.data_dir), "--serve", str(port)]
    with _running(command, port) as process:
        yield "front", port, process


@contextmanager
def _running(command: list[str], port: int) -> Iterator[int]:
    server = subprocess.Popen(command)  # noqa: S603  # our own command, no shell
    try:
        _wait_for(port)
        yield server.pid
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)


def _show(figures: list[Figures]) -> None:
    nginx = {each.visit: each.requests_per_s for each in figures if each.target == "nginx"}
    titles = ("server", "visit", "req/s", "p99 ms", "of nginx", "CPU µs/request", "not 2xx/3xx")
    table = Table(title=f"median of {ROUNDS} x {SECONDS} s, wrk -t1 -c{CONNECTIONS}")
    for number, title in enumerate(titles):
        table.add_column(title, justify="left" if number <= 1 else "right")
    for each in figures:
        ratio = each.requests_per_s / nginx[each.visit]
        row = (f"{each.requests_per_s:,.0f}", f"{each.p99_ms}", f"{ratio:.2f}", f"{each.cpu_us}")
        table.add_row(each.target, each.visit, *row, f"{each.others:,}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
