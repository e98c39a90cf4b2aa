"""Installs a course pack: from a file, or from a server by downloading only missing files."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from content_server.box.installed_pack import InstalledPack
from content_server.box.pack_server import RemotePack
from content_server.errors import InvalidCoursePack
from content_server.phrases import _
from content_server.site.course.container import CoursePack
from content_server.site.course.manifest import CourseManifest
from content_server.site.course.verification import PackReader, open_pack, read_files, read_head

CHUNK_BYTES = 64 * 1024
MAX_GAP_BYTES = 16 * 1024  # takes less time than another request at 400 kbps and 300 ms round trip


ConfirmKey = Callable[[CoursePack], str | None]
"""Asks a person whether to trust the key of a pack; returns the key they confirm, or None."""


def confirm_no_key(_pack: CoursePack) -> str | None:
    """Confirm no key: only the key of the installed pack and its successors are trusted."""
    return None


def install_pack_file(
    installed: InstalledPack, path: Path, confirm_key: ConfirmKey = confirm_no_key
) -> CoursePack | None:
    """Check a whole pack file, store its new files and show it; None when nothing in it is new.

    Raises InvalidCoursePack and its subclasses, StoreUnavailable; the installed pack then stays.
    """
    with open_pack(path) as reader:
        pack = read_head(reader)
        if not installed.should_install(pack, confirm_key(pack)):
            return None
        for _digest, chunks in read_files(reader, pack.manifest):
            _read_to_end(chunks)
        installed.free_disk_space(pack.manifest)
        reader.file.seek(0)
        if read_head(reader).digest != pack.digest:
            raise InvalidCoursePack(
                _("Gói {name} bị đổi trong lúc đọc. Hãy chép lại.", name=reader.name)
            )
        missing = installed.missing_files(pack.manifest)
        for digest, chunks in read_files(reader, pack.manifest):
            if digest in missing:
                installed.save_file(digest, chunks)
            else:
                _read_to_end(chunks)
    installed.activate(pack)
    return pack


def install_from_server(
    installed: InstalledPack, address: str, confirm_key: ConfirmKey = confirm_no_key
) -> CoursePack | None:
    """Download the pack of a server: its head, then missing files, resuming incomplete ones.

    Raises ServerUnreachable (a later call resumes), InvalidCoursePack and its subclasses,
    StoreUnavailable. The installed pack stays until the new one is complete.
    None when the server has nothing new.
    """
    known = installed.pack.digest if installed.pack else ""
    remote = RemotePack(address, known)
    if remote.is_unchanged:
        return None
    pack = read_head(PackReader(remote, address))
    if not installed.should_install(pack, confirm_key(pack)):
        return None
    installed.free_disk_space(pack.manifest)
    missing = installed.missing_files(pack.manifest)
    for digest, (start, range_end) in _download_ranges(pack, missing).items():
        received = min(installed.partial_bytes(digest), missing[digest])
        remote.seek_range(start + received, range_end)
        installed.save_file(
            digest, _read_at_most(remote, missing[digest] - received), resume=bool(received)
        )
    installed.activate(pack)
    return pack


def find_packs(folder: Path) -> Iterator[tuple[Path, CourseManifest]]:
    """Yield the packs in a folder and in its direct subfolders, newest first.

    Only their heads are read: files that are no packs are skipped, packs with damaged files not.
    """
    found = []
    for path in itertools.islice(_find_tar_files(folder), 200):
        try:
            with open_pack(path) as reader:
                found.append((path, read_head(reader).manifest))
        except InvalidCoursePack:
            continue
    return iter(sorted(found, key=lambda each: -each[1].sequence))


def is_fully_copied(path: Path, for_s: float = 2.0) -> bool:
    """Tell whether a file was not written to for `for_s` seconds, so copying has ended."""
    try:
        return time.time() - path.stat().st_mtime >= for_s
    except OSError:
        return False


def _find_tar_files(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.glob("*.tar"))
        yield from sorted(folder.glob("*/*.tar"))
    except OSError:  # the USB stick was removed
        return


def _download_ranges(pack: CoursePack, missing: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Return (start, end of its download range) of each missing file, in bytes of the pack.

    Missing files that are close together share a range, so that one request fetches them all.
    """
    sizes = [segment.size_bytes for segment in pack.segments]
    offsets = itertools.accumulate(sizes, initial=0)
    starts = {
        segment.digest: offset
        for segment, offset in zip(pack.segments, offsets, strict=False)
        if segment.digest
    }
    ranges: dict[str, tuple[int, int]] = {}
    next_start = next_range_end = -1
    for digest in reversed(missing):
        end = starts[digest] + missing[digest]
        range_end = next_range_end if 0 <= next_start - end <= MAX_GAP_BYTES else end
        ranges[digest] = (starts[digest], range_end)
        next_start, next_range_end = starts[digest], range_end
    return dict(reversed(ranges.items()))


def _read_at_most(remote: RemotePack, size_bytes: int) -> Iterator[bytes]:
    while size_bytes and (chunk := remote.read(min(CHUNK_BYTES, size_bytes))):
        size_bytes -= len(chunk)
        yield chunk


def _read_to_end(chunks: Iterator[bytes]) -> None:
    for _chunk in chunks:
        pass
