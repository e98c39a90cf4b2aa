"""The media: what the finished files weigh, and how loud the recordings are."""

import re
import statistics
import tempfile
from collections.abc import Iterator

import imageio_ffmpeg
from sqlmodel import col, select

from content_server.media.tables import Rendition
from content_server.services import Services, open_services
from content_server.settings import Settings
from measuring.bench import Bench, Figure
from measuring.processes import run_program

SENTENCE_S = 12  # a sentence said slowly: what the promise speaks of


def measure_media(bench: Bench) -> Iterator[Figure]:
    """Yield what finished media weigh and how loud they are, heard from the files themselves."""
    services = open_services(Settings(data_dir=bench.data))
    with services.database.read() as session:
        rows = session.exec(select(Rendition).order_by(col(Rendition.bytes))).all()
        cards = link_preview_bytes(services)
    voices = [row for row in rows if row.content_type.startswith("audio/")]
    for name, kind, most_kb in (("Opus", "audio/ogg", None), ("M4A", "audio/mp4", 50)):
        sizes_kb = sorted(
            row.bytes / 1000 * SENTENCE_S / (row.duration_ms / 1000)
            for row in voices
            if row.content_type.startswith(kind) and row.duration_ms
        )
        note = f"median {statistics.median(sizes_kb):.1f} of {len(sizes_kb)}"
        yield Figure(
            f"voice, {name}, heaviest 12 s", sizes_kb[-1], "kB", at_most=most_kb, note=note
        )
    for kind in ("audio/ogg", "audio/mp4"):
        heard = [
            measure_loudness_lufs(services, row)
            for row in voices
            if row.content_type.startswith(kind)
        ]
        farthest = max(abs(lufs + 16) for lufs in heard)
        note = f"{min(heard):.1f} to {max(heard):.1f} LUFS, {len(heard)} files"
        yield Figure(f"{kind}, farthest from −16 LUFS", farthest, "LU", at_most=1, note=note)
    for row in rows:
        if row.content_type.startswith(("video/", "image/")):
            size = f"{row.width_px}×{row.height_px}"
            yield Figure(f"{row.rung}, {row.content_type}", row.bytes / 1000, "kB", note=size)
    yield Figure(
        "heaviest link preview", max(cards) / 1000, "kB", at_most=100, note=f"{len(cards)} of them"
    )


def link_preview_bytes(services: Services) -> list[int]:
    """Return the weight of every link preview that a published page names."""
    with services.database.read() as session:
        entries = {entry.path: entry for entry in services.tree.entries(session)}
    named = re.compile(rb'og:image" content="[^"]*(/m/[^"]+)"')
    found = {
        match[1].decode()
        for entry in entries.values()
        if entry.content_type.startswith("text/html")
        for match in named.finditer(services.store.read_bytes(entry.identity.digest))
    }
    return [entries[path].identity.size_bytes for path in sorted(found)]


def measure_loudness_lufs(services: Services, row: Rendition) -> float:
    """Return the loudness of a finished recording, by EBU R 128 over its decoded sound."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(services.store.read_bytes(row.digest))
        file.flush()
        words = run_program(
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-i", file.name),
            *("-af", "ebur128=framelog=quiet", "-f", "null", "-"),
        )
    return float(re.findall(r"I: +(-?[\d.]+) LUFS", words)[-1])
