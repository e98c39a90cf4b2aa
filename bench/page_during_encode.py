#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Times a page on an idle server, and again while a background rendition is encoded beside it.

    bench/page_during_encode.py http://127.0.0.1:8000/vi/dung-zalo media/dung-zalo/xem.mp4

Media tools run at low priority (the setting TOOL_NICENESS): the page may take at most BLINK_MS
longer. Times are valid on a quiet machine only.
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
from content_server.media.ffmpeg.runner import ToolPriority
from content_server.media.video.clip_renditions import make_background_rung
from content_server.settings import Settings

VISITS, BETWEEN_S, BLINK_MS = 400, 0.02, 100.0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="of a page of a server that is running")
    parser.add_argument("clip", type=Path, help="a clip to encode meanwhile")
    options = parser.parse_args()
    waits_ms = {"alone": measure_visits(options.address)}
    with encoding(options.clip):
        waits_ms["beside an encode"] = measure_visits(options.address)
    figures = [
        Figure(f"page {when}, {name}", float(value), "ms", at_most=most)
        for when, waits in waits_ms.items()
        for name, value, most in (
            ("median", np.median(waits), None),
            ("p95", np.percentile(waits, 95), BLINK_MS),
        )
    ]
    Bench(Path(), 1, Console()).show("Pages beside an encode", figures)


def measure_visits(address: str) -> list[float]:
    """Return the duration in ms of each visit of a page, one after another."""
    waits_ms = []
    with httpx.Client() as client:
        for _visit in range(VISITS):
            begun = time.perf_counter()
            client.get(address).raise_for_status()
            waits_ms.append((time.perf_counter() - begun) * 1000)
            time.sleep(BETWEEN_S)
    return waits_ms


@contextmanager
def encoding(clip: Path) -> Iterator[None]:
    """Encode the lean rendition of a clip meanwhile, at the priority of a server's tools."""
    stop = threading.Event()

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder, suppress(EncodeCancelled):
            job_directory = open_job_directory(
                clip,
                Path(folder),
                is_cancelled=stop.is_set,
                priority=ToolPriority.from_settings(Settings()),
            )
            make_background_rung(job_directory, "lean", {}, {})

    worker = threading.Thread(target=work)
    worker.start()
    time.sleep(3)  # until the first encode is at work
    yield
    stop.set()
    worker.join()


if __name__ == "__main__":
    main()
