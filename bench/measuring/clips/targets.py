"""The promised figures of each rendition of each kind of clip, beside the measured ones."""

from dataclasses import dataclass

from content_server.media.media_kinds import ClipKind
from measuring.clips.equal_quality import EqualQuality
from measuring.clips.results import OURS, ClipResult

SLACK_MISREAD = 0.005  # half a point above the source
OPUS_KB, AAC_KB = 120.0, 190.0  # sound, a minute
ENCODES, OUTSIDE_SHARE, MEMORY_MB = 6, 0.03, 1000.0
TIMES_BY_HAND = 1.1  # processor of the whole pipeline beside the chosen encodes and the search
COMPAT_WALL_S = 1.0  # a second of clip, on two idle processors


@dataclass(frozen=True)
class TargetFigures:
    """Bytes at most, qualities at least; `ratio` is how many times ours PeerTube must spend."""

    kb_a_minute: float
    vmaf_mean: float | None = None
    vmaf_p5: float | None = None
    slack_misread: float | None = None
    ratio: float | None = None


TARGETS: dict[tuple[ClipKind, str], TargetFigures] = {
    (ClipKind.SCREEN, "lean"): TargetFigures(440, 94, 90, SLACK_MISREAD, 7),
    (ClipKind.SCREEN, "compat"): TargetFigures(1050, 90),
    (ClipKind.SCREEN, "stills"): TargetFigures(270, slack_misread=0.0),
    (ClipKind.SLIDES, "lean"): TargetFigures(460, 89),
    (ClipKind.SLIDES, "lean, better"): TargetFigures(700, 95, ratio=8),
    (ClipKind.SLIDES, "compat"): TargetFigures(1700, 87.5),
    (ClipKind.SLIDES, "stills"): TargetFigures(150),
    (ClipKind.NATURAL, "lean"): TargetFigures(900, 90, ratio=3.3),
    (ClipKind.NATURAL, "compat"): TargetFigures(1450, 87),
}
NO_TARGETS = TargetFigures(float("inf"))


def targets_of(found: ClipResult) -> TargetFigures:
    """Return what is promised of a row; of what others make, nothing."""
    return (
        TARGETS.get((ClipKind(found.kind), found.rung), NO_TARGETS) if found.is_ours else NO_TARGETS
    )


@dataclass(frozen=True)
class Cell:
    """A figure as text, what was promised of it, and whether it holds (None: nothing promised)."""

    value_text: str
    target: str = ""
    holds: bool | None = None

    def __str__(self) -> str:
        if self.holds is None:
            return self.value_text
        mark = "[green]✓[/]" if self.holds else "[bold red]✗[/]"
        return f"{self.value_text} [dim]{self.target}[/] {mark}"


def at_most(value: float | None, most: float | None, form: str = "{:.0f}") -> Cell:
    """Compare as precisely as is shown: 439.6 kB is 440."""
    if value is None:
        return Cell("–")
    text = form.format(value)
    if most is None or most == float("inf"):
        return Cell(text)
    return Cell(text, f"≤ {form.format(most)}", value <= most)


def at_least(value: float | None, least: float | None, form: str = "{:.1f}") -> Cell:
    if value is None:
        return Cell("–")
    text = form.format(value)
    return Cell(text) if least is None else Cell(text, f"≥ {least:g}", value >= least)


def cells_of(found: ClipResult, equal: EqualQuality | None) -> dict[str, Cell]:
    """Return a row's figures beside what is promised of them, by the table's columns."""
    promise = targets_of(found)
    sound = None
    if found.rung == "compat":
        sound = AAC_KB
    elif found.maker == OURS:
        sound = OPUS_KB
    return {
        "kB/min": at_most(found.kb_a_minute, promise.kb_a_minute),
        "sound": at_most(found.sound_kb_a_minute, sound),
        "VMAF": at_least(found.vmaf_mean, promise.vmaf_mean),
        "p5": at_least(found.vmaf_p5, promise.vmaf_p5),
        "misread": _misread(found, promise),
        "CPU s/s": Cell(f"{found.cpu_s_a_s:.2f}"),
        "wall s/s": at_most(
            found.wall_s_a_s, COMPAT_WALL_S if found.rung == "compat" else None, "{:.2f}"
        ),
        "encodes": at_most(found.encodes, ENCODES) if found.is_ours else Cell(""),
        "PeerTube ÷ ours": _ratio(equal, promise),
    }


def _misread(found: ClipResult, promise: TargetFigures) -> Cell:
    if (
        found.misread_share is None
        or found.source_misread_share is None
        or promise.slack_misread is None
    ):
        return at_most(found.misread_share, None, "{:.1%}")
    return at_most(
        found.misread_share, found.source_misread_share + promise.slack_misread, "{:.1%}"
    )


def _ratio(equal: EqualQuality | None, promise: TargetFigures) -> Cell:
    if equal is None:
        return Cell("")
    if not equal.is_fair:
        return Cell(f"({equal.ratio:.1f}: {equal.nearest} is {equal.distance_vmaf:.1f} VMAF away)")
    return at_least(equal.ratio, promise.ratio)
