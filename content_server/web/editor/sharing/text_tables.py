"""The wordlist page: a lesson's words taken to Excel and brought back, nothing half taken in."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from content_server.accounts.audit_log import note
from content_server.accounts.roles import Person
from content_server.editorial.drafts.drafts import open_draft, save
from content_server.editorial.exchange.spreadsheets import (
    MOST_BYTES,
    csv_bytes,
    read_spreadsheet,
    xlsx_bytes,
)
from content_server.editorial.exchange.text_tables import Line, lines_of, read_table, table_of
from content_server.errors import BundleRejected, Problem
from content_server.lessons.editions.revisions import open_edition
from content_server.phrases import Phrase, _
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    Folder,
    Slug,
    place_of,
    source_body,
)
from content_server.web.permissions import WorkDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@router.get("/-/soan/bai/{slug}/{folder}/bang")
def wordlist_page(request: Request, person: WorkDep, place: EditionContextDep) -> HTMLResponse:
    """Offer the words as a table, and ask for a filled one."""
    return _page(request, person, place)


@router.get("/-/soan/bai/{slug}/{folder}/bang.{kind}")
def take_words_out(
    _person: WorkDep,
    place: EditionContextDep,
    session: SessionDep,
    kind: Annotated[str, Path(pattern="^(xlsx|csv)$")],
) -> Response:
    """Answer with the words of the draft as a table."""
    lines, name = _lines(session, place), place.locale.name_vi
    table = table_of(lines, name, place.draft.number, is_source=place.is_source)
    body = xlsx_bytes(table) if kind == "xlsx" else csv_bytes(table)
    file = f'attachment; filename="{place.slug}-{place.folder}.{kind}"'
    headers = {"Content-Disposition": file, "Cache-Control": "no-store"}
    return Response(body, media_type=KINDS[kind], headers=headers)


@router.post("/-/soan/bai/{slug}/{folder}/bang")
def take_words_in(
    request: Request,
    slug: Slug,
    folder: Folder,
    person: WorkDep,
    database: DatabaseDep,
    library: RegistriesDep,
    file: UploadFile,
) -> HTMLResponse:
    """Take a filled table in: all of it, or nothing and every problem."""
    data = file.file.read(MOST_BYTES + 1)
    with database.read() as session:
        place = place_of(session, slug, folder, library)
    person.must(place.writing, folder)
    try:
        done, conflicts = _taken(database, person, place, data, file.filename or "")
    except BundleRejected as rejected:
        return _page(request, person, place, problems=rejected.problems)
    return _page(request, person, place, done=done, conflicts=conflicts)


def _taken(
    database: DatabaseDep, person: Person, place: EditionContext, data: bytes, name: str
) -> tuple[Phrase, int]:
    table = read_spreadsheet(data, name)
    with database.write() as session:
        open_edition(session, place.slug, place.folder)
        place = place_of(session, place.slug, place.folder, place.library)
        draft = open_draft(session, place.slug, place.folder)
        lines = _lines(session, place)
        seen, changes = read_table(table, lines, place.locale.name_vi)
        saved = save(session, draft, changes, seen, person.id)
        note(session, person, "saved", f"{place.slug}/{place.folder}")
    words = [each for each in changes if each.path != "made_from"]
    kept = len(saved.conflicts)
    return _("Đã nhận {n} câu mới từ bảng.", n=max(0, len(words) - kept)), kept


def _lines(session: Session, place: EditionContext) -> list[Line]:
    own = place.draft.body
    source = own if place.is_source else source_body(session, place.slug)
    return list(lines_of(source, own, is_source=place.is_source))


def _page(
    request: Request,
    person: Person,
    place: EditionContext,
    problems: Sequence[Problem] = (),
    done: Phrase | None = None,
    conflicts: int = 0,
) -> HTMLResponse:
    return render(
        request,
        "editor/wordlist.html",
        422 if problems else 200,
        place=place,
        problems=problems,
        done=done,
        conflicts=conflicts,
        can_write=person.may(place.writing, place.folder),
    )
