"""What can be pointed at and what can be read in each drawn scene."""

from typing import Literal

SceneName = Literal[
    "paper-bill",
    "sms-bill",
    "hang-up",
    "read-out",
    "police-counter",
    "health-desk",
    "ask-helper",
    "phone-hand",
    "wait-message",
    "throw-link",
    "family-show",
]
POINTS: dict[SceneName, tuple[str, ...]] = {
    "paper-bill": ("customer-code", "amount", "phone-number"),
    "sms-bill": ("customer-code",),
    "hang-up": ("phone",),
    "read-out": ("phone",),
    "police-counter": ("counter", "card"),
    "health-desk": ("phone", "card"),
    "ask-helper": ("helper",),
    "phone-hand": ("screen",),
    "wait-message": ("phone",),
    "throw-link": ("phone",),
    "family-show": ("phone",),
}
# Words painted in a scene. Names, codes and numbers are masked: they belong to nobody.
WORDS: dict[SceneName, tuple[str, ...]] = {
    "paper-bill": (
        "HOÁ ĐƠN TIỀN ĐIỆN",
        "Mã khách hàng",
        "P••• •••• •••••",
        "Tên chủ hộ",
        "NGUYỄN VĂN A",
        "Số tiền",
        "150.000 ₫",
        "Gọi hỏi",
        "19006769",
    ),
    "sms-bill": ("Tiền điện", "Mã KH", "P••• •••• •••••"),
    "read-out": ("OTP ••••••",),
    "police-counter": ("CÔNG AN XÃ",),
    "health-desk": ("TRẠM Y TẾ",),
}
