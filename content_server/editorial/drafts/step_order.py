"""Moves: whole steps added, doubled, put higher or lower, taken away and brought back; pure."""

import copy
import re
from typing import Any

from content_server.editorial.edits import Body
from content_server.errors import ChangeRefused
from content_server.lessons.lesson import MAX_STEPS
from content_server.phrases import Phrase, _

KEEP_REMOVED = 20  # steps that can be brought back

NEW_STEPS: dict[str, Body] = {
    "show": {"show": ""},
    "if_wrong": {"if_wrong": ""},
    "practise": {"say": "", "practise": []},
    "ask": {"ask": "", "answers": [{"right": True}, {}]},
    "watch": {"say": "", "watch": {}},
}


def kind_names() -> dict[str, Phrase]:
    """Return what people call the kinds of step."""
    return {
        "show": _("Một việc cần làm"),
        "if_wrong": _("Lỡ bấm nhầm thì sao"),
        "practise": _("Bấm thử"),
        "ask": _("Câu hỏi bằng hình"),
        "watch": _("Đoạn phim"),
    }


def with_step(body: Body, kind: str, after: str | None) -> tuple[Body, str]:
    """Return a body with an empty step of `kind` behind `after`, and the new step's id."""
    if kind not in NEW_STEPS:
        raise ChangeRefused(_("Không có kiểu bước nào tên {name}.", name=kind[:40]))
    name = free_name(body, "buoc")
    return _put_behind(body, {"id": name, **copy.deepcopy(NEW_STEPS[kind])}, after), name


def with_double(body: Body, name: str) -> tuple[Body, str]:
    """Return a body with a copy of a step behind it: same picture and words, no voice."""
    step = copy.deepcopy(_steps(body)[place_of(body, name)])
    for own in ("voice", "spoken_from"):
        step.pop(own, None)
    step["id"] = free_name(body, re.sub(r"-\d+$", "", name))
    return _put_behind(body, step, name), str(step["id"])


def moved_by(body: Body, name: str, way: int) -> Body:
    """Return a body with a step one place higher (-1) or lower (1); at the edge it stays."""
    index = place_of(body, name)
    steps = list(_steps(body))
    target = min(max(0, index + (1 if way > 0 else -1)), len(steps) - 1)
    steps.insert(target, steps.pop(index))
    return {**body, "steps": steps}


def without(body: Body, name: str) -> tuple[Body, Body]:
    """Return a body without a step, and what is needed to bring it back."""
    index = place_of(body, name)
    steps = list(_steps(body))
    step = steps.pop(index)
    return {**body, "steps": steps}, {"at": index, "step": step}


def restored(body: Body, removed: Body) -> Body:
    """Return a body with a removed step back in its place, under a free id."""
    steps = list(_steps(body))
    _check_room(steps)
    step = copy.deepcopy(removed["step"])
    if any(other.get("id") == step.get("id") for other in steps):
        step["id"] = free_name(body, str(step["id"]))
    steps.insert(min(int(removed["at"]), len(steps)), step)
    return {**body, "steps": steps}


def place_of(body: Body, name: str) -> int:
    """Return the index of a step. Raises ChangeRefused when somebody has removed it."""
    for index, step in enumerate(_steps(body)):
        if step.get("id") == name:
            return index
    raise ChangeRefused(_("Bước này vừa bị xóa. Mở lại trang để thấy bài bây giờ."))


def free_name(body: Body, stem: str) -> str:
    """Return `stem` with the lowest number no step of the body has."""
    taken = {step.get("id") for step in _steps(body)}
    return next(f"{stem}-{n}" for n in range(1, 100) if f"{stem}-{n}" not in taken)


def _steps(body: Body) -> list[Any]:
    steps = body.get("steps", [])
    if not isinstance(steps, list):
        raise ChangeRefused(_("Chỉ bản tiếng Việt thêm bớt bước được."))
    return steps


def _put_behind(body: Body, step: Body, after: str | None) -> Body:
    steps = list(_steps(body))
    _check_room(steps)
    steps.insert(place_of(body, after) + 1 if after else len(steps), step)
    return {**body, "steps": steps}


def _check_room(steps: list[Any]) -> None:
    if len(steps) >= MAX_STEPS:
        raise ChangeRefused(
            _("Bài đã có {most} bước, nhiều hơn thì dài quá. Tách thành hai bài.", most=MAX_STEPS)
        )
