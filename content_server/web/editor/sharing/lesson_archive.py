"""Creating a lesson from a pattern, exporting a lesson as a zip, importing a zip."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel
from sqlmodel import Session, select

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.editorial import lesson_import
from content_server.editorial.exchange.lesson_archive import (
    ARCHIVE_FORMAT,
    MAX_ARCHIVE_BYTES,
    ArchivedEdition,
    ArchivedMedium,
    ArchiveManifest,
    lesson_archive_bytes,
    read_lesson_archive,
)
from content_server.editorial.patterns import NewLesson, create_lesson_from_pattern, load_patterns
from content_server.errors import BodyTooLarge, BundleRejected, Problem
from content_server.lessons.editions.revisions import latest_revision
from content_server.lessons.editions.tables import EditionRow
from content_server.locales import SOURCE_FOLDER
from content_server.media.tables import Source
from content_server.phrases import _
from content_server.web.dependencies import (
    DatabaseDep,
    RegistriesDep,
    SessionDep,
    SettingsDep,
    StoreDep,
)
from content_server.web.editor.edition_context import (
    EditionContextDep,
    actor_of,
)
from content_server.web.permissions import requires
from content_server.web.rendering import render, see_other

router = APIRouter(include_in_schema=False)
WriteDep = Annotated[Person, Depends(requires(Permission.WRITE))]
ExchangeDep = Annotated[Person, Depends(requires(Permission.EXCHANGE_LESSONS))]


@router.get(urls.NEW_LESSON)
def new_lesson_page(request: Request, _person: WriteDep, registries: RegistriesDep) -> HTMLResponse:
    """Show the form of a new lesson."""
    return render(
        request,
        "editor/new_lesson.html",
        patterns=[(name, body["pattern"]) for name, body in load_patterns().items()],
        topics=[(name, topic.name) for name, topic in registries.topics.items()],
    )


@router.post(urls.NEW_LESSON)
def create_lesson(
    person: WriteDep,
    database: DatabaseDep,
    registries: RegistriesDep,
    title: Annotated[str, Form(max_length=400)] = "",
    pattern: Annotated[str, Form(max_length=60)] = "",
    topic: Annotated[str, Form(max_length=60)] = "",
) -> RedirectResponse:
    """Create a lesson."""
    with database.write() as session:
        slug = create_lesson_from_pattern(
            session, NewLesson(title, pattern, topic), registries, actor_of(person)
        )
        record_audit_event(session, person, "lesson_created", slug)
    return see_other(urls.EDITION.url(slug=slug, folder=SOURCE_FOLDER))


@router.get(urls.EDITION_ARCHIVE)
def export_lesson(
    person: ExchangeDep,
    context: EditionContextDep,
    session: SessionDep,
    database: DatabaseDep,
    store: StoreDep,
) -> Response:
    """Answer with the newest revisions of a lesson, in all languages, as one zip."""
    manifest = make_manifest(session, context.slug)
    body = lesson_archive_bytes(manifest, store.read_bytes)
    with database.write() as writing:
        record_audit_event(writing, person, "lesson_exported", context.slug)
    name = f'attachment; filename="{context.slug}.zip"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(body, media_type="application/zip", headers=headers)


def make_manifest(session: Session, slug: str) -> ArchiveManifest:
    """Return the manifest of a lesson's zip. Raises BundleRejected without a source revision."""
    editions = []
    digests: dict[str, None] = {}
    query = select(EditionRow).where(EditionRow.slug == slug).order_by(EditionRow.folder)
    for edition in session.exec(query).all():
        if latest := latest_revision(session, edition):
            editions.append(
                ArchivedEdition(folder=edition.folder, body=latest.body, media=latest.media)
            )
            digests |= dict.fromkeys(latest.media.values())
    if not any(edition.folder == SOURCE_FOLDER for edition in editions):
        phrase = _("Bài này chưa gửi duyệt lần nào, nên chưa có gì để gói.")
        raise BundleRejected([Problem(slug, 0, phrase)])
    sources = [session.get(Source, digest) for digest in digests]
    media = tuple(
        ArchivedMedium(digest=row.digest, medium=row.kind, name=row.name) for row in sources if row
    )
    return ArchiveManifest(format=ARCHIVE_FORMAT, slug=slug, editions=tuple(editions), media=media)


@router.get(urls.IMPORT_PAGE)
def import_page(request: Request, _person: ExchangeDep) -> HTMLResponse:
    """Show the form that imports a zip."""
    return render(request, "editor/import.html")


class ImportResult(BaseModel):
    """The result of an import: the path of the lesson, or every problem."""

    go: str = ""
    problems: list[str] = []


@router.put(urls.LESSON_IMPORT)
async def import_lesson(
    request: Request,
    person: ExchangeDep,
    database: DatabaseDep,
    store: StoreDep,
    settings: SettingsDep,
) -> ImportResult:
    """Validate a zip and import it as unpublished revisions."""
    work = settings.data_dir / "work"
    work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="goi-", dir=work))
    try:
        path = folder / "bundle.zip"
        await _receive_archive(request, path)
        return await asyncio.to_thread(_import_archive, path, folder, person, database, store)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _receive_archive(request: Request, path: Path) -> None:
    """Stream a body into a file. Raises BodyTooLarge."""
    received_bytes = 0
    with path.open("wb") as out:
        async for chunk in request.stream():
            received_bytes += len(chunk)
            if received_bytes > MAX_ARCHIVE_BYTES:
                raise BodyTooLarge(_("Gói lớn quá, tối đa 2 GB."))
            await asyncio.to_thread(out.write, chunk)


def _import_archive(
    path: Path, folder: Path, person: Person, database: DatabaseDep, store: StoreDep
) -> ImportResult:
    try:
        archive = read_lesson_archive(path)
        with database.read() as session:
            lesson_import.check_archive_references(session, archive)
        files = lesson_import.store_archive_media(archive, path, store, folder)
        with database.write() as session:
            lesson_import.import_archive(session, archive, files, actor_of(person))
            record_audit_event(session, person, "lesson_imported", archive.manifest.slug)
    except BundleRejected as rejected:
        return ImportResult(
            problems=[each.translate(person.locale_tag) for each in rejected.problems]
        )
    return ImportResult(go=urls.EDITION.url(slug=archive.manifest.slug, folder=SOURCE_FOLDER))
