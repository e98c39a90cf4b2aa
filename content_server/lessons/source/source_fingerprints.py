"""Source fingerprints: which source sentence each step of a translation was made from.

A fingerprint is six hex digits of a sentence, kept under `made_from` in a translation's file. It is
written into the file as text, so that comments and layout stay as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import yaml

from content_server.errors import BundleRejected, Problem
from content_server.lessons.lesson import Lesson, Translation, sentence_of
from content_server.lessons.source.yaml_source import parse_yaml_source
from content_server.phrases import _

FINGERPRINT_KEY = "made_from"


def source_fingerprint(sentence: str) -> str:
    """Return six hex digits of the sentence's sha256, which a translation keeps as `made_from`."""
    return sha256(sentence.encode()).hexdigest()[:6]


def stale_steps(translation: Translation, source: Lesson) -> list[str]:
    """Return the ids of steps whose source sentence has changed since they were translated."""
    fingerprints = {step.id: source_fingerprint(sentence_of(step)) for step in source.steps}
    return [
        name
        for name, words in translation.steps.items()
        if words.made_from and fingerprints.get(name) not in {None, words.made_from}
    ]


@dataclass(frozen=True)
class FingerprintUpdate:
    """A translation's new text, and the ids of its steps by what was done to them."""

    text: str
    added: tuple[str, ...] = ()
    renewed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()  # not changed: the source sentence is different now


@dataclass(frozen=True)
class _Edit:
    """Replace the characters from `begin` to `end` by `words`."""

    begin: int
    end: int
    words: str


def write_source_fingerprints(
    text: str, file: str, fingerprints: Mapping[str, str], renew: frozenset[str]
) -> FingerprintUpdate:
    """Write a fingerprint into every step of `text` that has none, and into those in `renew`.

    `fingerprints`: step id → fingerprint of its source sentence today; other steps are not changed.
    Raises BundleRejected when `text` is not readable YAML, or is laid out so that no line can be
    added safely.
    """
    before = parse_yaml_source(text.encode(), file)
    steps = _steps_of(yaml.compose(text, Loader=yaml.BaseLoader))
    done: dict[str, list[str]] = {"added": [], "renewed": [], "stale": []}
    edits: list[_Edit] = []
    for name, node in steps.items():
        if name not in fingerprints or not node.value:
            continue
        old = next((value for key, value in node.value if key.value == FINGERPRINT_KEY), None)
        if old is None:
            done["added"].append(name)
            edits.append(_new_line(text, node, fingerprints[name]))
        elif old.value == fingerprints[name]:
            continue
        elif name in renew:
            done["renewed"].append(name)
            edits.append(_Edit(old.start_mark.index, old.end_mark.index, f'"{fingerprints[name]}"'))
        else:
            done["stale"].append(name)
    new_text = _apply_edits(text, edits)
    expected = {name: fingerprints[name] for name in (*done["added"], *done["renewed"])}
    if parse_yaml_source(new_text.encode(), file).value != _with_fingerprints(
        before.value, expected
    ):
        phrase = _("Không tự ghi dấu vào tệp này được: viết mỗi mục một dòng rồi chạy lại.")
        raise BundleRejected([Problem(file, 0, phrase)])
    return FingerprintUpdate(new_text, *map(tuple, (done["added"], done["renewed"], done["stale"])))


def _steps_of(root: yaml.Node | None) -> dict[str, yaml.MappingNode]:
    """Return step id → the node of its words."""
    steps = dict(_mappings_in(root)).get("steps")
    return dict(_mappings_in(steps))


def _mappings_in(node: yaml.Node | None) -> Iterator[tuple[str, yaml.MappingNode]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(value, yaml.MappingNode):
                yield str(key.value), value


def _new_line(text: str, step: yaml.MappingNode, fingerprint: str) -> _Edit:
    """Return the edit that adds a fingerprint behind the first key of a step."""
    key, value = step.value[0]
    if step.flow_style:
        return _Edit(
            value.end_mark.index, value.end_mark.index, f', {FINGERPRINT_KEY}: "{fingerprint}"'
        )
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f'{" " * key.start_mark.column}{FINGERPRINT_KEY}: "{fingerprint}"{newline}'
    place = value.end_mark.index
    if value.end_mark.column:  # 0: the value already includes its line end
        place = text.find("\n", place) + 1 or len(text)
    if place and text[place - 1] != "\n":
        line = newline + line
    return _Edit(place, place, line)


def _apply_edits(text: str, edits: list[_Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.begin, reverse=True):
        text = text[: edit.begin] + edit.words + text[edit.end :]
    return text


def _with_fingerprints(
    value: dict[str, dict[str, dict[str, str]]], fingerprints: Mapping[str, str]
) -> object:
    """Return the value a file must have after the edits."""
    steps = {
        name: words | ({FINGERPRINT_KEY: fingerprints[name]} if name in fingerprints else {})
        for name, words in value.get("steps", {}).items()
    }
    return value | ({"steps": steps} if steps else {})
