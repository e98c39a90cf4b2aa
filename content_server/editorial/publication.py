"""Publication: publish the newest revision of an edition, or roll back to an older one.

Each function works in the caller's transaction: it reads the lesson's editions once, decides on
those values, then writes events, revisions and jobs. Readers see a change when its job is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from content_server.editorial.drafts.drafts import open_draft
from content_server.editorial.lesson_editions import LoadedEdition, load_lesson_editions
from content_server.editorial.review.workflow import (
    Actor,
    Workflow,
    end_review,
    find_revision,
)
from content_server.editorial.status.staleness import changed_sentences, record_changes
from content_server.editorial.tables import ChangeSeverity, ConsentRow, WorkflowEvent
from content_server.errors import ChangeRejected, ReasonNeeded
from content_server.lessons.bundle import media_of
from content_server.lessons.editions.revisions import revision_body
from content_server.lessons.editions.tables import EditionRef, Origin, RevisionRow
from content_server.lessons.lesson import Translation
from content_server.lessons.media_references import clips_of
from content_server.locales import SOURCE_FOLDER
from content_server.media.tables import Source
from content_server.phrases import _
from content_server.pipeline.publish import enqueue_lists, enqueue_publish
from content_server.pipeline.transcode import enqueue_renditions

EDITOR_PRIORITY = 5  # an editor waits for it: before what start-up enqueues

Revisions = dict[str, RevisionRow]  # by language folder


@dataclass(frozen=True)
class PublishRequest:
    """What an editor states when publishing."""

    reason: str = ""  # required when the lesson is over the budget
    is_over_budget: bool = False
    two_people: bool = True  # the revision must have been approved
    # step → severity of its changed sentence
    severities: Mapping[str, ChangeSeverity] | None = None


def publish_edition(
    session: Session, ref: EditionRef, actor: Actor, request: PublishRequest
) -> int:
    """Publish the newest revision of an edition; return the id of the publish job.

    Raises LessonNotFound, ChangeRejected when it was not approved or its source is not published,
    ReasonNeeded when it is over the budget without a reason.
    """
    editions = load_lesson_editions(session, ref)
    edition = editions[ref.folder]
    revision = _revision_to_publish(editions, ref, request)
    revisions = {ref.folder: revision}
    if ref.folder == SOURCE_FOLDER and edition.published:
        sentences = changed_sentences(edition.published.body, revision.body)
        dangerous = record_changes(session, ref.slug, sentences, request.severities or {}, actor.id)
        revisions |= _withhold_steps(session, editions, dangerous, actor)
    workflow = Workflow(session, edition.row, actor)
    workflow.record(WorkflowEvent.PUBLISHED, revision.number, request.reason)
    end_review(session, edition.row)
    return enqueue_revisions(session, ref.slug, revisions)


def roll_back_edition(session: Session, ref: EditionRef, number: int, actor: Actor) -> int:
    """Publish an older revision again; return the id of the publish job.

    Raises LessonNotFound, ChangeRejected when the revision was never published.
    """
    edition = load_lesson_editions(session, ref)[ref.folder]
    revision = find_revision(session, edition.row, number)
    if revision.origin is not Origin.FILE and number not in edition.approved:
        raise ChangeRejected(_("Bản số {number} chưa từng lên trang.", number=number))
    Workflow(session, edition.row, actor).record(WorkflowEvent.ROLLED_BACK, number)
    return enqueue_revisions(session, ref.slug, {ref.folder: revision})


def enqueue_revisions(session: Session, slug: str, revisions: Revisions) -> int:
    """Enqueue the publishing of revisions after the jobs of their missing renditions.

    Return the id of the publish job. Raises ChangeRejected when a consent was withdrawn.
    """
    needs = []
    for folder, revision in revisions.items():
        _check_consents(session, revision)
        body = revision_body(revision, folder)
        still_edits = {clip.clip: clip.stills for clip in clips_of(body)}
        for file in media_of(body):
            source = session.get(Source, revision.media.get(file, ""))
            job = source and enqueue_renditions(session, source, file, still_edits.get(file))
            if job and job.id is not None:
                needs.append(job.id)
    numbers = {folder: revision.number for folder, revision in revisions.items()}
    publish_job = enqueue_publish(session, slug, numbers, priority=EDITOR_PRIORITY, needs=needs)
    enqueue_lists(session, [publish_job], priority=EDITOR_PRIORITY)
    return publish_job


def _revision_to_publish(
    editions: Mapping[str, LoadedEdition], ref: EditionRef, request: PublishRequest
) -> RevisionRow:
    """Return the newest revision when it may be published. Raises ChangeRejected, ReasonNeeded."""
    edition, source = editions[ref.folder], editions.get(SOURCE_FOLDER)
    if edition.latest is None:
        raise ChangeRejected(_("Bài này chưa gửi duyệt lần nào."))
    if request.two_people and edition.latest.number not in edition.approved:
        raise ChangeRejected(_("Bài này chưa có người duyệt."))
    if request.is_over_budget and not request.reason.strip():
        raise ReasonNeeded(_("Bài nặng quá mức. Viết lý do, hoặc làm cho nhẹ bớt."))
    if source is None or (edition is not source and not source.is_published):
        raise ChangeRejected(_("Đưa bản tiếng Việt lên trước, rồi mới đến bản dịch."))
    return edition.latest


def _withhold_steps(
    session: Session, editions: Mapping[str, LoadedEdition], steps: Sequence[str], actor: Actor
) -> Revisions:
    """Write published translations without the words of `steps`; return the new revisions.

    The drafts keep the words, to be corrected.
    """
    revisions = {}
    for folder, edition in editions.items():
        reduced = _without_steps(edition, steps)
        if reduced is None or edition.published is None:
            continue
        draft = open_draft(session, edition.row.ref)
        note = str(_("câu nguy hiểm tạm cất đi"))
        media = edition.published.media
        revision = Workflow(session, edition.row, actor).write_revision(reduced, media, note)
        draft.base_revision = revision.number
        session.add(draft)
        revisions[folder] = revision
    return revisions


def _without_steps(edition: LoadedEdition, steps: Sequence[str]) -> Translation | None:
    """Return a published translation without `steps`; None when it does not contain them."""
    if edition.published is None or not edition.is_published:
        return None
    body = revision_body(edition.published, edition.row.folder)
    if not isinstance(body, Translation) or not body.steps.keys() & set(steps):
        return None
    remaining = {name: words for name, words in body.steps.items() if name not in steps}
    return body.model_copy(update={"steps": remaining})


def _check_consents(session: Session, revision: RevisionRow) -> None:
    query = select(ConsentRow).where(
        col(ConsentRow.digest).in_(list(revision.media.values())),
        col(ConsentRow.taken_down_at).is_not(None),
    )
    if row := session.exec(query.limit(1)).first():
        raise ChangeRejected(
            _("Bản này có giọng hoặc ảnh của {who}, người ấy đã xin gỡ xuống.", who=row.person_name)
        )
