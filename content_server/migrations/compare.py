"""Compares the tables in the code with the history, and writes the next migration."""

import importlib
import re
from argparse import Namespace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlmodel import SQLModel

from content_server.db import Database, known_revisions, migration_config

PACKAGE = Path(__file__).parent.parent
TITLE_LENGTH = 40


def import_tables() -> None:
    """Import every module named `tables`, so that SQLModel.metadata knows them all."""
    for path in sorted(PACKAGE.rglob("tables.py")):
        importlib.import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))


def differences(url: str) -> list[Any]:
    """Return how the database at `url` differs from the tables in the code, in Alembic's words."""
    import_tables()
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))


def write_migration(title: str) -> Path:
    """Write the next migration from what has changed in the code; read it before keeping it."""
    import_tables()
    number = f"{len(known_revisions()) + 1:04}"
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.sqlite3"
        database = Database.open(url)
        database.migrate()
        database.close()
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            config = migration_config(connection)
            config.cmd_opts = Namespace(quiet=True)
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            config.set_main_option("truncate_slug_length", str(TITLE_LENGTH))
            written = command.revision(config, title, autogenerate=True, rev_id=number)
    path = Path(getattr(written, "path", ""))
    path.write_text(_tidied(path.read_text("utf-8")), "utf-8")
    return path


def _tidied(text: str) -> str:
    """Drop what Alembic says to the person at the keyboard."""
    return re.sub(r"^ *# (?:###|please adjust).*\n", "", text, flags=re.MULTILINE)
