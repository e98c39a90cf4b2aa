"""Registers as editable data: languages, helplines, topics, units; pages are pressed again."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from content_server.accounts.audit_log import note
from content_server.db import Database
from content_server.editorial import registry_edits
from content_server.editorial.registry_edits import Entry, body_of_register, stamp_of_entry
from content_server.errors import EditConflict, LessonNotFound, RegisterRefused
from content_server.phrases import _
from content_server.web.accounts.sign_in_forms import see_other
from content_server.web.dependencies import DatabaseDep, RoadDep
from content_server.web.editor.registries.registry_fields import (
    COSTS,
    REGISTERS,
    Register,
    entry_from,
    shown_value,
)
from content_server.web.permissions import RegistersDep
from content_server.web.rendering import render

router = APIRouter(prefix="/-/soan/danh-sach", include_in_schema=False)
DONE = {
    "luu": _("Đã lưu. Các trang đã đăng đang được làm lại."),
    "bo": _("Đã bỏ. Các trang đã đăng đang được làm lại."),
}
NEW = "_moi"  # no key has a line below


async def typed(request: Request) -> FormData:
    return await request.form(max_fields=60, max_files=0)


@router.get("")
def registers(request: Request, person: RegistersDep, database: DatabaseDep) -> HTMLResponse:
    """List the registers."""
    del person
    with database.read() as session:
        counts = {name: len(body_of_register(session, name)) for name in REGISTERS}
    return render(request, "people/registers.html", registers=REGISTERS, counts=counts)


@router.get("/{name}")
def register(
    name: str, request: Request, person: RegistersDep, database: DatabaseDep, xong: str = ""
) -> HTMLResponse:
    """List one register's entries. Raises LessonNotFound."""
    del person
    kind = _register(name)
    with database.read() as session:
        entries = body_of_register(session, name)
    context: dict[str, Any] = {"name": name, "register": kind, "entries": _sorted(name, entries)}
    return render(request, "people/register.html", done=DONE.get(xong), **context)


@router.get("/{name}/{key:path}")
def entry(
    name: str, key: str, request: Request, person: RegistersDep, database: DatabaseDep
) -> HTMLResponse:
    """Show the form of one entry, or of a new one. Raises LessonNotFound."""
    del person
    kind = _register(name)
    with database.read() as session:
        found = body_of_register(session, name).get(key)
        if found is None and key != NEW:
            raise LessonNotFound(_("Mục này không còn trong danh sách."))
        values = {field.name: shown_value(field, found or {}) for field in kind.fields}
        context = _context(session, name, kind, "" if found is None else key)
    return render(
        request, "people/entry.html", **context, values=values, was=stamp_of_entry(found), wrong={}
    )


@router.post("/{name}/bo")
def remove(  # one argument a thing it needs
    name: str,
    request: Request,
    person: RegistersDep,
    database: DatabaseDep,
    road: RoadDep,
    form: Annotated[FormData, Depends(typed)],
) -> Response:
    """Remove an entry that nothing refers to."""
    kind, sent = _register(name), _texts(form)
    key = sent.get("key", "")
    try:
        with database.write() as session:
            registry_edits.remove_entry(session, name, key, sent.get("was", ""))
            note(session, person, "register_changed", f"− {name}/{key}")
    except (RegisterRefused, EditConflict) as refused:
        return _again(request, database, name, kind, sent, refused)
    road.registers_changed()
    return see_other(f"/-/soan/danh-sach/{name}?xong=bo")


@router.post("/{name}")
def save(  # one argument a thing it needs
    name: str,
    request: Request,
    person: RegistersDep,
    database: DatabaseDep,
    road: RoadDep,
    form: Annotated[FormData, Depends(typed)],
) -> Response:
    """Write an entry, new or changed; what was typed is never lost."""
    kind, sent = _register(name), _texts(form)
    key = sent.get("key", "").strip().lower()
    try:
        with database.write() as session:
            entry = entry_from(kind, sent)
            registry_edits.write_entry(session, name, key, entry, sent.get("was", ""))
            note(session, person, "register_changed", f"{name}/{key}")
    except (RegisterRefused, EditConflict) as refused:
        return _again(request, database, name, kind, sent, refused)
    road.registers_changed()
    return see_other(f"/-/soan/danh-sach/{name}?xong=luu")


def _again(  # the form as it was sent
    request: Request,
    database: Database,
    name: str,
    kind: Register,
    sent: Mapping[str, str],
    refused: RegisterRefused | EditConflict,
) -> HTMLResponse:
    """Show the form as it was typed, with what is wrong beside each field."""
    key, was = sent.get("key", ""), sent.get("was", "")
    with database.read() as session:
        found = body_of_register(session, name).get(key)
        context = _context(session, name, kind, key if was else "")
    if isinstance(refused, EditConflict):
        was = stamp_of_entry(found)
        context["now"] = [(f.label, shown_value(f, found)) for f in kind.fields] if found else []
    wrong = refused.fields if isinstance(refused, RegisterRefused) else {}
    values = {field.name: sent.get(field.name, "") for field in kind.fields}
    context |= {"values": values, "was": was, "wrong": wrong, "typed_key": key}
    return render(request, "people/entry.html", refused.status, error=refused.phrase, **context)


def _context(session: Session, name: str, kind: Register, key: str) -> dict[str, Any]:
    languages = body_of_register(session, "languages")
    return {
        "name": name,
        "register": kind,
        "key": key,
        "typed_key": key,
        "languages": [(folder, entry["name_vi"]) for folder, entry in languages.items()],
        "costs": COSTS,
        "stuck": registry_edits.in_use(session, name, key) if key else None,
        "now": [],
    }


def _register(name: str) -> Register:
    if name not in REGISTERS:
        raise LessonNotFound(_("Không có danh sách này."))
    return REGISTERS[name]


def _sorted(name: str, entries: Mapping[str, Entry]) -> list[tuple[str, Entry]]:
    if name == "topics":
        return sorted(entries.items(), key=lambda pair: int(pair[1].get("order", 100)))
    return sorted(entries.items()) if name == "units" else list(entries.items())


def _texts(form: FormData) -> dict[str, str]:
    return {key: value for key, value in form.items() if isinstance(value, str)}
