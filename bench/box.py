#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Measures a village box: forty phones open their first page at the same moment.

    bench/box.py khoa-hoc.tar              a pack of `content-server pack course`
    bench/box.py khoa-hoc.tar --phones 80

A phone here is what a browser does: a new connection, the page, then the first voice, by range.
The gate (issue "trainers' room"): p95 of the first page ≤ 300 ms on loopback, no error.
"""

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring.processes import cpu_s, free_port

from content_server.site.course.verification import verify_pack

GATE_MS = 300
ROUNDS = 10
VOICE = re.compile(rb'data-o="(/m/[^"]+)"')


def main() -> None:
    options = _arguments()
    manifest = verify_pack(options.pack).manifest
    lessons = [
        page.path
        for page in manifest.pages
        if page.path.count("/") == 2 and page.status == 200 and page.cache == "page"  # noqa: PLR2004  # /vi/ten-bai
    ]
    with tempfile.TemporaryDirectory() as name, _box(options.pack, manifest.key, Path(name)) as box:
        before = cpu_s(box[1])
        pages, voices, errors, lasted_s = asyncio.run(_hall(box[0], lessons, options.phones))
        used_s = cpu_s(box[1]) - before
        memory = _memory_mb(box[1])
    p50, p95 = (pages[int(part * len(pages))] * 1000 for part in (0.5, 0.95))
    figures = {
        "phones": options.phones,
        "rounds": ROUNDS,
        "first_page_p50_ms": round(p50, 1),
        "first_page_p95_ms": round(p95, 1),
        "first_page_most_ms": round(pages[-1] * 1000, 1),
        "voices": len(voices),
        "errors": errors,
        "server_cpu_s": round(used_s, 2),
        "lasted_s": round(lasted_s, 1),
        "memory_mb": memory,
        "load": os.getloadavg()[0],
    }
    print(json.dumps(figures, indent=2))
    if errors or p95 > GATE_MS:
        raise SystemExit(1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pack", type=Path, help="a course pack")
    parser.add_argument("--phones", type=int, default=40)
    return parser.parse_args()


@contextmanager
def _box(pack: Path, key: str, folder: Path) -> Iterator[tuple[int, int]]:
    """Run a real box in a process of its own; yield its port and process."""
    port = free_port()
    command = [sys.executable, "-m", "content_server", "box", "--data", str(folder)]
    options = ["--pack", str(pack), "--key", key, "--port", str(port), "--host", "127.0.0.1"]
    box = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)  # noqa: S603  # ours
    try:
        asyncio.run(_until_open(port))
        yield port, box.pid
    finally:
        box.terminate()
        box.wait(20)


async def _until_open(port: int) -> None:
    """Return when the box answers; it listens before it has taken its pack in."""
    for _try in range(600):
        try:
            await _fetched(port, "/vi", "Accept-Encoding: gzip")
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    raise TimeoutError(port)


async def _hall(
    port: int, lessons: list[str], phones: int
) -> tuple[list[float], list[float], int, float]:
    pages: list[float] = []
    voices: list[float] = []
    errors, began = 0, time.perf_counter()
    for _round in range(ROUNDS):
        chosen = [random.choice(lessons) for _phone in range(phones)]  # noqa: S311  # no secret
        for result in await asyncio.gather(*(_phone(port, path) for path in chosen)):
            if result is None:
                errors += 1
                continue
            pages.append(result[0])
            voices += result[1:]
    return sorted(pages), sorted(voices), errors, time.perf_counter() - began


async def _phone(port: int, path: str) -> tuple[float, ...] | None:
    """Open a lesson and its first voice; return the seconds of each, None on any error."""
    try:
        page_s, page = await _fetched(port, path, "Accept-Encoding: identity")
        voice = VOICE.search(page)
        if voice is None:
            return (page_s,)
        voice_s, _sound = await _fetched(port, voice.group(1).decode(), "Range: bytes=0-", b" 206 ")
    except (OSError, ValueError):
        return None
    return page_s, voice_s


async def _fetched(
    port: int, path: str, header: str, status: bytes = b" 200 "
) -> tuple[float, bytes]:
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    asked = f"GET {path} HTTP/1.1\r\nHost: hop\r\n{header}\r\nConnection: close\r\n\r\n"
    writer.write(asked.encode())
    answer = await reader.read(-1)
    writer.close()
    if status not in answer[:20]:
        raise ValueError(answer[:60])
    return time.perf_counter() - began, answer


def _memory_mb(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text("utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) // 1000 if found else 0


if __name__ == "__main__":
    main()
