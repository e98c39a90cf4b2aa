"""Tables of the results, one for each kind of clip."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from content_server.media.media_kinds import ClipKind
from measuring.bench import section_title
from measuring.clips.equal_quality import EqualQuality, find_equal_quality
from measuring.clips.results import ClipResult
from measuring.clips.targets import cells_of

COLUMNS = ("kB/min", "sound", "VMAF", "p5", "misread", "CPU s/s", "wall s/s", "encodes")
RATIO = "PeerTube ÷ ours"


def result_tables(rows: Sequence[ClipResult]) -> Iterator[Table]:
    """Yield a table a kind, those kinds that no clip was of left out."""
    for kind in ClipKind:
        same = [row for row in rows if row.kind == kind]
        if same:
            yield _table(kind, same)


def _table(kind: ClipKind, rows: Sequence[ClipResult]) -> Table:
    clips = dict.fromkeys(row.clip for row in rows)
    source = {
        row.clip: row.source_misread_share for row in rows if row.source_misread_share is not None
    }
    read = "".join(f", {name} itself misread {share:.1%}" for name, share in source.items())
    title = section_title(f"{kind}: {len(clips)} clips{read}")
    table = Table(title=title, title_justify="left")
    for column in ("clip", "file", "px"):
        table.add_column(column)
    for column in (*COLUMNS, RATIO):
        table.add_column(column, justify="right")
    for clip in clips:
        mine = [row for row in rows if row.clip == clip]
        for row in mine:
            cells = cells_of(row, compare_with_peertube(row, mine))
            size = f"{row.width_px}×{row.height_px}"
            name = f"[bold]{row.rung}[/]" if row.is_ours else f"{row.maker} {row.rung}"
            table.add_row(clip, name, size, *(str(cells[each]) for each in (*COLUMNS, RATIO)))
        table.add_section()
    return table


def compare_with_peertube(row: ClipResult, rows: Sequence[ClipResult]) -> EqualQuality | None:
    """Return what PeerTube would spend on the quality of one of ours; None for other rows."""
    peers = [each for each in rows if each.maker == "PeerTube" and each.clip == row.clip]
    return find_equal_quality(row, peers) if row.is_ours else None
