"""Publication: publish, roll back, import and withdraw content of the editors.

Each function runs in one transaction with the jobs it enqueues. Villagers' pages change only when
the publish job has run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from content_server.editorial.drafts.draft_validation import validate_draft
from content_server.editorial.drafts.drafts import open_draft
from content_server.editorial.exchange.lesson_archive import LessonArchive, extract_medium
from content_server.editorial.review.comments import comments_with_recording, remove_recordings
from content_server.editorial.review.consents import (
    drafts_using,
    editions_using,
    mark_consent_withdrawn,
    snapshots_using,
    without_source,
)
from content_server.editorial.review.workflow import (
    Actor,
    end_review,
    find_revision,
    is_approved,
    record_event,
    write_revision_as,
)
from content_server.editorial.status.staleness import changed_sentences, record_changes
from content_server.editorial.tables import ChangeSeverity, ConsentRow, WorkflowEvent
from content_server.errors import BundleRejected, ChangeRefused, ReasonNeeded
from content_server.lessons.bundle import media_of
from content_server.lessons.editions.revisions import (
    find_edition,
    get_or_create_edition,
    latest_revision,
    published_revision,
    revision_body,
)
from content_server.lessons.editions.stored_registries import load_registries
from content_server.lessons.editions.tables import EditionRow, EditionState, Origin, RevisionRow
from content_server.lessons.lesson import EditionBody, Lesson, Translation
from content_server.lessons.media_references import clips_of
from content_server.lessons.validation import check_language
from content_server.locales import SOURCE_FOLDER, Folder
from content_server.media.media_kinds import MediaKind
from content_server.media.store import Store
from content_server.media.tables import Rendition, Source
from content_server.media.video.still_edits import StillEdits
from content_server.phrases import _
from content_server.pipeline.publish import enqueue_lists, enqueue_publish
from content_server.pipeline.transcode import enqueue_background, enqueue_required
from content_server.site.tree.rendition_index import media_path
from content_server.site.tree.tree import Tree

EDITOR_PRIORITY = 5  # an editor waits for these jobs: they run before those of start-up


@dataclass(frozen=True)
class PublishRequest:
    """What an editor states when publishing."""

    reason: str = ""  # required when the lesson is over the budget
    is_over_budget: bool = False
    two_people: bool = True  # the revision must have been approved
    # step → severity of its changed sentence
    severities: Mapping[str, ChangeSeverity] | None = None


def publish_edition(
    session: Session, slug: str, folder: str, actor: Actor, request: PublishRequest
) -> int:
    """Publish the newest revision of an edition; return the id of the publish job.

    Raises ChangeRefused when it was not approved or its source is not published, ReasonNeeded when
    it is over the budget without a reason.
    """
    edition = find_edition(session, slug, folder)
    latest = latest_revision(session, edition)
    if latest is None:
        raise ChangeRefused(_("Bài này chưa gửi duyệt lần nào."))
    if request.two_people and not is_approved(session, edition, latest.number):
        raise ChangeRefused(_("Bài này chưa có người duyệt."))
    if request.is_over_budget and not request.reason.strip():
        raise ReasonNeeded(_("Bài nặng quá mức. Viết lý do, hoặc làm cho nhẹ bớt."))
    if folder != SOURCE_FOLDER:
        _check_source_published(session, slug)
    numbers = {folder: latest.number}
    if folder == SOURCE_FOLDER:
        numbers |= _record_source_changes(
            session, slug, edition, latest, actor, request.severities or {}
        )
    record_event(session, edition, WorkflowEvent.PUBLISHED, latest.number, actor, request.reason)
    end_review(session, edition)
    return _enqueue_publish(session, slug, numbers)


def roll_back_edition(session: Session, slug: str, folder: str, number: int, actor: Actor) -> int:
    """Publish an older revision again; return the id of the publish job. Raises ChangeRefused."""
    edition = find_edition(session, slug, folder)
    revision = find_revision(session, edition, number)
    if revision.origin is not Origin.FILE and not is_approved(session, edition, number):
        raise ChangeRefused(_("Bản số {number} chưa từng lên trang.", number=number))
    record_event(session, edition, WorkflowEvent.ROLLED_BACK, revision.number, actor)
    return _enqueue_publish(session, slug, {folder: number})


def register_source(  # noqa: PLR0913, PLR0917  # the fields of a source
    session: Session,
    digest: str,
    kind: MediaKind,
    name: str,
    size_bytes: int,
    still_edits: StillEdits | None = None,
) -> int:
    """Record a stored file as a source and enqueue its renditions.

    Return the id of the job of the required renditions, 0 when there is none to do.
    """
    source = session.get(Source, digest)
    if source is None:
        source = Source(digest=digest, kind=kind, bytes=size_bytes, name=name[:255])
        session.add(source)
        session.flush()
    job = enqueue_required(session, name[:200], source)
    if kind is MediaKind.CLIP:
        enqueue_background(session, name[:200], source, job, still_edits)
    return job.id or 0 if job else 0


def import_archive(session: Session, archive: LessonArchive, path: Path, actor: Actor) -> list[str]:
    """Write the editions of a checked archive as revisions; return the folders that changed.

    The media must be in the store already. Raises BundleRejected for a topic, contact or language
    this server does not have.
    """
    manifest = archive.manifest
    check_archive_references(session, archive)
    kinds = {medium.digest: medium for medium in manifest.media}
    for medium in manifest.media:
        register_source(session, medium.digest, medium.medium, medium.name, path.stat().st_size)
    changed_folders = []
    for archived in manifest.editions:
        edition = get_or_create_edition(session, manifest.slug, archived.folder)
        before = latest_revision(session, edition)
        media = {file: digest for file, digest in archived.media.items() if digest in kinds}
        note = str(_("nhập từ gói"))
        revision = write_revision_as(
            session, edition, archive.models[archived.folder], media, actor, note
        )
        if before is None or before.number != revision.number:
            changed_folders.append(archived.folder)
    return changed_folders


def store_archive_media(archive: LessonArchive, path: Path, store: Store, folder: Path) -> None:
    """Copy the media of a checked archive into the store, by temporary files in `folder`."""
    for medium in archive.manifest.media:
        if store.has(medium.digest):
            continue
        copy = folder / medium.digest
        with copy.open("wb") as out:
            extract_medium(path, medium.digest, out)
        store.put_file(copy)
        copy.unlink()


def withdraw_consent(session: Session, consent_id: int, tree: Tree, actor: Actor) -> list[str]:
    """Withdraw a consent: remove its voice or face from every draft, revision and page.

    Return the slugs of the published lessons that are published again without it.
    """
    consent = mark_consent_withdrawn(session, consent_id)
    published: dict[str, dict[str, int]] = {}
    for row in drafts_using(session, consent.digest):
        row.body, row.media = without_source(row.body, row.media, consent.digest)
        row.version += 1
        session.add(row)
    for snapshot in snapshots_using(session, consent.digest):
        snapshot.body, snapshot.media = without_source(
            snapshot.body, snapshot.media, consent.digest
        )
        session.add(snapshot)
    remove_recordings(session, comments_with_recording(session, consent.digest))
    for edition, revision in list(editions_using(session, consent.digest)):
        new_revision = _write_without_source(session, edition, revision, consent.digest, actor)
        if edition.state is EditionState.PUBLISHED:
            published.setdefault(edition.slug, {})[edition.folder] = new_revision.number
        record_event(session, edition, WorkflowEvent.TAKEN_DOWN, new_revision.number, actor)
    rows = session.exec(select(Rendition).where(Rendition.source_digest == consent.digest)).all()
    tree.take_down(session, [media_path(row.digest, row.content_type) for row in rows])
    for slug, numbers in published.items():
        _enqueue_publish(session, slug, numbers)
    return sorted(published)


def _write_without_source(
    session: Session, edition: EditionRow, revision: RevisionRow, digest: str, actor: Actor
) -> RevisionRow:
    body, media = without_source(revision.body, revision.media, digest)
    model: type[EditionBody] = Lesson if edition.folder == SOURCE_FOLDER else Translation
    return write_revision_as(session, edition, model.model_validate(body), media, actor)


def _record_source_changes(  # noqa: PLR0913, PLR0917  # the fields of a change
    session: Session,
    slug: str,
    edition: EditionRow,
    latest: RevisionRow,
    actor: Actor,
    severities: Mapping[str, ChangeSeverity],
) -> dict[str, int]:
    """Store the severity of changed source sentences; withhold the dangerous steps.

    Return folder → number of the translations' revisions written without those steps.
    """
    before = published_revision(session, edition)
    if before is None:
        return {}
    sentences = changed_sentences(before.body, latest.body)
    dangerous = record_changes(session, slug, sentences, severities, actor.id)
    return _withhold_steps(session, slug, dangerous, actor) if dangerous else {}


def _withhold_steps(
    session: Session, slug: str, steps: Sequence[str], actor: Actor
) -> dict[str, int]:
    """Write translations without the words of `steps`; their drafts keep them, to be corrected."""
    query = select(EditionRow).where(EditionRow.slug == slug, EditionRow.folder != SOURCE_FOLDER)
    numbers = {}
    for edition in session.exec(query).all():
        revision = published_revision(session, edition)
        if edition.state is not EditionState.PUBLISHED or revision is None:
            continue
        draft = open_draft(session, slug, edition.folder)
        model = revision_body(revision, edition.folder)
        if not isinstance(model, Translation) or not model.steps.keys() & set(steps):
            continue
        remaining = {name: words for name, words in model.steps.items() if name not in steps}
        note = str(_("câu nguy hiểm tạm cất đi"))
        reduced = model.model_copy(update={"steps": remaining})
        new_revision = write_revision_as(session, edition, reduced, revision.media, actor, note)
        draft.base_revision = new_revision.number
        session.add(draft)
        numbers[edition.folder] = new_revision.number
    return numbers


def _check_source_published(session: Session, slug: str) -> None:
    source = find_edition(session, slug, SOURCE_FOLDER)
    if source.state is not EditionState.PUBLISHED:
        raise ChangeRefused(_("Đưa bản tiếng Việt lên trước, rồi mới đến bản dịch."))


def check_archive_references(session: Session, archive: LessonArchive) -> None:
    """Raise BundleRejected for a topic, contact or language this server does not have."""
    registries = load_registries(session)
    source = archive.models[SOURCE_FOLDER]
    problems = []
    for archived in archive.manifest.editions:
        is_source = archived.folder == SOURCE_FOLDER
        parent = None if is_source or not isinstance(source, Lesson) else source
        problems += validate_draft(archived.body, parent, registries)[1]
        problems += check_language(Folder(archived.folder), archived.folder, registries)
    if problems:
        raise BundleRejected(problems)


def _enqueue_publish(session: Session, slug: str, numbers: Mapping[str, int]) -> int:
    """Enqueue the publishing of revisions after the jobs of their missing renditions."""
    needs = []
    for folder, number in numbers.items():
        edition = find_edition(session, slug, folder)
        revision = find_revision(session, edition, number)
        _check_consents(session, revision)
        body = revision_body(revision, folder)
        still_edits = {clip.clip: clip.stills for clip in clips_of(body)}
        for file, kind in media_of(body).items():
            digest = revision.media.get(file, "")
            if not digest:
                continue
            if need := register_source(session, digest, kind, file, 0, still_edits.get(file)):
                needs.append(need)
    job = enqueue_publish(session, slug, numbers, priority=EDITOR_PRIORITY, needs=needs)
    enqueue_lists(session, [job], priority=EDITOR_PRIORITY)
    return job


def _check_consents(session: Session, revision: RevisionRow) -> None:
    query = select(ConsentRow).where(
        col(ConsentRow.digest).in_(list(revision.media.values())),
        col(ConsentRow.taken_down_at).is_not(None),
    )
    if row := session.exec(query.limit(1)).first():
        raise ChangeRefused(
            _("Bản này có giọng hoặc ảnh của {who}, người ấy đã xin gỡ xuống.", who=row.person_name)
        )
