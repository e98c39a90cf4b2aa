"""Days and periods as Vietnam counts them: today, a week from Monday, a month."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum

VIETNAM = timezone(timedelta(hours=7))  # no summer time since 1975
WEEK = re.compile(r"(20\d\d)-W(\d\d)")
MONTH = re.compile(r"(20\d\d)-(\d\d)")


class Span(StrEnum):
    """How long a period is. Only these: free dates would let one subtract day from day."""

    WEEK = "week"
    MONTH = "month"


def today() -> date:
    return datetime.now(UTC).astimezone(VIETNAM).date()


@dataclass(frozen=True)
class Period:
    """One week or one month: from `first` to `last`, both of it."""

    span: Span
    first: date

    @property
    def last(self) -> date:
        return self.following.first - timedelta(days=1)

    @property
    def following(self) -> "Period":
        if self.span is Span.WEEK:
            return Period(self.span, self.first + timedelta(days=7))
        return Period(self.span, (self.first + timedelta(days=32)).replace(day=1))

    @property
    def before(self) -> "Period":
        return period_of(self.span, self.first - timedelta(days=1))

    @property
    def name(self) -> str:
        """Return the period as addresses say it: 2026-11, 2026-W48."""
        if self.span is Span.MONTH:
            return f"{self.first:%Y-%m}"
        year, week, _day = self.first.isocalendar()
        return f"{year}-W{week:02}"


def period_of(span: Span, day: date) -> Period:
    """Return the week or month `day` lies in."""
    if span is Span.MONTH:
        return Period(span, day.replace(day=1))
    return Period(span, day - timedelta(days=day.weekday()))


def read_period(name: str, otherwise: date) -> Period:
    """Return the period called `name`; the month of `otherwise` when there is none of that name."""
    try:
        if found := WEEK.fullmatch(name):
            return Period(Span.WEEK, date.fromisocalendar(int(found[1]), int(found[2]), 1))
        if found := MONTH.fullmatch(name):
            return Period(Span.MONTH, date(int(found[1]), int(found[2]), 1))
    except ValueError:  # week 99, month 13
        pass
    return period_of(Span.MONTH, otherwise)
