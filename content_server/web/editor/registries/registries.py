"""The registries: languages, contacts, topics and units. Saving rebuilds the published pages."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission
from content_server.db import Database
from content_server.editorial import registry_edits
from content_server.editorial.registry_edits import Entry, entry_fingerprint, load_registry_body
from content_server.errors import EditConflict, InvalidRegistryEntry, LessonNotFound
from content_server.phrases import _
from content_server.web.dependencies import DatabaseDep, PublisherDep
from content_server.web.editor.registries.registry_fields import (
    COSTS,
    REGISTRY_FORMS,
    RegistryForm,
    form_value,
    parse_entry,
)
from content_server.web.permissions import RegistriesAdminDep, requires
from content_server.web.rendering import render, see_other

router = APIRouter(
    include_in_schema=False,
    dependencies=[Depends(requires(Permission.EDIT_REGISTRIES))],
)
DONE = {
    "luu": _("Đã lưu. Các trang đã đăng đang được làm lại."),
    "bo": _("Đã bỏ. Các trang đã đăng đang được làm lại."),
}


async def read_form(request: Request) -> FormData:
    return await request.form(max_fields=60, max_files=0)


FormDataDep = Annotated[FormData, Depends(read_form)]


@router.get(urls.REGISTRIES)
def registries_page(request: Request, database: DatabaseDep) -> HTMLResponse:
    """List the registries."""
    with database.read() as session:
        counts = {name: len(load_registry_body(session, name)) for name in REGISTRY_FORMS}
    return render(request, "registries/registries.html", registries=REGISTRY_FORMS, counts=counts)


@router.get(urls.REGISTRY)
def registry_page(
    name: str, request: Request, database: DatabaseDep, xong: str = ""
) -> HTMLResponse:
    """List the entries of one registry. Raises LessonNotFound."""
    form = _find_form(name)
    with database.read() as session:
        entries = load_registry_body(session, name)
    context: dict[str, Any] = {
        "name": name,
        "registry": form,
        "entries": _sort_entries(name, entries),
    }
    return render(request, "registries/registry.html", done=DONE.get(xong), **context)


@router.get(urls.REGISTRY_NEW_ENTRY)
def new_entry_page(name: str, request: Request, database: DatabaseDep) -> HTMLResponse:
    """Show the form of a new entry. Raises LessonNotFound."""
    return _entry_page(request, database, name, None)


@router.get(urls.REGISTRY_ENTRY)
def entry_page(name: str, key: str, request: Request, database: DatabaseDep) -> HTMLResponse:
    """Show the form of one entry. Raises LessonNotFound."""
    return _entry_page(request, database, name, key)


def _entry_page(request: Request, database: Database, name: str, key: str | None) -> HTMLResponse:
    form = _find_form(name)
    with database.read() as session:
        entry = None if key is None else load_registry_body(session, name).get(key)
        if entry is None and key is not None:
            raise LessonNotFound(_("Mục này không còn trong danh sách."))
        values = {field.name: form_value(field, entry or {}) for field in form.fields}
        context = _entry_context(session, name, form, key or "")
    return render(
        request,
        "registries/registry_entry.html",
        **context,
        values=values,
        was=entry_fingerprint(entry),
        field_errors={},
    )


@router.post(urls.REGISTRY_ENTRY_REMOVE)
def remove_registry_entry(
    name: str,
    request: Request,
    person: RegistriesAdminDep,
    database: DatabaseDep,
    publisher: PublisherDep,
    form_data: FormDataDep,
) -> Response:
    """Remove an entry; refused while something refers to it."""
    form, sent = _find_form(name), _text_fields(form_data)
    key = sent.get("key", "")
    try:
        with database.write() as session:
            registry_edits.remove_entry(session, name, key, sent.get("was", ""))
            record_audit_event(session, person, "registry_changed", f"− {name}/{key}")
    except (InvalidRegistryEntry, EditConflict) as error:
        return _entry_page_with_error(request, database, name, form, sent, error)
    publisher.rebuild_all()
    return see_other(urls.REGISTRY.url(name=name, query={"xong": "bo"}))


@router.post(urls.REGISTRY)
def save_registry_entry(
    name: str,
    request: Request,
    person: RegistriesAdminDep,
    database: DatabaseDep,
    publisher: PublisherDep,
    form_data: FormDataDep,
) -> Response:
    """Write an entry, new or changed; after an error the form shows what was typed."""
    form, sent = _find_form(name), _text_fields(form_data)
    key = sent.get("key", "").strip().lower()
    try:
        with database.write() as session:
            entry = parse_entry(form, sent)
            registry_edits.write_entry(session, name, key, entry, sent.get("was", ""))
            record_audit_event(session, person, "registry_changed", f"{name}/{key}")
    except (InvalidRegistryEntry, EditConflict) as error:
        return _entry_page_with_error(request, database, name, form, sent, error)
    publisher.rebuild_all()
    return see_other(urls.REGISTRY.url(name=name, query={"xong": "luu"}))


def _entry_page_with_error(
    request: Request,
    database: Database,
    name: str,
    form: RegistryForm,
    sent: Mapping[str, str],
    error: InvalidRegistryEntry | EditConflict,
) -> HTMLResponse:
    """Show the form as it was typed, with each error beside its field."""
    key, was = sent.get("key", ""), sent.get("was", "")
    with database.read() as session:
        entry = load_registry_body(session, name).get(key)
        context = _entry_context(session, name, form, key if was else "")
    if isinstance(error, EditConflict):
        was = entry_fingerprint(entry)
        context["saved_values"] = (
            [(f.label, form_value(f, entry)) for f in form.fields] if entry else []
        )
    field_errors = error.fields if isinstance(error, InvalidRegistryEntry) else {}
    values = {field.name: sent.get(field.name, "") for field in form.fields}
    context |= {"values": values, "was": was, "field_errors": field_errors, "typed_key": key}
    return render(
        request,
        "registries/registry_entry.html",
        error.status,
        here=urls.REGISTRY.url(name=name),
        error=error.phrase,
        **context,
    )


def _entry_context(session: Session, name: str, form: RegistryForm, key: str) -> dict[str, Any]:
    languages = load_registry_body(session, "languages")
    return {
        "name": name,
        "registry": form,
        "key": key,
        "typed_key": key,
        "languages": [(folder, entry["name_vi"]) for folder, entry in languages.items()],
        "costs": COSTS,
        "in_use": registry_edits.in_use_reason(session, name, key) if key else None,
        "saved_values": [],
    }


def _find_form(name: str) -> RegistryForm:
    if name not in REGISTRY_FORMS:
        raise LessonNotFound(_("Không có danh sách này."))
    return REGISTRY_FORMS[name]


def _sort_entries(name: str, entries: Mapping[str, Entry]) -> list[tuple[str, Entry]]:
    if name == "topics":
        return sorted(entries.items(), key=lambda pair: int(pair[1].get("order", 100)))
    return sorted(entries.items()) if name == "units" else list(entries.items())


def _text_fields(form_data: FormData) -> dict[str, str]:
    return {key: value for key, value in form_data.items() if isinstance(value, str)}
