"""The audit log as people read it: rows of the audit log and workflow events, in words.

An event of an edition's workflow is written to the workflow only, so both tables are read as one
list ordered by time.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from content_server.accounts.audit_log import RETENTION, describe_event
from content_server.accounts.tables import AuditLogRow
from content_server.db import utc_now
from content_server.editorial.tables import WorkflowEvent, WorkflowEventRow
from content_server.lessons.editions.catalog import lesson_titles
from content_server.lessons.editions.stored_registries import load_registries
from content_server.lessons.editions.tables import EditionRow
from content_server.phrases import Phrase

WORKFLOW_TABLE, AUDIT_TABLE = 0, 1  # order of rows with the same time
# Taking a consent down is one row of the audit log, and a workflow event for every edition.
LISTED_EVENTS = [event for event in WorkflowEvent if event is not WorkflowEvent.TAKEN_DOWN]
CURSOR = re.compile(r"(\d{1,18})-([01])-(\d{1,18})")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class LinePosition(NamedTuple):
    """Where a line stands in the list: by time, then table, then id."""

    created_at: datetime
    table: int
    id: int

    @property
    def cursor(self) -> str:
        """Return the position as text for an address; `parse_cursor` reads it."""
        return f"{(self.created_at - EPOCH) // MICROSECOND}-{self.table}-{self.id}"


@dataclass(frozen=True)
class AuditLine:
    """Who did what to what: `event` is a key of EVENT_WORDS, `subject` for example "bai-1/vi"."""

    position: LinePosition
    actor_id: int | None
    event: str
    subject: str

    @property
    def created_at(self) -> datetime:
        return self.position.created_at


@dataclass(frozen=True)
class AuditLineView:
    """One line as pages show it."""

    created_at: datetime
    actor_id: int | None
    event: Phrase
    subject: str


def parse_cursor(text: str) -> LinePosition | None:
    """Return the position that LinePosition.cursor wrote; None for anything else."""
    match = CURSOR.fullmatch(text)
    if match is None:
        return None
    micros, table, row_id = map(int, match.groups())
    try:
        return LinePosition(EPOCH + micros * MICROSECOND, table, row_id)
    except OverflowError:
        return None


def load_audit_lines(
    session: Session,
    *,
    person_id: int | None = None,
    before: LinePosition | None = None,
    limit: int = 50,
) -> list[AuditLine]:
    """Return at most `limit` lines of the last 180 days, newest first, of one person or of all."""
    rows = _audit_rows(session, person_id, before, limit)
    rows += _workflow_rows(session, person_id, before, limit)
    return sorted(rows, key=lambda line: line.position, reverse=True)[:limit]


def describe_lines(session: Session, lines: Iterable[AuditLine]) -> list[AuditLineView]:
    """Return lines in words; lessons and languages by their names."""
    lines = list(lines)
    titles = lesson_titles(session, (_slug_in(line.subject) for line in lines))
    names = {str(each.folder): each.name_vi for each in load_registries(session).locales.values()}
    return [
        AuditLineView(
            line.created_at,
            line.actor_id,
            describe_event(line.event),
            _describe_subject(line.subject, titles, names),
        )
        for line in lines
    ]


def _audit_rows(
    session: Session, person_id: int | None, before: LinePosition | None, limit: int
) -> list[AuditLine]:
    query = select(AuditLogRow)
    if person_id is not None:
        query = query.where(AuditLogRow.actor_id == person_id)
    if before is not None:
        query = query.where(_is_older(AuditLogRow, AUDIT_TABLE, before))
    newest = col(AuditLogRow.created_at).desc(), col(AuditLogRow.id).desc()
    return [
        AuditLine(
            LinePosition(row.created_at, AUDIT_TABLE, row.id or 0),
            row.actor_id,
            row.event,
            row.subject,
        )
        for row in session.exec(query.order_by(*newest).limit(limit))
    ]


def _workflow_rows(
    session: Session, person_id: int | None, before: LinePosition | None, limit: int
) -> list[AuditLine]:
    query = select(WorkflowEventRow, EditionRow).where(
        WorkflowEventRow.edition_id == EditionRow.id,
        col(WorkflowEventRow.created_at) >= utc_now() - RETENTION,
        col(WorkflowEventRow.event).in_(LISTED_EVENTS),
    )
    if person_id is not None:
        query = query.where(WorkflowEventRow.actor_id == person_id)
    if before is not None:
        query = query.where(_is_older(WorkflowEventRow, WORKFLOW_TABLE, before))
    newest = col(WorkflowEventRow.created_at).desc(), col(WorkflowEventRow.id).desc()
    return [
        AuditLine(
            LinePosition(row.created_at, WORKFLOW_TABLE, row.id or 0),
            row.actor_id,
            row.event.value,
            _workflow_subject(row, edition),
        )
        for row, edition in session.exec(query.order_by(*newest).limit(limit))
    ]


def _is_older(
    model: type[AuditLogRow] | type[WorkflowEventRow], table: int, before: LinePosition
) -> ColumnElement[bool]:
    """Return the condition that a row of `model` stands after `before` in the list."""
    created_at: Any = col(model.created_at)
    if table == before.table:
        is_next = and_(created_at == before.created_at, col(model.id) < before.id)
        return or_(created_at < before.created_at, is_next)
    condition: ColumnElement[bool] = (
        created_at <= before.created_at if table < before.table else created_at < before.created_at
    )
    return condition


def _workflow_subject(row: WorkflowEventRow, edition: EditionRow) -> str:
    number = f" {row.revision}" if row.event is WorkflowEvent.ROLLED_BACK else ""
    return f"{edition.slug}/{edition.folder}{number}"


def _slug_in(subject: str) -> str:
    return subject.partition(" ")[0].partition("/")[0]


def _describe_subject(subject: str, titles: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Return "Trả tiền điện · Tiếng Mông · …" for "tra-tien/hmn …"; other subjects unchanged."""
    edition, _space, more = subject.partition(" ")
    slug, folder = _slug_in(subject), edition.partition("/")[2]
    if slug not in titles:
        return subject
    return " · ".join(filter(None, (titles[slug], names.get(folder, ""), more)))
