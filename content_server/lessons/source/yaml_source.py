"""A manuscript: a YAML file read as plain texts, lists and mappings that remember their lines.

Every scalar stays the text that was typed (`no` is no boolean, `0912` no octal number); the models
of `lesson.py` turn texts into dates and truths. Limits stop files that unfold into a bomb.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from content_server.errors import BundleRejected, Problem
from content_server.phrases import Phrase, _

MAX_FILE_BYTES = 256 * 1024  # the longest starter lesson has 12 kB
MAX_NODES = 20_000  # after unfolding every *alias; a full lesson has about 600
MAX_DEPTH = 24

Place = tuple[str | int, ...]  # the way to a value: ("steps", 3, "tap")
Value = Any  # str | list[Value] | dict[str, Value]; recursive types do not survive pydantic's door


@dataclass(frozen=True)
class Manuscript:
    """What a file says, and on which line (1-based) it says it."""

    file: str  # as a person knows it: lessons/vi/tra-tien-dien.yaml
    value: Value
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int:
        """Return the line of the nearest value at or above `place`; 0 when there is none."""
        for length in range(len(place), -1, -1):
            if line := self.lines.get(place[:length]):
                return line
        return 0

    def problem(self, place: Place, phrase: Phrase) -> Problem:
        return Problem(self.file, self.line_of(place), phrase)


def read_manuscript(path: Path, file: str) -> Manuscript:
    """Read `path`. Raises BundleRejected, with the line, for what is not readable YAML."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _rejected(file, 0, _("Không mở được tệp này.")) from error
    if len(raw) > MAX_FILE_BYTES:
        phrase = _("Tệp lớn quá, tối đa {kb} kB chữ.", kb=MAX_FILE_BYTES // 1024)
        raise _rejected(file, 0, phrase)
    return parse_manuscript(raw, file)


def parse_manuscript(raw: bytes, file: str) -> Manuscript:
    """Read the bytes of a YAML file. Raises BundleRejected as `read_manuscript` does."""
    try:
        text = raw.decode("utf-8")
        _check_depth(text, file)
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
        lines: dict[Place, int] = {}
        value = _Unfolding(file, lines).unfold(root, ()) if root is not None else {}
    except UnicodeDecodeError as error:
        raise _rejected(file, 0, _("Tệp phải lưu ở dạng chữ UTF-8.")) from error
    except yaml.YAMLError as error:
        raise _rejected(file, *_yaml_trouble(error)) from error
    return Manuscript(file, value, lines)


def _check_depth(text: str, file: str) -> None:
    """Refuse deep nesting before it is composed: the C composer recurses and would crash on it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise _rejected(file, line, _("Tệp lồng vào nhau quá sâu."))


def _yaml_trouble(error: yaml.YAMLError) -> tuple[int, Phrase]:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    return line, _(
        "Chỗ này viết chưa đúng kiểu YAML: xem lại dấu hai chấm, dấu ngoặc kép và khoảng trắng "
        "đầu dòng."
    )


def _rejected(file: str, line: int, phrase: Phrase) -> BundleRejected:
    return BundleRejected([Problem(file, line, phrase)])


class _Unfolding:
    """Turns YAML nodes into values, counting as it goes so that aliases cannot explode."""

    def __init__(self, file: str, lines: dict[Place, int]) -> None:
        self.file = file
        self.lines = lines
        self.nodes = 0

    def unfold(self, node: yaml.Node, place: Place) -> Value:
        line = node.start_mark.line + 1
        self.nodes += 1
        if self.nodes > MAX_NODES or len(place) > MAX_DEPTH:
            raise _rejected(self.file, line, _("Tệp có quá nhiều phần lặp lại (dấu *)."))
        self.lines.setdefault(place, line)
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self.unfold(item, (*place, index)) for index, item in enumerate(node.value)]
        return dict(self._pairs(node, place))

    def _pairs(self, node: yaml.Node, place: Place) -> Iterator[tuple[str, Value]]:
        seen: set[Hashable] = set()
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise _rejected(self.file, line, _("Tên mục phải là chữ."))
            key = str(key_node.value)
            if key in seen:
                raise _rejected(self.file, line, _("Mục {name} viết hai lần.", name=key))
            seen.add(key)
            self.lines[(*place, key)] = line
            yield key, self.unfold(value_node, (*place, key))
