"""The board of village counts: a page, and the same as CSV."""

import csv
from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from content_server import urls
from content_server.accounts.roles import Permission, Person
from content_server.phrases import Phrase, _, gettext_for
from content_server.reach.board import ACHIEVEMENTS, Board, build_board, list_lesson_counts
from content_server.reach.charts import BarGroup, horizontal_bar_chart, vertical_bar_chart
from content_server.reach.periods import (
    Period,
    PeriodLength,
    parse_period,
    period_containing,
    today_in_vietnam,
)
from content_server.reach.tables import ReachEvent
from content_server.web.dependencies import SessionDep
from content_server.web.permissions import requires
from content_server.web.rendering import page_language, render
from content_server.web.trainer.villages import published_lessons

router = APIRouter(include_in_schema=False)
CountsDep = Annotated[Person, Depends(requires(Permission.VIEW_COUNTS))]
PeriodQuery = Annotated[str, Query(alias="ky", max_length=10)]
UnitQuery = Annotated[str, Query(alias="xa", max_length=120)]
COUNT_NAMES: dict[ReachEvent, Phrase] = {
    ReachEvent.PRACTISED: _("Tự làm được"),
    ReachEvent.HANDED_ON: _("Chỉ lại cho người khác"),
    ReachEvent.FINISHED: _("Xem hết bài"),
    ReachEvent.OPENED: _("Mở bài"),
    ReachEvent.SESSION: _("Buổi học"),
    ReachEvent.HANDS: _("Giơ tay"),
}
FORMULA_PREFIXES = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
)  # a spreadsheet runs cells that begin so as formulas


@router.get(urls.BOARD)
def board_page(
    request: Request,
    person: CountsDep,
    session: SessionDep,
    period: PeriodQuery = "",
    unit: UnitQuery = "",
) -> HTMLResponse:
    """Show the counts of one commune's villages, or of all, in a week or a month."""
    chosen = parse_period(period, today_in_vietnam())
    board = build_board(session, chosen, today_in_vietnam(), [unit] if unit else [])
    whole_board = build_board(session, chosen, today_in_vietnam()) if unit else board
    say = gettext_for(page_language(request, person))
    return render(
        request,
        "trainer/board.html",
        board=board,
        count_names=COUNT_NAMES,
        unit=unit,
        communes=sorted({line.unit for line in whole_board.rows}),
        name=period_name(chosen),
        periods=_neighbour_periods(chosen),
        charts=_charts(board, say),
        other=period_containing(
            PeriodLength.WEEK if chosen.length is PeriodLength.MONTH else PeriodLength.MONTH,
            _date_inside(chosen),
        ),
        month=chosen.length is PeriodLength.MONTH,
    )


@router.get(urls.BOARD_CSV)
def board_csv(
    person: CountsDep,
    request: Request,
    session: SessionDep,
    period: PeriodQuery = "",
    unit: UnitQuery = "",
) -> Response:
    """Answer with one row a village, lesson and language; every small count is suppressed."""
    chosen = parse_period(period, today_in_vietnam())
    say = gettext_for(page_language(request, person))
    titles = {slug: lesson.title for slug, lesson in published_lessons(session).items()}
    text = StringIO()
    table = csv.writer(text)
    heads = [_("Kỳ"), _("Mã"), _("Bản"), _("Xã"), _("Bài"), _("Tiếng"), *COUNT_NAMES.values()]
    table.writerow([say(head.message) for head in heads])
    for row in list_lesson_counts(session, chosen, today_in_vietnam(), [unit] if unit else []):
        texts = (row.name, row.unit, titles.get(row.lesson, row.lesson), row.lang)
        counts = [str(row.counts[what]) for what in COUNT_NAMES]
        table.writerow([chosen.name, row.code, *map(_escape_formula, texts), *counts])
    headers = {
        "Content-Disposition": f'attachment; filename="bang-{chosen.name}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response("\ufeff" + text.getvalue(), 200, headers, "text/csv; charset=utf-8")


def _escape_formula(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_PREFIXES) else text


def period_name(period: Period) -> Phrase:
    """Return the name of a period."""
    if period.length is PeriodLength.MONTH:
        return _("Tháng {month}", month=f"{period.first_day:%m/%Y}")
    return _(
        "Tuần {first} đến {last}",
        first=f"{period.first_day:%d/%m}",
        last=f"{period.last_day:%d/%m}",
    )


def _neighbour_periods(period: Period) -> tuple[Period | None, Period | None]:
    """Return the period before, and the one after unless it is in the future."""
    after = period.next
    return period.previous, after if after.first_day <= today_in_vietnam() else None


def _date_inside(period: Period) -> date:
    return min(period.last_day, max(period.first_day, today_in_vietnam()))


def _charts(board: Board, say: Callable[..., str]) -> list[Markup]:
    practised, handed_on = (say(COUNT_NAMES[what].message) for what in ACHIEVEMENTS)
    villages = [
        BarGroup(line.name, tuple(line.counts[what] for what in ACHIEVEMENTS))
        for line in board.rows
        if not line.is_closed
    ]
    trend = [BarGroup(_short_name(period), (count,)) for period, count in board.trend]
    return [
        horizontal_bar_chart(
            str(_("Mỗi bản trong kỳ này")), f"{practised}; {handed_on}. ", villages
        ),
        vertical_bar_chart(
            str(_("Cả các bản, sáu kỳ gần đây")), f"{practised} + {handed_on}.", trend
        ),
    ]


def _short_name(period: Period) -> str:
    return (
        f"{period.first_day:%m/%y}"
        if period.length is PeriodLength.MONTH
        else f"{period.first_day:%d/%m}"
    )
