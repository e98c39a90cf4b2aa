"""The build fingerprint: a digest of everything but the lesson that shapes a page or a pack."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from content_server.settings import Settings

PACKAGE = Path(__file__).parents[2]
FOLDERS = ("site", "media/screens", "translations")
SUFFIXES = {".py", ".html", ".css", ".js", ".po", ".typ", ".opf", ".xhtml", ".smil"}


def build_fingerprint(settings: Settings) -> str:
    """Return a digest of this code and these settings.

    Published pages that were built with another fingerprint are rebuilt.
    """
    inputs = f"{settings.base_url} {settings.hide_unreviewed} {_digest_of_code()}"
    return sha256(inputs.encode()).hexdigest()


@cache
def _digest_of_code() -> str:
    """Return the digest of the code, computed once for each process."""
    digest = sha256()
    for folder in FOLDERS:
        for path in sorted((PACKAGE / folder).rglob("*")):
            if path.suffix in SUFFIXES:
                digest.update(path.read_bytes())
    return digest.hexdigest()
