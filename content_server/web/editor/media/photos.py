"""Photos and screenshots: picked many at once, cropped, covered, and only then put into a step."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from content_server.accounts.audit_log import note
from content_server.accounts.roles import Act, Person
from content_server.editorial.drafts.attachments import attach_photo
from content_server.editorial.drafts.drafts import check_source, open_draft
from content_server.editorial.edits import clean
from content_server.editorial.intake import clean_name
from content_server.editorial.publication import made_later
from content_server.editorial.review.consents import note_consent
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.editorial.tables import ConsentKind
from content_server.errors import ChangeRefused
from content_server.media.images.image_worker import covered, preview, size_of
from content_server.media.images.redaction import PhotoEdits, for_a_thumb
from content_server.media.media_kinds import MediaKind
from content_server.phrases import Phrase, _
from content_server.reach.periods import today
from content_server.uploads.files import path_of, plain_words
from content_server.uploads.originals import MOST_PHOTOS, photo_of, photos_of
from content_server.uploads.tables import PhotoRow
from content_server.web.body_stream import received
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep
from content_server.web.editor.edition_context import (
    EditionContextDep,
    RoadDep,
    Slug,
    actor_of,
    place_of,
)
from content_server.web.editor.media.tus import WriteDep
from content_server.web.editor.media.uploads import MOST_BYTES, NO_STORE, Digest, too_large
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
PhotoId = Annotated[int, InPath(ge=1)]
BASE = "/-/soan/bai/{slug}/vi/anh"


def checklist() -> dict[str, Phrase]:
    """Return what must not be seen on a picture; each is ticked by a person."""
    return {
        "names": _("Không còn tên người"),
        "numbers": _("Không còn số điện thoại, số giấy tờ, số tài khoản"),
        "faces": _("Không còn mặt người chưa đồng ý"),
        "codes": _("Không còn mã QR hay mã vạch"),
    }


class PhotoPut(BaseModel):
    """A photo that has arrived."""

    id: int
    width_px: int
    height_px: int


class Finished(BaseModel):
    """What an editor decided about one photo."""

    marks: PhotoEdits
    step: str = Field("", max_length=60)  # empty: a new step at the end
    alt: str = Field("", max_length=400)
    faces: str = Field("", max_length=200)  # who can be recognised and agreed to it
    checked: list[str] = Field(default_factory=list, max_length=8)


class Placed(BaseModel):
    """Where the picture is now; the spot as it was moved for a thumb."""

    step: str
    spot: tuple[float, float] | None


@router.get("/-/soan/bai/{slug}/{folder}/anh")
def photos_page(
    request: Request,
    person: WriteDep,
    place: EditionContextDep,
    session: SessionDep,
    buoc: str = "",
) -> HTMLResponse:
    """Show the photo table."""
    person.must(Act.WRITE, place.folder)
    check_source(place.folder)
    steps = [(name, sentence_in(step) or name) for name, step in steps_of(place.draft.body).items()]
    waiting = [row for row in photos_of(session, place.slug) if row.original and not row.source]
    return render(
        request,
        "editor/photos.html",
        place=place,
        steps=steps,
        step=buoc if buoc in dict(steps) else "",
        waiting=waiting,
        checklist=checklist(),
    )


@router.put(BASE + "/{digest}")
async def put_photo(
    slug: Slug,
    digest: Digest,
    request: Request,
    person: WriteDep,
    database: DatabaseDep,
    library: RegistriesDep,
    road: RoadDep,
    name: str = "",
) -> PhotoPut:
    """Keep a photo as a private original; the same photo again is the same one."""
    with database.read() as session:
        place_of(session, slug, "vi", library)
    most_bytes = MOST_BYTES[MediaKind.IMAGE]
    work = road.settings.data_dir / "work"
    async with received(request, work, digest, most_bytes, too_large(most_bytes)) as path:
        width_px, height_px = await asyncio.to_thread(size_of, path)
        await asyncio.to_thread(_keep, path, road.settings.originals_dir, digest)
    row = PhotoRow(
        slug=slug,
        original=digest,
        name=clean_name(name),
        width_px=width_px,
        height_px=height_px,
        marks={},
        person_id=person.id,
    )
    return await asyncio.to_thread(_written, database, row)


def _keep(path: Path, folder: Path, digest: str) -> None:
    with plain_words():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(path, path_of(folder, digest))


def _written(database: DatabaseDep, row: PhotoRow) -> PhotoPut:
    with database.write() as session:
        photos = [each for each in photos_of(session, row.slug) if each.original]
        known = [each for each in photos if each.original == row.original and not each.source]
        if len(photos) >= MOST_PHOTOS:
            raise ChangeRefused(_("Bài này có nhiều ảnh chưa xong quá. Làm xong rồi thêm tiếp."))
        row = known[0] if known else row
        session.add(row)
        session.flush()
        return PhotoPut(id=row.id or 0, width_px=row.width_px, height_px=row.height_px)


@router.get(BASE + "/{photo}/goc")
def original(
    slug: Slug, photo: PhotoId, _person: WriteDep, session: SessionDep, road: RoadDep
) -> Response:
    """Answer with a small copy of an original, to those who may edit the lesson only."""
    row = photo_of(session, slug, photo)
    body = preview(path_of(road.settings.originals_dir, str(row.original)))
    return Response(body, media_type="image/jpeg", headers=NO_STORE)


@router.post(BASE + "/{photo}")
def finish(
    slug: Slug,
    photo: PhotoId,
    finished: Finished,
    person: WriteDep,
    database: DatabaseDep,
    road: RoadDep,
) -> Placed:
    """Burn the boxes in and put the picture into its step."""
    if missing := [words for key, words in checklist().items() if key not in finished.checked]:
        raise ChangeRefused(_("Xem lại ảnh và đánh dấu: {what}.", what=missing[0]))
    if not (alt := str(clean(finished.alt))):
        raise ChangeRefused(_("Viết vài chữ tả ảnh cho người không nhìn thấy."))
    with database.read() as session:
        row = photo_of(session, slug, photo)
    picture = covered(path_of(road.settings.originals_dir, str(row.original)), finished.marks)
    spot = finished.marks.spot
    if spot:
        spot = for_a_thumb(spot, picture.width_px, picture.height_px)
    digest = road.store.put_bytes(picture.data)
    body: dict[str, object] = {"file": f"anh/{digest[:20]}.{picture.ending}", "alt": alt}
    if spot:
        body["spot"] = list(spot)
    size = len(picture.data)
    return _placed(database, person, (slug, photo), finished, (digest, size, body), spot)


def _placed(
    database: DatabaseDep,
    person: Person,
    which: tuple[str, int],
    finished: Finished,
    made: tuple[str, int, dict[str, object]],
    spot: tuple[float, float] | None,
) -> Placed:
    (slug, photo), (digest, size_bytes, body) = which, made
    with database.write() as session:
        row = photo_of(session, slug, photo)
        made_later(session, digest, MediaKind.IMAGE, row.name, size_bytes)
        draft = open_draft(session, slug, "vi")
        row.step = attach_photo(session, draft, finished.step, body, digest, person.id)
        note(session, person, "photo_done", f"{slug} {row.step}")
        row.source, row.marks = digest, finished.marks.model_dump(mode="json")
        if str(clean(finished.faces)):
            note_consent(
                session,
                digest,
                ConsentKind.FACE,
                finished.faces,
                scope=str(_("bài {slug}", slug=slug)),
                given_on=today(),
                by=actor_of(person),
            )
        session.add(row)
        return Placed(step=row.step, spot=spot)


@router.delete(BASE + "/{photo}")
def drop(
    slug: Slug, photo: PhotoId, _person: WriteDep, database: DatabaseDep, road: RoadDep
) -> Response:
    """Throw a photo away, its original at once."""
    with database.write() as session:
        row = photo_of(session, slug, photo)
        name = str(row.original)
        session.delete(row)
        session.flush()
        last = all(each.original != name for each in photos_of(session, slug))
    if last:
        path_of(road.settings.originals_dir, name).unlink(missing_ok=True)
    return Response(status_code=204)
