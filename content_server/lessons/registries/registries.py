"""The library: what all lessons share — languages, contacts, topics and named screens."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from content_server.errors import BundleRejected, Problem
from content_server.lessons.registries.entries import (
    CONTACTS,
    LANGUAGES,
    TOPICS,
    Contact,
    LanguageEntry,
    Topic,
)
from content_server.lessons.source.validation_problems import problems_of
from content_server.lessons.source.yaml_source import Manuscript, Value, read_manuscript
from content_server.locales import SOURCE_FOLDER, Folder, Locale, Locales
from content_server.phrases import Phrase, _


@dataclass(frozen=True)
class Registries:
    """What lessons may refer to by name. `screens` are raw values, named `bank/home`."""

    locales: Locales
    contacts: Mapping[str, Contact]
    topics: Mapping[str, Topic]
    screens: Mapping[str, Value] = field(default_factory=dict)
    numbers: Mapping[int, str] = field(default_factory=dict)  # other lessons have: number → slug


def read_registries(lessons_dir: Path) -> Registries:
    """Read the registers and shared screens of `lessons_dir`.

    Raises BundleRejected with every problem of every file: without a library no lesson can be read.
    """
    problems: list[Problem] = []
    read = {}
    for name, adapter in (("languages", LANGUAGES), ("contacts", CONTACTS), ("topics", TOPICS)):
        read[name] = _read_register(lessons_dir / f"{name}.yaml", adapter, problems)
    screens: dict[str, Value] = {}
    for path in sorted((lessons_dir / "screens").glob("*.yaml")):
        screens |= _read_screens(path, problems)
    if problems:
        raise BundleRejected(problems)
    return make_registries(read["languages"], read["contacts"], read["topics"], screens)


def make_registries(
    languages: Mapping[str, LanguageEntry],
    contacts: Mapping[str, Contact],
    topics: Mapping[str, Topic],
    screens: Mapping[str, Value] | None = None,
) -> Registries:
    """Put registers, from files or from the database, into one library."""
    return Registries(locales_from(languages), contacts, topics, screens or {})


def locales_from(languages: Mapping[str, LanguageEntry]) -> Locales:
    """Return the locales of a registry; the source language falls back to nothing."""
    locales: dict[Folder, Locale] = {}
    for name, entry in languages.items():
        folder = Folder(name)
        fallback = None if folder == SOURCE_FOLDER or not entry.fallback else Folder(entry.fallback)
        fields = entry.model_dump() | {"folder": folder, "fallback": fallback}
        locales[folder] = Locale(**fields)
    return locales


def file_name(path: Path) -> str:
    """Return how a person knows this file: its folder and name, as lessons/vi/a.yaml."""
    return "/".join(path.parts[-3:] if path.parent.name != "lessons" else path.parts[-2:])


def _read_register(path: Path, adapter: TypeAdapter[Value], problems: list[Problem]) -> Value:
    try:
        manuscript = read_manuscript(path, file_name(path))
    except BundleRejected as rejected:
        problems.extend(rejected.problems)
        return {}
    try:
        return adapter.validate_python(manuscript.value)
    except ValidationError as error:
        problems.extend(problems_of(error, manuscript))
        return {}


def _read_screens(path: Path, problems: list[Problem]) -> dict[str, Value]:
    try:
        manuscript = read_manuscript(path, file_name(path))
    except BundleRejected as rejected:
        problems.extend(rejected.problems)
        return {}
    if not isinstance(manuscript.value, dict):
        problems.append(manuscript.problem((), _("Tệp này phải là danh sách tên màn hình.")))
        return {}
    return {f"{path.stem}/{name}": screen for name, screen in manuscript.value.items()}


def with_screens(manuscript: Manuscript, library: Registries) -> tuple[Manuscript, list[Problem]]:
    """Return the manuscript with every screen it names put in its place, and what was not found.

    A name is looked up among the file's own `screens:` first, then in the library. `{like: name,
    change: {id: {…}}}` is the named screen with some widgets' fields changed.
    """
    value = manuscript.value
    if not isinstance(value, dict):
        return manuscript, []
    own = value.get("screens", {})
    known = {**library.screens, **(own if isinstance(own, dict) else {})}
    problems: list[Problem] = []

    def place_screens(part: Value, place: tuple[str | int, ...]) -> Value:
        if isinstance(part, list):
            return [place_screens(item, (*place, index)) for index, item in enumerate(part)]
        if not isinstance(part, dict):
            return part
        placed = {}
        for key, item in part.items():
            here = (*place, key)
            if key == "screen":
                screen, phrase = _screen_for(item, known)
                placed[key] = screen
                if phrase:
                    problems.append(manuscript.problem(here, phrase))
            else:
                placed[key] = place_screens(item, here)
        return placed

    body = {key: item for key, item in value.items() if key != "screens"}
    return Manuscript(manuscript.file, place_screens(body, ()), manuscript.lines), problems


def _screen_for(item: Value, known: Mapping[str, Value]) -> tuple[Value, Phrase | None]:
    """Return the screen `item` names or describes, and a phrase when something is not there."""
    nothing: Value = {"app": "phone", "widgets": []}
    if isinstance(item, str):
        if item not in known:
            return nothing, _("Không có màn hình nào tên {name}.", name=item)
        return _screen_for(known[item], {k: v for k, v in known.items() if k != item})
    if not isinstance(item, dict) or "like" not in item:
        return item, None
    screen, phrase = _screen_for(item["like"], known)
    if phrase or set(item) - {"like", "change"}:
        extra = ", ".join(sorted(set(item) - {"like", "change"}))
        return nothing, phrase or _("Không có mục nào tên {name} ở đây.", name=extra)
    return _changed(screen, item.get("change", {}))


def _changed(screen: Value, changes: Value) -> tuple[Value, Phrase | None]:
    screen = copy.deepcopy(screen)
    if not isinstance(changes, dict):
        return screen, _("Mục change phải có dạng tên: nội dung.")
    for name, fields in changes.items():
        widget = next((w for w in _mappings(screen) if w.get("id") == name), None)
        if widget is None or not isinstance(fields, dict):
            return screen, _("Màn hình không có chỗ nào tên {name} để đổi.", name=name)
        widget.update(fields)
    return screen, None


def _mappings(part: Value) -> list[dict[str, Value]]:
    """Return every mapping inside `part`, itself included."""
    if isinstance(part, list):
        return [found for item in part for found in _mappings(item)]
    if isinstance(part, dict):
        return [part, *(found for item in part.values() for found in _mappings(item))]
    return []
