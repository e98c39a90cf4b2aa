"""Exporting the texts of an edition as a table (XLSX, CSV), and importing the filled table."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Person
from content_server.editorial.drafts.drafts import DraftWriter, open_draft
from content_server.editorial.exchange.spreadsheets import (
    MAX_BYTES,
    csv_bytes,
    read_spreadsheet,
    xlsx_bytes,
)
from content_server.editorial.exchange.text_tables import (
    TranslationUnit,
    make_text_table,
    read_text_table,
    translation_units_of,
)
from content_server.errors import BundleRejected, Problem
from content_server.lessons.editions.revisions import get_or_create_edition
from content_server.lessons.editions.tables import EditionRef
from content_server.phrases import Phrase, _
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    Folder,
    Slug,
    load_edition_context,
    load_source_body,
)
from content_server.web.permissions import WorkDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
CONTENT_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@router.get(urls.EDITION_TEXT_TABLE)
def text_table_page(request: Request, person: WorkDep, context: EditionContextDep) -> HTMLResponse:
    """Show the download links and the upload form."""
    return _text_table_page(request, person, context)


@router.get(urls.EDITION_TEXT_TABLE_FILE)
def download_text_table(
    _person: WorkDep,
    context: EditionContextDep,
    session: SessionDep,
    kind: Annotated[str, Path(pattern="^(xlsx|csv)$")],
) -> Response:
    """Answer with the texts of the draft as a table."""
    lines, name = _lines(session, context), context.locale.name_vi
    table = make_text_table(lines, name, context.draft.version, is_source=context.is_source)
    body = xlsx_bytes(table) if kind == "xlsx" else csv_bytes(table)
    file = f'attachment; filename="{context.slug}-{context.folder}.{kind}"'
    headers = {"Content-Disposition": file, "Cache-Control": "no-store"}
    return Response(body, media_type=CONTENT_TYPES[kind], headers=headers)


@router.post(urls.EDITION_TEXT_TABLE)
def upload_text_table(
    request: Request,
    slug: Slug,
    folder: Folder,
    person: WorkDep,
    database: DatabaseDep,
    registries: RegistriesDep,
    file: UploadFile,
) -> HTMLResponse:
    """Import a filled table as a whole; with any problem, import nothing and list them all."""
    data = file.file.read(MAX_BYTES + 1)
    with database.read() as session:
        context = load_edition_context(session, EditionRef(slug, folder), registries)
    person.require(context.write_permission, folder)
    try:
        done, conflicts = _save_table(database, person, context, data, file.filename or "")
    except BundleRejected as rejected:
        return _text_table_page(request, person, context, problems=rejected.problems)
    return _text_table_page(request, person, context, done=done, conflicts=conflicts)


def _save_table(
    database: DatabaseDep, person: Person, context: EditionContext, data: bytes, name: str
) -> tuple[Phrase, int]:
    table = read_spreadsheet(data, name)
    with database.write() as session:
        get_or_create_edition(session, context.ref)
        context = load_edition_context(session, context.ref, context.registries)
        draft = open_draft(session, context.ref)
        lines = _lines(session, context)
        seen, changes = read_text_table(table, lines, context.locale.name_vi)
        saved = DraftWriter(session, draft, person.id).save(changes, seen)
        record_audit_event(session, person, "draft_saved", context.subject)
    texts = [each for each in changes if each.path != "made_from"]
    conflict_count = len(saved.conflicts)
    return _("Đã nhận {n} câu mới từ bảng.", n=max(0, len(texts) - conflict_count)), conflict_count


def _lines(session: Session, context: EditionContext) -> list[TranslationUnit]:
    own = context.draft.body
    source = own if context.is_source else load_source_body(session, context.slug)
    return list(translation_units_of(source, own, is_source=context.is_source))


def _text_table_page(
    request: Request,
    person: Person,
    context: EditionContext,
    problems: Sequence[Problem] = (),
    done: Phrase | None = None,
    conflicts: int = 0,
) -> HTMLResponse:
    return render(
        request,
        "editor/text_table.html",
        422 if problems else 200,
        edition=context,
        problems=problems,
        done=done,
        conflicts=conflicts,
        can_write=person.may(context.write_permission, context.folder),
    )
