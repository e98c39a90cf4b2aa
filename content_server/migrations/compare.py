"""Compare the tables of the code with those of the migrations, and write the next migration."""

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
    """Import every module named `tables`, so that SQLModel.metadata has all tables."""
    for path in sorted(PACKAGE.rglob("tables.py")):
        importlib.import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts))


def schema_differences(url: str) -> list[Any]:
    """Return Alembic's operations that the database at `url` lacks compared with the code."""
    import_tables()
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), SQLModel.metadata))


def write_migration(title: str) -> Path:
    """Write the next migration from the differences, for review; return its file."""
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
    path.write_text(_without_hints(path.read_text("utf-8")), "utf-8")
    return path


def _without_hints(text: str) -> str:
    """Remove Alembic's comments for the author."""
    return re.sub(r"^ *# (?:###|please adjust).*\n", "", text, flags=re.MULTILINE)
