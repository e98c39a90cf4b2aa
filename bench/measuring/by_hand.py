"""The twin: pages as a careful person writes them by hand, served by nginx."""

import gzip
import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # published without types
from jinja2 import Environment, FileSystemLoader

from content_server.site.pages.contexts import HomePage, LessonPage
from measuring.bench import Bench
from measuring.processes import free_port, run_server

HANDWRITTEN_DIR = Path(__file__).parent / "by_hand"  # the same words and pictures, and nothing else


def handwritten_file_name(page: LessonPage | HomePage) -> str:
    """Return the name of a page's twin by hand."""
    return "index.html" if isinstance(page, HomePage) else f"{page.address.rpartition('/')[2]}.html"


def write_handwritten_pages(pages: Iterable[LessonPage | HomePage], folder: Path) -> None:
    """Write each page as a person would by hand, and pressed as well as can be."""
    templates = Environment(
        loader=FileSystemLoader(HANDWRITTEN_DIR),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for page in pages:
        html = templates.get_template(page.template).render(page=page).encode()
        file = folder / handwritten_file_name(page)
        file.write_bytes(html)
        file.with_name(f"{file.name}.br").write_bytes(brotli.compress(html))
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(html, mtime=0))


def serve_with_nginx(
    bench: Bench, pages: Iterable[LessonPage | HomePage]
) -> AbstractContextManager[str]:
    """Return nginx over the pages by hand, on a free port."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        sys.exit("needs nginx with brotli: scripts/install-test-tools")
    folder, port = bench.folder / "nginx", free_port()
    (folder / "pages").mkdir(parents=True)
    write_handwritten_pages(pages, folder / "pages")
    user = "user root;" if os.geteuid() == 0 else ""  # so that it may read our own folder
    template = (HANDWRITTEN_DIR / "nginx.conf").read_text()
    (folder / "nginx.conf").write_text(template.format(user=user, folder=folder, port=port))
    return run_server(
        f"http://127.0.0.1:{port}",
        *(program, "-e", folder / "error.log", "-c", folder / "nginx.conf"),
        environment=os.environ,
    )
