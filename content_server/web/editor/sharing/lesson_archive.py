"""Handing lessons over: a new one begun, one taken out as a zip, a zip taken in."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel
from sqlmodel import Session, select

from content_server.accounts.audit_log import note
from content_server.accounts.roles import Act, Person
from content_server.editorial import publication
from content_server.editorial.exchange.lesson_archive import (
    FORMAT,
    MOST_PACKED_BYTES,
    Manifest,
    PackedEdition,
    PackedMedium,
    packed_bytes,
    unpack,
)
from content_server.editorial.patterns import new_lesson, patterns
from content_server.errors import BodyTooLarge, BundleRejected, Problem
from content_server.lessons.editions.revisions import latest_revision
from content_server.lessons.editions.tables import EditionRow
from content_server.locales import SOURCE_FOLDER
from content_server.media.tables import Source
from content_server.phrases import _
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep
from content_server.web.editor.edition_context import (
    EditionContextDep,
    RoadDep,
    actor_of,
    see_other,
)
from content_server.web.permissions import whoever_may
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
WriteDep = Annotated[Person, Depends(whoever_may(Act.WRITE))]
MoveDep = Annotated[Person, Depends(whoever_may(Act.MOVE_LESSONS))]


@router.get("/-/soan/moi")
def new_page(request: Request, _person: WriteDep, library: RegistriesDep) -> HTMLResponse:
    """Ask what the new lesson is about."""
    return render(
        request,
        "editor/new.html",
        patterns=[(name, body["pattern"]) for name, body in patterns().items()],
        topics=[(name, topic.name) for name, topic in library.topics.items()],
    )


@router.post("/-/soan/moi")
def begin(
    person: WriteDep,
    database: DatabaseDep,
    library: RegistriesDep,
    title: Annotated[str, Form(max_length=400)] = "",
    pattern: Annotated[str, Form(max_length=60)] = "",
    topic: Annotated[str, Form(max_length=60)] = "",
) -> RedirectResponse:
    """Begin a lesson."""
    with database.write() as session:
        slug = new_lesson(session, title, pattern, topic, library, actor_of(person))
        note(session, person, "begun", slug)
    return see_other(f"/-/soan/bai/{slug}/{SOURCE_FOLDER}")


@router.get("/-/soan/bai/{slug}/{folder}/goi.zip")
def take_out(
    person: MoveDep,
    place: EditionContextDep,
    session: SessionDep,
    database: DatabaseDep,
    road: RoadDep,
) -> Response:
    """Answer with the newest revisions of a lesson, in all languages, as one zip."""
    manifest = manifest_of(session, place.slug)
    body = packed_bytes(manifest, road.store.read_bytes)
    with database.write() as writing:
        note(writing, person, "exported", place.slug)
    name = f'attachment; filename="{place.slug}.zip"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(body, media_type="application/zip", headers=headers)


def manifest_of(session: Session, slug: str) -> Manifest:
    """Return what a lesson's zip holds. Raises BundleRejected while no revision is whole."""
    editions = []
    digests: dict[str, None] = {}
    query = select(EditionRow).where(EditionRow.slug == slug).order_by(EditionRow.folder)
    for edition in session.exec(query).all():
        if latest := latest_revision(session, edition):
            editions.append(
                PackedEdition(folder=edition.folder, body=latest.body, media=latest.media)
            )
            digests |= dict.fromkeys(latest.media.values())
    if not any(edition.folder == SOURCE_FOLDER for edition in editions):
        phrase = _("Bài này chưa gửi duyệt lần nào, nên chưa có gì để gói.")
        raise BundleRejected([Problem(slug, 0, phrase)])
    sources = [session.get(Source, digest) for digest in digests]
    media = tuple(
        PackedMedium(digest=row.digest, medium=row.medium, name=row.name) for row in sources if row
    )
    return Manifest(format=FORMAT, slug=slug, editions=tuple(editions), media=media)


@router.get("/-/soan/goi")
def bundle_page(request: Request, _person: MoveDep) -> HTMLResponse:
    """Ask for a zip."""
    return render(request, "editor/bundle.html")


class TakenIn(BaseModel):
    """What came of a zip: where the lesson is now, or everything that is wrong."""

    go: str = ""
    problems: list[str] = []


@router.put("/-/soan/goi")
async def take_in(
    request: Request, person: MoveDep, database: DatabaseDep, road: RoadDep
) -> TakenIn:
    """Take a zip in: checked whole, then written down as revisions nobody sees yet."""
    work = road.settings.data_dir / "work"
    work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="goi-", dir=work))
    try:
        path = folder / "bundle.zip"
        await _receive(request, path)
        return await asyncio.to_thread(_taken_in, path, folder, person, database, road)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _receive(request: Request, path: Path) -> None:
    """Write a body to a file as it comes. Raises BodyTooLarge."""
    received = 0
    with path.open("wb") as out:
        async for chunk in request.stream():
            received += len(chunk)
            if received > MOST_PACKED_BYTES:
                raise BodyTooLarge(_("Gói lớn quá, tối đa 2 GB."))
            await asyncio.to_thread(out.write, chunk)


def _taken_in(
    path: Path, folder: Path, person: Person, database: DatabaseDep, road: RoadDep
) -> TakenIn:
    try:
        parcel = unpack(path)
        with database.read() as session:
            publication.check_fits(session, parcel)
        publication.put_media(parcel, path, road.store, folder)
        with database.write() as session:
            publication.take_in(session, parcel, path, actor_of(person))
            note(session, person, "imported", parcel.manifest.slug)
    except BundleRejected as rejected:
        return TakenIn(problems=[each.said_in(person.tag) for each in rejected.problems])
    return TakenIn(go=f"/-/soan/bai/{parcel.manifest.slug}/{SOURCE_FOLDER}")
