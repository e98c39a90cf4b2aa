"""The words and names that may stand on a drawn screen: clean, short, without tricks."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticKnownError

from content_server.errors import AppError
from content_server.phrases import _


class HiddenCharacter(AppError, ValueError):
    """A text holds a character nobody sees: a control character, a change of direction."""

    status = 422


def clean(text: str) -> str:
    """Return `text` in NFC with single spaces; raises HiddenCharacter."""
    for character in "" if text.isprintable() else text:  # hardly any text needs the slow look
        if (
            unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs"}
            and character not in "\n\t"
        ):
            code = f"U+{ord(character):04X}"
            raise HiddenCharacter(_("Chữ có ký tự ẩn {code}. Xóa đi rồi gõ lại chỗ ấy.", code=code))
    return " ".join(unicodedata.normalize("NFC", text).split())


def at_least(count: int) -> AfterValidator:
    """Ask for `count` items, once the items themselves are right: one mistake, one error."""

    def counted(items: tuple[object, ...]) -> tuple[object, ...]:
        if len(items) < count:
            context = {"field_type": "Tuple", "min_length": count, "actual_length": len(items)}
            raise PydanticKnownError("too_short", context)
        return items

    return AfterValidator(counted)


Words = Annotated[str, StringConstraints(max_length=400), AfterValidator(clean)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(clean)]
Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60),
    Field(description="tên của chỗ có thể bấm: chữ thường không dấu, số, gạch nối"),
]
