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
from content_server.errors import ChangeRejected
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


@dataclass(frozen=True)
class DraftWriter:
    """Changes one draft in the caller's transaction, in a person's name.

    Before a draft changes, a snapshot of it is saved now and then. A changed draft is no longer
    submitted.
    """

    session: Session
    row: DraftRow
    actor_id: int | None

    def save(self, changes: Sequence[Change], seen_version: int, page: str = "") -> DraftSaveResult:
        """Apply changes typed on the page `page`, which showed version `seen_version`.

        A field that another page changed since then keeps its value; the new value is stored as a
        conflict. Raises ChangeRejected and changes nothing.
        """
        row, body = self.row, self.row.body
        field_versions = dict(row.field_versions)
        others = _changes_by_others(row, seen_version, page)
        conflicts: list[ConflictRow] = []
        for change in changes:
            current = value_at(body, change.part, change.path)
            if current == clean_value(change.value) or (current is None and not change.value):
                continue
            if change.key in others:
                conflicts.append(self._conflict(change))
                continue
            body = apply_change(body, change)
            field_versions[change.key] = {
                "version": row.version + 1,
                "actor_id": self.actor_id,
                "page": page,
            }
        self.session.add_all(conflicts)
        if body is not row.body:
            row.field_versions = field_versions
            self._write_body(body)
        self.session.flush()
        ids = tuple(conflict.id or 0 for conflict in conflicts)
        return DraftSaveResult(row.version, ids, tuple(others.values()))

    def rewrite(self, change: Callable[[DraftBody], DraftBody]) -> None:
        """Replace the body by `change(body)`, e.g. to move steps. Raises as `change` does."""
        self._write_body(change(copy.deepcopy(self.row.body)))
        self._record_step_order()
        self.session.flush()

    def remove_step(self, remove: Callable[[DraftBody], tuple[DraftBody, DraftBody]]) -> None:
        """Remove a step and keep it so that it can be restored."""
        body, removed = remove(self.row.body)
        self.row.removed_steps = [*self.row.removed_steps, removed][-MAX_REMOVED_STEPS:]
        self._write_body(body)
        self._record_step_order()

    def restore_removed_step(self, insert: Callable[[DraftBody, DraftBody], DraftBody]) -> None:
        """Restore the step that was removed last. Raises ChangeRejected when there is none."""
        if not self.row.removed_steps:
            raise ChangeRejected(_("Không còn bước nào để lấy lại."))
        *left, last = self.row.removed_steps
        self._write_body(insert(self.row.body, last))
        self.row.removed_steps = left
        self._record_step_order()

    def attach_file(self, file: str, digest: str, change: Callable[[DraftBody], DraftBody]) -> None:
        """Add a stored source under the name `file` and apply `change` to the body."""
        self.row.media = {**self.row.media, file: digest}
        self._write_body(change(copy.deepcopy(self.row.body)))
        self.session.flush()

    def restore_snapshot(self, snapshot_id: int) -> None:
        """Replace the draft by one of its snapshots. Raises ChangeRejected when it is gone."""
        snapshot = find_snapshot(self.session, self.row, snapshot_id)
        body = restore_snapshot(self.session, self.row, snapshot, self.actor_id)
        self.rewrite(lambda _now: body)

    def resolve_conflict(self, conflict_id: int, *, take_conflicting: bool) -> None:
        """Resolve a conflict: apply its value when `take_conflicting`, else keep the draft's.

        Raises ChangeRejected when it was resolved before.
        """
        conflict = self.session.get(ConflictRow, conflict_id)
        if conflict is None or conflict.draft_id != self.row.id:
            raise ChangeRejected(_("Chỗ này đã có người chọn rồi."))
        if take_conflicting:
            change = Change(conflict.part, conflict.value["path"], conflict.value["value"])
            self.save([change], self.row.version)
        self.session.delete(conflict)
        self.session.flush()

    def _conflict(self, change: Change) -> ConflictRow:
        value = {"path": change.path, "value": clean_value(change.value)}
        return ConflictRow(
            draft_id=self.row.id or 0, part=change.part, value=value, actor_id=self.actor_id
        )

    def _record_step_order(self) -> None:
        order = {"version": self.row.version, "actor_id": self.actor_id}
        self.row.field_versions = {**self.row.field_versions, STEP_ORDER_KEY: order}

    def _write_body(self, body: DraftBody) -> None:
        row = self.row
        autosave_snapshot(self.session, row)
        row.body, row.version = body, row.version + 1
        row.saved_at, row.saved_by = utc_now(), self.actor_id
        row.state = DraftState.WRITING  # it differs from what was submitted
        self.session.add(row)


def _changes_by_others(row: DraftRow, seen_version: int, page: str) -> dict[str, Change]:
    """Return key → current value of each field other pages changed since `seen_version`."""
    changes = {}
    for key, last_change in row.field_versions.items():
        part, _slash, path = key.rpartition("/")
        if last_change["version"] > seen_version and (not page or last_change.get("page") != page):
            changes[key] = Change(part, path, value_at(row.body, part, path))
    return changes


def conflicts_of(session: Session, row: DraftRow) -> list[ConflictRow]:
    query = select(ConflictRow).where(ConflictRow.draft_id == row.id).order_by(col(ConflictRow.id))
    return list(session.exec(query.limit(100)))


def check_is_source(folder: str) -> None:
    """Raise ChangeRejected unless `folder` is the source language, which owns the steps."""
    if folder != SOURCE_FOLDER:
        raise ChangeRejected(_("Chỉ bản tiếng Việt thêm bớt bước được."))
