"""The language matrix: lessons × languages, how words and voice of each edition stand.

Two queries, whatever the size: one for what there is, one for revisions never seen before.
A revision never changes, so what was read of it once is kept by its digest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from content_server.lessons.checks import stamp_of
from content_server.lessons.draft_tables import DraftRow
from content_server.lessons.lesson import Review, VoiceKind
from content_server.lessons.staleness import NO_PAIRS, Pairs, all_small_changes, is_older, steps_of
from content_server.lessons.tables import EditionRow, EditionState, RevisionRow
from content_server.locales import SOURCE_FOLDER

SENTENCES = ("show", "if_wrong", "ask", "say")  # the first there is, as in lesson.sentence_of
KEPT = 50_000  # summaries; about 1 kB each


class Standing(StrEnum):
    """How words or voice of an edition stand."""

    NONE = "none"
    DRAFT = "draft"  # begun, or newer than what villagers see
    IN_REVIEW = "in_review"
    LIVE = "live"
    STALE = "stale"  # older than what it was made from
    UNREVIEWED = "unreviewed"  # villagers see it; no native speaker signed, or a machine speaks
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class StepSummary:
    """What the matrix needs to know of a step."""

    stamp: str  # of its own sentence; "" without words
    made_from: str | None
    spoken_from: str | None
    has_voice: bool


@dataclass(frozen=True)
class Summary:
    """What the matrix needs to know of a revision."""

    title: str
    topic: str
    is_reviewed: bool
    is_machine: bool
    steps: Mapping[str, StepSummary]


@dataclass(frozen=True)
class Cell:
    """One lesson in one language."""

    text: Standing = Standing.NONE
    voice: Standing = Standing.NONE
    voices: int = 0  # steps with a recording
    stale: int = 0  # steps whose words or voice are older than what they were made from


@dataclass(frozen=True)
class Row:
    """One lesson, with a cell for every language that has an edition."""

    slug: str
    title: str
    topic: str
    steps: int
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def cell(self, folder: str) -> Cell:
        return self.cells.get(folder, NOTHING)


NOTHING = Cell()


@dataclass(frozen=True)
class Stands:
    """One edition as the first query finds it."""

    slug: str
    folder: str
    state: EditionState
    published: int | None
    number: int
    digest: str


def matrix_of(session: Session) -> list[Row]:
    """Return every lesson that has a Vietnamese edition, by title."""
    editions = list(_editions(session))
    _learn(session, editions)
    by_slug: dict[str, dict[str, Stands]] = {}
    for each in editions:
        by_slug.setdefault(each.slug, {})[each.folder] = each
    small = all_small_changes(session)
    rows = [
        _row(slug, folders, small.get(slug, NO_PAIRS))
        for slug, folders in by_slug.items()
        if SOURCE_FOLDER in folders
    ]
    return sorted(rows, key=lambda row: (row.topic, row.title))


def warm(session: Session) -> None:
    """Read what no one has looked at yet, so that the first visitor need not wait."""
    _learn(session, list(_editions(session)))


def counts(rows: Iterable[Row], folders: Iterable[str]) -> dict[str, dict[Standing, int]]:
    """Return language → how the words of all lessons stand there."""
    rows = list(rows)
    found: dict[str, dict[Standing, int]] = {}
    for folder in folders:
        found[folder] = {}
        for row in rows:
            text = row.cell(folder).text
            found[folder][text] = found[folder].get(text, 0) + 1
    return found


def _editions(session: Session) -> Iterator[Stands]:
    newest = (
        sa.select(_revision.c.edition_id, sa.func.max(_revision.c.number).label("number"))
        .group_by(_revision.c.edition_id)
        .subquery()
    )
    same = (_revision.c.edition_id == newest.c.edition_id) & (_revision.c.number == newest.c.number)
    query = (
        sa.select(
            _edition.c.slug,
            _edition.c.folder,
            _edition.c.state,
            _edition.c.published_revision,
            _revision.c.number,
            _revision.c.digest,
        )
        .join(newest, newest.c.edition_id == _edition.c.id)
        .join(_revision, same)
    )
    for row in session.connection().execute(query):
        yield Stands(*row)
    yield from _only_drafts(session)


def _only_drafts(session: Session) -> Iterator[Stands]:
    """Yield the editions that are drafts and nothing else yet; their digest names the draft."""
    has_revision = sa.exists().where(_revision.c.edition_id == _edition.c.id)
    query = select(DraftRow, EditionRow).where(DraftRow.edition_id == EditionRow.id, ~has_revision)
    for draft, edition in session.exec(query):
        digest = f"draft {draft.id} {draft.number} {draft.saved_at:%s%f}"
        _known[digest] = summary_of(draft.body)
        yield Stands(edition.slug, edition.folder, edition.state, None, 0, digest)


# Rows without their models: four thousand of them come in a third of the time.
_edition = EditionRow.metadata.tables["edition"]
_revision = RevisionRow.metadata.tables["revision"]
_known: dict[str, Summary] = {}  # digest → summary: content, so true for every database


def _learn(session: Session, editions: Iterable[Stands]) -> None:
    wanted = [each.digest for each in editions if each.digest not in _known]
    if len(_known) > KEPT:
        _known.clear()
        wanted = [each.digest for each in editions]
    for start in range(0, len(wanted), 500):  # SQLite takes so many values at once
        query = select(RevisionRow.digest, RevisionRow.body).where(
            col(RevisionRow.digest).in_(wanted[start : start + 500])
        )
        for digest, body in session.exec(query):
            _known[digest] = summary_of(body)


def summary_of(body: Mapping[str, Any]) -> Summary:
    """Return what the matrix needs of a body as it is stored, source edition or translation."""
    named = steps_of(dict(body))
    return Summary(
        title=str(body.get("title") or ""),
        topic=str(body.get("topic", "")),
        is_reviewed="topic" in body or body.get("review") == Review.REVIEWED,
        is_machine=body.get("voices") == VoiceKind.MACHINE,
        steps={name: _step(step) for name, step in named.items()},
    )


def _step(step: Mapping[str, Any]) -> StepSummary:
    sentence = next((step[key] for key in SENTENCES if step.get(key)), "")
    return StepSummary(
        stamp=_stamp(sentence) if sentence else "",
        made_from=step.get("made_from"),
        spoken_from=step.get("spoken_from"),
        has_voice=bool(step.get("voice")),
    )


_stamp = lru_cache(maxsize=KEPT)(stamp_of)


def _row(slug: str, folders: Mapping[str, Stands], small: Pairs) -> Row:
    source = _known[folders[SOURCE_FOLDER].digest]
    first = folders[SOURCE_FOLDER].digest
    cells = {
        folder: _cell(each.state, each.published == each.number, first, each.digest, small)
        for folder, each in folders.items()
    }
    return Row(slug, source.title or slug, source.topic, len(source.steps), cells)


@lru_cache(maxsize=KEPT)
def _cell(state: EditionState, is_shown: bool, source: str, own: str, small: Pairs) -> Cell:  # noqa: FBT001  # part of a key
    """Return a cell by digests: the same two revisions always stand the same to each other."""
    return cell_of(state, _known[source], _known[own], is_shown=is_shown, small=small)


def cell_of(
    state: EditionState,
    source: Summary,
    own: Summary,
    *,
    is_shown: bool,
    small: Pairs = NO_PAIRS,
) -> Cell:
    """Return how an edition stands to its source: the worst first, since that is work."""
    words = voices = old_words = old_voices = 0
    for name, theirs in source.steps.items():
        mine = own.steps.get(name)
        if mine is None:
            continue
        words += bool(mine.stamp) or mine is theirs
        voices += mine.has_voice
        old_words += bool(theirs.stamp) and is_older(mine.made_from, theirs.stamp, name, small)
        spoken_of = mine.stamp or theirs.stamp  # a voice alone speaks of the source
        old_voices += mine.has_voice and is_older(mine.spoken_from, spoken_of, name, small)
    standing = partial(_standing, state, is_shown=is_shown)
    text = standing(begun=bool(words), stale=bool(old_words), signed=own.is_reviewed)
    complete = voices >= len(source.steps)
    voice = standing(
        begun=bool(voices),
        stale=bool(old_voices or (old_words and voices)),
        signed=not own.is_machine,
    )
    if voice is Standing.LIVE and not complete:
        voice = Standing.DRAFT
    return Cell(text, voice, voices, max(old_words, old_voices))


def _standing(
    state: EditionState, *, is_shown: bool, begun: bool, stale: bool, signed: bool
) -> Standing:
    if not begun:
        return Standing.NONE
    if state is EditionState.WITHDRAWN:
        return Standing.WITHDRAWN
    if state is EditionState.IN_REVIEW:
        return Standing.IN_REVIEW
    if stale:
        return Standing.STALE
    if state is EditionState.DRAFT or not is_shown:
        return Standing.DRAFT
    return Standing.LIVE if signed else Standing.UNREVIEWED
