"""The pipeline section: ingest and publish on an empty folder, again unchanged, and a start."""

import resource
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass

import imageio_ffmpeg
from sqlmodel import select

from content_server.media.tables import Rendition
from content_server.services import open_services
from content_server.settings import Settings
from measuring.bench import CONTENT_SERVER, Bench, Figure
from measuring.processes import run_program, serve_data

# ffmpeg is started through this: one line in a file for each start, then ffmpeg itself.
COUNTING_FFMPEG = """\
#!/bin/sh
echo >>'{ledger}'
exec '{ffmpeg}' "$@"
"""


def measure_pipeline(bench: Bench) -> list[Figure]:
    """Measure ingest and publish on an empty folder, then again with nothing changed; and a start.

    A start is that of content-server, which scripts/serve becomes as soon as it has seen that the
    set-up is done.
    """
    first = run_ingest(bench)
    seconds = [run_ingest(bench) for _run in range(bench.runs)]
    starts_s = []
    for _run in range(bench.runs):
        began_s = time.monotonic()
        with serve_data(bench):
            starts_s.append(time.monotonic() - began_s)
    services = open_services(Settings(data_dir=bench.data))
    with services.database.read() as session:
        renditions = session.exec(select(Rendition)).all()
    made = f"of {len({r.source_digest for r in renditions})} sources, {len(renditions)} files"
    return [
        Figure("first ingest and publish", first.wall_s, "s", at_most=90),
        Figure("  processor time", first.cpu_s, "s"),
        Figure("  ffmpeg processes", first.ffmpeg_starts, ""),
        Figure("  renditions", sum(r.bytes for r in renditions) / 1e6, "MB", note=made),
        Figure(
            "second, nothing changed",
            statistics.median(s.wall_s for s in seconds),
            "s",
            at_most=2,
            note=f"each {join_seconds(s.wall_s for s in seconds)}",
        ),
        Figure("  processor time", statistics.median(s.cpu_s for s in seconds), "s"),
        Figure("  ffmpeg processes", max(s.ffmpeg_starts for s in seconds), "", at_most=0),
        Figure(
            "second start to first 200",
            statistics.median(starts_s),
            "s",
            at_most=3,
            note=f"each {join_seconds(starts_s)}",
        ),
    ]


def join_seconds(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.2f}" for value in values)


@dataclass(frozen=True)
class IngestCost:
    """What one `content-server ingest` took, its children included."""

    wall_s: float
    cpu_s: float
    ffmpeg_starts: int


def run_ingest(bench: Bench) -> IngestCost:
    """Ingest the starter lessons as a process of its own, and count the ffmpegs it starts."""
    ledger, ffmpeg = bench.folder / "started", bench.folder / "ffmpeg"
    ledger.write_bytes(b"")
    ffmpeg.write_text(COUNTING_FFMPEG.format(ledger=ledger, ffmpeg=imageio_ffmpeg.get_ffmpeg_exe()))
    ffmpeg.chmod(0o755)
    environment = {**bench.server_environment(), "IMAGEIO_FFMPEG_EXE": str(ffmpeg)}
    before_s, began_s = children_cpu_s(), time.monotonic()
    run_program(CONTENT_SERVER, "ingest", "--data", bench.data, environment=environment)
    wall_s, cpu_s = time.monotonic() - began_s, children_cpu_s() - before_s
    return IngestCost(wall_s, cpu_s, ledger.read_bytes().count(b"\n"))


def children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
