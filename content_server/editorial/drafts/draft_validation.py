"""Draft validation: a draft's body checked like a lesson file, with problems worded for a page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from content_server.editorial.edits import DraftBody, as_dict
from content_server.errors import Problem
from content_server.lessons.bundle import media_of
from content_server.lessons.lesson import EditionBody, Lesson, Translation
from content_server.lessons.registries.registries import Registries
from content_server.lessons.source.validation_problems import problems_of
from content_server.lessons.source.yaml_source import ValuePath, YamlDocument
from content_server.lessons.validation import (
    ValidationContext,
    check_lesson_content,
    check_translation_content,
)
from content_server.phrases import Phrase, _


class DraftDocument(YamlDocument):
    """A draft's body as a document; a problem's `line` is a step's number, its `file` its id."""

    def problem(self, path: ValuePath, phrase: Phrase) -> Problem:
        name, number = _step_at(self.value, path)
        return Problem(name, number, _reword_for_page(phrase))


def validate_draft(
    body: DraftBody, source: Lesson | None, registries: Registries
) -> tuple[EditionBody | None, list[Problem]]:
    """Return a draft's body as a model and its problems; no model when the body does not parse.

    `source` is the lesson a translation belongs to; None for a source edition itself.
    A problem's `file` is a step's id ("" for the lesson), its `line` the step's number.
    """
    document = DraftDocument("", body)
    model: type[EditionBody] = Translation if source else Lesson
    try:
        edition = model.model_validate(body)
    except ValidationError as error:
        return None, list(problems_of(error, document))
    context = ValidationContext(document, registries, Path(), lambda _path: None)
    if isinstance(edition, Lesson):
        return edition, list(check_lesson_content(edition, context))
    return edition, list(check_translation_content(edition, source, context)) if source else []


def missing_media_problems(model: EditionBody, media: Mapping[str, str]) -> list[Problem]:
    """Return a problem for each media file of the edition that is not in `media`."""
    phrase = _("Còn thiếu tệp {name}: gửi lại tệp này.", name="{name}")
    return [
        Problem("", 0, Phrase(phrase.message, {"name": file}))
        for file in media_of(model)
        if file not in media
    ]


def _step_at(value: Any, path: ValuePath) -> tuple[str, int]:  # noqa: ANN401  # any JSON value
    if len(path) < 2 or path[0] != "steps":  # noqa: PLR2004  # (steps, which)
        return "", 0
    steps = as_dict(value).get("steps", {})
    if isinstance(steps, list) and isinstance(path[1], int):
        return str(as_dict(steps[path[1]]).get("id", "")), path[1] + 1
    names = list(steps)
    return (str(path[1]), names.index(path[1]) + 1) if path[1] in names else ("", 0)


def field_names() -> dict[str, Phrase]:
    """Return field key of a lesson file → its name on the page."""
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


def _reword_for_page(phrase: Phrase) -> Phrase:
    """Return the phrase with field names and wording for a page instead of a file."""
    names = field_names()
    values = dict(phrase.values)
    if values.get("name") in names:
        values["name"] = names[str(values["name"])]
    return Phrase(_PAGE_WORDING.get(phrase.message, phrase.message), values)


_PAGE_WORDING = {  # wording for files → wording for a page
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
