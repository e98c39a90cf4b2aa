"""The review workflow: drafts are submitted, returned to their authors or approved.

Every event is stored as one row that never changes. While two people are needed, nobody approves
what they have written themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from content_server.editorial.drafts.draft_validation import missing_media_problems, validate_draft
from content_server.editorial.edits import DraftBody
from content_server.editorial.tables import DraftRow, DraftState, WorkflowEvent, WorkflowEventRow
from content_server.errors import ChangeRejected, DraftIncomplete, TwoPeopleNeeded
from content_server.lessons.bundle import media_of
from content_server.lessons.editions.revisions import (
    find_edition,
    latest_revision,
    revision_body,
    transition_state,
    write_revision,
)
from content_server.lessons.editions.tables import (
    EditionRef,
    EditionRow,
    EditionState,
    Origin,
    RevisionRow,
)
from content_server.lessons.lesson import EditionBody, Lesson, ReviewState, Translation
from content_server.lessons.registries.registries import Registries
from content_server.locales import SOURCE_FOLDER
from content_server.phrases import _

MAX_LISTED = 100


@dataclass(frozen=True)
class Actor:
    """The person who acts: account id and display name."""

    id: int
    name: str


def latest_source(session: Session, slug: str) -> Lesson | None:
    """Return the newest revision of the Vietnamese edition; None while there is none."""
    latest = latest_revision(session, find_edition(session, EditionRef(slug, SOURCE_FOLDER)))
    body = revision_body(latest, SOURCE_FOLDER) if latest else None
    return body if isinstance(body, Lesson) else None


def edition_from_draft(
    session: Session, ref: EditionRef, row: DraftRow, registries: Registries
) -> EditionBody:
    """Return a draft as a complete edition.

    Raises DraftIncomplete with every problem, ChangeRejected for a translation without a source.
    """
    is_source = ref.folder == SOURCE_FOLDER
    source = None if is_source else latest_source(session, ref.slug)
    if not is_source and source is None:
        raise ChangeRejected(_("Bản tiếng Việt chưa xong, nên chưa gửi bản dịch được."))
    model, problems = validate_draft(row.body, source, registries)
    if model is None or problems or (gaps := missing_media_problems(model, row.media)):
        raise DraftIncomplete(problems or gaps)
    return model


@dataclass(frozen=True)
class Workflow:
    """Moves one edition through review in the caller's transaction, in an actor's name.

    Every step is recorded as an event.
    """

    session: Session
    edition: EditionRow
    actor: Actor

    def submit(self, draft: DraftRow, registries: Registries, note: str = "") -> RevisionRow:
        """Submit a draft for review: it is written as a revision.

        Raises as `edition_from_draft`.
        """
        model = edition_from_draft(self.session, self.edition.ref, draft, registries)
        revision = self.write_revision(model, draft.media, note)
        draft.state, draft.base_revision = DraftState.IN_REVIEW, revision.number
        self.session.add(draft)
        if self.edition.state is EditionState.DRAFT:
            self._move_to(EditionState.IN_REVIEW)
        self.record(WorkflowEvent.SUBMITTED, revision.number, note)
        return revision

    def return_to_author(self, draft: DraftRow, note: str) -> None:
        """Return a submitted draft to its authors. Raises ChangeRejected without a note."""
        if not note.strip():
            raise ChangeRejected(_("Viết vài chữ cho người soạn biết cần sửa gì."))
        draft.state = DraftState.WRITING
        self.session.add(draft)
        if self.edition.state is EditionState.IN_REVIEW:
            self._move_to(EditionState.DRAFT)
        self.record(WorkflowEvent.RETURNED, draft.base_revision, note)

    def approve(self, draft: DraftRow, *, two_people: bool) -> RevisionRow:
        """Approve a submitted draft; return the revision that may be published.

        An approved translation names its reviewer. Raises TwoPeopleNeeded, and ChangeRejected when
        the draft was not submitted or has changed since.
        """
        latest = latest_revision(self.session, self.edition)
        if draft.state is not DraftState.IN_REVIEW or latest is None:
            raise ChangeRejected(_("Bài này chưa gửi duyệt, hoặc vừa có người sửa tiếp."))
        if two_people:
            self.check_may_approve(draft)
        model = revision_body(latest, self.edition.folder)
        if isinstance(model, Translation) and model.review is not ReviewState.REVIEWED:
            signed: DraftBody = {"review": ReviewState.REVIEWED, "reviewed_by": self.actor.name}
            latest = self.write_revision(model.model_copy(update=signed), latest.media)
            draft.body, draft.base_revision = dict(latest.body), latest.number
            self.session.add(draft)
        self.record(WorkflowEvent.APPROVED, latest.number)
        return latest

    def check_may_approve(self, draft: DraftRow) -> None:
        """Raise TwoPeopleNeeded when the actor is one of the authors of what is to be approved."""
        if self.actor.id in authors_of(self.session, self.edition, draft):
            raise TwoPeopleNeeded(_("Bài này do chính bác viết. Nhờ một người khác duyệt giúp."))

    def write_revision(
        self, model: EditionBody, media: Mapping[str, str], note: str = ""
    ) -> RevisionRow:
        """Write the edition as the actor's revision; return the newest one when it is the same."""
        used = {file: media[file] for file in media_of(model) if file in media}
        revision, is_new = write_revision(self.session, self.edition, model, used, Origin.EDITOR)
        if is_new:
            revision.actor_id, revision.note = self.actor.id, note[:400]
            self.session.add(revision)
            self.session.flush()
        return revision

    def record(self, event: WorkflowEvent, number: int | None, note: str = "") -> None:
        """Store an event: the actor did this to revision `number`, and why."""
        row = WorkflowEventRow(
            edition_id=self.edition.id or 0,
            revision=number,
            event=event,
            actor_id=self.actor.id,
            note=note[:400],
        )
        self.session.add(row)
        self.session.flush()

    def _move_to(self, state: EditionState) -> None:
        self.edition.state = transition_state(self.edition.state, state)
        self.session.add(self.edition)


def end_review(session: Session, edition: EditionRow) -> None:
    """Set a submitted draft back to WRITING once it is published."""
    query = select(DraftRow).where(DraftRow.edition_id == edition.id)
    row = session.exec(query).first()
    if row and row.state is DraftState.IN_REVIEW:
        row.state = DraftState.WRITING
        session.add(row)


def authors_of(session: Session, edition: EditionRow, row: DraftRow) -> set[int]:
    """Return the ids of people who changed the edition since its published revision."""
    ids = {change.get("actor_id") for change in row.field_versions.values()} | {row.saved_by}
    query = select(WorkflowEventRow).where(
        WorkflowEventRow.edition_id == edition.id, WorkflowEventRow.event == WorkflowEvent.SUBMITTED
    )
    since = edition.published_revision or 0
    events = session.exec(query.limit(500))
    ids |= {event.actor_id for event in events if (event.revision or 0) > since}
    return {each for each in ids if each is not None}


def is_approved(session: Session, edition: EditionRow, number: int) -> bool:
    """Tell whether this revision was approved, or was published before."""
    query = select(WorkflowEventRow).where(
        WorkflowEventRow.edition_id == edition.id,
        WorkflowEventRow.revision == number,
        col(WorkflowEventRow.event).in_([WorkflowEvent.APPROVED, WorkflowEvent.PUBLISHED]),
    )
    return session.exec(query.limit(1)).first() is not None


def events_of(session: Session, edition: EditionRow) -> list[WorkflowEventRow]:
    """Return the newest events of an edition, newest first, at most MAX_LISTED."""
    query = select(WorkflowEventRow).where(WorkflowEventRow.edition_id == edition.id)
    return list(session.exec(query.order_by(col(WorkflowEventRow.id).desc()).limit(MAX_LISTED)))


def revisions_of(session: Session, edition: EditionRow) -> list[RevisionRow]:
    """Return the newest revisions of an edition, newest first, at most MAX_LISTED."""
    query = select(RevisionRow).where(RevisionRow.edition_id == edition.id)
    return list(session.exec(query.order_by(col(RevisionRow.number).desc()).limit(MAX_LISTED)))


def find_revision(session: Session, edition: EditionRow, number: int) -> RevisionRow:
    """Return revision `number` of an edition. Raises ChangeRejected when it does not exist."""
    query = select(RevisionRow).where(
        RevisionRow.edition_id == edition.id, RevisionRow.number == number
    )
    if row := session.exec(query).first():
        return row
    raise ChangeRejected(_("Bài này không có bản số {number}.", number=number))
