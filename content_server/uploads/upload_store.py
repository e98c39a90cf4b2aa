"""The ledger of uploads: begun, brought further, ended, forgotten; how much each may send."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, delete, select, update

from content_server.db import utc_now
from content_server.errors import TusRefused
from content_server.phrases import _
from content_server.uploads.tables import ID_LENGTH, UploadRow
from content_server.uploads.tus_protocol import BAD_REQUEST, CONFLICT, GONE, TOO_LARGE

LASTS = timedelta(days=7)  # a weak line may need days; after that the piece is only rubbish
MOST_OPEN = 10  # uploads of one person on their way at once
MOST_OPEN_BYTES = 2_000_000_000
NOT_FOUND = 404


@dataclass(frozen=True)
class Wish:
    """What somebody wants to send, and for which step of which lesson."""

    name: str
    size_bytes: int
    slug: str
    step: str = ""
    metadata_line: str = ""


def begin(session: Session, person_id: int, wish: Wish) -> UploadRow:
    """Write a new upload down. Raises TusRefused over a person's quota."""
    rows = [row for row in uploads_of(session, person_id) if not row.has_ended]
    if len(rows) >= MOST_OPEN:
        raise TusRefused(
            TOO_LARGE,
            _("Bác đang gửi dở {count} phim. Chờ xong, hoặc bỏ bớt rồi gửi tiếp.", count=len(rows)),
        )
    if sum(row.size_bytes for row in rows) + wish.size_bytes > MOST_OPEN_BYTES:
        raise TusRefused(
            TOO_LARGE, _("Các phim đang gửi dở đã nặng gần 2 GB. Chờ xong rồi gửi tiếp phim này.")
        )
    row = UploadRow(
        id=secrets.token_hex(ID_LENGTH // 2),
        person_id=person_id,
        slug=wish.slug,
        step=wish.step,
        name=wish.name,
        metadata_line=wish.metadata_line,
        size_bytes=wish.size_bytes,
        expires_at=utc_now() + LASTS,
    )
    session.add(row)
    session.flush()
    return row


def find(session: Session, upload_id: str, person_id: int) -> UploadRow:
    """Return one's own upload. Raises TusRefused: 404 when there is none, 410 when too late."""
    row = session.get(UploadRow, upload_id)
    if row is None or row.person_id != person_id:
        raise TusRefused(NOT_FOUND, _("Không còn phim này để gửi tiếp. Chọn lại tệp và gửi."))
    if row.expires_at <= utc_now() and not row.has_ended:
        raise TusRefused(GONE, _("Phim này để lâu quá một tuần chưa gửi xong. Chọn lại và gửi."))
    return row


def uploads_of(session: Session, person_id: int) -> list[UploadRow]:
    """Return somebody's uploads, newest first."""
    query = select(UploadRow).where(UploadRow.person_id == person_id)
    return list(session.exec(query.order_by(col(UploadRow.created_at).desc()).limit(100)))


def check_offset(row: UploadRow, offset_bytes: int) -> None:
    """Raise TusRefused (409) unless a piece begins where the last one ended."""
    if offset_bytes != row.offset_bytes:
        raise TusRefused(
            CONFLICT, _("Máy gửi và máy chủ chưa khớp nhau, máy sẽ tự hỏi lại rồi gửi tiếp.")
        )


def check_fits(row: UploadRow, piece_bytes: int) -> None:
    """Raise TusRefused for bytes behind the end that was announced."""
    if row.offset_bytes + piece_bytes > row.size_bytes:
        raise TusRefused(BAD_REQUEST, _("Tệp dài hơn lúc mới chọn. Chọn lại tệp và gửi từ đầu."))


def advance(session: Session, row: UploadRow, piece_bytes: int) -> None:
    """Note bytes that are on disk now. Raises TusRefused when another writer was quicker."""
    to = row.offset_bytes + piece_bytes
    moved = (
        update(UploadRow)
        .where(col(UploadRow.id) == row.id, col(UploadRow.offset_bytes) == row.offset_bytes)
        .values(offset_bytes=to)
    )
    if session.exec(moved).rowcount != 1:
        raise TusRefused(CONFLICT, _("Tệp này đang được gửi lại từ chỗ khác."))
    row.offset_bytes = to


def expired(session: Session) -> list[str]:
    """Forget what was not finished in time, and what ended long ago; return the ids."""
    old = col(UploadRow.expires_at) <= utc_now()
    ids = list(session.exec(select(UploadRow.id).where(old).limit(500)))
    session.exec(delete(UploadRow).where(col(UploadRow.id).in_(ids)))
    return ids
