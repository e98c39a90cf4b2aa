"""Comments on a step of an edition, typed or recorded; back-translations are one kind of them."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from content_server.editorial.edits import clean_value
from content_server.editorial.review.workflow import Actor
from content_server.editorial.tables import CommentKind, CommentRow
from content_server.errors import ChangeRejected
from content_server.lessons.editions.tables import EditionRow
from content_server.phrases import _


def add_comment(  # noqa: PLR0913, PLR0917  # the fields of a comment
    session: Session,
    edition: EditionRow,
    step: str,
    kind: CommentKind,
    text: str,
    actor: Actor,
    *,
    voice: str | None = None,
    sentence_fingerprint: str = "",
) -> CommentRow:
    """Store a comment on a step. Raises ChangeRejected without text and recording.

    `voice`: digest of the recording. `sentence_fingerprint`: of the sentence the comment is about.
    """
    text = str(clean_value(text))
    if not text and not voice:
        raise ChangeRejected(_("Chưa có chữ nào để gửi."))
    row = CommentRow(edition_id=edition.id or 0, step=step[:60], kind=kind, text=text[:1000])
    row.voice, row.actor_id, row.source_fingerprint = voice, actor.id, sentence_fingerprint
    session.add(row)
    session.flush()
    return row


def comments_of(session: Session, edition: EditionRow) -> list[CommentRow]:
    """Return the newest 500 comments on an edition, oldest first."""
    query = select(CommentRow).where(CommentRow.edition_id == edition.id)
    newest = query.order_by(col(CommentRow.id).desc()).limit(500)
    return list(reversed(session.exec(newest).all()))


def resolve_comment(session: Session, edition: EditionRow, comment_id: int) -> None:
    """Mark a comment as resolved; does nothing when it does not exist."""
    row = session.get(CommentRow, comment_id)
    if row and row.edition_id == edition.id:
        row.resolved = True
        session.add(row)


def comments_by(session: Session, person_id: int) -> list[CommentRow]:
    """Return a person's comments on all editions, newest first."""
    query = select(CommentRow).where(CommentRow.actor_id == person_id)
    return list(session.exec(query.order_by(col(CommentRow.id).desc()).limit(2_000)))


def remove_recordings(session: Session, rows: Iterable[CommentRow]) -> None:
    """Remove the recordings of comments; delete comments that had only a recording."""
    for row in rows:
        if not row.voice:
            continue
        row.voice = None
        session.add(row)
        if not row.text:
            session.delete(row)
    session.flush()


def comments_with_recording(session: Session, digest: str) -> list[CommentRow]:
    """Return the comments whose recording is this source."""
    return list(session.exec(select(CommentRow).where(CommentRow.voice == digest)))
