"""What the form of each register asks for, and how its words become an entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from content_server.editorial.registry_edits import Entry
from content_server.phrases import Phrase, _


class Kind(StrEnum):
    """How a field is shown and read."""

    LINE = "line"
    NUMBER = "number"
    TICK = "tick"
    DAY = "day"
    COST = "cost"
    LANGUAGE = "language"
    LINES = "lines"  # one value a line


@dataclass(frozen=True)
class Field:
    """One field of a form."""

    name: str
    label: Phrase
    kind: Kind = Kind.LINE
    hint: Phrase | None = None
    required: bool = False


@dataclass(frozen=True)
class Register:
    """One register: what people call it, and what its entries hold."""

    title: Phrase
    about: Phrase
    add: Phrase
    key: Phrase
    fields: tuple[Field, ...]
    label: str = "name"  # the field an entry is listed by


REGISTERS: Mapping[str, Register] = {
    "languages": Register(
        _("Thứ tiếng"),
        _("Mỗi thứ tiếng một mục: tên người nói tự gọi, và tiếng nào thay khi còn thiếu."),
        _("Thêm một thứ tiếng"),
        _("Mã ngắn, thành một phần địa chỉ trang, ví dụ: hmn"),
        (
            Field("name_vi", _("Tên tiếng Việt"), required=True),
            Field("endonym", _("Tên người nói tự gọi"), required=True),
            Field(
                "tag",
                _("Mã quốc tế"),
                required=True,
                hint=_("Để điện thoại đọc đúng chữ: hmn, tyz."),
            ),
            Field("script", _("Bộ chữ"), hint=_("Bỏ trống là chữ la-tinh (Latn).")),
            Field("orthography", _("Cách viết"), hint=_("Khi có nhiều cách viết, ví dụ: vn1961.")),
            Field("fallback", _("Thiếu thì thay bằng"), Kind.LANGUAGE),
            Field("voice_only", _("Chỉ có lời, không có chữ"), Kind.TICK),
            Field("waiting", _("Đang chờ người thu giọng đầu tiên"), Kind.TICK),
        ),
        label="name_vi",
    ),
    "contacts": Register(
        _("Số gọi khi cần"),
        _("Sửa ở đây là sửa trong mọi bài, mọi thứ tiếng. Chỉ ghi số in trên trang chính thức."),
        _("Thêm một số"),
        _("Mã ngắn để bài gọi tới, ví dụ: dien-luc"),
        (
            Field("name", _("Tên hiện trong bài"), required=True),
            Field("tel", _("Số điện thoại"), hint=_("Chỉ chữ số, từ 3 đến 11 số.")),
            Field("site", _("Trang chính thức"), hint=_("Chỉ tên miền kết thúc bằng .vn")),
            Field("cost", _("Gọi có mất tiền không"), Kind.COST, required=True),
            Field("hours", _("Giờ nghe máy")),
            Field("source", _("Lấy từ đâu"), required=True),
            Field("verified_on", _("Ngày kiểm tra"), Kind.DAY, required=True),
            Field("verified_by", _("Ai kiểm tra"), required=True),
            Field("verify", _("Còn phải gọi thử hoặc hỏi lại"), Kind.TICK),
        ),
    ),
    "topics": Register(
        _("Nhóm bài"),
        _("Các nhóm trên trang đầu, số nhỏ đứng trước."),
        _("Thêm một nhóm"),
        _("Mã ngắn, ví dụ: suc-khoe"),
        (
            Field("name", _("Tên nhóm"), required=True),
            Field("order", _("Thứ tự"), Kind.NUMBER),
        ),
    ),
    "units": Register(
        _("Tỉnh, xã, bản"),
        _("Nơi chốn có thể đổi tên, sáp nhập. Ghi tên cũ để ai gọi tên cũ vẫn tìm ra."),
        _("Thêm một nơi"),
        _("Mã theo cấp, cách nhau bằng gạch chéo, ví dụ: lai-chau/muong-kim/ban-dong"),
        (
            Field("name", _("Tên"), required=True),
            Field("aliases", _("Tên cũ"), Kind.LINES, hint=_("Mỗi dòng một tên.")),
            Field(
                "languages",
                _("Các thứ tiếng nghe ở đó"),
                Kind.LINES,
                hint=_("Mỗi dòng một mã tiếng, tiếng nghe nhiều nhất đứng trước."),
            ),
        ),
    ),
}
COSTS = (("free", _("không mất tiền")), ("paid", _("mất tiền")), ("unknown", _("chưa rõ")))


def shown_value(field: Field, entry: Entry) -> str:
    """Return an entry's field as its form shows it; a tick is "true" or ""."""
    value = entry.get(field.name)
    if field.kind is Kind.TICK:
        return "true" if value else ""
    if field.kind is Kind.LINES:
        return "\n".join(str(each) for each in value or ())
    if field.kind is Kind.LANGUAGE:
        return str(entry.get(field.name, "vi") or "")
    return "" if value is None else str(value)


def entry_from(register: Register, typed: Mapping[str, str]) -> Entry:
    """Return the entry somebody typed: empty fields left out, lines split, ticks as yes or no."""
    entry: Entry = {}
    for field in register.fields:
        text = " ".join(typed.get(field.name, "").split(" ")).strip()
        if field.kind is Kind.TICK:
            entry[field.name] = text == "true"
        elif field.kind is Kind.LINES:
            entry[field.name] = [line.strip() for line in text.splitlines() if line.strip()]
        elif field.kind is Kind.LANGUAGE:
            entry[field.name] = text or None
        elif text:
            entry[field.name] = text
    return entry
