"""The board: what villages did in a week or a month, side by side, without first or last.

Villages stand by name, never by number; what is shown first is what people did themselves and
handed on; a village that did less than before is not told so (research: domain §6). Sums end with
yesterday, so nobody can watch a number jump while a neighbour holds the phone.
"""

from collections import Counter as Sums
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, func

from content_server.reach.periods import Period
from content_server.reach.small_count_suppression import Said, blur
from content_server.reach.tables import DayCount, VillageLink, What
from content_server.reach.village_links import called, links_of

DEEDS = (What.PRACTISED, What.HANDED_ON)  # what a village is praised for
TREND = 6  # periods in the chart of all villages
Cells = Mapping[What, Said]


@dataclass(frozen=True)
class Line:
    """One village on the board."""

    code: str
    name: str
    unit: str
    cells: Cells
    more: bool  # did more than in the period before, as far as may be said
    closed: bool


@dataclass(frozen=True)
class Board:
    """All villages in one period."""

    period: Period
    until: date  # the last day that is counted in
    lines: tuple[Line, ...]
    together: Cells  # all villages of the board
    without_code: Cells  # opened by no village's link
    trend: tuple[tuple[Period, Said], ...]  # deeds of all villages, oldest first


@dataclass(frozen=True)
class Row:
    """One line of the table to take away: one village, one lesson, one language."""

    code: str
    name: str
    unit: str
    lesson: str
    lang: str
    cells: Cells


def board(session: Session, period: Period, today: date, units: Iterable[str] = ()) -> Board:
    """Return the board of `period`; of all villages, or of those in `units`."""
    links = _shown(session, units)
    codes = {link.code for link in links}
    now, before = _by_link(session, period, today), _by_link(session, period.before, today)
    return Board(
        period=period,
        until=_until(period, today),
        lines=tuple(
            line
            for link in links
            if not (line := _line(link, now, before)).closed or any(map(_seen, line.cells.values()))
        ),
        together=_cells(_sum(sums for code, sums in now.items() if code in codes)),
        without_code=_cells(now.get("", Sums())),
        trend=tuple(_trend(session, period, today, codes)),
    )


def rows(session: Session, period: Period, today: date, units: Iterable[str] = ()) -> list[Row]:
    """Return the board in its smallest parts, each number blurred by itself."""
    query = _within(period, today, DayCount.link, DayCount.lesson, DayCount.lang, DayCount.what)
    found: dict[tuple[str, str, str], Sums[What]] = {}
    for link, lesson, lang, what, count in session.connection().execute(query):
        found.setdefault((link, lesson, lang), Sums())[What(what)] = int(count)
    return [
        Row(place.code, called(place), place.unit, lesson, lang, _cells(found[code, lesson, lang]))
        for place in _shown(session, units)
        for code, lesson, lang in sorted(found)
        if code == place.code
    ]


def _shown(session: Session, units: Iterable[str]) -> list[VillageLink]:
    wanted = set(units)
    links = links_of(session, closed=True)
    return [link for link in links if not wanted or link.unit in wanted]


def _line(
    link: VillageLink, now: Mapping[str, Sums[What]], before: Mapping[str, Sums[What]]
) -> Line:
    mine, mine_before = now.get(link.code, Sums()), before.get(link.code, Sums())
    return Line(
        code=link.code,
        name=called(link),
        unit=link.unit,
        cells=_cells(mine),
        more=_deeds(mine).about > _deeds(mine_before).about,
        closed=link.closed_at is not None,
    )


def _trend(
    session: Session, period: Period, today: date, codes: set[str]
) -> Iterable[tuple[Period, Said]]:
    periods = [period]
    while len(periods) < TREND:
        periods.append(periods[-1].before)
    for each in reversed(periods):
        sums = _by_link(session, each, today)
        yield each, _deeds(_sum(part for code, part in sums.items() if code in codes))


def _deeds(sums: Sums[What]) -> Said:
    return blur(sum(sums[what] for what in DEEDS))


def _seen(said: Said) -> bool:
    return said.few or said.about > 0


def _cells(sums: Sums[What]) -> Cells:
    return {what: blur(sums[what]) for what in What}


def _sum(parts: Iterable[Sums[What]]) -> Sums[What]:
    whole: Sums[What] = Sums()
    for part in parts:
        whole.update(part)
    return whole


def _by_link(session: Session, period: Period, today: date) -> dict[str, Sums[What]]:
    query = _within(period, today, DayCount.link, DayCount.what)
    found: dict[str, Sums[What]] = {}
    for link, what, count in session.connection().execute(query):
        found.setdefault(link, Sums())[What(what)] = int(count)
    return found


def _within(period: Period, today: date, *parts: Any) -> "sa.Select[Any]":  # noqa: ANN401  # columns
    days = col(DayCount.day).between(period.first, _until(period, today))
    summed = func.sum(col(DayCount.count))
    return sa.select(*parts, summed).where(days).group_by(*parts)


def _until(period: Period, today: date) -> date:
    """Return the last day counted in: yesterday at most."""
    return min(period.last, today - timedelta(days=1))
