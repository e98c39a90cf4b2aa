"""Photos and screenshots: uploaded as private originals, redacted, then placed into a step."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.editorial.drafts.attachments import attach_photo
from content_server.editorial.drafts.drafts import DraftWriter, check_is_source, open_draft
from content_server.editorial.edits import clean_value
from content_server.editorial.intake import clean_file_name
from content_server.editorial.review.consents import NewConsent, record_consent
from content_server.editorial.status.staleness import sentence_in, steps_of
from content_server.editorial.tables import ConsentKind
from content_server.errors import ChangeRejected
from content_server.lessons.editions.tables import EditionRef
from content_server.media.ffmpeg.runner import ToolPriority
from content_server.media.images.image_worker import make_preview, photo_size, redact_photo
from content_server.media.images.redaction import PhotoEdits, fit_tap_target
from content_server.media.media_kinds import MediaKind, StoredFile
from content_server.phrases import Phrase, _
from content_server.pipeline.transcode import register_source
from content_server.reach.periods import today_in_vietnam
from content_server.uploads.files import upload_disk_errors, upload_path
from content_server.uploads.originals import MAX_PHOTOS, find_photo, list_photos
from content_server.uploads.tables import PhotoRow
from content_server.web.body_stream import receive_file
from content_server.web.dependencies import (
    DatabaseDep,
    RegistriesDep,
    SessionDep,
    SettingsDep,
    StoreDep,
)
from content_server.web.editor.edition_context import (
    EditionContextDep,
    Slug,
    actor_of,
    load_edition_context,
)
from content_server.web.editor.media.tus import WriteDep
from content_server.web.editor.media.uploads import MAX_BYTES, NO_STORE, Digest, too_large_phrase
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
PhotoId = Annotated[int, InPath(ge=1)]


def privacy_checklist() -> dict[str, Phrase]:
    """Return key → what must not be visible on a photo; a person ticks each."""
    return {
        "names": _("Không còn tên người"),
        "numbers": _("Không còn số điện thoại, số giấy tờ, số tài khoản"),
        "faces": _("Không còn mặt người chưa đồng ý"),
        "codes": _("Không còn mã QR hay mã vạch"),
    }


class StoredPhoto(BaseModel):
    """The answer to an uploaded photo."""

    id: int
    width_px: int
    height_px: int


class PhotoDecision(BaseModel):
    """How an editor edits one photo, and the step it goes to."""

    marks: PhotoEdits
    step: str = Field("", max_length=60)  # empty: a new step at the end
    alt: str = Field("", max_length=400)
    faces: str = Field("", max_length=200)  # names of recognisable people who gave consent
    checked: list[str] = Field(default_factory=list, max_length=8)


class PhotoPlacement(BaseModel):
    """Where the photo was placed; `spot` is the tap target after adjusting it for a thumb."""

    step: str
    spot: tuple[float, float] | None


@router.get(urls.EDITION_PHOTOS_PAGE)
def photos_page(
    request: Request,
    person: WriteDep,
    context: EditionContextDep,
    session: SessionDep,
    buoc: str = "",
) -> HTMLResponse:
    """Show the page that edits photos."""
    person.require(Permission.WRITE, context.folder)
    check_is_source(context.folder)
    steps = [
        (name, sentence_in(step) or name) for name, step in steps_of(context.draft.body).items()
    ]
    unplaced = [
        row
        for row in list_photos(session, context.slug)
        if row.original_name and not row.source_digest
    ]
    return render(
        request,
        "editor/photos.html",
        edition=context,
        steps=steps,
        step=buoc if buoc in dict(steps) else "",
        unplaced=unplaced,
        checklist=privacy_checklist(),
    )


@router.put(urls.PHOTO_UPLOAD)
async def upload_photo(
    slug: Slug,
    digest: Digest,
    request: Request,
    person: WriteDep,
    database: DatabaseDep,
    registries: RegistriesDep,
    settings: SettingsDep,
    name: str = "",
) -> StoredPhoto:
    """Store a photo as a private original; uploading it again returns the same one."""
    with database.read() as session:
        load_edition_context(session, EditionRef(slug, "vi"), registries)
    most_bytes = MAX_BYTES[MediaKind.IMAGE]
    work = settings.data_dir / "work"
    async with receive_file(
        request, work, digest, most_bytes, too_large_phrase(most_bytes)
    ) as path:
        priority = ToolPriority.from_settings(settings)
        width_px, height_px = await asyncio.to_thread(photo_size, path, priority)
        await asyncio.to_thread(_store_original, path, settings.originals_dir, digest)
    row = PhotoRow(
        slug=slug,
        original_name=digest,
        name=clean_file_name(name),
        width_px=width_px,
        height_px=height_px,
        edits={},
        person_id=person.id,
    )
    return await asyncio.to_thread(_write_photo_row, database, row)


def _store_original(path: Path, folder: Path, digest: str) -> None:
    with upload_disk_errors():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(path, upload_path(folder, digest))


def _write_photo_row(database: DatabaseDep, row: PhotoRow) -> StoredPhoto:
    with database.write() as session:
        photos = [each for each in list_photos(session, row.slug) if each.original_name]
        existing = [
            each
            for each in photos
            if each.original_name == row.original_name and not each.source_digest
        ]
        if len(photos) >= MAX_PHOTOS:
            raise ChangeRejected(_("Bài này có nhiều ảnh chưa xong quá. Làm xong rồi thêm tiếp."))
        row = existing[0] if existing else row
        session.add(row)
        session.flush()
        return StoredPhoto(id=row.id or 0, width_px=row.width_px, height_px=row.height_px)


@router.get(urls.PHOTO_ORIGINAL)
def original_preview(
    slug: Slug, photo: PhotoId, _person: WriteDep, session: SessionDep, settings: SettingsDep
) -> Response:
    """Answer with a small copy of an original; needs permission to edit the lesson."""
    row = find_photo(session, slug, photo)
    body = make_preview(
        upload_path(settings.originals_dir, str(row.original_name)),
        ToolPriority.from_settings(settings),
    )
    return Response(body, media_type="image/jpeg", headers=NO_STORE)


@router.post(urls.PHOTO)
def place_photo(
    slug: Slug,
    photo: PhotoId,
    decision: PhotoDecision,
    person: WriteDep,
    database: DatabaseDep,
    store: StoreDep,
    settings: SettingsDep,
) -> PhotoPlacement:
    """Redact the photo and put it into its step. Raises ChangeRejected unless all is ticked."""
    if missing := [
        words for key, words in privacy_checklist().items() if key not in decision.checked
    ]:
        raise ChangeRejected(_("Xem lại ảnh và đánh dấu: {what}.", what=missing[0]))
    if not (alt := str(clean_value(decision.alt))):
        raise ChangeRejected(_("Viết vài chữ tả ảnh cho người không nhìn thấy."))
    with database.read() as session:
        row = find_photo(session, slug, photo)
    picture = redact_photo(
        upload_path(settings.originals_dir, str(row.original_name)),
        decision.marks,
        ToolPriority.from_settings(settings),
    )
    spot = decision.marks.spot
    if spot:
        spot = fit_tap_target(spot, picture.width_px, picture.height_px)
    digest = store.put_bytes(picture.data)
    body: dict[str, object] = {"file": f"anh/{digest[:20]}.{picture.extension}", "alt": alt}
    if spot:
        body["spot"] = list(spot)
    size = len(picture.data)
    return _write_placement(database, person, (slug, photo), decision, (digest, size, body), spot)


def _write_placement(
    database: DatabaseDep,
    person: Person,
    photo_key: tuple[str, int],
    decision: PhotoDecision,
    stored: tuple[str, int, dict[str, object]],
    spot: tuple[float, float] | None,
) -> PhotoPlacement:
    (slug, photo), (digest, size_bytes, body) = photo_key, stored
    with database.write() as session:
        row = find_photo(session, slug, photo)
        register_source(session, StoredFile(digest, MediaKind.IMAGE, row.name, size_bytes))
        draft = open_draft(session, EditionRef(slug, "vi"))
        row.step = attach_photo(DraftWriter(session, draft, person.id), decision.step, body, digest)
        record_audit_event(session, person, "photo_attached", f"{slug} {row.step}")
        row.source_digest, row.edits = digest, decision.marks.model_dump(mode="json")
        if str(clean_value(decision.faces)):
            scope = str(_("bài {slug}", slug=slug))
            consent = NewConsent(
                digest, ConsentKind.FACE, decision.faces, scope, given_on=today_in_vietnam()
            )
            record_consent(session, consent, actor_of(person))
        session.add(row)
        return PhotoPlacement(step=row.step, spot=spot)


@router.delete(urls.PHOTO)
def delete_photo(
    slug: Slug, photo: PhotoId, _person: WriteDep, database: DatabaseDep, settings: SettingsDep
) -> Response:
    """Delete a photo; its original too when no other row uses it."""
    with database.write() as session:
        row = find_photo(session, slug, photo)
        name = str(row.original_name)
        session.delete(row)
        session.flush()
        is_unused = all(each.original_name != name for each in list_photos(session, slug))
    if is_unused:
        upload_path(settings.originals_dir, name).unlink(missing_ok=True)
    return Response(status_code=204)
