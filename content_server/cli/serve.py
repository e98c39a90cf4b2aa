"""The serve command: ingest, publish, then one server process."""

import uvicorn
from rich.console import Console

from content_server import urls
from content_server.accounts.accounts import is_first_start
from content_server.app import create_app
from content_server.cli.options import warn_without_base_url
from content_server.cli.pipeline import print_ingest_report, run_waiting_jobs
from content_server.jobs.lock import lock_data_folder
from content_server.locales import SOURCE_FOLDER
from content_server.services import Services, open_services
from content_server.settings import Settings, renamed_variables

KEEP_ALIVE_S = 75  # measured: with uvicorn's 5 s, slow clients find their connection closed


def run_server(settings: Settings, console: Console) -> None:
    """Ingest and publish what is new, print the addresses, and serve until stopped."""
    for old, new in renamed_variables():
        console.print(f"[yellow]![/] {old} nay tên là {new}; tên cũ chỉ còn dùng được ở bản này.")
    with lock_data_folder(settings.data_dir):
        services = open_services(settings)
        print_ingest_report(services.pipeline.ingest(), console)
        run_waiting_jobs(services, console)
        _print_addresses(services, console)
        uvicorn.run(
            create_app(services),
            host=settings.host,
            port=settings.port,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=10,
            access_log=False,  # nothing about a villager is stored
            proxy_headers=False,  # trusted proxies are a setting: web/transport_security.py
            server_header=False,
            log_level="warning",
        )


def _print_addresses(services: Services, console: Console) -> None:
    settings = services.settings
    here = f"http://{settings.host}:{settings.port}"
    console.print(f"\n  [bold]Người học[/]    {here}/")
    plans_url = f"{here}{urls.SESSION_PLAN.url(folder=SOURCE_FOLDER)}"
    console.print(f"  [bold]Người dạy[/]    {plans_url}  [dim]mỗi bài có nút Trình chiếu[/]")
    console.print(
        f"  [bold]Người soạn[/]   {here}{urls.EDITORS_HOME}  [dim]hoặc sửa tệp trong lessons/[/]"
    )
    with services.database.read() as session:
        if is_first_start(session):
            command = 'content-server user add "Tên của bác"'
            text = f"                [yellow]chưa có ai; tạo người đầu tiên:[/] {command}"
            console.print(text, soft_wrap=True)  # so that it can be copied
    console.print(f"  [bold]Máy khác[/]     {here}{urls.API_DOCS}\n")
    warn_without_base_url(settings, console, end="\n\n")
    console.print("[dim]Dừng máy chủ: Ctrl+C[/]")
