"""Names and logins: validation, and the login that a typed name stands for."""

import re
import unicodedata

from content_server.errors import InvalidAccount
from content_server.phrases import _

MAX_NAME_LENGTH, MAX_LOGIN_LENGTH = 80, 40
MIN_LOGIN_LENGTH = 3
INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, format, surrogate …


def normalize_login(typed: str) -> str:
    """Return the login of a typed name: "Giàng A Páo" and "giang a pao" give giangapao."""
    plain = unicodedata.normalize("NFD", typed[:400].casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]", "", plain)[:MAX_LOGIN_LENGTH]


def has_invisible_characters(text: str) -> bool:
    """Tell whether a text has control characters, direction marks or lone surrogates."""
    return any(unicodedata.category(letter) in INVISIBLE_CATEGORIES for letter in text)


def validate_name(typed: str) -> str:
    """Return the name in NFC with single spaces. Raises InvalidAccount."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name or len(name) > MAX_NAME_LENGTH:
        raise InvalidAccount(_("Tên cần có từ 1 đến {most} chữ.", most=MAX_NAME_LENGTH))
    if has_invisible_characters(name):
        raise InvalidAccount(_("Tên có chữ không nhìn thấy được. Xin gõ lại tên."))
    return name


def validate_login(typed: str) -> str:
    """Return the normalized login. Raises InvalidAccount when it is too short."""
    login = normalize_login(typed)
    if len(login) < MIN_LOGIN_LENGTH:
        raise InvalidAccount(_("Tên để vào cần ít nhất 3 chữ cái hoặc số, ví dụ: giangapao."))
    return login
