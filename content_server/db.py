"""The database, SQLite or PostgreSQL: read and write sessions, one writer, migrations."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlmodel import Session, SQLModel, UTCDateTime

from content_server.errors import (
    AppError,
    DatabaseBusy,
    DatabaseFromTheFuture,
    DoesNotFit,
    StoreUnavailable,
)
from content_server.phrases import _

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
WRITE_WAIT_S = 5.0  # for the writer in front: docs/research/trust.md#locked-database
MIGRATION_WAIT_S = 60.0  # for another process that is migrating
MIGRATION_LOCK = 0x6C65_73736F6E  # PostgreSQL advisory lock: "lesson" in ASCII
POOL_SIZE, POOL_OVERFLOW = 10, 30  # together 40: the threads of the web server
ENUM_LENGTH = 20

UtcDateTime = UTCDateTime
"""Column type of a point in time: aware in, aware UTC out; naive values are refused."""

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def utc_now() -> datetime:
    return datetime.now(UTC)


def enum_column(
    states: type[Enum],
    *,
    nullable: bool = False,
    index: bool = False,
    primary_key: bool = False,
    default: Enum | None = None,
) -> sa.Column[Any]:
    """Return a text column of at most ENUM_LENGTH characters holding the values of `states`."""
    stored = sa.Enum(
        states,
        native_enum=False,
        length=ENUM_LENGTH,
        values_callable=lambda members: [member.value for member in members],
    )
    return sa.Column(
        stored, nullable=nullable, index=index, primary_key=primary_key, default=default
    )


class Database:
    """Opens read and write sessions of one database. Rows stay readable after their session.

    JSON columns are saved when assigned; a change of the dict in place is not.
    """

    def __init__(self, url: str, engine: Engine, wait_s: float) -> None:
        self._url = url
        self._wait_s = wait_s
        self._engine = engine
        self._read_engine = engine.execution_options(postgresql_readonly=True)
        self._write_engine = engine.execution_options(writes=True)
        self._write_lock = Lock()
        self._writer_thread: int | None = None

    @classmethod
    def open(cls, url: str, *, wait_s: float = WRITE_WAIT_S) -> "Database":
        """Open the database at `url`: `sqlite:///file` (creates its folder) or `postgresql://…`.

        A writer waits at most `wait_s` for other threads, on SQLite also for other processes.
        Raises StoreUnavailable when the folder cannot be created.
        """
        _make_folder(url)
        engine = _make_engine(url, wait_s=wait_s, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW)
        return cls(url, engine, wait_s)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a read-only session on one snapshot. Raises DatabaseBusy without an answer."""
        with _translate_errors(), Session(self._read_engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield the session of the only writer; commit at the end, roll back on an error.

        Keep it short: other writers wait `wait_s` at most. Raises DatabaseBusy after that, and
        StoreUnavailable when the disk is full or read-only.
        """
        with (
            self._hold_write_lock(),
            _translate_errors(),
            Session(self._write_engine, expire_on_commit=False) as session,
        ):
            session.connection()  # takes SQLite's write lock now, so reads stay valid
            yield session
            session.commit()

    def migrate(self) -> None:
        """Upgrade the tables to this program's newest revision; fast if they have it already.

        Several processes may call this at once. Raises DatabaseFromTheFuture.
        """
        known, stored = known_revisions(), self._stored_revision()
        if stored is not None and stored not in known:
            newest = known[-1] if known else "0"
            raise DatabaseFromTheFuture(
                _(
                    "Dữ liệu do bản mới hơn của chương trình này ghi (bước {stored}, bản này chỉ"
                    " biết tới bước {newest}). Xin cài lại bản mới.",
                    stored=stored,
                    newest=newest,
                )
            )
        if known and stored != known[-1]:
            _upgrade(self._url)

    def _stored_revision(self) -> str | None:
        with self.read() as session:
            connection = session.connection()
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            stored: str | None = connection.scalar(
                sa.text("SELECT version_num FROM alembic_version")
            )
            return stored

    @contextmanager
    def _hold_write_lock(self) -> Iterator[None]:
        """Serialize writing threads: SQLite's busy timeout is no queue and starves some of them."""
        if self._writer_thread == get_ident():
            raise RuntimeError("write() inside write(): pass the session on instead")
        if not self._write_lock.acquire(timeout=self._wait_s):
            raise _busy_error()
        self._writer_thread = get_ident()
        try:
            yield
        finally:
            self._writer_thread = None
            self._write_lock.release()


def known_revisions() -> list[str]:
    """Return the revisions of this program, oldest first, from the file names 0001_….py."""
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def migration_config(connection: Connection) -> "Config":
    """Return the Alembic configuration for `connection`; there is no alembic.ini."""
    from alembic.config import Config  # noqa: PLC0415  # saves 0.2 s when there is nothing to migrate

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


_migration_lock = Lock()  # Alembic keeps its context in globals


def _upgrade(url: str) -> None:
    """Run the missing migrations in one transaction."""
    from alembic import command  # noqa: PLC0415  # see migration_config

    engine = _make_engine(
        url,
        wait_s=MIGRATION_WAIT_S,
        foreign_keys=False,  # SQLite rebuilds a table by dropping it: no cascades
        poolclass=sa.NullPool,
    ).execution_options(writes=True)
    with _migration_lock, _translate_errors(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        command.upgrade(migration_config(connection), "head")
        if connection.dialect.name == "sqlite":
            _require_valid_foreign_keys(connection)


def _require_valid_foreign_keys(connection: Connection) -> None:
    if orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        raise RuntimeError(f"a migration left rows without their parents: {orphans[:5]}")


def _make_folder(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return
    folder = Path(parsed.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            _("Không tạo được thư mục {folder}: {why}", folder=folder, why=error.strerror)
        ) from error


def _make_engine(
    url: str, *, wait_s: float, foreign_keys: bool = True, **options: object
) -> Engine:
    engine = sa.create_engine(url, pool_pre_ping=True, **options)
    if engine.dialect.name == "sqlite":
        _configure_sqlite(engine, wait_s, foreign_keys=foreign_keys)
    return engine


def _configure_sqlite(engine: Engine, wait_s: float, *, foreign_keys: bool) -> None:
    """Set the pragmas of each SQLite connection and begin its transactions explicitly."""

    @sa.event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # no implicit BEGIN by the driver
        raw.execute(f"PRAGMA busy_timeout = {int(wait_s * 1000)}")
        _use_write_ahead_log(raw, wait_s)
        raw.execute("PRAGMA synchronous = FULL")  # NORMAL may lose committed data on a power cut
        raw.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get("writes"))
        connection.exec_driver_sql(f"PRAGMA query_only = {int(not writes)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_write_ahead_log(raw: sqlite3.Connection, wait_s: float) -> None:
    """Switch the file to WAL; retry, since SQLite does not wait when two processes do so."""
    give_up_at = time.monotonic() + wait_s
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY_CODES or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return


_BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_NO_SPACE_CODES = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Turn busy, disk-full and too-large errors into AppErrors; leave other errors."""
    try:
        yield
    except OperationalError as error:
        if named := _to_app_error(error):
            raise named from error
        raise
    except (
        OverflowError,
        DataError,
    ) as error:  # the first from SQLite's driver, the second from PostgreSQL
        raise DoesNotFit(
            _("Có con số hoặc đoạn chữ lớn quá, máy không ghi được. Xin xem lại rồi gửi lại.")
        ) from error


def _to_app_error(error: DBAPIError) -> AppError | None:
    cause = error.orig
    if not isinstance(cause, sqlite3.Error):
        return _no_space_error() if getattr(cause, "sqlstate", None) == "53100" else _busy_error()
    code = cause.sqlite_errorcode & 0xFF
    if code in _BUSY_CODES:
        return _busy_error()
    return _no_space_error() if code in _NO_SPACE_CODES else None


def _busy_error() -> DatabaseBusy:
    return DatabaseBusy(
        _("Máy chủ đang bận ghi việc khác, chưa lưu được. Xin thử lại sau ít phút.")
    )


def _no_space_error() -> StoreUnavailable:
    return StoreUnavailable(
        _("Ổ đĩa của máy chủ đã đầy hoặc không cho ghi, chưa lưu được. Xin báo người quản máy.")
    )
