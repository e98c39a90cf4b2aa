"""Types of the texts and ids on a drawn screen: normalised, short, without hidden characters."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticKnownError

from content_server.errors import AppError
from content_server.phrases import _


class HiddenCharacter(AppError, ValueError):
    """A text holds an invisible character: a control character, a change of direction."""

    status = 422


def clean_label(text: str) -> str:
    """Return `text` in NFC with single spaces; raises HiddenCharacter."""
    for character in "" if text.isprintable() else text:  # most texts need no check by character
        if (
            unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs"}
            and character not in "\n\t"
        ):
            code = f"U+{ord(character):04X}"
            raise HiddenCharacter(_("Chữ có ký tự ẩn {code}. Xóa đi rồi gõ lại chỗ ấy.", code=code))
    return " ".join(unicodedata.normalize("NFC", text).split())


def require_at_least(count: int) -> AfterValidator:
    """Require `count` items, checked after the items themselves: one mistake is one error."""

    def check_count(items: tuple[object, ...]) -> tuple[object, ...]:
        if len(items) < count:
            context = {"field_type": "Tuple", "min_length": count, "actual_length": len(items)}
            raise PydanticKnownError("too_short", context)
        return items

    return AfterValidator(check_count)


OptionalLabel = Annotated[str, StringConstraints(max_length=400), AfterValidator(clean_label)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=400), AfterValidator(clean_label)]
Id = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60),
    Field(description="tên của chỗ có thể bấm: chữ thường không dấu, số, gạch nối"),
]
