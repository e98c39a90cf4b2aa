"""Writes reproducible zip files: fixed dates, order and permissions."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip can hold
COMPRESSED_SUFFIXES = (".jpg", ".png", ".mp3", ".m4a", ".opus", ".mp4", ".pdf")


def write_reproducible_zip(
    path: Path, files: Iterable[tuple[str, bytes]], *, first_stored: bool = False
) -> None:
    """Write files in this order. With `first_stored` the first is not compressed (EPUB's rule)."""
    with zipfile.ZipFile(path, "w") as out:
        for n, (name, data) in enumerate(files):
            plain = name.endswith(COMPRESSED_SUFFIXES) or (n == 0 and first_stored)
            out.writestr(_info(name), data, zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, ZIP_EPOCH)
    info.external_attr = 0o644 << 16
    info.create_system = 3  # Unix, whatever this machine is
    return info
