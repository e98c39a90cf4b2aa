"""Editing: what an editors' act sets in motion — shown, rolled back, taken in, taken down.

Each is one transaction with the jobs it causes; villagers' pages change by publishing alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from content_server.editorial.drafts.draft_validation import read_draft
from content_server.editorial.drafts.drafts import open_draft
from content_server.editorial.exchange.lesson_archive import Parcel, read_medium
from content_server.editorial.review.comments import silence, spoken_with
from content_server.editorial.review.consents import (
    drafts_with,
    kept_holding,
    taken_back,
    uses_of,
    without_source,
)
from content_server.editorial.review.workflow import Actor, approved, do, keep, rest, revision_with
from content_server.editorial.status.staleness import changed_sentences, note_changes
from content_server.editorial.tables import ChangeSeverity, ConsentRow, WorkflowEvent
from content_server.errors import BundleRejected, ChangeRefused, ReasonNeeded
from content_server.lessons.bundle import media_of
from content_server.lessons.editions.catalog import load_registries
from content_server.lessons.editions.revisions import (
    body_of,
    find_edition,
    latest_revision,
    open_edition,
    published_revision,
)
from content_server.lessons.editions.tables import EditionRow, EditionState, Origin, RevisionRow
from content_server.lessons.lesson import Body, Lesson, Translation
from content_server.lessons.media_references import clips_of
from content_server.lessons.validation import check_language
from content_server.locales import SOURCE_FOLDER, Folder
from content_server.media.media_kinds import MediaKind
from content_server.media.store import Store
from content_server.media.tables import Rendition, Source
from content_server.media.video.still_edits import WantedStills
from content_server.phrases import _
from content_server.pipeline.publish import lists_job, publish_job
from content_server.pipeline.transcode import enqueue_background, enqueue_required
from content_server.site.tree.rendition_index import media_path
from content_server.site.tree.tree import Tree

FIRST = 5  # an editor waits for it: before what start-up has to do


@dataclass(frozen=True)
class Wish:
    """What whoever publishes says about it."""

    reason: str = ""  # why, when it is over the budget
    is_over: bool = False  # it weighs more than a lesson may without a reason
    two_people: bool = True
    weights: Mapping[str, ChangeSeverity] | None = (
        None  # step → how much its changed sentence matters
    )


def show(session: Session, slug: str, folder: str, by: Actor, wish: Wish) -> int:
    """Show the newest revision of an edition to villagers; return the id of the job.

    Raises ReasonNeeded, ChangeRefused for what must be done before.
    """
    edition = find_edition(session, slug, folder)
    latest = latest_revision(session, edition)
    if latest is None:
        raise ChangeRefused(_("Bài này chưa gửi duyệt lần nào."))
    if wish.two_people and not approved(session, edition, latest.number):
        raise ChangeRefused(_("Bài này chưa có người duyệt."))
    if wish.is_over and not wish.reason.strip():
        raise ReasonNeeded(_("Bài nặng quá mức. Viết lý do, hoặc làm cho nhẹ bớt."))
    if folder != SOURCE_FOLDER:
        _check_source_shown(session, slug)
    numbers = {folder: latest.number}
    if folder == SOURCE_FOLDER:
        numbers |= _after_changes(session, slug, edition, latest, by, wish.weights or {})
    do(session, edition, WorkflowEvent.PUBLISHED, latest.number, by, wish.reason)
    rest(session, edition)
    return _publish(session, slug, numbers)


def roll_back(session: Session, slug: str, folder: str, number: int, by: Actor) -> int:
    """Show an older revision again: its words, pictures and voices together."""
    edition = find_edition(session, slug, folder)
    revision = revision_with(session, edition, number)
    if revision.origin is not Origin.FILE and not approved(session, edition, number):
        raise ChangeRefused(_("Bản số {number} chưa từng lên trang.", number=number))
    do(session, edition, WorkflowEvent.ROLLED_BACK, revision.number, by)
    return _publish(session, slug, {folder: number})


def made_later(  # noqa: PLR0913, PLR0917  # a source is all of this
    session: Session,
    digest: str,
    medium: MediaKind,
    name: str,
    size_bytes: int,
    wanted: WantedStills | None = None,
) -> int:
    """Write a source down that is in the store, and enqueue its renditions; 0 when they exist."""
    source = session.get(Source, digest)
    if source is None:
        source = Source(digest=digest, medium=medium, bytes=size_bytes, name=name[:255])
        session.add(source)
        session.flush()
    job = enqueue_required(session, name[:200], source)
    if medium is MediaKind.CLIP:
        enqueue_background(session, name[:200], source, job, wanted)
    return job.id or 0 if job else 0


def take_in(session: Session, parcel: Parcel, path: Path, by: Actor) -> list[str]:
    """Write a checked zip's editions down as revisions; return the folders that had news.

    The media must be in the store already. Raises BundleRejected for what this server does not
    know: a topic, a contact, a language.
    """
    manifest = parcel.manifest
    check_fits(session, parcel)
    kinds = {medium.digest: medium for medium in manifest.media}
    for medium in manifest.media:
        made_later(session, medium.digest, medium.medium, medium.name, path.stat().st_size)
    news = []
    for packed in manifest.editions:
        edition = open_edition(session, manifest.slug, packed.folder)
        before = latest_revision(session, edition)
        media = {file: digest for file, digest in packed.media.items() if digest in kinds}
        note = str(_("nhập từ gói"))
        revision = keep(session, edition, parcel.models[packed.folder], media, by, note)
        if before is None or before.number != revision.number:
            news.append(packed.folder)
    return news


def put_media(parcel: Parcel, path: Path, store: Store, folder: Path) -> None:
    """Copy a checked zip's media into the store; `folder` is ours to write to."""
    for medium in parcel.manifest.media:
        if store.has(medium.digest):
            continue
        copy = folder / medium.digest
        with copy.open("wb") as out:
            read_medium(path, medium.digest, out)
        store.put_file(copy)
        copy.unlink()


def take_down_everywhere(session: Session, consent_id: int, tree: Tree, by: Actor) -> list[str]:
    """Take a voice or face out of every lesson, draft and page; return the lessons it was in."""
    consent = taken_back(session, consent_id)
    shown: dict[str, dict[str, int]] = {}
    for row in drafts_with(session, consent.digest):
        row.body, row.media = without_source(row.body, row.media, consent.digest)
        row.number += 1
        session.add(row)
    for old in kept_holding(session, consent.digest):
        old.body, old.media = without_source(old.body, old.media, consent.digest)
        session.add(old)
    silence(session, spoken_with(session, consent.digest))
    for edition, revision in list(uses_of(session, consent.digest)):
        kept = _kept_without(session, edition, revision, consent.digest, by)
        if edition.state is EditionState.PUBLISHED:
            shown.setdefault(edition.slug, {})[edition.folder] = kept.number
        do(session, edition, WorkflowEvent.TAKEN_DOWN, kept.number, by)
    rows = session.exec(select(Rendition).where(Rendition.source_digest == consent.digest)).all()
    tree.take_down(session, [media_path(row.digest, row.content_type) for row in rows])
    for slug, numbers in shown.items():
        _publish(session, slug, numbers)
    return sorted(shown)


def _kept_without(
    session: Session, edition: EditionRow, revision: RevisionRow, digest: str, by: Actor
) -> RevisionRow:
    body, media = without_source(revision.body, revision.media, digest)
    model: type[Body] = Lesson if edition.folder == SOURCE_FOLDER else Translation
    return keep(session, edition, model.model_validate(body), media, by)


def _after_changes(  # noqa: PLR0913, PLR0917  # a change is all of this
    session: Session,
    slug: str,
    edition: EditionRow,
    latest: RevisionRow,
    by: Actor,
    weights: Mapping[str, ChangeSeverity],
) -> dict[str, int]:
    """Note what the source says otherwise now; hide translations that would be dangerous."""
    before = published_revision(session, edition)
    if before is None:
        return {}
    sentences = changed_sentences(before.body, latest.body)
    dangerous = note_changes(session, slug, sentences, weights, by.id)
    return _withheld(session, slug, dangerous, by) if dangerous else {}


def _withheld(session: Session, slug: str, steps: Sequence[str], by: Actor) -> dict[str, int]:
    """Write translations without the words of `steps`; their drafts keep them, to be put right."""
    query = select(EditionRow).where(EditionRow.slug == slug, EditionRow.folder != SOURCE_FOLDER)
    numbers = {}
    for edition in session.exec(query).all():
        revision = published_revision(session, edition)
        if edition.state is not EditionState.PUBLISHED or revision is None:
            continue
        draft = open_draft(session, slug, edition.folder)
        model = body_of(revision, edition.folder)
        if not isinstance(model, Translation) or not model.steps.keys() & set(steps):
            continue
        left = {name: words for name, words in model.steps.items() if name not in steps}
        note = str(_("câu nguy hiểm tạm cất đi"))
        safe = model.model_copy(update={"steps": left})
        kept = keep(session, edition, safe, revision.media, by, note)
        draft.base = kept.number
        session.add(draft)
        numbers[edition.folder] = kept.number
    return numbers


def _check_source_shown(session: Session, slug: str) -> None:
    source = find_edition(session, slug, SOURCE_FOLDER)
    if source.state is not EditionState.PUBLISHED:
        raise ChangeRefused(_("Đưa bản tiếng Việt lên trước, rồi mới đến bản dịch."))


def check_fits(session: Session, parcel: Parcel) -> None:
    """Raise BundleRejected for what this server does not know: a topic, a contact, a language."""
    library = load_registries(session)
    source = parcel.models[SOURCE_FOLDER]
    problems = []
    for packed in parcel.manifest.editions:
        is_source = packed.folder == SOURCE_FOLDER
        of = None if is_source or not isinstance(source, Lesson) else source
        problems += read_draft(packed.body, of, library)[1]
        problems += check_language(Folder(packed.folder), packed.folder, library)
    if problems:
        raise BundleRejected(problems)


def _publish(session: Session, slug: str, numbers: Mapping[str, int]) -> int:
    """Enqueue the publishing of revisions, behind what their media still need."""
    needs = []
    for folder, number in numbers.items():
        edition = find_edition(session, slug, folder)
        revision = revision_with(session, edition, number)
        _check_consents(session, revision)
        body = body_of(revision, folder)
        wanted = {clip.clip: clip.stills for clip in clips_of(body)}
        for file, medium in media_of(body).items():
            digest = revision.media.get(file, "")
            if not digest:
                continue
            if need := made_later(session, digest, medium, file, 0, wanted.get(file)):
                needs.append(need)
    job = publish_job(session, slug, numbers, priority=FIRST, needs=needs)
    lists_job(session, [job], priority=FIRST)
    return job


def _check_consents(session: Session, revision: RevisionRow) -> None:
    query = select(ConsentRow).where(
        col(ConsentRow.digest).in_(list(revision.media.values())),
        col(ConsentRow.taken_down_at).is_not(None),
    )
    if row := session.exec(query.limit(1)).first():
        raise ChangeRefused(
            _("Bản này có giọng hoặc ảnh của {who}, người ấy đã xin gỡ xuống.", who=row.who)
        )
