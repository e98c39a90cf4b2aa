"""Reviewing: a draft is handed in, returned or approved, shown to villagers, and rolled back.

Every act is one row that never changes. Whoever wrote cannot approve while two people are needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from content_server.editorial.drafts.draft_validation import missing_media, read_draft
from content_server.editorial.edits import Body
from content_server.editorial.tables import DraftRow, DraftState, WorkflowEvent, WorkflowEventRow
from content_server.errors import ChangeRefused, DraftIncomplete, TwoPeopleNeeded
from content_server.lessons.bundle import media_of
from content_server.lessons.editions.revisions import (
    body_of,
    find_edition,
    latest_revision,
    moved,
    write_revision,
)
from content_server.lessons.editions.tables import EditionRow, EditionState, Origin, RevisionRow
from content_server.lessons.lesson import Body as Model
from content_server.lessons.lesson import Lesson, Review, Translation
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

MOST_SHOWN = 100


@dataclass(frozen=True)
class Actor:
    """Who acts, by number and name."""

    id: int
    name: str


def source_of(session: Session, slug: str) -> Lesson | None:
    """Return the newest source edition that is complete; None while there is none."""
    latest = latest_revision(session, find_edition(session, slug, SOURCE_FOLDER))
    body = body_of(latest, SOURCE_FOLDER) if latest else None
    return body if isinstance(body, Lesson) else None


def finished(session: Session, slug: str, folder: str, row: DraftRow, library: Registries) -> Model:
    """Return a draft as a whole edition. Raises DraftIncomplete with every gap."""
    source = None if folder == SOURCE_FOLDER else source_of(session, slug)
    if folder != SOURCE_FOLDER and source is None:
        raise ChangeRefused(_("Bản tiếng Việt chưa xong, nên chưa gửi bản dịch được."))
    model, problems = read_draft(row.body, source, library)
    if model is None or problems or (gaps := missing_media(model, row.media)):
        raise DraftIncomplete(problems or gaps)
    return model


def submit(  # noqa: PLR0913, PLR0917  # an act is all of this
    session: Session,
    slug: str,
    folder: str,
    row: DraftRow,
    library: Registries,
    by: Actor,
    note: str = "",
) -> RevisionRow:
    """Hand a draft in for review: it becomes a revision. Raises DraftIncomplete."""
    model = finished(session, slug, folder, row, library)
    edition = find_edition(session, slug, folder)
    revision = keep(session, edition, model, row.media, by, note)
    row.state, row.base = DraftState.IN_REVIEW, revision.number
    session.add(row)
    if edition.state is EditionState.DRAFT:
        edition.state = moved(edition.state, EditionState.IN_REVIEW)
        session.add(edition)
    do(session, edition, WorkflowEvent.SUBMITTED, revision.number, by, note)
    return revision


def keep(  # noqa: PLR0913, PLR0917  # a revision is all of this
    session: Session,
    edition: EditionRow,
    model: Model,
    media: Mapping[str, str],
    by: Actor,
    note: str = "",
) -> RevisionRow:
    """Write an edition down as a person's revision; the newest one when it says the same."""
    used = {file: media[file] for file in media_of(model) if file in media}
    revision, new = write_revision(session, edition, model, used, Origin.EDITOR)
    if new:
        revision.by_id, revision.note = by.id, note[:400]
        session.add(revision)
        session.flush()
    return revision


def give_back(session: Session, edition: EditionRow, row: DraftRow, by: Actor, note: str) -> None:
    """Return a draft to its writers with a note."""
    if not note.strip():
        raise ChangeRefused(_("Viết vài chữ cho người soạn biết cần sửa gì."))
    row.state = DraftState.WRITING
    session.add(row)
    if edition.state is EditionState.IN_REVIEW:
        edition.state = moved(edition.state, EditionState.DRAFT)
        session.add(edition)
    do(session, edition, WorkflowEvent.RETURNED, row.base, by, note)


def approve(
    session: Session, edition: EditionRow, row: DraftRow, by: Actor, *, two_people: bool
) -> RevisionRow:
    """Sign what was handed in; return the revision to show. Raises TwoPeopleNeeded.

    A translation says from now on that it is reviewed, and by whom.
    """
    latest = latest_revision(session, edition)
    if row.state is not DraftState.IN_REVIEW or latest is None:
        raise ChangeRefused(_("Bài này chưa gửi duyệt, hoặc vừa có người sửa tiếp."))
    if two_people and by.id in writers_of(session, edition, row):
        raise TwoPeopleNeeded(_("Bài này do chính bác viết. Nhờ một người khác duyệt giúp."))
    model = body_of(latest, edition.folder)
    if isinstance(model, Translation) and model.review is not Review.REVIEWED:
        signed: Body = {"review": Review.REVIEWED, "reviewed_by": by.name}
        latest = keep(session, edition, model.model_copy(update=signed), latest.media, by)
        row.body, row.base = dict(latest.body), latest.number
        session.add(row)
    do(session, edition, WorkflowEvent.APPROVED, latest.number, by)
    return latest


def rest(session: Session, edition: EditionRow) -> None:
    """Let a draft wait for nobody: what was handed in is shown."""
    query = select(DraftRow).where(DraftRow.edition_id == edition.id)
    row = session.exec(query).first()
    if row and row.state is DraftState.IN_REVIEW:
        row.state = DraftState.WRITING
        session.add(row)


def writers_of(session: Session, edition: EditionRow, row: DraftRow) -> set[int]:
    """Return who changed something since villagers last saw this edition anew."""
    hands = {stamp.get("by_id") for stamp in row.stamps.values()} | {row.saved_by}
    query = select(WorkflowEventRow).where(
        WorkflowEventRow.edition_id == edition.id, WorkflowEventRow.deed == WorkflowEvent.SUBMITTED
    )
    since = edition.published_revision or 0
    hands |= {d.by_id for d in session.exec(query.limit(500)) if (d.revision or 0) > since}
    return {hand for hand in hands if hand is not None}


def approved(session: Session, edition: EditionRow, number: int) -> bool:
    """Tell whether this revision, or one that villagers saw before, was signed."""
    query = select(WorkflowEventRow).where(
        WorkflowEventRow.edition_id == edition.id,
        WorkflowEventRow.revision == number,
        col(WorkflowEventRow.deed).in_([WorkflowEvent.APPROVED, WorkflowEvent.PUBLISHED]),
    )
    return session.exec(query.limit(1)).first() is not None


def do(  # noqa: PLR0913, PLR0917  # a deed is all of this
    session: Session,
    edition: EditionRow,
    deed: WorkflowEvent,
    number: int | None,
    by: Actor,
    note: str = "",
) -> None:
    """Write down who did what."""
    row = WorkflowEventRow(edition_id=edition.id or 0, revision=number, deed=deed, by_id=by.id)
    row.note = note[:400]
    session.add(row)
    session.flush()


def deeds_of(session: Session, edition: EditionRow) -> list[WorkflowEventRow]:
    """Return what happened to an edition, newest first."""
    query = select(WorkflowEventRow).where(WorkflowEventRow.edition_id == edition.id)
    return list(session.exec(query.order_by(col(WorkflowEventRow.id).desc()).limit(MOST_SHOWN)))


def revisions_of(session: Session, edition: EditionRow) -> list[RevisionRow]:
    """Return the newest revisions of an edition."""
    query = select(RevisionRow).where(RevisionRow.edition_id == edition.id)
    return list(session.exec(query.order_by(col(RevisionRow.number).desc()).limit(MOST_SHOWN)))


def revision_with(session: Session, edition: EditionRow, number: int) -> RevisionRow:
    """Return one revision. Raises ChangeRefused when there is no such number."""
    query = select(RevisionRow).where(
        RevisionRow.edition_id == edition.id, RevisionRow.number == number
    )
    if row := session.exec(query).first():
        return row
    raise ChangeRefused(_("Bài này không có bản số {number}.", number=number))
