"""Sheets: a draft's body checked as a file would be, each problem at its step, in plain words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from content_server.editorial.edits import Body, dict_of
from content_server.errors import Problem
from content_server.lessons.bundle import media_of
from content_server.lessons.lesson import Body as Model
from content_server.lessons.lesson import Lesson, Translation
from content_server.lessons.registries.registries import Registries
from content_server.lessons.source.validation_problems import problems_of
from content_server.lessons.source.yaml_source import Manuscript, Place
from content_server.lessons.validation import (
    ValidationContext,
    check_lesson_itself,
    check_translation_itself,
)
from content_server.phrases import Phrase, _


class Sheet(Manuscript):
    """A draft's body as a manuscript: `line` of a problem is the step's number, `file` its id."""

    def problem(self, place: Place, phrase: Phrase) -> Problem:
        name, number = _step_at(self.value, place)
        return Problem(name, number, _plain(phrase))


def read_draft(
    body: Body, source: Lesson | None, library: Registries
) -> tuple[Model | None, list[Problem]]:
    """Return a draft's body as a model, and everything that is wrong with it.

    `source` is the lesson a translation belongs to; None for a source edition itself.
    A problem's `file` is a step's id ("" for the lesson), its `line` the step's number.
    """
    sheet = Sheet("", body)
    model: type[Model] = Translation if source else Lesson
    try:
        read = model.model_validate(body)
    except ValidationError as error:
        return None, list(problems_of(error, sheet))
    desk = ValidationContext(sheet, library, Path(), lambda _path: None)
    if isinstance(read, Lesson):
        return read, list(check_lesson_itself(read, desk))
    return read, list(check_translation_itself(read, source, desk)) if source else []


def missing_media(model: Model, media: Mapping[str, str]) -> list[Problem]:
    """Return a problem for each file the edition uses and the server does not have."""
    phrase = _("Còn thiếu tệp {name}: gửi lại tệp này.", name="{name}")
    return [
        Problem("", 0, Phrase(phrase.message, {"name": file}))
        for file in media_of(model)
        if file not in media
    ]


def said(problem: Problem) -> Phrase:
    """Return a problem as a person reads it: where, and what."""
    if not problem.line:
        return problem.phrase
    return _("Bước {number}: {what}", number=problem.line, what=problem.phrase)


def _step_at(value: Any, place: Place) -> tuple[str, int]:  # noqa: ANN401  # any JSON value
    if len(place) < 2 or place[0] != "steps":  # noqa: PLR2004  # (steps, which)
        return "", 0
    steps = dict_of(value).get("steps", {})
    if isinstance(steps, list) and isinstance(place[1], int):
        return str(dict_of(steps[place[1]]).get("id", "")), place[1] + 1
    names = list(steps)
    return (str(place[1]), names.index(place[1]) + 1) if place[1] in names else ("", 0)


def field_names() -> dict[str, Phrase]:
    """Return what people call the fields of a lesson."""
    return {
        "title": _("tên bài"),
        "topic": _("nhóm bài"),
        "why": _("vì sao nên học"),
        "safety": _("lời trấn an"),
        "success": _("xong khi nào"),
        "warning": _("lời dặn"),
        "help": _("số gọi khi cần"),
        "sources": _("lấy ở đâu ra"),
        "checked_on": _("ngày xem lại"),
        "steps": _("các bước"),
        "show": _("câu nói"),
        "if_wrong": _("câu nói"),
        "ask": _("câu hỏi"),
        "say": _("câu nói"),
        "hint": _("lời nhắc khi bấm sai"),
        "because": _("lời giải thích"),
        "tap": _("chỗ cần bấm"),
        "screen": _("màn hình"),
        "picture": _("hình"),
        "practise": _("các lần bấm thử"),
        "answers": _("các câu trả lời"),
        "label": _("chữ"),
        "widgets": _("các thứ trên màn hình"),
        "what": _("điều lấy được"),
        "number": _("số của bài"),
        "watch": _("đoạn phim"),
        "clip": _("đoạn phim"),
    }


def _plain(phrase: Phrase) -> Phrase:
    """Return the phrase with a field's name as people say it."""
    names = field_names()
    values = dict(phrase.values)
    if values.get("name") in names:
        values["name"] = names[str(values["name"])]
    return Phrase(_BETTER.get(phrase.message, phrase.message), values)


_BETTER = {  # what is said of files, said of a page
    _("Bước này chưa có hình: thêm screen, scene hoặc photo.").message: _(
        "Chưa có hình. Bấm Vẽ hình."
    ).message,
    _("Mỗi bước chỉ một hình: screen, scene hoặc photo.").message: _(
        "Có hai hình, chỉ giữ một."
    ).message,
    _("Câu hỏi chưa có câu trả lời nào ghi right: true.").message: _(
        "Chưa đánh dấu câu trả lời nào đúng."
    ).message,
    _("Thiếu mục {name}.").message: _("Chưa có {name}.").message,
    _("Mục {name} còn trống.").message: _("Chưa có {name}.").message,
}
