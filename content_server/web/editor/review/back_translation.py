"""Speaking of a lesson: a second speaker tells back what was heard; anybody says a comment aloud.

Whoever tells back hears the voice and sees no Vietnamese: only so it shows what the voice says.
"""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from content_server.accounts.audit_log import note as log
from content_server.accounts.roles import Act, Person
from content_server.editorial.drafts.spoken_parts import parts_of
from content_server.editorial.intake import condition_of, source_or_none
from content_server.editorial.review.comments import own_parts, remark, remarks_of
from content_server.editorial.tables import CommentKind
from content_server.errors import ChangeRefused, TwoPeopleNeeded
from content_server.media.media_kinds import MediaKind
from content_server.phrases import _
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep, SettingsDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    Folder,
    Slug,
    actor_of,
    source_body,
)
from content_server.web.editor.media.recorder import Part, parts_to_read
from content_server.web.editor.media.uploads import Handed, handed
from content_server.web.editor.review.comments import (
    ACTS,
    CommentDep,
    check_second_ear,
    edition_of,
    remarks_said,
)
from content_server.web.permissions import whoever_may
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
TellBackDep = Annotated[Person, Depends(whoever_may(Act.TELL_BACK))]
SPOKEN_S = 60  # a remark may take longer than a step's own voice


class Spoken(BaseModel):
    """A recording of what somebody says of a step, as the phone sends it."""

    part: str = Field(max_length=60)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    stamp: str = Field(pattern=r"^[0-9a-f]{6}$")  # of the words that stood on the page


@router.get("/-/soan/bai/{slug}/{folder}/noi-lai")
def tell_back_page(
    request: Request,
    person: TellBackDep,
    place: EditionContextDep,
    session: SessionDep,
    settings: SettingsDep,
    buoc: str = "",
) -> HTMLResponse:
    """Let a second speaker hear step by step, and say in Vietnamese what was heard."""
    person.must(Act.TELL_BACK, place.folder)
    own = own_parts(session, place.draft, person.id) if settings.two_people else frozenset()
    parts = _parts(session, place, CommentKind.TOLD_BACK)
    if parts and all(part.id in own for part in parts):
        raise TwoPeopleNeeded(
            _("Mọi bước đều do chính bác thu hoặc viết. Nhờ một người khác nghe rồi nói lại giúp.")
        )
    parts = [part for part in parts if part.id not in own]
    return _speaking_page(request, place, parts, buoc, telling_back=True)


@router.get("/-/soan/bai/{slug}/{folder}/noi")
def comment_page(
    request: Request,
    person: CommentDep,
    place: EditionContextDep,
    session: SessionDep,
    buoc: str = "",
) -> HTMLResponse:
    """Let somebody say aloud what they think of a step."""
    person.must(Act.COMMENT, place.folder)
    parts = _parts(session, place, CommentKind.COMMENT)
    return _speaking_page(request, place, parts, buoc, telling_back=False)


def _speaking_page(
    request: Request, place: EditionContext, parts: list[Part], first: str, *, telling_back: bool
) -> HTMLResponse:
    if not parts:
        raise ChangeRefused(_("Bản này chưa có chữ nào để nhận xét."))
    return render(
        request,
        "editor/speaking.html",
        place=place,
        parts=parts,
        first=first if any(part.id == first for part in parts) else parts[0].id,
        most_s=SPOKEN_S,
        telling_back=telling_back,
        hides_picture=telling_back,
    )


def _parts(session: Session, place: EditionContext, kind: CommentKind) -> list[Part]:
    """Return every part that says something, and whether somebody spoke of it already."""
    said, parts = remarks_said(session, place), []
    for part in parts_to_read(session, place):
        spoken = [each for each in said.get(part.id, ()) if each.kind is kind]
        is_old = bool(spoken) and spoken[-1].is_old
        if part.voice or part.own or (place.is_source and part.source):
            parts.append(replace(part, has_voice=bool(spoken), is_stale=is_old))
    return parts


@router.post("/-/soan/bai/{slug}/{folder}/noi-lai")
async def told_back_aloud(
    slug: Slug,
    folder: Folder,
    spoken: Spoken,
    person: TellBackDep,
    database: DatabaseDep,
    library: RegistriesDep,
    settings: SettingsDep,
) -> Handed:
    """Keep a recording of what a second speaker understood."""
    where, kind = (slug, folder), CommentKind.TOLD_BACK
    second = settings.two_people
    return await asyncio.to_thread(
        _kept, database, library, person, where, spoken, kind, second=second
    )


@router.post("/-/soan/bai/{slug}/{folder}/noi")
async def commented_aloud(
    slug: Slug,
    folder: Folder,
    spoken: Spoken,
    person: CommentDep,
    database: DatabaseDep,
    library: RegistriesDep,
) -> Handed:
    """Keep a spoken comment."""
    return await asyncio.to_thread(
        _kept, database, library, person, (slug, folder), spoken, CommentKind.COMMENT
    )


def _kept(
    database: DatabaseDep,
    library: RegistriesDep,
    person: Person,
    where: tuple[str, str],
    spoken: Spoken,
    kind: CommentKind,
    *,
    second: bool = False,  # somebody else must have spoken the step
) -> Handed:
    """Write a spoken remark down; the same recording again is the same remark."""
    person.must(ACTS[kind], where[1])
    with database.write() as session:
        if source_or_none(session, spoken.digest, MediaKind.VOICE) is None:
            raise ChangeRefused(_("Máy chủ chưa nhận được lời thu này. Máy sẽ tự gửi lại."))
        place = edition_of(session, *where, library)
        if spoken.part not in parts_of(source_body(session, place.slug)):
            raise ChangeRefused(_("Bước này vừa bị xóa. Mở lại trang để thấy bài bây giờ."))
        if second:
            check_second_ear(session, place, spoken.part, person)
        known = {(row.step, row.kind, row.voice) for row in remarks_of(session, place.edition)}
        if (spoken.part, kind, spoken.digest) not in known:
            remark(
                session,
                place.edition,
                spoken.part,
                kind,
                "",
                actor_of(person),
                voice=spoken.digest,
                of_sentence=spoken.stamp,
            )
            if kind is CommentKind.TOLD_BACK:
                log(session, person, "told_back", f"{'/'.join(where)} {spoken.part}".strip())
        condition = condition_of(session, spoken.digest)
    return handed(person, spoken.digest, condition)
