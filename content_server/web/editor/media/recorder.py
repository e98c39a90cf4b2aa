"""The recorder: a lesson read aloud part by part, like a teleprompter; each take sent by itself."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from content_server.accounts.audit_log import note
from content_server.accounts.roles import Act, Person
from content_server.editorial.drafts.attachments import attach_voice, voice_file
from content_server.editorial.drafts.drafts import draft_of, open_draft
from content_server.editorial.drafts.spoken_parts import parts_of, voice_in, words_in
from content_server.editorial.edits import Body, clean
from content_server.editorial.intake import condition_of, ending_of_voice, source_or_none
from content_server.editorial.review.consents import note_consent
from content_server.editorial.status.staleness import freshness, small_changes, steps_of
from content_server.editorial.tables import ConsentKind
from content_server.errors import ChangeRefused
from content_server.lessons.editions.revisions import open_edition
from content_server.lessons.lesson import VOICE_MS
from content_server.lessons.validation import source_fingerprint
from content_server.locales import SOURCE_FOLDER
from content_server.media.media_kinds import MediaKind
from content_server.phrases import Phrase, _
from content_server.site.tree.rendition_index import RenditionIndex
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    Folder,
    RoadDep,
    Slug,
    actor_of,
    place_of,
    source_body,
)
from content_server.web.editor.media.uploads import Handed, handed
from content_server.web.editor.rendition_urls import address_of, shelf_for
from content_server.web.editor.step_views import PictureView, picture_view
from content_server.web.permissions import whoever_may
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
RecordDep = Annotated[Person, Depends(whoever_may(Act.RECORD))]


@dataclass(frozen=True)
class Part:
    """Something to read aloud: a step, the beginning or the end of a lesson."""

    id: str
    name: Phrase
    source: str  # in Vietnamese
    own: str  # in the language to be read; empty where a language is only spoken
    picture: PictureView | None
    source_voice: str  # address; empty when there is none
    voice: str  # address of what is there now
    has_voice: bool
    is_stale: bool

    @property
    def stamp(self) -> str:
        return source_fingerprint(self.own or self.source)


class Take(BaseModel):
    """One recording that is to be a part's voice."""

    part: str = Field("", max_length=60)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    stamp: str = Field(pattern=r"^[0-9a-f]{6}$")  # of the words that stood on the page
    who: str = Field("", max_length=200)
    agreed: bool = False


@router.get("/-/soan/bai/{slug}/{folder}/thu")
def recorder_page(
    request: Request,
    person: RecordDep,
    place: EditionContextDep,
    session: SessionDep,
    buoc: str = "",
) -> HTMLResponse:
    """Show what there is to read, one part at a time."""
    person.must(Act.RECORD, place.folder)
    parts = parts_to_read(session, place)
    return render(
        request,
        "editor/recorder.html",
        place=place,
        parts=parts,
        first=buoc if any(part.id == buoc for part in parts) else parts[0].id,
        most_s=VOICE_MS // 1000,
        hides_picture=False,
    )


@router.post("/-/soan/bai/{slug}/{folder}/thu")
async def take_voice(
    slug: Slug,
    folder: Folder,
    take: Take,
    person: RecordDep,
    database: DatabaseDep,
    library: RegistriesDep,
    road: RoadDep,
) -> Handed:
    """Give a part of the draft this voice. Doing it twice is as good as once."""
    person.must(Act.RECORD, folder)
    if not take.agreed:
        raise ChangeRefused(_("Đánh dấu đồng ý cho mọi người nghe giọng này trước đã."))
    with database.read() as session:
        known = source_or_none(session, take.digest, MediaKind.VOICE)
    if known is None:
        raise ChangeRefused(_("Máy chủ chưa nhận được lời thu này. Máy sẽ tự gửi lại."))
    work = road.settings.data_dir / "work"
    ending = await asyncio.to_thread(ending_of_voice, road.store, take.digest, work)
    return await asyncio.to_thread(
        _taken, database, library, person, (slug, folder), take, voice_file(take.digest, ending)
    )


def _taken(
    database: DatabaseDep,
    library: RegistriesDep,
    person: Person,
    where: tuple[str, str],
    take: Take,
    file: str,
) -> Handed:
    slug, folder = where
    with database.write() as session:
        place_of(session, slug, folder, library)  # raises for a lesson or language not there
        if take.part not in parts_of(source_body(session, slug)):
            raise ChangeRefused(_("Bước này vừa bị xóa. Mở lại trang để thấy bài bây giờ."))
        open_edition(session, slug, folder)
        draft = open_draft(session, slug, folder)
        if file not in draft.media:
            _note_consent(session, slug, take, person)
        attach_voice(session, draft, take.part, file, take.digest, take.stamp, person.id)
        note(session, person, "recorded", f"{slug}/{folder} {take.part}".strip())
        condition = condition_of(session, take.digest)
    return handed(person, take.digest, condition)


def _note_consent(session: Session, slug: str, take: Take, person: Person) -> None:
    note_consent(
        session,
        take.digest,
        ConsentKind.VOICE,
        str(clean(take.who)) or str(_("Không muốn ghi tên")),
        scope=str(_("bài {slug}", slug=slug)),
        given_on=date.today(),  # noqa: DTZ011  # the server's own day
        by=actor_of(person),
        is_take=True,
    )


def parts_to_read(session: Session, place: EditionContext) -> list[Part]:
    """Return everything read aloud, in the order villagers hear it."""
    source = source_body(session, place.slug)
    source_draft = draft_of(session, place.slug, SOURCE_FOLDER)
    shelf, source_shelf = shelf_for(session, place.draft), shelf_for(session, source_draft)
    steps, own, media = steps_of(source), place.draft.body, place.draft.media
    fresh = freshness(source, own, small_changes(session, place.slug))
    return [
        Part(
            id=name,
            name=title,
            source=words_in(source, name),
            own="" if place.is_source else words_in(own, name),
            picture=_picture(steps[name], source_shelf, source_draft.media)
            if name in steps
            else None,
            source_voice=address_of(voice_in(source, name), source_draft.media, source_shelf),
            voice=address_of(voice_in(own, name), media, shelf),
            has_voice=bool(voice_in(own, name)),
            is_stale=name in fresh and fresh[name].voice_stale,
        )
        for name, title in parts_of(source).items()
    ]


def _picture(step: Body, shelf: RenditionIndex, media: dict[str, str]) -> PictureView:
    return picture_view(step, str(step.get("tap") or ""), shelf, media)
