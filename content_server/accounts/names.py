"""Names: how a person's name becomes what they type to sign in."""

import re
import unicodedata

from content_server.errors import PersonRefused
from content_server.phrases import _

MAX_NAME_LENGTH, MAX_LOGIN_LENGTH = 80, 40
MIN_LOGIN_LENGTH = 3
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, direction marks, half letters


def login_of(typed: str) -> str:
    """Return the sign-in name meant by `typed`: "Giàng A Páo" and "giang a pao" are the same."""
    plain = unicodedata.normalize("NFD", typed[:400].casefold().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]", "", plain)[:MAX_LOGIN_LENGTH]


def has_invisible(text: str) -> bool:
    """Tell whether a text holds letters nobody sees: control letters, direction marks."""
    return any(unicodedata.category(letter) in INVISIBLE for letter in text)


def checked_name(typed: str) -> str:
    """Return a person's name in one line. Raises PersonRefused."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name or len(name) > MAX_NAME_LENGTH:
        raise PersonRefused(_("Tên cần có từ 1 đến {most} chữ.", most=MAX_NAME_LENGTH))
    if has_invisible(name):
        raise PersonRefused(_("Tên có chữ không nhìn thấy được. Xin gõ lại tên."))
    return name


def checked_login(typed: str) -> str:
    """Return a sign-in name that can be used. Raises PersonRefused."""
    login = login_of(typed)
    if len(login) < MIN_LOGIN_LENGTH:
        raise PersonRefused(_("Tên để vào cần ít nhất 3 chữ cái hoặc số, ví dụ: giangapao."))
    return login
