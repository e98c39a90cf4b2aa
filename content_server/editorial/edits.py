"""Edits: pure functions that change one field of a draft's body and clean what was typed.

A body is the plain dict a revision stores. A *part* is a step's id, or "" for the lesson itself;
a *path* is the field in that part: `show`, `practise.0.hint`, `answers.1.picture`.
"""

import copy
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from content_server.errors import ChangeRejected
from content_server.phrases import _

DraftBody = dict[str, Any]
MAX_CHARACTERS = 2_000  # of one text; more than a sentence may have, so that it can be shortened
MAX_ITEMS = 12

_SENTENCE = r"show|if_wrong|ask|say"
LESSON_PATH = re.compile(
    r"(title|topic|why|safety|success|warning|teach_back|number|checked_on|voices|help|cover"
    r"|orthography|reviewed_by|sources(\.\d{1,2}(\.(what|checked_on|verify))?)?)"
)
STEP_PATH = re.compile(
    rf"({_SENTENCE}|tap|screen|scene|photo|photo\.(alt|spot)|made_from|spoken_from"
    r"|practise\.\d{1,2}(\.(say|hint|tap|screen))?"
    r"|answers\.\d{1,2}(\.(say|because|right|picture))?)"
)
KIND_KEYS = {"show", "if_wrong", "ask"}
SENTENCE_KEYS = frozenset(_SENTENCE.split("|"))


@dataclass(frozen=True)
class Change:
    """Set `path` of `part` to `value`; None removes the field."""

    part: str
    path: str
    value: Any

    @property
    def key(self) -> str:
        return f"{self.part}/{self.path}"


def apply_change(body: DraftBody, change: Change) -> DraftBody:
    """Return a body with one change applied. Raises ChangeRejected for an unknown part or path."""
    body = copy.deepcopy(body)
    pattern = STEP_PATH if change.part else LESSON_PATH
    if not pattern.fullmatch(change.path):
        raise ChangeRejected(_("Không có chỗ nào tên {name} để sửa.", name=change.path[:40]))
    _set_value(part_of(body, change.part), change.path.split("."), clean_value(change.value))
    return body


def part_of(body: DraftBody, part: str) -> DraftBody:
    """Return the step with the id `part`, or the body itself for "". Raises ChangeRejected."""
    if not part:
        return body
    steps = body.setdefault("steps", {})
    if isinstance(steps, dict):
        words: DraftBody = steps.setdefault(part, {})
        return words
    for step in steps:
        if step.get("id") == part:
            return as_dict(step)
    raise ChangeRejected(_("Bước này vừa bị xóa. Mở lại trang để thấy bài bây giờ."))


def value_at(body: DraftBody, part: str, path: str) -> Any:  # noqa: ANN401  # any JSON value
    """Return the value of a field; None when it has none."""
    steps = body.get("steps", {})
    value: Any = body
    if part:
        step = steps.get(part) if isinstance(steps, dict) else _find_step(steps, part)
        value = step or {}
    for key in path.split("."):
        if isinstance(value, list):
            value = value[int(key)] if key.isdigit() and int(key) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def clean_value(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Return `value` with every text in NFC, with single spaces, without invisible characters.

    Raises ChangeRejected for a text longer than MAX_CHARACTERS.
    """
    if isinstance(value, str):
        if len(value) > MAX_CHARACTERS:
            raise ChangeRejected(
                _(
                    "Đoạn này dài {length} chữ cái, chưa gửi được. Chữ vẫn còn trên máy bác:"
                    " cắt ngắn lại, mỗi câu nhiều nhất 90 chữ cái.",
                    length=len(value),
                )
            )
        visible = "".join(c if c not in "\n\t\r" else " " for c in value if _is_visible(c))
        return " ".join(unicodedata.normalize("NFC", visible).split())
    if isinstance(value, list):
        return [clean_value(item) for item in value[:60]]
    if isinstance(value, Mapping):
        return {
            str(clean_value(str(key))): clean_value(item) for key, item in list(value.items())[:60]
        }
    return value if isinstance(value, bool | int | float) or value is None else str(value)[:200]


def as_dict(value: Any) -> DraftBody:  # noqa: ANN401  # any JSON value
    return value if isinstance(value, dict) else {}


def _is_visible(character: str) -> bool:
    return character in "\n\t\r" or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs"}


def _find_step(steps: Any, name: str) -> DraftBody | None:  # noqa: ANN401  # any JSON value
    return next((step for step in steps if as_dict(step).get("id") == name), None)


def _set_value(holder: Any, path: list[str], value: Any) -> None:  # noqa: ANN401  # any JSON value
    *parents, last = path
    for key, following in zip(parents, path[1:], strict=True):
        holder = _descend(holder, key, [] if following.isdigit() else {})
    if isinstance(holder, list):
        _set_item(holder, int(last), value)
    elif last in KIND_KEYS and not value and "id" in holder:
        holder[last] = ""  # the key of an empty sentence still tells the step's kind
    elif value is None or value == "":
        holder.pop(last, None)
    else:
        _remove_other_pictures(holder, last)
        holder[last] = value


def _descend(holder: Any, key: str, empty: Any) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(holder, list):
        _set_item(holder, int(key), None, keep_existing=True)
        return holder[int(key)]
    if not isinstance(holder.get(key), dict | list):
        holder[key] = empty
    return holder[key]


def _set_item(items: list[Any], index: int, value: Any, *, keep_existing: bool = False) -> None:  # noqa: ANN401  # any JSON value
    """Set an item; None deletes it. With `keep_existing`, only make sure that the item exists."""
    if index >= MAX_ITEMS:
        raise ChangeRejected(_("Nhiều quá, tối đa {most}.", most=MAX_ITEMS))
    if value is None and not keep_existing:
        del items[index : index + 1]
        return
    items.extend({} for _missing in range(len(items), index + 1))
    if not keep_existing:
        items[index] = value


def _remove_other_pictures(holder: DraftBody, path: str) -> None:
    """Remove the other pictures before `path` is set: a step has only one."""
    if path in {"screen", "scene", "photo"}:
        for other in {"screen", "scene", "photo"} - {path}:
            holder.pop(other, None)
