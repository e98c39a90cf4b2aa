#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Measures the time of each editors' page, with many lessons and languages.

    bench/editor_pages.py                  500 lessons x 8 languages, seeded into a new folder
    bench/editor_pages.py --data FOLDER    what bench/seed.py has made before
    bench/editor_pages.py --visits 10      a short look

An admin requests every GET route that answers with a page, each time for another lesson, so that
only caches shared by all lessons help. Promised: 50 ms for 95 of 100 visits, the home page 150 ms.
"worked" is processor time, which other work on the machine hardly changes. Each seeded
lesson is a starter lesson under another name, published or not.
"""

import argparse
import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
from fastapi import FastAPI
from fastapi.routing import APIRoute
from rich.console import Console
from rich.table import Table

from content_server.accounts.accounts import create_account, find_login
from content_server.accounts.passphrases import hash_passphrase
from content_server.accounts.roles import Grant, Role
from content_server.accounts.sessions import load_person, open_session
from content_server.app import create_app, create_fastapi_app, warm_caches
from content_server.editorial.status import matrix
from content_server.media.screens import draw_screen
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.web.permissions import iterate_routes

PROMISED_MS, HOME_MS = 50, 150
HOME = "/-/soan"
ROOMS = (HOME, "/-/toi", "/-/tap-huan")
SEED = Path(__file__).with_name("seed.py")


def main() -> None:
    options = _arguments()
    with tempfile.TemporaryDirectory() as name:
        data = options.data or Path(name)
        if options.data is None:
            subprocess.run([SEED, data, "--lessons", str(options.lessons)], check=True)  # noqa: S603  # ours
        services = open_services(Settings(data_dir=data.absolute()))
        slow = asyncio.run(_measured(services, options.visits, options.lessons))
        services.database.close()
    sys.exit(1 if slow else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder bench/seed.py has filled")
    parser.add_argument("--lessons", type=int, default=500)
    parser.add_argument("--visits", type=int, default=40, help="of each page")
    return parser.parse_args()


async def _measured(services: Services, visits: int, lessons: int) -> list[str]:
    """Visit every page, show the figures, and return the pages that are slow."""
    app = create_app(services)
    warm_caches(services)  # as a start of the server does
    with services.database.read() as session:
        slugs = sorted({row.slug for row in matrix.load_matrix(session)})[:lessons]
    client = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app, client=("127.0.0.1", 1)),
        base_url="http://127.0.0.1",
        headers={"cookie": f"session={_token(services)}", "accept-encoding": "gzip"},
    )
    columns = ("page", "p50 ms", "p95 ms", "worked p50", "worked p95", "kB")
    table = Table(*columns, title=f"{visits} visits each")
    slow = []
    for path in _pages(create_fastapi_app(services)):
        figures = await _visited(client, path, slugs, visits)
        if figures is None:
            continue
        most = HOME_MS if path == HOME else PROMISED_MS
        p50, p95, *worked, kilobytes = figures
        slow += [path] if p95 > most else []
        mark = "[red]" if p95 > most else ""
        shown = (f"{p50:.0f}", f"{mark}{p95:.0f}", *(f"{ms:.0f}" for ms in worked))
        table.add_row(path, *shown, f"{kilobytes:.1f}")
    Console(width=110).print(table)
    return slow


def _pages(app: FastAPI) -> Iterator[str]:
    for route in iterate_routes(app):
        if (
            isinstance(route, APIRoute)
            and "GET" in (route.methods or ())
            and route.path.startswith(ROOMS)
        ):
            yield route.path


async def _visited(
    client: httpx2.AsyncClient, path: str, slugs: list[str], visits: int
) -> tuple[float, ...] | None:
    """Return p50, p95, the same of processor time (ms) and kB; None for what is no page."""
    took_ms, worked_ms, size_bytes = [], [], 0
    await client.get(_address(path, slugs[0]))  # imports and templates are read once
    for number in range(visits):
        address = _address(path, slugs[(number * 7 + 1) % len(slugs)])
        draw_screen.cache_clear()  # the seed's lessons share their screens
        began, worked = time.perf_counter(), time.process_time()
        answer = await client.get(address)
        took_ms.append((time.perf_counter() - began) * 1000)
        worked_ms.append((time.process_time() - worked) * 1000)
        if answer.status_code != 200 or "html" not in answer.headers.get("content-type", ""):  # noqa: PLR2004  # HTTP's own
            return None
        size_bytes = max(size_bytes, int(answer.headers["content-length"]))
    both = (took_ms, worked_ms)
    times = [(statistics.median(ms), statistics.quantiles(ms, n=20)[-1]) for ms in both]
    return *times[0], *times[1], size_bytes / 1000


def _address(path: str, slug: str) -> str:
    there = {
        "slug": slug,
        "folder": "vi",
        "name": "contacts",
        "person_id": "1",
        "step": "x",
        "job": "1",
    }
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: there.get(found[1], "1"), path)


def _token(services: Services) -> str:
    """Return the token of a session of an admin."""
    with services.database.write() as session:
        known = find_login(session, "bench")
        hashed = hash_passphrase("mot cau dai cua rieng may nay")
        row = known or create_account(session, "Bench", "bench", hashed, [Grant(Role.ADMIN)])
        return open_session(session, load_person(session, row), "bench", shared=False)[0]


if __name__ == "__main__":
    main()
