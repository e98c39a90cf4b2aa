"""Step order: insert, duplicate, move, delete and restore whole steps of a draft's body; pure."""

import copy
import re
from typing import Any

from content_server.editorial.edits import DraftBody
from content_server.errors import ChangeRejected
from content_server.lessons.lesson import MAX_STEPS
from content_server.phrases import Phrase, _

MAX_REMOVED_STEPS = 20  # of one draft; older ones cannot be restored any more

NEW_STEPS: dict[str, DraftBody] = {
    "show": {"show": ""},
    "if_wrong": {"if_wrong": ""},
    "practise": {"say": "", "practise": []},
    "ask": {"ask": "", "answers": [{"right": True}, {}]},
    "watch": {"say": "", "watch": {}},
}


def step_kind_names() -> dict[str, Phrase]:
    """Return step kind → its name on the page."""
    return {
        "show": _("Một việc cần làm"),
        "if_wrong": _("Lỡ bấm nhầm thì sao"),
        "practise": _("Bấm thử"),
        "ask": _("Câu hỏi bằng hình"),
        "watch": _("Đoạn phim"),
    }


def insert_step(body: DraftBody, kind: str, after: str | None) -> tuple[DraftBody, str]:
    """Return a body with an empty step of `kind` after step `after`, and the new step's id.

    Without `after` the step becomes the last one. Raises ChangeRejected.
    """
    if kind not in NEW_STEPS:
        raise ChangeRejected(_("Không có kiểu bước nào tên {name}.", name=kind[:40]))
    name = free_step_id(body, "buoc")
    return _insert_after(body, {"id": name, **copy.deepcopy(NEW_STEPS[kind])}, after), name


def duplicate_step(body: DraftBody, name: str) -> tuple[DraftBody, str]:
    """Return a body with a copy of a step after it (picture and words, no voice), and its id."""
    step = copy.deepcopy(_steps(body)[step_index(body, name)])
    for own in ("voice", "spoken_from"):
        step.pop(own, None)
    step["id"] = free_step_id(body, re.sub(r"-\d+$", "", name))
    return _insert_after(body, step, name), str(step["id"])


def move_step(body: DraftBody, name: str, direction: int) -> DraftBody:
    """Return a body with a step moved one place up (-1) or down (1); at either end it stays."""
    index = step_index(body, name)
    steps = list(_steps(body))
    target = min(max(0, index + (1 if direction > 0 else -1)), len(steps) - 1)
    steps.insert(target, steps.pop(index))
    return {**body, "steps": steps}


def delete_step(body: DraftBody, name: str) -> tuple[DraftBody, DraftBody]:
    """Return a body without a step, and the value `reinsert_step` needs to restore it."""
    index = step_index(body, name)
    steps = list(_steps(body))
    step = steps.pop(index)
    return {**body, "steps": steps}, {"at": index, "step": step}


def reinsert_step(body: DraftBody, removed: DraftBody) -> DraftBody:
    """Return a body with a removed step at its old index, under a free id."""
    steps = list(_steps(body))
    _check_step_count(steps)
    step = copy.deepcopy(removed["step"])
    if any(other.get("id") == step.get("id") for other in steps):
        step["id"] = free_step_id(body, str(step["id"]))
    steps.insert(min(int(removed["at"]), len(steps)), step)
    return {**body, "steps": steps}


def step_index(body: DraftBody, name: str) -> int:
    """Return the index of a step. Raises ChangeRejected when it does not exist any more."""
    for index, step in enumerate(_steps(body)):
        if step.get("id") == name:
            return index
    raise ChangeRejected(_("Bước này vừa bị xóa. Mở lại trang để thấy bài bây giờ."))


def free_step_id(body: DraftBody, stem: str) -> str:
    """Return `stem-n` with the lowest number n that no step of the body uses."""
    taken = {step.get("id") for step in _steps(body)}
    return next(f"{stem}-{n}" for n in range(1, 100) if f"{stem}-{n}" not in taken)


def _steps(body: DraftBody) -> list[Any]:
    steps = body.get("steps", [])
    if not isinstance(steps, list):
        raise ChangeRejected(_("Chỉ bản tiếng Việt thêm bớt bước được."))
    return steps


def _insert_after(body: DraftBody, step: DraftBody, after: str | None) -> DraftBody:
    steps = list(_steps(body))
    _check_step_count(steps)
    steps.insert(step_index(body, after) + 1 if after else len(steps), step)
    return {**body, "steps": steps}


def _check_step_count(steps: list[Any]) -> None:
    if len(steps) >= MAX_STEPS:
        raise ChangeRejected(
            _("Bài đã có {most} bước, nhiều hơn thì dài quá. Tách thành hai bài.", most=MAX_STEPS)
        )
