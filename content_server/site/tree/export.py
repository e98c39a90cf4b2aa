"""The export: the published tree as plain files, for nginx, a CDN or a memory stick."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from content_server.errors import FolderRefused
from content_server.media.store import Store, digest_of_file, fsync
from content_server.phrases import _
from content_server.site.tree.nginx_config import SUFFIXES, file_of, nginx_configuration
from content_server.site.tree.published import Cache, Entry, Variant
from content_server.site.tree.tree import Tree

TEMPORARY = ".unfinished"  # one name: there is one writer, and the next one cleans up


@dataclass(frozen=True)
class Report:
    """What an export did, in files."""

    written: int
    kept: int
    removed: int
    reload_edge: bool  # the nginx configuration is another one now

    def __str__(self) -> str:
        phrase = _(
            "Ghi {written} tệp, giữ nguyên {kept} tệp, bỏ {removed} tệp.",
            written=self.written,
            kept=self.kept,
            removed=self.removed,
        )
        reload = _(" Cấu hình nginx đã đổi: hãy chạy nginx -s reload.")
        return f"{phrase}{reload}" if self.reload_edge else str(phrase)


@dataclass(frozen=True)
class File:
    """One file to be: its place, and the bytes it has when it is right."""

    path: Path
    variant: Variant
    entry: Entry


def write_site(tree: Tree, session: Session, store: Store, out: Path) -> Report:
    """Make the folder `out` hold exactly what is published, and write `out`.nginx.conf beside it.

    A visitor in the middle of it sees whole files, media before the pages that name them. Files
    whose bytes are right are left alone. Raises FolderRefused when `out` holds something else.
    """
    out = out.absolute()
    configuration = out.with_name(f"{out.name}.nginx.conf")
    _check_is_ours(out, configuration)
    entries = tuple(tree.entries(session))
    out.mkdir(parents=True, exist_ok=True)
    text = nginx_configuration(entries, out).encode()
    reload_edge = not (configuration.is_file() and configuration.read_bytes() == text)
    if reload_edge:
        _replace_with(configuration, text)
    files = _files(entries, out)
    wrong = [file for file in files if not _is_right(file)]
    for file in wrong:
        _write(file, store)
    removed = _remove_others({file.path for file in files}, out)
    return Report(len(wrong), len(files) - len(wrong), removed, reload_edge)


def _check_is_ours(out: Path, configuration: Path) -> None:
    """Refuse a folder that was not made here: what is not published would be removed from it."""
    if configuration.is_file() or not out.exists():
        return
    if not out.is_dir() or any(out.iterdir()):
        raise FolderRefused(
            _("{folder} đã có tệp khác. Hãy chọn một thư mục mới hoặc trống.", folder=out)
        )


def _files(entries: Iterable[Entry], out: Path) -> list[File]:
    """Return the files to be, in the order of writing: media, pages; pressed first, plain last."""
    media_first = sorted(entries, key=lambda entry: entry.cache is not Cache.FOREVER)
    return [
        File(out / f"{file_of(entry)}{SUFFIXES[variant.encoding]}", variant, entry)
        for entry in media_first
        for variant in reversed(entry.variants)
    ]


def _is_right(file: File) -> bool:
    """Tell whether the file has its bytes; a hashed name vouches for its own."""
    if not file.path.is_file() or file.path.stat().st_size != file.variant.size_bytes:
        return False
    is_hashed = file.entry.cache is Cache.FOREVER
    return is_hashed or digest_of_file(file.path) == file.variant.digest


def _write(file: File, store: Store) -> None:
    """Write one file beside its place, then move it there, with the time it was published."""
    file.path.parent.mkdir(parents=True, exist_ok=True)
    beside = file.path.with_name(TEMPORARY)
    store.fetch_to(file.variant.digest, beside)
    if file.entry.changed_at is not None:
        moment = file.entry.changed_at.timestamp()
        os.utime(beside, (moment, moment))
    _settle(beside, file.path)


def _replace_with(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}{TEMPORARY}")
    beside.write_bytes(data)
    _settle(beside, path)


def _settle(beside: Path, path: Path) -> None:
    """Give a finished file its name, so that a power cut leaves the old bytes or the new."""
    fsync(beside)
    beside.replace(path)
    fsync(path.parent)


def _remove_others(wanted: set[Path], out: Path) -> int:
    """Remove files that are not published, and folders that hold nothing any more."""
    removed = 0
    for path in sorted(out.rglob("*"), reverse=True):  # what is inside comes before its folder
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in wanted:
            path.unlink()
            removed += 1
    return removed
