"""Making packs from the command line: every pack that is missing or old, then copies of them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from sqlmodel import Session

from content_server.cli.base_url import warn_without_address
from content_server.cli.pipeline import finish_work
from content_server.errors import LessonNotFound, SettingRefused
from content_server.jobs.lock import hold_data_folder
from content_server.lessons.editions.catalog import published_numbers
from content_server.phrases import _
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.downloads.pack_builder import ask_for
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.tables import PackRow

Wanted = tuple[str, str, PackKind]  # slug, folder, kind


def make_packs(  # noqa: PLR0913  # what the command line says, by name
    settings: Settings,
    console: Console,
    out: Path,
    *,
    slug: str | None,
    folder: str | None,
    kinds: Sequence[str],
) -> None:
    """Make the packs of published lessons and copy them to `out`. Exits with 1 when one failed."""
    chosen = [_kind(name) for name in kinds] or list(PackKind)
    with hold_data_folder(settings.data_dir):
        house = open_services(settings)
        with house.database.write() as session:
            wanted = _wanted(session, slug, folder, chosen)
            for each in wanted:
                ask_for(session, *each)
        failed = finish_work(house, console)
        count = _copy(house, wanted, out)
    console.print(f"[green]✓[/] {count} gói: {out}")
    warn_without_address(settings, console)
    if failed:
        raise SystemExit(1)


def _kind(name: str) -> PackKind:
    try:
        return PackKind(name)
    except ValueError as error:
        raise SettingRefused(
            _("Không có loại gói {name}. Có: {kinds}.", name=name, kinds=", ".join(PackKind))
        ) from error


def _wanted(
    session: Session, slug: str | None, folder: str | None, kinds: Iterable[PackKind]
) -> list[Wanted]:
    numbers = published_numbers(session)
    found = [
        (each, language, kind)
        for each, languages in numbers.items()
        for language in languages
        for kind in kinds
        if slug in {None, each} and folder in {None, language}
    ]
    if not found:
        raise LessonNotFound(
            _("Không có bài nào đã đăng như thế: {name}.", name=f"{slug or '*'}/{folder or '*'}")
        )
    return found


def _copy(house: Services, wanted: Iterable[Wanted], out: Path) -> int:
    """Copy what is ready, each file beside its place first; return how many there are."""
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    for slug, folder, kind in wanted:
        with house.database.read() as session:
            row = session.get(PackRow, (slug, folder, kind))
        if row is not None:
            path = out / f"{slug}.{folder}.{kind.file_name}"
            beside = path.with_name(f"{path.name}.unfinished")
            house.store.fetch_to(row.digest, beside)
            beside.replace(path)
            count += 1
    return count
