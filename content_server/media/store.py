"""Content-addressed store: bytes under their sha256, in a folder or an S3-compatible bucket.

A folder is written by us (temp → fsync → rename → fsync folder) because obstore's own local put
does not fsync, and without it a power cut tears files that already have their final name (measured:
2,357 of 32,612). All reading, and all access to a bucket, goes through obstore.
"""

import errno
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NewType
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from content_server.errors import DigestNotFound, InvalidSetting, StoreUnavailable
from content_server.phrases import _

Digest = NewType("Digest", str)  # full sha256, hex

CHUNK_BYTES = 64 * 1024
TEMPORARY = "temporary"  # a folder beside those of the digests, on the same disk
STALE_AFTER_S = 3600.0
RECENT = timedelta(minutes=30)  # half of the shortest grace of the garbage collection (gc.py)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Store:
    """A content-addressed store. `folder` is None for a bucket."""

    objects: ObjectStore
    folder: Path | None = None

    @classmethod
    def open(cls, url: str, options: Mapping[str, str] | None = None) -> "Store":
        """Open file:///path (made when absent) or s3://bucket/prefix with its options.

        Options are those of obstore's S3 configuration: endpoint, region, access_key_id …
        Raises InvalidSetting for an address or option that cannot work, StoreUnavailable when
        the folder cannot be made.
        """
        if url.startswith("file://"):
            return cls._open_folder(Path(unquote(urlsplit(url).path)))
        try:
            return cls(_open_bucket(url, dict(options or {})))
        except BaseException as error:  # an option it does not know may come as Rust's panic
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            raise InvalidSetting(
                _("Kho không mở được ở địa chỉ {url}. Hãy xem lại thiết lập kho.", url=url)
            ) from error

    @classmethod
    def _open_folder(cls, folder: Path) -> "Store":
        with _translate_errors():
            (folder / TEMPORARY).mkdir(parents=True, exist_ok=True)
            return cls(LocalStore(folder), folder)

    def put_file(self, path: Path) -> Digest:
        """Store a copy of the file and return its digest; durable when this returns."""
        digest = digest_of_file(path)
        with _translate_errors():
            if self.folder is not None:
                with path.open("rb") as file:
                    self._write(digest, path.stat().st_size, _read_chunks(file))
            elif not self._is_recent(digest):
                obstore.put(self.objects, _object_key(digest), path)
        return digest

    def put_bytes(self, data: bytes) -> Digest:
        """Store these bytes and return their digest; durable when this returns."""
        digest = Digest(hashlib.sha256(data).hexdigest())
        with _translate_errors():
            if self.folder is not None:
                self._write(digest, len(data), iter([data]))
            elif not self._is_recent(digest):
                obstore.put(self.objects, _object_key(digest), data)
        return digest

    def has(self, digest: str) -> bool:
        try:
            self.size_bytes(digest)
        except DigestNotFound:
            return False
        return True

    def size_bytes(self, digest: str) -> int:
        with _translate_errors(digest):
            return obstore.head(self.objects, _object_key(digest))["size"]

    def read_bytes(self, digest: str) -> bytes:
        with _translate_errors(digest):
            return bytes(obstore.get(self.objects, _object_key(digest)).bytes())

    def read_range(self, digest: str, start: int, end: int) -> Iterator[bytes]:
        """Return the bytes start ≤ i < end (cut at the end of the file) in chunks of ≤ 64 kB.

        Raises DigestNotFound at once, not at the first chunk.
        """
        end = min(end, self.size_bytes(digest))
        return self._chunks(digest, start, end)

    def _chunks(self, digest: str, start: int, end: int) -> Iterator[bytes]:
        if start >= end:
            return
        with _translate_errors(digest):
            found = obstore.get(self.objects, _object_key(digest), options={"range": (start, end)})
            for chunk in found.stream(CHUNK_BYTES):
                yield from (
                    bytes(chunk[at : at + CHUNK_BYTES]) for at in range(0, len(chunk), CHUNK_BYTES)
                )

    def fetch_to(self, digest: str, path: Path) -> None:
        """Write a local copy, for tools that want a file."""
        with _translate_errors(digest), path.open("wb") as file:
            for chunk in obstore.get(self.objects, _object_key(digest)).stream(CHUNK_BYTES):
                file.write(chunk)

    def verify(self, digest: str) -> bool:
        """Return whether the bytes stored under this digest still have it."""
        found = hashlib.sha256()
        with _translate_errors(digest):
            for chunk in obstore.get(self.objects, _object_key(digest)).stream(CHUNK_BYTES):
                found.update(chunk)
        return found.hexdigest() == digest

    def delete(self, digest: str) -> None:
        """Remove these bytes; nothing happens when they are not there."""
        with suppress(DigestNotFound), _translate_errors(digest):
            obstore.delete(self.objects, _object_key(digest))

    def digests(self) -> Iterator[Digest]:
        """Return every stored digest, in no particular order."""
        return (digest for digest, _put_at, _size_bytes in self.list_files())

    def list_files(self) -> Iterator[tuple[Digest, datetime, int]]:
        """Return (digest, time of the last put, size in bytes) of every stored file."""
        with _translate_errors():
            for batch in obstore.list(self.objects):
                for entry in batch:
                    name = entry["path"].rpartition("/")[2]
                    if _DIGEST.fullmatch(name) and not entry["path"].startswith(TEMPORARY):
                        yield Digest(name), entry["last_modified"], entry["size"]

    def delete_unless_renewed(self, digest: str, put_before: datetime) -> bool:
        """Remove these bytes unless they were put again since; return whether they were removed.

        In a folder no put is lost: the file is moved aside first and checked there. A concurrent
        put either renewed it, and it is moved back, or finds it missing and writes it again.
        """
        with _translate_errors(digest):
            if self.folder is None:
                if obstore.head(self.objects, _object_key(digest))["last_modified"] >= put_before:
                    return False
                obstore.delete(self.objects, _object_key(digest))
                return True
            final, aside = self.folder / _object_key(digest), self.folder / TEMPORARY / digest
            final.replace(aside)
            if aside.stat().st_mtime >= put_before.timestamp():
                aside.replace(final)
                return False
            aside.unlink()
        return True

    def sweep_temporary(self, older_than_s: float = STALE_AFTER_S) -> int:
        """Remove files a crash left half-written; return how many."""
        if self.folder is None:
            return 0
        swept = 0
        for path in (self.folder / TEMPORARY).iterdir():
            with suppress(FileNotFoundError):  # another worker removed it first
                if time.time() - path.stat().st_mtime >= older_than_s:
                    path.unlink()
                    swept += 1
        return swept

    def _is_recent(self, digest: str) -> bool:
        """Return whether a bucket got it within RECENT, so that no collection may remove it."""
        try:
            put_at = obstore.head(self.objects, _object_key(digest))["last_modified"]
        except (NotFoundError, FileNotFoundError):
            return False
        return datetime.now(UTC) - put_at < RECENT

    def _write(self, digest: Digest, size_bytes: int, chunks: Iterator[bytes]) -> None:
        folder = self.folder or Path()
        final = folder / _object_key(digest)
        if not _renew_if_present(final, size_bytes):
            final.parent.mkdir(exist_ok=True)
            _write_durably(folder / TEMPORARY, final, chunks)
            fsync(folder)
        # Also when it was there already: the process that put it may have died before this line.
        fsync(final.parent)


def digest_of_file(path: Path) -> Digest:
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").hexdigest())


def _read_chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _object_key(digest: str) -> str:
    """Return the object's key, spread over 256 folders.

    Raises DigestNotFound for anything that is not a digest, so that no path can be injected.
    """
    if not _DIGEST.fullmatch(digest):
        raise _not_found(digest)
    return f"{digest[:2]}/{digest}"


def _write_durably(temporary: Path, final: Path, chunks: Iterator[bytes]) -> None:
    with tempfile.NamedTemporaryFile(dir=temporary, delete=False) as file:
        try:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fchmod(file.fileno(), 0o644)  # a web server beside us may read
            os.fsync(file.fileno())
            Path(file.name).replace(final)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _renew_if_present(final: Path, size_bytes: int) -> bool:
    """Set the file's time to now; return whether it exists with this size."""
    try:
        os.utime(final)
        return final.stat().st_size == size_bytes
    except FileNotFoundError:
        return False


def fsync(path: Path) -> None:
    """Make a file's bytes, or a folder's names, durable across a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open_bucket(url: str, options: dict[str, str]) -> ObjectStore:
    plain_http = options.get("endpoint", "").startswith("http://")
    config: Any = options  # obstore checks the names itself, at run time
    return from_url(
        url,
        config=config,
        client_options={"allow_http": plain_http, "connect_timeout": "5s"},
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=15)},
    )


@contextmanager
def _translate_errors(digest: str = "") -> Iterator[None]:
    """Translate errors of a disk or a bucket into DigestNotFound and StoreUnavailable."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise (_not_found(digest) if digest else _unavailable(error)) from error
    except (BaseError, OSError) as error:
        raise _unavailable(error) from error


def _not_found(digest: str) -> DigestNotFound:
    return DigestNotFound(_("Kho không có tệp {digest}.", digest=digest[:12]))


def _unavailable(error: Exception) -> StoreUnavailable:
    match getattr(error, "errno", None):
        case errno.ENOSPC | errno.EDQUOT:
            return StoreUnavailable(
                _("Ổ đĩa đã đầy, chưa lưu được. Bài đang có vẫn xem được. Hãy dọn bớt ổ đĩa.")
            )
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return StoreUnavailable(
                _("Kho chỉ đọc được, không ghi được. Hãy xem lại quyền của thư mục dữ liệu.")
            )
        case _:
            return StoreUnavailable(
                _("Kho chưa dùng được lúc này. Hãy thử lại sau ít phút, hoặc báo người quản trị.")
            )
