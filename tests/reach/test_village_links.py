"""Villages: a code each, made once; the trainers' pages and the board, kind and blurred."""

import csv
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select
from starlette.types import ASGIApp
from typer.testing import CliRunner

from content_server.__main__ import app as command_line
from content_server.accounts.roles import Role
from content_server.app import create_app
from content_server.errors import CodeTaken, InvalidVillageLink, VillageTaken
from content_server.reach.board import build_board, list_lesson_counts
from content_server.reach.daily_totals import add_to_totals
from content_server.reach.link_codes import ALPHABET, generate_code, is_code
from content_server.reach.periods import (
    Period,
    PeriodLength,
    parse_period,
    period_containing,
    today_in_vietnam,
)
from content_server.reach.small_count_suppression import suppress_small_count
from content_server.reach.tables import LinkKind, ReachEvent, VillageLinkRow
from content_server.reach.village_links import NewVillageLink, close_link, create_link, list_links
from content_server.services import Services
from tests.support.accounts import client_with_role, new_client

DAY = date(2026, 11, 10)
AFTERWARDS = date(2026, 12, 15)


@pytest.fixture(scope="module")
def app(published_services: Services) -> ASGIApp:
    return create_app(published_services)


@pytest.fixture
def empty(published_services: Services) -> Iterator[Services]:
    yield published_services
    with published_services.database.write() as session:
        for link in session.exec(select(VillageLinkRow)):
            session.delete(link)


@pytest.fixture(scope="module")
def trainer(published_services: Services, app: ASGIApp) -> TestClient:
    return client_with_role(published_services, Role.TRAINER, app=app)


def add_village_link(
    services: Services, name: str = "Nà Phát", unit: str = "Mường Kim", **more: str
) -> VillageLinkRow:
    with services.database.write() as session:
        return create_link(session, NewVillageLink(name, unit, **more))  # type: ignore[arg-type]  # a code


def test_codes_are_sayable_and_hard_to_confuse() -> None:
    codes = {generate_code() for _ in range(500)}
    assert all(is_code(code) and re.fullmatch("([a-z][2-9]){2}", code) for code in codes)
    assert len(codes) > 450
    assert not set("01ilo") & set(ALPHABET)
    assert not [bad for bad in ("", "x7", "x7k2a", "X7K2", "o0il", "x7k\n") if is_code(bad)]


@pytest.mark.parametrize("again", ["Nà Phát", "na phat", "  Bản  NÀ PHÁT ", "bản Na Phát"])
def test_two_trainers_of_one_village_share_its_code(empty: Services, again: str) -> None:
    first = add_village_link(empty)
    with pytest.raises(VillageTaken, match=first.code) as refused:
        add_village_link(empty, again, "mường kim")
    assert refused.value.existing_code == first.code
    assert "Mường Kim" in str(refused.value)
    add_village_link(empty, again, "Than Uyên")  # another commune has its own
    with empty.database.write() as session:
        create_link(session, NewVillageLink(again, "Mường Kim", LinkKind.MARKET))


def test_a_code_is_given_once_and_never_again(empty: Services) -> None:
    add_village_link(empty, code="np7")
    with pytest.raises(CodeTaken, match="Nà Phát") as refused:
        add_village_link(empty, "Hua Than", code="NP7")
    assert refused.value.existing_code == "np7"
    with empty.database.write() as session:
        close_link(session, "np7")
    with pytest.raises(CodeTaken):
        add_village_link(empty, "Hua Than", code="np7")
    assert add_village_link(empty).code != "np7"  # the place itself may begin anew


def test_two_trainers_at_the_same_moment_get_one_code(empty: Services) -> None:
    def tried(name: str, code: str = "") -> str:
        try:
            return add_village_link(empty, name, code=code).code
        except (VillageTaken, CodeTaken) as refused:
            return f"taken: {refused.existing_code}"

    with ThreadPoolExecutor(8) as trainers:
        same_place = list(trainers.map(tried, ["Nà Phát", "na phat"] * 4))
        same_code = list(trainers.map(tried, [f"Bản {n}" for n in range(8)], ["np7"] * 8))
    for answers in (same_place, same_code):
        codes = {answer.removeprefix("taken: ") for answer in answers}
        assert len(codes) == 1
        assert sum(answer in codes for answer in answers) == 1
    with empty.database.read() as session:
        assert len(list_links(session)) == 2


@pytest.mark.parametrize(
    ("name", "unit", "code"),
    [("", "x", ""), ("x" * 61, "x", ""), ("x", "", ""), ("x", "x", "o0il"), ("\u0301", "x", "")],
)
def test_odd_words_are_refused_in_words(empty: Services, name: str, unit: str, code: str) -> None:
    with pytest.raises(InvalidVillageLink):
        add_village_link(empty, name, unit, code=code)


def test_villages_by_command_line(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = ["--data", str(tmp_path_factory.mktemp("cli"))]
    run = CliRunner().invoke
    added = run(command_line, ["village", "add", "Nà Phát", "--unit", "Mường Kim", *data])
    assert added.exit_code == 0, added.output
    code = re.search(r"\?([a-z0-9]{4})", added.output)
    assert code
    again = run(command_line, ["village", "add", "na phat", "--unit", "muong kim", *data])
    assert isinstance(again.exception, VillageTaken)
    assert code[1] in run(command_line, ["village", "list", *data]).output
    assert run(command_line, ["village", "close", code[1], *data]).exit_code == 0
    assert code[1] not in run(command_line, ["village", "list", *data]).output
    assert code[1] in run(command_line, ["village", "list", "--closed", *data]).output


def test_a_trainer_makes_a_code_and_prints_it(empty: Services, trainer: TestClient) -> None:
    form = {"name": "Nà Phát", "unit": "Mường Kim", "kind": "village"}
    answer = trainer.post("/-/tap-huan/ban", data=form)
    assert answer.status_code == 303, answer.text
    place = answer.headers["location"]
    code = place.rpartition("/")[2]
    page = trainer.get(f"{place}?bai=tra-tien").text
    assert f"/vi/tra-tien?{code}" in page
    assert "<svg" in page
    here = {"host": "127.0.0.1:8000"}  # opened on the server itself, which knows no other address
    for path in (place, f"{place}/to"):
        lost = trainer.get(path, headers=here)
        assert "CONTENT_SERVER_BASE_URL" in lost.text
        assert "big-qr" not in lost.text
    assert trainer.get(f"{place}/to?kieu=nhan").text.count("<article>") == 12
    assert trainer.get(f"{place}/to").text.count("<article>") == 1
    assert trainer.get("/-/tap-huan/ban").text.count(code) >= 1
    again = trainer.post("/-/tap-huan/ban", data={**form, "name": "na phat"})
    assert again.status_code == 409
    assert f'href="/-/tap-huan/ban/{code}"' in again.text
    assert 'value="na phat"' in again.text  # nothing typed is lost
    closed = trainer.post(f"{place}/dong")
    assert closed.status_code == 303
    with empty.database.read() as session:
        assert list_links(session) == []
    assert trainer.get("/-/tap-huan/ban/zz99").status_code == 404


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '" onfocus="x', "=1+1", "{{ 7*7 }}"])
def test_what_trainers_type_stays_words(trainer: TestClient, name: str) -> None:
    form = {"name": name, "unit": name, "kind": "market", "code": name[:4]}
    assert trainer.post("/-/tap-huan/ban", data=form).status_code == 422
    trainer.post("/-/tap-huan/ban", data={**form, "code": ""})
    for path in ("/-/tap-huan/ban", "/-/tap-huan/bang"):
        page = trainer.get(path).text
        assert "<script>alert" not in page
        assert '" onfocus="x' not in page


def test_strangers_and_speakers_do_not_come_in(published_services: Services, app: ASGIApp) -> None:
    stranger, speaker = (
        new_client(app),
        client_with_role(published_services, Role.SPEAKER, "hmn", app=app),
    )
    for path in ("/-/tap-huan/ban", "/-/tap-huan/bang", "/-/tap-huan/bang.csv", "/-/tap-huan"):
        assert stranger.get(path).status_code == 303
        assert speaker.get(path).status_code == 403


def fill_november(services: Services) -> tuple[str, str]:
    """Two villages with a November: one that did much, one where four people did something."""
    many, few = (
        add_village_link(services, "Nà Phát").code,
        add_village_link(services, "An Xuân").code,
    )
    day = [
        (many, ReachEvent.OPENED, 23),
        (many, ReachEvent.PRACTISED, 12),
        (few, ReachEvent.PRACTISED, 4),
    ]
    day += [("", ReachEvent.OPENED, 3)]
    with services.database.write() as session:
        add_to_totals(session, {(DAY, link, "tra-tien", "vi", what): n for link, what, n in day})
    return many, few


def test_the_board_is_kind_and_says_no_small_number(empty: Services, trainer: TestClient) -> None:
    fill_november(empty)
    page = trainer.get("/-/tap-huan/bang?ky=2026-11").text
    names = re.findall(r'<th scope="row">([^<]+)<small>', page)
    assert names == ["bản An Xuân", "bản Nà Phát"]  # by name, not by number
    text = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    cells = set(re.findall(r"<td>([^<]*)</td>|<text[^>]*>([^<]*)</text>", text))
    said = {cell for pair in cells for cell in pair if re.search(r"\d", cell) and "/" not in cell}
    assert said <= {"0", "&lt;5", "5", "10", "15", "20", "25"}
    assert page.count("<title id=") == page.count("<desc id=") == 2
    table = list(csv.reader(StringIO(trainer.get("/-/tap-huan/bang.csv?ky=2026-11").text[1:])))
    assert {row[2]: row[6] for row in table[1:]} == {"bản An Xuân": "<5", "bản Nà Phát": "10"}


def test_no_difference_of_what_is_shown_gives_a_small_number_away(empty: Services) -> None:
    fill_november(empty)
    month = period_containing(PeriodLength.MONTH, DAY)
    with empty.database.read() as session:
        shown = build_board(session, month, AFTERWARDS)
        parts = list_lesson_counts(session, month, AFTERWARDS)
    every = [said for line in shown.rows for said in line.counts.values()]
    every += [said for row in parts for said in row.counts.values()]
    every += [*shown.totals.values(), *(said for _period, said in shown.trend)]
    assert all(said.rounded % 5 == 0 for said in every)
    assert {said.is_suppressed for said in every} == {True, False}


def test_sums_end_with_yesterday(empty: Services) -> None:
    code = add_village_link(empty).code
    with empty.database.write() as session:
        add_to_totals(session, {(DAY, code, "tra-tien", "vi", ReachEvent.FINISHED): 50})
    month = period_containing(PeriodLength.MONTH, DAY)
    with empty.database.read() as session:
        that_day = build_board(session, month, DAY).rows[0]
        next_day = build_board(session, month, DAY + timedelta(days=1)).rows[0]
    assert (
        that_day.counts[ReachEvent.FINISHED].rounded,
        next_day.counts[ReachEvent.FINISHED].rounded,
    ) == (0, 50)


@pytest.mark.parametrize("name", ["", "2026-13", "2026-W99", "7", "2026-W00", "9999-99", "x" * 10])
def test_a_period_that_is_none_is_this_month(trainer: TestClient, name: str) -> None:
    assert parse_period(name, DAY) == Period(PeriodLength.MONTH, date(2026, 11, 1))
    assert trainer.get(f"/-/tap-huan/bang?ky={name}").status_code == 200


def test_weeks_and_months_follow_each_other() -> None:
    for span in PeriodLength:
        period = period_containing(span, today_in_vietnam())
        assert period.next.previous == period
        assert period.last_day + timedelta(days=1) == period.next.first_day
        assert parse_period(period.name, DAY) == period


def test_counts_are_blurred() -> None:
    said = [str(suppress_small_count(count)) for count in (0, 1, 4, 5, 7, 8, 12, 13, 1000)]
    assert said == ["0", "<5", "<5", "5", "5", "10", "10", "15", "1000"]
