#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Writes media/findings.json: what a server has found out about the repository's own media.

scripts/cached_analysis.py DATA      DATA is the data folder of a server that has ingested them

With it a first start listens to nothing and searches for no setting: run it after a recording or a
clip has changed, `content-server ingest --data DATA` before it.
"""

import json
import sys
from pathlib import Path

from sqlmodel import col, select

from content_server.db import Database
from content_server.media.cached_analysis import FILE
from content_server.media.tables import CachedAnalysis, Source
from content_server.settings import PROJECT_DIR


def main() -> None:
    """Write every finding of what is still in media/, in a fixed order."""
    database = Database.open(f"sqlite:///{Path(sys.argv[1]) / 'content.sqlite3'}")
    found: dict[str, dict[str, object]] = {}
    with database.read() as session:
        ordered = (
            select(CachedAnalysis)
            .join(Source)
            .order_by(col(CachedAnalysis.source_digest), col(CachedAnalysis.name))
        )
        for row in session.exec(ordered):
            found.setdefault(row.source_digest, {})[row.name] = row.found
    lines = [f"{json.dumps(digest)}: {json.dumps(known)}" for digest, known in found.items()]
    (PROJECT_DIR / "media" / FILE).write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
