"""Comments on a step and typed back-translations: their views, adding and resolving them."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from content_server import urls
from content_server.accounts.audit_log import record_audit_event
from content_server.accounts.roles import Permission, Person
from content_server.editorial.drafts.spoken_parts import ENDING, OPENING, part_text, spoken_parts_of
from content_server.editorial.edits import DraftBody
from content_server.editorial.review.back_translation import parts_made_by
from content_server.editorial.review.comments import (
    NewComment,
    add_comment,
    comments_of,
    resolve_comment,
)
from content_server.editorial.tables import CommentKind, CommentRow
from content_server.errors import ChangeRejected, TwoPeopleNeeded
from content_server.lessons.editions.catalog import PublishedEdition
from content_server.lessons.editions.tables import EditionRef
from content_server.lessons.lesson import Translation
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _
from content_server.site.tree.rendition_index import RenditionIndex, load_rendition_index
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SettingsDep
from content_server.web.editor.edition_context import (
    EditionContext,
    Folder,
    Slug,
    actor_of,
    format_day_time,
    load_edition_context,
    load_source_body,
    person_names,
)
from content_server.web.editor.rendition_urls import voice_url
from content_server.web.permissions import WorkDep, requires
from content_server.web.rendering import see_other

router = APIRouter(include_in_schema=False)
CommentDep = Annotated[Person, Depends(requires(Permission.COMMENT))]
REQUIRED_PERMISSIONS = {
    CommentKind.BACK_TRANSLATION: Permission.BACK_TRANSLATE,
    CommentKind.COMMENT: Permission.COMMENT,
}


@dataclass(frozen=True)
class CommentView:
    """One comment or back-translation as a page shows it."""

    id: int
    kind: CommentKind
    author: str
    written_at: str
    text: str
    voice: str  # URL; empty when it was typed, or is being transcoded
    is_spoken: bool
    is_outdated: bool  # the sentence has changed since
    is_resolved: bool


def comment_views(session: Session, context: EditionContext) -> dict[str, list[CommentView]]:
    """Return part → its comments and back-translations, oldest first."""
    rows = comments_of(session, context.edition) if context.edition.id is not None else []
    names = person_names(session, {row.actor_id for row in rows})
    renditions = _voice_renditions({row.voice for row in rows if row.voice}, session)
    source = load_source_body(session, context.slug) if rows else {}
    by_part: dict[str, list[CommentView]] = {}
    for row in rows:
        now = source_fingerprint(_part_words(context, source, row.step))
        by_part.setdefault(row.step, []).append(_comment_view(row, names, renditions, now))
    return by_part


def _part_words(context: EditionContext, source: DraftBody, part: str) -> str:
    """Return the text of a part: the edition's, else the source's (a language with voices only)."""
    return part_text(context.draft.body, part) or part_text(source, part)


def _comment_view(
    row: CommentRow, names: dict[int, str], renditions: RenditionIndex, now: str
) -> CommentView:
    return CommentView(
        id=row.id or 0,
        kind=row.kind,
        author=names.get(row.actor_id or 0, ""),
        written_at=format_day_time(row.created_at),
        text=row.text,
        voice=voice_url(row.voice, {row.voice: row.voice}, renditions) if row.voice else "",
        is_spoken=bool(row.voice),
        is_outdated=bool(row.source_fingerprint) and row.source_fingerprint != now,
        is_resolved=row.resolved,
    )


def _voice_renditions(digests: set[str], session: Session) -> RenditionIndex:
    media = dict(zip(digests, digests, strict=True))
    return load_rendition_index(
        session, [{SOURCE_FOLDER: PublishedEdition(0, "", Translation(), media)}]
    )


@router.post(urls.EDITION_COMMENTS)
def post_comment(
    slug: Slug,
    folder: Folder,
    person: WorkDep,
    database: DatabaseDep,
    registries: RegistriesDep,
    settings: SettingsDep,
    text: Annotated[str, Form(max_length=2000)] = "",
    step: Annotated[str, Form(max_length=60)] = "",
    kind: Annotated[CommentKind, Form()] = CommentKind.COMMENT,
    resolve: Annotated[int, Form()] = 0,
    back: Annotated[str, Form(pattern="^(duyet|noi-lai)$")] = "duyet",
) -> RedirectResponse:
    """Add a comment or a back-translation, or resolve the comment with number `resolve`."""
    person.require(REQUIRED_PERMISSIONS[kind], folder)
    with database.write() as session:
        context = load_stored_edition(session, slug, folder, registries)
        if resolve:
            resolve_comment(session, context.edition, resolve)
        else:
            if kind is CommentKind.BACK_TRANSLATION and settings.two_people:
                check_second_listener(session, context, step, person)
            text_now = _part_words(context, load_source_body(session, slug), step)
            fingerprint = source_fingerprint(text_now)
            comment = NewComment(step, kind, text, sentence_fingerprint=fingerprint)
            add_comment(session, context.edition, comment, actor_of(person))
            if kind is CommentKind.BACK_TRANSLATION:
                record_audit_event(
                    session, person, "back_translated", f"{context.subject} {step}".strip()
                )
        next_part = _next_part(session, context, step)
    if back == "noi-lai":
        query = {"buoc": next_part}
        return see_other(context.url(urls.EDITION_BACK_TRANSLATION_PAGE, query=query))
    return see_other(context.url(urls.EDITION_REVIEW, fragment=part_anchor(step)))


def part_anchor(part: str) -> str:
    """Return the HTML id of a part on the review page; step ids have no underscore."""
    return {OPENING: "mo_dau", ENDING: "ket_bai"}.get(part, part)


def _next_part(session: Session, context: EditionContext, step: str) -> str:
    names = list(spoken_parts_of(load_source_body(session, context.slug)))
    return dict(pairwise(names)).get(step, "")


def load_stored_edition(
    session: Session, slug: str, folder: str, registries: RegistriesDep
) -> EditionContext:
    """Return an edition that was saved at least once. Raises ChangeRejected for another."""
    context = load_edition_context(session, EditionRef(slug, folder), registries)
    if context.edition.id is None:
        raise ChangeRejected(_("Bản này chưa có chữ nào để nhận xét."))
    return context


def check_second_listener(
    session: Session, context: EditionContext, step: str, person: Person
) -> None:
    """Raise TwoPeopleNeeded when the person recorded the step, or wrote it and it has no voice."""
    if step in parts_made_by(session, context.draft, person.id):
        raise TwoPeopleNeeded(
            _("Bước này do chính bác thu hoặc viết. Nhờ một người khác nghe rồi nói lại giúp.")
        )
