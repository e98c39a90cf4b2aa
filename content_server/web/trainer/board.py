"""The board of villages, on a page and as a table to take away."""

import csv
from collections.abc import Callable
from datetime import date
from io import StringIO
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from content_server.accounts.roles import Act, Person
from content_server.phrases import Phrase, _, speaker
from content_server.reach.board import DEEDS, Board, board, rows
from content_server.reach.charts import Bars, lying_bars, standing_bars
from content_server.reach.periods import Period, Span, period_of, read_period, today
from content_server.reach.tables import What
from content_server.web.dependencies import SessionDep
from content_server.web.permissions import whoever_may
from content_server.web.rendering import render, tag_of
from content_server.web.trainer.villages import lessons_of

router = APIRouter(include_in_schema=False)
CountsDep = Annotated[Person, Depends(whoever_may(Act.SEE_COUNTS))]
PeriodQuery = Annotated[str, Query(alias="ky", max_length=10)]
UnitQuery = Annotated[str, Query(alias="xa", max_length=120)]
WORDS: dict[What, Phrase] = {
    What.PRACTISED: _("Tự làm được"),
    What.HANDED_ON: _("Chỉ lại cho người khác"),
    What.FINISHED: _("Xem hết bài"),
    What.OPENED: _("Mở bài"),
    What.SESSION: _("Buổi học"),
    What.HANDS: _("Giơ tay"),
}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so


@router.get("/-/tap-huan/bang")
def show_board(
    request: Request,
    person: CountsDep,
    session: SessionDep,
    period: PeriodQuery = "",
    unit: UnitQuery = "",
) -> HTMLResponse:
    """Show the villages of one commune, or of all, in a week or a month."""
    asked = read_period(period, today())
    shown = board(session, asked, today(), [unit] if unit else [])
    every = board(session, asked, today()) if unit else shown
    say = speaker(tag_of(request, person))
    return render(
        request,
        "trainer/board.html",
        board=shown,
        words=WORDS,
        unit=unit,
        communes=sorted({line.unit for line in every.lines}),
        name=name_of(asked),
        periods=_choices(asked),
        charts=_charts(shown, say),
        other=period_of(Span.WEEK if asked.span is Span.MONTH else Span.MONTH, _inside(asked)),
        month=asked.span is Span.MONTH,
    )


@router.get("/-/tap-huan/bang.csv")
def take_table(
    person: CountsDep,
    request: Request,
    session: SessionDep,
    period: PeriodQuery = "",
    unit: UnitQuery = "",
) -> Response:
    """Answer with one line a village, lesson and language; every count blurred by itself."""
    asked = read_period(period, today())
    say = speaker(tag_of(request, person))
    titles = {slug: lesson.title for slug, lesson in lessons_of(session).items()}
    text = StringIO()
    table = csv.writer(text)
    heads = [_("Kỳ"), _("Mã"), _("Bản"), _("Xã"), _("Bài"), _("Tiếng"), *WORDS.values()]
    table.writerow([say(head.message) for head in heads])
    for row in rows(session, asked, today(), [unit] if unit else []):
        words = (row.name, row.unit, titles.get(row.lesson, row.lesson), row.lang)
        counts = [str(row.cells[what]) for what in WORDS]
        table.writerow([asked.name, row.code, *map(_no_formula, words), *counts])
    headers = {
        "Content-Disposition": f'attachment; filename="bang-{asked.name}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response("\ufeff" + text.getvalue(), 200, headers, "text/csv; charset=utf-8")


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def name_of(period: Period) -> Phrase:
    """Return a period as it is said."""
    if period.span is Span.MONTH:
        return _("Tháng {month}", month=f"{period.first:%m/%Y}")
    return _("Tuần {first} đến {last}", first=f"{period.first:%d/%m}", last=f"{period.last:%d/%m}")


def _choices(period: Period) -> tuple[Period | None, Period | None]:
    """Return the period before, and the one after unless it is still to come."""
    after = period.following
    return period.before, after if after.first <= today() else None


def _inside(period: Period) -> date:
    return min(period.last, max(period.first, today()))


def _charts(shown: Board, say: Callable[..., str]) -> list[Markup]:
    done, handed = (say(WORDS[what].message) for what in DEEDS)
    villages = [
        Bars(line.name, tuple(line.cells[what] for what in DEEDS))
        for line in shown.lines
        if not line.closed
    ]
    trend = [Bars(_short(period), (said,)) for period, said in shown.trend]
    return [
        lying_bars(str(_("Mỗi bản trong kỳ này")), f"{done}; {handed}. ", villages),
        standing_bars(str(_("Cả các bản, sáu kỳ gần đây")), f"{done} + {handed}.", trend),
    ]


def _short(period: Period) -> str:
    return f"{period.first:%m/%y}" if period.span is Span.MONTH else f"{period.first:%d/%m}"
