"""Edits of registers here: one entry at a time, checked whole, never over another's edit."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from content_server.accounts.names import has_invisible
from content_server.accounts.tables import GrantRow
from content_server.accounts.units import UNITS, Units, faults, is_path, parent_of
from content_server.errors import EditConflict, RegisterRefused
from content_server.lessons.editions.revisions import write_register
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


def body_of_register(session: Session, name: str) -> dict[str, Entry]:
    """Return a register as plain data, key → fields; empty when nothing was written yet."""
    row = session.get(RegistryRow, name)
    return dict(row.body) if row else {}


def units_of(session: Session) -> Units:
    return UNITS.validate_python(body_of_register(session, "units"))


def stamp_of_entry(entry: Entry | None) -> str:
    """Return what a form carries to say which entry it was made from; "" for none."""
    if entry is None:
        return ""
    text = json.dumps(entry, sort_keys=True, ensure_ascii=False, default=str)
    return sha256(text.encode()).hexdigest()[:16]


def write_entry(session: Session, name: str, key: str, entry: Entry, was: str) -> None:
    """Write one entry of a register; `was` is the stamp of the entry the form was made from.

    Raises RegisterRefused with every field that is wrong, EditConflict when somebody else changed
    the entry in the meantime.
    """
    body = body_of_register(session, name)
    _check_unchanged(body.get(key), was)
    _check_key(name, key, body)
    if len(body) >= MAX_ENTRIES:
        raise RegisterRefused({"": _("Danh sách đã quá dài, không thêm được nữa.")})
    body[key] = _checked(name, key, entry)
    _check_whole(name, body)
    _write(session, name, body)


def remove_entry(session: Session, name: str, key: str, was: str) -> None:
    """Remove one entry that nothing refers to. Raises RegisterRefused, EditConflict."""
    body = body_of_register(session, name)
    if key not in body:
        return
    _check_unchanged(body[key], was)
    if reason := in_use(session, name, key):
        raise RegisterRefused({"": reason})
    del body[key]
    _write(session, name, body)


def in_use(session: Session, name: str, key: str) -> Phrase | None:
    """Return why an entry cannot go: what refers to it; None when it can."""
    if name == "units":
        inner = [path for path in units_of(session) if parent_of(path) == key]
        given = select(GrantRow.id).where(GrantRow.unit == key).limit(1)
        if inner or session.exec(given).first():
            return _("Nơi này còn bản bên trong hoặc còn người được giao, chưa bỏ được.")
        return None
    if name == "languages":
        made = select(EditionRow.id).where(EditionRow.folder == key).limit(1)
        given = select(GrantRow.id).where(GrantRow.folder == key).limit(1)
        falls = [
            folder
            for folder, entry in body_of_register(session, "languages").items()
            if entry.get("fallback", SOURCE_FOLDER) == key and folder != key
        ]
        used = session.exec(made).first() or session.exec(given).first() or falls
        return _("Còn bài, người đọc hoặc tiếng khác dùng thứ tiếng này.") if used else None
    return _("Còn bài dùng mục này, chưa bỏ được.") if _in_lessons(session, name, key) else None


def _in_lessons(session: Session, name: str, key: str) -> bool:
    """Tell whether any source edition, as it stands or stood, names this contact or topic."""
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


def _check_unchanged(now: Entry | None, was: str) -> None:
    if stamp_of_entry(now) != was:
        raise EditConflict(
            _("Người khác vừa sửa mục này. Chữ bác gõ còn ở dưới; xem lại rồi bấm lưu lần nữa.")
        )


def _check_key(name: str, key: str, body: Mapping[str, Entry]) -> None:
    if key in body:
        return
    try:
        fine = is_path(key) if name == "units" else bool(KEYS.validate_python(key))
    except ValidationError:
        fine = False
    if not fine:
        raise RegisterRefused(
            {"key": _("Mã chỉ gồm chữ thường không dấu, số và gạch nối, ví dụ: muong-kim.")}
        )
    if name == "units" and (parent := parent_of(key)) and parent not in body:
        raise RegisterRefused({"key": _("Chưa có nơi {parent} để đặt vào.", parent=parent)})


def _checked(name: str, key: str, entry: Entry) -> Entry:
    """Return the entry as it is stored. Raises RegisterRefused."""
    if unseen := [field for field, value in entry.items() if has_invisible(str(value))]:
        raise RegisterRefused(dict.fromkeys(unseen, UNSEEN))
    try:
        valid = ADAPTERS[name].validate_python({key: entry})
    except ValidationError as error:
        places = [each["loc"] for each in error.errors()]
        fields = {str(place[1]) if len(place) > 1 else "" for place in places}
        raise RegisterRefused(dict.fromkeys(sorted(fields), WRONG)) from error
    dumped: dict[str, Entry] = ADAPTERS[name].dump_python(valid, mode="json", exclude_defaults=True)
    return dumped[key]


UNSEEN = _("Ô này có chữ không nhìn thấy được. Xin gõ lại.")
WRONG = _("Ô này chưa điền hoặc điền chưa đúng.")


def _check_whole(name: str, body: Mapping[str, Entry]) -> None:
    if name == "units" and (lost := next(iter(faults(UNITS.validate_python(body))), None)):
        raise RegisterRefused({"key": _("Chưa có nơi {parent} để đặt vào.", parent=lost)})
    if name == "languages":
        for folder, entry in body.items():
            fallback = entry.get("fallback", SOURCE_FOLDER)
            if fallback and fallback not in body:
                raise RegisterRefused({"fallback": WRONG})
            if folder == SOURCE_FOLDER and entry.get("voice_only"):
                raise RegisterRefused({"voice_only": WRONG})


def _write(session: Session, name: str, body: dict[str, Entry]) -> None:
    text = json.dumps(body, sort_keys=True, ensure_ascii=False)
    write_register(session, name, body, sha256(text.encode()).hexdigest(), Origin.EDITOR)
