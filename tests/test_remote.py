"""A trainer's phone as remote: two real pages, a restarted server, a stranger, and rubbish."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from course_samples import School, boxed, school_in
from fixtures_browser import launched_chromium
from playwright.sync_api import Browser, Page, expect
from published_samples import free_port, running_uvicorn

from content_server.app import create_app
from content_server.errors import PairingNotFound, PairingTaken, TooManyTries
from content_server.services import Services
from content_server.site.pages.remote_page import REMOTE
from content_server.web.published.front import Front
from content_server.web.remote import remote_pairing
from content_server.web.remote.remote_pairing import Listening, Opening, Pairings, Saying, Shown

pytest_plugins = ("fixtures_browser",)
PHONE_A, PHONE_B = "a" * 32, "b" * 32
SHOWN: dict[str, object] = dict.fromkeys(("number", "total", "seconds"), 3)
SHOWN |= {"folder": "vi", "slug": "tra-tien", "title": "Trả tiền", "at": "1", "kind": "show"}


class Clock:
    """A clock that is moved by hand."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def listened(pairings: Pairings, code: str, key: str, seen: int = 0, phone: str = "") -> Any:  # noqa: ANN401  # JSON
    return asyncio.run(pairings.listen(code, Listening(key=key, seen=seen, phone=phone)))


def test_only_the_first_phone_that_scanned_leads() -> None:
    pairings = Pairings()
    pair = pairings.open(Opening(), "a")
    pairings.say(pair.code, Saying(key=PHONE_A, wish="next"))
    with pytest.raises(PairingTaken):
        pairings.say(pair.code, Saying(key=PHONE_B, wish="next"))
    with pytest.raises(PairingTaken):
        listened(pairings, pair.code, PHONE_B)
    heard = listened(pairings, pair.code, pair.deck)
    assert heard == {"wishes": [(1, "next")], "phone": PHONE_A, "over": False}
    with pytest.raises(PairingTaken):  # who saw the code cannot be its wall
        pairings.open(Opening(code=pair.code, deck=PHONE_B), "b")
    with pytest.raises(PairingNotFound):
        pairings.say("22222222222a", Saying(key=PHONE_A, wish="next"))


def test_codes_end_and_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    pairings = Pairings(clock)
    pair = pairings.open(Opening(), "a")
    assert re.fullmatch("[2-9a-hjkmnp-z]{12}", pair.code)
    for _again in range(remote_pairing.OPENINGS_A_MINUTE - 1):
        pairings.open(Opening(), "a")
    with pytest.raises(TooManyTries):
        pairings.open(Opening(), "a")
    pairings.open(Opening(), "somebody else")
    led = pairings.open(Opening(), "b")
    pairings.say(led.code, Saying(key=PHONE_A))
    for _again in range(remote_pairing.WISHES_A_MINUTE):
        pairings.say(led.code, Saying(key=PHONE_A, wish="next"))
    with pytest.raises(TooManyTries):
        pairings.say(led.code, Saying(key=PHONE_A, wish="next"))
    assert len(led.wishes) == remote_pairing.MOST_WAITING
    monkeypatch.setattr(remote_pairing, "MOST_PAIRINGS", 3)
    for place in range(9):
        pairings.open(Opening(), f"place {place}")
    assert len(pairings._pairings) == 3  # noqa: SLF001  # what it holds is the promise
    pairings.say(led.code, Saying(key=PHONE_A))  # who is led stays
    clock.now_s += remote_pairing.SILENT_S + 1
    with pytest.raises(PairingNotFound):
        pairings.say(led.code, Saying(key=PHONE_A))


def test_a_wall_comes_back_with_its_phone_after_a_restart() -> None:
    before, after = Pairings(), Pairings()
    pair = before.open(Opening(), "a")
    before.say(pair.code, Saying(key=PHONE_A, wish="next"))
    again = Opening(code=pair.code, deck=pair.deck, phone=PHONE_A, seen=1)
    assert after.open(again, "a").code == pair.code
    after.say(pair.code, Saying(key=pair.deck, shown=Shown.model_validate(SHOWN)))
    assert listened(after, pair.code, PHONE_A)["shown"]["slug"] == "tra-tien"
    after.say(pair.code, Saying(key=PHONE_A, wish="back"))
    heard = listened(after, pair.code, pair.deck, seen=1, phone=PHONE_A)
    assert heard["wishes"] == [(2, "back")]
    with pytest.raises(PairingTaken):
        after.say(pair.code, Saying(key=PHONE_B, wish="next"))


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with school_in(tmp_path_factory.mktemp("school")) as school:
        yield school


def new_box(school: School, folder: Path) -> Front:
    folder.mkdir(exist_ok=True)
    return boxed(folder / "box", school.write(folder), school.key.public)


@pytest.fixture(scope="module")
def box(school: School, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_uvicorn(new_box(school, tmp_path_factory.mktemp("box"))) as address:
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
        code = client.post(REMOTE, content=b"{}").json()["code"]
        for path in (f"/{code}/noi", f"/{code}/nghe"):
            answer = client.post(REMOTE + path, content=rubbish)
            assert answer.status_code == 400
            assert "không đọc được" in answer.text
        assert client.post(f"{REMOTE}/{code}/noi", content=b" " * 3000).status_code == 413


def test_other_sites_and_cut_codes_get_nothing(box: str) -> None:
    with httpx.Client(base_url=box) as client:
        foreign = {"Origin": "https://evil.example"}
        assert client.post(REMOTE, content=b"{}", headers=foreign).status_code == 403
        assert client.post(REMOTE, content=b"{}").status_code == 403
        body = json.dumps({"key": PHONE_A}).encode()
        answer = client.post(f"{REMOTE}/xxxx/nghe", content=body, headers={"Origin": box})
        assert answer.status_code == 404
        page = client.get(f"{REMOTE}/xxxx")  # a chat's look at an address claims nothing
        assert page.status_code == 200
        assert "set-cookie" not in page.headers
        assert page.headers["Cache-Control"] == "no-store"


@pytest.fixture(scope="module")
def hall() -> Iterator[Browser]:
    """A browser to which the box has a name of the village's own network."""
    with launched_chromium("--host-resolver-rules=MAP hop.lan 127.0.0.1") as browser:
        yield browser


def opened(hall: Browser, address: str, size: tuple[int, int], errors: list[str]) -> Page:
    phone = size[0] < 700  # the width of a small tablet
    context = hall.new_context(
        viewport={"width": size[0], "height": size[1]}, is_mobile=phone, has_touch=phone
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(address)
    return page


def at(deck: Page, anchor: str) -> None:
    expect(deck.locator(f'[id="{anchor}"].now')).to_be_attached()


def paired(hall: Browser, base: str, deck: Page, errors: list[str]) -> Page:
    deck.keyboard.press("p")
    expect(deck.locator("#phone")).to_have_attribute("data-is", "open")
    said = deck.locator("#phone .link").inner_text()
    phone = opened(hall, f"{base}{REMOTE}/{said.rpartition('/')[2]}", (360, 640), errors)
    expect(deck.locator("#phone")).to_be_hidden()
    return phone


def wish(phone: Page, name: str) -> None:
    phone.locator(f'[data-wish="{name}"]').tap()


def fits_a_thumb(phone: Page) -> None:
    small = phone.eval_on_selector_all(
        "button", "all => all.filter(e => e.offsetWidth && e.offsetHeight < 48).length"
    )
    assert small == 0
    assert phone.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.browser
def test_a_phone_leads_the_wall_of_a_box(hall: Browser, school: School, tmp_path: Path) -> None:
    port, errors = free_port(), list[str]()
    base = f"http://hop.lan:{port}"
    with running_uvicorn(new_box(school, tmp_path / "before"), port):
        deck = opened(hall, f"{base}/hmn/tra-tien/chieu", (1280, 720), errors)
        assert deck.evaluate("isSecureContext") is False
        deck.evaluate("deck.my.auto = false")
        phone = paired(hall, base, deck, errors)
        _lead(deck, phone)
        stranger = opened(hall, phone.url, (360, 640), errors)
        expect(stranger.locator("#state")).to_contain_text("Điện thoại khác đang điều khiển")
        wish(stranger, "next")
        expect(stranger.locator("#state")).to_contain_text("Chưa gửi được")
        stranger.close()
    with running_uvicorn(new_box(school, tmp_path / "after"), port):  # knows nothing of before
        deck.evaluate("deck.show(deck.at('2'))")
        expect(phone.locator("#where")).to_have_text("2/4")
        expect(phone.locator("#state")).to_be_hidden()
        wish(phone, "next")
        at(deck, "3")
    assert not errors


def _lead(deck: Page, phone: Page) -> None:
    """Press everything there is on the phone, and see it done on the wall."""
    notes = phone.locator("#notes")
    expect(notes).to_contain_text("Mở thử bài và loa trước")
    assert "Mở thử bài" not in deck.content()  # what a trainer says is never projected
    for anchor in ("an-toan", "1", "2"):
        wish(phone, "next")
        at(deck, anchor)
    wish(phone, "back")
    at(deck, "1")
    expect(phone.locator("#where")).to_have_text("1/4")
    expect(notes).to_contain_text("Nias Thanh toán.")
    expect(notes).to_contain_text("Bấm Thanh toán.")  # the Vietnamese beside the Mông
    wish(phone, "black")
    expect(deck.locator("#black")).to_be_visible()
    wish(phone, "next")  # as with a key: the wall is lit, no slide is turned
    expect(deck.locator("#black")).to_be_hidden()
    at(deck, "1")
    wish(phone, "point")
    expect(deck.locator("body")).to_have_class("hold")
    wish(phone, "slow")
    expect(deck.locator("[data-do=slow]")).to_have_attribute("aria-pressed", "true")
    expect(phone.locator("#clock")).to_have_text(re.compile("0:0[3-9]|0:[1-5]"))
    wish(phone, "timer")
    expect(phone.locator("#clock")).to_have_text(re.compile("0:0[0-2]"))
    deck.evaluate("deck.show(deck.at('4'))")
    wish(phone, "2")
    expect(deck.locator(".slide.now .tally").nth(1)).to_have_text("1")
    fits_a_thumb(phone)


@pytest.mark.browser
def test_a_phone_leads_a_whole_evening(hall: Browser, starter_house: Services) -> None:
    errors: list[str] = []
    with running_uvicorn(create_app(starter_house)) as base:
        page = opened(hall, f"{base}/vi/buoi#1.n.15", (1280, 720), errors)
        page.get_by_role("button", name="Trình chiếu cả buổi").click()
        inner = page.locator("#stage iframe").content_frame
        expect(inner.locator(".slide.now.cover")).to_be_visible()
        deck = page.frames[-1]
        deck.wait_for_load_state("load")
        deck.evaluate("deck.my.auto = false; deck.wish('remote')")
        expect(inner.locator("#phone")).to_have_attribute("data-is", "open")
        code = inner.locator("#phone .link").inner_text().rpartition("/")[2]
        phone = opened(hall, f"{base}{REMOTE}/{code}", (360, 640), errors)
        expect(inner.locator("#phone")).to_be_hidden()
        deck.evaluate("deck.show(deck.slides.length - 1)")
        wish(phone, "next")
        expect(page.locator("#break")).to_be_visible()
        expect(phone.locator("#title")).to_have_text("Nghỉ")
        wish(phone, "next")
        expect(inner.locator(".slide.now.cover")).to_be_visible()
        expect(phone.locator("#title")).not_to_have_text("Nghỉ")
        page.frames[-1].evaluate("deck.my.auto = false; deck.show(deck.at('1'))")
        with page.expect_response(re.compile(r"/m/")):  # the voice, once more
            wish(phone, "replay")
    assert not errors
