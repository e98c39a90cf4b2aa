"""The site command: the published tree as files, for nginx, a CDN or a memory card."""

from pathlib import Path

from rich.console import Console

from content_server.services import open_services
from content_server.settings import Settings
from content_server.site.tree.export import export_site


def write_tree(settings: Settings, out: Path, console: Console) -> None:
    """Write the published tree as files."""
    services = open_services(settings)
    with services.database.read() as session:
        report = export_site(services.tree, session, services.store, out)
    console.print(f"[green]✓[/] {report}")
