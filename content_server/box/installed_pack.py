"""The installed pack: bytes in a store, and one small file that names them.

`installed.head` is the signed beginning of the pack in use. Bytes come first, then the head takes
the old one's place in one rename: whatever is cut or breaks, one whole pack is shown. The head is
also the box's trust: what is offered must be signed by the key that signed it, or by one that this
key handed over to.
"""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from content_server.errors import (
    CourseNotOffered,
    CourseNotTrusted,
    CourseRefused,
    StoreUnavailable,
)
from content_server.media.store import Store, digest_of_file
from content_server.phrases import _
from content_server.site.course.atomic_write import settle, why
from content_server.site.course.container import Pack
from content_server.site.course.keys import follows
from content_server.site.course.manifest import Manifest
from content_server.site.course.verification import Source, check_newer, check_trusted, read_head
from content_server.site.tree.published import Entry

HEAD = "installed.head"
ARRIVING = "arriving"  # files on their way; each goes on where it was cut
SPARE_BYTES = 20_000_000  # a disk filled to the brim stops more than this box
MEGABYTE = 1_000_000


class Installed:
    """The pack a box shows, and the way a newer one takes its place. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the box's folder, made when absent. Raises StoreUnavailable."""
        self.store = Store.open((folder / "store").as_uri())
        self._folder = folder
        self._turn = Lock()
        self._pack = _read_or_none(folder / HEAD)
        self._number = 0  # of packs shown since the start, for the front

    @property
    def pack(self) -> Pack | None:
        return self._pack

    def offered(self) -> Pack:
        """Return the pack in use, for other boxes. Raises CourseNotOffered."""
        if self._pack is None:
            raise CourseNotOffered(_("Hộp này chưa có gói nào."))
        return self._pack

    @property
    def manifest(self) -> Manifest | None:
        return self._pack.manifest if self._pack else None

    def look(self, known: int) -> tuple[int, tuple[Entry, ...]] | None:
        """Return the number and the entries of the pack in use; None when it is `known`."""
        with self._turn:
            number, pack = self._number, self._pack
        if number == known:
            return None
        return number, pack.manifest.entries() if pack else ()

    def judge(self, pack: Pack, trusted: str | None = None) -> bool:
        """Tell whether `pack` brings something; `trusted` is a key a person vouched for just now.

        Raises CourseNotTrusted, CourseTooOld.
        """
        if trusted := trusted or (self.manifest.key if self.manifest else None):
            check_trusted(pack, trusted)
        else:
            raise CourseNotTrusted(
                _(
                    "Máy này chưa biết tin khóa nào. Khóa trong gói: {key}. Hãy so với khóa trên"
                    " máy làm gói, rồi chạy lại với --key.",
                    key=pack.manifest.key,
                )
            )
        check_newer(pack.manifest, self._rival_of(pack.manifest))
        is_new = self._pack is None or pack.digest != self._pack.digest
        return is_new or bool(self.missing(pack.manifest))

    def missing(self, manifest: Manifest) -> dict[str, int]:
        """Return the files this box does not have yet: bytes by digest, in the pack's order."""
        held = set(self.store.digests())
        return {digest: size for digest, size in manifest.files.items() if digest not in held}

    def make_room(self, manifest: Manifest) -> None:
        """Forget what neither pack needs; raise StoreUnavailable when the rest will not fit."""
        kept = manifest.files.keys() | (self.manifest.files.keys() if self.manifest else set())
        for digest in self.store.digests():
            if digest not in kept:
                self.store.forget(digest)
        for path in (*self._arriving().iterdir(),):
            if path.name not in kept:
                path.unlink()
        needed = sum(self.missing(manifest).values()) + SPARE_BYTES
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise StoreUnavailable(
                _(
                    "Ổ đĩa chỉ còn {free} MB, gói mới cần {needed} MB. Gói đang dùng giữ nguyên;"
                    " hãy dọn bớt ổ đĩa.",
                    free=free // MEGABYTE,
                    needed=-(-needed // MEGABYTE),
                )
            )

    def arrived_bytes(self, digest: str) -> int:
        """Return how much of a file came before it was cut."""
        path = self._arriving() / digest
        return path.stat().st_size if path.is_file() else 0

    def keep(self, digest: str, chunks: Iterator[bytes], *, after: bool = False) -> None:
        """Keep a file, `after` what had arrived before; a cut leaves what came.

        Raises StoreUnavailable, and CourseRefused when it is not the bytes its digest names.
        """
        path = self._arriving() / digest
        try:
            with path.open("ab" if after else "wb") as file:
                for chunk in chunks:
                    file.write(chunk)
            is_right = digest_of_file(path) == digest
        except OSError as error:
            raise _unwritable(error) from error
        if is_right:
            self.store.put_file(path)
        path.unlink()
        if not is_right:
            raise CourseRefused(
                _("Một tệp của gói mới đến nơi không nguyên vẹn. Gói đang dùng giữ nguyên.")
            )

    def switch(self, pack: Pack) -> None:
        """Show `pack` from now on; all its files must be here. Durable when this returns."""
        if self.missing(pack.manifest):
            raise CourseRefused(_("Gói mới còn thiếu tệp. Gói đang dùng giữ nguyên."))
        beside = self._folder / f"{HEAD}.new"
        try:
            with beside.open("wb") as file:
                file.write(pack.head)
                file.flush()
                os.fsync(file.fileno())
            settle(beside, self._folder / HEAD)
        except OSError as error:
            raise _unwritable(error) from error
        with self._turn:
            self._pack = pack
            self._number += 1

    def forget_damaged(self) -> list[str]:
        """Read every file once; forget those that rotted and return where they were shown.

        The same pack given again then brings them back.
        """
        if self._pack is None:
            return []
        manifest, held = self._pack.manifest, set(self.store.digests())
        damaged = [d for d in manifest.files if d not in held or not self.store.verify(d)]
        for digest in damaged:
            self.store.forget(digest)
        return sorted(manifest.used_at[digest] for digest in damaged)

    def _rival_of(self, offered: Manifest) -> Manifest | None:
        """Return the pack in use when its number means anything beside `offered`'s: same maker."""
        mine = self.manifest
        same = mine is not None and follows(mine.key, offered.key, offered.handovers)
        return mine if same else None

    def _arriving(self) -> Path:
        folder = self._folder / ARRIVING
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from error
        return folder


def _read_or_none(path: Path) -> Pack | None:
    """Read the head in use. Raises CourseRefused when it is damaged: it was whole when written."""
    if not path.is_file():
        return None
    return read_head(Source(io.BytesIO(path.read_bytes()), path.name))


def _unwritable(error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        _(
            "Không ghi được gói mới: {why}. Gói đang dùng giữ nguyên; hãy dọn bớt ổ đĩa.",
            why=why(error),
        )
    )
