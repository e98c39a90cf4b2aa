"""Checks a course pack: reads it once from front to end and compares every byte."""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from content_server.errors import CoursePackNotTrusted, CoursePackTooOld, InvalidCoursePack
from content_server.phrases import _
from content_server.site.course.atomic_write import describe_disk_error
from content_server.site.course.container import (
    BLOCK_BYTES,
    END_OF_ARCHIVE,
    MANIFEST_NAME,
    SIGNATURE_NAME,
    CoursePack,
    member_name,
    tar_header,
    tar_padding,
)
from content_server.site.course.keys import (
    SIGNATURE_BYTES,
    is_trusted_successor,
    is_valid_signature,
)
from content_server.site.course.manifest import MAX_MANIFEST_BYTES, CourseManifest, read_manifest

CHUNK_BYTES = 64 * 1024
TAR_SIZE_FIELD = slice(124, 135)  # of a tar header: eleven octal digits


class SeekableReader(Protocol):
    """A binary file, or an object with its read and seek."""

    def read(self, size: int, /) -> bytes: ...

    def seek(self, offset: int, /) -> int: ...


@dataclass(frozen=True)
class PackReader:
    """An open pack file and its name for messages."""

    file: SeekableReader
    name: str

    def read_exactly(self, size_bytes: int) -> bytes:
        data = self.file.read(size_bytes)
        while len(data) < size_bytes and (more := self.file.read(size_bytes - len(data))):
            data += more
        if len(data) < size_bytes:
            raise InvalidCoursePack(
                _("Gói {name} bị đứt giữa chừng. Hãy chép lại từ đầu.", name=self.name)
            )
        return data


@contextmanager
def open_pack(path: Path) -> Iterator[PackReader]:
    """Open a pack. Raises InvalidCoursePack when it is no regular file or cannot be read."""
    try:
        with path.open("rb") as file:
            if not path.is_file():
                raise IsADirectoryError(errno.EISDIR, "a folder", path)
            yield PackReader(file, path.name)
    except OSError as error:
        raise InvalidCoursePack(
            _("Không đọc được gói {name}: {why}", name=path.name, why=describe_disk_error(error))
        ) from error


def read_head(reader: PackReader) -> CoursePack:
    """Read and check the manifest and its signature, not the files.

    `check_trusted` checks whether its key is trusted. Raises InvalidCoursePack.
    """
    text = _read_manifest_text(reader)
    manifest = read_manifest(text)
    _expect(reader, tar_header(SIGNATURE_NAME, SIGNATURE_BYTES), SIGNATURE_NAME)
    signature = reader.read_exactly(SIGNATURE_BYTES)
    _expect(reader, tar_padding(SIGNATURE_BYTES), SIGNATURE_NAME)
    if not is_valid_signature(text, signature, manifest.key):
        raise InvalidCoursePack(
            _("Chữ ký của gói {name} không khớp: gói đã bị sửa. Đừng dùng.", name=reader.name)
        )
    return CoursePack(manifest, text, signature)


def read_files(
    reader: PackReader, manifest: CourseManifest
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield (digest, chunks) of each file; the caller must read the chunks to their end.

    Raises InvalidCoursePack with the address of the file at the first byte that differs.
    """
    for digest, size_bytes in manifest.files.items():
        address = manifest.path_by_digest[digest]
        _expect(reader, tar_header(member_name(digest), size_bytes), address)
        yield digest, _verified_chunks(reader, digest, size_bytes, address)
        _expect(reader, tar_padding(size_bytes), address)
    _expect(reader, END_OF_ARCHIVE, _("phần cuối gói"))
    if reader.file.read(1):
        raise InvalidCoursePack(
            _("Gói {name} có thêm tệp lạ ở cuối. Đừng dùng; hãy chép lại.", name=reader.name)
        )


def verify_pack(path: Path) -> CoursePack:
    """Read a whole pack and return it when every byte is right. Raises InvalidCoursePack."""
    with open_pack(path) as reader:
        pack = read_head(reader)
        for _digest, chunks in read_files(reader, pack.manifest):
            for _chunk in chunks:
                pass
        return pack


def check_trusted(pack: CoursePack, trusted: str) -> None:
    """Raise CoursePackNotTrusted unless the pack is signed by `trusted` or a successor of it."""
    manifest = pack.manifest
    if not is_trusted_successor(trusted, manifest.key, manifest.handovers):
        raise CoursePackNotTrusted(
            _(
                "Gói của {server} ký bằng khóa khác ({key}…), không phải khóa đang tin"
                " ({trusted}…). Hãy hỏi nơi làm gói.",
                server=manifest.server,
                key=manifest.key[:9],
                trusted=trusted[:9],
            )
        )


def check_newer(candidate: CourseManifest, installed: CourseManifest | None) -> None:
    """Raise CoursePackTooOld when `candidate` is older than `installed`; the same is accepted."""
    if installed is None or candidate.sequence > installed.sequence or candidate == installed:
        return
    if candidate.sequence < installed.sequence:
        raise CoursePackTooOld(
            _(
                "Gói số {offered} ({day}) cũ hơn gói đang dùng, số {installed}. Gói đang dùng giữ"
                " nguyên.",
                offered=candidate.sequence,
                day=candidate.formatted_date,
                installed=installed.sequence,
            )
        )
    if candidate.folders == installed.folders:  # other languages of the same number are accepted
        raise CoursePackTooOld(
            _(
                "Gói này cùng số {number} với gói đang dùng mà khác nội dung. Gói đang dùng giữ"
                " nguyên; hãy làm gói mới.",
                number=candidate.sequence,
            )
        )


def _read_manifest_text(reader: PackReader) -> bytes:
    """Read the first file of the pack, which must be a manifest of at most MAX_MANIFEST_BYTES."""
    header = reader.file.read(BLOCK_BYTES)  # a shorter file is no pack
    size_bytes = _manifest_size(header)
    if size_bytes is None or header != tar_header(MANIFEST_NAME, size_bytes):
        raise InvalidCoursePack(
            _("{name} không phải gói khóa học, hoặc đoạn đầu đã hỏng.", name=reader.name)
        )
    text = reader.read_exactly(size_bytes)
    _expect(reader, tar_padding(size_bytes), MANIFEST_NAME)
    return text


def _manifest_size(header: bytes) -> int | None:
    """Return the manifest size in the header; None when it is invalid or too large."""
    digits = header[TAR_SIZE_FIELD]
    if len(header) < BLOCK_BYTES or not all(digit in b"01234567" for digit in digits):
        return None
    size_bytes = int(digits, 8)
    return size_bytes if 0 < size_bytes <= MAX_MANIFEST_BYTES else None


def _verified_chunks(
    reader: PackReader, digest: str, size_bytes: int, address: str
) -> Iterator[bytes]:
    sha256 = hashlib.sha256()
    for start in range(0, size_bytes, CHUNK_BYTES):
        chunk = reader.read_exactly(min(CHUNK_BYTES, size_bytes - start))
        sha256.update(chunk)
        yield chunk
    if sha256.hexdigest() != digest:
        raise _damaged_pack(reader, address)


def _expect(reader: PackReader, expected: bytes, where: object) -> None:
    if reader.read_exactly(len(expected)) != expected:
        raise _damaged_pack(reader, where)


def _damaged_pack(reader: PackReader, where: object) -> InvalidCoursePack:
    return InvalidCoursePack(
        _(
            "Gói {name} đã bị đổi hoặc chép hỏng, ở {place}. Đừng dùng; hãy chép lại.",
            name=reader.name,
            place=where,
        )
    )
