"""The export: the published tree as plain files, for nginx or a CDN."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from content_server.errors import UnusableFolder
from content_server.media.store import Store, digest_of_file, fsync
from content_server.phrases import _
from content_server.site.tree.nginx_config import (
    ENCODING_SUFFIXES,
    exported_path,
    nginx_configuration,
)
from content_server.site.tree.published import CachePolicy, EncodedVariant, TreeEntry
from content_server.site.tree.tree import Tree

TEMPORARY = (
    ".unfinished"  # one name, since there is one writer; the next export replaces a leftover
)


@dataclass(frozen=True)
class ExportReport:
    """The result of an export, in numbers of files."""

    written: int
    unchanged: int
    removed: int
    nginx_changed: bool  # nginx must be reloaded

    def __str__(self) -> str:
        phrase = _(
            "Ghi {written} tệp, giữ nguyên {kept} tệp, bỏ {removed} tệp.",
            written=self.written,
            kept=self.unchanged,
            removed=self.removed,
        )
        reload = _(" Cấu hình nginx đã đổi: hãy chạy nginx -s reload.")
        return f"{phrase}{reload}" if self.nginx_changed else str(phrase)


@dataclass(frozen=True)
class ExportFile:
    """One file of the export: its path and the bytes it must have."""

    path: Path
    variant: EncodedVariant
    entry: TreeEntry


def export_site(tree: Tree, session: Session, store: Store, out: Path) -> ExportReport:
    """Make the folder `out` hold exactly what is published, and write `out`.nginx.conf beside it.

    Visitors see whole files at any time: each file is renamed into place, media before pages.
    Files with the right bytes are not touched. Raises UnusableFolder for a folder with other files.
    """
    out = out.absolute()
    configuration = out.with_name(f"{out.name}.nginx.conf")
    _check_is_ours(out, configuration)
    entries = tuple(tree.entries(session))
    out.mkdir(parents=True, exist_ok=True)
    text = nginx_configuration(entries, out).encode()
    needs_reload = not (configuration.is_file() and configuration.read_bytes() == text)
    if needs_reload:
        _replace_with(configuration, text)
    files = _files(entries, out)
    wrong = [file for file in files if not _is_right(file)]
    for file in wrong:
        _write(file, store)
    removed = _remove_others({file.path for file in files}, out)
    return ExportReport(len(wrong), len(files) - len(wrong), removed, needs_reload)


def _check_is_ours(out: Path, configuration: Path) -> None:
    """Refuse a folder that is no export, because all unpublished files in it would be removed."""
    if configuration.is_file() or not out.exists():
        return
    if not out.is_dir() or any(out.iterdir()):
        raise UnusableFolder(
            _("{folder} đã có tệp khác. Hãy chọn một thư mục mới hoặc trống.", folder=out)
        )


def _files(entries: Iterable[TreeEntry], out: Path) -> list[ExportFile]:
    """Return the files in the order of writing: media, then pages; compressed before identity."""
    media_first = sorted(entries, key=lambda entry: entry.cache is not CachePolicy.FOREVER)
    return [
        ExportFile(
            out / f"{exported_path(entry)}{ENCODING_SUFFIXES[variant.encoding]}", variant, entry
        )
        for entry in media_first
        for variant in reversed(entry.variants)
    ]


def _is_right(file: ExportFile) -> bool:
    """Tell whether the file has its bytes. Media have their digest as name: size is enough."""
    if not file.path.is_file() or file.path.stat().st_size != file.variant.size_bytes:
        return False
    is_media = file.entry.cache is CachePolicy.FOREVER
    return is_media or digest_of_file(file.path) == file.variant.digest


def _write(file: ExportFile, store: Store) -> None:
    """Write one file under a temporary name, set its publishing time, then rename it."""
    file.path.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.path.with_name(TEMPORARY)
    store.fetch_to(file.variant.digest, temporary)
    if file.entry.changed_at is not None:
        published_at = file.entry.changed_at.timestamp()
        os.utime(temporary, (published_at, published_at))
    _rename_durably(temporary, file.path)


def _replace_with(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}{TEMPORARY}")
    temporary.write_bytes(data)
    _rename_durably(temporary, path)


def _rename_durably(temporary: Path, path: Path) -> None:
    """Rename a finished file so that a power cut leaves either the old or the new bytes."""
    fsync(temporary)
    temporary.replace(path)
    fsync(path.parent)


def _remove_others(current_paths: set[Path], out: Path) -> int:
    """Remove files that are not published, and empty folders; return the number of files."""
    removed = 0
    for path in sorted(out.rglob("*"), reverse=True):  # contents before their folder
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in current_paths:
            path.unlink()
            removed += 1
    return removed
