"""Edits of registries on this server: one entry at a time, validated, with conflict detection."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from content_server.accounts.names import has_invisible_characters
from content_server.accounts.tables import PersonGrantRow
from content_server.accounts.units import UNITS, Units, invalid_paths, is_unit_path, parent_path
from content_server.errors import EditConflict, InvalidRegistryEntry
from content_server.lessons.editions.stored_registries import write_registry
from content_server.lessons.editions.tables import EditionRow, Origin, RegistryRow, RevisionRow
from content_server.lessons.lesson import Slug
from content_server.lessons.registries.entries import CONTACTS, LANGUAGES, TOPICS
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import Phrase, _

ADAPTERS: Mapping[str, TypeAdapter[Any]] = {
    "languages": LANGUAGES,
    "contacts": CONTACTS,
    "topics": TOPICS,
    "units": UNITS,
}
KEYS: TypeAdapter[str] = TypeAdapter(Slug)
MAX_ENTRIES = 5_000
Entry = dict[str, Any]


def load_registry_body(session: Session, name: str) -> dict[str, Entry]:
    """Return a registry as plain data, key → fields; empty when none is stored."""
    row = session.get(RegistryRow, name)
    return dict(row.body) if row else {}


def load_units(session: Session) -> Units:
    return UNITS.validate_python(load_registry_body(session, "units"))


def entry_fingerprint(entry: Entry | None) -> str:
    """Return 16 hex digits a form carries to name the entry it was made from; "" for none."""
    if entry is None:
        return ""
    text = json.dumps(entry, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(text.encode()).hexdigest()[:16]


def write_entry(session: Session, name: str, key: str, entry: Entry, seen_fingerprint: str) -> None:
    """Write one entry of a registry.

    `seen_fingerprint` is the `entry_fingerprint` of the entry that the form showed. Raises
    InvalidRegistryEntry with every invalid field, EditConflict when somebody else changed the entry
    in the meantime.
    """
    body = load_registry_body(session, name)
    _check_unchanged(body.get(key), seen_fingerprint)
    _check_key(name, key, body)
    if len(body) >= MAX_ENTRIES:
        raise InvalidRegistryEntry({"": _("Danh sách đã quá dài, không thêm được nữa.")})
    body[key] = _validate_entry(name, key, entry)
    _check_registry(name, body)
    _write_registry_body(session, name, body)


def remove_entry(session: Session, name: str, key: str, seen_fingerprint: str) -> None:
    """Remove an entry. Raises InvalidRegistryEntry while something refers to it, EditConflict."""
    body = load_registry_body(session, name)
    if key not in body:
        return
    _check_unchanged(body[key], seen_fingerprint)
    if reason := in_use_reason(session, name, key):
        raise InvalidRegistryEntry({"": reason})
    del body[key]
    _write_registry_body(session, name, body)


def in_use_reason(session: Session, name: str, key: str) -> Phrase | None:
    """Return why an entry cannot be removed, i.e. what refers to it; None when it can."""
    if name == "units":
        inner = [path for path in load_units(session) if parent_path(path) == key]
        grants = select(PersonGrantRow.id).where(PersonGrantRow.unit == key).limit(1)
        if inner or session.exec(grants).first():
            return _("Nơi này còn bản bên trong hoặc còn người được giao, chưa bỏ được.")
        return None
    if name == "languages":
        editions = select(EditionRow.id).where(EditionRow.folder == key).limit(1)
        grants = select(PersonGrantRow.id).where(PersonGrantRow.folder == key).limit(1)
        fallbacks = [
            folder
            for folder, entry in load_registry_body(session, "languages").items()
            if entry.get("fallback", SOURCE_FOLDER) == key and folder != key
        ]
        used = session.exec(editions).first() or session.exec(grants).first() or fallbacks
        return _("Còn bài, người đọc hoặc tiếng khác dùng thứ tiếng này.") if used else None
    return (
        _("Còn bài dùng mục này, chưa bỏ được.")
        if _is_used_in_lessons(session, name, key)
        else None
    )


def _is_used_in_lessons(session: Session, name: str, key: str) -> bool:
    """Tell whether any revision of a source edition names this contact or topic."""
    query = (
        select(RevisionRow.body)
        .join(EditionRow, col(RevisionRow.edition_id) == EditionRow.id)
        .where(EditionRow.folder == SOURCE_FOLDER)
    )
    field = "topic" if name == "topics" else "help"
    return any(
        body.get(field) == key or (field == "help" and key in body.get("help", ()))
        for body in session.exec(query)
    )


def _check_unchanged(stored: Entry | None, seen_fingerprint: str) -> None:
    if entry_fingerprint(stored) != seen_fingerprint:
        raise EditConflict(
            _("Người khác vừa sửa mục này. Chữ bác gõ còn ở dưới; xem lại rồi bấm lưu lần nữa.")
        )


def _check_key(name: str, key: str, body: Mapping[str, Entry]) -> None:
    if key in body:
        return
    try:
        is_valid = is_unit_path(key) if name == "units" else bool(KEYS.validate_python(key))
    except ValidationError:
        is_valid = False
    if not is_valid:
        raise InvalidRegistryEntry(
            {"key": _("Mã chỉ gồm chữ thường không dấu, số và gạch nối, ví dụ: muong-kim.")}
        )
    if name == "units" and (parent := parent_path(key)) and parent not in body:
        raise InvalidRegistryEntry({"key": _("Chưa có nơi {parent} để đặt vào.", parent=parent)})


def _validate_entry(name: str, key: str, entry: Entry) -> Entry:
    """Return the entry as it will be stored. Raises InvalidRegistryEntry."""
    if invisible := [
        field for field, value in entry.items() if has_invisible_characters(str(value))
    ]:
        raise InvalidRegistryEntry(dict.fromkeys(invisible, INVISIBLE_CHARACTERS))
    try:
        valid = ADAPTERS[name].validate_python({key: entry})
    except ValidationError as error:
        locations = [each["loc"] for each in error.errors()]
        fields = {str(loc[1]) if len(loc) > 1 else "" for loc in locations}
        raise InvalidRegistryEntry(dict.fromkeys(sorted(fields), INVALID_FIELD)) from error
    dumped: dict[str, Entry] = ADAPTERS[name].dump_python(valid, mode="json", exclude_defaults=True)
    return dumped[key]


INVISIBLE_CHARACTERS = _("Ô này có chữ không nhìn thấy được. Xin gõ lại.")
INVALID_FIELD = _("Ô này chưa điền hoặc điền chưa đúng.")


def _check_registry(name: str, body: Mapping[str, Entry]) -> None:
    if name == "units" and (
        missing := next(iter(invalid_paths(UNITS.validate_python(body))), None)
    ):
        raise InvalidRegistryEntry({"key": _("Chưa có nơi {parent} để đặt vào.", parent=missing)})
    if name == "languages":
        for folder, entry in body.items():
            fallback = entry.get("fallback", SOURCE_FOLDER)
            if fallback and fallback not in body:
                raise InvalidRegistryEntry({"fallback": INVALID_FIELD})
            if folder == SOURCE_FOLDER and entry.get("voice_only"):
                raise InvalidRegistryEntry({"voice_only": INVALID_FIELD})


def _write_registry_body(session: Session, name: str, body: dict[str, Entry]) -> None:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    write_registry(session, name, body, sha256(text.encode()).hexdigest(), Origin.EDITOR)
