"""Snapshots: copies of a draft, saved by a person under a name or automatically without one.

Named and automatic snapshots have separate limits, so automatic ones never displace named ones.
"""

import copy
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from content_server.db import utc_now
from content_server.editorial.edits import DraftBody, clean_value
from content_server.editorial.tables import DraftRow, SnapshotRow
from content_server.errors import ChangeRejected
from content_server.phrases import _

AUTOSAVE_INTERVAL = timedelta(minutes=10)  # our judgement
MAX_AUTOSAVED, MAX_NAMED = 30, 50  # of one draft


def autosave_snapshot(session: Session, row: DraftRow) -> None:
    """Save a draft before it changes, unless a snapshot was made within AUTOSAVE_INTERVAL."""
    query = (
        select(SnapshotRow.created_at)
        .where(SnapshotRow.draft_id == row.id)
        .order_by(col(SnapshotRow.id).desc())
    )
    last = session.exec(query.limit(1)).first()
    if row.id is not None and row.body and (last is None or utc_now() - last >= AUTOSAVE_INTERVAL):
        _write_snapshot(session, row, "")


def save_snapshot(session: Session, row: DraftRow, name: str, actor_id: int | None) -> SnapshotRow:
    """Save a draft under a name. Raises ChangeRejected without a name or over MAX_NAMED."""
    name = str(clean_value(name))[:80]
    if not name:
        raise ChangeRejected(_("Đặt tên cho bản này, để sau còn tìm lại."))
    if len([each for each in snapshots_of(session, row) if each.name]) >= MAX_NAMED:
        raise ChangeRejected(_("Đã giữ nhiều bản quá. Bỏ bớt bản cũ rồi giữ bản mới."))
    snapshot = _write_snapshot(session, row, name)
    snapshot.actor_id = actor_id
    return snapshot


def _write_snapshot(session: Session, row: DraftRow, name: str) -> SnapshotRow:
    snapshot = SnapshotRow(
        draft_id=row.id or 0,
        name=name,
        body=copy.deepcopy(row.body),
        media=dict(row.media),
        actor_id=row.saved_by,
    )
    session.add(snapshot)
    session.flush()
    unnamed = [each.id for each in snapshots_of(session, row) if not each.name]
    session.exec(delete(SnapshotRow).where(col(SnapshotRow.id).in_(unnamed[MAX_AUTOSAVED:])))
    return snapshot


def snapshots_of(session: Session, row: DraftRow) -> list[SnapshotRow]:
    """Return the snapshots of a draft, newest first; none for an unsaved draft."""
    if row.id is None:
        return []
    query = select(SnapshotRow).where(SnapshotRow.draft_id == row.id)
    return list(session.exec(query.order_by(col(SnapshotRow.id).desc())))


def find_snapshot(session: Session, row: DraftRow, snapshot_id: int) -> SnapshotRow:
    """Return one snapshot of a draft. Raises ChangeRejected when it does not exist."""
    snapshot = session.get(SnapshotRow, snapshot_id)
    if snapshot is None or snapshot.draft_id != row.id:
        raise ChangeRejected(_("Bản này không còn nữa. Mở lại trang lịch sử."))
    return snapshot


def delete_snapshot(session: Session, row: DraftRow, snapshot_id: int) -> None:
    """Delete a snapshot. Raises ChangeRejected when it does not exist."""
    session.delete(find_snapshot(session, row, snapshot_id))
    session.flush()


def restore_snapshot(
    session: Session, row: DraftRow, snapshot: SnapshotRow, actor_id: int | None
) -> DraftBody:
    """Save the draft automatically, restore the snapshot's media and return its body.

    Every field changed before counts as changed now, so a page still open gets conflicts instead of
    overwriting the restored values.
    """
    _write_snapshot(session, row, "")
    row.media = {**row.media, **snapshot.media}
    row.field_versions = {
        key: {**last_change, "version": row.version + 1, "actor_id": actor_id, "page": ""}
        for key, last_change in row.field_versions.items()
    }
    return copy.deepcopy(snapshot.body)
