"""Checking a course pack: read once from front to end, believed only when every byte is right."""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from content_server.errors import CourseNotTrusted, CourseRefused, CourseTooOld
from content_server.phrases import _
from content_server.site.course.atomic_write import why
from content_server.site.course.container import (
    BLOCK_BYTES,
    END,
    MANIFEST_NAME,
    SIGNATURE_NAME,
    Pack,
    file_name,
    header,
    padding,
)
from content_server.site.course.keys import SIGNATURE_BYTES, follows, is_signed
from content_server.site.course.manifest import MANIFEST_BYTES, Manifest, read_manifest

CHUNK_BYTES = 64 * 1024
SIZE_FIELD = slice(124, 135)  # of a tar header: eleven octal digits


class Readable(Protocol):
    """A file, or what reads like one."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, /) -> int: ...


@dataclass(frozen=True)
class Source:
    """An open pack and what people call it."""

    file: Readable
    name: str

    def exactly(self, size_bytes: int) -> bytes:
        data = self.file.read(size_bytes)
        while len(data) < size_bytes and (more := self.file.read(size_bytes - len(data))):
            data += more
        if len(data) < size_bytes:
            raise CourseRefused(
                _("Gói {name} bị đứt giữa chừng. Hãy chép lại từ đầu.", name=self.name)
            )
        return data


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a pack. Raises CourseRefused when it is no plain file or cannot be read."""
    try:
        with path.open("rb") as file:
            if not path.is_file():
                raise IsADirectoryError(errno.EISDIR, "a folder", path)
            yield Source(file, path.name)
    except OSError as error:
        raise CourseRefused(
            _("Không đọc được gói {name}: {why}", name=path.name, why=why(error))
        ) from error


def read_head(source: Source) -> Pack:
    """Read and check the manifest and its signature; the files are not looked at yet.

    Whether its key is one to trust is for `check_trusted` to say. Raises CourseRefused.
    """
    text = _read_manifest_text(source)
    manifest = read_manifest(text)
    _expect(source, header(SIGNATURE_NAME, SIGNATURE_BYTES), SIGNATURE_NAME)
    signature = source.exactly(SIGNATURE_BYTES)
    _expect(source, padding(SIGNATURE_BYTES), SIGNATURE_NAME)
    if not is_signed(text, signature, manifest.key):
        raise CourseRefused(
            _("Chữ ký của gói {name} không khớp: gói đã bị sửa. Đừng dùng.", name=source.name)
        )
    return Pack(manifest, text, signature)


def read_files(source: Source, manifest: Manifest) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each file's digest and its chunks; the chunks must be read to their end.

    Raises CourseRefused at the first byte that is not as the manifest says, at its file's name.
    """
    for digest, size_bytes in manifest.files.items():
        named = manifest.used_at[digest]
        _expect(source, header(file_name(digest), size_bytes), named)
        yield digest, _chunks(source, digest, size_bytes, named)
        _expect(source, padding(size_bytes), named)
    _expect(source, END, _("phần cuối gói"))
    if source.file.read(1):
        raise CourseRefused(
            _("Gói {name} có thêm tệp lạ ở cuối. Đừng dùng; hãy chép lại.", name=source.name)
        )


def verify(path: Path) -> Pack:
    """Read a whole pack and return it when every byte is right. Raises CourseRefused."""
    with opened(path) as source:
        pack = read_head(source)
        for _digest, chunks in read_files(source, pack.manifest):
            for _chunk in chunks:
                pass
        return pack


def check_trusted(pack: Pack, trusted: str) -> None:
    """Raise CourseNotTrusted unless `trusted` signed the pack, or handed over to who did."""
    manifest = pack.manifest
    if not follows(trusted, manifest.key, manifest.handovers):
        raise CourseNotTrusted(
            _(
                "Gói của {server} ký bằng khóa khác ({key}…), không phải khóa đang tin"
                " ({trusted}…). Hãy hỏi nơi làm gói.",
                server=manifest.server,
                key=manifest.key[:9],
                trusted=trusted[:9],
            )
        )


def check_newer(offered: Manifest, installed: Manifest | None) -> None:
    """Raise CourseTooOld when `offered` would lead back; the same pack again is no step back."""
    if installed is None or offered.sequence > installed.sequence or offered == installed:
        return
    if offered.sequence < installed.sequence:
        raise CourseTooOld(
            _(
                "Gói số {offered} ({day}) cũ hơn gói đang dùng, số {installed}. Gói đang dùng giữ"
                " nguyên.",
                offered=offered.sequence,
                day=offered.day,
                installed=installed.sequence,
            )
        )
    if offered.folders == installed.folders:  # other languages of the same day are welcome
        raise CourseTooOld(
            _(
                "Gói này cùng số {number} với gói đang dùng mà khác nội dung. Gói đang dùng giữ"
                " nguyên; hãy làm gói mới.",
                number=offered.sequence,
            )
        )


def _read_manifest_text(source: Source) -> bytes:
    """Read the first file of the pack, which must be a manifest of bearable size."""
    first = source.file.read(BLOCK_BYTES)  # a short one is no pack
    size_bytes = _size_of(first)
    if size_bytes is None or first != header(MANIFEST_NAME, size_bytes):
        raise CourseRefused(
            _("{name} không phải gói khóa học, hoặc đoạn đầu đã hỏng.", name=source.name)
        )
    text = source.exactly(size_bytes)
    _expect(source, padding(size_bytes), MANIFEST_NAME)
    return text


def _size_of(first: bytes) -> int | None:
    """Return the manifest's size as the header says it; None for nonsense and for too much."""
    digits = first[SIZE_FIELD]
    if len(first) < BLOCK_BYTES or not all(digit in b"01234567" for digit in digits):
        return None
    size_bytes = int(digits, 8)
    return size_bytes if 0 < size_bytes <= MANIFEST_BYTES else None


def _chunks(source: Source, digest: str, size_bytes: int, named: str) -> Iterator[bytes]:
    found = hashlib.sha256()
    for at in range(0, size_bytes, CHUNK_BYTES):
        chunk = source.exactly(min(CHUNK_BYTES, size_bytes - at))
        found.update(chunk)
        yield chunk
    if found.hexdigest() != digest:
        raise _changed(source, named)


def _expect(source: Source, wanted: bytes, named: object) -> None:
    if source.exactly(len(wanted)) != wanted:
        raise _changed(source, named)


def _changed(source: Source, named: object) -> CourseRefused:
    return CourseRefused(
        _(
            "Gói {name} đã bị đổi hoặc chép hỏng, ở {place}. Đừng dùng; hãy chép lại.",
            name=source.name,
            place=named,
        )
    )
