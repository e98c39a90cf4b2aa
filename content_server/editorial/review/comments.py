"""Remarks: what people say about a step — a comment, or what a listener understood of it."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from content_server.editorial.drafts.spoken_parts import ENDING, TITLE, stamp_keys, voice_in
from content_server.editorial.edits import clean
from content_server.editorial.review.consents import speakers_of
from content_server.editorial.review.workflow import Actor
from content_server.editorial.status.staleness import steps_of
from content_server.editorial.tables import CommentKind, CommentRow, DraftRow
from content_server.errors import ChangeRefused
from content_server.lessons.editions.tables import EditionRow
from content_server.phrases import _


def remark(  # noqa: PLR0913, PLR0917  # a remark is all of this
    session: Session,
    edition: EditionRow,
    step: str,
    kind: CommentKind,
    text: str,
    by: Actor,
    *,
    voice: str | None = None,
    of_sentence: str = "",
) -> CommentRow:
    """Write down what somebody says about a step. Raises ChangeRefused when nothing is said."""
    text = str(clean(text))
    if not text and not voice:
        raise ChangeRefused(_("Chưa có chữ nào để gửi."))
    row = CommentRow(edition_id=edition.id or 0, step=step[:60], kind=kind, text=text[:1000])
    row.voice, row.by_id, row.of_sentence = voice, by.id, of_sentence
    session.add(row)
    session.flush()
    return row


def own_parts(session: Session, row: DraftRow, person_id: int) -> frozenset[str]:
    """Return the parts a person recorded, or wrote where there is no voice to hear.

    Whoever made what is heard cannot tell back whether it is understood.
    """
    parts = [TITLE, *steps_of(row.body), ENDING]
    voices = {part: row.media.get(voice_in(row.body, part), "") for part in parts}
    speakers = speakers_of(session, filter(None, voices.values()))
    found = set()
    for part, digest in voices.items():
        stamps = (row.stamps.get(key, {}) for key in stamp_keys(part))
        makers = [speakers.get(digest)] if digest else [each.get("by_id") for each in stamps]
        if person_id in makers:
            found.add(part)
    return frozenset(found)


def remarks_of(session: Session, edition: EditionRow) -> list[CommentRow]:
    """Return all that is said about an edition's steps, oldest first."""
    query = select(CommentRow).where(CommentRow.edition_id == edition.id)
    newest = query.order_by(col(CommentRow.id).desc()).limit(500)
    return list(reversed(session.exec(newest).all()))


def settle_remark(session: Session, edition: EditionRow, remark_id: int) -> None:
    """Mark a remark as done with; one that is not there is done with already."""
    row = session.get(CommentRow, remark_id)
    if row and row.edition_id == edition.id:
        row.settled = True
        session.add(row)


def said_by(session: Session, person_id: int) -> list[CommentRow]:
    """Return everything a person has said about steps, newest first."""
    query = select(CommentRow).where(CommentRow.by_id == person_id)
    return list(session.exec(query.order_by(col(CommentRow.id).desc()).limit(2_000)))


def silence(session: Session, rows: Iterable[CommentRow]) -> None:
    """Take the voices out of remarks; one that was only spoken goes."""
    for row in rows:
        if not row.voice:
            continue
        row.voice = None
        session.add(row)
        if not row.text:
            session.delete(row)
    session.flush()


def spoken_with(session: Session, digest: str) -> list[CommentRow]:
    """Return the remarks whose voice is this source."""
    return list(session.exec(select(CommentRow).where(CommentRow.voice == digest)))
