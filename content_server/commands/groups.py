"""Groups of the command line: media … and jobs …, each said in one line and done elsewhere."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from content_server.settings import Settings, read_settings

media = typer.Typer(no_args_is_help=True, help="Kho hình và tiếng. The store of media.")
jobs = typer.Typer(no_args_is_help=True, help="Việc của máy. The machine's work.")
console = Console(stderr=True, highlight=False)

DataOption = Annotated[
    Path | None, typer.Option("--data", help="Thư mục dữ liệu. Where everything is kept.")
]


@media.command("gc")
def media_gc(
    data: DataOption = None,
    grace: Annotated[str, typer.Option(help="Chờ bao lâu. How long unnamed: 7d, 12h.")] = "7d",
    *,
    dry_run: Annotated[bool, typer.Option(help="Chỉ đếm. Only count.")] = False,
) -> None:
    """Bỏ tệp không bài nào dùng. Remove files that nothing names any more."""
    from content_server.commands.media import sweep_store  # noqa: PLC0415  # slow to import

    sweep_store(_settings(data), grace, console, dry_run=dry_run)


@media.command("verify")
def media_verify(data: DataOption = None) -> None:
    """Tìm tệp bị hỏng trong kho. Find every file whose bytes have changed."""
    from content_server.commands.media import verify_store  # noqa: PLC0415  # slow to import

    verify_store(_settings(data), console)


@media.command("repair")
def media_repair(data: DataOption = None) -> None:
    """Lấy tệp hỏng ra và làm lại. Take damaged files out; what can be made again is."""
    from content_server.commands.media import repair_store  # noqa: PLC0415  # slow to import

    repair_store(_settings(data), console)


@jobs.command("list")
def jobs_list(data: DataOption = None) -> None:
    """Việc đang làm, đang chờ, bị hỏng. What runs, waits, and failed."""
    from content_server.commands.jobs import list_jobs  # noqa: PLC0415  # slow to import

    list_jobs(_settings(data), console)


@jobs.command("cancel")
def jobs_cancel(
    number: Annotated[int, typer.Argument(help="Số của việc. The job's number.")],
    data: DataOption = None,
) -> None:
    """Dừng một việc. Stop a job; its tools end within a second."""
    from content_server.commands.jobs import cancel_job  # noqa: PLC0415  # slow to import

    cancel_job(_settings(data), number, console)


def _settings(data: Path | None) -> Settings:
    return read_settings(None, {"data_dir": data.absolute() if data else None})
