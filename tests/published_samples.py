"""A small published tree of its own for tests: database, store, tree, and real servers over it."""

import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from lacking import lacking
from starlette.types import ASGIApp, Receive, Scope, Send

from content_server.db import Database
from content_server.media.store import Store
from content_server.site.tree.rendition_index import RenditionView
from content_server.site.tree.tree import Cache, LiveTree, Page, Tree
from content_server.web.published.front import Front

HTML = "text/html; charset=utf-8"
MACHINERY = ("/api/", "/-/")
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
NGINX = """\
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
load_module {module};
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  sendfile on;
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    include {out}.nginx.conf;
    location /api/ {{ return 204; }}
  }}
}}
"""


@dataclass(frozen=True)
class Shop:
    """Everything one needs to publish without lessons."""

    database: Database
    store: Store
    tree: Tree

    @classmethod
    def open(cls, folder: Path) -> "Shop":
        database = Database.open(f"sqlite:///{folder / 'content.sqlite3'}")
        database.migrate()
        store = Store.open((folder / "store").as_uri())
        return cls(database, store, Tree(store))

    def publish(self, owner: str, *pages: Page) -> None:
        prepared = self.tree.prepare(pages)
        with self.database.write() as session:
            self.tree.replace(session, owner, prepared)

    def publish_medium(self, data: bytes, content_type: str = "audio/ogg") -> str:
        """Publish bytes under their own name; return their path."""
        medium = RenditionView("only", self.store.put_bytes(data), content_type, len(data))
        with self.database.write() as session:
            self.tree.add_media(session, self.tree.prepare_media([medium]))
        return medium.path

    def generation(self) -> int:
        with self.database.read() as session:
            return self.tree.generation(session)

    def paths(self) -> list[str]:
        with self.database.read() as session:
            return [entry.path for entry in self.tree.entries(session)]

    def front(self, rooms: ASGIApp | None = None, **options: int) -> Front:
        return Front(
            rooms or empty_rooms,
            LiveTree(self.tree, self.database),
            machinery=MACHINERY,
            **options,
        )


def page(
    path: str, text: str = "Chào bác", *, status: int = 200, style: str = "p{margin:0}"
) -> Page:
    """Return a page of a few kilobytes, so that pressing it pays."""
    body = f"""<!doctype html><html lang="vi"><title>{text}</title>
<style>{style}</style><p>{text}{"<p>Bấm nút to màu xanh." * 60}
<script>document.title</script><script type="application/ld+json">{{"a": 1}}</script>"""
    return Page(path, body.encode(), HTML, Cache.PAGE, status=status)


def notices() -> list[Page]:
    return [
        page("/404", "Không có trang này", status=404),
        page("/500", "Máy chủ trục trặc", status=500),
    ]


def noise(size_bytes: int, seed: str = "noise") -> bytes:
    """Return bytes no compressor can shrink, the same every time."""
    return hashlib.shake_128(seed.encode()).digest(size_bytes)


async def empty_rooms(scope: Scope, _receive: Receive, send: Send) -> None:
    """Stand for the rooms behind the front: 204 to everything."""
    if scope["type"] == "lifespan":
        await send({"type": "lifespan.startup.complete"})
        await asyncio.Event().wait()
    await send({"type": "http.response.start", "status": 204, "headers": [(b"x-room", b"yes")]})
    await send({"type": "http.response.body", "body": b""})


@contextmanager
def running_uvicorn(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve `app` by a real uvicorn on `port`, or a free one; yield its address."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        config = uvicorn.Config(app, log_level="warning", lifespan="off", server_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            wait_for(listening.getsockname()[1])
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def running_nginx(folder: Path, out: Path) -> Iterator[str]:
    """Serve an exported tree by a real nginx on a free port; yield its address.

    Where there is no nginx with brotli the test is skipped, and fails in CI.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or not BROTLI.exists():
        lacking("needs Debian's nginx and libnginx-mod-http-brotli-static")
    port = free_port()
    configuration = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # so that it may read the test's own folder
    configuration.write_text(
        NGINX.format(user=user, module=BROTLI, folder=folder, port=port, out=out)
    )
    server = subprocess.Popen([program, "-p", folder, "-c", configuration])  # noqa: S603  # ours
    try:
        wait_for(port)
        assert server.poll() is None
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Return when something answers on a port of this machine."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)
