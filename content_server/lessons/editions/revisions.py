"""Revisions: how an edition is written down, and the life it goes through."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from content_server.errors import LessonNotFound, TransitionRefused
from content_server.lessons.bundle import digest_of
from content_server.lessons.editions.tables import (
    EditionRow,
    EditionState,
    Origin,
    RegistryRow,
    RevisionRow,
)
from content_server.lessons.lesson import Body, Lesson, Translation
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

LIFE: Mapping[EditionState, frozenset[EditionState]] = {
    EditionState.DRAFT: frozenset({EditionState.IN_REVIEW, EditionState.PUBLISHED}),
    EditionState.IN_REVIEW: frozenset({EditionState.DRAFT, EditionState.PUBLISHED}),
    EditionState.PUBLISHED: frozenset({EditionState.PUBLISHED, EditionState.WITHDRAWN}),
    EditionState.WITHDRAWN: frozenset({EditionState.DRAFT, EditionState.PUBLISHED}),
}


def moved(state: EditionState, to: EditionState) -> EditionState:
    """Return `to` when an edition may go there from `state`. Raises TransitionRefused."""
    if to not in LIFE[state]:
        raise TransitionRefused(
            _("Bài đang ở bước {state}, chưa chuyển sang {to} được.", state=state, to=to)
        )
    return to


def find_edition(session: Session, slug: str, folder: str) -> EditionRow:
    """Return the edition. Raises LessonNotFound."""
    query = select(EditionRow).where(EditionRow.slug == slug, EditionRow.folder == folder)
    if edition := session.exec(query).first():
        return edition
    raise LessonNotFound(_("Không có bài {slug} bằng tiếng {folder}.", slug=slug, folder=folder))


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


def open_edition(session: Session, slug: str, folder: str) -> EditionRow:
    """Return the edition, written down as an empty draft when it is new."""
    query = select(EditionRow).where(EditionRow.slug == slug, EditionRow.folder == folder)
    edition = session.exec(query).first()
    if edition is None:
        edition = EditionRow(slug=slug, folder=folder)
        session.add(edition)
        session.flush()
    return edition


def write_revision(
    session: Session, edition: EditionRow, body: Body, media: Mapping[str, str], origin: Origin
) -> tuple[RevisionRow, bool]:
    """Write `body` as the newest revision of its edition, and say whether anything was written.

    Nothing is written when the newest revision says the same; nor when files would overwrite what
    an editor changed on this server: the editor's revision is returned then.
    """
    latest = latest_revision(session, edition)
    digest = digest_of(body, media)
    if latest and (latest.digest == digest or origin is Origin.FILE is not latest.origin):
        return latest, False
    revision = RevisionRow(
        edition_id=_stored(edition.id),
        number=latest.number + 1 if latest else 1,
        origin=origin,
        digest=digest,
        body=body.model_dump(mode="json", exclude_defaults=True),
        media=dict(media),
    )
    session.add(revision)
    session.flush()
    return revision, True


def _stored(row_id: int | None) -> int:
    if row_id is None:
        raise TypeError
    return row_id


def publish(session: Session, edition: EditionRow, number: int) -> None:
    """Point the edition at revision `number`; an older number is a rollback."""
    edition.state = moved(edition.state, EditionState.PUBLISHED)
    edition.published_revision = number
    session.add(edition)


def withdraw(session: Session, edition: EditionRow) -> None:
    """Take the edition away from readers; its revisions stay."""
    edition.state = moved(edition.state, EditionState.WITHDRAWN)
    session.add(edition)


def body_of(revision: RevisionRow, folder: str) -> Body:
    """Return the revision's words and screens as a model."""
    model: type[Body] = Lesson if folder == SOURCE_FOLDER else Translation
    return model.model_validate(revision.body)


def write_register(
    session: Session, name: str, body: dict[str, Any], digest: str, origin: Origin
) -> bool:
    """Write a register, unless it says the same already or an editor changed it here."""
    row = session.get(RegistryRow, name)
    if row and (row.digest == digest or origin is Origin.FILE is not row.origin):
        return False
    session.merge(RegistryRow(name=name, origin=origin, digest=digest, body=body))
    return True
