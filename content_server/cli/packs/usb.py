"""The pack usb command: a folder or zip of the lessons for a USB usb_folder."""

import errno
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console

from content_server.errors import StoreUnavailable, UnusableFolder
from content_server.media.store import Store
from content_server.phrases import _
from content_server.services import Services, open_services
from content_server.settings import Settings
from content_server.site.downloads.usb_folder import (
    CHECKSUMS,
    README,
    UsbFolder,
    collect_usb_folder,
    iter_usb_files,
)
from content_server.site.packs.zips import write_reproducible_zip
from content_server.site.site_builder import SiteBuilder

UNFINISHED = ".unfinished"
KB = 1000


def make_usb_pack(
    settings: Settings,
    console: Console,
    out: Path,
    lessons: Iterable[str],
    languages: Iterable[str],
) -> None:
    """Write the published lessons to the folder or .zip `out`."""
    services = open_services(settings)
    usb_folder = _collect(services, set(lessons), set(languages))
    with console.status(_("Đang chép…").translate("vi")) as status:
        write_usb_folder(
            usb_folder, services.store, out.absolute(), lambda share: status.update(f"{share:.0%}")
        )
    console.print(f"[green]✓[/] {out}: {len(usb_folder.pages) + len(usb_folder.media)} tệp")


def _collect(services: Services, slugs: set[str], folders: set[str]) -> UsbFolder:
    site_builder = SiteBuilder(services.settings, services.database, services.store, services.tree)
    with services.database.read() as session:
        return collect_usb_folder(site_builder, session, slugs, folders)


def write_usb_folder(
    usb_folder: UsbFolder, store: Store, out: Path, on_progress: Callable[[float], None]
) -> None:
    """Write the USB folder under a temporary name and rename it when it is complete.

    Raises UnusableFolder when `out` holds something else, StoreUnavailable when the disk is full.
    """
    _check_is_ours(out)
    beside = out.with_name(f"{out.name}{UNFINISHED}")
    _remove(beside)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        files = iter_usb_files(usb_folder, store.read_bytes, on_progress)
        if out.suffix == ".zip":
            write_reproducible_zip(beside, files)
        else:
            _write_folder(beside, files)
        _put_in_place(beside, out)
    except OSError as error:
        _remove(beside)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreUnavailable(
                _("Ổ đĩa hay USB đã đầy nên chưa chép xong. Gói cũ vẫn còn. Hãy dọn bớt chỗ.")
            ) from error
        raise UnusableFolder(_("Không ghi được vào {folder}.", folder=out)) from error


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
    """Raise UnusableFolder when `out` holds other files: they would be overwritten."""
    empty = not out.exists() or (out.is_dir() and not any(out.iterdir()))
    ours = (out / README).is_file() and (out / CHECKSUMS).is_file()
    zipped = out.suffix == ".zip" and (out.is_file() or not out.exists())
    if not (empty or ours or zipped):
        raise UnusableFolder(
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
