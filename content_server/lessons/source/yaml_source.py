"""YAML source files, read as texts, lists and mappings that remember their line numbers.

Every scalar stays the text that was typed (`no` is not a boolean, `0912` not an octal number); the
models of `lesson.py` turn texts into dates and booleans. Limits stop files whose aliases expand to
an excessive size.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from content_server.errors import BundleRejected, Problem
from content_server.phrases import Phrase, _

MAX_FILE_BYTES = 256 * 1024  # the longest starter lesson has 12 kB
MAX_NODES = 20_000  # after expanding every *alias; a full lesson has about 600
MAX_DEPTH = 24

ValuePath = tuple[str | int, ...]  # keys and indexes down to a value: ("steps", 3, "tap")
YamlValue = Any  # str | list[Value] | dict[str, Value]; pydantic cannot build recursive aliases


@dataclass(frozen=True)
class YamlDocument:
    """A file's value, and the line (1-based) of each part of it."""

    file: str  # as people see it: lessons/vi/tra-tien-dien.yaml
    value: YamlValue
    lines: dict[ValuePath, int] = field(default_factory=dict)

    def line_of(self, path: ValuePath) -> int:
        """Return the line of the nearest value at or above `path`; 0 when there is none."""
        for length in range(len(path), -1, -1):
            if line := self.lines.get(path[:length]):
                return line
        return 0

    def problem(self, path: ValuePath, phrase: Phrase) -> Problem:
        return Problem(self.file, self.line_of(path), phrase)


def read_yaml_source(path: Path, file: str) -> YamlDocument:
    """Read `path`. Raises BundleRejected, with the line, when it is not readable YAML."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise _rejection(file, 0, _("Không mở được tệp này.")) from error
    if len(raw) > MAX_FILE_BYTES:
        phrase = _("Tệp lớn quá, tối đa {kb} kB chữ.", kb=MAX_FILE_BYTES // 1024)
        raise _rejection(file, 0, phrase)
    return parse_yaml_source(raw, file)


def parse_yaml_source(raw: bytes, file: str) -> YamlDocument:
    """Read the bytes of a YAML file. Raises BundleRejected as `read_yaml_source` does."""
    try:
        text = raw.decode("utf-8")
        _check_depth(text, file)
        root = yaml.compose(text, Loader=yaml.CBaseLoader)
        lines: dict[ValuePath, int] = {}
        value = _NodeReader(file, lines).read_node(root, ()) if root is not None else {}
    except UnicodeDecodeError as error:
        raise _rejection(file, 0, _("Tệp phải lưu ở dạng chữ UTF-8.")) from error
    except yaml.YAMLError as error:
        raise _rejection(file, *_describe_yaml_error(error)) from error
    return YamlDocument(file, value, lines)


def _check_depth(text: str, file: str) -> None:
    """Reject deep nesting before composing, since the C composer recurses and would crash."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise _rejection(file, line, _("Tệp lồng vào nhau quá sâu."))


def _describe_yaml_error(error: yaml.YAMLError) -> tuple[int, Phrase]:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 0
    return line, _(
        "Chỗ này viết chưa đúng kiểu YAML: xem lại dấu hai chấm, dấu ngoặc kép và khoảng trắng "
        "đầu dòng."
    )


def _rejection(file: str, line: int, phrase: Phrase) -> BundleRejected:
    return BundleRejected([Problem(file, line, phrase)])


class _NodeReader:
    """Turns YAML nodes into values, and counts them so that aliases cannot expand without limit."""

    def __init__(self, file: str, lines: dict[ValuePath, int]) -> None:
        self.file = file
        self.lines = lines
        self.nodes = 0

    def read_node(self, node: yaml.Node, path: ValuePath) -> YamlValue:
        line = node.start_mark.line + 1
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) > MAX_DEPTH:
            raise _rejection(self.file, line, _("Tệp có quá nhiều phần lặp lại (dấu *)."))
        self.lines.setdefault(path, line)
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self.read_node(item, (*path, index)) for index, item in enumerate(node.value)]
        return dict(self._pairs(node, path))

    def _pairs(self, node: yaml.Node, path: ValuePath) -> Iterator[tuple[str, YamlValue]]:
        seen: set[Hashable] = set()
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise _rejection(self.file, line, _("Tên mục phải là chữ."))
            key = str(key_node.value)
            if key in seen:
                raise _rejection(self.file, line, _("Mục {name} viết hai lần.", name=key))
            seen.add(key)
            self.lines[(*path, key)] = line
            yield key, self.read_node(value_node, (*path, key))
