"""The language matrix: lessons × languages, how words and voice of each edition stand.

A few queries, whatever the size: what there is, and what of it was never read before. A revision
never changes, so what was read of it once is kept by its digest; a draft by its last save. Who
shows some languages asks for these alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.editorial.status.review_dates import due_on
from content_server.editorial.status.staleness import Pairs
from content_server.editorial.status.translation_status import (
    KEPT,
    NO_CHANGES,
    Cell,
    Standing,
    Summary,
    cell_of,
    summary_of,
)
from content_server.editorial.tables import ChangeRow, ChangeSeverity, DraftRow, DraftState
from content_server.lessons.editions.tables import EditionRow, EditionState, RevisionRow
from content_server.locales import SOURCE_FOLDER


@dataclass(frozen=True)
class Row:
    """One lesson, with a cell for every language that has an edition."""

    slug: str
    title: str
    topic: str
    steps: int
    cells: Mapping[str, Cell] = field(default_factory=dict)
    due_on: date | None = None  # to be looked at again by then

    def is_due(self, today: date) -> bool:
        return self.due_on is not None and self.due_on <= today

    def cell(self, folder: str) -> Cell:
        return self.cells.get(folder, NOTHING)


NOTHING = Cell()


class Stands(NamedTuple):  # four thousand a visit: a dataclass takes four times as long
    """One edition as the first query finds it."""

    slug: str
    folder: str
    state: EditionState
    published: int | None
    number: int
    digest: str
    draft: int | None = None  # its id, when it is newer than every revision
    review_by: date | None = None


def matrix_of(
    session: Session, today: date | None = None, folders: Collection[str] = ()
) -> list[Row]:
    """Return every lesson that has a Vietnamese edition: those to be looked at again, by title.

    With `folders`, the cells of these languages alone, and of the source.
    """
    today = today or utc_now().date()
    editions = list(_editions(session, {*folders, SOURCE_FOLDER} if folders else ()))
    _learn(session, editions)
    by_slug: dict[str, dict[str, Stands]] = {}
    for each in editions:
        by_slug.setdefault(each.slug, {})[each.folder] = each
    small = _small_changes(session)
    rows = [
        _row(slug, stands, small.get(slug, NO_CHANGES))
        for slug, stands in by_slug.items()
        if SOURCE_FOLDER in stands
    ]
    return sorted(rows, key=lambda row: (not row.is_due(today), row.topic, row.title))


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


def _small_changes(session: Session) -> dict[str, Pairs]:
    """Return lesson → the changes of its sentences that its author called small."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    for row in session.exec(select(ChangeRow).where(ChangeRow.weight == ChangeSeverity.SMALL)):
        found.setdefault(row.slug, set()).add((row.step, row.before, row.after))
    return {slug: frozenset(pairs) for slug, pairs in found.items()}


def _editions(session: Session, folders: Collection[str] = ()) -> Iterator[Stands]:
    """Yield every edition; what lies behind a body on SQLite's pages is read for drafts alone."""
    newest = (
        sa.select(sa.func.max(_older.c.number))
        .where(_older.c.edition_id == _edition.c.id)
        .correlate(_edition)
        .scalar_subquery()
    )
    same = (_revision.c.edition_id == _edition.c.id) & (_revision.c.number == newest)
    query = (
        sa.select(
            _edition.c.slug,
            _edition.c.folder,
            _edition.c.state,
            _edition.c.published_revision,
            _revision.c.number,
            _revision.c.digest,
            _draft.c.id,
            _draft.c.state,
            _draft.c.number,
            _draft.c.saved_at,
            sa.case((_draft.c.id.is_not(None), _draft.c.saved_at > _revision.c.created_at)),
            _edition.c.review_by,
        )
        .select_from(_edition)
        .outerjoin(_revision, same)
        .outerjoin(_draft, _draft.c.edition_id == _edition.c.id)
    )
    if folders:
        query = query.where(_edition.c.folder.in_(folders))
    for row in session.connection().execute(query):
        yield _stands(*tuple(row))


def _stands(  # noqa: PLR0913, PLR0917  # the columns of one row
    slug: str,
    folder: str,
    state: EditionState,
    published: int | None,
    number: int | None,
    digest: str | None,
    draft: int | None,
    draft_state: DraftState | None,
    draft_number: int | None,
    saved_at: datetime | None,
    is_ahead: bool | None,  # noqa: FBT001  # a column
    review_by: date | None,
) -> Stands:
    """Return how an edition stands: as its draft says, where that is newer than any revision."""
    if draft_state is DraftState.IN_REVIEW:
        state = EditionState.IN_REVIEW
    if draft is not None and (is_ahead or digest is None):
        seen = f"{draft} {draft_number} {saved_at}"
        return Stands(slug, folder, state, None, -1, seen, draft, review_by)
    known = digest or NEVER_WRITTEN
    return Stands(slug, folder, state, published, number or 0, known, None, review_by)


NEVER_WRITTEN = ""  # an edition opened, with nothing in it
# Rows without their models: four thousand of them come in a third of the time.
_edition = EditionRow.metadata.tables["edition"]
_revision = RevisionRow.metadata.tables["revision"]
_older = _revision.alias()
_draft = DraftRow.metadata.tables["draft"]
_known: dict[str, Summary] = {}  # digest → summary: content, so true for every database


def _learn(session: Session, editions: Iterable[Stands]) -> None:
    if len(_known) > KEPT:
        _known.clear()
        _cell.cache_clear()
    _known[NEVER_WRITTEN] = summary_of({})
    wanted = [each for each in editions if each.digest not in _known]
    drafts = {each.draft: each.digest for each in wanted if each.draft is not None}
    for ids in _portions(list(drafts)):
        rows = select(DraftRow.id, DraftRow.body).where(col(DraftRow.id).in_(ids))
        for number, body in session.exec(rows):
            _known[drafts[number or 0]] = summary_of(body)
    for digests in _portions([each.digest for each in wanted if each.draft is None]):
        query = select(RevisionRow.digest, RevisionRow.body).where(
            col(RevisionRow.digest).in_(digests)
        )
        for digest, body in session.exec(query):
            _known[digest] = summary_of(body)


def _portions(values: list[Any]) -> Iterator[list[Any]]:
    """Yield values in portions: a database takes so many at once."""
    for start in range(0, len(values), 500):
        yield values[start : start + 500]


def _row(slug: str, folders: Mapping[str, Stands], small: Pairs) -> Row:
    source = _known[folders[SOURCE_FOLDER].digest]
    first = folders[SOURCE_FOLDER].digest
    cells = {
        folder: _cell(each.state, each.published == each.number, first, each.digest, small)
        for folder, each in folders.items()
    }
    due = due_on(folders[SOURCE_FOLDER].review_by, source.checked_on)
    return Row(slug, source.title or slug, source.topic, len(source.steps), cells, due)


@lru_cache(maxsize=KEPT)
def _cell(
    state: EditionState,
    is_shown: bool,  # noqa: FBT001  # part of a key
    source: str,
    own: str,
    small: Pairs,
) -> Cell:
    """Return a cell by digests: the same two revisions always stand the same to each other."""
    return cell_of(state, _known[source], _known[own], is_shown=is_shown, small=small)
