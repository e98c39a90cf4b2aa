#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Measures the promises that are figures: the pipeline, the villager's pages, server and media.

    bench/pipeline.py                  everything, in some ten minutes
    bench/pipeline.py --quick          one run of each, in four: for a look, not for a claim
    bench/pipeline.py --json FILE      also write every figure

Works in a folder of its own on free ports; touches no data of yours. Run it on a quiet machine:
each table says how busy the machine was. Needs wrk (Debian: apt-get install wrk) and what
scripts/test sets up: Chromium, nginx with brotli.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path

from measuring.bench import Bench
from measuring.media import measure_media
from measuring.pipeline import measure_pipeline
from measuring.server import measure_server
from measuring.villager import measure_villager_pages
from rich.console import Console


def main() -> None:
    """Measure, print each section as it is done, write all of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one run of each")
    parser.add_argument("--json", type=Path, help="write every figure here")
    options = parser.parse_args()
    console = Console(width=120)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder), 1 if options.quick else 3, console)
        found = {
            "pipeline": bench.show("Pipeline", measure_pipeline(bench)),
            "villager": measure_villager_pages(bench),
            "server": bench.show("Server", measure_server(bench)),
            "media": bench.show("Media", measure_media(bench)),
        }
    if options.json:
        found["machine"] = [{"processors": os.cpu_count(), "load": os.getloadavg()}]
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
