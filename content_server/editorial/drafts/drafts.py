"""Drafts: working copies of editions, saved change by change, with conflicts kept for a choice."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.editorial.drafts.snapshots import (
    autosave_snapshot,
    find_snapshot,
    restore_snapshot,
)
from content_server.editorial.drafts.step_order import MAX_REMOVED_STEPS
from content_server.editorial.edits import Change, DraftBody, apply_change, clean_value, value_at
from content_server.editorial.tables import ConflictRow, DraftRow, DraftState
from content_server.errors import ChangeRejected, LessonNotFound
from content_server.lessons.editions.revisions import find_edition, latest_revision
from content_server.lessons.editions.tables import EditionRef, EditionRow
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

STEP_ORDER_KEY = "/steps"  # key in `field_versions` of the list and order of steps


@dataclass(frozen=True)
class DraftSaveResult:
    """The result of a save: the draft's new version, conflict ids, and what other pages changed."""

    version: int
    conflicts: tuple[int, ...] = ()
    other_changes: tuple[Change, ...] = ()  # since `seen_version`, by other pages


def draft_of(session: Session, ref: EditionRef) -> DraftRow:
    """Return the draft of an edition, or an unsaved copy of its newest revision.

    Raises LessonNotFound.
    """
    edition = find_edition(session, ref)
    row = session.exec(select(DraftRow).where(DraftRow.edition_id == edition.id)).first()
    if row:
        return row
    latest = latest_revision(session, edition)
    return DraftRow(
        edition_id=edition.id or 0,
        base_revision=latest.number if latest else None,
        body=copy.deepcopy(latest.body) if latest else {},
        media=dict(latest.media) if latest else {},
        field_versions={},
        removed_steps=[],
        saved_at=latest.created_at if latest else utc_now(),
    )


def open_draft(session: Session, ref: EditionRef) -> DraftRow:
    """Return the stored draft of an edition and lock its edition row. Raises LessonNotFound."""
    edition = find_edition(session, ref)
    lock = select(EditionRow).where(EditionRow.id == edition.id).with_for_update()
    session.exec(lock).one()  # serializes writers on PostgreSQL; SQLite has one writer anyway
    row = draft_of(session, ref)
    if row.id is None:
        session.add(row)
        session.flush()
    return row


def save_draft_changes(  # noqa: PLR0913, PLR0917  # the fields of a save
    session: Session,
    row: DraftRow,
    changes: Sequence[Change],
    seen_version: int,
    actor_id: int | None,
    page: str = "",
) -> DraftSaveResult:
    """Apply changes typed on the page `page`, which showed version `seen_version` of the draft.

    A field that another page changed since then keeps its value; the new value is stored as a
    conflict. Raises ChangeRejected and changes nothing.
    """
    body, version = row.body, row.version + 1
    field_versions = dict(row.field_versions)
    others = _changes_by_others(row, seen_version, page)
    conflicts: list[ConflictRow] = []
    for change in changes:
        current = value_at(body, change.part, change.path)
        if current == clean_value(change.value) or (current is None and not change.value):
            continue
        if change.key in others:
            value = {"path": change.path, "value": clean_value(change.value)}
            conflicts.append(
                ConflictRow(draft_id=row.id or 0, part=change.part, value=value, actor_id=actor_id)
            )
            continue
        body = apply_change(body, change)
        field_versions[change.key] = {"version": version, "actor_id": actor_id, "page": page}
    session.add_all(conflicts)
    if body is not row.body:
        row.field_versions = field_versions
        _write_body(session, row, body, actor_id)
    session.flush()
    ids = tuple(conflict.id or 0 for conflict in conflicts)
    return DraftSaveResult(row.version, ids, tuple(others.values()))


def _changes_by_others(row: DraftRow, seen_version: int, page: str) -> dict[str, Change]:
    """Return key → current value of each field other pages changed since `seen_version`."""
    changes = {}
    for key, last_change in row.field_versions.items():
        part, _slash, path = key.rpartition("/")
        if last_change["version"] > seen_version and (not page or last_change.get("page") != page):
            changes[key] = Change(part, path, value_at(row.body, part, path))
    return changes


def rewrite_draft(
    session: Session, row: DraftRow, change: Callable[[DraftBody], DraftBody], actor_id: int | None
) -> None:
    """Replace a draft's body by `change(body)`, e.g. to move steps. Raises as `change` does."""
    _write_body(session, row, change(copy.deepcopy(row.body)), actor_id)
    _record_step_order(row, actor_id)
    session.flush()


def remove_draft_step(
    session: Session,
    row: DraftRow,
    remove: Callable[[DraftBody], tuple[DraftBody, DraftBody]],
    actor_id: int | None,
) -> None:
    """Remove a step and keep it so that it can be restored."""
    body, removed = remove(row.body)
    row.removed_steps = [*row.removed_steps, removed][-MAX_REMOVED_STEPS:]
    _write_body(session, row, body, actor_id)
    _record_step_order(row, actor_id)


def restore_removed_step(
    session: Session,
    row: DraftRow,
    insert: Callable[[DraftBody, DraftBody], DraftBody],
    actor_id: int | None,
) -> None:
    """Restore the step that was removed last. Raises ChangeRejected when there is none."""
    if not row.removed_steps:
        raise ChangeRejected(_("Không còn bước nào để lấy lại."))
    *left, last = row.removed_steps
    _write_body(session, row, insert(row.body, last), actor_id)
    row.removed_steps = left
    _record_step_order(row, actor_id)


def _record_step_order(row: DraftRow, actor_id: int | None) -> None:
    row.field_versions = {
        **row.field_versions,
        STEP_ORDER_KEY: {"version": row.version, "actor_id": actor_id},
    }


def attach_file(  # noqa: PLR0913, PLR0917  # the file, its digest, the change and the actor
    session: Session,
    row: DraftRow,
    file: str,
    digest: str,
    change: Callable[[DraftBody], DraftBody],
    actor_id: int | None,
) -> None:
    """Add a stored source to a draft under the name `file` and apply `change` to the body."""
    row.media = {**row.media, file: digest}
    _write_body(session, row, change(copy.deepcopy(row.body)), actor_id)
    session.flush()


def restore_draft(session: Session, row: DraftRow, snapshot_id: int, actor_id: int | None) -> None:
    """Replace a draft by one of its snapshots. Raises ChangeRejected when the snapshot is gone."""
    body = restore_snapshot(session, row, find_snapshot(session, row, snapshot_id), actor_id)
    rewrite_draft(session, row, lambda _now: body, actor_id)


def _write_body(session: Session, row: DraftRow, body: DraftBody, actor_id: int | None) -> None:
    autosave_snapshot(session, row)
    row.body, row.version = body, row.version + 1
    row.saved_at, row.saved_by = utc_now(), actor_id
    row.state = DraftState.WRITING  # it differs from what was submitted
    session.add(row)


def conflicts_of(session: Session, row: DraftRow) -> list[ConflictRow]:
    query = select(ConflictRow).where(ConflictRow.draft_id == row.id).order_by(col(ConflictRow.id))
    return list(session.exec(query.limit(100)))


def resolve_conflict(
    session: Session, row: DraftRow, conflict_id: int, *, take_conflicting: bool, actor_id: int
) -> None:
    """Resolve a conflict: apply its value when `take_conflicting`, else keep the draft's."""
    conflict = session.get(ConflictRow, conflict_id)
    if conflict is None or conflict.draft_id != row.id:
        raise ChangeRejected(_("Chỗ này đã có người chọn rồi."))
    if take_conflicting:
        change = Change(conflict.part, conflict.value["path"], conflict.value["value"])
        save_draft_changes(session, row, [change], row.version, actor_id)
    session.delete(conflict)
    session.flush()


def check_is_source(folder: str) -> None:
    """Raise ChangeRejected unless `folder` is the source language, which owns the steps."""
    if folder != SOURCE_FOLDER:
        raise ChangeRejected(_("Chỉ bản tiếng Việt thêm bớt bước được."))


def check_lesson_exists(session: Session, slug: str) -> None:
    """Raise LessonNotFound unless a lesson or draft with this slug exists."""
    query = select(EditionRow).where(EditionRow.slug == slug).limit(1)
    if session.exec(query).first() is None:
        raise LessonNotFound(_("Không có bài {slug}.", slug=slug[:60]))
