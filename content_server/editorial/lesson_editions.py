"""The editions of a lesson as one transaction reads them, for decisions about publishing."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from content_server.editorial.tables import WorkflowEvent, WorkflowEventRow
from content_server.lessons.editions.revisions import edition_not_found
from content_server.lessons.editions.tables import (
    EditionRef,
    EditionRow,
    EditionState,
    RevisionRow,
)


@dataclass(frozen=True)
class LoadedEdition:
    """An edition with its newest and its published revision.

    `approved` are the numbers of revisions that were approved or published before.
    """

    row: EditionRow
    latest: RevisionRow | None
    published: RevisionRow | None
    approved: frozenset[int]

    @property
    def is_published(self) -> bool:
        return self.row.state is EditionState.PUBLISHED


def load_lesson_editions(session: Session, ref: EditionRef) -> dict[str, LoadedEdition]:
    """Return every edition of the lesson by language folder.

    Raises LessonNotFound when the edition `ref` is not among them.
    """
    rows = session.exec(select(EditionRow).where(EditionRow.slug == ref.slug)).all()
    if all(row.folder != ref.folder for row in rows):
        raise edition_not_found(ref)
    ids = [row.id for row in rows]
    revisions = {(each.edition_id, each.number): each for each in _load_revisions(session, ids)}
    approved = _load_approved(session, ids)
    latest = dict(sorted(revisions))  # edition id → its highest number
    return {
        row.folder: LoadedEdition(
            row,
            latest=revisions.get((row.id or 0, latest.get(row.id or 0, 0))),
            published=revisions.get((row.id or 0, row.published_revision or 0)),
            approved=frozenset(number for edition_id, number in approved if edition_id == row.id),
        )
        for row in rows
    }


def _load_revisions(session: Session, edition_ids: list[int | None]) -> list[RevisionRow]:
    """Return the newest and the published revision of each edition."""
    newest = (
        select(sa.func.max(RevisionRow.number))
        .where(RevisionRow.edition_id == EditionRow.id)
        .correlate(EditionRow)
        .scalar_subquery()
    )
    query = (
        select(RevisionRow)
        .join(EditionRow)
        .where(
            col(EditionRow.id).in_(edition_ids),
            col(RevisionRow.number).in_([newest, EditionRow.published_revision]),
        )
    )
    return list(session.exec(query))


def _load_approved(session: Session, edition_ids: list[int | None]) -> set[tuple[int, int]]:
    """Return (edition id, number) of every revision that was approved or published."""
    query = select(WorkflowEventRow.edition_id, WorkflowEventRow.revision).where(
        col(WorkflowEventRow.edition_id).in_(edition_ids),
        col(WorkflowEventRow.event).in_([WorkflowEvent.APPROVED, WorkflowEvent.PUBLISHED]),
    )
    return {(edition, number) for edition, number in session.exec(query) if number is not None}
