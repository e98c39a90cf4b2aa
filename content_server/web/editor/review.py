"""The review page: what is handed in, heard and read step by step before somebody signs it."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from content_server.lessons import reviewing
from content_server.lessons.draft_tables import (
    Deed,
    DeedRow,
    DraftState,
    RemarkKind,
    Weight,
)
from content_server.lessons.drafts import draft_of
from content_server.lessons.edits import Body
from content_server.lessons.revisions import latest_revision, published_revision
from content_server.lessons.sheets import read_draft
from content_server.lessons.staleness import changed_sentences, sentence_in, steps_of
from content_server.lessons.tables import EditionState
from content_server.lessons.worddiff import word_diff
from content_server.lessons.wordlists import Line, step_lines
from content_server.locales import SOURCE_FOLDER
from content_server.people.roles import Act
from content_server.phrases import Phrase, _
from content_server.site.shelf import weight
from content_server.web.deps import PressDep, SessionDep, SettingsDep
from content_server.web.editor.desk import Place, PlaceDep, day, names_of, source_body
from content_server.web.editor.preview import draft_cost, is_over
from content_server.web.editor.remarks import Said, remarks_said
from content_server.web.editor.shelves import address_of, shelf_for
from content_server.web.editor.views import PictureView, picture_view
from content_server.web.rendering import render
from content_server.web.who import WorkDep

router = APIRouter(include_in_schema=False)


def state_name(place: Place) -> Phrase:
    """Return where an edition is, in words: its draft's state first, then its own."""
    if place.draft.id and place.draft.state is DraftState.IN_REVIEW:
        return _("đang chờ duyệt")
    return {
        EditionState.DRAFT: _("bản nháp"),
        EditionState.IN_REVIEW: _("đang chờ duyệt"),
        EditionState.PUBLISHED: _("đã lên trang"),
        EditionState.WITHDRAWN: _("đã cất đi"),
    }[place.edition.state or EditionState.DRAFT]


def deed_name(deed: Deed) -> Phrase:
    return {
        Deed.SUBMITTED: _("gửi duyệt"),
        Deed.RETURNED: _("trả lại"),
        Deed.APPROVED: _("duyệt"),
        Deed.PUBLISHED: _("đưa lên trang"),
        Deed.ROLLED_BACK: _("quay lại bản cũ"),
        Deed.WITHDRAWN: _("cất đi"),
        Deed.TAKEN_DOWN: _("gỡ giọng hoặc ảnh"),
    }[deed]


@router.get("/-/soan/bai/{slug}/{folder}/duyet")
def review_page(
    person: WorkDep,
    request: Request,
    place: PlaceDep,
    session: SessionDep,
    press: PressDep,
    settings: SettingsDep,
) -> HTMLResponse:
    """Show a lesson to be judged: source, own words, what was understood, and the checklist."""
    source = source_body(session, place.slug)
    of = None if place.is_source else reviewing.source_of(session, place.slug)
    _model, problems = read_draft(place.draft.body, of, place.library)
    stored = place.edition.id is not None
    deeds = reviewing.deeds_of(session, place.edition) if stored else []
    names = names_of(session, {deed.by_id for deed in deeds})
    cost = draft_cost(session, press, place)
    before = published_revision(session, place.edition) if stored else None
    changes = changed_sentences(before.body, place.draft.body) if before else []
    latest = latest_revision(session, place.edition) if stored else None
    signed = bool(latest and reviewing.approved(session, place.edition, latest.number))
    return render(
        request,
        "editor/review.html",
        place=place,
        state=state_name(place),
        rows=_rows(session, place, source),
        problems=problems,
        deeds=[_deed(row, names) for row in deeds[:12]],
        changes=[(step, word_diff(old, new)) for step, old, new in changes if place.is_source],
        weights=[(w.value, _weight_name(w)) for w in Weight],
        cost=cost,
        total=weight(cost.total_bytes),
        page=weight(cost.page_bytes),
        dong=f"{cost.dong:,}".replace(",", "."),
        is_over=is_over(cost),
        waits=place.draft.state is DraftState.IN_REVIEW,
        signed=signed,
        two_people=settings.two_people,
        mine=person.id in reviewing.writers_of(session, place.edition, place.draft)
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


def _weight_name(each: Weight) -> Phrase:
    return {
        Weight.SMALL: _("sửa nhỏ, bản dịch vẫn đúng"),
        Weight.MEANING: _("đổi nghĩa, cần dịch lại"),
        Weight.DANGEROUS: _("để câu cũ thì nguy hiểm: cất câu dịch cũ đi ngay"),
    }[each]


@dataclass(frozen=True)
class Row:
    """One step to be judged: what is to be read, heard and seen of it, and what was said of it."""

    id: str
    number: int
    picture: PictureView
    lines: tuple[Line, ...]  # all it says, with one's own beside
    source_voice: str  # address; empty when there is none
    own_voice: str
    can_be_told: bool  # there is something to hear or read in one's own language
    told: tuple[Said, ...]  # what second speakers understood
    remarks: tuple[Said, ...]


def _rows(session: Session, place: Place, source: Body) -> list[Row]:
    mine, said = steps_of(place.draft.body), remarks_said(session, place)
    draft = place.draft if place.is_source else draft_of(session, place.slug, SOURCE_FOLDER)
    shelf, source_shelf = shelf_for(session, place.draft), shelf_for(session, draft)
    rows = []
    for number, (name, step) in enumerate(steps_of(source).items(), 1):
        shown = mine.get(name, {}) if place.is_source else step
        own = mine.get(name, {})
        of_step = said.get(name, [])
        tap = str(shown.get("tap") or "")
        rows.append(
            Row(
                id=name,
                number=number,
                picture=picture_view(shown, tap, source_shelf, draft.media),
                lines=tuple(step_lines(name, shown, own)),
                source_voice=address_of(shown.get("voice"), draft.media, source_shelf),
                own_voice=address_of(own.get("voice"), place.draft.media, shelf),
                can_be_told=bool(own.get("voice") or sentence_in(own)),
                told=tuple(each for each in of_step if each.kind is RemarkKind.TOLD_BACK),
                remarks=tuple(each for each in of_step if each.kind is RemarkKind.COMMENT),
            )
        )
    return rows


def _deed(row: DeedRow, names: dict[int, str]) -> tuple[str, str, Phrase, int | None, str]:
    who = names.get(row.by_id or 0, "")
    return day(row.at), who, deed_name(row.deed), row.revision, row.note
