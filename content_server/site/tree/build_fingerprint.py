"""The stamp: one digest for all that shapes a page or a pack beside its lesson."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from content_server.settings import Settings

PACKAGE = Path(__file__).parents[2]
FOLDERS = ("site", "media/screens", "translations")
SUFFIXES = {".py", ".html", ".css", ".js", ".po", ".typ", ".opf", ".xhtml", ".smil"}


def build_fingerprint(settings: Settings) -> str:
    """Return a digest of this code and these settings.

    When it differs from the one published pages were made with, they are made again.
    """
    stamp = f"{settings.base_url} {settings.hide_unreviewed} {_digest_of_code()}"
    return sha256(stamp.encode()).hexdigest()


@cache
def _digest_of_code() -> str:
    """Return the digest of this program's part; it stays while we run."""
    stamp = sha256()
    for folder in FOLDERS:
        for path in sorted((PACKAGE / folder).rglob("*")):
            if path.suffix in SUFFIXES:
                stamp.update(path.read_bytes())
    return stamp.hexdigest()
