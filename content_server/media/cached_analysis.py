"""Loads the analyses shipped with the repository's own media, so that no machine repeats them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from content_server.media.tables import CachedAnalysis

# In the media folder: digest → name → analysis. Written by scripts/cached_analysis.py.
CACHE_FILE = "findings.json"


def load_cached_analyses(media_dir: Path, digest: str) -> list[CachedAnalysis]:
    """Return the shipped analyses of a source as rows to add; empty when there are none.

    The name of an analysis contains its recipe ("compat-1"), so an outdated one is never looked up.
    """
    analyses = _read_file(media_dir / CACHE_FILE).get(digest, {})
    return [
        CachedAnalysis(source_digest=digest, name=name, value=value)
        for name, value in analyses.items()
    ]


@cache
def _read_file(path: Path) -> dict[str, dict[str, Any]]:
    if not path.is_file():
        return {}
    analyses: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return analyses
