"""What every section needs: a data folder, the number of runs, tables of figures and promises."""

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

BENCH_DIR = Path(__file__).resolve().parent.parent
CONTENT_SERVER = BENCH_DIR.parent / ".venv" / "bin" / "content-server"


@dataclass(frozen=True)
class Figure:
    """One measured figure and what was promised of it."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def target_text(self) -> str:
        if self.at_most is not None:
            return f"≤ {self.at_most:g}"
        return f"≥ {self.at_least:g}" if self.at_least is not None else ""

    @property
    def verdict(self) -> str:
        if not self.target_text:
            return ""
        too_much = self.at_most is not None and self.value > self.at_most
        too_little = self.at_least is not None and self.value < self.at_least
        return "[bold red]✗[/]" if too_much or too_little else "[green]✓[/]"


@dataclass(frozen=True)
class Bench:
    """A data folder, the number of runs of each measurement, and the console."""

    folder: Path
    runs: int
    console: Console

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def server_environment(self) -> dict[str, str]:
        """Return the environment of an ordinary machine, with Python's bytecode in our folder.

        Where bytecode is never written, as in many containers, every start compiles everything
        (measured: 2.0 s of processor time instead of 0.6 s). Background renditions are switched
        off, so that pages are measured on an idle machine.
        """
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CONTENT_SERVER_", "PYTHONDONTWRITE"))
        }
        apart = {"PYTHONPYCACHEPREFIX": str(self.folder / "bytecode")}
        return {**ours, **apart, "CONTENT_SERVER_BACKGROUND_THREADS": "0"}

    def show(self, title: str, figures: Iterable[Figure]) -> list[dict[str, Any]]:
        """Print a section; return it for the file."""
        figures = list(figures)
        table = Table(title=section_title(title), title_justify="left")
        for name in ("figure", "value", "promised", "", "note"):
            table.add_column(name, justify="right" if name in {"value", "promised"} else "left")
        for each in figures:
            value = f"{each.value:,.0f}" if each.value >= 100 else f"{each.value:,.3g}"  # noqa: PLR2004  # three digits are enough
            table.add_row(
                each.name, f"{value} {each.unit}", each.target_text, each.verdict, each.note
            )
        self.console.print(table)
        return [asdict(each) for each in figures]


def section_title(title: str) -> str:
    """Return a section's title with the machine's load average."""
    load = os.getloadavg()[0]
    return f"\n{title} [dim](load {load:.1f} of {os.cpu_count()})[/]"
