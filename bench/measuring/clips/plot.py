"""Draws bytes a minute against VMAF, a panel for each clip: up and to the left is better."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from measuring.clips.results import OURS, ClipResult

mpl.use("Agg")
COLOURS = {
    OURS: "#b3261e",
    "PeerTube": "#1f5fa8",
    "MediaCMS": "#2e7d32",
    "Apple": "#6b6b6b",
    "chat": "#8a5a00",
}
MARKS = {OURS: "*", "PeerTube": "o", "MediaCMS": "s", "Apple": "^", "chat": "D"}
PANEL_INCHES, MOST_COLUMNS = (6.0, 4.6), 3


def draw(rows: Sequence[ClipResult], target: Path) -> None:
    """Write the plot as PNG. A rendition without VMAF (stills) is a line at its bytes."""
    clips = list(dict.fromkeys(row.clip for row in rows))
    columns = min(MOST_COLUMNS, len(clips))
    lines = -(-len(clips) // columns)
    width, height = PANEL_INCHES
    figure = Figure(figsize=(width * columns, height * lines), layout="constrained")
    for axes, clip in zip(figure.subplots(lines, columns, squeeze=False).flat, clips, strict=False):
        _panel(axes, clip, [row for row in rows if row.clip == clip])
    for axes in figure.axes[len(clips) :]:
        axes.set_visible(False)
    figure.savefig(target, format="png", dpi=110)


def _panel(axes: Axes, clip: str, rows: Sequence[ClipResult]) -> None:
    for maker in dict.fromkeys(row.maker for row in rows):
        seen = sorted(
            (row for row in rows if row.maker == maker and row.vmaf_mean is not None),
            key=lambda row: row.kb_a_minute,
        )
        if seen:
            _line(axes, maker, seen)
    for row in rows:
        if row.vmaf_mean is None:
            axes.axvline(row.kb_a_minute, color=COLOURS[row.maker], linestyle=":", linewidth=1)
            axes.annotate(
                f"{row.rung}, {row.kb_a_minute:.0f} kB", (row.kb_a_minute, 2), rotation=90,
                xycoords=("data", "data"), fontsize=7, color=COLOURS[row.maker], va="bottom",
                ha="right",
            )  # fmt: skip
    axes.set_xscale("log")
    axes.set_ylim(0, 102)
    axes.set_title(f"{clip} ({rows[0].kind})", fontsize=10)
    axes.set_xlabel("kB a minute, whole file (log)", fontsize=8)
    axes.set_ylabel("VMAF, mean", fontsize=8)
    axes.grid(visible=True, which="both", alpha=0.25)
    axes.xaxis.set_major_formatter(mpl.ticker.FuncFormatter(lambda kb, _at: f"{kb:g}"))
    axes.xaxis.set_minor_formatter(mpl.ticker.LogFormatter(minor_thresholds=(2, 0.5)))
    axes.tick_params(labelsize=7, which="both")
    axes.legend(fontsize=8, loc="lower right")


def _line(axes: Axes, maker: str, seen: Sequence[ClipResult]) -> None:
    """Draw one maker's files as a line, each point named by its rung."""
    means = [row.vmaf_mean or 0.0 for row in seen]
    axes.plot(
        [row.kb_a_minute for row in seen], means, marker=MARKS[maker], color=COLOURS[maker],
        markersize=11 if maker == OURS else 5, linewidth=1.6 if maker == OURS else 0.9, label=maker,
    )  # fmt: skip
    for row, mean in zip(seen, means, strict=True):
        axes.annotate(
            row.rung, (row.kb_a_minute, mean), xytext=(4, -9), textcoords="offset points",
            fontsize=7, color=COLOURS[maker],
        )  # fmt: skip
