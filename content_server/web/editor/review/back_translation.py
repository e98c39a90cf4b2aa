"""Spoken back-translations and comments.

For a back-translation a second speaker hears the voice and says in Vietnamese what it says. The
page hides the Vietnamese text and the picture, so that only the voice can be the source.
"""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.editorial.drafts.spoken_parts import spoken_parts_of
from content_server.editorial.intake import find_source, processing_status_of
from content_server.editorial.review.back_translation import parts_made_by
from content_server.editorial.review.comments import NewComment, add_comment, comments_of
from content_server.editorial.tables import CommentKind
from content_server.errors import ChangeRejected, TwoPeopleNeeded
from content_server.media.media_kinds import MediaKind
from content_server.phrases import _
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SessionDep, SettingsDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    Folder,
    Slug,
    actor_of,
    load_source_body,
)
from content_server.web.editor.media.recorder import RecordingPart, recording_parts
from content_server.web.editor.media.uploads import UploadStatus, upload_status
from content_server.web.editor.review.comments import (
    REQUIRED_PERMISSIONS,
    CommentDep,
    check_second_listener,
    comment_views,
    load_stored_edition,
)
from content_server.web.permissions import requires
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)
BackTranslateDep = Annotated[Person, Depends(requires(Permission.BACK_TRANSLATE))]
MAX_COMMENT_S = 60  # longer than the voice of a step may be


class SpokenComment(BaseModel):
    """A recorded comment or back-translation of a part, as the phone sends it."""

    part: str = Field(max_length=60)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    # fingerprint of the text shown on the page
    fingerprint: str = Field(pattern=r"^[0-9a-f]{6}$", validation_alias="stamp")


@router.get(urls.EDITION_BACK_TRANSLATION_PAGE)
def back_translation_page(
    request: Request,
    person: BackTranslateDep,
    context: EditionContextDep,
    session: SessionDep,
    settings: SettingsDep,
    buoc: str = "",
) -> HTMLResponse:
    """Show the parts that this person may back-translate, one at a time."""
    person.require(Permission.BACK_TRANSLATE, context.folder)
    own_parts = (
        parts_made_by(session, context.draft, person.id) if settings.two_people else frozenset()
    )
    parts = _parts_to_hear(session, context, CommentKind.BACK_TRANSLATION)
    if parts and all(part.id in own_parts for part in parts):
        raise TwoPeopleNeeded(
            _("Mọi bước đều do chính bác thu hoặc viết. Nhờ một người khác nghe rồi nói lại giúp.")
        )
    parts = [part for part in parts if part.id not in own_parts]
    return _recording_page(request, context, parts, buoc, is_back_translation=True)


@router.get(urls.EDITION_SPOKEN_COMMENT_PAGE)
def spoken_comment_page(
    request: Request,
    person: CommentDep,
    context: EditionContextDep,
    session: SessionDep,
    buoc: str = "",
) -> HTMLResponse:
    """Show the parts for spoken comments, one at a time."""
    person.require(Permission.COMMENT, context.folder)
    parts = _parts_to_hear(session, context, CommentKind.COMMENT)
    return _recording_page(request, context, parts, buoc, is_back_translation=False)


def _recording_page(
    request: Request,
    context: EditionContext,
    parts: list[RecordingPart],
    first: str,
    *,
    is_back_translation: bool,
) -> HTMLResponse:
    if not parts:
        raise ChangeRejected(_("Bản này chưa có chữ nào để nhận xét."))
    return render(
        request,
        "editor/spoken_comment.html",
        edition=context,
        parts=parts,
        first=first if any(part.id == first for part in parts) else parts[0].id,
        most_s=MAX_COMMENT_S,
        is_back_translation=is_back_translation,
        hide_picture=is_back_translation,
    )


def _parts_to_hear(
    session: Session, context: EditionContext, kind: CommentKind
) -> list[RecordingPart]:
    """Return every part with text or voice, and whether it has a recording of this kind."""
    comments, parts = comment_views(session, context), []
    for part in recording_parts(session, context):
        existing = [each for each in comments.get(part.id, ()) if each.kind is kind]
        is_outdated = bool(existing) and existing[-1].is_outdated
        if part.voice or part.own or (context.is_source and part.source):
            parts.append(replace(part, has_voice=bool(existing), is_stale=is_outdated))
    return parts


@router.post(urls.EDITION_BACK_TRANSLATIONS)
async def add_spoken_back_translation(
    slug: Slug,
    folder: Folder,
    spoken: SpokenComment,
    person: BackTranslateDep,
    database: DatabaseDep,
    registries: RegistriesDep,
    settings: SettingsDep,
) -> UploadStatus:
    """Store a spoken back-translation."""
    edition_key, kind = (slug, folder), CommentKind.BACK_TRANSLATION
    return await asyncio.to_thread(
        _write_spoken_comment,
        database,
        registries,
        person,
        edition_key,
        spoken,
        kind,
        second_listener=settings.two_people,
    )


@router.post(urls.EDITION_SPOKEN_COMMENTS)
async def add_spoken_comment(
    slug: Slug,
    folder: Folder,
    spoken: SpokenComment,
    person: CommentDep,
    database: DatabaseDep,
    registries: RegistriesDep,
) -> UploadStatus:
    """Store a spoken comment."""
    return await asyncio.to_thread(
        _write_spoken_comment,
        database,
        registries,
        person,
        (slug, folder),
        spoken,
        CommentKind.COMMENT,
    )


def _write_spoken_comment(
    database: DatabaseDep,
    registries: RegistriesDep,
    person: Person,
    edition_key: tuple[str, str],
    spoken: SpokenComment,
    kind: CommentKind,
    *,
    second_listener: bool = False,  # the person must not have made the part
) -> UploadStatus:
    """Store a spoken comment; storing the same recording again changes nothing."""
    person.require(REQUIRED_PERMISSIONS[kind], edition_key[1])
    with database.write() as session:
        if find_source(session, spoken.digest, MediaKind.VOICE) is None:
            raise ChangeRejected(_("Máy chủ chưa nhận được lời thu này. Máy sẽ tự gửi lại."))
        context = load_stored_edition(session, *edition_key, registries)
        if spoken.part not in spoken_parts_of(load_source_body(session, context.slug)):
            raise ChangeRejected(_("Bước này vừa bị xóa. Mở lại trang để thấy bài bây giờ."))
        if second_listener:
            check_second_listener(session, context, spoken.part, person)
        existing = {
            (row.step, row.kind, row.voice) for row in comments_of(session, context.edition)
        }
        if (spoken.part, kind, spoken.digest) not in existing:
            comment = NewComment(
                spoken.part, kind, voice=spoken.digest, sentence_fingerprint=spoken.fingerprint
            )
            add_comment(session, context.edition, comment, actor_of(person))
            if kind is CommentKind.BACK_TRANSLATION:
                record_audit_event(
                    session, person, "back_translated", f"{context.subject} {spoken.part}".strip()
                )
        status = processing_status_of(session, spoken.digest)
    return upload_status(person, spoken.digest, status)
