"""Originals of photos: private files for the editors, deleted when the lesson is published."""

from datetime import timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.errors import ChangeRejected
from content_server.phrases import _
from content_server.uploads import files
from content_server.uploads.tables import PhotoRow

RETENTION = timedelta(days=30)  # when the lesson is not published
MAX_PHOTOS = 60  # unfinished photos per lesson


def list_photos(session: Session, slug: str) -> list[PhotoRow]:
    """Return a lesson's photos in the order of their upload, 500 at most."""
    query = select(PhotoRow).where(PhotoRow.slug == slug).order_by(col(PhotoRow.id))
    return list(session.exec(query.limit(500)))


def find_photo(session: Session, slug: str, photo_id: int) -> PhotoRow:
    """Return a photo that still has its original. Raises ChangeRejected."""
    row = session.get(PhotoRow, photo_id)
    if row is None or row.slug != slug or row.original_name is None:
        raise ChangeRejected(_("Ảnh gốc không còn nữa. Muốn sửa thì chọn lại ảnh."))
    return row


def delete_originals(session: Session, folder: Path, slug: str) -> None:
    """Delete the originals of a published lesson, and all originals older than RETENTION."""
    old = col(PhotoRow.created_at) < utc_now() - RETENTION
    mine = select(PhotoRow).where(
        col(PhotoRow.original_name).is_not(None), (col(PhotoRow.slug) == slug) | old
    )
    names = set()
    for row in session.exec(mine).all():
        names.add(str(row.original_name))
        row.original_name = None
        session.add(row)
    session.flush()
    still = select(PhotoRow.original_name).where(col(PhotoRow.original_name).in_(names))
    for name in names - {str(each) for each in session.exec(still)}:
        files.delete_upload_file(folder, name)
