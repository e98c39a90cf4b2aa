"""Validation problems: pydantic's errors in an editor's words, each at its line of the document."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from content_server.errors import Problem
from content_server.lessons.source.yaml_source import ValuePath, YamlDocument
from content_server.phrases import Phrase, _


def problems_of(error: ValidationError, document: YamlDocument) -> Iterator[Problem]:
    """Yield one Problem for each error pydantic found in `document`."""
    details = error.errors(include_url=False)
    for detail in details:
        if not _follows_from_others(detail, details):
            path = _path_of(_without_tag(detail["loc"]), document.value)
            yield document.problem(path, _phrase_of(detail))


def _follows_from_others(detail: ErrorDetails, details: list[ErrorDetails]) -> bool:
    """Return whether a list is too short only because its invalid items were not counted."""
    loc = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(loc)] == loc and len(other["loc"]) > len(loc) for other in details
    )


def _without_tag(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return `loc` without the step's kind, which pydantic inserts after the step's index."""
    is_step = len(loc) > 2 and loc[0] == "steps" and isinstance(loc[1], int)  # noqa: PLR2004  # (steps, number, kind)
    return (*loc[:2], *loc[3:]) if is_step else loc


def _path_of(loc: tuple[int | str, ...], value: Any) -> ValuePath:  # noqa: ANN401  # any YAML value
    """Return the parts of `loc` that exist in the written value."""
    path: list[str | int] = []
    for part in loc:
        inside = isinstance(value, dict) and part in value
        if isinstance(value, list) and isinstance(part, int):
            inside = part < len(value)
        if inside:
            path.append(part)
            value = value[part]
    return tuple(path)


def _phrase_of(detail: ErrorDetails) -> Phrase:
    name = next((str(part) for part in reversed(detail["loc"]) if isinstance(part, str)), "")
    make = _PHRASES.get(detail["type"], _other_error)
    return make(name, detail.get("ctx", {}), detail)


def _other_error(name: str, ctx: dict[str, Any], detail: ErrorDetails) -> Phrase:
    phrase = getattr(ctx.get("error"), "phrase", None)
    if isinstance(phrase, Phrase):
        return phrase
    reason = str(ctx.get("error", detail["msg"]))
    return _("Mục {name} chưa đúng: {reason}", name=name, reason=reason[:200])


def _too_long(name: str, ctx: dict[str, Any], detail: ErrorDetails) -> Phrase:
    return _(
        "Mục {name} dài {length} chữ cái, tối đa {most}. Viết ngắn lại, hoặc tách thành hai bước.",
        name=name,
        length=len(str(detail["input"])),
        most=ctx["max_length"],
    )


def _not_one_of(name: str, ctx: dict[str, Any], detail: ErrorDetails) -> Phrase:
    return _(
        "Mục {name} chỉ được là một trong: {names}. Ở đây viết: {value}",
        name=name,
        names=ctx.get("expected", ""),
        value=str(detail["input"])[:60],
    )


def _date(name: str, _ctx: dict[str, Any], _detail: ErrorDetails) -> Phrase:
    return _("Mục {name} phải là ngày, viết như 2026-11-23.", name=name)


def _missing(name: str, _ctx: dict[str, Any], _detail: ErrorDetails) -> Phrase:
    return _("Thiếu mục {name}.", name=name)


def _extra(name: str, _ctx: dict[str, Any], _detail: ErrorDetails) -> Phrase:
    return _("Không có mục nào tên {name} ở đây.", name=name)


def _empty(name: str, _ctx: dict[str, Any], _detail: ErrorDetails) -> Phrase:
    return _("Mục {name} còn trống.", name=name)


def _shape(name: str, _ctx: dict[str, Any], detail: ErrorDetails) -> Phrase:
    value = str(detail["input"])[:60]
    return _("Mục {name} viết chưa đúng dạng: {value}", name=name, value=value)


def _step_kind(_name: str, _ctx: dict[str, Any], _detail: ErrorDetails) -> Phrase:
    kinds = "show, if_wrong, practise, ask, watch"
    return _("Mỗi bước phải có đúng một trong các mục: {kinds}.", kinds=kinds)


def _too_few(name: str, ctx: dict[str, Any], _detail: ErrorDetails) -> Phrase:
    return _("Mục {name} cần ít nhất {least}.", name=name, least=ctx["min_length"])


def _too_many(name: str, ctx: dict[str, Any], _detail: ErrorDetails) -> Phrase:
    return _("Mục {name} có nhiều quá, tối đa {most}.", name=name, most=ctx["max_length"])


def _out_of_range(name: str, _ctx: dict[str, Any], detail: ErrorDetails) -> Phrase:
    return _(
        "Mục {name} phải là số từ 1 đến 999, ở đây viết: {value}",
        name=name,
        value=str(detail["input"])[:60],
    )


_PHRASES: dict[str, Callable[[str, dict[str, Any], ErrorDetails], Phrase]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "string_too_long": _too_long,
    "string_too_short": _empty,
    "string_type": _shape,
    "string_pattern_mismatch": _shape,
    "enum": _not_one_of,
    "literal_error": _not_one_of,
    "bool_parsing": _shape,
    "int_parsing": _shape,
    "int_from_float": _shape,
    "greater_than_equal": _out_of_range,
    "less_than_equal": _out_of_range,
    "float_parsing": _shape,
    "dict_type": _shape,
    "list_type": _shape,
    "tuple_type": _shape,
    "model_type": _shape,
    "date_from_datetime_parsing": _date,
    "date_parsing": _date,
    "date_from_datetime_inexact": _date,
    "unknown_step_kind": _step_kind,
    "union_tag_invalid": _not_one_of,
    "too_short": _too_few,
    "too_long": _too_many,
}
