"""A gallery: one example of every widget and scene, for the contact sheet and the tests."""

from collections.abc import Mapping
from typing import Any

from content_server.media.screens.models import Scene, Screen
from content_server.media.screens.scenes.spots import POINTS

_ACCOUNT = {
    "kind": "id",
    "label": "NGUYỄN VĂN A",
    "rows": [["Số tài khoản", "•••• •••• 0000"], ["Số dư", "•••••• ₫"]],
}
_BANK_TABS = [
    {"icon": "home", "label": "Trang chủ"},
    {"icon": "history", "label": "Lịch sử"},
    {"icon": "person", "label": "Cá nhân"},
]
_VNEID_TABS = [
    {"icon": "home", "label": "Trang chủ"},
    {"id": "wallet", "icon": "wallet", "label": "Ví giấy tờ"},
    {"icon": "bell", "label": "Thông báo"},
    {"icon": "person", "label": "Cá nhân"},
]
_PAY_ICONS = [
    {"id": "transfer", "icon": "transfer", "label": "Chuyển tiền"},
    {"id": "bills", "icon": "bill", "label": "Thanh toán hóa đơn"},
    {"id": "top-up", "icon": "phone", "label": "Nạp điện thoại"},
    {"icon": "qr", "label": "Quét mã QR"},
    {"icon": "money", "label": "Tiết kiệm"},
    {"icon": "more", "label": "Xem thêm"},
]
_INSURANCE = [
    ["Họ tên", "NGUYỄN VĂN A"],
    ["Số thẻ", "•• • •• ••••••••••"],
    ["Thời hạn", "31/12/2026"],
    ["Nơi đăng ký khám", "Trạm y tế xã"],
]
_BILL = [
    ["Mã khách hàng", "P••• •••• •••••"],
    ["Tên chủ hộ", "NGUYỄN VĂN A"],
    ["Kỳ", "Tháng 10"],
    ["Số tiền", "150.000 ₫"],
]
_PHONE_ICONS = [
    {"id": "zalo", "icon": "chat", "label": "Zalo"},
    {"id": "vneid", "icon": "shield", "label": "VNeID"},
    {"icon": "wallet", "label": "Ngân hàng"},
    {"icon": "play", "label": "CH Play"},
    {"icon": "photo", "label": "Ảnh"},
    {"icon": "gear", "label": "Cài đặt"},
]
_CALL = [{"id": "call", "icon": "call"}, {"id": "video", "icon": "video"}]

_SCREENS: Mapping[str, tuple[str, list[dict[str, Any]]]] = {
    "bank home": (
        "bank",
        [
            {"title": {"label": "Ngân hàng của tôi", "actions": [{"icon": "bell"}]}},
            {"card": _ACCOUNT},
            {"icons": _PAY_ICONS},
            {"tabs": _BANK_TABS},
        ],
    ),
    "bank enter code": (
        "bank",
        [
            {"title": {"label": "Trả tiền điện", "id": "back"}},
            {"choice": {"label": "Nhà cung cấp", "value": "Điện lực miền Bắc"}},
            {"field": {"id": "code", "label": "Mã khách hàng", "hint": "Gõ mã trên giấy báo"}},
            {"button": {"id": "check", "label": "Kiểm tra"}},
            {"pointer": {"to": "code"}},
        ],
    ),
    "bank bill": (
        "bank",
        [
            {"title": {"label": "Trả tiền điện", "back": True}},
            {"receipt": {"id": "bill", "label": "Hóa đơn tiền điện", "rows": _BILL}},
            {"button": {"id": "pay", "label": "Thanh toán"}},
            {"button": {"id": "later", "label": "Để sau", "look": "plain"}},
        ],
    ),
    "bank pin": (
        "bank",
        [
            {"title": {"label": "Xác nhận", "back": True}},
            {"text": {"label": "Trả tiền điện 150.000 ₫", "size": "big", "align": "center"}},
            {"text": {"label": "Nhập mã PIN", "align": "center", "tone": "quiet"}},
            {"dots": {"of": 6, "filled": 3}},
            {"keypad": {"id": "pad"}},
        ],
    ),
    "bank done": (
        "bank",
        [
            {"title": "Kết quả"},
            {"tick": "Giao dịch thành công"},
            {"receipt": {"rows": [["Trả tiền điện", "150.000 ₫"], ["Tên chủ hộ", "NGUYỄN VĂN A"]]}},
            {"button": {"id": "home", "label": "Về trang chủ"}},
        ],
    ),
    "bank wrong name": (
        "bank",
        [
            {"title": {"label": "Trả tiền điện", "id": "back"}},
            {"receipt": {"rows": [["Tên chủ hộ", "TRẦN THỊ B"], ["Số tiền", "480.000 ₫"]]}},
            {"warning": "Tên này không phải nhà mình."},
            {"button": {"id": "stop", "label": "Không trả nữa", "look": "danger"}},
            {"text": {"label": "Chưa mất đồng nào.", "tone": "good", "align": "center"}},
        ],
    ),
    "bank qr": (
        "bank",
        [
            {"title": {"label": "Nhận tiền", "back": True}},
            {"qr": {"id": "code", "text": "LUYEN-TAP-0000", "label": "NGUYỄN VĂN A"}},
            {"text": {"label": "Đưa mã này cho người trả tiền.", "align": "center"}},
            {"toast": "Đã lưu mã vào Ảnh"},
        ],
    ),
    "bank scan": (
        "bank",
        [
            {"title": {"label": "Quét mã QR", "back": True}},
            {"camera": {"id": "view", "inside": "qr", "label": "Đưa mã vào trong khung"}},
            {"button": {"id": "photo", "label": "Chọn ảnh có sẵn", "look": "plain"}},
        ],
    ),
    "vneid welcome": (
        "vneid",
        [
            {"title": "VNeID"},
            {"text": {"label": "Định danh điện tử", "size": "big", "align": "center"}},
            {"text": {"label": "Bác chưa đăng nhập", "align": "center", "tone": "quiet"}},
            {"gap": {}},
            {"button": {"id": "log-in", "label": "Đăng nhập", "look": "plain"}},
            {"button": {"id": "activate", "label": "Kích hoạt tài khoản định danh điện tử"}},
        ],
    ),
    "vneid home": (
        "vneid",
        [
            {"title": {"label": "VNeID", "actions": [{"icon": "bell"}]}},
            {"text": {"label": "Xin chào, NGUYỄN VĂN A"}},
            {
                "icons": [
                    {"icon": "card", "label": "Thẻ căn cước"},
                    {"icon": "doc", "label": "Thủ tục hành chính"},
                    {"icon": "health", "label": "Sổ sức khỏe điện tử"},
                ]
            },
            {"row": {"icon": "news", "label": "Tin mới", "note": "Mỗi người một tài khoản"}},
            {"tabs": _VNEID_TABS},
        ],
    ),
    "vneid wallet": (
        "vneid",
        [
            {"title": "Ví giấy tờ"},
            {"row": {"id": "id-card", "icon": "id", "label": "Thẻ căn cước"}},
            {"row": {"id": "insurance", "icon": "health", "label": "Thẻ bảo hiểm y tế"}},
            {"row": {"id": "licence", "icon": "car", "label": "Giấy phép lái xe"}},
            {"row": {"id": "add", "icon": "plus", "label": "Tích hợp thông tin"}},
            {"tabs": [_VNEID_TABS[0], _VNEID_TABS[1] | {"on": True}, *_VNEID_TABS[2:]]},
        ],
    ),
    "vneid passcode": (
        "vneid",
        [
            {"title": {"label": "Thẻ bảo hiểm y tế", "back": True}},
            {"text": {"label": "Nhập passcode", "size": "big", "align": "center"}},
            {"dots": {"of": 6, "filled": 0}},
            {"keypad": {}},
        ],
    ),
    "vneid insurance card": (
        "vneid",
        [
            {"title": {"label": "Thẻ bảo hiểm y tế", "id": "back"}},
            {
                "card": {
                    "id": "card",
                    "kind": "insurance",
                    "label": "Thẻ bảo hiểm y tế",
                    "rows": _INSURANCE,
                }
            },
        ],
    ),
    "vneid form": (
        "vneid",
        [
            {"title": {"label": "Tích hợp thông tin", "back": True}},
            {"choice": {"id": "what", "label": "Chọn thông tin", "value": "Thẻ bảo hiểm y tế"}},
            {"field": {"label": "Số thẻ BHYT", "value": "•• • •• ••••••••••"}},
            {"field": {"id": "pass", "label": "Mật khẩu", "value": "sai roi", "masked": True}},
            {"switch": {"id": "sure", "label": "Tôi xác nhận các thông tin là đúng", "on": True}},
            {"button": {"id": "send", "label": "Gửi yêu cầu"}},
        ],
    ),
    "vneid face": (
        "vneid",
        [
            {"title": {"label": "Xác thực khuôn mặt", "back": True}},
            {"camera": {"inside": "face", "label": "Giữ máy ngang mặt, nhìn thẳng"}},
            {"round": {"id": "shoot", "icon": "camera", "label": "Chụp"}},
        ],
    ),
    "vneid scan card": (
        "vneid",
        [
            {"title": {"label": "Chụp thẻ căn cước", "back": True}},
            {"camera": {"inside": "card", "label": "Đặt thẻ vào trong khung"}},
            {"round": {"id": "shoot", "icon": "camera", "look": "plain"}},
        ],
    ),
    "zalo messages": (
        "zalo",
        [
            {"search": {"hint": "Tìm kiếm"}},
            {"row": {"id": "mai", "icon": "person", "label": "Cô Mai", "note": "Bài học mới"}},
            {"row": {"icon": "person", "label": "Con gái", "note": "Mẹ ăn cơm chưa?"}},
            {"row": {"icon": "people", "label": "Nhóm bản mình", "note": "Mai họp bản nhé"}},
            {
                "tabs": [
                    {"icon": "chat", "label": "Tin nhắn"},
                    {"icon": "people", "label": "Danh bạ"},
                    {"icon": "person", "label": "Cá nhân"},
                ]
            },
        ],
    ),
    "zalo chat": (
        "zalo",
        [
            {"title": {"label": "Cô Mai", "id": "back", "actions": _CALL}},
            {"bubble": {"side": "in", "text": "Bác xem bài này nhé", "from": "Cô Mai"}},
            {
                "bubble": {
                    "id": "lesson",
                    "side": "in",
                    "link": {"title": "Trả tiền điện trên điện thoại", "site": "Bài học một phút"},
                }
            },
            {"bubble": {"id": "mine", "side": "out", "voice": "0:07"}},
            {
                "composer": {
                    "hint": "Tin nhắn",
                    "items": [{"id": "mic", "icon": "mic"}, {"id": "photo", "icon": "photo"}],
                }
            },
        ],
    ),
    "zalo record": (
        "zalo",
        [
            {"title": {"label": "Cô Mai", "back": True}},
            {"bubble": {"side": "in", "text": "Bác xem bài này nhé"}},
            {"bubble": {"side": "out", "text": "Ừ, tôi xem đây"}},
            {"gap": {}},
            {"text": {"label": "0:07", "size": "big", "align": "center"}},
            {"round": {"id": "send", "icon": "send", "label": "Gửi"}},
        ],
    ),
    "store page": (
        "store",
        [
            {"title": {"label": "CH Play", "back": True}},
            {"search": {"id": "search", "value": "VNeID"}},
            {"row": {"icon": "shield", "label": "VNeID", "note": "Bộ Công an"}},
            {"row": {"icon": "download", "label": "Dung lượng", "value": "Khoảng 80 MB"}},
            {"button": {"id": "install", "label": "Cài đặt"}},
            {"text": {"label": "Chỉ cài đúng tên này.", "size": "small", "tone": "danger"}},
        ],
    ),
    "phone home": (
        "phone",
        [
            {"gap": {}},
            {"icons": _PHONE_ICONS},
            {"gap": {}},
            {
                "tabs": [
                    {"icon": "call", "label": "Gọi"},
                    {"icon": "mail", "label": "Tin nhắn"},
                    {"icon": "camera", "label": "Máy ảnh"},
                ]
            },
        ],
    ),
    "phone settings": (
        "phone",
        [
            {"title": {"label": "Cài đặt", "back": True}},
            {"switch": {"id": "wifi", "label": "Wi-Fi", "on": False}},
            {"row": {"icon": "signal", "label": "Dữ liệu di động", "value": "Đang bật"}},
            {"row": {"id": "lock", "icon": "lock", "label": "Khóa màn hình"}},
            {
                "dialog": {
                    "label": "Cho phép VNeID dùng máy ảnh?",
                    "text": "Ứng dụng cần máy ảnh để đọc thẻ.",
                    "buttons": [
                        {"id": "no", "label": "Từ chối"},
                        {"id": "yes", "label": "Cho phép", "look": "primary"},
                    ],
                }
            },
        ],
    ),
    "sms code": (
        "sms",
        [
            {"title": {"label": "Tin nhắn", "back": True}},
            {
                "bubble": {
                    "id": "message",
                    "side": "in",
                    "from": "Tin báo VNeID",
                    "text": "Ma OTP cua ban la ••••••",
                }
            },
            {"warning": "Không đọc mã này cho ai."},
        ],
    ),
    "portal page": (
        "portal",
        [
            {"title": {"label": "Bài học", "id": "back", "actions": [{"icon": "more"}]}},
            {"text": {"label": "Trả tiền điện trên điện thoại", "size": "big"}},
            {"row": {"icon": "bill", "label": "1. Tìm mã khách hàng"}},
            {"row": {"icon": "phone", "label": "2. Mở ứng dụng ngân hàng"}},
            {"button": {"id": "listen", "label": "Nghe đọc", "look": "plain"}},
        ],
    ),
}


def gallery_screens() -> dict[str, Screen]:
    """Return the example screens by name; together they hold every kind of widget and app."""
    return {
        name: Screen.model_validate({"app": app, "widgets": widgets})
        for name, (app, widgets) in _SCREENS.items()
    }


def gallery_scenes() -> dict[str, Scene]:
    """Return every scene, pointing at its first spot."""
    return {name: Scene(draw=name, point=points[0]) for name, points in POINTS.items()}
