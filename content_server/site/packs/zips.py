"""Writes zip files that are the same every time: fixed dates, order and rights."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

EARLIEST = (1980, 1, 1, 0, 0, 0)  # zip knows nothing before
PACKED_ALREADY = (".jpg", ".png", ".mp3", ".m4a", ".opus", ".mp4", ".pdf")


def write_zip(
    path: Path, files: Iterable[tuple[str, bytes]], *, first_stored: bool = False
) -> None:
    """Write files in this order. With `first_stored` the first is not compressed (EPUB's rule)."""
    with zipfile.ZipFile(path, "w") as out:
        for n, (name, data) in enumerate(files):
            plain = name.endswith(PACKED_ALREADY) or (n == 0 and first_stored)
            out.writestr(_info(name), data, zipfile.ZIP_STORED if plain else zipfile.ZIP_DEFLATED)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EARLIEST)
    info.external_attr = 0o644 << 16
    info.create_system = 3  # unix, on whatever machine
    return info
