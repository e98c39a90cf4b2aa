#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Measures the promises that are figures: the road, the villager's page, the server, the media.

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
from measuring.media import media
from measuring.pipeline import road
from measuring.server import server
from measuring.villager import villager
from rich.console import Console


def main() -> None:
    """Measure, print each section as it is done, write all of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one run of each")
    parser.add_argument("--json", type=Path, help="write every figure here")
    given = parser.parse_args()
    console = Console(width=120)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(Path(folder), 1 if given.quick else 3, console)
        found = {
            "road": bench.show("Road", road(bench)),
            "villager": villager(bench),
            "server": bench.show("Server", server(bench)),
            "media": bench.show("Media", media(bench)),
        }
    if given.json:
        found["machine"] = [{"processors": os.cpu_count(), "load": os.getloadavg()}]
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
