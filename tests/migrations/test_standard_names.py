"""Migration 0012 on a database of release 0.1.0: every row arrives under the names of today.

database_0011.sql holds the rows; make_database_0011 says how that release wrote them.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlmodel import Session, SQLModel, col, select

from content_server.accounts.audit_log import EVENT_WORDS
from content_server.accounts.tables import AuditLogRow, PersonRow, PersonSessionRow
from content_server.app import create_app
from content_server.db import Database, migration_config, utc_now
from content_server.editorial.tables import (
    ChangeRow,
    ChangeSeverity,
    CommentKind,
    CommentRow,
    ConsentRow,
    DraftRow,
    ShareLinkRow,
    SnapshotRow,
    WorkflowEvent,
    WorkflowEventRow,
)
from content_server.jobs.queue import enqueue
from content_server.jobs.tables import Job, JobDependency, JobState
from content_server.lessons.editions.tables import EditionRow, RegistryRow, RevisionRow
from content_server.media.media_kinds import MediaKind
from content_server.media.tables import CachedAnalysis, Source
from content_server.migrations.compare import import_tables, schema_differences
from content_server.pipeline.publish import BUILT_WITH, PUBLISH, PUBLISH_LISTS
from content_server.pipeline.transcode import TRANSCODE, TRANSCODE_BACKGROUND
from content_server.reach.tables import BeaconTokenRow, VillageCountRow, VillageLinkRow
from content_server.services import open_services
from content_server.settings import Settings
from content_server.site.downloads.pack_builder import BUILD_PACK
from content_server.site.downloads.usb_packs import BUILD_USB_PACK
from content_server.site.packs.tables import PackRow, UsbPackRow
from content_server.uploads.tables import PhotoRow, UploadRow
from tests.support.accounts import new_client, sign_in

SQLITE = "sqlite:///"
ROWS = Path(__file__).parent / "database_0011.sql"
NEW_TABLES = {
    "counted_once": "beacon_token",
    "draft_guest": "draft_share_link",
    "draft_kept": "draft_snapshot",
    "edition_deed": "workflow_event",
    "finding": "cached_analysis",
    "job_need": "job_dependency",
    "person_log": "audit_log",
    "register": "registry",
    "remark": "comment",
    "stick": "usb_pack",
}
CHANGED_VALUES = {"draft", "job", "person_log", "register", "remark"}  # besides their names
DOUBLE_RECORDS = Counter(
    submitted=3, returned=1, approved=2, published=2, rolled_back=1, withdrawn=1
)

Rows = dict[str, list[tuple[Any, ...]]]  # table → its rows, by primary key


def inserts() -> list[str]:
    return [line for line in ROWS.read_text("utf-8").splitlines() if line.startswith("INSERT")]


def rows_per_table() -> Counter[str]:
    return Counter(line.split('"')[1] for line in inserts())


def move(url: str, step: str, revision: str) -> None:
    """Upgrade or downgrade to a revision."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        getattr(command, step)(migration_config(connection), revision)


def load(url: str) -> None:
    """Write the rows of the file, and let PostgreSQL number on behind them."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, execution_options={"no_parameters": True})
    with engine.begin() as connection:
        is_postgres = connection.dialect.name == "postgresql"
        if is_postgres:
            connection.exec_driver_sql("SET TIME ZONE 'UTC'")
        for line in inserts():
            connection.exec_driver_sql(line)
        for name in rows_per_table() if is_postgres else ():
            defaults = {str(each["default"]) for each in sa.inspect(connection).get_columns(name)}
            if any(default.startswith("nextval") for default in defaults):
                highest = f'SELECT max(id) FROM "{name}"'  # noqa: S608  # a name of ours
                connection.exec_driver_sql(f"SELECT setval('{name}_id_seq', ({highest}))")


def stored(url: str) -> Rows:
    """Return the rows of every table, as the database has them."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    rows: Rows = {}
    with engine.connect() as connection:
        for name in set(sa.inspect(connection).get_table_names()) - {"alembic_version"}:
            key = sa.inspect(connection).get_pk_constraint(name)["constrained_columns"]
            order = ", ".join(f'"{column}"' for column in key)
            query = f'SELECT * FROM "{name}" ORDER BY {order}'  # noqa: S608  # names of ours
            rows[name] = [tuple(row) for row in connection.exec_driver_sql(query)]
    return rows


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def old_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make the database of release 0.1.0 once; each test works on a copy."""
    if request.param == "sqlite":
        url = f"{SQLITE}{tmp_path_factory.mktemp('old')}/content.sqlite3"
    else:
        url = request.getfixturevalue("new_postgres")("")
    move(url, "upgrade", "0011")
    load(url)
    return url


@pytest.fixture
def url(old_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a copy of the database of release 0.1.0."""
    if old_url.startswith(SQLITE):
        copy = shutil.copy(old_url.removeprefix(SQLITE), tmp_path / "content.sqlite3")
        return f"{SQLITE}{copy}"
    return str(request.getfixturevalue("new_postgres")(old_url))


@pytest.fixture
def before(url: str) -> Rows:
    """Return the rows before the migration."""
    return stored(url)


@pytest.fixture
def migrated(url: str, before: Rows) -> Iterator[Database]:
    assert before
    database = Database.open(url)
    database.migrate()
    yield database
    database.close()


def test_the_old_database_has_rows_in_every_table(before: Rows) -> None:
    assert {name: len(rows) for name, rows in before.items()} == rows_per_table()


def test_every_row_arrives(url: str, before: Rows, migrated: Database) -> None:
    migrated.close()
    after = stored(url)
    assert {NEW_TABLES.get(name, name) for name in before} == set(after)
    for name, rows in before.items():
        new = after[NEW_TABLES.get(name, name)]
        if name not in CHANGED_VALUES:
            assert new == rows, name
        elif name != "person_log":
            assert len(new) == len(rows), name
    assert len(after["audit_log"]) == len(before["person_log"]) - DOUBLE_RECORDS.total()
    assert schema_differences(url) == []


def test_constraints_and_indexes_are_named_after_their_tables(url: str, migrated: Database) -> None:
    migrated.close()
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        inspector = sa.inspect(connection)
        for name in set(inspector.get_table_names()) - {"alembic_version"}:
            named = [
                inspector.get_pk_constraint(name),
                *inspector.get_foreign_keys(name),
                *inspector.get_unique_constraints(name),
                *inspector.get_indexes(name),
            ]
            for each in named:
                prefix, _underscore, rest = str(each["name"]).partition("_")
                assert prefix in {"pk", "fk", "uq", "ix"}
                assert rest == name or rest.startswith(f"{name}_"), each["name"]


def test_every_row_is_readable(migrated: Database) -> None:
    import_tables()
    with migrated.read() as session:
        for mapper in SQLModel._sa_registry.mappers:  # noqa: SLF001  # the one list of all tables
            assert session.exec(select(mapper.class_)).all(), mapper.class_


def test_a_draft_and_its_talk_have_their_new_names(migrated: Database) -> None:
    with migrated.read() as session:
        draft = session.exec(select(DraftRow).order_by(col(DraftRow.version).desc())).all()[0]
        comments = session.exec(select(CommentRow).order_by(col(CommentRow.id))).all()
        change = session.exec(select(ChangeRow)).one()
        event = session.exec(select(WorkflowEventRow).order_by(col(WorkflowEventRow.id))).all()[0]
        recipients = session.exec(select(ShareLinkRow.recipient)).all()
        names = session.exec(select(SnapshotRow.name)).all()
        consents = session.exec(select(ConsentRow).order_by(col(ConsentRow.id))).all()
        actors = session.exec(select(RevisionRow.actor_id)).all()
        registry = session.get(RegistryRow, BUILT_WITH)
    assert (draft.version, draft.base_revision) == (4, 2)
    assert draft.field_versions["nham/if_wrong"] == {"version": 4, "actor_id": 2, "page": "pao"}
    assert draft.removed_steps
    told, typed = comments[:2]
    assert (told.kind, typed.kind) == (CommentKind.BACK_TRANSLATION, CommentKind.COMMENT)
    assert (told.actor_id, told.source_fingerprint, told.resolved) == (6, "e08d42", False)
    assert typed.resolved
    assert (change.before_fingerprint, change.after_fingerprint) == ("8e5f20", "d0e1f6")
    assert (change.severity, change.actor_id) == (ChangeSeverity.DANGEROUS, 4)
    assert (event.event, event.actor_id) == (WorkflowEvent.SUBMITTED, 2)
    assert recipients == ["Bạn xem thử"]
    assert "Bản hay" in names
    assert (consents[1].kind, consents[1].person_name) == ("voice", "Người Có Giọng")
    assert [row.recorded_by for row in consents] == [5, None, 5]
    assert set(actors) >= {None, 2}
    assert registry is not None


def test_people_media_and_counts_have_their_new_names(migrated: Database) -> None:
    with migrated.read() as session:
        person, photo = session.get(PersonRow, 3), session.get(PhotoRow, 1)
        pending = session.exec(select(PersonSessionRow.totp_pending)).all()
        kinds = session.exec(select(Source.kind)).all()
        analyses = session.exec(select(CachedAnalysis)).all()
        pack, usb_pack = session.exec(select(PackRow)).one(), session.exec(select(UsbPackRow)).one()
        errors = [row.error for row in session.exec(select(UploadRow)) if row.error]
        counts = {row.event: row.count for row in session.exec(select(VillageCountRow))}
        makers = session.exec(select(VillageLinkRow.created_by)).all()
        token = session.exec(select(BeaconTokenRow)).one()
    assert person is not None
    assert person.totp_secret
    assert (person.totp_step > 0, person.locale_tag) == (True, "vi")
    assert photo is not None
    assert photo.edits["spot"] == [50.0, 50.0]
    assert photo.original_name
    assert photo.source_digest
    assert sorted(pending) == [False] * 7 + [True]
    assert set(kinds) >= {MediaKind.CLIP, MediaKind.IMAGE, MediaKind.VOICE}
    assert all(row.value for row in analyses)
    assert (pack.revisions, len(pack.fingerprint)) == ({"vi": 1}, 64)
    assert usb_pack.languages == "vi"
    assert [set(error) for error in errors] == [{"message", "values"}]
    assert counts == {"opened": 1, "finished": 1, "hands": 24}
    assert makers == [7, 7]
    assert token.digest


def test_an_act_is_recorded_once(migrated: Database) -> None:
    """What the workflow says is no longer said by the audit log; what only the log says stays."""
    with migrated.read() as session:
        events = session.exec(select(AuditLogRow.event)).all()
    assert not set(DOUBLE_RECORDS) & set(events)
    assert "taken_down" in events  # the log has it once, the workflow once per edition
    assert set(events) <= set(EVENT_WORDS)


def test_a_record_without_its_workflow_event_stays(url: str, before: Rows) -> None:
    assert before
    line = """INSERT INTO person_log (id, "at", "person_id", "what", "about")
        VALUES (900, '2026-12-01 09:00:00', 4, 'published', 'x')"""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(line)
    database = Database.open(url)
    database.migrate()
    with database.read() as session:
        query = select(AuditLogRow).where(AuditLogRow.event == "published")
        assert session.exec(query).one().subject == "x"
    database.close()


def test_jobs_go_on_under_their_new_names(migrated: Database) -> None:
    tasks = {TRANSCODE, TRANSCODE_BACKGROUND, PUBLISH, PUBLISH_LISTS, BUILD_PACK, BUILD_USB_PACK}
    with migrated.write() as session:
        jobs = session.exec(select(Job)).all()
        assert {job.task for job in jobs} == tasks
        assert {job.state for job in jobs} == set(JobState)
        assert all(job.key.partition(":")[0] == job.task for job in jobs)
        open_jobs = [job for job in jobs if job.state in {JobState.WAITING, JobState.RUNNING}]
        again = [enqueue(session, job.task, job.payload, key=job.key).id for job in open_jobs]
        assert again == [job.id for job in open_jobs]  # the same work is known as the same
    assert {*job_keys(jobs, PUBLISH)} == {"slug", "revisions"}
    assert {*job_keys(jobs, TRANSCODE)} == {"digest", "kind"}
    assert {*job_keys(jobs, TRANSCODE_BACKGROUND)} == {"digest", "rung"}


def job_keys(jobs: Any, task: str) -> Iterator[str]:  # noqa: ANN401  # a sequence of rows
    for job in jobs:
        if job.task == task:
            yield from job.payload


def test_rows_still_go_with_what_they_belong_to(migrated: Database) -> None:
    with migrated.write() as session:
        needed = session.exec(select(JobDependency.depends_on_id)).all()[0]
        assert needed is not None
        delete(session, Job, needed)
        delete(session, PersonRow, 6)
        kept = session.exec(select(JobDependency.depends_on_id)).all()
        assert needed not in kept
        actors = session.exec(select(AuditLogRow.actor_id)).all()
        assert 6 not in actors  # the person's id
        assert None in actors


def delete(session: Session, table: type[SQLModel], row_id: int) -> None:
    row = session.get(table, row_id)
    session.delete(row)
    session.flush()
    session.expire_all()


def test_new_rows_get_fresh_numbers(migrated: Database) -> None:
    new: list[Any] = [
        CommentRow(edition_id=1, kind=CommentKind.COMMENT),
        WorkflowEventRow(edition_id=1, event=WorkflowEvent.SUBMITTED),
        SnapshotRow(draft_id=1, body={}, media={}),
        ShareLinkRow(edition_id=1, token_hash="0" * 64, expires_at=utc_now()),
        AuditLogRow(event="invited"),
        EditionRow(slug="bai-9", folder="vi"),
    ]
    with migrated.write() as session:
        for row in new:
            highest = session.exec(sa.select(sa.func.max(type(row).id))).scalar_one()  # type: ignore[call-overload]
            session.add(row)
            session.flush()
            assert row.id == highest + 1, type(row)


def test_the_way_back_brings_the_old_names(url: str, before: Rows, migrated: Database) -> None:
    """Only the double records of the audit log do not come back."""
    migrated.close()
    move(url, "downgrade", "0011")
    after = stored(url)
    lost = [row for row in before["person_log"] if row not in after["person_log"]]
    assert len(lost) == DOUBLE_RECORDS.total()
    assert {**after, "person_log": []} == {**before, "person_log": []}


def test_a_server_works_on_such_a_database(url: str, before: Rows, tmp_path: Path) -> None:
    assert before
    (tmp_path / "lessons").mkdir()
    folders = tmp_path / "data", tmp_path / "lessons", tmp_path
    services = open_services(Settings(*folders, database_url=url))
    app = create_app(services)
    reviewer, admin = (sign_in(new_client(app), login) for login in ("chu", "admin"))
    for client, path, words in (
        (reviewer, "/-/soan/bai/bai-2/vi/duyet", "Bài hay."),
        (reviewer, "/-/soan/bai/bai-2/vi/lich-su", "Trước khi sửa"),
        (reviewer, "/-/soan/bai/bai-2/vi/khac", "Nhầm thì bấm nút Khác."),
        (reviewer, "/-/soan/bai/bai-1/hmn/duyet", "Bấm trả tiền."),
        (reviewer, "/-/soan/dong-y", "Người Có Giọng"),
        (admin, "/-/soan/nhat-ky", "nghe rồi nói lại"),
        (admin, "/-/tap-huan/ban/x7k2", "Nà Thử"),
        (admin, "/-/soan/nguoi", "Người Mới"),
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert words in page.text, path
    services.database.close()
