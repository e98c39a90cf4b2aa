"""Stamps: written into a translation's file as text, so that comments and layout stay as they are.

A stamp, `made_from`, says which source sentence a step was translated from (`checks.stamp_of`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from content_server.errors import BundleRejected, Problem
from content_server.lessons.source.yaml_source import parse_manuscript
from content_server.phrases import _

KEY = "made_from"


@dataclass(frozen=True)
class Stamped:
    """A translation's text with its stamps, and the ids of steps by what was done to them."""

    text: str
    added: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()  # left alone: the source sentence has changed since


@dataclass(frozen=True)
class _Edit:
    """Put `words` in place of the characters from `begin` to `end`."""

    begin: int
    end: int
    words: str


def write_stamps(text: str, file: str, stamps: Mapping[str, str], renew: frozenset[str]) -> Stamped:
    """Stamp every step of `text` that has no stamp, and those named in `renew` anew.

    `stamps`: step id → the stamp of its source sentence today; other steps are left alone.
    Raises BundleRejected for what is not readable, or not written in a way we can add a line to.
    """
    before = parse_manuscript(text.encode(), file)
    steps = _steps_of(yaml.compose(text, Loader=yaml.BaseLoader))
    done: dict[str, list[str]] = {"added": [], "renewed": [], "stale": []}
    edits: list[_Edit] = []
    for name, node in steps.items():
        if name not in stamps or not node.value:
            continue
        old = next((value for key, value in node.value if key.value == KEY), None)
        if old is None:
            done["added"].append(name)
            edits.append(_new_line(text, node, stamps[name]))
        elif old.value == stamps[name]:
            continue
        elif name in renew:
            done["renewed"].append(name)
            edits.append(_Edit(old.start_mark.index, old.end_mark.index, f'"{stamps[name]}"'))
        else:
            done["stale"].append(name)
    written = _edited(text, edits)
    wanted = {name: stamps[name] for name in (*done["added"], *done["renewed"])}
    if parse_manuscript(written.encode(), file).value != _with_stamps(before.value, wanted):
        phrase = _("Không tự ghi dấu vào tệp này được: viết mỗi mục một dòng rồi chạy lại.")
        raise BundleRejected([Problem(file, 0, phrase)])
    return Stamped(written, *map(tuple, (done["added"], done["renewed"], done["stale"])))


def _steps_of(root: yaml.Node | None) -> dict[str, yaml.MappingNode]:
    """Return step id → the node of its words."""
    found = dict(_mappings_in(root)).get("steps")
    return dict(_mappings_in(found))


def _mappings_in(node: yaml.Node | None) -> Iterator[tuple[str, yaml.MappingNode]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(value, yaml.MappingNode):
                yield str(key.value), value


def _new_line(text: str, step: yaml.MappingNode, stamp: str) -> _Edit:
    """Return the edit that adds a stamp behind the first thing a step says."""
    key, value = step.value[0]
    if step.flow_style:
        return _Edit(value.end_mark.index, value.end_mark.index, f', {KEY}: "{stamp}"')
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f'{" " * key.start_mark.column}{KEY}: "{stamp}"{newline}'
    place = value.end_mark.index
    if value.end_mark.column:  # else the value has taken its line's end with it
        place = text.find("\n", place) + 1 or len(text)
    if place and text[place - 1] != "\n":
        line = newline + line
    return _Edit(place, place, line)


def _edited(text: str, edits: list[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.begin, reverse=True):
        text = text[: edit.begin] + edit.words + text[edit.end :]
    return text


def _with_stamps(value: dict[str, dict[str, dict[str, str]]], stamps: Mapping[str, str]) -> object:
    """Return what a file must say after the edits, and nothing else."""
    steps = {
        name: words | ({KEY: stamps[name]} if name in stamps else {})
        for name, words in value.get("steps", {}).items()
    }
    return value | ({"steps": steps} if steps else {})
