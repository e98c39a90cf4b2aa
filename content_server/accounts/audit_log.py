"""The audit log: who did what, when. Rows are deleted after 180 days.

The period is that of docs/research/trust.md#audit-log-retention.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from content_server.accounts.roles import Person
from content_server.accounts.tables import AuditLogRow
from content_server.db import utc_now
from content_server.phrases import Phrase, _

RETENTION = timedelta(days=180)
MAX_SUBJECT_LENGTH = 200


def record_audit_event(
    session: Session, actor: Person | int | None, event: str, subject: str = ""
) -> None:
    """Write one row and delete expired ones. `event` is a key of EVENT_WORDS."""
    person_id = actor.id if isinstance(actor, Person) else actor
    session.add(AuditLogRow(actor_id=person_id, event=event, subject=subject[:MAX_SUBJECT_LENGTH]))
    delete_expired(session)


def delete_expired(session: Session, now: datetime | None = None) -> None:
    """Delete rows older than RETENTION at `now`."""
    session.exec(
        delete(AuditLogRow).where(col(AuditLogRow.created_at) < (now or utc_now()) - RETENTION)
    )


def load_newest_events(
    session: Session, *, person_id: int | None = None, before: int | None = None, limit: int = 50
) -> list[AuditLogRow]:
    """Return at most `limit` rows, newest first: ids below `before`, of one person or all."""
    query = select(AuditLogRow).order_by(col(AuditLogRow.id).desc()).limit(limit)
    if person_id is not None:
        query = query.where(AuditLogRow.actor_id == person_id)
    if before is not None:
        query = query.where(col(AuditLogRow.id) < before)
    return list(session.exec(query).all())


def describe_event(event: str) -> Phrase:
    """Return the event in words; an event this version does not know is returned as it is."""
    return EVENT_WORDS.get(event) or _("{what}", what=event)


EVENT_WORDS: Mapping[str, Phrase] = {
    "signed_in": _("vào"),
    "signed_out": _("ra"),
    "sign_in_failed": _("gõ sai câu mật khẩu"),
    "session_ended": _("cho một máy ra"),
    "passphrase_changed": _("đổi câu mật khẩu"),
    "totp_enabled": _("bật mã thứ hai"),
    "totp_disabled": _("tắt mã thứ hai"),
    "invited": _("mời"),
    "invitation_revoked": _("hủy lời mời"),
    "invitation_accepted": _("nhận lời mời"),
    "roles_changed": _("giao việc"),
    "account_disabled": _("khóa tài khoản"),
    "account_enabled": _("mở lại tài khoản"),
    "name_changed": _("đổi tên"),
    "data_exported": _("lấy dữ liệu của mình"),
    "account_deleted": _("xóa tài khoản của mình"),
    "registry_changed": _("sửa danh sách"),
    "lesson_created": _("bắt đầu một bài"),
    "voice_recorded": _("thu lời"),
    "back_translated": _("nghe rồi nói lại"),
    "photo_attached": _("xong một ảnh"),
    "lesson_size_reduced": _("làm nhẹ bài"),
    "snapshot_saved": _("giữ lại một bản"),
    "snapshot_restored": _("lấy lại một bản đã giữ"),
    "review_date_set": _("hẹn ngày xem lại"),
    "consent_recorded": _("ghi người đồng ý"),
    "draft_saved": _("lưu bài"),
    "submitted": _("gửi duyệt"),
    "returned": _("trả lại để sửa"),
    "published": _("đăng"),
    "rolled_back": _("quay lại bản cũ"),
    "withdrawn": _("cất bài"),
    "approved": _("duyệt"),
    "taken_down": _("gỡ giọng hoặc ảnh"),
    "share_link_created": _("cho người ngoài xem thử"),
    "share_link_revoked": _("rút lại đường xem thử"),
    "lesson_imported": _("nhận gói bài"),
    "lesson_exported": _("xuất gói bài"),
    "village_link_created": _("làm mã cho bản"),
    "village_link_closed": _("đóng mã của bản"),
}
