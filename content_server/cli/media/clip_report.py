"""The media films command: each clip's analysis and renditions."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from sqlmodel import Session, select

from content_server.media.media_kinds import MediaKind
from content_server.media.tables import CachedAnalysis, Rendition, Source
from content_server.media.video.clip_renditions import CLIP_ANALYSIS
from content_server.phrases import _
from content_server.services import open_services
from content_server.settings import Settings

RUNGS = ("compat", "lean", "stills")


def print_clip_report(settings: Settings, console: Console) -> None:
    """Print every clip: its kind, the reason, and each rung made or skipped."""
    services = open_services(settings)
    table = Table(*(str(head) for head in (_("Phim"), _("Là gì"), *RUNGS)))
    with services.database.read() as session:
        clips = session.exec(select(Source).where(Source.kind == MediaKind.CLIP)).all()
        for clip in sorted(clips, key=lambda each: each.name):
            table.add_row(*_row(session, clip))
    console.print(table)


def _row(session: Session, clip: Source) -> Iterator[str]:
    rows = session.exec(select(Rendition).where(Rendition.source_digest == clip.digest))
    made = {row.rung: row.bytes for row in rows}
    query = select(CachedAnalysis).where(CachedAnalysis.source_digest == clip.digest)
    found = {row.name: row.value for row in session.exec(query)}
    analysis = found.get(CLIP_ANALYSIS, {"kind": "?", "why": ""})
    yield clip.name
    yield f"{analysis['kind']}: {analysis['why']}"
    for rung in RUNGS:
        left_out = next((f["why"] for name, f in found.items() if name.endswith(f"/{rung}")), "–")
        setting = next((f for name, f in found.items() if name.rpartition("-")[0] == rung), None)
        quality = f", VMAF {setting['mean']:.1f}" if setting and "mean" in setting else ""
        yield f"{made[rung] // 1000} kB{quality}" if rung in made else left_out
