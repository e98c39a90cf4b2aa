"""Remarks: what people say of a step, typed or spoken; a second speaker tells back what was heard.

Whoever tells back hears the voice and sees no Vietnamese: only so it shows what the voice says.
"""

import asyncio
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from content_server.errors import ChangeRefused
from content_server.lessons.catalog import Version
from content_server.lessons.checks import stamp_of
from content_server.lessons.draft_tables import RemarkKind, RemarkRow
from content_server.lessons.drafts import draft_of
from content_server.lessons.lesson import Translation
from content_server.lessons.remarks import remark, remarks_of, settle_remark
from content_server.lessons.staleness import sentence_in, steps_of
from content_server.locales import SOURCE_FOLDER
from content_server.media.medium import Medium
from content_server.people.roles import Act, Person
from content_server.phrases import _
from content_server.receiving import condition_of, source_or_none
from content_server.site.shelf import Shelf, shelf_of
from content_server.web.deps import DatabaseDep, LibraryDep, SessionDep
from content_server.web.editor.desk import (
    Folder,
    Place,
    PlaceDep,
    Slug,
    day,
    hand_of,
    names_of,
    place_of,
    see_other,
    source_body,
)
from content_server.web.editor.media import Handed, handed
from content_server.web.editor.recorder import Part
from content_server.web.editor.shelves import address_of, shelf_for
from content_server.web.editor.views import picture_view
from content_server.web.rendering import render
from content_server.web.who import WorkDep, whoever_may

router = APIRouter(include_in_schema=False)
TellBackDep = Annotated[Person, Depends(whoever_may(Act.TELL_BACK))]
CommentDep = Annotated[Person, Depends(whoever_may(Act.COMMENT))]
SPOKEN_S = 60  # a remark may take longer than a step's own voice
ACTS = {RemarkKind.TOLD_BACK: Act.TELL_BACK, RemarkKind.COMMENT: Act.COMMENT}


@dataclass(frozen=True)
class Said:
    """One remark as a page shows it."""

    id: int
    kind: RemarkKind
    who: str
    when: str
    text: str
    voice: str  # address; empty when it was typed, or is being made
    is_spoken: bool
    is_old: bool  # the sentence has changed since
    settled: bool


class Spoken(BaseModel):
    """A recording of what somebody says of a step, as the phone sends it."""

    part: str = Field(max_length=60)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    stamp: str = Field(pattern=r"^[0-9a-f]{6}$")  # of the words that stood on the page


def remarks_said(session: Session, place: Place) -> dict[str, list[Said]]:
    """Return step id → what is said of it, oldest first."""
    rows = remarks_of(session, place.edition) if place.edition.id is not None else []
    names = names_of(session, {row.by_id for row in rows})
    shelf = _shelf_of({row.voice for row in rows if row.voice}, session)
    own = steps_of(place.draft.body)
    found: dict[str, list[Said]] = {}
    for row in rows:
        now = stamp_of(sentence_in(own.get(row.step, {})))
        found.setdefault(row.step, []).append(_said(row, names, shelf, now))
    return found


def _said(row: RemarkRow, names: dict[int, str], shelf: Shelf, now: str) -> Said:
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


def _shelf_of(digests: set[str], session: Session) -> Shelf:
    media = dict(zip(digests, digests, strict=True))
    return shelf_of(session, [{SOURCE_FOLDER: Version(0, "", Translation(), media)}])


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
    back: Annotated[str, Form(pattern="^(duyet|noi-lai)$")] = "duyet",
) -> RedirectResponse:
    """Comment on a step, tell back what was heard, or settle a comment."""
    person.must(ACTS[kind], folder)
    with database.write() as session:
        place = _edition_of(session, slug, folder, library)
        if settle:
            settle_remark(session, place.edition, settle)
        else:
            own = sentence_in(steps_of(place.draft.body).get(step, {}))
            hand, stamp = hand_of(person), stamp_of(own)
            remark(session, place.edition, step, kind, text, hand, of_sentence=stamp)
        following = _next(session, place, step)
    told_on = f"?buoc={following}" if following else ""
    return see_other(f"{place.path}/noi-lai{told_on}" if back == "noi-lai" else _at(place, step))


def _at(place: Place, step: str) -> str:
    return f"{place.path}/duyet#{step}"


def _next(session: Session, place: Place, step: str) -> str:
    names = list(steps_of(source_body(session, place.slug)))
    return dict(pairwise(names)).get(step, "")


def _edition_of(session: Session, slug: str, folder: str, library: LibraryDep) -> Place:
    place = place_of(session, slug, folder, library)
    if place.edition.id is None:
        raise ChangeRefused(_("Bản này chưa có chữ nào để nhận xét."))
    return place


@router.get("/-/soan/bai/{slug}/{folder}/noi-lai")
def tell_back_page(
    request: Request, person: TellBackDep, place: PlaceDep, session: SessionDep, buoc: str = ""
) -> HTMLResponse:
    """Let a second speaker hear step by step, and say in Vietnamese what was heard."""
    person.must(Act.TELL_BACK, place.folder)
    return _speaking_page(request, place, session, RemarkKind.TOLD_BACK, buoc)


@router.get("/-/soan/bai/{slug}/{folder}/noi")
def comment_page(
    request: Request, person: CommentDep, place: PlaceDep, session: SessionDep, buoc: str = ""
) -> HTMLResponse:
    """Let somebody say aloud what they think of a step."""
    person.must(Act.COMMENT, place.folder)
    return _speaking_page(request, place, session, RemarkKind.COMMENT, buoc)


def _speaking_page(
    request: Request, place: Place, session: Session, kind: RemarkKind, first: str
) -> HTMLResponse:
    parts = _parts(session, place, kind)
    if not parts:
        raise ChangeRefused(_("Bản này chưa có chữ nào để nhận xét."))
    return render(
        request,
        "editor/speaking.html",
        place=place,
        parts=parts,
        first=first if any(part.id == first for part in parts) else parts[0].id,
        most_s=SPOKEN_S,
        telling_back=kind is RemarkKind.TOLD_BACK,
        hides_picture=kind is RemarkKind.TOLD_BACK,
    )


def _parts(session: Session, place: Place, kind: RemarkKind) -> list[Part]:
    """Return every step that says something, and whether somebody spoke of it already."""
    source, own = steps_of(source_body(session, place.slug)), steps_of(place.draft.body)
    source_draft = draft_of(session, place.slug, SOURCE_FOLDER)
    shelf, source_shelf = shelf_for(session, place.draft), shelf_for(session, source_draft)
    said = remarks_said(session, place)
    parts = []
    for number, (name, step) in enumerate(source.items(), 1):
        mine = own.get(name, {})
        spoken = [each for each in said.get(name, ()) if each.kind is kind]
        tap = str(step.get("tap") or "")
        part = Part(
            id=name,
            name=_("Bước {number}", number=number),
            source=sentence_in(step),
            own=sentence_in(mine),
            picture=picture_view(step, tap, source_shelf, source_draft.media),
            source_voice=address_of(step.get("voice"), source_draft.media, source_shelf),
            voice=address_of(mine.get("voice"), place.draft.media, shelf),
            has_voice=bool(spoken),
            is_stale=bool(spoken) and spoken[-1].is_old,
        )
        if part.voice or part.own:
            parts.append(part)
    return parts


@router.post("/-/soan/bai/{slug}/{folder}/noi-lai")
async def told_back_aloud(
    slug: Slug,
    folder: Folder,
    spoken: Spoken,
    person: TellBackDep,
    database: DatabaseDep,
    library: LibraryDep,
) -> Handed:
    """Keep a recording of what a second speaker understood."""
    return await asyncio.to_thread(
        _kept, database, library, person, (slug, folder), spoken, RemarkKind.TOLD_BACK
    )


@router.post("/-/soan/bai/{slug}/{folder}/noi")
async def commented_aloud(
    slug: Slug,
    folder: Folder,
    spoken: Spoken,
    person: CommentDep,
    database: DatabaseDep,
    library: LibraryDep,
) -> Handed:
    """Keep a spoken comment."""
    return await asyncio.to_thread(
        _kept, database, library, person, (slug, folder), spoken, RemarkKind.COMMENT
    )


def _kept(
    database: DatabaseDep,
    library: LibraryDep,
    person: Person,
    where: tuple[str, str],
    spoken: Spoken,
    kind: RemarkKind,
) -> Handed:
    """Write a spoken remark down; the same recording again is the same remark."""
    person.must(ACTS[kind], where[1])
    with database.write() as session:
        if source_or_none(session, spoken.digest, Medium.VOICE) is None:
            raise ChangeRefused(_("Máy chủ chưa nhận được lời thu này. Máy sẽ tự gửi lại."))
        place = _edition_of(session, *where, library)
        if spoken.part not in steps_of(source_body(session, place.slug)):
            raise ChangeRefused(_("Bước này vừa bị xóa. Mở lại trang để thấy bài bây giờ."))
        known = {(row.step, row.kind, row.voice) for row in remarks_of(session, place.edition)}
        if (spoken.part, kind, spoken.digest) not in known:
            remark(
                session,
                place.edition,
                spoken.part,
                kind,
                "",
                hand_of(person),
                voice=spoken.digest,
                of_sentence=spoken.stamp,
            )
        condition = condition_of(session, spoken.digest)
    return handed(person, spoken.digest, condition)
