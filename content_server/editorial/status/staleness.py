"""Staleness: which translations and recordings were made from an older sentence.

Source sentence → translation → recording: each keeps the fingerprint of the sentence it was made
from. A source change whose author calls it small makes nothing stale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from content_server.editorial.edits import SENTENCE_KEYS, DraftBody, as_dict
from content_server.editorial.tables import ChangeRow, ChangeSeverity, DraftRow, SnapshotRow
from content_server.lessons.editions.revisions import find_edition
from content_server.lessons.editions.tables import EditionRef, RevisionRow
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.locales import SOURCE_FOLDER

SmallChanges = frozenset[tuple[str, str, str]]  # (step, fingerprint before, fingerprint after)


@dataclass(frozen=True)
class StepFreshness:
    """What a step of an edition has, and what of it is stale."""

    has_words: bool
    has_voice: bool
    words_stale: bool = False
    voice_stale: bool = False

    @property
    def is_stale(self) -> bool:
        return self.words_stale or self.voice_stale


def sentence_in(step: DraftBody) -> str:
    """Return the sentence of a step of any kind, of a source edition or translation, or ""."""
    return str(next((step[key] for key in sorted(SENTENCE_KEYS) if step.get(key)), ""))


def steps_of(body: DraftBody) -> dict[str, DraftBody]:
    """Return step id → step, of a source edition or a translation."""
    steps = body.get("steps", {})
    if isinstance(steps, dict):
        return {name: as_dict(step) for name, step in steps.items()}
    return {str(as_dict(step).get("id", "")): as_dict(step) for step in steps}


def freshness_by_step(
    source: DraftBody, own: DraftBody, small: SmallChanges
) -> dict[str, StepFreshness]:
    """Return step id → freshness in `own` of each step of the source; `own` may be the source."""
    mine = steps_of(own)
    fresh = {}
    for name, step in steps_of(source).items():
        words = mine.get(name, {})
        # Without words of its own, a recording reads the source sentence.
        spoken_of = sentence_in(words) or sentence_in(step)
        fresh[name] = StepFreshness(
            has_words=bool(sentence_in(words)),
            has_voice=bool(words.get("voice")),
            words_stale=is_outdated(
                words.get("made_from"), source_fingerprint(sentence_in(step)), name, small
            ),
            voice_stale=is_outdated(
                words.get("spoken_from"), source_fingerprint(spoken_of), name, small
            ),
        )
    return fresh


def is_outdated(fingerprint: str | None, now: str, step: str, small: SmallChanges) -> bool:
    """Tell whether `fingerprint` differs from `now` by more than a chain of small changes."""
    reached = {fingerprint}
    while fingerprint and now not in reached:
        further = {after for at, before, after in small if at == step and before in reached}
        if further <= reached:
            return True
        reached |= further
    return False


def load_small_changes(session: Session, slug: str) -> SmallChanges:
    """Return the changes of a lesson's sentences marked as small."""
    query = select(ChangeRow).where(
        ChangeRow.slug == slug, ChangeRow.severity == ChangeSeverity.SMALL
    )
    return frozenset(
        (row.step, row.before_fingerprint, row.after_fingerprint)
        for row in session.exec(query.limit(500))
    )


def changed_sentences(before: DraftBody, after: DraftBody) -> list[tuple[str, str, str]]:
    """Return (step, old sentence, new sentence) of every step whose sentence differs."""
    old = steps_of(before)
    return [
        (name, sentence_in(old[name]), sentence_in(step))
        for name, step in steps_of(after).items()
        if name in old and sentence_in(old[name]) != sentence_in(step)
    ]


def record_changes(
    session: Session,
    slug: str,
    sentences: Iterable[tuple[str, str, str]],
    severities: Mapping[str, ChangeSeverity],
    actor_id: int | None,
) -> list[str]:
    """Store the severity of each change; return the steps whose old sentence is dangerous.

    `severities`: step → severity; a step without one gets MEANING.
    """
    dangerous = []
    for step, before, after in sentences:
        severity = severities.get(step, ChangeSeverity.MEANING)
        fingerprints = source_fingerprint(before), source_fingerprint(after)
        query = select(ChangeRow).where(
            ChangeRow.slug == slug,
            ChangeRow.step == step,
            ChangeRow.before_fingerprint == fingerprints[0],
            ChangeRow.after_fingerprint == fingerprints[1],
        )
        row = session.exec(query).first()
        row = row or ChangeRow(
            slug=slug,
            step=step,
            before_fingerprint=fingerprints[0],
            after_fingerprint=fingerprints[1],
            severity=severity,
        )
        row.severity, row.actor_id = severity, actor_id
        session.add(row)
        if severity is ChangeSeverity.DANGEROUS:
            dangerous.append(step)
    session.flush()
    return dangerous


def find_sentence(
    session: Session, slug: str, step: str, fingerprint: str | None, folder: str = SOURCE_FOLDER
) -> str:
    """Return the sentence with this fingerprint in an edition's revisions and snapshots, or ""."""
    if not fingerprint:
        return ""
    edition = find_edition(session, EditionRef(slug, folder))
    revisions = (
        select(RevisionRow.body)
        .where(RevisionRow.edition_id == edition.id)
        .order_by(col(RevisionRow.number).desc())
        .limit(50)
    )
    snapshots = (
        select(SnapshotRow.body)
        .join(DraftRow, col(DraftRow.id) == SnapshotRow.draft_id)
        .where(DraftRow.edition_id == edition.id)
        .order_by(col(SnapshotRow.id).desc())
    )
    bodies = [*session.exec(revisions), *session.exec(snapshots)]
    sentences = (sentence_in(steps_of(dict(body)).get(step, {})) for body in bodies)
    return next(
        (sentence for sentence in sentences if source_fingerprint(sentence) == fingerprint), ""
    )
