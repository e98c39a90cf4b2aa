"""The box command: a laptop that shows a signed pack to every phone in the hall."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
import uvicorn
from rich.console import Console

from content_server import urls
from content_server.box.installed_pack import InstalledPack
from content_server.box.network import HTTP_PORT, listen, network_addresses
from content_server.box.pack_install import ConfirmKey, install_from_server, install_pack_file
from content_server.box.updates import UpdateNotice, UpdateWatcher, describe_installed
from content_server.errors import AppError, CoursePackUnavailable
from content_server.jobs.lock import lock_data_folder
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.course.container import CoursePack
from content_server.site.course.keys import parse_public_key
from content_server.web.box import create_box

KEEP_ALIVE_S = 75  # as the server's: slow phones come back on the same connection


@dataclass(frozen=True)
class BoxOptions:
    """The options of the box command."""

    pack: Path | None = None
    key: str | None = None
    server: str = ""
    watch: Sequence[Path] | None = None
    port: int | None = None


def run_box(settings: Settings, options: BoxOptions, console: Console) -> None:
    """Install the newest pack, then serve until stopped. Raises AppError."""
    folder = settings.data_dir / "box"
    with lock_data_folder(folder), listen(settings.host, options.port) as listening:
        installed = InstalledPack(folder)
        port: int = listening.getsockname()[1]
        _print_damaged(installed, console)
        notice = _install_newest(installed, options, _trust_policy(installed, options.key, console))
        updates = UpdateWatcher(
            installed, options.watch, options.server, lambda n: _print_notice(n, console)
        )
        updates.last_notice = notice
        app = create_box(
            installed, updates, settings, lambda: network_addresses(settings.host), port
        )
        if notice:
            _print_notice(notice, console)
        _print_addresses(installed, settings, port, options, console)
        updates.start()
        config = uvicorn.Config(
            app,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=5,
            access_log=False,  # nothing about a villager is stored
            server_header=False,
            log_level="warning",
            lifespan="on",
        )
        uvicorn.Server(config).run([listening])
        updates.stop()


def _install_newest(
    installed: InstalledPack, options: BoxOptions, confirm_key: ConfirmKey
) -> UpdateNotice | None:
    """Install the packs of the options; a refusal is fatal only when no pack is installed."""
    notice = None
    if options.pack is not None:
        path = options.pack
        notice = _try_install(installed, lambda: install_pack_file(installed, path, confirm_key))
    if options.server:
        notice = _try_install(
            installed, lambda: install_from_server(installed, options.server, confirm_key), notice
        )
    if installed.pack is None:
        raise CoursePackUnavailable(
            _("Hộp chưa có bài nào. Hãy đưa gói vào: content-server box --pack khoa-hoc.tar")
        )
    return notice


def _try_install(
    installed: InstalledPack,
    install: Callable[[], CoursePack | None],
    before: UpdateNotice | None = None,
) -> UpdateNotice | None:
    """Install a pack; return the notice of it, or `before` when there is none."""
    try:
        pack = install()
    except AppError as error:
        if installed.pack is None:
            raise
        return UpdateNotice(succeeded=False, phrase=error.phrase)
    return UpdateNotice(succeeded=True, phrase=describe_installed(pack)) if pack else before


def _trust_policy(installed: InstalledPack, key: str | None, console: Console) -> ConfirmKey:
    """Return the trust policy: the key of the options, or one that a person compares now."""
    if key:
        typed = parse_public_key(key)
        return lambda _pack: typed

    asked: dict[str, bool] = {}

    def compare(pack: CoursePack) -> str | None:
        shown = pack.manifest.key
        if installed.pack is not None or not sys.stdin.isatty():
            return None
        if shown not in asked:
            console.print(f"Gói của [bold]{pack.manifest.server}[/], ký bằng khóa:\n\n  {shown}\n")
            console.print("So từng nhóm với khóa trên máy làm gói (content-server pack key).")
            asked[shown] = typer.confirm("Khóa có đúng hệt không?", default=False)
        return shown if asked[shown] else None

    return compare


def _print_damaged(installed: InstalledPack, console: Console) -> None:
    damaged = installed.remove_damaged_files()
    if damaged:
        words = ", ".join(damaged[:5])
        console.print(f"[yellow]•[/] {len(damaged)} tệp bị hỏng ({words}): hãy đưa lại gói ấy.")


def _print_notice(notice: UpdateNotice, console: Console) -> None:
    console.print(
        f"[green]✓[/] {notice.phrase}" if notice.succeeded else f"[bold red]✗[/] {notice.phrase}"
    )


def _print_addresses(
    installed: InstalledPack, settings: Settings, port: int, options: BoxOptions, console: Console
) -> None:
    manifest = installed.require_pack().manifest
    here = "http://127.0.0.1" + ("" if port == HTTP_PORT else f":{port}")
    console.print(
        f"\n  [bold]Mở trên máy này[/]   {here}{urls.BOX_START}  [dim]mã QR cho cả phòng[/]"
    )
    for address in network_addresses(settings.host):
        console.print(f"  [bold]Điện thoại mở[/]     {address.url(port)}  [dim]{address.label}[/]")
    if not network_addresses(settings.host):
        console.print("  [yellow]Máy chưa vào mạng nào: bật Wi-Fi, trang trên tự đổi.[/]")
    if options.port is None and port != HTTP_PORT:
        console.print(f"  [dim]Cổng 80 không dùng được ở máy này, nên địa chỉ có :{port}.[/]")
    console.print(f"  [dim]Nội dung ngày {manifest.formatted_date}, gói số {manifest.sequence}.[/]")
    console.print("[dim]Dừng: Ctrl+C[/]")
