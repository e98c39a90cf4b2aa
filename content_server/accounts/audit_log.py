"""The log: who did what, when; 180 days, then gone (research: trust §2, Vietnam's Law 91/2025)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from content_server.accounts.roles import Person
from content_server.accounts.tables import LogRow
from content_server.db import utc_now
from content_server.phrases import Phrase, _

KEPT = timedelta(days=180)
MAX_ABOUT_LENGTH = 200


def note(session: Session, who: Person | int | None, what: str, about: str = "") -> None:
    """Write one line, and drop those older than 180 days. `what` is a word of `WHAT`."""
    person_id = who.id if isinstance(who, Person) else who
    session.add(LogRow(person_id=person_id, what=what, about=about[:MAX_ABOUT_LENGTH]))
    forget_old(session)


def forget_old(session: Session, now: datetime | None = None) -> None:
    session.exec(delete(LogRow).where(col(LogRow.at) < (now or utc_now()) - KEPT))


def newest(
    session: Session, *, person_id: int | None = None, before: int | None = None, most: int = 50
) -> list[LogRow]:
    """Return lines, newest first; those below id `before`, of one person or of all."""
    query = select(LogRow).order_by(col(LogRow.id).desc()).limit(most)
    if person_id is not None:
        query = query.where(LogRow.person_id == person_id)
    if before is not None:
        query = query.where(col(LogRow.id) < before)
    return list(session.exec(query).all())


def said(what: str) -> Phrase:
    """Return what was done, in words; a word no longer known is shown as it is."""
    return WHAT.get(what) or _("{what}", what=what)


WHAT: Mapping[str, Phrase] = {
    "signed_in": _("vào"),
    "signed_out": _("ra"),
    "sign_in_failed": _("gõ sai câu mật khẩu"),
    "session_ended": _("cho một máy ra"),
    "passphrase_changed": _("đổi câu mật khẩu"),
    "second_key_on": _("bật mã thứ hai"),
    "second_key_off": _("tắt mã thứ hai"),
    "invited": _("mời"),
    "invitation_withdrawn": _("hủy lời mời"),
    "joined": _("nhận lời mời"),
    "roles_changed": _("giao việc"),
    "disabled": _("khóa tài khoản"),
    "enabled": _("mở lại tài khoản"),
    "name_changed": _("đổi tên"),
    "data_taken": _("lấy dữ liệu của mình"),
    "left": _("xóa tài khoản của mình"),
    "register_changed": _("sửa danh sách"),
    "begun": _("bắt đầu một bài"),
    "recorded": _("thu lời"),
    "told_back": _("nghe rồi nói lại"),
    "photo_done": _("xong một ảnh"),
    "lightened": _("làm nhẹ bài"),
    "version_kept": _("giữ lại một bản"),
    "version_back": _("lấy lại một bản đã giữ"),
    "due_set": _("hẹn ngày xem lại"),
    "consent_noted": _("ghi người đồng ý"),
    "saved": _("lưu bài"),
    "submitted": _("gửi duyệt"),
    "returned": _("trả lại để sửa"),
    "published": _("đăng"),
    "rolled_back": _("quay lại bản cũ"),
    "withdrawn": _("cất bài"),
    "approved": _("duyệt"),
    "taken_down": _("gỡ giọng hoặc ảnh"),
    "guest_let_in": _("cho người ngoài xem thử"),
    "guest_turned_away": _("rút lại đường xem thử"),
    "imported": _("nhận gói bài"),
    "exported": _("xuất gói bài"),
    "village_made": _("làm mã cho bản"),
    "village_closed": _("đóng mã của bản"),
}
