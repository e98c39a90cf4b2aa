"""The installed pack of a box: its files in a store, and its signed head in one small file.

`installed.head` is the signed beginning of the pack in use. Its files are stored first, then the
head replaces the old one in one rename: whatever is interrupted, one whole pack is shown. The head
also defines which key is trusted: a newer pack must be signed by the same key or a successor.
"""

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from content_server.errors import (
    CoursePackNotTrusted,
    CoursePackUnavailable,
    InvalidCoursePack,
    StoreUnavailable,
)
from content_server.media.store import Store, digest_of_file
from content_server.phrases import _
from content_server.site.course.atomic_write import describe_disk_error, rename_durably
from content_server.site.course.container import CoursePack
from content_server.site.course.keys import is_trusted_successor
from content_server.site.course.manifest import CourseManifest
from content_server.site.course.verification import (
    PackReader,
    check_newer,
    check_trusted,
    read_head,
)
from content_server.site.tree.published import TreeEntry

HEAD_FILE = "installed.head"
PARTIAL_FILES_FOLDER = "arriving"  # incomplete files; their download is resumed
RESERVED_BYTES = 20_000_000  # kept free on the disk for the rest of the system
MEGABYTE = 1_000_000


class InstalledPack:
    """The pack a box shows, and its replacement by a newer one. Thread-safe."""

    def __init__(self, folder: Path) -> None:
        """Open the folder of the box, creating it if needed. Raises StoreUnavailable."""
        self.store = Store.open((folder / "store").as_uri())
        self._folder = folder
        self._lock = Lock()
        self._pack = _read_installed_head(folder / HEAD_FILE)
        self._generation = 0  # raised when another pack is shown

    @property
    def pack(self) -> CoursePack | None:
        return self._pack

    def require_pack(self) -> CoursePack:
        """Return the pack in use. Raises CoursePackUnavailable when there is none."""
        if self._pack is None:
            raise CoursePackUnavailable(_("Hộp này chưa có gói nào."))
        return self._pack

    @property
    def manifest(self) -> CourseManifest | None:
        return self._pack.manifest if self._pack else None

    def read_if_changed(self, known: int) -> tuple[int, tuple[TreeEntry, ...]] | None:
        """Return the generation and entries of the pack in use; None when it equals `known`."""
        with self._lock:
            generation, pack = self._generation, self._pack
        if generation == known:
            return None
        return generation, pack.manifest.entries() if pack else ()

    def should_install(self, pack: CoursePack, trusted: str | None = None) -> bool:
        """Tell whether `pack` is new here; `trusted` is a key that a person has just confirmed.

        Raises CoursePackNotTrusted, CoursePackTooOld.
        """
        if trusted := trusted or (self.manifest.key if self.manifest else None):
            check_trusted(pack, trusted)
        else:
            raise CoursePackNotTrusted(
                _(
                    "Máy này chưa biết tin khóa nào. Khóa trong gói: {key}. Hãy so với khóa trên"
                    " máy làm gói, rồi chạy lại với --key.",
                    key=pack.manifest.key,
                )
            )
        check_newer(pack.manifest, self._comparable_manifest(pack.manifest))
        is_new = self._pack is None or pack.digest != self._pack.digest
        return is_new or bool(self.missing_files(pack.manifest))

    def missing_files(self, manifest: CourseManifest) -> dict[str, int]:
        """Return the size of each file this box lacks, by digest, in the order of the pack."""
        stored = set(self.store.digests())
        return {digest: size for digest, size in manifest.files.items() if digest not in stored}

    def free_disk_space(self, manifest: CourseManifest) -> None:
        """Delete files that neither pack needs. Raises StoreUnavailable on a full disk."""
        needed_digests = manifest.files.keys() | (
            self.manifest.files.keys() if self.manifest else set()
        )
        for digest in self.store.digests():
            if digest not in needed_digests:
                self.store.delete(digest)
        for path in (*self._partial_files_folder().iterdir(),):
            if path.name not in needed_digests:
                path.unlink()
        needed_bytes = sum(self.missing_files(manifest).values()) + RESERVED_BYTES
        free_bytes = shutil.disk_usage(self._folder).free
        if free_bytes < needed_bytes:
            raise StoreUnavailable(
                _(
                    "Ổ đĩa chỉ còn {free} MB, gói mới cần {needed} MB. Gói đang dùng giữ nguyên;"
                    " hãy dọn bớt ổ đĩa.",
                    free=free_bytes // MEGABYTE,
                    needed=-(-needed_bytes // MEGABYTE),
                )
            )

    def partial_bytes(self, digest: str) -> int:
        """Return how many bytes of a file were stored before its download was interrupted."""
        path = self._partial_files_folder() / digest
        return path.stat().st_size if path.is_file() else 0

    def save_file(self, digest: str, chunks: Iterator[bytes], *, resume: bool = False) -> None:
        """Store a file; with `resume`, append to the part already received.

        An interrupted transfer keeps what arrived. Raises StoreUnavailable, and InvalidCoursePack
        when the bytes do not have this digest.
        """
        path = self._partial_files_folder() / digest
        try:
            with path.open("ab" if resume else "wb") as file:
                for chunk in chunks:
                    file.write(chunk)
            is_right = digest_of_file(path) == digest
        except OSError as error:
            raise _write_failed(error) from error
        if is_right:
            self.store.put_file(path)
        path.unlink()
        if not is_right:
            raise InvalidCoursePack(
                _("Một tệp của gói mới đến nơi không nguyên vẹn. Gói đang dùng giữ nguyên.")
            )

    def activate(self, pack: CoursePack) -> None:
        """Show `pack` from now on; durable when this returns.

        Raises InvalidCoursePack when files are missing, StoreUnavailable.
        """
        if self.missing_files(pack.manifest):
            raise InvalidCoursePack(_("Gói mới còn thiếu tệp. Gói đang dùng giữ nguyên."))
        temporary = self._folder / f"{HEAD_FILE}.new"
        try:
            with temporary.open("wb") as file:
                file.write(pack.head)
                file.flush()
                os.fsync(file.fileno())
            rename_durably(temporary, self._folder / HEAD_FILE)
        except OSError as error:
            raise _write_failed(error) from error
        with self._lock:
            self._pack = pack
            self._generation += 1

    def remove_damaged_files(self) -> list[str]:
        """Check every file; delete damaged ones and return the addresses they had.

        Installing the same pack again restores them.
        """
        if self._pack is None:
            return []
        manifest, stored = self._pack.manifest, set(self.store.digests())
        damaged = [
            digest
            for digest in manifest.files
            if digest not in stored or not self.store.verify(digest)
        ]
        for digest in damaged:
            self.store.delete(digest)
        return sorted(manifest.path_by_digest[digest] for digest in damaged)

    def _comparable_manifest(self, candidate: CourseManifest) -> CourseManifest | None:
        """Return the manifest in use if `candidate` is of the same maker: their numbers compare."""
        installed = self.manifest
        is_same_maker = installed is not None and is_trusted_successor(
            installed.key, candidate.key, candidate.handovers
        )
        return installed if is_same_maker else None

    def _partial_files_folder(self) -> Path:
        folder = self._folder / PARTIAL_FILES_FOLDER
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise _write_failed(error) from error
        return folder


def _read_installed_head(path: Path) -> CoursePack | None:
    """Return the pack of the stored head, if any. Raises InvalidCoursePack when it is damaged."""
    if not path.is_file():
        return None
    return read_head(PackReader(io.BytesIO(path.read_bytes()), path.name))


def _write_failed(error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        _(
            "Không ghi được gói mới: {why}. Gói đang dùng giữ nguyên; hãy dọn bớt ổ đĩa.",
            why=describe_disk_error(error),
        )
    )
