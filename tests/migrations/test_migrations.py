"""The history of the tables: one for both databases, walked once, whole or not at all."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from content_server.db import MIGRATIONS, Database, known_revisions
from content_server.errors import DatabaseFromTheFuture
from content_server.migrations.compare import schema_differences
from tests.migrations.samples import children, make_job, read_stored_numbers


def test_migrating_twice_is_harmless_and_quick(url: str) -> None:
    first = Database.open(url)
    first.migrate()
    with first.write() as session:
        session.add(make_job(1))
    first.close()
    again = Database.open(url)
    started_s = time.process_time()  # a busy machine's waiting is none of ours
    again.migrate()
    assert time.process_time() - started_s < 0.1
    assert read_stored_numbers(again) == [1]
    again.close()


def migrate(url: str) -> None:
    database = Database.open(url)
    database.migrate()
    database.close()


def test_processes_that_start_at_once_migrate_once(url: str) -> None:
    processes = [children.Process(target=migrate, args=(url,)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    assert schema_differences(url) == []


def test_threads_that_start_at_once_migrate_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(migrate, [url] * 4))
    assert schema_differences(url) == []


def test_a_database_from_the_future_is_refused_and_left_alone(url: str) -> None:
    database = Database.open(url)
    database.migrate()
    with database.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseFromTheFuture) as refused:
        database.migrate()
    assert "9999" in str(refused.value)
    assert refused.value.status == 503
    database.close()


def test_the_history_makes_the_tables_the_code_knows(url: str) -> None:
    """When this fails, run scripts/migration."""
    migrate(url)
    assert schema_differences(url) == []


def test_the_comparison_sees_a_difference(url: str) -> None:
    database = Database.open(url)
    database.migrate()
    with database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE job ADD COLUMN colour VARCHAR(9)")
    database.close()
    assert len(schema_differences(url)) == 1


def test_each_revision_follows_the_one_numbered_before_it() -> None:
    folder = MIGRATIONS / "versions"
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("[0-9]*_*.py"))]
    said = [re.search(r"^down_revision = (.+)$", text, re.MULTILINE) for text in texts]
    expected = ["None", *(f'"{number}"' for number in known_revisions())]
    assert [match and match[1] for match in said] == expected[:-1]


def cut_power(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
    if statement == "PRAGMA foreign_key_check":  # the last statement of a migration
        raise InterruptedError


def test_a_migration_cut_short_leaves_nothing(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    sa.event.listen(sa.Engine, "before_cursor_execute", cut_power)
    try:
        with pytest.raises(InterruptedError):
            database.migrate()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", cut_power)
    with database.read() as session:
        assert sa.inspect(session.connection()).get_table_names() == []
    database.migrate()
    assert read_stored_numbers(database) == []
    database.close()
