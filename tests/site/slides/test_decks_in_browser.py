"""Slides for a wall, in a real browser: large words, keys of clickers, practice, hands, codes."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from content_server.services import Services
from content_server.settings import PROJECT_DIR
from content_server.site.packs.frames.pack_frames import build_frames
from content_server.site.packs.paper import collect_paper_data
from tests.support.browser import OpenPage

pytestmark = pytest.mark.browser

SLUGS = sorted(path.stem for path in (PROJECT_DIR / "lessons" / "vi").glob("*.yaml"))
TV, HALL = (1280, 720), (1920, 1080)
BILL = "/vi/tra-tien-dien/chieu"
KNOWN = (
    "document.body.dataset.short = document.body.dataset.short.replace(/.*:8000/, 'https://a.vn')"
)
PRACTICE = "9"  # the step of that lesson that is practised

MEASURE = """() => {
  const seen = [], high = innerHeight;
  const inside = e => { const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 &&
    r.left >= -1 && r.top >= -1 && r.right <= innerWidth + 1 && r.bottom <= high + 1; };
  deck.my.auto = false;
  deck.show(0);
  for (let n = 0; n < 120; n++) {
    const slide = deck.here(), words = [...slide.querySelectorAll('.words p.shown')];
    const box = slide.querySelector('.words').getBoundingClientRect();
    seen.push({at: slide.id + (slide.dataset.beat || ''), words: words.map(p => p.textContent),
      small: Math.min(...words.map(p => parseFloat(getComputedStyle(p).fontSize) / high * 100)),
      clipped: words.filter(p => !inside(p) || p.scrollWidth > p.clientWidth + 1 ||
        p.getBoundingClientRect().bottom > box.bottom + 1 ||
        p.getBoundingClientRect().top < box.top - 1).length,
      picture: [...slide.querySelectorAll('figure, .hand svg')].filter(e => !inside(e)).length,
      share: Math.max(0, ...[...slide.querySelectorAll('figure')].map(
        f => f.offsetWidth / innerWidth))});
    if (slide.id === 'mang-ve') break;
    deck.go(1);
  }
  return seen;
}"""


def measure_slides(page: Page) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = page.evaluate(MEASURE)
    assert seen[-1]["at"] == "mang-ve"
    return seen


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(("folder", "size"), [("hmn", TV), ("tay", HALL), ("vi", TV)])
def test_words_are_a_tenth_of_the_height_and_nothing_is_clipped(
    open_page: OpenPage, slug: str, folder: str, size: tuple[int, int]
) -> None:
    for slide in measure_slides(open_page(f"/{folder}/{slug}/chieu", size)):
        assert slide["words"], slide
        assert slide["small"] >= 10, slide
        assert not slide["clipped"], slide
        assert not slide["picture"], slide
        assert slide["share"] >= 0.235 or "answer" in slide["at"] or slide["share"] == 0, slide


def current_slide(page: Page) -> str:
    found: str = page.evaluate("deck.here().id")
    return found


@pytest.mark.parametrize("size", [TV, HALL, (1024, 768)])
def test_the_keys_of_clickers_and_remotes(open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page(BILL, size)
    walk = [("ArrowRight", "an-toan"), ("PageDown", "1"), ("Space", "2"), ("Enter", "3")]
    walk += [("PageUp", "2"), ("ArrowLeft", "1"), ("ArrowRight", "2")]
    for key, anchor in walk:
        page.keyboard.press(key)
        assert current_slide(page) == anchor
    page.wait_for_url("**#2")
    page.keyboard.press("b")
    expect(page.locator("#black")).to_be_visible()
    page.keyboard.press("PageDown")  # wakes the picture, and turns no page
    expect(page.locator("#black")).to_be_hidden()
    assert current_slide(page) == "2"
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()
    before = page.locator(".slide.now .shown").evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize)"
    )
    for _ in range(3):
        page.keyboard.press("-")
    after = page.locator(".slide.now .shown").evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize)"
    )
    assert size[1] / 10 <= after < before
    page.keyboard.press("f")
    expect(page.locator(":fullscreen")).to_have_count(1)


def test_a_voice_is_heard_replayed_and_slowed(open_page: OpenPage) -> None:
    page = open_page(BILL + "#an-toan", TV)
    file = page.locator('[id="1"] .say').first.get_attribute("data-o")
    with page.expect_response(f"**{file}"):
        page.keyboard.press("ArrowRight")
    speaking = page.locator('[id="1"] .say.on')
    expect(speaking).to_have_count(1)
    page.keyboard.press("s")
    expect(page.locator("[data-do=slow]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("r")
    expect(speaking).to_have_count(1)


def test_a_vietnamese_lesson_lets_one_choose_the_second_language(open_page: OpenPage) -> None:
    page = open_page(BILL + "#4", TV)
    expect(page.locator(".slide.now .shown")).to_have_count(1)
    page.keyboard.press("?")
    page.locator("#second").select_option(label="Lul Hmôngz")
    page.get_by_role("button", name="Đóng").click()
    shown = page.locator(".slide.now .say.shown")
    expect(shown).to_have_count(2)
    expect(shown.nth(1)).to_have_attribute("lang", "hmn")
    page.keyboard.press("l")
    expect(page.locator("[data-do=tongue]")).to_have_text("Lul Hmôngz")
    page.keyboard.press("l")
    expect(page.locator("[data-do=tongue]")).to_have_text("Tiếng Việt + Lul Hmôngz")


def test_press_and_hold_shows_the_spot_to_the_whole_room(open_page: OpenPage) -> None:
    page = open_page(f"{BILL}#{PRACTICE}", TV)
    ring = page.locator(".slide.now .ring")
    opacity = "e => getComputedStyle(e).opacity"
    assert ring.evaluate(opacity) == "0"
    page.mouse.move(200, 150)
    page.mouse.down()
    expect(page.locator("body")).to_have_class("hold")
    assert ring.evaluate(opacity) == "1"
    page.mouse.up()
    expect(page.locator("body")).not_to_have_class("hold")
    expect(page.locator(".slide.now")).not_to_have_class(re.compile("missed"))  # no tap was meant
    page.keyboard.press("ArrowDown")  # a remote has no finger to hold
    assert ring.evaluate(opacity) == "1"


def test_practice_is_played_on_the_wall(open_page: OpenPage) -> None:
    page = open_page(f"{BILL}#{PRACTICE}", TV)
    slide = page.locator(".slide.now")
    page.mouse.click(60, 600)
    expect(slide).to_have_class(re.compile("missed"))
    expect(slide.locator(".hint.shown")).to_be_visible()
    for _ in range(12):
        if "xong" in current_slide(page):
            break
        anchor = current_slide(page)
        slide.locator("a[aria-label]").focus()
        page.keyboard.press("Enter")
        assert current_slide(page) != anchor
    assert current_slide(page) == f"{PRACTICE}-xong"


def test_hands_are_counted_before_and_after(open_page: OpenPage) -> None:
    page = open_page(BILL + "?x7k2", TV)
    sent: list[dict[str, Any]] = []

    def note(route: Route) -> None:
        sent.append(dict(route.request.post_data_json or {}))
        route.fulfill(status=204)

    page.route("**/-/dem", note)
    page.keyboard.press("h")
    slide = page.locator(".slide.now.ask")
    for key in "1222":
        page.keyboard.press(key)
    expect(slide.locator(".tally")).to_have_text(["1", "3"])
    for _ in range(3):
        page.keyboard.press("PageDown")
    expect(page.locator(".slide.now.cover")).to_be_visible()  # nobody was told what is right
    page.evaluate("deck.show(deck.at('10'))")
    for key in "1111":
        page.keyboard.press(key)
    slide.locator(".answer").nth(1).get_by_role("button", name="vài người").click()
    expect(slide.locator(".tally")).to_have_text(["4", "vài người"])
    bars = slide.locator(".bars i").evaluate_all("all => all.map(e => parseFloat(e.style.width))")
    assert bars[0] == 25
    assert bars[2] == 75
    for _ in range(3):
        page.keyboard.press("PageDown")
    expect(slide).to_have_class(re.compile("revealed"))
    expect(slide.locator(".because.shown")).to_be_visible()
    page.evaluate("deck.show(deck.at('het'))")
    page.evaluate("deck.show(deck.at('het'))")
    expect(page.locator("[id='het'].now")).to_have_count(1)
    kept = [
        {key: each[key] for key in ("link", "lesson", "lang", "what", "count")} for each in sent
    ]
    common = {"link": "x7k2", "lesson": "tra-tien-dien", "lang": "vi"}
    assert kept == [
        {**common, "what": "hands", "count": 4},
        {**common, "what": "session", "count": 1},
    ]
    assert all(re.fullmatch("[0-9a-f]{16}", each["once"]) for each in sent)


@pytest.mark.parametrize("query", ["", "?", "?<script>", "?lllll", "?x7k2x7k2", "?a=b"])
def test_without_a_villages_code_nothing_is_counted(open_page: OpenPage, query: str) -> None:
    page = open_page(BILL + query, TV)
    page.route("**/-/hop/mang.json", lambda route: route.fulfill(status=204))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate("deck.my.auto = false; deck.show(deck.at('het'))")
    page.evaluate("deck.tell('hands', 3)")
    assert not [url for url in asked if "/-/" in url]
    page.evaluate(KNOWN)
    page.keyboard.press("q")
    expect(page.locator(".address")).to_have_text("a.vn/1")


def test_the_code_to_take_home_is_huge_and_carries_the_village(open_page: OpenPage) -> None:
    page = open_page("/hmn/tra-tien-dien/chieu?x7k2", HALL)
    page.route("**/-/hop/mang.json", lambda route: route.fulfill(status=204))
    page.keyboard.press("q")
    code = page.locator("#code .home .qr")
    expect(page.locator("#code .lost")).to_be_visible()  # an address only this machine can open
    expect(code).to_be_hidden()
    page.keyboard.press("q")
    page.evaluate(KNOWN)
    page.keyboard.press("q")
    expect(page.locator("#code .lost")).to_be_hidden()
    expect(page.locator(".address")).to_have_text("a.vn/1-hmn?x7k2")
    box = code.bounding_box()
    assert box
    assert box["height"] >= 0.7 * HALL[1]  # peers: a tenth of the distance it is scanned from
    assert code.locator("path").count() == 2
    expect(page.locator("#code .aloud b")).to_have_text("1")
    expect(page.locator("#code .wifi")).to_be_hidden()


def test_a_box_shows_two_codes_and_the_card(open_page: OpenPage) -> None:
    page = open_page(BILL, TV)
    net = {"ssid": 'Bản "Lùng"', "password": "a;b", "addresses": ["http://192.168.4.1"]}
    page.route("**/-/hop/mang.json", lambda route: route.fulfill(json=net))
    page.keyboard.press("q")
    expect(page.locator("#code .wifi")).to_be_visible()
    expect(page.locator("#code .wifi b")).to_have_text(net["ssid"])
    expect(page.locator("#code .off")).to_be_visible()
    expect(page.locator(".address")).to_have_text("192.168.4.1/1")
    for part in page.locator("#code .codes > *").all():
        box = part.bounding_box()
        assert box
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= TV[1]
        assert box["x"] + box["width"] <= TV[0]


@pytest.mark.parametrize(
    "rubbish", [{}, [], "x", {"addresses": 3}, {"addresses": ["javascript:x"]}]
)
def test_a_box_that_says_rubbish_is_not_believed(open_page: OpenPage, rubbish: object) -> None:
    page = open_page(BILL, TV)
    page.evaluate(KNOWN)
    page.route("**/-/hop/mang.json", lambda route: route.fulfill(json=rubbish))
    with page.expect_response("**/-/hop/mang.json"):
        page.keyboard.press("q")
    expect(page.locator("#code .wifi")).to_be_hidden()
    expect(page.locator(".address")).to_have_text("a.vn/1")


def test_a_clip_fills_the_wall(open_page: OpenPage) -> None:
    page = open_page(BILL + "#11", TV)
    page.keyboard.press("r")
    expect(page.locator(".slide.now")).to_have_class(re.compile("playing"))
    video = page.locator(".slide.now video").bounding_box()
    assert video
    assert video["height"] >= 0.85 * TV[1]


def test_every_lesson_leads_to_its_slides(open_page: OpenPage) -> None:
    page = open_page("/vi/tra-tien-dien", TV)
    page.get_by_role("link", name="Trình chiếu").first.click()
    page.wait_for_url("**/vi/tra-tien-dien/chieu*")
    phone = open_page("/vi/tra-tien-dien#giup")
    phone.locator("aside").get_by_role("link", name="Trình chiếu").tap()
    phone.wait_for_url("**/vi/tra-tien-dien/chieu*")


def test_nothing_secret_and_nobody_elses_is_on_a_wall(open_page: OpenPage) -> None:
    page = open_page(BILL, TV)
    text = page.content()
    assert "Mời bác làm lại cho tôi xem" not in text  # the trainer's own notes
    assert not re.findall(r'(?:src|href)="https?://(?!127\.0\.0\.1)', text)


def test_a_trainer_finds_the_phone_as_remote(open_page: OpenPage) -> None:
    page = open_page(BILL, TV)
    page.locator("footer").get_by_role("button", name="Điện thoại làm điều khiển").click()
    expect(page.locator("#phone .qr path")).to_have_count(2)
    assert "ghi-chu" not in page.content()  # notes are for the phone alone


def test_paper_films_and_books_count_as_the_wall_does(starter_services: Services) -> None:
    with starter_services.database.read() as session:
        pack_lesson = starter_services.pipeline.pack_builder.load_pack_lesson(
            session, "tra-tien-dien", "vi"
        )
    counted = len(pack_lesson.lesson.steps)  # the wall shows the clip too, a file cannot
    assert len(pack_lesson.packable_steps()) < counted
    assert collect_paper_data(pack_lesson)["total"] == counted
    bands = [
        shot.heading.partition(" ")[0] for shot in build_frames(pack_lesson) if "/" in shot.heading
    ]
    assert {band.partition("/")[2] for band in bands} == {str(counted)}
    assert {int(band.partition("/")[0]) for band in bands} == {
        t.number for t in pack_lesson.packable_steps()
    }


def test_without_scripts_every_slide_is_there(open_page: OpenPage) -> None:
    page = open_page(BILL, TV, java_script_enabled=False)
    assert page.locator(".slide .words p").count() > 20
    expect(page.locator(".slide.cover")).to_be_visible()
    expect(page.locator('[id="3"] .words p').first).to_be_attached()
