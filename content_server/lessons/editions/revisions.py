"""Revisions of editions in the database, and the states an edition moves through."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from content_server.errors import InvalidTransition, LessonNotFound
from content_server.lessons.bundle import edition_digest
from content_server.lessons.editions.tables import (
    EditionRef,
    EditionRow,
    EditionState,
    Origin,
    RevisionRow,
)
from content_server.lessons.lesson import EditionBody, Lesson, Translation
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

TRANSITIONS: Mapping[EditionState, frozenset[EditionState]] = {
    EditionState.DRAFT: frozenset({EditionState.IN_REVIEW, EditionState.PUBLISHED}),
    EditionState.IN_REVIEW: frozenset({EditionState.DRAFT, EditionState.PUBLISHED}),
    EditionState.PUBLISHED: frozenset({EditionState.PUBLISHED, EditionState.WITHDRAWN}),
    EditionState.WITHDRAWN: frozenset({EditionState.DRAFT, EditionState.PUBLISHED}),
}


def transition_state(state: EditionState, to: EditionState) -> EditionState:
    """Return `to` when `state` may change to it. Raises InvalidTransition."""
    if to not in TRANSITIONS[state]:
        raise InvalidTransition(
            _("Bài đang ở bước {state}, chưa chuyển sang {to} được.", state=state, to=to)
        )
    return to


def find_edition(session: Session, ref: EditionRef) -> EditionRow:
    """Return the edition. Raises LessonNotFound."""
    if edition := _find_edition_or_none(session, ref):
        return edition
    raise edition_not_found(ref)


def edition_not_found(ref: EditionRef) -> LessonNotFound:
    return LessonNotFound(
        _("Không có bài {slug} bằng tiếng {folder}.", slug=ref.slug, folder=ref.folder)
    )


def _find_edition_or_none(session: Session, ref: EditionRef) -> EditionRow | None:
    query = select(EditionRow).where(EditionRow.slug == ref.slug, EditionRow.folder == ref.folder)
    return session.exec(query).first()


def latest_revision(session: Session, edition: EditionRow) -> RevisionRow | None:
    query = (
        select(RevisionRow)
        .where(RevisionRow.edition_id == edition.id)
        .order_by(col(RevisionRow.number).desc())
        .limit(1)
    )
    return session.exec(query).first()


def published_revision(session: Session, edition: EditionRow) -> RevisionRow | None:
    query = select(RevisionRow).where(
        RevisionRow.edition_id == edition.id, RevisionRow.number == edition.published_revision
    )
    return session.exec(query).first()


def get_or_create_edition(session: Session, ref: EditionRef) -> EditionRow:
    """Return the edition; a new one is created without any revision."""
    edition = _find_edition_or_none(session, ref)
    if edition is None:
        edition = EditionRow(slug=ref.slug, folder=ref.folder)
        session.add(edition)
        session.flush()
    return edition


def write_revision(
    session: Session,
    edition: EditionRow,
    body: EditionBody,
    media: Mapping[str, str],
    origin: Origin,
) -> tuple[RevisionRow, bool]:
    """Write `body` as an edition's newest revision; return the revision and whether it is new.

    Nothing is written when the newest revision is the same, or when files would overwrite an
    editor's revision made on this server: the existing revision is returned then.
    """
    latest = latest_revision(session, edition)
    digest = edition_digest(body, media)
    if latest and (latest.digest == digest or origin is Origin.FILE is not latest.origin):
        return latest, False
    revision = RevisionRow(
        edition_id=_require_id(edition.id),
        number=latest.number + 1 if latest else 1,
        origin=origin,
        digest=digest,
        body=body.model_dump(mode="json", exclude_defaults=True),
        media=dict(media),
    )
    session.add(revision)
    session.flush()
    return revision, True


def _require_id(row_id: int | None) -> int:
    if row_id is None:
        raise TypeError
    return row_id


def mark_published(session: Session, edition: EditionRow, number: int) -> None:
    """Mark revision `number` of the edition as published; an older number is a rollback."""
    edition.state = transition_state(edition.state, EditionState.PUBLISHED)
    edition.published_revision = number
    session.add(edition)


def mark_withdrawn(session: Session, edition: EditionRow) -> None:
    """Mark the edition as withdrawn; its revisions stay."""
    edition.state = transition_state(edition.state, EditionState.WITHDRAWN)
    session.add(edition)


def revision_body(revision: RevisionRow, folder: str) -> EditionBody:
    """Return the revision's body as a model: a Lesson for the source folder, else a Translation."""
    model: type[EditionBody] = Lesson if folder == SOURCE_FOLDER else Translation
    return model.model_validate(revision.body)
