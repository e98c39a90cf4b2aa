"""Real servers for tests: uvicorn, nginx, and the whole content server as a process."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp

from tests.support.missing_programs import skip_or_fail

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


@contextmanager
def run_uvicorn(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve `app` by a real uvicorn on `port`, or a free one; yield its address."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        config = uvicorn.Config(app, log_level="warning", lifespan="off", server_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            wait_for_port(listening.getsockname()[1])
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def run_nginx(folder: Path, out: Path) -> Iterator[str]:
    """Serve an exported tree by a real nginx on a free port; yield its address.

    Where there is no nginx with brotli the test is skipped, and fails in CI.
    """
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or not BROTLI.exists():
        skip_or_fail("needs Debian's nginx and libnginx-mod-http-brotli-static")
    port = free_port()
    configuration = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""  # so that it may read the test's own folder
    configuration.write_text(
        NGINX.format(user=user, module=BROTLI, folder=folder, port=port, out=out)
    )
    server = subprocess.Popen([program, "-p", folder, "-c", configuration])  # noqa: S603  # ours
    try:
        wait_for_port(port)
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


def wait_for_port(port: int) -> None:
    """Return when something answers on a port of this machine."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)


def start_server(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start the real server over a folder, and wait until it answers."""
    port = free_port()
    env = os.environ | {
        "CONTENT_SERVER_DATA_DIR": str(folder / "data"),
        "CONTENT_SERVER_LESSONS_DIR": str(folder / "lessons"),
        "CONTENT_SERVER_MEDIA_DIR": str(folder / "media"),
    }
    argv = [sys.executable, "-m", "content_server", "serve", "--port", str(port)]
    server = subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL)  # noqa: S603  # ours
    address = f"http://127.0.0.1:{port}"
    for _try in range(150):
        try:
            if httpx.get(f"{address}/-/vao").status_code == 200:
                return server, address
        except httpx.HTTPError:
            time.sleep(0.2)
    raise TimeoutError(address)
