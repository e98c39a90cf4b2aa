"""What is promised of each rendition of each kind of clip (issue "Shrink", table of figures)."""

from dataclasses import dataclass

from content_server.media.media_kinds import ClipKind
from measuring.films.equal import Equal
from measuring.films.found import OURS, Found

SLACK_MISREAD = 0.005  # half a point above the source
OPUS_KB, AAC_KB = 120.0, 190.0  # sound, a minute
ENCODES, OUTSIDE_SHARE, MEMORY_MB = 6, 0.03, 1000.0
TIMES_BY_HAND = 1.1  # processor of the whole pipeline beside the chosen encodes and the search
COMPAT_WALL_S = 1.0  # a second of clip, on two idle processors


@dataclass(frozen=True)
class Promise:
    """Bytes at most, qualities at least; `ratio` is how many times ours PeerTube must spend."""

    kb_a_minute: float
    vmaf_mean: float | None = None
    vmaf_p5: float | None = None
    slack_misread: float | None = None
    ratio: float | None = None


PROMISES: dict[tuple[ClipKind, str], Promise] = {
    (ClipKind.SCREEN, "lean"): Promise(440, 94, 90, SLACK_MISREAD, 7),
    (ClipKind.SCREEN, "compat"): Promise(1050, 90),
    (ClipKind.SCREEN, "stills"): Promise(270, slack_misread=0.0),
    (ClipKind.SLIDES, "lean"): Promise(460, 89),
    (ClipKind.SLIDES, "lean, better"): Promise(700, 95, ratio=8),
    (ClipKind.SLIDES, "compat"): Promise(1700, 87.5),
    (ClipKind.SLIDES, "stills"): Promise(150),
    (ClipKind.NATURAL, "lean"): Promise(900, 90, ratio=3.3),
    (ClipKind.NATURAL, "compat"): Promise(1450, 87),
}
NOTHING = Promise(float("inf"))


def promise_of(found: Found) -> Promise:
    """Return what is promised of a row; of what others make, nothing."""
    return PROMISES.get((ClipKind(found.kind), found.rung), NOTHING) if found.is_ours else NOTHING


@dataclass(frozen=True)
class Cell:
    """A figure as text, what was promised of it, and whether it holds (None: nothing promised)."""

    text: str
    promised: str = ""
    holds: bool | None = None

    def __str__(self) -> str:
        if self.holds is None:
            return self.text
        mark = "[green]✓[/]" if self.holds else "[bold red]✗[/]"
        return f"{self.text} [dim]{self.promised}[/] {mark}"


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


def cells_of(found: Found, equal: Equal | None) -> dict[str, Cell]:
    """Return a row's figures beside what is promised of them, by the table's columns."""
    promise = promise_of(found)
    sound = None
    if found.rung == "compat":
        sound = AAC_KB
    elif found.who == OURS:
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


def _misread(found: Found, promise: Promise) -> Cell:
    if found.misread is None or found.misread_source is None or promise.slack_misread is None:
        return at_most(found.misread, None, "{:.1%}")
    return at_most(found.misread, found.misread_source + promise.slack_misread, "{:.1%}")


def _ratio(equal: Equal | None, promise: Promise) -> Cell:
    if equal is None:
        return Cell("")
    if not equal.is_fair:
        return Cell(f"({equal.ratio:.1f}: {equal.nearest} is {equal.apart:.1f} VMAF away)")
    return at_least(equal.ratio, promise.ratio)
