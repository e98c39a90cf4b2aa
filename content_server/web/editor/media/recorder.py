"""The recorder: a lesson read aloud part by part; each take is uploaded by itself."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.editorial.drafts.attachments import attach_voice, voice_path
from content_server.editorial.drafts.drafts import DraftWriter, draft_of, open_draft
from content_server.editorial.drafts.spoken_parts import part_text, part_voice, spoken_parts_of
from content_server.editorial.edits import DraftBody, clean_value
from content_server.editorial.intake import find_source, processing_status_of, voice_extension
from content_server.editorial.review.consents import NewConsent, record_consent
from content_server.editorial.status.staleness import (
    freshness_by_step,
    load_small_changes,
    steps_of,
)
from content_server.editorial.tables import ConsentKind
from content_server.errors import ChangeRejected
from content_server.lessons.editions.revisions import get_or_create_edition
from content_server.lessons.editions.tables import EditionRef
from content_server.lessons.lesson import MAX_VOICE_MS
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.locales import SOURCE_FOLDER
from content_server.media.ffmpeg.runner import ToolPriority
from content_server.media.media_kinds import MediaKind
from content_server.phrases import Phrase, _
from content_server.site.tree.rendition_index import RenditionIndex
from content_server.web.dependencies import (
    DatabaseDep,
    RegistriesDep,
    SessionDep,
    SettingsDep,
    StoreDep,
)
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    Folder,
    Slug,
    actor_of,
    load_edition_context,
    load_source_body,
)
from content_server.web.editor.media.uploads import UploadStatus, upload_status
from content_server.web.editor.rendition_urls import draft_renditions, voice_url
from content_server.web.editor.step_views import PictureView, picture_view
from content_server.web.permissions import requires
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
RecordDep = Annotated[Person, Depends(requires(Permission.RECORD))]


@dataclass(frozen=True)
class RecordingPart:
    """A text to read aloud: a step, or the opening or ending of a lesson."""

    id: str
    name: Phrase
    source: str  # in Vietnamese
    own: str  # in the language of the edition; empty where there is no translation
    picture: PictureView | None
    source_voice: str  # URL; empty without a voice
    voice: str  # URL of the present voice
    has_voice: bool
    is_stale: bool

    @property
    def fingerprint(self) -> str:
        return source_fingerprint(self.own or self.source)


class Take(BaseModel):
    """A recording to attach as the voice of a part."""

    part: str = Field("", max_length=60)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    # fingerprint of the text shown on the page
    fingerprint: str = Field(pattern=r"^[0-9a-f]{6}$", validation_alias="stamp")
    who: str = Field("", max_length=200)
    agreed: bool = False


@router.get(urls.EDITION_RECORDER)
def recorder_page(
    request: Request,
    person: RecordDep,
    context: EditionContextDep,
    session: SessionDep,
    buoc: str = "",
) -> HTMLResponse:
    """Show the parts to read, one at a time."""
    person.require(Permission.RECORD, context.folder)
    parts = recording_parts(session, context)
    return render(
        request,
        "editor/recorder.html",
        edition=context,
        parts=parts,
        first=buoc if any(part.id == buoc for part in parts) else parts[0].id,
        most_s=MAX_VOICE_MS // 1000,
        hide_picture=False,
    )


@router.post(urls.EDITION_TAKES)
async def attach_take(
    slug: Slug,
    folder: Folder,
    take: Take,
    person: RecordDep,
    database: DatabaseDep,
    registries: RegistriesDep,
    store: StoreDep,
    settings: SettingsDep,
) -> UploadStatus:
    """Attach a take to its part of the draft; idempotent."""
    person.require(Permission.RECORD, folder)
    if not take.agreed:
        raise ChangeRejected(_("Đánh dấu đồng ý cho mọi người nghe giọng này trước đã."))
    with database.read() as session:
        source = find_source(session, take.digest, MediaKind.VOICE)
    if source is None:
        raise ChangeRejected(_("Máy chủ chưa nhận được lời thu này. Máy sẽ tự gửi lại."))
    work = settings.data_dir / "work"
    priority = ToolPriority.from_settings(settings)
    extension = await asyncio.to_thread(voice_extension, store, take.digest, work, priority)
    return await asyncio.to_thread(
        _write_take,
        database,
        registries,
        person,
        (slug, folder),
        take,
        voice_path(take.digest, extension),
    )


def _write_take(
    database: DatabaseDep,
    registries: RegistriesDep,
    person: Person,
    edition_key: tuple[str, str],
    take: Take,
    file: str,
) -> UploadStatus:
    slug, folder = edition_key
    with database.write() as session:
        load_edition_context(
            session, EditionRef(slug, folder), registries
        )  # raises for a lesson or language not there
        if take.part not in spoken_parts_of(load_source_body(session, slug)):
            raise ChangeRejected(_("Bước này vừa bị xóa. Mở lại trang để thấy bài bây giờ."))
        get_or_create_edition(session, EditionRef(slug, folder))
        draft = open_draft(session, EditionRef(slug, folder))
        if file not in draft.media:
            _write_consent(session, slug, take, person)
        writer = DraftWriter(session, draft, person.id)
        attach_voice(writer, take.part, file, take.digest, take.fingerprint)
        record_audit_event(
            session, person, "voice_recorded", f"{slug}/{folder} {take.part}".strip()
        )
        status = processing_status_of(session, take.digest)
    return upload_status(person, take.digest, status)


def _write_consent(session: Session, slug: str, take: Take, person: Person) -> None:
    consent = NewConsent(
        take.digest,
        ConsentKind.VOICE,
        str(clean_value(take.who)) or str(_("Không muốn ghi tên")),
        scope=str(_("bài {slug}", slug=slug)),
        given_on=date.today(),  # noqa: DTZ011  # the server's own day
        is_take=True,
    )
    record_consent(session, consent, actor_of(person))


def recording_parts(session: Session, context: EditionContext) -> list[RecordingPart]:
    """Return every part that is read aloud, in playing order."""
    source = load_source_body(session, context.slug)
    source_draft = draft_of(session, EditionRef(context.slug, SOURCE_FOLDER))
    renditions, source_renditions = (
        draft_renditions(session, context.draft),
        draft_renditions(session, source_draft),
    )
    steps, own, media = steps_of(source), context.draft.body, context.draft.media
    freshness = freshness_by_step(source, own, load_small_changes(session, context.slug))
    return [
        RecordingPart(
            id=name,
            name=title,
            source=part_text(source, name),
            own="" if context.is_source else part_text(own, name),
            picture=_picture(steps[name], source_renditions, source_draft.media)
            if name in steps
            else None,
            source_voice=voice_url(part_voice(source, name), source_draft.media, source_renditions),
            voice=voice_url(part_voice(own, name), media, renditions),
            has_voice=bool(part_voice(own, name)),
            is_stale=name in freshness and freshness[name].voice_stale,
        )
        for name, title in spoken_parts_of(source).items()
    ]


def _picture(step: DraftBody, renditions: RenditionIndex, media: dict[str, str]) -> PictureView:
    return picture_view(step, str(step.get("tap") or ""), renditions, media)
