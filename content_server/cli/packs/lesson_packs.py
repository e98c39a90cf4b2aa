"""The pack lesson command: build missing or outdated packs and copy them to a folder."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from sqlmodel import Session

from content_server.cli.options import warn_without_base_url
from content_server.cli.pipeline import run_waiting_jobs
from content_server.errors import InvalidSetting, LessonNotFound
from content_server.jobs.lock import lock_data_folder
from content_server.lessons.editions.catalog import published_revision_numbers
from content_server.phrases import _
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.downloads.pack_builder import request_pack
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.tables import PackRow

PackRequest = tuple[str, str, PackKind]  # slug, folder, kind


def make_packs(  # noqa: PLR0913  # one argument an option
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
    with lock_data_folder(settings.data_dir):
        services = open_services(settings)
        with services.database.write() as session:
            requests = _requested_packs(session, slug, folder, chosen)
            for each in requests:
                request_pack(session, *each)
        failed = run_waiting_jobs(services, console)
        count = _copy(services, requests, out)
    console.print(f"[green]✓[/] {count} gói: {out}")
    warn_without_base_url(settings, console)
    if failed:
        raise SystemExit(1)


def _kind(name: str) -> PackKind:
    try:
        return PackKind(name)
    except ValueError as error:
        raise InvalidSetting(
            _("Không có loại gói {name}. Có: {kinds}.", name=name, kinds=", ".join(PackKind))
        ) from error


def _requested_packs(
    session: Session, slug: str | None, folder: str | None, kinds: Iterable[PackKind]
) -> list[PackRequest]:
    numbers = published_revision_numbers(session)
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


def _copy(services: Services, requests: Iterable[PackRequest], out: Path) -> int:
    """Copy the packs that exist, each under a temporary name first; return their count."""
    out.mkdir(parents=True, exist_ok=True)
    count = 0
    for slug, folder, kind in requests:
        with services.database.read() as session:
            row = session.get(PackRow, (slug, folder, kind))
        if row is not None:
            path = out / f"{slug}.{folder}.{kind.file_name}"
            beside = path.with_name(f"{path.name}.unfinished")
            services.store.fetch_to(row.digest, beside)
            beside.replace(path)
            count += 1
    return count
