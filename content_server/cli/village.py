"""Commands of villages: give one a code, list them, close one."""

from rich.console import Console
from rich.table import Table

from content_server.cli.options import warn_without_base_url
from content_server.reach.posters import link_address, spoken_address
from content_server.reach.tables import VillageLinkRow
from content_server.reach.village_links import (
    NewVillageLink,
    close_link,
    create_link,
    list_links,
    parse_link_kind,
    place_name,
)
from content_server.services import open_services
from content_server.settings import Settings


def add_village(  # noqa: PLR0913, PLR0917  # the options of one command
    settings: Settings, name: str, unit: str, kind: str, code: str, console: Console
) -> None:
    """Make a link and say its address. Raises InvalidVillageLink, VillageTaken, CodeTaken."""
    new_link = NewVillageLink(name, unit, parse_link_kind(kind), code)
    with open_services(settings).database.write() as session:
        link = create_link(session, new_link)
    console.print(f"[green]✓[/] {place_name(link)}, {link.unit}: [bold]{link.code}[/]", markup=True)
    console.print(f"  {spoken_address(link_address(link, settings.base_url, '/'))}", markup=False)
    warn_without_base_url(settings, console)


def list_villages(settings: Settings, console: Console, *, closed: bool) -> None:
    """Print every link, the closed ones too if asked for."""
    with open_services(settings).database.read() as session:
        links = list_links(session, closed=closed)
    table = Table("Mã", "Bản", "Xã", "Làm ngày", "Đóng ngày")
    for link in links:
        table.add_row(
            link.code,
            place_name(link),
            link.unit,
            f"{link.created_at:%d/%m/%Y}",
            _format_closed_at(link),
        )
    console.print(table)


def close_village(settings: Settings, code: str, console: Console) -> None:
    """Close a link. Raises LinkNotFound."""
    with open_services(settings).database.write() as session:
        link = close_link(session, code.strip().casefold())
    console.print(f"[green]✓[/] {link.code}: {place_name(link)}, {link.unit} đã đóng")


def _format_closed_at(link: VillageLinkRow) -> str:
    return f"{link.closed_at:%d/%m/%Y}" if link.closed_at else ""
