"""Comments on a step of an edition, typed or recorded; back-translations are one kind of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from content_server.editorial.edits import clean_value
from content_server.editorial.review.workflow import Actor
from content_server.editorial.tables import CommentKind, CommentRow
from content_server.errors import ChangeRejected
from content_server.lessons.editions.tables import EditionRow
from content_server.phrases import _


@dataclass(frozen=True)
class NewComment:
    """A comment to be stored: its step ("": the whole lesson), kind, and words or recording.

    `voice` is the digest of the recording; `sentence_fingerprint` that of the sentence the comment
    is about.
    """

    step: str
    kind: CommentKind
    text: str = ""
    voice: str | None = None
    sentence_fingerprint: str = ""


def add_comment(
    session: Session, edition: EditionRow, comment: NewComment, actor: Actor
) -> CommentRow:
    """Store a comment. Raises ChangeRejected without text and recording."""
    text = str(clean_value(comment.text))
    if not text and not comment.voice:
        raise ChangeRejected(_("Chưa có chữ nào để gửi."))
    row = CommentRow(
        edition_id=edition.id or 0,
        step=comment.step[:60],
        kind=comment.kind,
        text=text[:1000],
        voice=comment.voice,
        source_fingerprint=comment.sentence_fingerprint,
        actor_id=actor.id,
    )
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
