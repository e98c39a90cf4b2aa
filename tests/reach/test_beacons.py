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
from content_server.reach.beacons import Beacon, parse_beacon
from content_server.reach.counter import BeaconCounter
from content_server.reach.daily_totals import TOKEN_RETENTION_DAYS, delete_old_tokens
from content_server.reach.periods import today_in_vietnam
from content_server.reach.rate_limit import MAX_PER_MINUTE_WITH_LINK
from content_server.reach.tables import BeaconTokenRow, ReachEvent, VillageCountRow
from content_server.reach.village_links import NewVillageLink, close_link, create_link
from content_server.services import Services

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
def client(published_site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=published_site) as client:
        yield client


@pytest.fixture
def counts(published_services: Services) -> Iterator[Services]:
    """Start and end with nothing counted."""
    yield published_services
    published_services.counter.flush()
    with published_services.database.write() as session:
        for row in [*session.exec(select(VillageCountRow)), *session.exec(select(BeaconTokenRow))]:
            session.delete(row)


def read_counts(services: Services) -> dict[tuple[str, str, str, str], int]:
    """Write what is waiting; return all counts of today."""
    services.counter.flush()
    with services.database.read() as session:
        rows = session.exec(select(VillageCountRow)).all()
    assert {row.day for row in rows} <= {today_in_vietnam()}
    return {(row.link, row.lesson, row.lang, row.event): row.count for row in rows}


def send_beacon(client: httpx.Client, **changes: object) -> None:
    response = client.post("/-/dem", content=json.dumps({**GOOD, **changes}))
    assert (response.status_code, response.content) == (204, b"")
    assert "set-cookie" not in response.headers


def test_what_happens_is_added_to_the_day(client: httpx.Client, counts: Services) -> None:
    with counts.database.write() as session:
        code = create_link(session, NewVillageLink("Nà Phát", "xã Mường Kim")).code
    for _ in range(3):
        send_beacon(client, link=code)
    send_beacon(client, lang="hmn", what="finished")
    send_beacon(client, link=code, what="hands", count=40)
    assert read_counts(counts) == {
        (code, "tra-tien", "vi", "opened"): 3,
        ("", "tra-tien", "hmn", "finished"): 1,
        (code, "tra-tien", "vi", "hands"): 40,
    }
    send_beacon(client, link=code)
    assert read_counts(counts)[code, "tra-tien", "vi", "opened"] == 4


@pytest.mark.parametrize("body", RUBBISH, ids=range(len(RUBBISH)))
def test_rubbish_is_answered_like_the_rest_and_written_nowhere(
    client: httpx.Client, counts: Services, body: bytes
) -> None:
    response = client.post("/-/dem", content=body)
    assert (response.status_code, response.content) == (204, b"")
    assert read_counts(counts) == {}


def test_other_sites_and_other_methods_count_nothing(
    client: httpx.Client, counts: Services
) -> None:
    good = json.dumps(GOOD)
    client.post("/-/dem", content=good, headers={"Sec-Fetch-Site": "cross-site"})
    for method in ("GET", "PUT", "DELETE"):
        assert client.request(method, "/-/dem", content=good).status_code == 204
    assert read_counts(counts) == {}


def test_a_completion_sent_again_is_counted_once(client: httpx.Client, counts: Services) -> None:
    once = secrets.token_hex(8)
    send_beacon(client, what="finished", once=once)
    send_beacon(client, what="finished", once=once)  # before the writing
    assert read_counts(counts) == {("", "tra-tien", "vi", "finished"): 1}
    send_beacon(client, what="finished", once=once)  # after it
    again = BeaconCounter(counts.database)  # after a restart, or on another machine
    again.add(Beacon("", "tra-tien", "vi", ReachEvent.FINISHED, 1, once))
    again.flush()
    send_beacon(client, what="finished", once=secrets.token_hex(8))
    assert read_counts(counts) == {("", "tra-tien", "vi", "finished"): 2}


def test_a_token_says_nothing_and_is_forgotten(client: httpx.Client, counts: Services) -> None:
    once = secrets.token_hex(8)
    send_beacon(client, what="practised", once=once)
    read_counts(counts)
    with counts.database.read() as session:
        kept = session.exec(select(BeaconTokenRow)).one()
    assert set(kept.model_dump()) == {"digest", "day"}
    assert int(once, 16) != kept.digest
    with counts.database.write() as session:
        delete_old_tokens(session, today_in_vietnam() + timedelta(days=TOKEN_RETENTION_DAYS))
        assert session.exec(select(BeaconTokenRow)).all()
        delete_old_tokens(session, today_in_vietnam() + timedelta(days=TOKEN_RETENTION_DAYS + 1))
        assert not session.exec(select(BeaconTokenRow)).all()


def test_codes_nobody_made_or_closed_count_for_no_village(
    client: httpx.Client, counts: Services
) -> None:
    with counts.database.write() as session:
        code = create_link(session, NewVillageLink("chợ phiên", "xã Than Uyên")).code
        close_link(session, code)
    send_beacon(client, link=code)
    send_beacon(client, link="zzz9")
    assert read_counts(counts) == {("", "tra-tien", "vi", "opened"): 2}


def test_a_script_in_a_loop_does_not_make_a_village_shine(counts: Services) -> None:
    with counts.database.write() as session:
        code = create_link(session, NewVillageLink("Hua Than", "xã Mường Than")).code
    clock = [0.0]
    counter = BeaconCounter(counts.database, lambda: clock[0])
    beacon = Beacon(code, "tra-tien", "vi", ReachEvent.OPENED, 1, "")
    for _ in range(MAX_PER_MINUTE_WITH_LINK * 2):
        counter.add(beacon)
    counter.flush()
    assert read_counts(counts)[code, "tra-tien", "vi", "opened"] == MAX_PER_MINUTE_WITH_LINK
    clock[0] = 60.0
    counter.add(beacon)
    counter.flush()
    assert read_counts(counts)[code, "tra-tien", "vi", "opened"] == MAX_PER_MINUTE_WITH_LINK + 1


def test_while_the_database_is_busy_nothing_is_lost(
    published_services: Services, counts: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MAX_PENDING_BEACONS", 100)
    busy = Database.open(published_services.settings.effective_database_url, wait_s=0.05)
    counter = BeaconCounter(busy)
    for _ in range(150):
        counter.add(Beacon("", "tra-tien", "vi", ReachEvent.OPENED, 1, ""))
    with published_services.database.write():
        counter.stop()  # cannot write, says nothing
    counter.flush()
    busy.close()
    assert read_counts(counts) == {("", "tra-tien", "vi", "opened"): 100}


def test_two_machines_add_up_on_postgresql(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    database.migrate()
    with database.write() as session:
        code = create_link(session, NewVillageLink("Nà Phát", "xã Mường Kim")).code
    once = secrets.token_hex(8)
    other = Database.open(postgres_url)
    for machine in (BeaconCounter(database), BeaconCounter(other)):
        machine.add(Beacon(code, "tra-tien", "hmn", ReachEvent.HANDS, 12, ""))
        machine.add(Beacon(code, "tra-tien", "hmn", ReachEvent.FINISHED, 1, once))
        machine.stop()
    with database.read() as session:
        rows = session.exec(select(VillageCountRow)).all()
        assert {(row.event, row.count) for row in rows} == {("hands", 24), ("finished", 1)}
        assert session.exec(select(BeaconTokenRow)).all()
    for each in (database, other):
        each.close()


def test_read_beacon_reads_what_the_contract_says() -> None:
    body = b'{"link":"x7k2","lesson":"tra-tien-dien","lang":"hmn","what":"finished","count":1,'
    body += b'"once":"0123456789abcdef"}'
    expected = Beacon("x7k2", "tra-tien-dien", "hmn", ReachEvent.FINISHED, 1, "0123456789abcdef")
    assert parse_beacon(body) == expected
