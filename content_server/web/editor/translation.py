"""Translating side by side: the source sentence, one's own beside it, and what has grown old."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from content_server.lessons.checks import stamp_of
from content_server.lessons.draft_tables import RemarkKind
from content_server.lessons.drafts import conflicts_of
from content_server.lessons.edits import Body, dict_of
from content_server.lessons.remarks import remarks_of
from content_server.lessons.reviewing import source_of
from content_server.lessons.sheets import read_draft
from content_server.lessons.staleness import (
    Freshness,
    freshness,
    sentence_in,
    sentence_with,
    small_changes,
    steps_of,
)
from content_server.lessons.worddiff import Piece, word_diff
from content_server.lessons.wordlists import Line, lesson_lines, step_lines
from content_server.people.roles import Act, Person
from content_server.site.shelf import Shelf
from content_server.web.editor.desk import Place, clock, source_body
from content_server.web.editor.views import PictureView, picture_view
from content_server.web.rendering import render

NO_SHELF = Shelf({})


@dataclass(frozen=True)
class Pair:
    """One step of the source and its translation."""

    id: str
    number: int
    picture: PictureView
    lines: tuple[Line, ...]
    fresh: Freshness
    diff: tuple[Piece, ...]  # how the source has changed since
    stamp: str  # of the source sentence now
    told_back: str
    source_voice: str | None
    own_voice: str | None


def translation_page(
    request: Request, place: Place, person: Person, session: Session
) -> HTMLResponse:
    """Show a translation beside its source."""
    source = source_body(session, place.slug)
    fresh = freshness(source, place.draft.body, small_changes(session, place.slug))
    told = _told_back(session, place)
    _model, problems = read_draft(place.draft.body, source_of(session, place.slug), place.library)
    return render(
        request,
        "editor/translation.html",
        place=place,
        pairs=[
            _pair(session, place, step, number, fresh[name], told.get(name, ""))
            for number, (name, step) in enumerate(steps_of(source).items(), 1)
        ],
        lesson=list(lesson_lines(source, place.draft.body)),
        problems=problems,
        saved=clock(place.draft.saved_at) if place.draft.id else "",
        conflicts=len(conflicts_of(session, place.draft)) if place.draft.id else 0,
        can_write=person.may(Act.TRANSLATE, place.folder),
        languages=list(place.library.locales.values()),
    )


def _pair(  # a pair is all of this
    session: Session, place: Place, step: Body, number: int, fresh: Freshness, told: str
) -> Pair:
    name, now = str(step["id"]), sentence_in(step)
    own = dict_of(dict_of(place.draft.body.get("steps")).get(name))
    before = ""
    if fresh.words_stale:
        before = sentence_with(session, place.slug, name, own.get("made_from"))
    return Pair(
        id=name,
        number=number,
        picture=picture_view(step, str(step.get("tap") or ""), NO_SHELF, {}),
        lines=tuple(step_lines(name, step, own)),
        fresh=fresh,
        diff=word_diff(before, now) if before else (),
        stamp=stamp_of(now),
        told_back=told,
        source_voice=step.get("voice"),
        own_voice=own.get("voice"),
    )


def _told_back(session: Session, place: Place) -> dict[str, str]:
    """Return step id → what a second speaker understood last."""
    if place.edition.id is None:
        return {}
    remarks = remarks_of(session, place.edition)
    return {row.step: row.text for row in remarks if row.kind is RemarkKind.TOLD_BACK}
