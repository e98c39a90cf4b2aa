"""Staleness: what is older than what it was made from — words, and recordings of words.

Source sentence → translation → recording: each keeps a stamp of the sentence it was made from.
A change its author calls small makes nothing stale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from content_server.editorial.edits import SENTENCES, Body, dict_of
from content_server.editorial.tables import ChangeRow, ChangeSeverity, DraftRow, SnapshotRow
from content_server.lessons.editions.revisions import find_edition
from content_server.lessons.editions.tables import RevisionRow
from content_server.lessons.validation import source_fingerprint
from content_server.locales import SOURCE_FOLDER

Pairs = frozenset[tuple[str, str, str]]  # (step, stamp before, stamp after)


@dataclass(frozen=True)
class Freshness:
    """How a step of an edition stands to what it was made from."""

    has_words: bool
    has_voice: bool
    words_stale: bool = False
    voice_stale: bool = False

    @property
    def is_stale(self) -> bool:
        return self.words_stale or self.voice_stale


def sentence_in(step: Body) -> str:
    """Return what a step says, of whatever kind, in a source edition or a translation."""
    return str(next((step[key] for key in sorted(SENTENCES) if step.get(key)), ""))


def steps_of(body: Body) -> dict[str, Body]:
    """Return step id → step, of a source edition or a translation."""
    steps = body.get("steps", {})
    if isinstance(steps, dict):
        return {name: dict_of(step) for name, step in steps.items()}
    return {str(dict_of(step).get("id", "")): dict_of(step) for step in steps}


def freshness(source: Body, own: Body, small: Pairs) -> dict[str, Freshness]:
    """Return, for each step of the source, how `own` stands; `own` may be the source itself."""
    mine = steps_of(own)
    found = {}
    for name, step in steps_of(source).items():
        words = mine.get(name, {})
        spoken_of = sentence_in(words) or sentence_in(step)  # a voice alone speaks of the source
        found[name] = Freshness(
            has_words=bool(sentence_in(words)),
            has_voice=bool(words.get("voice")),
            words_stale=is_older(
                words.get("made_from"), source_fingerprint(sentence_in(step)), name, small
            ),
            voice_stale=is_older(
                words.get("spoken_from"), source_fingerprint(spoken_of), name, small
            ),
        )
    return found


def is_older(stamp: str | None, now: str, step: str, small: Pairs) -> bool:
    """Tell whether `stamp` is not today's, and no chain of small changes leads from it to `now`."""
    reached = {stamp}
    while stamp and now not in reached:
        further = {after for at, before, after in small if at == step and before in reached}
        if further <= reached:
            return True
        reached |= further
    return False


def small_changes(session: Session, slug: str) -> Pairs:
    """Return the changes of a lesson's sentences that its author called small."""
    query = select(ChangeRow).where(
        ChangeRow.slug == slug, ChangeRow.weight == ChangeSeverity.SMALL
    )
    return frozenset((row.step, row.before, row.after) for row in session.exec(query.limit(500)))


def changed_sentences(before: Body, after: Body) -> list[tuple[str, str, str]]:
    """Return (step, old sentence, new sentence) of every step that says something else now."""
    old = steps_of(before)
    return [
        (name, sentence_in(old[name]), sentence_in(step))
        for name, step in steps_of(after).items()
        if name in old and sentence_in(old[name]) != sentence_in(step)
    ]


def note_changes(
    session: Session,
    slug: str,
    sentences: Iterable[tuple[str, str, str]],
    weights: Mapping[str, ChangeSeverity],
    by_id: int | None,
) -> list[str]:
    """Write down how much each change matters; return the steps dangerous to keep showing."""
    dangerous = []
    for step, before, after in sentences:
        weight = weights.get(step, ChangeSeverity.MEANING)
        stamps = source_fingerprint(before), source_fingerprint(after)
        known = select(ChangeRow).where(
            ChangeRow.slug == slug,
            ChangeRow.step == step,
            ChangeRow.before == stamps[0],
            ChangeRow.after == stamps[1],
        )
        row = session.exec(known).first()
        row = row or ChangeRow(
            slug=slug, step=step, before=stamps[0], after=stamps[1], weight=weight
        )
        row.weight, row.by_id = weight, by_id
        session.add(row)
        if weight is ChangeSeverity.DANGEROUS:
            dangerous.append(step)
    session.flush()
    return dangerous


def sentence_with(
    session: Session, slug: str, step: str, stamp: str | None, folder: str = SOURCE_FOLDER
) -> str:
    """Return the sentence of an edition a stamp was taken of; empty when none kept says it."""
    if not stamp:
        return ""
    edition = find_edition(session, slug, folder)
    revisions = (
        select(RevisionRow.body)
        .where(RevisionRow.edition_id == edition.id)
        .order_by(col(RevisionRow.number).desc())
        .limit(50)
    )
    kept = (
        select(SnapshotRow.body)
        .join(DraftRow, col(DraftRow.id) == SnapshotRow.draft_id)
        .where(DraftRow.edition_id == edition.id)
        .order_by(col(SnapshotRow.id).desc())
    )
    bodies = [*session.exec(revisions), *session.exec(kept)]
    said = (sentence_in(steps_of(dict(body)).get(step, {})) for body in bodies)
    return next((sentence for sentence in said if source_fingerprint(sentence) == stamp), "")
