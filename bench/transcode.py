#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Shrinks any clips with our ladder and with what others do by default, and compares.

    bench/transcode.py FOLDER…                 every film in these folders
    bench/transcode.py FOLDER --plot F.png     also draw bytes against quality
    bench/transcode.py FOLDER --json F.json    also write every figure
    bench/transcode.py FOLDER --ours           without the others: for a look, not for a claim

A clip may be of any size and length the server accepts, with sound or without; `name.txt` beside
`name.mp4` says what can be read in it (bench/measuring/films/reading.py). Clips to start with:
bench/make_clips.py. Others: MediaCMS, PeerTube, Apple's lowest rungs, a chat application's 480p
(bench/measuring/films/peers.py). Bytes are those of the whole file, sound included. A file of
another size or beat is enlarged to its source's and looked at there (bench/measuring/films/
seeing.py), so VMAF says how it looks on one and the same phone. "PeerTube ÷ ours" is what PeerTube
spends on our quality, read off the line between its two nearest rungs; in brackets where even its
nearest rung is more than one VMAF point away. Processor time of ours holds looking and searching.
Half an hour for three clips of 40 s; seconds are only true on a quiet machine.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from measuring.bench import Bench, Figure
from measuring.films.found import Found
from measuring.films.measured import measured
from measuring.films.plot import draw
from measuring.films.promised import MEMORY_MB, OUTSIDE_SHARE, TIMES_BY_HAND, cells_of
from measuring.films.reading import languages
from measuring.films.spent import largest_child_mb
from measuring.films.tables import against_peertube, tables_of
from rich.console import Console

from content_server.errors import AppError

FILMS = {".mp4", ".m4v", ".mov", ".3gp", ".webm", ".mkv"}


def main() -> None:
    """Measure, print, draw, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--json", type=Path, help="write every figure here")
    parser.add_argument("--plot", type=Path, help="draw bytes against quality here, as PNG")
    parser.add_argument("--ours", action="store_true", help="without the others")
    given = parser.parse_args()
    console = Console(width=190)
    clips = list(clips_in(given.folders))
    if not clips:
        sys.exit("no clips in " + ", ".join(map(str, given.folders)))
    reader = languages()
    if reader is None:
        console.print("Nothing is read: tesseract with Vietnamese is not installed.")
    rows = list(rows_of(clips, reader, console, with_peers=not given.ours))
    if not rows:
        sys.exit("none of these clips could be shrunk")
    for table in tables_of(rows):
        console.print(table)
    work = Bench(Path(), 1, console).show("Work", work_figures(rows))
    if given.plot:
        draw(rows, given.plot)
    if given.json:
        found = {"files": [as_data(row, rows) for row in rows], "work": work}
        machine = {"processors": os.cpu_count(), "load": os.getloadavg()}
        given.json.write_text(json.dumps(found | {"machine": machine}, indent=1))


def clips_in(folders: Sequence[Path]) -> Iterator[Path]:
    """Yield the films in these folders, or named themselves."""
    for folder in folders:
        inside = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
        yield from (path for path in inside if path.suffix.lower() in FILMS and path.is_file())


def rows_of(
    clips: Sequence[Path], reader: str | None, console: Console, *, with_peers: bool
) -> Iterator[Found]:
    """Yield what was found of each clip; one that is refused costs a line and nothing else."""
    for number, clip in enumerate(clips, 1):
        with tempfile.TemporaryDirectory(prefix="shrink-") as folder, console.status("") as status:
            try:
                work = Path(folder) / "work"
                for row in measured(clip, work, reader, console.print, with_peers=with_peers):
                    status.update(f"clip {number} of {len(clips)}: {row.who} {row.rung} measured")
                    yield row
            except AppError as error:
                console.print(f"{clip.name}: [red]left out[/]: {error}", highlight=False)


def work_figures(rows: Sequence[Found]) -> Iterator[Figure]:
    """Yield what shrinking costs besides the encodes themselves, over all clips."""
    ours = [row for row in rows if row.is_ours]
    total = sum(row.cpu_s_a_s for row in ours)
    outside = sum(row.outside_share * row.cpu_s_a_s for row in ours) / max(total, 1e-9)
    by_hand = sum(row.by_hand_share * row.cpu_s_a_s for row in ours)
    times = total / max(by_hand, 1e-9)
    yield Figure("processor time outside ffmpeg", outside * 100, "%", at_most=OUTSIDE_SHARE * 100)
    yield Figure("all of it ÷ encodes and search by hand", times, "×", at_most=TIMES_BY_HAND)
    yield Figure("most memory of any tool", largest_child_mb(), "MB", at_most=MEMORY_MB)
    yield Figure("most encodes of one search", max(r.encodes for r in ours), "", at_most=6)


def as_data(row: Found, rows: Sequence[Found]) -> dict[str, Any]:
    """Return a row with its verdicts as plain data."""
    equal = against_peertube(row, rows)
    cells = cells_of(row, equal)
    return asdict(row) | {
        "peertube": asdict(equal) if equal else None,
        "promised": {n: c.promised for n, c in cells.items() if c.promised},
        "holds": {n: c.holds for n, c in cells.items() if c.holds is not None},
    }


if __name__ == "__main__":
    main()
