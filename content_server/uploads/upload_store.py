"""Uploads in the database: create, find, advance and expire them, within per-person quotas."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, delete, select, update

from content_server.db import utc_now
from content_server.errors import TusError
from content_server.phrases import _
from content_server.uploads.tables import ID_LENGTH, UploadRow
from content_server.uploads.tus_protocol import BAD_REQUEST, CONFLICT, GONE, TOO_LARGE

UPLOAD_LIFETIME = timedelta(days=7)  # a weak connection may need days
MAX_OPEN_UPLOADS = 10  # unfinished uploads per person
MAX_OPEN_UPLOAD_BYTES = 2_000_000_000
NOT_FOUND = 404


@dataclass(frozen=True)
class UploadRequest:
    """The data of a new upload: the file and the step of the lesson it is for."""

    name: str
    size_bytes: int
    slug: str
    step: str = ""
    tus_metadata: str = ""


def create_upload(session: Session, person_id: int, request: UploadRequest) -> UploadRow:
    """Insert a new upload. Raises TusError (413) over the person's quota."""
    rows = [row for row in list_uploads(session, person_id) if not row.is_finished]
    if len(rows) >= MAX_OPEN_UPLOADS:
        raise TusError(
            TOO_LARGE,
            _("Bác đang gửi dở {count} phim. Chờ xong, hoặc bỏ bớt rồi gửi tiếp.", count=len(rows)),
        )
    if sum(row.size_bytes for row in rows) + request.size_bytes > MAX_OPEN_UPLOAD_BYTES:
        raise TusError(
            TOO_LARGE, _("Các phim đang gửi dở đã nặng gần 2 GB. Chờ xong rồi gửi tiếp phim này.")
        )
    row = UploadRow(
        id=secrets.token_hex(ID_LENGTH // 2),
        person_id=person_id,
        slug=request.slug,
        step=request.step,
        name=request.name,
        tus_metadata=request.tus_metadata,
        size_bytes=request.size_bytes,
        expires_at=utc_now() + UPLOAD_LIFETIME,
    )
    session.add(row)
    session.flush()
    return row


def find_upload(session: Session, upload_id: str, person_id: int) -> UploadRow:
    """Return an upload of this person. Raises TusError: 404 unknown, 410 expired."""
    row = session.get(UploadRow, upload_id)
    if row is None or row.person_id != person_id:
        raise TusError(NOT_FOUND, _("Không còn phim này để gửi tiếp. Chọn lại tệp và gửi."))
    if row.expires_at <= utc_now() and not row.is_finished:
        raise TusError(GONE, _("Phim này để lâu quá một tuần chưa gửi xong. Chọn lại và gửi."))
    return row


def list_uploads(session: Session, person_id: int) -> list[UploadRow]:
    """Return a person's uploads, newest first, 100 at most."""
    query = select(UploadRow).where(UploadRow.person_id == person_id)
    return list(session.exec(query.order_by(col(UploadRow.created_at).desc()).limit(100)))


def require_matching_offset(row: UploadRow, offset_bytes: int) -> None:
    """Raise TusError (409) unless the chunk begins at the stored offset."""
    if offset_bytes != row.offset_bytes:
        raise TusError(
            CONFLICT, _("Máy gửi và máy chủ chưa khớp nhau, máy sẽ tự hỏi lại rồi gửi tiếp.")
        )


def require_within_length(row: UploadRow, piece_bytes: int) -> None:
    """Raise TusError (400) when the chunk would exceed the announced length."""
    if row.offset_bytes + piece_bytes > row.size_bytes:
        raise TusError(BAD_REQUEST, _("Tệp dài hơn lúc mới chọn. Chọn lại tệp và gửi từ đầu."))


def advance_offset(session: Session, row: UploadRow, piece_bytes: int) -> None:
    """Advance the offset by bytes now on disk. Raises TusError (409) after a concurrent write."""
    to = row.offset_bytes + piece_bytes
    moved = (
        update(UploadRow)
        .where(col(UploadRow.id) == row.id, col(UploadRow.offset_bytes) == row.offset_bytes)
        .values(offset_bytes=to)
    )
    if session.exec(moved).rowcount != 1:
        raise TusError(CONFLICT, _("Tệp này đang được gửi lại từ chỗ khác."))
    row.offset_bytes = to


def delete_expired_uploads(session: Session) -> list[str]:
    """Delete at most 500 expired uploads, finished or not; return their ids."""
    old = col(UploadRow.expires_at) <= utc_now()
    ids = list(session.exec(select(UploadRow.id).where(old).limit(500)))
    session.exec(delete(UploadRow).where(col(UploadRow.id).in_(ids)))
    return ids
