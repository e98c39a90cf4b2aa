"""Days and periods in Vietnamese time: today, a week from Monday, a month."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

VIETNAM = timezone(timedelta(hours=7))  # no summer time since 1975
WEEK = re.compile(r"(20\d\d)-W(\d\d)")
MONTH = re.compile(r"(20\d\d)-(\d\d)")


class PeriodLength(StrEnum):
    """The length of a period. No free dates: differences would reveal counts of single days."""

    WEEK = "week"
    MONTH = "month"


def today_in_vietnam() -> date:
    return datetime.now(UTC).astimezone(VIETNAM).date()


@dataclass(frozen=True)
class Period:
    """One week or month, from `first_day` to `last_day` inclusive."""

    length: PeriodLength
    first_day: date

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> "Period":
        if self.length is PeriodLength.WEEK:
            return Period(self.length, self.first_day + timedelta(days=7))
        return Period(self.length, (self.first_day + timedelta(days=32)).replace(day=1))

    @property
    def previous(self) -> "Period":
        return period_containing(self.length, self.first_day - timedelta(days=1))

    @property
    def name(self) -> str:
        """Return the name used in addresses: 2026-11, 2026-W48."""
        if self.length is PeriodLength.MONTH:
            return f"{self.first_day:%Y-%m}"
        year, week, _day = self.first_day.isocalendar()
        return f"{year}-W{week:02}"


def period_containing(span: PeriodLength, day: date) -> Period:
    """Return the week or month that contains `day`."""
    if span is PeriodLength.MONTH:
        return Period(span, day.replace(day=1))
    return Period(span, day - timedelta(days=day.weekday()))


def parse_period(name: str, fallback_day: date) -> Period:
    """Return the period called `name`; the month of `fallback_day` for an invalid name."""
    try:
        if found := WEEK.fullmatch(name):
            return Period(PeriodLength.WEEK, date.fromisocalendar(int(found[1]), int(found[2]), 1))
        if found := MONTH.fullmatch(name):
            return Period(PeriodLength.MONTH, date(int(found[1]), int(found[2]), 1))
    except ValueError:  # week 99, month 13
        pass
    return period_containing(PeriodLength.MONTH, fallback_day)
