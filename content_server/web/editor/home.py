"""The editors' home page: the matrix of lessons and languages, with filters."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.editorial.status.matrix import MatrixRow, count_statuses, load_matrix
from content_server.editorial.status.translation_status import MatrixCell, TranslationStatus
from content_server.lessons.editions.search import fold_for_search
from content_server.lessons.editions.stored_registries import load_registries
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.phrases import Phrase, _
from content_server.reach.periods import today_in_vietnam
from content_server.web.dependencies import SessionDep
from content_server.web.permissions import WorkDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
PAGE_SIZE = 40
TEXT_STATUS = {
    TranslationStatus.NONE: _("chưa có chữ"),
    TranslationStatus.DRAFT: _("đang làm"),
    TranslationStatus.IN_REVIEW: _("chờ duyệt"),
    TranslationStatus.LIVE: _("đang hiện"),
    TranslationStatus.STALE: _("cũ hơn gốc"),
    TranslationStatus.UNREVIEWED: _("chưa ai duyệt"),
    TranslationStatus.WITHDRAWN: _("đã cất"),
}
VOICE_STATUS = TEXT_STATUS | {
    TranslationStatus.NONE: _("chưa có lời"),
    TranslationStatus.DRAFT: _("thiếu lời"),
    TranslationStatus.IN_REVIEW: _("lời chờ duyệt"),
    TranslationStatus.LIVE: _("đủ lời"),
    TranslationStatus.STALE: _("lời cũ"),
    TranslationStatus.UNREVIEWED: _("giọng máy"),
}
UNFINISHED = {TranslationStatus.NONE, TranslationStatus.STALE, TranslationStatus.DRAFT}


@dataclass(frozen=True)
class MatrixQuery:
    """The filters and page number of the matrix."""

    folder: str
    mine: bool
    topic: str
    words: str
    page: int


@router.get(urls.EDITORS_HOME)
def home_page(
    request: Request,
    person: WorkDep,
    session: SessionDep,
    tieng: str = "",
    viec: str = "",
    nhom: str = "",
    q: str = "",
    trang: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Show the matrix or the list of one language, filtered by own tasks, topic and title."""
    registries = load_registries(session)
    today = today_in_vietnam()
    query = MatrixQuery(
        tieng if tieng in registries.locales else "", viec == "toi", nhom, q[:80].strip(), trang
    )
    rows = load_matrix(session, today, [query.folder] if query.folder else [])
    columns = matrix_columns(rows, registries.locales.values())
    matching = [row for row in rows if _matches(row, query, person, columns)]
    pages = max(1, -(-len(matching) // PAGE_SIZE))
    page = min(query.page, pages)
    context: dict[str, Any] = {
        "query": query,
        "language": registries.locales.get(query.folder),  # type: ignore[call-overload]  # a str that is a Folder
        "columns": columns,
        "others": [each for each in registries.locales.values() if each not in columns],
        "counts": count_statuses(rows, [locale.folder for locale in columns]),
        "topics": registries.topics,
        "rows": matching[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        "total": len(matching),
        "all": len(rows),
        "today": today,
        "due_count": sum(row.is_review_due(today) for row in rows),
        "page": page,
        "pages": pages,
        "text_statuses": TEXT_STATUS,
        "voice_statuses": VOICE_STATUS,
        "tasks": lambda row, folder: open_tasks(person, row, folder),
    }
    return render(request, "editor/home.html", **context)


def matrix_columns(rows: list[MatrixRow], locales: Iterable[Locale]) -> list[Locale]:
    """Return the languages with content, and those not waiting for a first voice."""
    with_content = {folder for row in rows for folder in row.cells}
    return [locale for locale in locales if locale.folder in with_content or not locale.waiting]


def open_tasks(person: Person, row: MatrixRow, folder: str) -> list[Phrase]:
    """Return what this person can do next about one edition, the first step first."""
    cell, tasks = row.cell(folder), []
    if TranslationStatus.IN_REVIEW in {cell.text, cell.voice}:
        return [_("duyệt")] if person.may(Permission.REVIEW, folder) else []
    write_permission = Permission.WRITE if folder == SOURCE_FOLDER else Permission.TRANSLATE
    if cell.text in UNFINISHED and person.may(write_permission, folder):
        tasks.append(_write_task(cell, folder))
    if _needs_voice(cell, row) and person.may(Permission.RECORD, folder):
        tasks.append(_("thu lại lời") if cell.voice is TranslationStatus.STALE else _("thu lời"))
    return tasks


def _write_task(cell: MatrixCell, folder: str) -> Phrase:
    if cell.text is TranslationStatus.STALE:
        return _("sửa cho mới")
    if folder == SOURCE_FOLDER:
        return _("soạn tiếp")
    return _("dịch") if cell.text is TranslationStatus.NONE else _("dịch tiếp")


def _needs_voice(cell: MatrixCell, row: MatrixRow) -> bool:
    stale = cell.voice in {TranslationStatus.STALE, TranslationStatus.UNREVIEWED}
    return cell.text is not TranslationStatus.WITHDRAWN and (stale or cell.voices < row.steps)


def _matches(row: MatrixRow, query: MatrixQuery, person: Person, columns: list[Locale]) -> bool:
    if query.topic and row.topic != query.topic:
        return False
    if query.words and fold_for_search(query.words) not in fold_for_search(
        f"{row.title} {row.slug}"
    ):
        return False
    folders = [query.folder] if query.folder else [locale.folder for locale in columns]
    return not query.mine or any(open_tasks(person, row, folder) for folder in folders)
