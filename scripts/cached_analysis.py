#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Writes media/findings.json: the cached analyses of the repository's own media.

scripts/cached_analysis.py DATA      DATA is the data folder of a server that has ingested them

With it a first start analyses no recording and searches no setting. Run it after a recording or a
clip has changed and `content-server ingest --data DATA` has run.
"""

import json
import sys
from pathlib import Path

from sqlmodel import col, select

from content_server.db import Database
from content_server.media.cached_analysis import CACHE_FILE
from content_server.media.tables import CachedAnalysis, Source
from content_server.settings import PROJECT_DIR


def main() -> None:
    """Write all cached analyses of stored sources, in a fixed order."""
    database = Database.open(f"sqlite:///{Path(sys.argv[1]) / 'content.sqlite3'}")
    analyses: dict[str, dict[str, object]] = {}
    with database.read() as session:
        query = (
            select(CachedAnalysis)
            .join(Source)
            .order_by(col(CachedAnalysis.source_digest), col(CachedAnalysis.name))
        )
        for row in session.exec(query):
            analyses.setdefault(row.source_digest, {})[row.name] = row.value
    lines = [f"{json.dumps(digest)}: {json.dumps(by_name)}" for digest, by_name in analyses.items()]
    (PROJECT_DIR / "media" / CACHE_FILE).write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
