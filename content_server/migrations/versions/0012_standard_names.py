"""standard names for tables, columns and stored words.

The rows stay what they are, with one exception: an act that stands in `workflow_event` as well is
no longer repeated in `audit_log`, so its second record goes.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RENAMED: Mapping[tuple[str, str], Mapping[str, str]] = {  # (old table, new table) → its columns
    ("consent", "consent"): {
        "likeness": "kind",
        "who": "person_name",
        "by_id": "actor_id",
        "spoken_by": "recorded_by",
    },
    ("counted_once", "beacon_token"): {},
    ("draft", "draft"): {
        "base": "base_revision",
        "number": "version",
        "stamps": "field_versions",
        "removed": "removed_steps",
    },
    ("draft_conflict", "draft_conflict"): {"by_id": "actor_id", "at": "created_at"},
    ("draft_guest", "draft_share_link"): {
        "whom": "recipient",
        "by_id": "actor_id",
        "at": "created_at",
        "ends_at": "expires_at",
    },
    ("draft_kept", "draft_snapshot"): {"by_id": "actor_id", "at": "created_at"},
    ("edition_deed", "workflow_event"): {
        "deed": "event",
        "by_id": "actor_id",
        "at": "created_at",
    },
    ("finding", "cached_analysis"): {"found": "value"},
    ("job_need", "job_dependency"): {"needed_id": "depends_on_id"},
    ("pack", "pack"): {
        "made_from": "revisions",
        "stamp": "fingerprint",
        "dated": "content_updated_at",
    },
    ("person", "person"): {
        "second_key": "totp_secret",
        "second_key_step": "totp_step",
        "tag": "locale_tag",
    },
    ("person_log", "audit_log"): {
        "at": "created_at",
        "person_id": "actor_id",
        "what": "event",
        "about": "subject",
    },
    ("person_session", "person_session"): {
        "waits_for_code": "totp_pending",
        "idle_at": "idle_expires_at",
        "ends_at": "expires_at",
    },
    ("photo", "photo"): {
        "marks": "edits",
        "original": "original_name",
        "source": "source_digest",
    },
    ("register", "registry"): {},
    ("remark", "comment"): {
        "of_sentence": "source_fingerprint",
        "by_id": "actor_id",
        "at": "created_at",
        "settled": "resolved",
    },
    ("revision", "revision"): {"by_id": "actor_id"},
    ("source", "source"): {"medium": "kind"},
    ("source_change", "source_change"): {
        "before": "before_fingerprint",
        "after": "after_fingerprint",
        "weight": "severity",
        "by_id": "actor_id",
        "at": "created_at",
    },
    ("stick", "usb_pack"): {},
    ("upload", "upload"): {"metadata_line": "tus_metadata", "trouble": "error"},
    ("village_count", "village_count"): {"what": "event"},
    ("village_link", "village_link"): {"made_by": "created_by", "made_at": "created_at"},
}

COMMENT_KINDS = {"told_back": "back_translation"}
REGISTRIES = {"pressed": "built_with"}
AUDIT_EVENTS = {
    "begun": "lesson_created",
    "consent_noted": "consent_recorded",
    "data_taken": "data_exported",
    "disabled": "account_disabled",
    "due_set": "review_date_set",
    "enabled": "account_enabled",
    "exported": "lesson_exported",
    "guest_let_in": "share_link_created",
    "guest_turned_away": "share_link_revoked",
    "imported": "lesson_imported",
    "invitation_withdrawn": "invitation_revoked",
    "joined": "invitation_accepted",
    "left": "account_deleted",
    "lightened": "lesson_size_reduced",
    "photo_done": "photo_attached",
    "recorded": "voice_recorded",
    "register_changed": "registry_changed",
    "saved": "draft_saved",
    "second_key_off": "totp_disabled",
    "second_key_on": "totp_enabled",
    "told_back": "back_translated",
    "version_back": "snapshot_restored",
    "version_kept": "snapshot_saved",
    "village_closed": "village_link_closed",
    "village_made": "village_link_created",
}
# A removal of a voice or photo stays: the audit log has it once, the workflow once per edition.
WORKFLOW_EVENTS = ("submitted", "returned", "approved", "published", "rolled_back", "withdrawn")
SAME_ACT = timedelta(seconds=5)  # both records of one act were written in one request

TASKS = {
    "shrink": "transcode",
    "lighten": "transcode_background",
    "lists": "publish_lists",
    "stick": "usb_pack",
}
PAYLOAD_KEYS = {  # new name of a task → old key of its payload → new key
    "transcode": {"medium": "kind"},
    "transcode_background": {"wanted": "still_edits"},
    "publish": {"numbers": "revisions"},
}
VERSION_KEYS = {"number": "version", "by_id": "actor_id"}  # of each entry of draft.field_versions


def upgrade() -> None:
    for (old, new), columns in RENAMED.items():
        _rename(old, new, columns)
    _delete_double_records()
    _replace_words("comment", "kind", COMMENT_KINDS)
    _replace_words("audit_log", "event", AUDIT_EVENTS)
    _replace_words("registry", "name", REGISTRIES)
    _rename_version_keys("field_versions", VERSION_KEYS)
    _rename_tasks(TASKS, PAYLOAD_KEYS)


def downgrade() -> None:
    """Bring the old names back. The second records of workflow events do not come back."""
    old_tasks = _inverse(TASKS)
    keys = {old_tasks.get(task, task): _inverse(names) for task, names in PAYLOAD_KEYS.items()}
    _rename_tasks(old_tasks, keys)
    _rename_version_keys("field_versions", _inverse(VERSION_KEYS))
    _replace_words("registry", "name", _inverse(REGISTRIES))
    _replace_words("audit_log", "event", _inverse(AUDIT_EVENTS))
    _replace_words("comment", "kind", _inverse(COMMENT_KINDS))
    for (old, new), columns in RENAMED.items():
        _rename(new, old, _inverse(columns))


def _inverse(names: Mapping[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}


def _rename(old: str, new: str, columns: Mapping[str, str]) -> None:
    """Rename a table, its columns, and every constraint, index and sequence named after them."""
    if new != old:
        op.rename_table(old, new)
    for before, after in columns.items():
        op.execute(f'ALTER TABLE "{new}" RENAME COLUMN "{before}" TO "{after}"')
    connection = op.get_bind()
    if new != old and connection.dialect.name == "postgresql":
        op.execute(f'ALTER SEQUENCE IF EXISTS "{old}_id_seq" RENAME TO "{new}_id_seq"')
    table = sa.Table(new, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    _rename_indexes(table)
    _rename_constraints(table)


def _rename_indexes(table: sa.Table) -> None:
    for index in list(table.indexes):
        columns = [column.name for column in index.columns]
        name = "_".join(("ix", table.name, *columns))
        if index.name != name:
            op.drop_index(str(index.name), table_name=table.name)
            op.create_index(name, table.name, columns, unique=bool(index.unique))
            index.name = sa.quoted_name(name, quote=None)


def _rename_constraints(table: sa.Table) -> None:
    expected_names = {each: _conventional_name(table, each) for each in table.constraints}
    wrong = {each: name for each, name in expected_names.items() if each.name != name}
    if op.get_bind().dialect.name == "postgresql":
        for constraint, name in wrong.items():
            op.execute(
                f'ALTER TABLE "{table.name}" RENAME CONSTRAINT "{constraint.name}" TO "{name}"'
            )
    elif wrong:  # SQLite keeps these names in the text of the table only: write the table anew
        for constraint, name in wrong.items():
            constraint.name = op.f(name)
        with op.batch_alter_table(table.name, copy_from=table, recreate="always"):
            pass


def _conventional_name(table: sa.Table, constraint: sa.Constraint) -> str:
    columns = [column.name for column in constraint.columns]  # type: ignore[attr-defined]  # every kind here has columns
    if isinstance(constraint, sa.PrimaryKeyConstraint):
        return f"pk_{table.name}"
    if isinstance(constraint, sa.ForeignKeyConstraint):
        referred = constraint.elements[0].target_fullname.partition(".")[0]
        return "_".join(("fk", table.name, *columns, referred))
    return "_".join(("uq", table.name, *columns))


def _replace_words(table_name: str, column_name: str, words: Mapping[str, str]) -> None:
    column: sa.ColumnClause[str] = sa.column(column_name, sa.String)
    table = sa.table(table_name, column)
    for old, new in words.items():
        op.execute(table.update().where(column == old).values({column_name: new}))


def _delete_double_records() -> None:
    """Delete from the audit log what `workflow_event` says too: same act, person and moment."""
    moment = sa.DateTime(timezone=True)
    log, events = (
        sa.table(
            name,
            sa.column("id", sa.Integer),
            sa.column("actor_id", sa.Integer),
            sa.column("event", sa.String),
            sa.column("created_at", moment),
        )
        for name in ("audit_log", "workflow_event")
    )
    connection = op.get_bind()
    moments: dict[tuple[int, str], list[Any]] = {}
    for row in connection.execute(sa.select(events).where(events.c.actor_id.is_not(None))):
        moments.setdefault((row.actor_id, row.event), []).append(row.created_at)
    for row in connection.execute(sa.select(log).where(log.c.event.in_(WORKFLOW_EVENTS))).all():
        times = moments.get((row.actor_id, row.event), [])
        if any(abs(row.created_at - each) <= SAME_ACT for each in times):
            connection.execute(log.delete().where(log.c.id == row.id))


def _rename_version_keys(column_name: str, names: Mapping[str, str]) -> None:
    draft = sa.table("draft", sa.column("id", sa.Integer), sa.column(column_name, sa.JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(draft)).all():
        versions = {key: _with_keys(each, names) for key, each in row[1].items()}
        connection.execute(
            draft.update().where(draft.c.id == row.id).values({column_name: versions})
        )


def _rename_tasks(tasks: Mapping[str, str], payload_keys: Mapping[str, Mapping[str, str]]) -> None:
    """Rename tasks in `task`, at the head of `key` and in `payload`; the digest is of all three."""
    job = sa.table(
        "job",
        sa.column("id", sa.Integer),
        sa.column("task", sa.String),
        sa.column("key", sa.String),
        sa.column("payload", sa.JSON),
    )
    job.append_column(sa.column("digest", sa.String))
    connection = op.get_bind()
    for row in connection.execute(sa.select(job)).all():
        task = tasks.get(row.task, row.task)
        if task == row.task and task not in payload_keys:
            continue
        head, colon, rest = row.key.partition(":")
        key = f"{tasks.get(head, head)}{colon}{rest}"
        payload = _with_keys(row.payload, payload_keys.get(task, {}))
        text = json.dumps([task, key, payload], sort_keys=True, ensure_ascii=False)
        digest = sha256(text.encode()).hexdigest()
        connection.execute(
            job.update()
            .where(job.c.id == row.id)
            .values(task=task, key=key, payload=payload, digest=digest)
        )


def _with_keys(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): each for key, each in value.items()}
