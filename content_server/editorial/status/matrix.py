"""The language matrix: lessons × languages, the status of text and voice of each edition.

It takes a few queries at any size: one lists all editions, the others read bodies not yet
summarized. Summaries are cached by digest, since a revision never changes, and those of drafts by
their last save. A page that shows some languages asks for these alone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, select

from content_server.db import utc_now
from content_server.editorial.status.review_dates import review_date_of
from content_server.editorial.status.staleness import SmallChanges
from content_server.editorial.status.translation_status import (
    MAX_CACHED,
    NO_CHANGES,
    EditionSummary,
    MatrixCell,
    TranslationStatus,
    make_cell,
    summarize_edition,
)
from content_server.editorial.tables import ChangeRow, ChangeSeverity, DraftRow, DraftState
from content_server.lessons.editions.tables import EditionRow, EditionState, RevisionRow
from content_server.locales import SOURCE_FOLDER


@dataclass(frozen=True)
class MatrixRow:
    """One lesson, with a cell for every language that has an edition."""

    slug: str
    title: str
    topic: str
    steps: int
    cells: Mapping[str, MatrixCell] = field(default_factory=dict)
    review_date: date | None = None  # to be checked again by then

    def is_review_due(self, today: date) -> bool:
        return self.review_date is not None and self.review_date <= today

    def cell(self, folder: str) -> MatrixCell:
        return self.cells.get(folder, EMPTY_CELL)


EMPTY_CELL = MatrixCell()


class EditionOverview(NamedTuple):  # 4,000 per visit; a dataclass takes four times as long
    """One edition as the first query returns it."""

    slug: str
    folder: str
    state: EditionState
    published: int | None
    number: int
    digest: str
    draft: int | None = None  # the draft's id, when it is newer than every revision
    review_by: date | None = None


def load_matrix(
    session: Session, today: date | None = None, folders: Collection[str] = ()
) -> list[MatrixRow]:
    """Return every lesson with a Vietnamese edition, those due for review first, then by title.

    With `folders`, only the cells of these languages and of the source.
    """
    today = today or utc_now().date()
    editions = list(_editions(session, {*folders, SOURCE_FOLDER} if folders else ()))
    _load_summaries(session, editions)
    by_slug: dict[str, dict[str, EditionOverview]] = {}
    for each in editions:
        by_slug.setdefault(each.slug, {})[each.folder] = each
    small = _load_all_small_changes(session)
    rows = [
        _matrix_row(slug, overviews, small.get(slug, NO_CHANGES))
        for slug, overviews in by_slug.items()
        if SOURCE_FOLDER in overviews
    ]
    return sorted(rows, key=lambda row: (not row.is_review_due(today), row.topic, row.title))


def warm_matrix_cache(session: Session) -> None:
    """Summarize all editions, so that the first visitor need not wait."""
    _load_summaries(session, list(_editions(session)))


def count_statuses(
    rows: Iterable[MatrixRow], folders: Iterable[str]
) -> dict[str, dict[TranslationStatus, int]]:
    """Return language → status → number of lessons whose text has that status."""
    rows = list(rows)
    totals: dict[str, dict[TranslationStatus, int]] = {}
    for folder in folders:
        totals[folder] = {}
        for row in rows:
            status = row.cell(folder).text
            totals[folder][status] = totals[folder].get(status, 0) + 1
    return totals


def _load_all_small_changes(session: Session) -> dict[str, SmallChanges]:
    """Return slug → the changes of its sentences marked as small."""
    changes: dict[str, set[tuple[str, str, str]]] = {}
    for row in session.exec(select(ChangeRow).where(ChangeRow.severity == ChangeSeverity.SMALL)):
        changes.setdefault(row.slug, set()).add(
            (row.step, row.before_fingerprint, row.after_fingerprint)
        )
    return {slug: frozenset(pairs) for slug, pairs in changes.items()}


def _editions(session: Session, folders: Collection[str] = ()) -> Iterator[EditionOverview]:
    """Yield every edition. On SQLite, columns stored behind a body are read for drafts only."""
    newest = (
        sa.select(sa.func.max(_older.c.number))
        .where(_older.c.edition_id == _edition.c.id)
        .correlate(_edition)
        .scalar_subquery()
    )
    is_newest = (_revision.c.edition_id == _edition.c.id) & (_revision.c.number == newest)
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
            _draft.c.version,
            _draft.c.saved_at,
            sa.case((_draft.c.id.is_not(None), _draft.c.saved_at > _revision.c.created_at)),
            _edition.c.review_by,
        )
        .select_from(_edition)
        .outerjoin(_revision, is_newest)
        .outerjoin(_draft, _draft.c.edition_id == _edition.c.id)
    )
    if folders:
        query = query.where(_edition.c.folder.in_(folders))
    for row in session.connection().execute(query):
        yield _overview(*tuple(row))


def _overview(  # noqa: PLR0913, PLR0917  # the columns of one row
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
) -> EditionOverview:
    """Return an edition's overview: of its draft where that is newer than every revision."""
    if draft_state is DraftState.IN_REVIEW:
        state = EditionState.IN_REVIEW
    if draft is not None and (is_ahead or digest is None):
        key = f"{draft} {draft_number} {saved_at}"
        return EditionOverview(slug, folder, state, None, -1, key, draft, review_by)
    key = digest or EMPTY_DIGEST
    return EditionOverview(slug, folder, state, published, number or 0, key, None, review_by)


EMPTY_DIGEST = ""  # of an edition without revision and draft
# Rows are read without models: 4,000 of them take a third of the time.
_edition = EditionRow.metadata.tables["edition"]
_revision = RevisionRow.metadata.tables["revision"]
_older = _revision.alias()
_draft = DraftRow.metadata.tables["draft"]
_summaries: dict[
    str, EditionSummary
] = {}  # digest → summary; valid for every database, since a digest is of the content


def _load_summaries(session: Session, editions: Iterable[EditionOverview]) -> None:
    if len(_summaries) > MAX_CACHED:
        _summaries.clear()
        _cached_cell.cache_clear()
    _summaries[EMPTY_DIGEST] = summarize_edition({})
    missing = [each for each in editions if each.digest not in _summaries]
    drafts = {each.draft: each.digest for each in missing if each.draft is not None}
    for ids in _batches(list(drafts)):
        rows = select(DraftRow.id, DraftRow.body).where(col(DraftRow.id).in_(ids))
        for number, body in session.exec(rows):
            _summaries[drafts[number or 0]] = summarize_edition(body)
    for digests in _batches([each.digest for each in missing if each.draft is None]):
        query = select(RevisionRow.digest, RevisionRow.body).where(
            col(RevisionRow.digest).in_(digests)
        )
        for digest, body in session.exec(query):
            _summaries[digest] = summarize_edition(body)


def _batches(values: list[Any]) -> Iterator[list[Any]]:
    """Yield values in batches of 500, as many as one query takes."""
    for start in range(0, len(values), 500):
        yield values[start : start + 500]


def _matrix_row(
    slug: str, folders: Mapping[str, EditionOverview], small: SmallChanges
) -> MatrixRow:
    source = _summaries[folders[SOURCE_FOLDER].digest]
    source_digest = folders[SOURCE_FOLDER].digest
    cells = {
        folder: _cached_cell(
            each.state, each.published == each.number, source_digest, each.digest, small
        )
        for folder, each in folders.items()
    }
    review_date = review_date_of(folders[SOURCE_FOLDER].review_by, source.checked_on)
    return MatrixRow(
        slug, source.title or slug, source.topic, len(source.steps), cells, review_date
    )


@lru_cache(maxsize=MAX_CACHED)
def _cached_cell(
    state: EditionState,
    is_published: bool,  # noqa: FBT001  # part of a key
    source: str,
    own: str,
    small: SmallChanges,
) -> MatrixCell:
    """Return the cell of two digests, cached: the same two revisions always give the same."""
    return make_cell(
        state, _summaries[source], _summaries[own], is_published=is_published, small=small
    )
