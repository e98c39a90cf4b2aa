"""The command groups `media`, `jobs` and `village`; the modules they import do the work."""

from typing import Annotated

import typer
from rich.console import Console

from content_server.cli.options import DataOption, settings_of

media = typer.Typer(no_args_is_help=True, help="Kho hình và tiếng. The store of media.")
jobs = typer.Typer(no_args_is_help=True, help="Việc của máy. The machine's work.")
village = typer.Typer(no_args_is_help=True, help="Bản và mã. Villages and their codes.")
console = Console(stderr=True, highlight=False)


@media.command("gc")
def media_gc(
    data: DataOption = None,
    grace: Annotated[str, typer.Option(help="Chờ bao lâu. How long unnamed: 7d, 12h.")] = "7d",
    *,
    dry_run: Annotated[bool, typer.Option(help="Chỉ đếm. Only count.")] = False,
) -> None:
    """Bỏ tệp không bài nào dùng. Remove files that nothing names any more."""
    from content_server.cli.media.store import sweep_store  # noqa: PLC0415  # slow to import

    sweep_store(settings_of(data), grace, console, dry_run=dry_run)


@media.command("verify")
def media_verify(data: DataOption = None) -> None:
    """Tìm tệp bị hỏng trong kho. Find every file whose bytes have changed."""
    from content_server.cli.media.store import verify_store  # noqa: PLC0415  # slow to import

    verify_store(settings_of(data), console)


@media.command("repair")
def media_repair(data: DataOption = None) -> None:
    """Lấy tệp hỏng ra và làm lại. Take damaged files out; what can be made again is."""
    from content_server.cli.media.store import repair_store  # noqa: PLC0415  # slow to import

    repair_store(settings_of(data), console)


@media.command("films")
def media_clips(data: DataOption = None) -> None:
    """Mỗi phim là gì, đã làm nhẹ ra sao. What each clip shows, and what was made of it."""
    from content_server.cli.media.clip_report import print_clip_report  # noqa: PLC0415  # slow to import

    print_clip_report(settings_of(data), console)


@jobs.command("list")
def jobs_list(data: DataOption = None) -> None:
    """Việc đang làm, đang chờ, bị hỏng. What runs, waits, and failed."""
    from content_server.cli.jobs import list_jobs  # noqa: PLC0415  # slow to import

    list_jobs(settings_of(data), console)


@jobs.command("cancel")
def jobs_cancel(
    number: Annotated[int, typer.Argument(help="Số của việc. The job's number.")],
    data: DataOption = None,
) -> None:
    """Dừng một việc. Stop a job; its tools end within a second."""
    from content_server.cli.jobs import cancel_job  # noqa: PLC0415  # slow to import

    cancel_job(settings_of(data), number, console)


@village.command("add")
def village_add(
    name: Annotated[str, typer.Argument(help="Tên bản: Nà Phát. The village's name.")],
    unit: Annotated[str, typer.Option(help="Xã: Mường Kim. The commune.")],
    kind: Annotated[str, typer.Option(help="village, market, class: bản, chợ, lớp.")] = "village",
    code: Annotated[str, typer.Option(help="Mã muốn có; bỏ trống thì máy đặt. Code.")] = "",
    data: DataOption = None,
) -> None:
    """Cho một bản, chợ hay lớp một mã. Give a village, market or class a code."""
    from content_server.cli.village import add_village  # noqa: PLC0415  # slow to import

    add_village(settings_of(data), name, unit, kind, code, console)


@village.command("list")
def village_list(
    data: DataOption = None,
    *,
    closed: Annotated[bool, typer.Option(help="Cả mã đã đóng. Closed ones too.")] = False,
) -> None:
    """Kể các bản và mã. List villages and their codes."""
    from content_server.cli.village import list_villages  # noqa: PLC0415  # slow to import

    list_villages(settings_of(data), console, closed=closed)


@village.command("close")
def village_close(
    code: Annotated[str, typer.Argument(help="Mã: x7k2. The code.")], data: DataOption = None
) -> None:
    """Đóng một mã: không đếm cho bản ấy nữa. Close a code; what is counted stays."""
    from content_server.cli.village import close_village  # noqa: PLC0415  # slow to import

    close_village(settings_of(data), code, console)
