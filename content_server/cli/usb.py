"""The usb command: a folder or a zip that shows the lessons from a memory stick."""

import errno
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console

from content_server.errors import FolderRefused, StoreUnavailable
from content_server.media.store import Store
from content_server.phrases import _
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.downloads.usb_folder import READ_FIRST, SUMS, Stick, files_of, gather
from content_server.site.packs.zips import write_zip
from content_server.site.site_builder import SiteBuilder

UNFINISHED = ".unfinished"
KB = 1000


def make_stick(
    settings: Settings,
    console: Console,
    out: Path,
    lessons: Iterable[str],
    languages: Iterable[str],
) -> None:
    """Write the published lessons to the folder or .zip `out`."""
    house = open_services(settings)
    stick = _gathered(house, set(lessons), set(languages))
    with console.status(_("Đang chép…").said_in("vi")) as status:
        write_stick(stick, house.store, out.absolute(), lambda share: status.update(f"{share:.0%}"))
    console.print(f"[green]✓[/] {out}: {len(stick.pages) + len(stick.media)} tệp")


def _gathered(house: Services, slugs: set[str], folders: set[str]) -> Stick:
    press = SiteBuilder(house.settings, house.database, house.store, house.tree)
    with house.database.read() as session:
        return gather(press, session, slugs, folders)


def write_stick(
    stick: Stick, store: Store, out: Path, on_progress: Callable[[float], None]
) -> None:
    """Write the stick beside its place and give it its name when it is whole.

    Raises FolderRefused when `out` holds something else, StoreUnavailable when the disk is full.
    """
    _check_is_ours(out)
    beside = out.with_name(f"{out.name}{UNFINISHED}")
    _remove(beside)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        files = files_of(stick, store.read_bytes, on_progress)
        if out.suffix == ".zip":
            write_zip(beside, files)
        else:
            _write_folder(beside, files)
        _put_in_place(beside, out)
    except OSError as error:
        _remove(beside)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreUnavailable(
                _("Ổ đĩa hay USB đã đầy nên chưa chép xong. Gói cũ vẫn còn. Hãy dọn bớt chỗ.")
            ) from error
        raise FolderRefused(_("Không ghi được vào {folder}.", folder=out)) from error


def _write_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    for name, body in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    for path in sorted(folder.rglob("*")):
        _fsync(path)


def _put_in_place(beside: Path, out: Path) -> None:
    _fsync(beside)
    old = out.with_name(f"{out.name}.old")
    _remove(old)
    if out.is_dir():
        out.rename(old)
    beside.replace(out)
    _fsync(out.parent)
    _remove(old)


def _check_is_ours(out: Path) -> None:
    """Refuse a place that holds something else: what was there would be gone."""
    empty = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    ours = (out / READ_FIRST).is_file() and (out / SUMS).is_file()
    zipped = out.suffix == ".zip" and (out.is_file() or not out.exists())
    if not (empty or ours or zipped):
        raise FolderRefused(
            _("{folder} đã có tệp khác. Hãy chọn một thư mục mới hoặc trống.", folder=out)
        )


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
