"""The review page: what is handed in, heard and read step by step before somebody signs it."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from content_server.accounts.roles import Act
from content_server.editorial.drafts.draft_validation import read_draft
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.drafts.spoken_parts import READ, parts_of, voice_in, words_in
from content_server.editorial.edits import Body
from content_server.editorial.exchange.text_tables import Line, lesson_lines, step_lines
from content_server.editorial.review import workflow
from content_server.editorial.review.comments import own_parts
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
from content_server.lessons.editions.tables import EditionState
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import Phrase, _
from content_server.site.tree.rendition_index import weight
from content_server.web.dependencies import SessionDep, SettingsDep, SiteBuilderDep
from content_server.web.editor.edition_context import (
    EditionContext,
    EditionContextDep,
    day,
    names_of,
    source_body,
)
from content_server.web.editor.rendition_urls import address_of, shelf_for
from content_server.web.editor.review.comments import Said, anchor_of, remarks_said
from content_server.web.editor.step_views import PictureView, picture_view
from content_server.web.editor.writing.preview import draft_cost, is_over
from content_server.web.permissions import WorkDep
from content_server.web.rendering import render

router = APIRouter(include_in_schema=False)


def state_name(place: EditionContext) -> Phrase:
    """Return where an edition is, in words: its draft's state first, then its own."""
    if place.draft.id and place.draft.state is DraftState.IN_REVIEW:
        return _("đang chờ duyệt")
    return {
        EditionState.DRAFT: _("bản nháp"),
        EditionState.IN_REVIEW: _("đang chờ duyệt"),
        EditionState.PUBLISHED: _("đã lên trang"),
        EditionState.WITHDRAWN: _("đã cất đi"),
    }[place.edition.state or EditionState.DRAFT]


def deed_name(deed: WorkflowEvent) -> Phrase:
    return {
        WorkflowEvent.SUBMITTED: _("gửi duyệt"),
        WorkflowEvent.RETURNED: _("trả lại"),
        WorkflowEvent.APPROVED: _("duyệt"),
        WorkflowEvent.PUBLISHED: _("đưa lên trang"),
        WorkflowEvent.ROLLED_BACK: _("quay lại bản cũ"),
        WorkflowEvent.WITHDRAWN: _("cất đi"),
        WorkflowEvent.TAKEN_DOWN: _("gỡ giọng hoặc ảnh"),
    }[deed]


@router.get("/-/soan/bai/{slug}/{folder}/duyet")
def review_page(
    person: WorkDep,
    request: Request,
    place: EditionContextDep,
    session: SessionDep,
    press: SiteBuilderDep,
    settings: SettingsDep,
) -> HTMLResponse:
    """Show a lesson to be judged: source, own words, what was understood, and the checklist."""
    source = source_body(session, place.slug)
    of = None if place.is_source else workflow.source_of(session, place.slug)
    _model, problems = read_draft(place.draft.body, of, place.library)
    stored = place.edition.id is not None
    hearer = person.id if settings.two_people else 0
    deeds = workflow.deeds_of(session, place.edition) if stored else []
    names = names_of(session, {deed.by_id for deed in deeds})
    cost = draft_cost(session, press, place)
    before = published_revision(session, place.edition) if stored else None
    changes = changed_sentences(before.body, place.draft.body) if before else []
    latest = latest_revision(session, place.edition) if stored else None
    signed = bool(latest and workflow.approved(session, place.edition, latest.number))
    return render(
        request,
        "editor/review.html",
        place=place,
        state=state_name(place),
        rows=_rows(session, place, source, own_parts(session, place.draft, hearer)),
        problems=problems,
        deeds=[_deed(row, names) for row in deeds[:12]],
        changes=[(step, word_diff(old, new)) for step, old, new in changes if place.is_source],
        weights=[(w.value, _weight_name(w)) for w in ChangeSeverity],
        cost=cost,
        total=weight(cost.total_bytes),
        page=weight(cost.page_bytes),
        dong=f"{cost.dong:,}".replace(",", "."),
        is_over=is_over(cost),
        waits=place.draft.state is DraftState.IN_REVIEW,
        signed=signed,
        two_people=settings.two_people,
        mine=person.id in workflow.writers_of(session, place.edition, place.draft)
        if stored
        else True,
        can_submit=person.may(Act.SUBMIT, place.folder),
        can_review=person.may(Act.REVIEW, place.folder),
        can_publish=person.may(Act.PUBLISH, place.folder),
        can_tell_back=person.may(Act.TELL_BACK, place.folder),
        can_comment=person.may(Act.COMMENT, place.folder),
        shown=place.edition.state is EditionState.PUBLISHED,
        newest=latest.number if latest else 0,
    )


def _weight_name(each: ChangeSeverity) -> Phrase:
    return {
        ChangeSeverity.SMALL: _("sửa nhỏ, bản dịch vẫn đúng"),
        ChangeSeverity.MEANING: _("đổi nghĩa, cần dịch lại"),
        ChangeSeverity.DANGEROUS: _("để câu cũ thì nguy hiểm: cất câu dịch cũ đi ngay"),
    }[each]


@dataclass(frozen=True)
class Row:
    """One part to be judged: what is to be read, heard and seen of it, and what was said of it."""

    id: str  # a step's; of the opening and the ending: as `parts` calls them
    anchor: str
    name: Phrase
    picture: PictureView
    lines: tuple[Line, ...]  # all it says, with one's own beside
    source_voice: str  # address; empty when there is none
    own_voice: str
    can_be_told: bool  # there is something to hear or read, made by somebody else
    told: tuple[Said, ...]  # what second speakers understood
    remarks: tuple[Said, ...]


def _rows(
    session: Session, place: EditionContext, source: Body, mine_alone: frozenset[str]
) -> list[Row]:
    own, said = place.draft.body, remarks_said(session, place)
    draft = place.draft if place.is_source else draft_of(session, place.slug, SOURCE_FOLDER)
    shelf, source_shelf = shelf_for(session, place.draft), shelf_for(session, draft)
    shown = own if place.is_source else source
    steps = steps_of(shown)
    rows = []
    for part, name in parts_of(shown).items():
        of_part, step = said.get(part, []), steps.get(part, {})
        voice = voice_in(own, part)
        there = bool(voice or words_in(own, part))
        rows.append(
            Row(
                id=part,
                anchor=anchor_of(part),
                name=name,
                picture=picture_view(step, str(step.get("tap") or ""), source_shelf, draft.media),
                lines=tuple(_lines(part, shown, own)),
                source_voice=address_of(voice_in(shown, part), draft.media, source_shelf),
                own_voice=address_of(voice, place.draft.media, shelf),
                can_be_told=there and part not in mine_alone,
                told=tuple(each for each in of_part if each.kind is CommentKind.TOLD_BACK),
                remarks=tuple(each for each in of_part if each.kind is CommentKind.COMMENT),
            )
        )
    return rows


def _lines(part: str, source: Body, own: Body) -> Iterator[Line]:
    """Yield every sentence of a part; the opening and the ending have the lesson's own."""
    if part not in READ:
        return step_lines(part, steps_of(source)[part], steps_of(own).get(part, {}))
    return (line for line in lesson_lines(source, own) if line.path in READ[part])


def _deed(row: WorkflowEventRow, names: dict[int, str]) -> tuple[str, str, Phrase, int | None, str]:
    who = names.get(row.by_id or 0, "")
    return day(row.at), who, deed_name(row.deed), row.revision, row.note
