"""The editors' home: the language matrix; one language at a time on a phone, else a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from content_server.accounts.roles import Act, Person
from content_server.editorial.status.matrix import Row, counts, matrix_of
from content_server.editorial.status.translation_status import Cell, Standing
from content_server.lessons.editions.catalog import fold, load_registries
from content_server.locales import SOURCE_FOLDER, Locale
from content_server.phrases import Phrase, _
from content_server.reach.periods import today
from content_server.web.dependencies import SessionDep
from content_server.web.permissions import WorkDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
A_PAGE = 40
TEXT = {
    Standing.NONE: _("chưa có chữ"),
    Standing.DRAFT: _("đang làm"),
    Standing.IN_REVIEW: _("chờ duyệt"),
    Standing.LIVE: _("đang hiện"),
    Standing.STALE: _("cũ hơn gốc"),
    Standing.UNREVIEWED: _("chưa ai duyệt"),
    Standing.WITHDRAWN: _("đã cất"),
}
VOICE = TEXT | {
    Standing.NONE: _("chưa có lời"),
    Standing.DRAFT: _("thiếu lời"),
    Standing.IN_REVIEW: _("lời chờ duyệt"),
    Standing.LIVE: _("đủ lời"),
    Standing.STALE: _("lời cũ"),
    Standing.UNREVIEWED: _("giọng máy"),
}
UNSIGNED = {Standing.NONE, Standing.STALE, Standing.DRAFT}


@dataclass(frozen=True)
class Asked:
    """What a visitor of the home wants to see."""

    folder: str
    mine: bool
    topic: str
    words: str
    page: int


@router.get("/-/soan")
def home(  # one argument a choice on the page
    request: Request,
    person: WorkDep,
    session: SessionDep,
    tieng: str = "",
    viec: str = "",
    nhom: str = "",
    q: str = "",
    trang: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> HTMLResponse:
    """Show the matrix, or one language's list; only my work; only a topic; only some words."""
    library = load_registries(session)
    now = today()
    asked = Asked(
        tieng if tieng in library.locales else "", viec == "toi", nhom, q[:80].strip(), trang
    )
    rows = matrix_of(session, now, [asked.folder] if asked.folder else [])
    columns = columns_of(rows, library.locales.values())
    found = [row for row in rows if _is_wanted(row, asked, person, columns)]
    pages = max(1, -(-len(found) // A_PAGE))
    page = min(asked.page, pages)
    context: dict[str, Any] = {
        "asked": asked,
        "language": library.locales.get(asked.folder),  # type: ignore[call-overload]  # a str that is a Folder
        "columns": columns,
        "others": [each for each in library.locales.values() if each not in columns],
        "counts": counts(rows, [locale.folder for locale in columns]),
        "topics": library.topics,
        "rows": found[(page - 1) * A_PAGE : page * A_PAGE],
        "total": len(found),
        "all": len(rows),
        "today": now,
        "due": sum(row.is_due(now) for row in rows),
        "page": page,
        "pages": pages,
        "text_words": TEXT,
        "voice_words": VOICE,
        "todo": lambda row, folder: tasks_of(person, row, folder),
    }
    return render(request, "people/home.html", **context)


def columns_of(rows: list[Row], locales: Iterable[Locale]) -> list[Locale]:
    """Return the languages something was made in, and those not waiting for a first voice."""
    begun = {folder for row in rows for folder in row.cells}
    return [locale for locale in locales if locale.folder in begun or not locale.waiting]


def tasks_of(person: Person, row: Row, folder: str) -> list[Phrase]:
    """Return what this person may do now about one lesson in one language, the nearest first."""
    cell, tasks = row.cell(folder), []
    if Standing.IN_REVIEW in {cell.text, cell.voice}:
        return [_("duyệt")] if person.may(Act.REVIEW, folder) else []
    writes = Act.WRITE if folder == SOURCE_FOLDER else Act.TRANSLATE
    if cell.text in UNSIGNED and person.may(writes, folder):
        tasks.append(_write_task(cell, folder))
    if _wants_voice(cell, row) and person.may(Act.RECORD, folder):
        tasks.append(_("thu lại lời") if cell.voice is Standing.STALE else _("thu lời"))
    return tasks


def _write_task(cell: Cell, folder: str) -> Phrase:
    if cell.text is Standing.STALE:
        return _("sửa cho mới")
    if folder == SOURCE_FOLDER:
        return _("soạn tiếp")
    return _("dịch") if cell.text is Standing.NONE else _("dịch tiếp")


def _wants_voice(cell: Cell, row: Row) -> bool:
    stale = cell.voice in {Standing.STALE, Standing.UNREVIEWED}
    return cell.text is not Standing.WITHDRAWN and (stale or cell.voices < row.steps)


def _is_wanted(row: Row, asked: Asked, person: Person, columns: list[Locale]) -> bool:
    if asked.topic and row.topic != asked.topic:
        return False
    if asked.words and fold(asked.words) not in fold(f"{row.title} {row.slug}"):
        return False
    folders = [asked.folder] if asked.folder else [locale.folder for locale in columns]
    return not asked.mine or any(tasks_of(person, row, folder) for folder in folders)
