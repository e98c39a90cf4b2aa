"""Remarks: what people say of a step, as the pages show it, and what of it was typed."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Depends, Form
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from content_server.accounts.audit_log import note as log
from content_server.accounts.roles import Act, Person
from content_server.editorial.drafts.spoken_parts import ENDING, TITLE, parts_of, words_in
from content_server.editorial.edits import Body
from content_server.editorial.review.comments import own_parts, remark, remarks_of, settle_remark
from content_server.editorial.tables import CommentKind, CommentRow
from content_server.errors import ChangeRefused, TwoPeopleNeeded
from content_server.lessons.editions.catalog import PublishedEdition
from content_server.lessons.lesson import Translation
from content_server.lessons.validation import source_fingerprint
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _
from content_server.site.tree.rendition_index import RenditionIndex, shelf_of
from content_server.web.dependencies import DatabaseDep, RegistriesDep, SettingsDep
from content_server.web.editor.edition_context import (
    EditionContext,
    Folder,
    Slug,
    actor_of,
    day,
    names_of,
    place_of,
    see_other,
    source_body,
)
from content_server.web.editor.rendition_urls import address_of
from content_server.web.permissions import WorkDep, whoever_may

router = APIRouter(include_in_schema=False)
CommentDep = Annotated[Person, Depends(whoever_may(Act.COMMENT))]
ACTS = {CommentKind.TOLD_BACK: Act.TELL_BACK, CommentKind.COMMENT: Act.COMMENT}


@dataclass(frozen=True)
class Said:
    """One remark as a page shows it."""

    id: int
    kind: CommentKind
    who: str
    when: str
    text: str
    voice: str  # address; empty when it was typed, or is being made
    is_spoken: bool
    is_old: bool  # the sentence has changed since
    settled: bool


def remarks_said(session: Session, place: EditionContext) -> dict[str, list[Said]]:
    """Return step id → what is said of it, oldest first."""
    rows = remarks_of(session, place.edition) if place.edition.id is not None else []
    names = names_of(session, {row.by_id for row in rows})
    shelf = _shelf_of({row.voice for row in rows if row.voice}, session)
    source = source_body(session, place.slug) if rows else {}
    found: dict[str, list[Said]] = {}
    for row in rows:
        now = source_fingerprint(_spoken_of(place, source, row.step))
        found.setdefault(row.step, []).append(_said(row, names, shelf, now))
    return found


def _spoken_of(place: EditionContext, source: Body, part: str) -> str:
    """Return the words a remark is about: one's own; the source's where a voice is all there is."""
    return words_in(place.draft.body, part) or words_in(source, part)


def _said(row: CommentRow, names: dict[int, str], shelf: RenditionIndex, now: str) -> Said:
    return Said(
        id=row.id or 0,
        kind=row.kind,
        who=names.get(row.by_id or 0, ""),
        when=day(row.at),
        text=row.text,
        voice=address_of(row.voice, {row.voice: row.voice}, shelf) if row.voice else "",
        is_spoken=bool(row.voice),
        is_old=bool(row.of_sentence) and row.of_sentence != now,
        settled=row.settled,
    )


def _shelf_of(digests: set[str], session: Session) -> RenditionIndex:
    media = dict(zip(digests, digests, strict=True))
    return shelf_of(session, [{SOURCE_FOLDER: PublishedEdition(0, "", Translation(), media)}])


@router.post("/-/soan/bai/{slug}/{folder}/nhan-xet")
def say_something(
    slug: Slug,
    folder: Folder,
    person: WorkDep,
    database: DatabaseDep,
    library: RegistriesDep,
    settings: SettingsDep,
    text: Annotated[str, Form(max_length=2000)] = "",
    step: Annotated[str, Form(max_length=60)] = "",
    kind: Annotated[CommentKind, Form()] = CommentKind.COMMENT,
    settle: Annotated[int, Form()] = 0,
    back: Annotated[str, Form(pattern="^(duyet|noi-lai)$")] = "duyet",
) -> RedirectResponse:
    """Comment on a step, tell back what was heard, or settle a comment."""
    person.must(ACTS[kind], folder)
    with database.write() as session:
        place = edition_of(session, slug, folder, library)
        if settle:
            settle_remark(session, place.edition, settle)
        else:
            if kind is CommentKind.TOLD_BACK and settings.two_people:
                check_second_ear(session, place, step, person)
            about = _spoken_of(place, source_body(session, slug), step)
            hand, stamp = actor_of(person), source_fingerprint(about)
            remark(session, place.edition, step, kind, text, hand, of_sentence=stamp)
            if kind is CommentKind.TOLD_BACK:
                log(session, person, "told_back", f"{slug}/{folder} {step}".strip())
        following = _next(session, place, step)
    told_on = f"?buoc={following}" if following else ""
    return see_other(f"{place.path}/noi-lai{told_on}" if back == "noi-lai" else _at(place, step))


def _at(place: EditionContext, step: str) -> str:
    return f"{place.path}/duyet#{anchor_of(step)}"


def anchor_of(part: str) -> str:
    """Return where the review page shows a part; no step is called so."""
    return {TITLE: "mo_dau", ENDING: "ket_bai"}.get(part, part)


def _next(session: Session, place: EditionContext, step: str) -> str:
    names = list(parts_of(source_body(session, place.slug)))
    return dict(pairwise(names)).get(step, "")


def edition_of(session: Session, slug: str, folder: str, library: RegistriesDep) -> EditionContext:
    place = place_of(session, slug, folder, library)
    if place.edition.id is None:
        raise ChangeRefused(_("Bản này chưa có chữ nào để nhận xét."))
    return place


def check_second_ear(session: Session, place: EditionContext, step: str, person: Person) -> None:
    """Raise TwoPeopleNeeded for who recorded a step, or wrote it where it has no voice."""
    if step in own_parts(session, place.draft, person.id):
        raise TwoPeopleNeeded(
            _("Bước này do chính bác thu hoặc viết. Nhờ một người khác nghe rồi nói lại giúp.")
        )
