"""The container of a course pack: a tar file determined byte by byte by its manifest.

    manifest.json · manifest.sig · files/<sha256> … (by digest) · two empty blocks

Nothing is compressed (pages are already) and no name is used as a path. A manifest gives exactly
one file: the reader writes each header again and compares, so length, padding and order leave no
room for a changed bit (decision 8).
"""

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from content_server.media.store import Store
from content_server.site.course.keys import SigningKey
from content_server.site.course.manifest import CourseManifest

BLOCK_BYTES = 512
MANIFEST_NAME, SIGNATURE_NAME = "manifest.json", "manifest.sig"
END_OF_ARCHIVE = bytes(2 * BLOCK_BYTES)
CONTENT_TYPE = "application/x-tar"


@dataclass(frozen=True)
class PackSegment:
    """A part of the file: literal bytes, or a file of the store by its digest."""

    size_bytes: int
    literal: bytes | None = None
    digest: str = ""


@dataclass(frozen=True)
class CoursePack:
    """A signed manifest, and through it every byte of the pack file."""

    manifest: CourseManifest
    manifest_bytes: bytes  # the signed form of the manifest
    signature: bytes

    @property
    def head(self) -> bytes:
        """Return the beginning of the file: manifest and signature, without the content files."""
        return b"".join(
            [
                *(
                    tar_header(MANIFEST_NAME, len(self.manifest_bytes)),
                    self.manifest_bytes,
                    tar_padding(len(self.manifest_bytes)),
                ),
                tar_header(SIGNATURE_NAME, len(self.signature)),
                *(self.signature, tar_padding(len(self.signature))),
            ]
        )

    @cached_property
    def digest(self) -> str:
        """Return the sha256 of the head, which identifies the pack: its files follow from it."""
        return sha256(self.head).hexdigest()

    @property
    def file_name(self) -> str:
        languages = "-".join(self.manifest.folders)
        return f"khoa-hoc-{self.manifest.sequence}-{languages}.tar"

    @cached_property
    def segments(self) -> tuple[PackSegment, ...]:
        """Return the segments of the whole file, in order."""
        literals = [self.head]
        segments: list[PackSegment] = []
        for digest, size in self.manifest.files.items():
            literals.append(tar_header(member_name(digest), size))
            segments += [_literal_segment(literals), PackSegment(size, digest=digest)]
            literals = [tar_padding(size)]
        return (*segments, _literal_segment([*literals, END_OF_ARCHIVE]))

    @cached_property
    def size_bytes(self) -> int:
        return sum(segment.size_bytes for segment in self.segments)

    def read(self, store: Store, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Return the bytes start ≤ i < end of the file, in chunks of ≤ 64 kB where files are large.

        Raises DigestNotFound, StoreUnavailable.
        """
        end = self.size_bytes if end is None else end
        position = 0
        for segment in self.segments:
            first, last = max(start - position, 0), min(end - position, segment.size_bytes)
            position += segment.size_bytes
            if first >= last:
                continue
            if segment.literal is not None:
                yield segment.literal[first:last]
            else:
                yield from store.read_range(segment.digest, first, last)


def sign_manifest(manifest: CourseManifest, key: SigningKey) -> CoursePack:
    manifest_bytes = manifest.to_canonical_json()
    return CoursePack(manifest, manifest_bytes, key.sign(manifest_bytes))


def tar_header(name: str, size_bytes: int) -> bytes:
    """Return the tar header of a member: it depends on name and size only."""
    info = tarfile.TarInfo(name)
    info.size = size_bytes
    info.mode = 0o644
    return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def member_name(digest: str) -> str:
    return f"files/{digest}"


def tar_padding(size_bytes: int) -> bytes:
    return bytes(-size_bytes % BLOCK_BYTES)


def _literal_segment(parts: Iterable[bytes]) -> PackSegment:
    data = b"".join(parts)
    return PackSegment(len(data), literal=data)
