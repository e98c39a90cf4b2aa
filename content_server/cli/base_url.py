"""What the command line says when only this machine can open the server's address."""

from rich.console import Console

from content_server.settings import NO_ADDRESS, Settings, is_only_here


def warn_without_base_url(settings: Settings, console: Console, *, end: str = "\n") -> None:
    """Say that nothing printed will carry a code, and what to do; nothing where there is one."""
    if is_only_here(settings.base_url):
        console.print(f"[yellow]![/] {NO_ADDRESS}", end=end)
