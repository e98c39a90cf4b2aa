"""The board: counts of all villages in a week or month, sorted by name, without a ranking.

The columns of event people did themselves come first; growth is marked, decline is not
(docs/research/domain.md#boards-without-ranking). Counts end with yesterday, so that no number
changes while a neighbour uses a phone.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func

from content_server.reach.periods import Period
from content_server.reach.small_count_suppression import SuppressedCount, suppress_small_count
from content_server.reach.tables import ReachEvent, VillageCountRow, VillageLinkRow
from content_server.reach.village_links import list_links, place_name

ACHIEVEMENTS = (ReachEvent.PRACTISED, ReachEvent.HANDED_ON)  # the events that mark growth
TREND_PERIODS = 6  # columns in the chart of all villages
EventCounts = Mapping[ReachEvent, SuppressedCount]


@dataclass(frozen=True)
class BoardLine:
    """The row of one village."""

    code: str
    name: str
    unit: str
    counts: EventCounts
    has_grown: bool  # rounded achievements exceed those of the period before
    is_closed: bool


@dataclass(frozen=True)
class Board:
    """The counts of all villages in one period."""

    period: Period
    last_day: date  # the last day included
    rows: tuple[BoardLine, ...]
    totals: EventCounts  # of all villages of the board
    without_code: EventCounts  # of pages opened without a village link
    trend: tuple[tuple[Period, SuppressedCount], ...]  # achievements of all villages, oldest first


@dataclass(frozen=True)
class LessonCounts:
    """A row of the CSV table: one village, one lesson, one language."""

    code: str
    name: str
    unit: str
    lesson: str
    lang: str
    counts: EventCounts


def build_board(session: Session, period: Period, today: date, units: Iterable[str] = ()) -> Board:
    """Return the board of `period` for all villages, or those in `units`."""
    links = _visible_links(session, units)
    codes = {link.code for link in links}
    now, before = (
        _counts_by_link(session, period, today),
        _counts_by_link(session, period.previous, today),
    )
    return Board(
        period=period,
        last_day=_last_counted_day(period, today),
        rows=tuple(
            line
            for link in links
            if not (line := _board_line(link, now, before)).is_closed
            or any(map(_is_nonzero, line.counts.values()))
        ),
        totals=_suppress_counts(
            _merge_counts(counts for code, counts in now.items() if code in codes)
        ),
        without_code=_suppress_counts(now.get("", Tally())),
        trend=tuple(_trend_counts(session, period, today, codes)),
    )


def list_lesson_counts(
    session: Session, period: Period, today: date, units: Iterable[str] = ()
) -> list[LessonCounts]:
    """Return counts by village, lesson and language, each suppressed by itself."""
    query = _grouped_counts_query(
        period,
        today,
        VillageCountRow.link,
        VillageCountRow.lesson,
        VillageCountRow.lang,
        VillageCountRow.event,
    )
    found: dict[tuple[str, str, str], Tally[ReachEvent]] = {}
    for link, lesson, lang, event, count in session.connection().execute(query):
        found.setdefault((link, lesson, lang), Tally())[ReachEvent(event)] = int(count)
    return [
        LessonCounts(
            place.code,
            place_name(place),
            place.unit,
            lesson,
            lang,
            _suppress_counts(found[code, lesson, lang]),
        )
        for place in _visible_links(session, units)
        for code, lesson, lang in sorted(found)
        if code == place.code
    ]


def _visible_links(session: Session, units: Iterable[str]) -> list[VillageLinkRow]:
    only = set(units)
    links = list_links(session, closed=True)
    return [link for link in links if not only or link.unit in only]


def _board_line(
    link: VillageLinkRow,
    now: Mapping[str, Tally[ReachEvent]],
    before: Mapping[str, Tally[ReachEvent]],
) -> BoardLine:
    mine, mine_before = now.get(link.code, Tally()), before.get(link.code, Tally())
    return BoardLine(
        code=link.code,
        name=place_name(link),
        unit=link.unit,
        counts=_suppress_counts(mine),
        has_grown=_achievement_count(mine).rounded > _achievement_count(mine_before).rounded,
        is_closed=link.closed_at is not None,
    )


def _trend_counts(
    session: Session, period: Period, today: date, codes: set[str]
) -> Iterable[tuple[Period, SuppressedCount]]:
    periods = [period]
    while len(periods) < TREND_PERIODS:
        periods.append(periods[-1].previous)
    for each in reversed(periods):
        counts = _counts_by_link(session, each, today)
        yield (
            each,
            _achievement_count(
                _merge_counts(part for code, part in counts.items() if code in codes)
            ),
        )


def _achievement_count(counts: Tally[ReachEvent]) -> SuppressedCount:
    return suppress_small_count(sum(counts[event] for event in ACHIEVEMENTS))


def _is_nonzero(count: SuppressedCount) -> bool:
    return count.is_suppressed or count.rounded > 0


def _suppress_counts(counts: Tally[ReachEvent]) -> EventCounts:
    return {event: suppress_small_count(counts[event]) for event in ReachEvent}


def _merge_counts(parts: Iterable[Tally[ReachEvent]]) -> Tally[ReachEvent]:
    whole: Tally[ReachEvent] = Tally()
    for part in parts:
        whole.update(part)
    return whole


def _counts_by_link(session: Session, period: Period, today: date) -> dict[str, Tally[ReachEvent]]:
    query = _grouped_counts_query(period, today, VillageCountRow.link, VillageCountRow.event)
    found: dict[str, Tally[ReachEvent]] = {}
    for link, event, count in session.connection().execute(query):
        found.setdefault(link, Tally())[ReachEvent(event)] = int(count)
    return found


def _grouped_counts_query(period: Period, today: date, *parts: Any) -> "sa.Select[Any]":  # noqa: ANN401  # columns
    days = col(VillageCountRow.day).between(period.first_day, _last_counted_day(period, today))
    summed = func.sum(col(VillageCountRow.count))
    return sa.select(*parts, summed).where(days).group_by(*parts)


def _last_counted_day(period: Period, today: date) -> date:
    """Return the last day included: the end of the period, at most yesterday."""
    return min(period.last_day, today - timedelta(days=1))
