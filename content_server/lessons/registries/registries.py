"""Registries: the languages, contacts, topics and screens all lessons share, read from files."""

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
from content_server.lessons.source.yaml_source import YamlValue, read_yaml_source
from content_server.locales import SOURCE_FOLDER, Folder, Locale, Locales
from content_server.phrases import _


@dataclass(frozen=True)
class Registries:
    """What lessons may refer to by name. `screens` are raw YAML values, named as `bank/home`."""

    locales: Locales
    contacts: Mapping[str, Contact]
    topics: Mapping[str, Topic]
    screens: Mapping[str, YamlValue] = field(default_factory=dict)
    numbers: Mapping[int, str] = field(default_factory=dict)  # numbers of other lessons → slug


def read_registries(lessons_dir: Path) -> Registries:
    """Read the registries and shared screens of `lessons_dir`.

    Raises BundleRejected with every problem of every file: lessons cannot be read without them.
    """
    problems: list[Problem] = []
    entries = {}
    for name, adapter in (("languages", LANGUAGES), ("contacts", CONTACTS), ("topics", TOPICS)):
        entries[name] = _read_registry(lessons_dir / f"{name}.yaml", adapter, problems)
    screens: dict[str, YamlValue] = {}
    for path in sorted((lessons_dir / "screens").glob("*.yaml")):
        screens |= _read_screens(path, problems)
    if problems:
        raise BundleRejected(problems)
    return make_registries(entries["languages"], entries["contacts"], entries["topics"], screens)


def make_registries(
    languages: Mapping[str, LanguageEntry],
    contacts: Mapping[str, Contact],
    topics: Mapping[str, Topic],
    screens: Mapping[str, YamlValue] | None = None,
) -> Registries:
    """Combine registries, from files or from the database."""
    return Registries(locales_from(languages), contacts, topics, screens or {})


def locales_from(languages: Mapping[str, LanguageEntry]) -> Locales:
    """Return the locales of a language registry; the source language has no fallback."""
    locales: dict[Folder, Locale] = {}
    for name, entry in languages.items():
        folder = Folder(name)
        fallback = None if folder == SOURCE_FOLDER or not entry.fallback else Folder(entry.fallback)
        fields = entry.model_dump() | {"folder": folder, "fallback": fallback}
        locales[folder] = Locale(**fields)
    return locales


def display_path(path: Path) -> str:
    """Return the path people see in messages: lessons/vi/a.yaml, lessons/topics.yaml."""
    return "/".join(path.parts[-3:] if path.parent.name != "lessons" else path.parts[-2:])


def _read_registry(
    path: Path, adapter: TypeAdapter[YamlValue], problems: list[Problem]
) -> YamlValue:
    try:
        document = read_yaml_source(path, display_path(path))
    except BundleRejected as rejected:
        problems.extend(rejected.problems)
        return {}
    try:
        return adapter.validate_python(document.value)
    except ValidationError as error:
        problems.extend(problems_of(error, document))
        return {}


def _read_screens(path: Path, problems: list[Problem]) -> dict[str, YamlValue]:
    try:
        document = read_yaml_source(path, display_path(path))
    except BundleRejected as rejected:
        problems.extend(rejected.problems)
        return {}
    if not isinstance(document.value, dict):
        problems.append(document.problem((), _("Tệp này phải là danh sách tên màn hình.")))
        return {}
    return {f"{path.stem}/{name}": screen for name, screen in document.value.items()}
