"""The serve command: everything a first start needs, then one process that serves."""

import uvicorn
from rich.console import Console

from content_server.accounts.accounts import is_first_start
from content_server.app import create_app
from content_server.cli.base_url import warn_without_address
from content_server.cli.pipeline import finish_work, tell_ingested
from content_server.jobs.lock import hold_data_folder
from content_server.locales import SOURCE_FOLDER
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.pages.pages import evening_path

KEEP_ALIVE_S = 75  # measured: with uvicorn's 5 s, slow clients find their connection closed


def run_server(settings: Settings, console: Console) -> None:
    """Ingest and publish what is new, say where the rooms are, and serve until stopped."""
    with hold_data_folder(settings.data_dir):
        house = open_services(settings)
        tell_ingested(house.pipeline.ingest(), console)
        finish_work(house, console)
        _say_where(house, console)
        uvicorn.run(
            create_app(house),
            host=settings.host,
            port=settings.port,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=10,
            access_log=False,  # nothing about a villager is written down
            proxy_headers=False,  # whom to believe is a setting: web/lines.py
            server_header=False,
            log_level="warning",
        )


def _say_where(house: Services, console: Console) -> None:
    settings = house.settings
    here = f"http://{settings.host}:{settings.port}"
    console.print(f"\n  [bold]Người học[/]    {here}/")
    evening = f"{here}{evening_path(SOURCE_FOLDER)}"
    console.print(f"  [bold]Người dạy[/]    {evening}  [dim]mỗi bài có nút Trình chiếu[/]")
    console.print(f"  [bold]Người soạn[/]   {here}/-/soan  [dim]hoặc sửa tệp trong lessons/[/]")
    with house.database.read() as session:
        if is_first_start(session):
            command = 'content-server user add "Tên của bác"'
            text = f"                [yellow]chưa có ai; tạo người đầu tiên:[/] {command}"
            console.print(text, soft_wrap=True)  # so that it can be copied
    console.print(f"  [bold]Máy khác[/]     {here}/-/docs\n")
    warn_without_address(settings, console, end="\n\n")
    console.print("[dim]Dừng máy chủ: Ctrl+C[/]")
