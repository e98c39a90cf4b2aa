"""Consent withdrawal: a person's voice or face is removed from drafts, revisions and pages."""

from sqlmodel import Session, select

from content_server.editorial.publication import enqueue_revisions
from content_server.editorial.review.comments import comments_with_recording, remove_recordings
from content_server.editorial.review.consents import (
    drafts_using,
    editions_using,
    mark_consent_withdrawn,
    snapshots_using,
    without_source,
)
from content_server.editorial.review.workflow import Actor, Workflow
from content_server.editorial.tables import WorkflowEvent
from content_server.lessons.editions.tables import EditionState, RevisionRow
from content_server.lessons.lesson import EditionBody, Lesson, Translation
from content_server.locales import SOURCE_FOLDER
from content_server.media.tables import Rendition
from content_server.site.tree.rendition_index import media_path
from content_server.site.tree.tree import Tree


def withdraw_consent(session: Session, consent_id: int, tree: Tree, actor: Actor) -> list[str]:
    """Withdraw a consent: remove its voice or face from every draft, revision and page.

    Return the slugs of the published lessons that are published again without it. Raises
    ChangeRejected when the consent does not exist.
    """
    digest = mark_consent_withdrawn(session, consent_id).digest
    _remove_from_drafts(session, digest)
    remove_recordings(session, comments_with_recording(session, digest))
    published: dict[str, dict[str, RevisionRow]] = {}
    for edition, revision in list(editions_using(session, digest)):
        workflow = Workflow(session, edition, actor)
        new_revision = _write_without_source(workflow, revision, digest)
        if edition.state is EditionState.PUBLISHED:
            published.setdefault(edition.slug, {})[edition.folder] = new_revision
        workflow.record(WorkflowEvent.TAKEN_DOWN, new_revision.number)
    rows = session.exec(select(Rendition).where(Rendition.source_digest == digest)).all()
    tree.take_down(session, [media_path(row.digest, row.content_type) for row in rows])
    for slug, revisions in published.items():
        enqueue_revisions(session, slug, revisions)
    return sorted(published)


def _remove_from_drafts(session: Session, digest: str) -> None:
    for draft in drafts_using(session, digest):
        draft.body, draft.media = without_source(draft.body, draft.media, digest)
        draft.version += 1
        session.add(draft)
    for snapshot in snapshots_using(session, digest):
        snapshot.body, snapshot.media = without_source(snapshot.body, snapshot.media, digest)
        session.add(snapshot)


def _write_without_source(workflow: Workflow, revision: RevisionRow, digest: str) -> RevisionRow:
    body, media = without_source(revision.body, revision.media, digest)
    model: type[EditionBody] = Lesson if workflow.edition.folder == SOURCE_FOLDER else Translation
    return workflow.write_revision(model.model_validate(body), media)
