"""Kept versions: a draft as it stood, under a name a person gave it, or kept by itself meanwhile.

What saves itself never crowds out what somebody named: the two are listed apart.
"""

import copy
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from content_server.db import utc_now
from content_server.editorial.edits import Body, clean
from content_server.editorial.tables import DraftRow, SnapshotRow
from content_server.errors import ChangeRefused
from content_server.phrases import _

EVERY = timedelta(minutes=10)  # so often a draft being changed is kept by itself; our judgement
MOST_UNNAMED, MOST_NAMED = 30, 50  # of one draft


def keep_now_and_then(session: Session, row: DraftRow) -> None:
    """Keep a draft as it stands before it changes, unless that was done lately."""
    query = (
        select(SnapshotRow.at)
        .where(SnapshotRow.draft_id == row.id)
        .order_by(col(SnapshotRow.id).desc())
    )
    last = session.exec(query.limit(1)).first()
    if row.id is not None and row.body and (last is None or utc_now() - last >= EVERY):
        _keep(session, row, "")


def keep_as(session: Session, row: DraftRow, name: str, by_id: int | None) -> SnapshotRow:
    """Keep a draft under a name. Raises ChangeRefused without one, or when there are too many."""
    name = str(clean(name))[:80]
    if not name:
        raise ChangeRefused(_("Đặt tên cho bản này, để sau còn tìm lại."))
    if len([each for each in kept_of(session, row) if each.name]) >= MOST_NAMED:
        raise ChangeRefused(_("Đã giữ nhiều bản quá. Bỏ bớt bản cũ rồi giữ bản mới."))
    kept = _keep(session, row, name)
    kept.by_id = by_id
    return kept


def _keep(session: Session, row: DraftRow, name: str) -> SnapshotRow:
    kept = SnapshotRow(
        draft_id=row.id or 0,
        name=name,
        body=copy.deepcopy(row.body),
        media=dict(row.media),
        by_id=row.saved_by,
    )
    session.add(kept)
    session.flush()
    unnamed = [each.id for each in kept_of(session, row) if not each.name]
    session.exec(delete(SnapshotRow).where(col(SnapshotRow.id).in_(unnamed[MOST_UNNAMED:])))
    return kept


def kept_of(session: Session, row: DraftRow) -> list[SnapshotRow]:
    """Return what is kept of a draft, newest first."""
    if row.id is None:
        return []
    query = select(SnapshotRow).where(SnapshotRow.draft_id == row.id)
    return list(session.exec(query.order_by(col(SnapshotRow.id).desc())))


def kept_with(session: Session, row: DraftRow, kept_id: int) -> SnapshotRow:
    """Return one kept version of a draft. Raises ChangeRefused when it is not there."""
    kept = session.get(SnapshotRow, kept_id)
    if kept is None or kept.draft_id != row.id:
        raise ChangeRefused(_("Bản này không còn nữa. Mở lại trang lịch sử."))
    return kept


def drop(session: Session, row: DraftRow, kept_id: int) -> None:
    """Forget a kept version. Raises ChangeRefused when it is not there."""
    session.delete(kept_with(session, row, kept_id))
    session.flush()


def put_back(session: Session, row: DraftRow, kept: SnapshotRow, by_id: int | None) -> Body:
    """Make a draft what it was; what it is now is kept by itself first. Return its body.

    Every place anybody changed counts as changed now: who still types loses nothing by it.
    """
    _keep(session, row, "")
    row.media = {**row.media, **kept.media}
    row.stamps = {
        key: {**stamp, "number": row.number + 1, "by_id": by_id, "page": ""}
        for key, stamp in row.stamps.items()
    }
    return copy.deepcopy(kept.body)
