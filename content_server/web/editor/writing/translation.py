"""Translating side by side: the source sentence, one's own beside it, and what has grown old."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from content_server.accounts.roles import Act, Person
from content_server.editorial.drafts.draft_validation import read_draft
from content_server.editorial.drafts.drafts import conflicts_of, draft_of
from content_server.editorial.edits import Body, dict_of
from content_server.editorial.exchange.text_tables import Line, lesson_lines, step_lines
from content_server.editorial.review.comments import remarks_of
from content_server.editorial.review.word_diff import Piece, word_diff
from content_server.editorial.review.workflow import source_of
from content_server.editorial.status.staleness import (
    Freshness,
    freshness,
    sentence_in,
    sentence_with,
    small_changes,
    steps_of,
)
from content_server.editorial.tables import CommentKind
from content_server.lessons.validation import source_fingerprint
from content_server.locales import SOURCE_FOLDER
from content_server.site.tree.rendition_index import RenditionIndex
from content_server.web.editor.edition_context import EditionContext, clock, source_body
from content_server.web.editor.rendition_urls import address_of, shelf_for
from content_server.web.editor.step_views import PictureView, picture_view
from content_server.web.rendering import render


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
    spoken: tuple[Piece, ...]  # how the words have changed since they were recorded
    spoken_stamp: str  # of the words a recording would say now
    told_back: str
    source_voice: str  # address; empty when there is none, or it is being made
    own_voice: str
    has_voice: bool


def translation_page(
    request: Request, place: EditionContext, person: Person, session: Session
) -> HTMLResponse:
    """Show a translation beside its source."""
    source = source_body(session, place.slug)
    fresh = freshness(source, place.draft.body, small_changes(session, place.slug))
    told = _told_back(session, place)
    source_draft = draft_of(session, place.slug, SOURCE_FOLDER)
    shown = shelf_for(session, source_draft), source_draft.media
    _model, problems = read_draft(place.draft.body, source_of(session, place.slug), place.library)
    return render(
        request,
        "editor/translation.html",
        place=place,
        pairs=[
            _pair(session, place, step, number, fresh[name], told.get(name, ""), shown)
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
    session: Session,
    place: EditionContext,
    step: Body,
    number: int,
    fresh: Freshness,
    told: str,
    shown: tuple[RenditionIndex, dict[str, str]],
) -> Pair:
    name, now = str(step["id"]), sentence_in(step)
    own = dict_of(dict_of(place.draft.body.get("steps")).get(name))
    before = ""
    if fresh.words_stale:
        before = sentence_with(session, place.slug, name, own.get("made_from"))
    shelf, media = shown
    own_shelf = shelf_for(session, place.draft)
    return Pair(
        id=name,
        number=number,
        picture=picture_view(step, str(step.get("tap") or ""), shelf, media),
        lines=tuple(step_lines(name, step, own)),
        fresh=fresh,
        diff=word_diff(before, now) if before else (),
        stamp=source_fingerprint(now),
        spoken=spoken_since(session, place, name, own, now) if fresh.voice_stale else (),
        spoken_stamp=source_fingerprint(sentence_in(own) or now),
        told_back=told,
        source_voice=address_of(step.get("voice"), media, shelf),
        own_voice=address_of(own.get("voice"), place.draft.media, own_shelf),
        has_voice=bool(own.get("voice")),
    )


def spoken_since(
    session: Session, place: EditionContext, name: str, own: Body, source: str
) -> tuple[Piece, ...]:
    """Return how the words a recording says have changed since; nothing when none are known."""
    stamp, now = own.get("spoken_from"), sentence_in(own) or source
    folders = (place.folder, SOURCE_FOLDER)  # a voice alone speaks of the source
    found = (sentence_with(session, place.slug, name, stamp, folder) for folder in folders)
    before = next((sentence for sentence in found if sentence), "")
    return word_diff(before, now) if before else ()


def _told_back(session: Session, place: EditionContext) -> dict[str, str]:
    """Return step id → what a second speaker understood last."""
    if place.edition.id is None:
        return {}
    remarks = remarks_of(session, place.edition)
    return {row.step: row.text for row in remarks if row.kind is CommentKind.TOLD_BACK}
