"""Named screens: a lesson refers to a drawn screen by name, or by name with some fields changed."""

import copy
from collections.abc import Mapping

from content_server.errors import Problem
from content_server.lessons.registries.registries import Registries
from content_server.lessons.source.yaml_source import ValuePath, YamlDocument, YamlValue
from content_server.phrases import Phrase, _


def resolve_screens(
    document: YamlDocument, registries: Registries
) -> tuple[YamlDocument, list[Problem]]:
    """Return the document with every named screen replaced by the screen itself, and the problems.

    A name is looked up in the file's own `screens:` first, then in the registries. `{like: name,
    change: {id: {…}}}` is the named screen with some widgets' fields changed.
    """
    value = document.value
    if not isinstance(value, dict):
        return document, []
    own = value.get("screens", {})
    known = {**registries.screens, **(own if isinstance(own, dict) else {})}
    problems: list[Problem] = []

    def replace_names(part: YamlValue, path: ValuePath) -> YamlValue:
        if isinstance(part, list):
            return [replace_names(item, (*path, index)) for index, item in enumerate(part)]
        if not isinstance(part, dict):
            return part
        replaced = {}
        for key, item in part.items():
            here = (*path, key)
            if key == "screen":
                screen, phrase = _screen_for(item, known)
                replaced[key] = screen
                if phrase:
                    problems.append(document.problem(here, phrase))
            else:
                replaced[key] = replace_names(item, here)
        return replaced

    body = {key: item for key, item in value.items() if key != "screens"}
    return YamlDocument(document.file, replace_names(body, ()), document.lines), problems


def _screen_for(item: YamlValue, known: Mapping[str, YamlValue]) -> tuple[YamlValue, Phrase | None]:
    """Return the screen `item` names or describes, and a phrase when a name is unknown."""
    empty_screen: YamlValue = {"app": "phone", "widgets": []}
    if isinstance(item, str):
        if item not in known:
            return empty_screen, _("Không có màn hình nào tên {name}.", name=item)
        return _screen_for(known[item], {k: v for k, v in known.items() if k != item})
    if not isinstance(item, dict) or "like" not in item:
        return item, None
    screen, phrase = _screen_for(item["like"], known)
    if phrase or set(item) - {"like", "change"}:
        extra = ", ".join(sorted(set(item) - {"like", "change"}))
        return empty_screen, phrase or _("Không có mục nào tên {name} ở đây.", name=extra)
    return _apply_screen_changes(screen, item.get("change", {}))


def _apply_screen_changes(screen: YamlValue, changes: YamlValue) -> tuple[YamlValue, Phrase | None]:
    screen = copy.deepcopy(screen)
    if not isinstance(changes, dict):
        return screen, _("Mục change phải có dạng tên: nội dung.")
    for name, fields in changes.items():
        widget = next((w for w in _mappings(screen) if w.get("id") == name), None)
        if widget is None or not isinstance(fields, dict):
            return screen, _("Màn hình không có chỗ nào tên {name} để đổi.", name=name)
        widget.update(fields)
    return screen, None


def _mappings(part: YamlValue) -> list[dict[str, YamlValue]]:
    """Return every mapping inside `part`, itself included."""
    if isinstance(part, list):
        return [found for item in part for found in _mappings(item)]
    if isinstance(part, dict):
        return [part, *(found for item in part.values() for found in _mappings(item))]
    return []
