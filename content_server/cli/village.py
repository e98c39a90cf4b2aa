"""Commands of villages: give one a code, list them, close one."""

from rich.console import Console
from rich.table import Table

from content_server.cli.base_url import warn_without_address
from content_server.reach.posters import address_of, spoken
from content_server.reach.tables import VillageLink
from content_server.reach.village_links import (
    NewLink,
    called,
    close_link,
    kind_called,
    links_of,
    make_link,
)
from content_server.services import open_services
from content_server.settings import Settings


def add_village(  # noqa: PLR0913, PLR0917  # the options of one command
    settings: Settings, name: str, unit: str, kind: str, code: str, console: Console
) -> None:
    """Make a link and say its address. Raises LinkRefused, VillageTaken, CodeTaken."""
    wanted = NewLink(name, unit, kind_called(kind), code)
    with open_services(settings).database.write() as session:
        link = make_link(session, wanted)
    console.print(f"[green]✓[/] {called(link)}, {link.unit}: [bold]{link.code}[/]", markup=True)
    console.print(f"  {spoken(address_of(link, settings.base_url, '/'))}", markup=False)
    warn_without_address(settings, console)


def list_villages(settings: Settings, console: Console, *, closed: bool) -> None:
    """Print every link, the closed ones too if asked for."""
    with open_services(settings).database.read() as session:
        links = links_of(session, closed=closed)
    table = Table("Mã", "Bản", "Xã", "Làm ngày", "Đóng ngày")
    for link in links:
        table.add_row(link.code, called(link), link.unit, f"{link.made_at:%d/%m/%Y}", _closed(link))
    console.print(table)


def close_village(settings: Settings, code: str, console: Console) -> None:
    """Close a link. Raises LinkNotFound."""
    with open_services(settings).database.write() as session:
        link = close_link(session, code.strip().casefold())
    console.print(f"[green]✓[/] {link.code}: {called(link)}, {link.unit} đã đóng")


def _closed(link: VillageLink) -> str:
    return f"{link.closed_at:%d/%m/%Y}" if link.closed_at else ""
