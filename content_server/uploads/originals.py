"""Originals of photos: private files, seen by who edits the lesson, gone once it is shown."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.errors import ChangeRefused
from content_server.phrases import _
from content_server.uploads import files
from content_server.uploads.tables import PhotoRow

KEPT = timedelta(days=30)  # of a lesson that is never shown
MOST_PHOTOS = 60  # of one lesson that are not covered yet


def photos_of(session: Session, slug: str) -> list[PhotoRow]:
    """Return a lesson's photos, in the order they were handed in."""
    query = select(PhotoRow).where(PhotoRow.slug == slug).order_by(col(PhotoRow.id))
    return list(session.exec(query.limit(500)))


def photo_of(session: Session, slug: str, photo_id: int) -> PhotoRow:
    """Return a photo whose original is still here. Raises ChangeRefused."""
    row = session.get(PhotoRow, photo_id)
    if row is None or row.slug != slug or row.original is None:
        raise ChangeRefused(_("Ảnh gốc không còn nữa. Muốn sửa thì chọn lại ảnh."))
    return row


def forget_originals(session: Session, folder: Path, slug: str) -> None:
    """Delete the originals of a lesson that is shown now, and any that lay too long."""
    old = col(PhotoRow.created_at) < utc_now() - KEPT
    mine = select(PhotoRow).where(
        col(PhotoRow.original).is_not(None), (col(PhotoRow.slug) == slug) | old
    )
    names = set()
    for row in session.exec(mine).all():
        names.add(str(row.original))
        row.original = None
        session.add(row)
    session.flush()
    still = select(PhotoRow.original).where(col(PhotoRow.original).in_(names))
    for name in names - {str(each) for each in session.exec(still)}:
        files.remove(folder, name)
