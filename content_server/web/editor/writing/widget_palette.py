"""The widget palette: every widget, its name and its initial content."""

from functools import cache
from typing import Any, get_args

from content_server.media.screens.icons import ICONS
from content_server.media.screens.models import App
from content_server.phrases import Phrase, _

WIDGETS: dict[str, tuple[Phrase, Any]] = {
    "title": (_("Tiêu đề"), {"label": "Tiêu đề", "back": True}),
    "text": (_("Chữ"), {"label": "Một câu", "size": "normal", "align": "left"}),
    "field": (_("Ô gõ chữ"), {"label": "Tên ô", "value": "", "hint": "Gõ vào đây"}),
    "choice": (_("Ô chọn"), {"label": "Tên ô", "value": "Đã chọn"}),
    "search": (_("Ô tìm"), {"value": "", "hint": "Tìm kiếm"}),
    "button": (_("Nút to"), {"label": "Tiếp tục", "look": "primary"}),
    "row": (_("Dòng danh sách"), {"icon": "doc", "label": "Một dòng", "note": "", "value": ""}),
    "icons": (
        _("Lưới hình"),
        [
            {"icon": "bill", "label": "Hóa đơn"},
            {"icon": "phone", "label": "Điện thoại"},
            {"icon": "wallet", "label": "Ví"},
        ],
    ),
    "tabs": (
        _("Thanh dưới cùng"),
        [{"icon": "home", "label": "Trang chủ"}, {"icon": "person", "label": "Cá nhân"}],
    ),
    "keypad": (_("Bàn phím số"), {"id": "ban-phim"}),
    "dots": (_("Chấm mật mã"), {"of": 6, "filled": 3}),
    "dialog": (
        _("Hộp thoại"),
        {
            "label": "Bác có chắc không?",
            "text": "",
            "buttons": [{"label": "Không", "look": "plain"}, {"label": "Có", "look": "primary"}],
        },
    ),
    "toast": (_("Lời báo ngắn"), {"label": "Đã lưu"}),
    "bubble": (_("Tin nhắn"), {"side": "in", "text": "Chào bác"}),
    "composer": (_("Thanh gõ tin"), {"hint": "Tin nhắn", "items": [{"icon": "send"}]}),
    "round": (_("Nút tròn"), {"icon": "mic", "label": "Bấm để nói"}),
    "receipt": (
        _("Biên lai"),
        {"label": "Hóa đơn", "rows": [["Tên", "NGUYỄN VĂN A"], ["Số tiền", "150.000 ₫"]]},
    ),
    "card": (
        _("Thẻ giấy tờ"),
        {"kind": "id", "label": "NGUYỄN VĂN A", "rows": [["Số", "•••• •••• 0000"]]},
    ),
    "qr": (_("Mã QR giả"), {"text": "LUYEN TAP", "label": ""}),
    "camera": (_("Máy ảnh đang ngắm"), {"inside": "qr", "label": ""}),
    "switch": (_("Công tắc"), {"label": "Bật thông báo", "on": False}),
    "tick": (_("Dấu xong"), {"label": "Thành công"}),
    "warning": (_("Cảnh báo"), {"label": "Cẩn thận"}),
    "gap": (_("Khoảng trống"), {}),
}
FIELDS: dict[str, Phrase] = {
    "label": _("Chữ"),
    "text": _("Chữ"),
    "value": _("Điền sẵn (số giả)"),
    "hint": _("Chữ mờ trong ô"),
    "note": _("Chữ nhỏ"),
    "icon": _("Hình"),
    "look": _("Kiểu nút"),
    "size": _("Cỡ chữ"),
    "align": _("Canh"),
    "tone": _("Màu chữ"),
    "side": _("Ai gửi"),
    "from": _("Tên người gửi"),
    "inside": _("Đang ngắm"),
    "kind": _("Loại thẻ"),
    "back": _("Có mũi tên quay lại"),
    "on": _("Đang bật"),
    "box": _("Ô để đánh dấu"),
    "masked": _("Hiện dấu chấm"),
    "of": _("Có mấy chấm"),
    "filled": _("Đã gõ mấy chấm"),
    "rows": _("Các dòng"),
    "buttons": _("Các nút"),
    "items": _("Các hình"),
    "actions": _("Các hình"),
}
CHOICES: dict[str, dict[str, Phrase]] = {
    "look": {
        "primary": _("đậm"),
        "plain": _("nhạt"),
        "good": _("xanh"),
        "danger": _("đỏ"),
    },
    "size": {"small": _("nhỏ"), "normal": _("vừa"), "big": _("to")},
    "align": {"left": _("trái"), "center": _("giữa")},
    "tone": {
        "plain": _("thường"),
        "quiet": _("xám"),
        "good": _("xanh"),
        "danger": _("đỏ"),
    },
    "side": {"in": _("người khác gửi tới"), "out": _("mình gửi đi")},
    "inside": {"qr": _("mã QR"), "face": _("khuôn mặt"), "card": _("tấm thẻ")},
    "kind": {"id": _("căn cước, tài khoản"), "insurance": _("bảo hiểm y tế")},
}
APPS: dict[str, Phrase] = {
    "bank": _("Ngân hàng"),
    "vneid": _("VNeID"),
    "zalo": _("Zalo"),
    "store": _("Kho ứng dụng"),
    "phone": _("Điện thoại"),
    "sms": _("Tin nhắn"),
    "portal": _("Cổng dịch vụ công"),
}


@cache
def palette(tag: str) -> dict[str, Any]:
    """Return the palette in one language, as JSON for the composer."""

    def translate_all(phrases: dict[str, Phrase]) -> dict[str, str]:
        return {key: phrase.translate(tag) for key, phrase in phrases.items()}

    return {
        "widgets": [
            {"kind": kind, "name": name.translate(tag), "start": start}
            for kind, (name, start) in WIDGETS.items()
        ],
        "fields": translate_all(FIELDS),
        "choices": {key: translate_all(values) for key, values in CHOICES.items()},
        "apps": {app: APPS[app].translate(tag) for app in get_args(App)},
        "icons": sorted(ICONS),
        "words": {
            "up": _("Lên").translate(tag),
            "down": _("Xuống").translate(tag),
            "remove": _("Xóa").translate(tag),
            "add": _("Thêm").translate(tag),
            "done": _("Xong").translate(tag),
            "target": _("Đây là chỗ cần bấm").translate(tag),
            "is_target": _("✓ Chỗ cần bấm").translate(tag),
            "none": _("(không)").translate(tag),
            "lost": _("Chưa gửi được. Màn hình vẫn còn trên máy bác, thử lại sau.").translate(tag),
        },
    }
