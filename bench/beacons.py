#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Measures the beacons counted per second, and the delay of pages beside them.

    bench/beacons.py                 a made-up page, SQLite, ten seconds a round
    bench/beacons.py --seconds 3     a short look

One server process as `content-server serve` starts it, beacons from WORKERS processes over
keep-alive connections, each with its own token; at the same time one visitor opens a page again
and again. Afterwards every beacon answered must be in the database.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import uvicorn
from sqlmodel import func, select
from starlette.types import Receive, Scope, Send

from content_server.db import Database
from content_server.media.store import Store
from content_server.reach.counter import BeaconCounter
from content_server.reach.tables import VillageCountRow
from content_server.site.tree.tree import BuiltPage, CachePolicy, LiveTree, Tree
from content_server.web.published.beacons import BeaconMiddleware
from content_server.web.published.front import Front

PORT, CONNECTIONS, LESSONS, LANGUAGES = 8397, 16, 16, ("vi", "hmn", "tay")
KINDS = ("opened", "finished", "practised")
HTML = "text/html; charset=utf-8"


def main() -> None:
    """Measure pages alone, then pages beside beacons, and say both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=int, default=2500, help="beacons asked for a second")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        _serve(options.serve)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _make_up(folder)
        server = subprocess.Popen([sys.executable, __file__, "--serve", name])  # noqa: S603  # ours
        try:
            time.sleep(3)
            _measure(folder, options.seconds, options.rate)
        finally:
            server.terminate()
            server.wait()


def _open(folder: Path) -> tuple[Database, Tree]:
    database = Database.open(f"sqlite:///{folder / 'content.sqlite3'}")
    database.migrate()
    return database, Tree(Store.open((folder / "store").as_uri()))


def _make_up(folder: Path) -> None:
    database, tree = _open(folder)
    body = b"<!doctype html><title>1</title>" + secrets.token_hex(20_000).encode()
    pages = [
        BuiltPage(f"/{language}/bai-{number}", body, HTML, CachePolicy.PAGE)
        for language in LANGUAGES
        for number in range(LESSONS)
    ]
    prepared = tree.prepare(pages)
    with database.write() as session:
        tree.replace(session, "bench", prepared)
    database.close()


async def _empty_app(scope: Scope, receive: Receive, send: Send) -> None:
    while scope["type"] == "lifespan":
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def _serve(folder: Path) -> None:
    database, tree = _open(folder)
    front = Front(_empty_app, LiveTree(tree, database), app_prefixes=("/-/",))
    app = BeaconMiddleware(front, BeaconCounter(database), front.is_published)
    uvicorn.run(app, port=PORT, access_log=False, server_header=False, log_level="warning")


def _measure(folder: Path, seconds: float, rate: int) -> None:
    alone = asyncio.run(_visit(seconds))
    with ProcessPoolExecutor(1) as pool:
        sending = pool.submit(_send_all, seconds, rate)
        beside = asyncio.run(_visit(seconds))
        sent, late_s = sending.result()
    time.sleep(3)
    with _open(folder)[0].read() as session:
        counted = session.exec(select(func.sum(VillageCountRow.count))).one()
    print(f"processors {os.cpu_count()}, load {os.getloadavg()[0]:.1f}")
    print(
        f"beacons    {sent / (seconds + late_s):,.0f} a second ({sent:,} sent, {counted:,} counted)"
    )
    print(f"page alone           p50 {_part(alone, 50):.1f} ms, p95 {_part(alone, 95):.1f} ms")
    print(f"page beside beacons  p50 {_part(beside, 50):.1f} ms, p95 {_part(beside, 95):.1f} ms")


def _part(times_ms: list[float], percent: int) -> float:
    return statistics.quantiles(times_ms, n=100)[percent - 1]


async def _visit(seconds: float) -> list[float]:
    """Open a page every 10 ms; return how long each took."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    request = b"GET /vi/bai-1 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n"
    times_ms, until_s = [], time.monotonic() + seconds
    while time.monotonic() < until_s:
        begun_s = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        times_ms.append((time.perf_counter() - begun_s) * 1000)
        await asyncio.sleep(0.01)
    writer.close()
    return times_ms


def _send_all(seconds: float, rate: int) -> tuple[int, float]:
    return asyncio.run(_send(seconds, rate))


async def _send(seconds: float, rate: int) -> tuple[int, float]:
    """Send beacons evenly for `seconds`; return how many, and how late the last answer was."""
    begun_s = time.monotonic()
    each = int(rate * seconds / CONNECTIONS)
    sent = await asyncio.gather(*(_send_in_a_row(each, seconds) for _ in range(CONNECTIONS)))
    return sum(sent), max(0.0, time.monotonic() - begun_s - seconds)


async def _send_in_a_row(count: int, seconds: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    begun_s = time.monotonic()
    for number in range(count):
        due_s = begun_s + seconds * number / count - time.monotonic()
        if due_s > 0:
            await asyncio.sleep(due_s)
        writer.write(_request(number))
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b" 204 " in answer  # noqa: S101  # another answer would be another bench
    writer.close()
    return count


def _request(number: int) -> bytes:
    body = json.dumps(
        {
            "link": "",
            "lesson": f"bai-{number % LESSONS}",
            "lang": LANGUAGES[number % 3],
            "what": KINDS[number % 7 % 3],
            "count": 1,
            "once": secrets.token_hex(8),
        }
    ).encode()
    head = f"POST /-/dem HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


if __name__ == "__main__":
    main()
