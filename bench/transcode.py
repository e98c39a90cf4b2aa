#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Transcodes clips with our ladder and with the defaults of others, and compares size and quality.

    bench/transcode.py FOLDER…                 every clip in these folders
    bench/transcode.py FOLDER --plot F.png     also draw bytes against quality
    bench/transcode.py FOLDER --json F.json    also write every figure
    bench/transcode.py FOLDER --ours           without the others, for a quick check

A clip may have any size and length the server accepts, with sound or without; `name.txt` beside
`name.mp4` holds its legible text (bench/measuring/clips/text_recognition.py). Sample clips:
bench/make_clips.py. Others: MediaCMS, PeerTube, Apple's lowest rungs, a chat application's 480p
(bench/measuring/clips/peers.py). Bytes are those of the whole file, sound included. A file of
another size or frame rate is scaled to its source's before it is scored
(bench/measuring/clips/comparison.py), so VMAF tells how it looks on one and the same phone.
"PeerTube ÷ ours" is PeerTube's bytes at our quality, interpolated between its two nearest rungs; in
brackets where even its nearest rung is more than one VMAF point away. Our processor time includes
the analysis and the search. Three clips of 40 s take half an hour; times are valid on a quiet
machine only.
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
from measuring.clips.clip_measurement import measure_clip
from measuring.clips.cost import largest_child_mb
from measuring.clips.plot import draw
from measuring.clips.result_tables import compare_with_peertube, result_tables
from measuring.clips.results import ClipResult
from measuring.clips.targets import MEMORY_MB, OUTSIDE_SHARE, TIMES_BY_HAND, cells_of
from measuring.clips.text_recognition import ocr_languages
from rich.console import Console

from content_server.errors import AppError

CLIP_SUFFIXES = {".mp4", ".m4v", ".mov", ".3gp", ".webm", ".mkv"}


def main() -> None:
    """Measure, print, draw, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--json", type=Path, help="write every figure here")
    parser.add_argument("--plot", type=Path, help="draw bytes against quality here, as PNG")
    parser.add_argument("--ours", action="store_true", help="without the others")
    options = parser.parse_args()
    console = Console(width=190)
    clips = list(clips_in(options.folders))
    if not clips:
        sys.exit("no clips in " + ", ".join(map(str, options.folders)))
    reader = ocr_languages()
    if reader is None:
        console.print("Nothing is read: tesseract with Vietnamese is not installed.")
    rows = list(rows_of(clips, reader, console, with_peers=not options.ours))
    if not rows:
        sys.exit("none of these clips could be transcoded")
    for table in result_tables(rows):
        console.print(table)
    work = Bench(Path(), 1, console).show("Work", work_figures(rows))
    if options.plot:
        draw(rows, options.plot)
    if options.json:
        found = {"files": [as_data(row, rows) for row in rows], "work": work}
        machine = {"processors": os.cpu_count(), "load": os.getloadavg()}
        options.json.write_text(json.dumps(found | {"machine": machine}, indent=1))


def clips_in(folders: Sequence[Path]) -> Iterator[Path]:
    """Yield the clips in these folders, or those given as files."""
    for folder in folders:
        inside = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
        yield from (
            path for path in inside if path.suffix.lower() in CLIP_SUFFIXES and path.is_file()
        )


def rows_of(
    clips: Sequence[Path], reader: str | None, console: Console, *, with_peers: bool
) -> Iterator[ClipResult]:
    """Yield the results of each clip; a refused clip is reported and skipped."""
    for number, clip in enumerate(clips, 1):
        with (
            tempfile.TemporaryDirectory(prefix="transcode-") as folder,
            console.status("") as status,
        ):
            try:
                work = Path(folder) / "work"
                for row in measure_clip(clip, work, reader, console.print, with_peers=with_peers):
                    status.update(f"clip {number} of {len(clips)}: {row.maker} {row.rung} measured")
                    yield row
            except AppError as error:
                console.print(f"{clip.name}: [red]left out[/]: {error}", highlight=False)


def work_figures(rows: Sequence[ClipResult]) -> Iterator[Figure]:
    """Yield the costs of transcoding besides the encodes themselves, over all clips."""
    ours = [row for row in rows if row.is_ours]
    total = sum(row.cpu_s_a_s for row in ours)
    outside = sum(row.outside_share * row.cpu_s_a_s for row in ours) / max(total, 1e-9)
    by_hand = sum(row.by_hand_share * row.cpu_s_a_s for row in ours)
    times = total / max(by_hand, 1e-9)
    yield Figure("processor time outside ffmpeg", outside * 100, "%", at_most=OUTSIDE_SHARE * 100)
    yield Figure("all of it ÷ encodes and search by hand", times, "×", at_most=TIMES_BY_HAND)
    yield Figure("most memory of any tool", largest_child_mb(), "MB", at_most=MEMORY_MB)
    yield Figure("most encodes of one search", max(r.encodes for r in ours), "", at_most=6)


def as_data(row: ClipResult, rows: Sequence[ClipResult]) -> dict[str, Any]:
    """Return a row with its verdicts as plain data."""
    equal = compare_with_peertube(row, rows)
    cells = cells_of(row, equal)
    return asdict(row) | {
        "peertube": asdict(equal) if equal else None,
        "promised": {n: c.target for n, c in cells.items() if c.target},
        "holds": {n: c.holds for n, c in cells.items() if c.holds is not None},
    }


if __name__ == "__main__":
    main()
