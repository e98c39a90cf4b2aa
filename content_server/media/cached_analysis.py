"""What was found out about the repository's own media, so that no machine searches it again."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from content_server.media.tables import CachedAnalysis

FILE = (
    "findings.json"  # under media/: digest → name → finding; written by scripts/cached_analysis.py
)


def foreknown(media_dir: Path, digest: str) -> list[CachedAnalysis]:
    """Return the findings kept beside the media; none where a finding's recipe is another today.

    A finding's name says its recipe ("compat-1"), so an old one is never asked for.
    """
    known = _read(media_dir / FILE).get(digest, {})
    return [
        CachedAnalysis(source_digest=digest, name=name, found=found)
        for name, found in known.items()
    ]


@cache
def _read(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    read: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return read
