"""The review page: each part with text, voices and comments, the checklist and the actions."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from content_server import urls
from content_server.accounts.roles import Permission
from content_server.editorial.drafts.draft_validation import validate_draft
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.drafts.spoken_parts import (
    PART_FIELDS,
    part_text,
    part_voice,
    spoken_parts_of,
)
from content_server.editorial.edits import DraftBody
from content_server.editorial.exchange.text_tables import (
    TranslationUnit,
    lesson_translation_units,
    step_translation_units,
)
from content_server.editorial.review import workflow
from content_server.editorial.review.back_translation import parts_made_by
from content_server.editorial.review.word_diff import word_diff
from content_server.editorial.status.staleness import changed_sentences, steps_of
from content_server.editorial.tables import (
    ChangeSeverity,
    CommentKind,
    DraftState,
    WorkflowEvent,
    WorkflowEventRow,
)
from content_server.lessons.editions.revisions import latest_revision, published_revision
from content_server.lessons.editions.tables import EditionRef, EditionState
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import Phrase, _
from content_server.site.tree.rendition_index import format_size
from content_server.web.dependencies import SessionDep, SettingsDep, SiteBuilderDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    format_day_time,
    load_source_body,
    person_names,
)
from content_server.web.editor.rendition_urls import draft_renditions, voice_url
from content_server.web.editor.review.comments import CommentView, comment_views, part_anchor
from content_server.web.editor.step_views import PictureView, picture_view
from content_server.web.editor.writing.preview import draft_cost, is_over_budget
from content_server.web.permissions import WorkDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)


def edition_state_phrase(context: EditionContext) -> Phrase:
    """Return the state of an edition in words; a draft in review comes before its own state."""
    if context.draft.id and context.draft.state is DraftState.IN_REVIEW:
        return _("đang chờ duyệt")
    return {
        EditionState.DRAFT: _("bản nháp"),
        EditionState.IN_REVIEW: _("đang chờ duyệt"),
        EditionState.PUBLISHED: _("đã lên trang"),
        EditionState.WITHDRAWN: _("đã cất đi"),
    }[context.edition.state or EditionState.DRAFT]


def event_phrase(event: WorkflowEvent) -> Phrase:
    return {
        WorkflowEvent.SUBMITTED: _("gửi duyệt"),
        WorkflowEvent.RETURNED: _("trả lại"),
        WorkflowEvent.APPROVED: _("duyệt"),
        WorkflowEvent.PUBLISHED: _("đưa lên trang"),
        WorkflowEvent.ROLLED_BACK: _("quay lại bản cũ"),
        WorkflowEvent.WITHDRAWN: _("cất đi"),
        WorkflowEvent.TAKEN_DOWN: _("gỡ giọng hoặc ảnh"),
    }[event]


@router.get(urls.EDITION_REVIEW)
def review_page(
    person: WorkDep,
    request: Request,
    context: EditionContextDep,
    session: SessionDep,
    site_builder: SiteBuilderDep,
    settings: SettingsDep,
) -> HTMLResponse:
    """Show the edition for review."""
    source = load_source_body(session, context.slug)
    source_lesson = None if context.is_source else workflow.latest_source(session, context.slug)
    _model, problems = validate_draft(context.draft.body, source_lesson, context.registries)
    is_stored = context.edition.id is not None
    listener_id = person.id if settings.two_people else 0
    events = workflow.events_of(session, context.edition) if is_stored else []
    names = person_names(session, {event.actor_id for event in events})
    cost = draft_cost(session, site_builder, context)
    before = published_revision(session, context.edition) if is_stored else None
    changes = changed_sentences(before.body, context.draft.body) if before else []
    latest = latest_revision(session, context.edition) if is_stored else None
    is_approved = bool(latest and workflow.is_approved(session, context.edition, latest.number))
    return render(
        request,
        "editor/review.html",
        edition=context,
        state=edition_state_phrase(context),
        rows=_review_rows(
            session, context, source, parts_made_by(session, context.draft, listener_id)
        ),
        problems=problems,
        events=[event_view(row, names) for row in events[:12]],
        changes=[(step, word_diff(old, new)) for step, old, new in changes if context.is_source],
        severities=[(severity.value, _severity_phrase(severity)) for severity in ChangeSeverity],
        cost=cost,
        total=format_size(cost.total_bytes),
        page=format_size(cost.page_bytes),
        dong=f"{cost.price_dong:,}".replace(",", "."),
        is_over_budget=is_over_budget(cost),
        is_in_review=context.draft.state is DraftState.IN_REVIEW,
        is_approved=is_approved,
        two_people=settings.two_people,
        is_own_work=person.id in workflow.authors_of(session, context.edition, context.draft)
        if is_stored
        else True,
        can_submit=person.may(Permission.SUBMIT, context.folder),
        can_review=person.may(Permission.REVIEW, context.folder),
        can_publish=person.may(Permission.PUBLISH, context.folder),
        can_back_translate=person.may(Permission.BACK_TRANSLATE, context.folder),
        can_comment=person.may(Permission.COMMENT, context.folder),
        is_published=context.edition.state is EditionState.PUBLISHED,
        newest=latest.number if latest else 0,
    )


def _severity_phrase(severity: ChangeSeverity) -> Phrase:
    return {
        ChangeSeverity.SMALL: _("sửa nhỏ, bản dịch vẫn đúng"),
        ChangeSeverity.MEANING: _("đổi nghĩa, cần dịch lại"),
        ChangeSeverity.DANGEROUS: _("để câu cũ thì nguy hiểm: cất câu dịch cũ đi ngay"),
    }[severity]


@dataclass(frozen=True)
class EventView:
    """One workflow event as a page shows it."""

    event: Phrase
    author: str
    written_at: str
    revision: int | None
    note: str


@dataclass(frozen=True)
class ReviewRow:
    """One part of the lesson on the review page."""

    id: str  # of the step, or OPENING or ENDING of `spoken_parts`
    anchor: str
    name: Phrase
    picture: PictureView
    lines: tuple[TranslationUnit, ...]  # its source sentences with the translation of each
    source_voice: str  # URL; empty without a voice
    own_voice: str
    can_be_back_translated: bool  # has text or voice, made by somebody else
    back_translations: tuple[CommentView, ...]
    comments: tuple[CommentView, ...]


def _review_rows(
    session: Session, context: EditionContext, source: DraftBody, made_by_person: frozenset[str]
) -> list[ReviewRow]:
    own, comments = context.draft.body, comment_views(session, context)
    draft = (
        context.draft
        if context.is_source
        else draft_of(session, EditionRef(context.slug, SOURCE_FOLDER))
    )
    renditions, source_renditions = (
        draft_renditions(session, context.draft),
        draft_renditions(session, draft),
    )
    texts = own if context.is_source else source
    steps = steps_of(texts)
    rows = []
    for part, name in spoken_parts_of(texts).items():
        part_comments, step = comments.get(part, []), steps.get(part, {})
        voice = part_voice(own, part)
        has_content = bool(voice or part_text(own, part))
        rows.append(
            ReviewRow(
                id=part,
                anchor=part_anchor(part),
                name=name,
                picture=picture_view(
                    step, str(step.get("tap") or ""), source_renditions, draft.media
                ),
                lines=tuple(_lines(part, texts, own)),
                source_voice=voice_url(part_voice(texts, part), draft.media, source_renditions),
                own_voice=voice_url(voice, context.draft.media, renditions),
                can_be_back_translated=has_content and part not in made_by_person,
                back_translations=tuple(
                    each for each in part_comments if each.kind is CommentKind.BACK_TRANSLATION
                ),
                comments=tuple(each for each in part_comments if each.kind is CommentKind.COMMENT),
            )
        )
    return rows


def _lines(part: str, source: DraftBody, own: DraftBody) -> Iterator[TranslationUnit]:
    """Yield the sentences of a part; the opening and ending have those of the lesson."""
    if part not in PART_FIELDS:
        return step_translation_units(part, steps_of(source)[part], steps_of(own).get(part, {}))
    return (
        line for line in lesson_translation_units(source, own) if line.path in PART_FIELDS[part]
    )


def event_view(row: WorkflowEventRow, names: dict[int, str]) -> EventView:
    """Return a workflow event as pages show it; `names` is person id → name."""
    return EventView(
        event=event_phrase(row.event),
        author=names.get(row.actor_id or 0, ""),
        written_at=format_day_time(row.created_at),
        revision=row.revision,
        note=row.note,
    )
