"""What a lesson page tells, in a real browser; what a kill loses; what is kept of a visitor."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import func, select

from content_server.db import Database
from content_server.reach.counter import MAX_LOSS_S
from content_server.reach.tables import VillageCountRow
from content_server.reach.village_links import NewVillageLink, create_link
from content_server.services import Services
from tests.support.servers import free_port

Beacons = list[dict[str, Any]]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 360, "height": 640}, has_touch=True, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.clock.install()  # a page's seconds pass when a test says so, or by themselves
    yield page
    context.close()


def collect_beacons(page: Page) -> Beacons:
    """Collect what a page tells from now on, in the order it is sent."""
    bodies: Beacons = []

    def heard(request: Any) -> None:  # noqa: ANN401  # playwright's own
        if request.url.endswith("/-/dem"):
            bodies.append(json.loads(request.post_data))

    page.on("request", heard)
    return bodies


def wait_for_beacon(bodies: Beacons, page: Page, what: str) -> dict[str, Any]:
    for _ in range(100):
        if found := [body for body in bodies if body["what"] == what]:
            return found[0]
        page.wait_for_timeout(100)
    raise AssertionError(f"{what} was not told: {bodies}")


def turn_to_the_end(page: Page) -> None:
    while not page.locator("section.end").evaluate("e => e.classList.contains('here')"):
        page.locator(".step.here nav > .next").last.click()
        page.wait_for_timeout(150)


@pytest.mark.browser
def test_a_page_tells_little_and_late(
    page: Page, published_services: Services, published_site: str
) -> None:
    with published_services.database.write() as session:
        code = create_link(session, NewVillageLink("Nà Phát", "xã Mường Kim")).code
    bodies = collect_beacons(page)
    page.goto(f"{published_site}/vi/tra-tien?{code}")
    page.wait_for_timeout(1000)
    assert not bodies  # nothing before the page has long been there
    opened = wait_for_beacon(bodies, page, "opened")
    turn_to_the_end(page)
    finished = wait_for_beacon(bodies, page, "finished")
    page.wait_for_timeout(500)
    assert [body["what"] for body in bodies] == ["opened", "finished"]  # turned past the practice
    for body in (opened, finished):
        assert re.fullmatch("[0-9a-f]{16}", body.pop("once"))
        what = body.pop("what")
        assert body == {"link": code, "lesson": "tra-tien", "lang": "vi", "count": 1}, what
    assert page.evaluate("document.cookie + localStorage.length + sessionStorage.length") == "00"
    page.locator("header a").first.click()  # the code goes along to the list, and on
    page.wait_for_url(f"**/vi?{code}")


@pytest.mark.browser
def test_a_practice_counts_when_nobody_helped(page: Page, published_site: str) -> None:
    bodies = collect_beacons(page)
    page.goto(f"{published_site}/vi/tra-tien#3")
    wrong = page.locator('section[id="3"] svg a[href="#3h"]').first
    wrong.click(position={"x": 4, "y": 4})  # beside the button: a hint
    expect(page.locator('[id="3h"]')).to_be_visible()
    for anchor in ("3", "3-2"):
        page.locator(f'section[id="{anchor}"] svg a[aria-label]').last.click()
    page.locator('section[id="3-xong"] .again').click()
    page.clock.run_for(3500)
    assert "practised" not in {body["what"] for body in bodies}
    for anchor in ("3", "3-2"):  # again, and without help
        page.locator(f'section[id="{anchor}"] svg a[aria-label]').last.click()
    assert wait_for_beacon(bodies, page, "practised")["link"] == ""


@pytest.mark.browser
def test_who_finishes_without_signal_is_counted_once_it_is_back(
    page: Page, published_services: Services, published_site: str
) -> None:
    before = _total(published_services.database, "finished")
    page.goto(f"{published_site}/hmn/tra-tien")
    page.clock.run_for(3500)
    page.context.set_offline(True)
    turn_to_the_end(page)
    page.clock.run_for(3500)  # it was tried, and failed
    bodies = collect_beacons(page)
    page.context.set_offline(False)
    sent = wait_for_beacon(bodies, page, "finished")
    httpx.post(f"{published_site}/-/dem", content=json.dumps(sent))  # and tried once more
    page.wait_for_timeout(500)
    published_services.counter.flush()
    assert _total(published_services.database, "finished") == before + 1


@pytest.mark.browser
def test_who_asks_not_to_be_counted_is_not(chromium: Browser, published_site: str) -> None:
    context = chromium.new_context()
    context.add_init_script("Object.defineProperty(navigator, 'doNotTrack', {get: () => '1'})")
    page = context.new_page()
    page.clock.install()
    bodies = collect_beacons(page)
    page.goto(f"{published_site}/vi/tra-tien")
    page.clock.run_for(3500)
    page.wait_for_timeout(300)
    context.close()
    assert not bodies


def _total(database: Database, what: str) -> int:
    with database.read() as session:
        query = select(func.coalesce(func.sum(VillageCountRow.count), 0)).where(
            VillageCountRow.event == what
        )
        return int(session.exec(query).one())


@pytest.fixture
def server(
    published_services: Services, tmp_path: Path
) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """A real server process over a copy of the published lesson, its log in a file."""
    settings = published_services.settings
    published_services.counter.flush()
    data = tmp_path / "data"
    shutil.copytree(settings.data_dir, data)
    port, said = free_port(), tmp_path / "said.txt"
    command = [sys.executable, "-m", "content_server", "serve", "--data", str(data)]
    command += ["--lessons", str(settings.lessons_dir), "--media", str(settings.media_dir)]
    with said.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603  # our own program
            [*command, "--port", str(port)], stdout=out, stderr=out, env=dict(os.environ)
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                httpx.get(f"{address}/vi")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield address, process, tmp_path
    finally:
        process.kill()
        process.wait()


Server = tuple[str, subprocess.Popen[bytes], Path]
BODY = {"lesson": "tra-tien", "lang": "vi", "what": "opened"}


def test_killed_it_loses_two_seconds_at_most(server: Server) -> None:
    address, process, folder = server
    told_at_s = []
    with httpx.Client(base_url=address) as client:
        database = Database.open(f"sqlite:///{folder}/data/content.sqlite3")
        before = _total(database, "opened")
        until_s = time.monotonic() + 4.5
        while time.monotonic() < until_s:
            client.post("/-/dem", content=json.dumps(BODY))
            told_at_s.append(time.monotonic())
            time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    killed_at_s = time.monotonic()
    process.wait()
    kept = _total(database, "opened") - before
    database.close()
    assert kept >= len([at for at in told_at_s if at < killed_at_s - MAX_LOSS_S]) > 0


def test_nothing_of_a_visitor_is_kept(server: Server) -> None:
    address, process, folder = server
    signs = {"user-agent": "canary-agent", "referer": "http://canary-place/", "cookie": "canary=1"}
    signs |= {"x-forwarded-for": "203.0.113.77", "accept-language": "canary-tongue"}
    once = "cafe0123cafe4567"
    with httpx.Client(base_url=address, headers=signs) as client:
        for path in ("/vi/tra-tien?canary-query", "/vi", "/khong-co?canary-query"):
            assert "set-cookie" not in client.get(path).headers
        for body in ({**BODY, "once": once, "name": "canary-name"}, {"x": "canary-rubbish"}):
            assert client.post("/-/dem?canary-query", content=json.dumps(body)).status_code == 204
        time.sleep(MAX_LOSS_S)
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert any(file.suffix == ".sqlite3" for file in files)
    for file in files:
        held = file.read_bytes()
        for sign in (b"canary", b"203.0.113.77", once.encode()):
            assert sign not in held, file
