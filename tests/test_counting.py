"""Beacons: counted once, rubbish never, of nobody; and gone for two seconds at most."""

import json
import secrets
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from sqlmodel import select

from content_server.db import Database
from content_server.reach import counter as counting
from content_server.reach.beacons import Beacon, read_beacon
from content_server.reach.counter import Counter
from content_server.reach.daily_totals import TOKEN_DAYS, forget_tokens
from content_server.reach.periods import today
from content_server.reach.rate_limit import LINK_A_MINUTE
from content_server.reach.tables import CountedOnce, DayCount, What
from content_server.reach.village_links import NewLink, close_link, make_link
from content_server.services import Services

pytest_plugins = ("fixtures_postgres", "fixtures_taught")

GOOD: dict[str, object] = {
    "link": "",
    "lesson": "tra-tien",
    "lang": "vi",
    "what": "opened",
    "count": 1,
}
RUBBISH: list[bytes] = [
    b"",
    b"{",
    b"[]",
    b"[" * 1000,
    b'"opened"',
    b"null",
    b"\xff\xfe\x00",
    b"{" + b" " * 2000 + b"}",
    json.dumps({**GOOD, "lesson": "../../etc"}).encode(),
    json.dumps({**GOOD, "lesson": "khong-co"}).encode(),
    json.dumps({**GOOD, "lesson": 7}).encode(),
    json.dumps({**GOOD, "lang": "x" * 30}).encode(),
    json.dumps({**GOOD, "what": "clicked"}).encode(),
    json.dumps({**GOOD, "what": ["opened"]}).encode(),
    json.dumps({**GOOD, "count": 0}).encode(),
    json.dumps({**GOOD, "count": -5}).encode(),
    json.dumps({**GOOD, "count": True}).encode(),
    json.dumps({**GOOD, "count": 2}).encode(),
    json.dumps({**GOOD, "what": "hands", "count": 10**30}).encode(),
    json.dumps({**GOOD, "once": "not hexadecimal!"}).encode(),
    json.dumps({**GOOD, "link": "o0il"}).encode(),
    json.dumps({**GOOD, "link": "' OR 1=1 --"}).encode(),
]


@pytest.fixture(scope="module")
def client(taught_site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=taught_site) as client:
        yield client


@pytest.fixture
def counts(taught: Services) -> Iterator[Services]:
    """Start and end with nothing counted."""
    yield taught
    taught.counter.write()
    with taught.database.write() as session:
        for row in [*session.exec(select(DayCount)), *session.exec(select(CountedOnce))]:
            session.delete(row)


def counted(house: Services) -> dict[tuple[str, str, str, str], int]:
    """Write what is waiting; return all counts of today."""
    house.counter.write()
    with house.database.read() as session:
        rows = session.exec(select(DayCount)).all()
    assert {row.day for row in rows} <= {today()}
    return {(row.link, row.lesson, row.lang, row.what): row.count for row in rows}


def tell(client: httpx.Client, **changes: object) -> None:
    response = client.post("/-/dem", content=json.dumps({**GOOD, **changes}))
    assert (response.status_code, response.content) == (204, b"")
    assert "set-cookie" not in response.headers


def test_what_happens_is_added_to_the_day(client: httpx.Client, counts: Services) -> None:
    with counts.database.write() as session:
        code = make_link(session, NewLink("Nà Phát", "xã Mường Kim")).code
    for _ in range(3):
        tell(client, link=code)
    tell(client, lang="hmn", what="finished")
    tell(client, link=code, what="hands", count=40)
    assert counted(counts) == {
        (code, "tra-tien", "vi", "opened"): 3,
        ("", "tra-tien", "hmn", "finished"): 1,
        (code, "tra-tien", "vi", "hands"): 40,
    }
    tell(client, link=code)
    assert counted(counts)[code, "tra-tien", "vi", "opened"] == 4


@pytest.mark.parametrize("body", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_is_answered_like_the_rest_and_written_nowhere(
    client: httpx.Client, counts: Services, body: bytes
) -> None:
    response = client.post("/-/dem", content=body)
    assert (response.status_code, response.content) == (204, b"")
    assert counted(counts) == {}


def test_other_sites_and_other_methods_count_nothing(
    client: httpx.Client, counts: Services
) -> None:
    good = json.dumps(GOOD)
    client.post("/-/dem", content=good, headers={"Sec-Fetch-Site": "cross-site"})
    for method in ("GET", "PUT", "DELETE"):
        assert client.request(method, "/-/dem", content=good).status_code == 204
    assert counted(counts) == {}


def test_a_completion_sent_again_is_counted_once(client: httpx.Client, counts: Services) -> None:
    once = secrets.token_hex(8)
    tell(client, what="finished", once=once)
    tell(client, what="finished", once=once)  # before the writing
    assert counted(counts) == {("", "tra-tien", "vi", "finished"): 1}
    tell(client, what="finished", once=once)  # after it
    again = Counter(counts.database)  # after a restart, or on another machine
    again.take(Beacon("", "tra-tien", "vi", What.FINISHED, 1, once))
    again.write()
    tell(client, what="finished", once=secrets.token_hex(8))
    assert counted(counts) == {("", "tra-tien", "vi", "finished"): 2}


def test_a_token_says_nothing_and_is_forgotten(client: httpx.Client, counts: Services) -> None:
    once = secrets.token_hex(8)
    tell(client, what="practised", once=once)
    counted(counts)
    with counts.database.read() as session:
        kept = session.exec(select(CountedOnce)).one()
    assert set(kept.model_dump()) == {"digest", "day"}
    assert int(once, 16) != kept.digest
    with counts.database.write() as session:
        forget_tokens(session, today() + timedelta(days=TOKEN_DAYS))
        assert session.exec(select(CountedOnce)).all()
        forget_tokens(session, today() + timedelta(days=TOKEN_DAYS + 1))
        assert not session.exec(select(CountedOnce)).all()


def test_codes_nobody_made_or_closed_count_for_no_village(
    client: httpx.Client, counts: Services
) -> None:
    with counts.database.write() as session:
        code = make_link(session, NewLink("chợ phiên", "xã Than Uyên")).code
        close_link(session, code)
    tell(client, link=code)
    tell(client, link="zzz9")
    assert counted(counts) == {("", "tra-tien", "vi", "opened"): 2}


def test_a_script_in_a_loop_does_not_make_a_village_shine(counts: Services) -> None:
    with counts.database.write() as session:
        code = make_link(session, NewLink("Hua Than", "xã Mường Than")).code
    clock = [0.0]
    counter = Counter(counts.database, lambda: clock[0])
    beacon = Beacon(code, "tra-tien", "vi", What.OPENED, 1, "")
    for _ in range(LINK_A_MINUTE * 2):
        counter.take(beacon)
    counter.write()
    assert counted(counts)[code, "tra-tien", "vi", "opened"] == LINK_A_MINUTE
    clock[0] = 60.0
    counter.take(beacon)
    counter.write()
    assert counted(counts)[code, "tra-tien", "vi", "opened"] == LINK_A_MINUTE + 1


def test_while_the_database_is_busy_nothing_is_lost(
    taught: Services, counts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_WAITING", 100)
    busy = Database.open(taught.settings.effective_database_url, wait_s=0.05)
    counter = Counter(busy)
    for _ in range(150):
        counter.take(Beacon("", "tra-tien", "vi", What.OPENED, 1, ""))
    with taught.database.write():
        counter.stop()  # cannot write, says nothing
    counter.write()
    busy.close()
    assert counted(counts) == {("", "tra-tien", "vi", "opened"): 100}


def test_two_machines_add_up_on_postgresql(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    database.migrate()
    with database.write() as session:
        code = make_link(session, NewLink("Nà Phát", "xã Mường Kim")).code
    once = secrets.token_hex(8)
    other = Database.open(postgres_url)
    for machine in (Counter(database), Counter(other)):
        machine.take(Beacon(code, "tra-tien", "hmn", What.HANDS, 12, ""))
        machine.take(Beacon(code, "tra-tien", "hmn", What.FINISHED, 1, once))
        machine.stop()
    with database.read() as session:
        rows = session.exec(select(DayCount)).all()
        assert {(row.what, row.count) for row in rows} == {("hands", 24), ("finished", 1)}
        assert session.exec(select(CountedOnce)).all()
    for each in (database, other):
        each.close()


def test_read_beacon_reads_what_the_contract_says() -> None:
    body = b'{"link":"x7k2","lesson":"tra-tien-dien","lang":"hmn","what":"finished","count":1,'
    body += b'"once":"0123456789abcdef"}'
    expected = Beacon("x7k2", "tra-tien-dien", "hmn", What.FINISHED, 1, "0123456789abcdef")
    assert read_beacon(body) == expected
