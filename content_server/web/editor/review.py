"""Reviewing: what is handed in, read step by step, talked about, signed, shown or taken away."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from content_server import editing
from content_server.errors import ChangeRefused
from content_server.lessons import reviewing
from content_server.lessons.checks import stamp_of
from content_server.lessons.draft_tables import (
    Deed,
    DeedRow,
    DraftState,
    RemarkKind,
    RemarkRow,
    Weight,
)
from content_server.lessons.drafts import open_draft
from content_server.lessons.edits import Body, clean
from content_server.lessons.remarks import remark, remarks_of, settle_remark
from content_server.lessons.revisions import find_edition, latest_revision, published_revision
from content_server.lessons.sheets import read_draft
from content_server.lessons.staleness import changed_sentences, sentence_in, steps_of
from content_server.lessons.tables import EditionState
from content_server.lessons.worddiff import word_diff
from content_server.people.roles import Act, Person
from content_server.phrases import Phrase, _
from content_server.site.shelf import Shelf, weight
from content_server.web.deps import DatabaseDep, LibraryDep, PressDep, SessionDep, SettingsDep
from content_server.web.editor.desk import (
    Folder,
    Place,
    PlaceDep,
    RoadDep,
    Slug,
    day,
    hand_of,
    names_of,
    place_of,
    see_other,
    source_body,
)
from content_server.web.editor.preview import draft_cost, is_over
from content_server.web.editor.views import PictureView, picture_view
from content_server.web.rendering import render
from content_server.web.who import WorkDep, whoever_may

router = APIRouter(include_in_schema=False)
SubmitDep = Annotated[Person, Depends(whoever_may(Act.SUBMIT))]
ReviewDep = Annotated[Person, Depends(whoever_may(Act.REVIEW))]
PublishDep = Annotated[Person, Depends(whoever_may(Act.PUBLISH))]
Note = Annotated[str, Form(max_length=400)]
NO_SHELF = Shelf({})


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
    remarks = remarks_of(session, place.edition) if stored else []
    names = names_of(session, {d.by_id for d in deeds} | {r.by_id for r in remarks})
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
        rows=_rows(place, source, remarks, names),
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
        shown=place.edition.state is EditionState.PUBLISHED,
        newest=latest.number if latest else 0,
    )


def _weight_name(each: Weight) -> Phrase:
    return {
        Weight.SMALL: _("sửa nhỏ, bản dịch vẫn đúng"),
        Weight.MEANING: _("đổi nghĩa, cần dịch lại"),
        Weight.DANGEROUS: _("để câu cũ thì nguy hiểm: cất câu dịch cũ đi ngay"),
    }[each]


class Row:
    """One step to be judged."""

    def __init__(self, name: str, number: int, picture: PictureView, source: str, own: str) -> None:
        self.id, self.number, self.picture = name, number, picture
        self.source, self.own = source, own
        self.remarks: list[tuple[int, str, str, str, bool]] = []  # id, who, when, text, settled
        self.told_back = ""
        self.told_is_old = False


def _rows(place: Place, source: Body, remarks: list[RemarkRow], names: dict[int, str]) -> list[Row]:
    mine = steps_of(place.draft.body)
    rows = {}
    for number, (name, step) in enumerate(steps_of(source).items(), 1):
        shown = mine.get(name, {}) if place.is_source else step
        picture = picture_view(shown, str(shown.get("tap") or ""), NO_SHELF, {})
        rows[name] = Row(name, number, picture, sentence_in(step), sentence_in(mine.get(name, {})))
    for each in remarks:
        row = rows.get(each.step)
        if row is None:
            continue
        if each.kind is RemarkKind.TOLD_BACK:
            row.told_back = each.text
            row.told_is_old = bool(each.of_sentence) and each.of_sentence != stamp_of(row.own)
        else:
            who = names.get(each.by_id or 0, "")
            row.remarks.append((each.id or 0, who, day(each.at), each.text, each.settled))
    return list(rows.values())


def _deed(row: DeedRow, names: dict[int, str]) -> tuple[str, str, Phrase, int | None, str]:
    who = names.get(row.by_id or 0, "")
    return day(row.at), who, deed_name(row.deed), row.revision, row.note


@router.post("/-/soan/bai/{slug}/{folder}/gui")
def submit(
    slug: Slug,
    folder: Folder,
    person: SubmitDep,
    database: DatabaseDep,
    library: LibraryDep,
    note: Note = "",
) -> RedirectResponse:
    """Hand a draft in for review."""
    person.must(Act.SUBMIT, folder)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder)
        hand = hand_of(person)
        reviewing.submit(session, slug, folder, draft, library, hand, str(clean(note)))
    return see_other(f"{place.path}/duyet")


@router.post("/-/soan/bai/{slug}/{folder}/tra-lai")
def give_back(
    slug: Slug,
    folder: Folder,
    person: ReviewDep,
    database: DatabaseDep,
    library: LibraryDep,
    note: Note = "",
) -> RedirectResponse:
    """Return a draft to its writers, with a note."""
    person.must(Act.REVIEW, folder)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder)
        reviewing.give_back(session, place.edition, draft, hand_of(person), str(clean(note)))
    return see_other(f"{place.path}/duyet")


@router.post("/-/soan/bai/{slug}/{folder}/dong-y")
def approve(
    slug: Slug,
    folder: Folder,
    person: ReviewDep,
    database: DatabaseDep,
    library: LibraryDep,
    settings: SettingsDep,
) -> RedirectResponse:
    """Sign what was handed in."""
    person.must(Act.REVIEW, folder)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        draft = open_draft(session, slug, folder)
        reviewing.approve(
            session, place.edition, draft, hand_of(person), two_people=settings.two_people
        )
    return see_other(f"{place.path}/duyet#len")


@router.post("/-/soan/bai/{slug}/{folder}/dua-len")
async def publish(
    request: Request,
    slug: Slug,
    folder: Folder,
    person: PublishDep,
    database: DatabaseDep,
    library: LibraryDep,
    press: PressDep,
    settings: SettingsDep,
) -> RedirectResponse:
    """Show the newest revision to villagers: a job; nothing else changes their page."""
    person.must(Act.PUBLISH, folder)
    form = await request.form(max_fields=40)
    texts = {key: str(value)[:400] for key, value in form.items()}
    weights = {
        key.removeprefix("weight-"): Weight(value)
        for key, value in texts.items()
        if key.startswith("weight-") and value in set(Weight)
    }
    with database.read() as session:
        place = place_of(session, slug, folder, library)
        over = is_over(draft_cost(session, press, place))
    wish = editing.Wish(
        reason=str(clean(texts.get("reason", ""))),
        is_over=over,
        two_people=settings.two_people,
        weights=weights,
    )
    with database.write() as session:
        job = editing.show(session, slug, folder, hand_of(person), wish)
    return see_other(f"{place.path}/dang-len/{job}")


@router.post("/-/soan/bai/{slug}/{folder}/cat-di")
def take_away(
    slug: Slug,
    folder: Folder,
    person: PublishDep,
    database: DatabaseDep,
    road: RoadDep,
    note: Note = "",
) -> RedirectResponse:
    """Take an edition away from villagers."""
    person.must(Act.PUBLISH, folder)
    if not note.strip():
        raise ChangeRefused(_("Viết vì sao cất bài này đi."))
    road.withdraw(slug, folder)
    with database.write() as session:
        edition = find_edition(session, slug, folder)
        number = edition.published_revision
        hand = hand_of(person)
        reviewing.do(session, edition, Deed.WITHDRAWN, number, hand, str(clean(note)))
    return see_other(f"/-/soan/bai/{slug}/{folder}/duyet")


@router.post("/-/soan/bai/{slug}/{folder}/nhan-xet")
def say_something(
    slug: Slug,
    folder: Folder,
    person: WorkDep,
    database: DatabaseDep,
    library: LibraryDep,
    text: Annotated[str, Form(max_length=2000)] = "",
    step: Annotated[str, Form(max_length=60)] = "",
    kind: Annotated[RemarkKind, Form()] = RemarkKind.COMMENT,
    settle: Annotated[int, Form()] = 0,
) -> RedirectResponse:
    """Comment on a step, tell back what was heard, or settle a comment."""
    needed = Act.TELL_BACK if kind is RemarkKind.TOLD_BACK else Act.COMMENT
    person.must(needed, folder)
    with database.write() as session:
        place = place_of(session, slug, folder, library)
        if place.edition.id is None:
            raise ChangeRefused(_("Bản này chưa có chữ nào để nhận xét."))
        if settle:
            settle_remark(session, place.edition, settle)
        else:
            own = sentence_in(steps_of(place.draft.body).get(step, {}))
            hand, stamp = hand_of(person), stamp_of(own)
            remark(session, place.edition, step, kind, text, hand, of_sentence=stamp)
    return see_other(f"{place.path}/duyet#{step}")
