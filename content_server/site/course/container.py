"""The container of a course pack: a plain tar whose every byte follows from its manifest.

    manifest.json · manifest.sig · files/<sha256> … (by digest) · two empty blocks

Nothing is packed (pages are already), no name is ever used as a path, and there is one way only
to write a manifest's pack. So the reader writes each header again and compares, and the length,
the padding and the order have no freedom a flipped bit could hide in (decision 0012).
"""

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from content_server.media.store import Store
from content_server.site.course.keys import SigningKey
from content_server.site.course.manifest import Manifest

BLOCK_BYTES = 512
MANIFEST_NAME, SIGNATURE_NAME = "manifest.json", "manifest.sig"
END = bytes(2 * BLOCK_BYTES)
CONTENT_TYPE = "application/x-tar"


@dataclass(frozen=True)
class Piece:
    """A stretch of the pack: bytes of its own, or a file of the store."""

    size_bytes: int
    literal: bytes | None = None
    digest: str = ""


@dataclass(frozen=True)
class Pack:
    """A signed manifest, and through it every byte of the file it makes."""

    manifest: Manifest
    text: bytes  # the manifest as it is signed
    signature: bytes

    @property
    def head(self) -> bytes:
        """Return the beginning of the file, up to the first content: enough to judge it by."""
        return b"".join(
            [
                *(header(MANIFEST_NAME, len(self.text)), self.text, padding(len(self.text))),
                header(SIGNATURE_NAME, len(self.signature)),
                *(self.signature, padding(len(self.signature))),
            ]
        )

    @cached_property
    def digest(self) -> str:
        """Return what tells this pack from every other one; its files follow from its head."""
        return sha256(self.head).hexdigest()

    @property
    def file_name(self) -> str:
        languages = "-".join(self.manifest.folders)
        return f"khoa-hoc-{self.manifest.sequence}-{languages}.tar"

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """Return the whole file, in order."""
        literals = [self.head]
        pieces: list[Piece] = []
        for digest, size in self.manifest.files.items():
            literals.append(header(file_name(digest), size))
            pieces += [_literal(literals), Piece(size, digest=digest)]
            literals = [padding(size)]
        return (*pieces, _literal([*literals, END]))

    @cached_property
    def size_bytes(self) -> int:
        return sum(piece.size_bytes for piece in self.pieces)

    def read(self, store: Store, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Return the bytes start ≤ i < end of the file, in chunks of ≤ 64 kB where files are large.

        Raises DigestNotFound, StoreUnavailable.
        """
        end = self.size_bytes if end is None else end
        at = 0
        for piece in self.pieces:
            first, last = max(start - at, 0), min(end - at, piece.size_bytes)
            at += piece.size_bytes
            if first >= last:
                continue
            if piece.literal is not None:
                yield piece.literal[first:last]
            else:
                yield from store.read_range(piece.digest, first, last)


def sign(manifest: Manifest, key: SigningKey) -> Pack:
    text = manifest.text()
    return Pack(manifest, text, key.sign(text))


def header(name: str, size_bytes: int) -> bytes:
    """Return the only header a file of this name and size has here."""
    info = tarfile.TarInfo(name)
    info.size = size_bytes
    info.mode = 0o644
    return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def file_name(digest: str) -> str:
    return f"files/{digest}"


def padding(size_bytes: int) -> bytes:
    return bytes(-size_bytes % BLOCK_BYTES)


def _literal(parts: Iterable[bytes]) -> Piece:
    data = b"".join(parts)
    return Piece(len(data), literal=data)
