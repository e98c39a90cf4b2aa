"""The form of each registry: its fields, and how they are read into an entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from content_server.editorial.registry_edits import Entry
from content_server.phrases import Phrase, _


class FieldKind(StrEnum):
    """How a field is rendered and parsed."""

    LINE = "line"
    NUMBER = "number"
    TICK = "tick"
    DAY = "day"
    COST = "cost"
    LANGUAGE = "language"
    LINES = "lines"  # one value a line


@dataclass(frozen=True)
class RegistryField:
    """One field of a form."""

    name: str
    label: Phrase
    kind: FieldKind = FieldKind.LINE
    hint: Phrase | None = None
    required: bool = False


@dataclass(frozen=True)
class RegistryForm:
    """The form of one registry."""

    title: Phrase
    description: Phrase
    add_label: Phrase
    key_hint: Phrase
    fields: tuple[RegistryField, ...]
    list_field: str = "name"  # name of the field that lists show


REGISTRY_FORMS: Mapping[str, RegistryForm] = {
    "languages": RegistryForm(
        _("Thứ tiếng"),
        _("Mỗi thứ tiếng một mục: tên người nói tự gọi, và tiếng nào thay khi còn thiếu."),
        _("Thêm một thứ tiếng"),
        _("Mã ngắn, thành một phần địa chỉ trang, ví dụ: hmn"),
        (
            RegistryField("name_vi", _("Tên tiếng Việt"), required=True),
            RegistryField("endonym", _("Tên người nói tự gọi"), required=True),
            RegistryField(
                "tag",
                _("Mã quốc tế"),
                required=True,
                hint=_("Để điện thoại đọc đúng chữ: hmn, tyz."),
            ),
            RegistryField("script", _("Bộ chữ"), hint=_("Bỏ trống là chữ la-tinh (Latn).")),
            RegistryField(
                "orthography", _("Cách viết"), hint=_("Khi có nhiều cách viết, ví dụ: vn1961.")
            ),
            RegistryField("fallback", _("Thiếu thì thay bằng"), FieldKind.LANGUAGE),
            RegistryField("voice_only", _("Chỉ có lời, không có chữ"), FieldKind.TICK),
            RegistryField("waiting", _("Đang chờ người thu giọng đầu tiên"), FieldKind.TICK),
        ),
        list_field="name_vi",
    ),
    "contacts": RegistryForm(
        _("Số gọi khi cần"),
        _("Sửa ở đây là sửa trong mọi bài, mọi thứ tiếng. Chỉ ghi số in trên trang chính thức."),
        _("Thêm một số"),
        _("Mã ngắn để bài gọi tới, ví dụ: dien-luc"),
        (
            RegistryField("name", _("Tên hiện trong bài"), required=True),
            RegistryField("tel", _("Số điện thoại"), hint=_("Chỉ chữ số, từ 3 đến 11 số.")),
            RegistryField("site", _("Trang chính thức"), hint=_("Chỉ tên miền kết thúc bằng .vn")),
            RegistryField("cost", _("Gọi có mất tiền không"), FieldKind.COST, required=True),
            RegistryField("hours", _("Giờ nghe máy")),
            RegistryField("source", _("Lấy từ đâu"), required=True),
            RegistryField("verified_on", _("Ngày kiểm tra"), FieldKind.DAY, required=True),
            RegistryField("verified_by", _("Ai kiểm tra"), required=True),
            RegistryField("verify", _("Còn phải gọi thử hoặc hỏi lại"), FieldKind.TICK),
        ),
    ),
    "topics": RegistryForm(
        _("Nhóm bài"),
        _("Các nhóm trên trang đầu, số nhỏ đứng trước."),
        _("Thêm một nhóm"),
        _("Mã ngắn, ví dụ: suc-khoe"),
        (
            RegistryField("name", _("Tên nhóm"), required=True),
            RegistryField("order", _("Thứ tự"), FieldKind.NUMBER),
        ),
    ),
    "units": RegistryForm(
        _("Tỉnh, xã, bản"),
        _("Nơi chốn có thể đổi tên, sáp nhập. Ghi tên cũ để ai gọi tên cũ vẫn tìm ra."),
        _("Thêm một nơi"),
        _("Mã theo cấp, cách nhau bằng gạch chéo, ví dụ: lai-chau/muong-kim/ban-dong"),
        (
            RegistryField("name", _("Tên"), required=True),
            RegistryField("aliases", _("Tên cũ"), FieldKind.LINES, hint=_("Mỗi dòng một tên.")),
            RegistryField(
                "languages",
                _("Các thứ tiếng nghe ở đó"),
                FieldKind.LINES,
                hint=_("Mỗi dòng một mã tiếng, tiếng nghe nhiều nhất đứng trước."),
            ),
        ),
    ),
}
COSTS = (("free", _("không mất tiền")), ("paid", _("mất tiền")), ("unknown", _("chưa rõ")))


def form_value(field: RegistryField, entry: Entry) -> str:
    """Return the value of a field for its form; a checkbox is "true" or ""."""
    value = entry.get(field.name)
    if field.kind is FieldKind.TICK:
        return "true" if value else ""
    if field.kind is FieldKind.LINES:
        return "\n".join(str(each) for each in value or ())
    if field.kind is FieldKind.LANGUAGE:
        return str(entry.get(field.name, "vi") or "")
    return "" if value is None else str(value)


def parse_entry(form: RegistryForm, values: Mapping[str, str]) -> Entry:
    """Return the entry of a form: empty fields are left out, lines split, checkboxes are bools."""
    entry: Entry = {}
    for field in form.fields:
        text = " ".join(values.get(field.name, "").split(" ")).strip()
        if field.kind is FieldKind.TICK:
            entry[field.name] = text == "true"
        elif field.kind is FieldKind.LINES:
            entry[field.name] = [line.strip() for line in text.splitlines() if line.strip()]
        elif field.kind is FieldKind.LANGUAGE:
            entry[field.name] = text or None
        elif text:
            entry[field.name] = text
    return entry
