"""The one database, SQLite or PostgreSQL: short reads, one writer at a time, one history."""

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
WAIT_S = 5.0  # for the writer before us; research: a locked database answers within 5 s
MIGRATION_WAIT_S = 60.0  # for another process that is migrating
MIGRATION_LOCK = 0x6C65_73736F6E  # PostgreSQL advisory lock: "lesson" in ASCII
POOL_SIZE, POOL_OVERFLOW = 10, 30  # together the 40 threads a web server may run at once
ENUM_LENGTH = 20

UtcDateTime = UTCDateTime
"""Column type of a moment: aware in, aware UTC out, on both databases. Naive values are refused."""

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
    """Return a column holding members of `states` by value, as plain text of at most 20 letters."""
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
    """Sessions of one database. Rows stay readable after their session has ended.

    JSON columns are written when *assigned*; changing a dict in place is not saved.
    """

    def __init__(self, url: str, engine: Engine, wait_s: float) -> None:
        self._url = url
        self._wait_s = wait_s
        self._engine = engine
        self._reading = engine.execution_options(postgresql_readonly=True)
        self._writing = engine.execution_options(writes=True)
        self._turn = Lock()
        self._writer: int | None = None

    @classmethod
    def open(cls, url: str, *, wait_s: float = WAIT_S) -> "Database":
        """Open the database at `url`: `sqlite:///file` (its folder is made) or `postgresql://…`.

        A writer waits `wait_s` for its turn, and on SQLite as long for other processes.
        Raises StoreUnavailable when the folder cannot be made.
        """
        _make_folder(url)
        engine = _make_engine(url, wait_s=wait_s, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW)
        return cls(url, engine, wait_s)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Yield a session that sees one moment of the database and cannot write.

        Raises DatabaseBusy when the database does not answer.
        """
        with _named_errors(), Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Yield the session of the only writer; commit at the end, or nothing at all on an error.

        Keep it short: other writers wait, `wait_s` at most. Raises DatabaseBusy after that, and
        StoreUnavailable when the disk is full or may not be written.
        """
        with (
            self._one_writer(),
            _named_errors(),
            Session(self._writing, expire_on_commit=False) as session,
        ):
            session.connection()  # takes SQLite's write lock now: what is read here stays true
            yield session
            session.commit()

    def migrate(self) -> None:
        """Bring the tables to this program's newest revision; free when they are there already.

        Two processes may do this at once. Raises DatabaseFromTheFuture.
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
    def _one_writer(self) -> Iterator[None]:
        """Let threads write in turn: SQLite's own waiting is no queue and starves some of them."""
        if self._writer == get_ident():
            raise RuntimeError("write() inside write(): hand the session on instead")
        if not self._turn.acquire(timeout=self._wait_s):
            raise _busy()
        self._writer = get_ident()
        try:
            yield
        finally:
            self._writer = None
            self._turn.release()


def known_revisions() -> list[str]:
    """Return the revisions this program has, oldest first, read from file names: 0001_….py."""
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def migration_config(connection: Connection) -> "Config":
    """Return what Alembic needs to work on `connection`; there is no alembic.ini."""
    from alembic.config import Config  # noqa: PLC0415  # 0.2 s a start at the newest revision saves

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


_migrating = Lock()  # Alembic keeps its context in globals


def _upgrade(url: str) -> None:
    """Run the missing migrations in one transaction, all or none."""
    from alembic import command  # noqa: PLC0415  # see migration_config

    engine = _make_engine(
        url,
        wait_s=MIGRATION_WAIT_S,
        foreign_keys=False,  # SQLite changes a table by dropping it: its children must not follow
        poolclass=sa.NullPool,
    ).execution_options(writes=True)
    with _migrating, _named_errors(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        command.upgrade(migration_config(connection), "head")
        if connection.dialect.name == "sqlite":
            _check_foreign_keys(connection)


def _check_foreign_keys(connection: Connection) -> None:
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
        _listen(engine, wait_s, foreign_keys=foreign_keys)
    return engine


def _listen(engine: Engine, wait_s: float, *, foreign_keys: bool) -> None:
    """Set up each SQLite connection, and begin its transactions ourselves."""

    @sa.event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None  # the driver must not begin on its own
        raw.execute(f"PRAGMA busy_timeout = {int(wait_s * 1000)}")
        _use_write_ahead_log(raw, wait_s)
        raw.execute("PRAGMA synchronous = FULL")  # NORMAL loses saved work on a power cut
        raw.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get("writes"))
        connection.exec_driver_sql(f"PRAGMA query_only = {int(not writes)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_write_ahead_log(raw: sqlite3.Connection, wait_s: float) -> None:
    """Switch the file to WAL; SQLite does not wait by itself when two processes do this first."""
    give_up_at = time.monotonic() + wait_s
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.01)
        else:
            return


_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_NO_ROOM = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}


@contextmanager
def _named_errors() -> Iterator[None]:
    """Turn "not now", "no room" and "too large" into errors with words; leave other errors."""
    try:
        yield
    except OperationalError as error:
        if named := _named(error):
            raise named from error
        raise
    except (OverflowError, DataError) as error:  # SQLite's driver says the first, PostgreSQL 2nd
        raise DoesNotFit(
            _("Có con số hoặc đoạn chữ lớn quá, máy không ghi được. Xin xem lại rồi gửi lại.")
        ) from error


def _named(error: DBAPIError) -> AppError | None:
    cause = error.orig
    if not isinstance(cause, sqlite3.Error):
        return _no_room() if getattr(cause, "sqlstate", None) == "53100" else _busy()
    code = cause.sqlite_errorcode & 0xFF
    if code in _BUSY:
        return _busy()
    return _no_room() if code in _NO_ROOM else None


def _busy() -> DatabaseBusy:
    return DatabaseBusy(
        _("Máy chủ đang bận ghi việc khác, chưa lưu được. Xin thử lại sau ít phút.")
    )


def _no_room() -> StoreUnavailable:
    return StoreUnavailable(
        _("Ổ đĩa của máy chủ đã đầy hoặc không cho ghi, chưa lưu được. Xin báo người quản máy.")
    )
