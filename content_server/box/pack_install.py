"""Bringing a pack into the box: from a file, or from a server by what is missing only."""

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from content_server.box.installed_pack import Installed
from content_server.box.pack_server import Remote
from content_server.errors import CourseRefused
from content_server.phrases import _
from content_server.site.course.container import Pack
from content_server.site.course.manifest import Manifest
from content_server.site.course.verification import Source, opened, read_files, read_head

CHUNK_BYTES = 64 * 1024
GAP_BYTES = 16 * 1024  # less than asking once more costs at 400 kbps and 300 ms


Vouches = Callable[[Pack], str | None]
"""Asks a person whether the key of a pack is one to trust; returns the key they vouch for."""


def nobody(_pack: Pack) -> str | None:
    """Vouch for nothing: only what the pack in use hands over to is trusted."""
    return None


def bring_file(installed: Installed, path: Path, vouches: Vouches = nobody) -> Pack | None:
    """Check a whole pack file, then keep what is new and show it; None: nothing new in it.

    Raises CourseRefused and its kinds, StoreUnavailable; the pack in use then stays.
    """
    with opened(path) as source:
        pack = read_head(source)
        if not installed.judge(pack, vouches(pack)):
            return None
        for _digest, chunks in read_files(source, pack.manifest):
            _read_through(chunks)
        installed.make_room(pack.manifest)
        source.file.seek(0)
        if read_head(source).digest != pack.digest:
            raise CourseRefused(
                _("Gói {name} bị đổi trong lúc đọc. Hãy chép lại.", name=source.name)
            )
        missing = installed.missing(pack.manifest)
        for digest, chunks in read_files(source, pack.manifest):
            if digest in missing:
                installed.keep(digest, chunks)
            else:
                _read_through(chunks)
    installed.switch(pack)
    return pack


def bring_from_server(installed: Installed, address: str, vouches: Vouches = nobody) -> Pack | None:
    """Ask the server for its pack: its head first, then only what is missing, where it was cut.

    Raises ServerOutOfReach (ask again later: what came stays), CourseRefused and its kinds,
    StoreUnavailable. The pack in use stays until all of the new one is here and right.
    """
    known = installed.pack.digest if installed.pack else ""
    remote = Remote(address, known)
    if remote.is_known:
        return None
    pack = read_head(Source(remote, address))
    if not installed.judge(pack, vouches(pack)):
        return None
    installed.make_room(pack.manifest)
    missing = installed.missing(pack.manifest)
    for digest, (start, until) in _stretches(pack, missing).items():
        have = min(installed.arrived_bytes(digest), missing[digest])
        remote.aim(start + have, until)
        installed.keep(digest, _some(remote, missing[digest] - have), after=bool(have))
    installed.switch(pack)
    return pack


def newest_in(folder: Path) -> Iterator[tuple[Path, Manifest]]:
    """Yield the packs on a stick or in a folder, one folder deep, newest first.

    Files that are no packs are passed over; a broken pack is not: its head is all that is read.
    """
    found = []
    for path in itertools.islice(_candidates(folder), 200):
        try:
            with opened(path) as source:
                found.append((path, read_head(source).manifest))
        except CourseRefused:
            continue
    return iter(sorted(found, key=lambda each: -each[1].sequence))


def is_settled(path: Path, for_s: float = 2.0) -> bool:
    """Tell whether nobody has written to a file for a moment: copying is over."""
    try:
        return time.time() - path.stat().st_mtime >= for_s
    except OSError:
        return False


def _candidates(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.glob("*.tar"))
        yield from sorted(folder.glob("*/*.tar"))
    except OSError:  # the stick was pulled out
        return


def _stretches(pack: Pack, missing: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Return where each missing file begins, and where the stretch of missing files around it ends.

    What is missing side by side comes in one answer: a village line is slow to ask, too.
    """
    sizes = [piece.size_bytes for piece in pack.pieces]
    begins = itertools.accumulate(sizes, initial=0)
    starts = {p.digest: at for p, at in zip(pack.pieces, begins, strict=False) if p.digest}
    stretches: dict[str, tuple[int, int]] = {}
    next_start = next_until = -1
    for digest in reversed(missing):
        end = starts[digest] + missing[digest]
        until = next_until if 0 <= next_start - end <= GAP_BYTES else end
        stretches[digest] = (starts[digest], until)
        next_start, next_until = starts[digest], until
    return dict(reversed(stretches.items()))


def _some(remote: Remote, size_bytes: int) -> Iterator[bytes]:
    while size_bytes and (chunk := remote.read(min(CHUNK_BYTES, size_bytes))):
        size_bytes -= len(chunk)
        yield chunk


def _read_through(chunks: Iterator[bytes]) -> None:
    for _chunk in chunks:
        pass
