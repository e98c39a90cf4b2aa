"""Edits: one change to a draft's body at a time, pure; what is typed is made clean, never refused.

A body is the plain dict a revision keeps. A *part* is a step's id, or "" for the lesson itself;
a *path* says where in that part: `show`, `practise.0.hint`, `answers.1.picture`.
"""

import copy
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from content_server.errors import ChangeRefused
from content_server.phrases import _

Body = dict[str, Any]
MOST_CHARACTERS = 2_000  # of one text: far more than any sentence may keep, room to cut it down
MOST_ITEMS = 12

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
KINDS = {"show", "if_wrong", "ask"}
SENTENCES = frozenset(_SENTENCE.split("|"))


@dataclass(frozen=True)
class Change:
    """Put `value` at `path` of `part`; None takes away what is there."""

    part: str
    path: str
    value: Any

    @property
    def key(self) -> str:
        return f"{self.part}/{self.path}"


def changed(body: Body, change: Change) -> Body:
    """Return a body with one change made. Raises ChangeRefused for a place that is not there."""
    body = copy.deepcopy(body)
    pattern = STEP_PATH if change.part else LESSON_PATH
    if not pattern.fullmatch(change.path):
        raise ChangeRefused(_("Không có chỗ nào tên {name} để sửa.", name=change.path[:40]))
    _put(part_of(body, change.part), change.path.split("."), clean(change.value))
    return body


def part_of(body: Body, part: str) -> Body:
    """Return the step called `part`, or the lesson itself. Raises ChangeRefused."""
    if not part:
        return body
    steps = body.setdefault("steps", {})
    if isinstance(steps, dict):
        words: Body = steps.setdefault(part, {})
        return words
    for step in steps:
        if step.get("id") == part:
            return dict_of(step)
    raise ChangeRefused(_("Bước này vừa bị xóa. Mở lại trang để thấy bài bây giờ."))


def value_at(body: Body, part: str, path: str) -> Any:  # noqa: ANN401  # any JSON value
    """Return what stands there now; None when nothing does."""
    steps = body.get("steps", {})
    value: Any = body
    if part:
        found = steps.get(part) if isinstance(steps, dict) else _step(steps, part)
        value = found or {}
    for key in path.split("."):
        if isinstance(value, list):
            value = value[int(key)] if key.isdigit() and int(key) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(key)
        else:
            return None
    return value


def clean(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Return `value` with every text in NFC and single spaces, without characters nobody sees.

    Raises ChangeRefused for a text no lesson could ever hold.
    """
    if isinstance(value, str):
        if len(value) > MOST_CHARACTERS:
            raise ChangeRefused(
                _(
                    "Đoạn này dài {length} chữ cái, chưa gửi được. Chữ vẫn còn trên máy bác:"
                    " cắt ngắn lại, mỗi câu nhiều nhất 90 chữ cái.",
                    length=len(value),
                )
            )
        seen = "".join(c if c not in "\n\t\r" else " " for c in value if _is_seen(c))
        return " ".join(unicodedata.normalize("NFC", seen).split())
    if isinstance(value, list):
        return [clean(item) for item in value[:60]]
    if isinstance(value, Mapping):
        return {str(clean(str(key))): clean(item) for key, item in list(value.items())[:60]}
    return value if isinstance(value, bool | int | float) or value is None else str(value)[:200]


def dict_of(value: Any) -> Body:  # noqa: ANN401  # any JSON value
    return value if isinstance(value, dict) else {}


def _is_seen(character: str) -> bool:
    return character in "\n\t\r" or unicodedata.category(character) not in {"Cc", "Cf", "Co", "Cs"}


def _step(steps: Any, name: str) -> Body | None:  # noqa: ANN401  # any JSON value
    return next((step for step in steps if dict_of(step).get("id") == name), None)


def _put(holder: Any, path: list[str], value: Any) -> None:  # noqa: ANN401  # any JSON value
    *way, last = path
    for key, following in zip(way, path[1:], strict=True):
        holder = _inside(holder, key, [] if following.isdigit() else {})
    if isinstance(holder, list):
        _put_item(holder, int(last), value)
    elif last in KINDS and not value and "id" in holder:
        holder[last] = ""  # an empty sentence still says which kind of step this is
    elif value is None or value == "":
        holder.pop(last, None)
    else:
        _one_picture(holder, last)
        holder[last] = value


def _inside(holder: Any, key: str, empty: Any) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(holder, list):
        _put_item(holder, int(key), None, keep=True)
        return holder[int(key)]
    if not isinstance(holder.get(key), dict | list):
        holder[key] = empty
    return holder[key]


def _put_item(items: list[Any], index: int, value: Any, *, keep: bool = False) -> None:  # noqa: ANN401  # any JSON value
    """Put an item in; None takes it out, or with `keep` only makes sure that there is one."""
    if index >= MOST_ITEMS:
        raise ChangeRefused(_("Nhiều quá, tối đa {most}.", most=MOST_ITEMS))
    if value is None and not keep:
        del items[index : index + 1]
        return
    items.extend({} for _missing in range(len(items), index + 1))
    if not keep:
        items[index] = value


def _one_picture(holder: Body, path: str) -> None:
    """Put the old picture away: a step has only one."""
    if path in {"screen", "scene", "photo"}:
        for other in {"screen", "scene", "photo"} - {path}:
            holder.pop(other, None)
