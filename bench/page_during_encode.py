#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Times a page while nothing else is done, and again beside a clip that is made lighter.

    bench/page_during_encode.py http://127.0.0.1:8000/vi/dung-zalo media/dung-zalo/xem.mp4

What makes a clip lighter stands back behind whoever asks for a page (the setting TOOL_NICENESS):
the page must not come later by more than a blink. Seconds are only true on a quiet machine.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import numpy as np
from measuring.bench import Bench, Figure
from rich.console import Console

from content_server.errors import EncodeCancelled
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.video.clip_renditions import make_rung

VISITS, BETWEEN_S, BLINK_MS = 400, 0.02, 100.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="of a page of a server that is running")
    parser.add_argument("clip", type=Path, help="a film to make lighter meanwhile")
    given = parser.parse_args()
    waits_ms = {"alone": visited(given.address)}
    with lightening(given.clip):
        waits_ms["beside an encode"] = visited(given.address)
    figures = [
        Figure(f"page {when}, {name}", float(value), "ms", at_most=most)
        for when, waits in waits_ms.items()
        for name, value, most in (
            ("median", np.median(waits), None),
            ("p95", np.percentile(waits, 95), BLINK_MS),
        )
    ]
    Bench(Path(), 1, Console()).show("Pages beside an encode", figures)


def visited(address: str) -> list[float]:
    """Return how many ms each visit of a page took, one after another."""
    waits_ms = []
    with httpx.Client() as client:
        for _visit in range(VISITS):
            begun = time.perf_counter()
            client.get(address).raise_for_status()
            waits_ms.append((time.perf_counter() - begun) * 1000)
            time.sleep(BETWEEN_S)
    return waits_ms


@contextmanager
def lightening(clip: Path) -> Iterator[None]:
    """Make a clip lighter meanwhile, as a server does: its tools stand back."""
    enough = threading.Event()

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder, suppress(EncodeCancelled):
            make_rung(
                open_job_directory(clip, Path(folder), is_cancelled=enough.is_set), "lean", {}, {}
            )

    worker = threading.Thread(target=work)
    worker.start()
    time.sleep(3)  # until the first encode is at work
    yield
    enough.set()
    worker.join()


if __name__ == "__main__":
    main()
