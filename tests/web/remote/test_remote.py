"""A trainer's phone as remote: two real pages, a restarted server, a stranger, and rubbish."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from content_server import urls
from content_server.app import create_app
from content_server.errors import PairingNotFound, PairingTaken, TooManyTries
from content_server.services import Services
from content_server.web.published.front import Front
from content_server.web.remote import remote_pairing
from content_server.web.remote.remote_pairing import (
    ListenRequest,
    OpenPairing,
    Pairings,
    RemoteMessage,
    SlideState,
)
from tests.support.browser import launch_chromium
from tests.support.course import CoursePublisher, open_box, open_course_publisher
from tests.support.servers import free_port, run_uvicorn

PHONE_A, PHONE_B = "a" * 32, "b" * 32
SHOWN: dict[str, object] = dict.fromkeys(("number", "total", "seconds"), 3)
SHOWN |= {"folder": "vi", "slug": "tra-tien", "title": "Trả tiền", "at": "1", "kind": "show"}


class Clock:
    """A clock that is moved by hand."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def listen(pairings: Pairings, code: str, key: str, seen: int = 0, phone: str = "") -> Any:  # noqa: ANN401  # JSON
    return asyncio.run(pairings.listen(code, ListenRequest(key=key, seen=seen, phone=phone)))


def test_only_the_first_phone_that_scanned_leads() -> None:
    pairings = Pairings()
    pair = pairings.open(OpenPairing(), "a")
    pairings.receive(pair.code, RemoteMessage(key=PHONE_A, command="next"))
    with pytest.raises(PairingTaken):
        pairings.receive(pair.code, RemoteMessage(key=PHONE_B, command="next"))
    with pytest.raises(PairingTaken):
        listen(pairings, pair.code, PHONE_B)
    heard = listen(pairings, pair.code, pair.deck)
    assert heard == {"wishes": [(1, "next")], "phone": PHONE_A, "over": False}
    with pytest.raises(PairingTaken):  # who saw the code cannot be its wall
        pairings.open(OpenPairing(code=pair.code, deck=PHONE_B), "b")
    with pytest.raises(PairingNotFound):
        pairings.receive("22222222222a", RemoteMessage(key=PHONE_A, command="next"))


def test_codes_end_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    pairings = Pairings(clock)
    pair = pairings.open(OpenPairing(), "a")
    assert re.fullmatch("[2-9a-hjkmnp-z]{12}", pair.code)
    for _again in range(remote_pairing.MAX_OPENINGS_PER_MINUTE - 1):
        pairings.open(OpenPairing(), "a")
    with pytest.raises(TooManyTries):
        pairings.open(OpenPairing(), "a")
    pairings.open(OpenPairing(), "somebody else")
    led = pairings.open(OpenPairing(), "b")
    pairings.receive(led.code, RemoteMessage(key=PHONE_A))
    for _again in range(remote_pairing.MAX_COMMANDS_PER_MINUTE):
        pairings.receive(led.code, RemoteMessage(key=PHONE_A, command="next"))
    with pytest.raises(TooManyTries):
        pairings.receive(led.code, RemoteMessage(key=PHONE_A, command="next"))
    assert len(led.commands) == remote_pairing.MAX_QUEUED_COMMANDS
    monkeypatch.setattr(remote_pairing, "MAX_PAIRINGS", 3)
    for place in range(9):
        pairings.open(OpenPairing(), f"place {place}")
    assert len(pairings._pairings) == 3  # noqa: SLF001  # what it holds is the promise
    pairings.receive(led.code, RemoteMessage(key=PHONE_A))  # who is led stays
    clock.now_s += remote_pairing.DECK_GONE_S + 1
    with pytest.raises(PairingNotFound):
        pairings.receive(led.code, RemoteMessage(key=PHONE_A))


def test_a_wall_comes_back_with_its_phone_after_a_restart() -> None:
    before, after = Pairings(), Pairings()
    pair = before.open(OpenPairing(), "a")
    before.receive(pair.code, RemoteMessage(key=PHONE_A, command="next"))
    again = OpenPairing(code=pair.code, deck=pair.deck, phone=PHONE_A, seen=1)
    assert after.open(again, "a").code == pair.code
    after.receive(
        pair.code, RemoteMessage(key=pair.deck, slide_state=SlideState.model_validate(SHOWN))
    )
    assert listen(after, pair.code, PHONE_A)["shown"]["slug"] == "tra-tien"
    after.receive(pair.code, RemoteMessage(key=PHONE_A, command="back"))
    heard = listen(after, pair.code, pair.deck, seen=1, phone=PHONE_A)
    assert heard["wishes"] == [(2, "back")]
    with pytest.raises(PairingTaken):
        after.receive(pair.code, RemoteMessage(key=PHONE_B, command="next"))


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CoursePublisher]:
    with open_course_publisher(tmp_path_factory.mktemp("school")) as publisher:
        yield publisher


def new_box(publisher: CoursePublisher, folder: Path) -> Front:
    folder.mkdir(exist_ok=True)
    return open_box(folder / "box", publisher.write(folder), publisher.key.public)


@pytest.fixture(scope="module")
def box(publisher: CoursePublisher, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with run_uvicorn(new_box(publisher, tmp_path_factory.mktemp("box"))) as address:
        yield address


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"[]",
        b"\xff\xfe",
        b"[" * 1500,
        b'{"key": 1}',
        b'{"key": "x", "wish": "next"}',
        json.dumps({"key": PHONE_A, "wish": "open the door"}).encode(),
        json.dumps({"key": PHONE_A, "shown": {**SHOWN, "slug": "../../x"}}).encode(),
        json.dumps({"key": PHONE_A, "shown": {**SHOWN, "more": 1}}).encode(),
    ],
)
def test_rubbish_is_refused_in_words_and_changes_nothing(box: str, rubbish: bytes) -> None:
    with httpx.Client(base_url=box, headers={"Origin": box}) as client:
        code = client.post(urls.REMOTE_PAIRINGS, content=b"{}").json()["code"]
        for path in (f"/{code}/noi", f"/{code}/nghe"):
            answer = client.post(urls.REMOTE_PAIRINGS + path, content=rubbish)
            assert answer.status_code == 400
            assert "không đọc được" in answer.text
        assert (
            client.post(f"{urls.REMOTE_PAIRINGS}/{code}/noi", content=b" " * 3000).status_code
            == 413
        )


def test_other_sites_and_cut_codes_get_nothing(box: str) -> None:
    with httpx.Client(base_url=box) as client:
        foreign = {"Origin": "https://evil.example"}
        assert client.post(urls.REMOTE_PAIRINGS, content=b"{}", headers=foreign).status_code == 403
        assert client.post(urls.REMOTE_PAIRINGS, content=b"{}").status_code == 403
        body = json.dumps({"key": PHONE_A}).encode()
        answer = client.post(
            f"{urls.REMOTE_PAIRINGS}/xxxx/nghe", content=body, headers={"Origin": box}
        )
        assert answer.status_code == 404
        page = client.get(
            f"{urls.REMOTE_PAIRINGS}/xxxx"
        )  # a chat's look at an address claims nothing
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert page.headers["Cache-Control"] == "no-store"


@pytest.fixture(scope="module")
def hall() -> Iterator[Browser]:
    """A browser to which the box has a name of the village's own network."""
    with launch_chromium("--host-resolver-rules=MAP hop.lan 127.0.0.1") as browser:
        yield browser


def open_remote(hall: Browser, address: str, size: tuple[int, int], errors: list[str]) -> Page:
    phone = size[0] < 700  # the width of a small tablet
    context = hall.new_context(
        viewport={"width": size[0], "height": size[1]}, is_mobile=phone, has_touch=phone
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    return page


def expect_slide(deck: Page, anchor: str) -> None:
    expect(deck.locator(f'[id="{anchor}"].now')).to_be_attached()


def pair_phone(hall: Browser, base: str, deck: Page, errors: list[str]) -> Page:
    deck.keyboard.press("p")
    expect(deck.locator("#phone")).to_have_attribute("data-is", "open")
    said = deck.locator("#phone .link").inner_text()
    phone = open_remote(
        hall, f"{base}{urls.REMOTE_PAIRINGS}/{said.rpartition('/')[2]}", (360, 640), errors
    )
    expect(deck.locator("#phone")).to_be_hidden()
    return phone


def send_command(phone: Page, name: str) -> None:
    phone.locator(f'[data-wish="{name}"]').tap()


def fits_a_thumb(phone: Page) -> None:
    small = phone.eval_on_selector_all(
        "button", "all => all.filter(e => e.offsetWidth && e.offsetHeight < 48).length"
    )
    assert small == 0
    assert phone.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.browser
def test_a_phone_leads_the_wall_of_a_box(
    hall: Browser, publisher: CoursePublisher, tmp_path: Path
) -> None:
    port, errors = free_port(), list[str]()
    base = f"http://hop.lan:{port}"
    with run_uvicorn(new_box(publisher, tmp_path / "before"), port):
        deck = open_remote(hall, f"{base}/hmn/tra-tien/chieu", (1280, 720), errors)
        assert deck.evaluate("isSecureContext") is False
        deck.evaluate("deck.my.auto = false")
        phone = pair_phone(hall, base, deck, errors)
        _lead(deck, phone)
        stranger = open_remote(hall, phone.url, (360, 640), errors)
        expect(stranger.locator("#state")).to_contain_text("Điện thoại khác đang điều khiển")
        send_command(stranger, "next")
        expect(stranger.locator("#state")).to_contain_text("Chưa gửi được")
        stranger.close()
    with run_uvicorn(new_box(publisher, tmp_path / "after"), port):  # knows nothing of before
        deck.evaluate("deck.show(deck.at('2'))")
        expect(phone.locator("#where")).to_have_text("2/4")
        expect(phone.locator("#state")).to_be_hidden()
        send_command(phone, "next")
        expect_slide(deck, "3")
    assert not errors


def _lead(deck: Page, phone: Page) -> None:
    """Press everything there is on the phone, and see it done on the wall."""
    notes = phone.locator("#notes")
    expect(notes).to_contain_text("Mở thử bài và loa trước")
    assert "Mở thử bài" not in deck.content()  # what a trainer says is never projected
    for anchor in ("an-toan", "1", "2"):
        send_command(phone, "next")
        expect_slide(deck, anchor)
    send_command(phone, "back")
    expect_slide(deck, "1")
    expect(phone.locator("#where")).to_have_text("1/4")
    expect(notes).to_contain_text("Nias Thanh toán.")
    expect(notes).to_contain_text("Bấm Thanh toán.")  # the Vietnamese beside the Mông
    send_command(phone, "black")
    expect(deck.locator("#black")).to_be_visible()
    send_command(phone, "next")  # as with a key: the wall is lit, no slide is turned
    expect(deck.locator("#black")).to_be_hidden()
    expect_slide(deck, "1")
    send_command(phone, "point")
    expect(deck.locator("body")).to_have_class("hold")
    send_command(phone, "slow")
    expect(deck.locator("[data-do=slow]")).to_have_attribute("aria-pressed", "true")
    expect(phone.locator("#clock")).to_have_text(re.compile("0:0[3-9]|0:[1-5]"))
    send_command(phone, "timer")
    expect(phone.locator("#clock")).to_have_text(re.compile("0:0[0-2]"))
    deck.evaluate("deck.show(deck.at('4'))")
    send_command(phone, "2")
    expect(deck.locator(".slide.now .tally").nth(1)).to_have_text("1")
    fits_a_thumb(phone)


@pytest.mark.browser
def test_a_phone_leads_a_whole_evening(hall: Browser, starter_services: Services) -> None:
    errors: list[str] = []
    with run_uvicorn(create_app(starter_services)) as base:
        page = open_remote(hall, f"{base}/vi/buoi#1.n.15", (1280, 720), errors)
        page.get_by_role("button", name="Trình chiếu cả buổi").click()
        inner = page.locator("#stage iframe").content_frame
        expect(inner.locator(".slide.now.cover")).to_be_visible()
        deck = page.frames[-1]
        deck.wait_for_load_state("load")
        deck.evaluate("deck.my.auto = false; deck.wish('remote')")
        expect(inner.locator("#phone")).to_have_attribute("data-is", "open")
        code = inner.locator("#phone .link").inner_text().rpartition("/")[2]
        phone = open_remote(hall, f"{base}{urls.REMOTE_PAIRINGS}/{code}", (360, 640), errors)
        expect(inner.locator("#phone")).to_be_hidden()
        deck.evaluate("deck.show(deck.slides.length - 1)")
        send_command(phone, "next")
        expect(page.locator("#break")).to_be_visible()
        expect(phone.locator("#title")).to_have_text("Nghỉ")
        send_command(phone, "next")
        expect(inner.locator(".slide.now.cover")).to_be_visible()
        expect(phone.locator("#title")).not_to_have_text("Nghỉ")
        page.frames[-1].evaluate("deck.my.auto = false; deck.show(deck.at('1'))")
        with page.expect_response(re.compile(r"/m/")):  # the voice, once more
            send_command(phone, "replay")
    assert not errors
