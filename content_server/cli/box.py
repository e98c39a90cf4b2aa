"""The box command: a laptop that shows a signed pack to every phone in the hall."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
import uvicorn
from rich.console import Console

from content_server.box.installed_pack import Installed
from content_server.box.network import HTTP_PORT, doors, listen
from content_server.box.pack_install import Vouches, bring_file, bring_from_server
from content_server.box.start_page import START
from content_server.box.updates import News, Updates, brought
from content_server.errors import AppError, CourseNotOffered
from content_server.jobs.lock import hold_data_folder
from content_server.phrases import _
from content_server.settings import Settings
from content_server.site.course.container import Pack
from content_server.site.course.keys import read_public
from content_server.web.box import create_box

KEEP_ALIVE_S = 75  # as the server's: slow phones come back on the same connection


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    pack: Path | None = None
    key: str | None = None
    server: str = ""
    watch: Sequence[Path] | None = None
    port: int | None = None


def run_box(settings: Settings, wanted: Wanted, console: Console) -> None:
    """Take in what is newer, then serve until stopped. Raises Refused's kinds, in words."""
    folder = settings.data_dir / "box"
    with hold_data_folder(folder), listen(settings.host, wanted.port) as listening:
        installed = Installed(folder)
        port: int = listening.getsockname()[1]
        _tell_damaged(installed, console)
        news = _take_in(installed, wanted, _person(installed, wanted.key, console))
        updates = Updates(installed, wanted.watch, wanted.server, lambda n: _tell(n, console))
        updates.news = news
        app = create_box(installed, updates, settings, lambda: doors(settings.host), port)
        if news:
            _tell(news, console)
        _say_where(installed, settings, port, wanted, console)
        updates.start()
        config = uvicorn.Config(
            app,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=5,
            access_log=False,  # nothing about a villager is written down
            server_header=False,
            log_level="warning",
            lifespan="on",
        )
        uvicorn.Server(config).run([listening])
        updates.stop()


def _take_in(installed: Installed, wanted: Wanted, vouches: Vouches) -> News | None:
    """Take in what was named; a refusal ends the start only when there is nothing to show."""
    news = None
    if wanted.pack is not None:
        path = wanted.pack
        news = _tried(installed, lambda: bring_file(installed, path, vouches))
    if wanted.server:
        news = _tried(installed, lambda: bring_from_server(installed, wanted.server, vouches), news)
    if installed.pack is None:
        raise CourseNotOffered(
            _("Hộp chưa có bài nào. Hãy đưa gói vào: content-server box --pack khoa-hoc.tar")
        )
    return news


def _tried(
    installed: Installed, bring: Callable[[], Pack | None], before: News | None = None
) -> News | None:
    """Bring a pack in; return what that came to, or what was told `before`."""
    try:
        pack = bring()
    except AppError as refused:
        if installed.pack is None:
            raise
        return News(fine=False, words=refused.phrase)
    return News(fine=True, words=brought(pack)) if pack else before


def _person(installed: Installed, key: str | None, console: Console) -> Vouches:
    """Return how a key comes to be trusted: it was typed, or a person compares it now."""
    if key:
        typed = read_public(key)
        return lambda _pack: typed

    asked: dict[str, bool] = {}

    def compare(pack: Pack) -> str | None:
        shown = pack.manifest.key
        if installed.pack is not None or not sys.stdin.isatty():
            return None
        if shown not in asked:
            console.print(f"Gói của [bold]{pack.manifest.server}[/], ký bằng khóa:\n\n  {shown}\n")
            console.print("So từng nhóm với khóa trên máy làm gói (content-server pack key).")
            asked[shown] = typer.confirm("Khóa có đúng hệt không?", default=False)
        return shown if asked[shown] else None

    return compare


def _tell_damaged(installed: Installed, console: Console) -> None:
    damaged = installed.forget_damaged()
    if damaged:
        words = ", ".join(damaged[:5])
        console.print(f"[yellow]•[/] {len(damaged)} tệp bị hỏng ({words}): hãy đưa lại gói ấy.")


def _tell(news: News, console: Console) -> None:
    console.print(f"[green]✓[/] {news.words}" if news.fine else f"[bold red]✗[/] {news.words}")


def _say_where(
    installed: Installed, settings: Settings, port: int, wanted: Wanted, console: Console
) -> None:
    manifest = installed.offered().manifest
    here = "http://127.0.0.1" + ("" if port == HTTP_PORT else f":{port}")
    console.print(f"\n  [bold]Mở trên máy này[/]   {here}{START}  [dim]mã QR cho cả phòng[/]")
    for door in doors(settings.host):
        console.print(f"  [bold]Điện thoại mở[/]     {door.url(port)}  [dim]{door.words}[/]")
    if not doors(settings.host):
        console.print("  [yellow]Máy chưa vào mạng nào: bật Wi-Fi, trang trên tự đổi.[/]")
    if wanted.port is None and port != HTTP_PORT:
        console.print(f"  [dim]Cổng 80 không dùng được ở máy này, nên địa chỉ có :{port}.[/]")
    console.print(f"  [dim]Nội dung ngày {manifest.day}, gói số {manifest.sequence}.[/]")
    console.print("[dim]Dừng: Ctrl+C[/]")
