"""The reader's pages in a real browser: without scripts, by keyboard, by ear, on small phones."""

import re
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect

from content_server.settings import PROJECT_DIR
from tests.support.browser import PHONE, OpenPage, click_next, expect_in_sight, list_anchors, panel

pytestmark = pytest.mark.browser

FILES = sorted((PROJECT_DIR / "lessons").glob("[!s]*/*.yaml"))
SLUGS = sorted(path.stem for path in (PROJECT_DIR / "lessons" / "vi").glob("*.yaml"))
BILL = "/vi/tra-tien-dien"
SMALL, SHORT = (320, 568), (360, 560)
SIDEWAYS, DESKTOP = (640, 360), (1280, 800)


def test_without_scripts_every_voice_has_a_player(open_page: OpenPage) -> None:
    page = open_page(BILL + "#1", java_script_enabled=False)
    expect_in_sight(page, "1")
    player = panel(page, "1").locator("audio[controls]")
    expect(player).to_be_in_viewport(ratio=1)
    assert player.get_attribute("preload") == "none"
    expect(panel(page, "1").locator(".voice")).to_be_hidden()


def test_arrow_keys_turn_the_steps(open_page: OpenPage) -> None:
    page = open_page(BILL, DESKTOP)
    page.keyboard.press("ArrowLeft")
    expect_in_sight(page, "0")
    for anchor in ("1", "2", "3"):
        page.keyboard.press("ArrowRight")
        expect_in_sight(page, anchor)
    page.keyboard.press("PageUp")
    expect_in_sight(page, "2")
    page.wait_for_url("**#2")


def record_requests(page: Page) -> list[str]:
    """Return the list that will hold the path of every request from now on.

    The late count to /-/dem is no part of a lesson (test_beacons_in_browser.py).
    """
    paths: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith("data:") and not request.url.endswith("/-/dem"):
            paths.append(re.sub(r"^https?://[^/]+", "", request.url))

    page.on("request", note)
    return paths


@pytest.mark.parametrize("slug", SLUGS)
def test_one_request_for_a_whole_lesson(open_page: OpenPage, site: str, slug: str) -> None:
    page = open_page("/vi")
    page.wait_for_load_state("networkidle")
    paths = record_requests(page)
    page.goto(f"{site}/vi/{slug}")
    for anchor, following in pairwise(list_anchors(page)):
        click_next(page, anchor)
        expect_in_sight(page, following)
    page.wait_for_load_state("networkidle")
    seen = "all => all.filter(e => e.currentSrc).map(e => new URL(e.currentSrc).pathname)"
    posters = page.eval_on_selector_all("img", seen)
    assert paths[0] == f"/vi/{slug}"
    assert set(paths[1:]) == set(posters)
    assert len(paths) == 1 + len(posters)


def test_a_tap_speaks_and_the_next_voice_is_fetched_meanwhile(open_page: OpenPage) -> None:
    page = open_page(BILL + "#1")
    expect_in_sight(page, "1")
    page.wait_for_load_state("networkidle")
    paths = record_requests(page)
    button, following = panel(page, "1").locator(".voice"), panel(page, "2").locator(".voice")
    with page.expect_request(f"**{following.get_attribute('data-o')}"):
        button.tap()
        expect(button).to_have_class(re.compile(r"\bon\b"))
    assert set(paths) == {button.get_attribute("data-o"), following.get_attribute("data-o")}
    click_next(page, "1")  # who listens, goes on listening
    expect(following).to_have_class(re.compile(r"\bon\b"))
    expect(button).not_to_have_class(re.compile(r"\bon\b"))
    following.tap()
    expect(following).not_to_have_class(re.compile(r"\bon\b"))


def test_a_language_link_keeps_the_step(open_page: OpenPage) -> None:
    page = open_page(BILL + "#3", java_script_enabled=False)
    expect_in_sight(page, "3")
    panel(page, "3").locator("summary").tap()
    panel(page, "3").get_by_role("link", name="Lul Hmôngz").tap()
    page.wait_for_url("**/hmn/tra-tien-dien#3")
    expect_in_sight(page, "3")
    assert page.locator("html").get_attribute("lang") == "hmn"


MEASURE = """() => [...document.querySelectorAll('.step')].map(step => {
  step.scrollIntoView();
  const box = e => { const r = e.getBoundingClientRect();
    return {left: r.left, top: r.top, right: r.right, bottom: r.bottom}; };
  const all = selector => [...step.querySelectorAll(selector)].filter(
    e => getComputedStyle(e).visibility === 'visible' && e.getClientRects().length);
  return {id: step.id, kind: step.className, box: box(step),
    wide: step.scrollWidth - step.clientWidth,
    page: document.documentElement.scrollWidth - innerWidth,
    figure: all('figure, .answers').map(box)[0],
    words: all('.say p').map(box), ways: all('nav > a, nav summary').map(box),
    targets: all('a:not([aria-hidden]), button, summary').map(
      e => ({...box(e.querySelector('rect') || e), name: e.outerHTML.slice(0, 80)}))};
})"""


def measure_panels(page: Page) -> list[dict[str, Any]]:
    """Return every panel's boxes, each measured while it is in sight."""
    panels: list[dict[str, Any]] = page.evaluate(MEASURE)
    return panels


def is_inside(box: dict[str, float], size: tuple[int, int]) -> bool:
    width, height = size
    return (
        box["left"] >= -1
        and box["top"] >= -1
        and box["right"] <= width + 1
        and box["bottom"] <= height + 1
    )


def height_of(box: dict[str, float]) -> float:
    return box["bottom"] - box["top"]


@pytest.mark.parametrize("size", [SMALL, PHONE, SHORT, SIDEWAYS, DESKTOP])
@pytest.mark.parametrize("path", [BILL, "/vi/dung-zalo", "/hmn/cai-vneid", "/tay/xem-the-bhyt"])
def test_every_step_fits_the_screen(open_page: OpenPage, path: str, size: tuple[int, int]) -> None:
    page = open_page(path, size)
    for each in measure_panels(page):
        assert each["page"] <= 0, each["id"]
        assert each["wide"] <= 0, each["id"]
        if each["id"] == "het":  # numbers to call may stand below, one swipe away
            continue
        for box in [*each["words"], *each["ways"], each["figure"]]:
            assert is_inside(box, size), (each["id"], box)
        below = [*each["words"], *each["ways"]] if size[0] < size[1] else []
        assert all(box["top"] >= each["figure"]["bottom"] - 1 for box in below), each["id"]


@pytest.mark.parametrize("slug", ["lua-dao-gia-danh", "dich-vu-cong", "tiem-chung"])
@pytest.mark.parametrize("folder", ["vi", "hmn"])
def test_the_way_on_is_in_sight_below_three_numbers(
    open_page: OpenPage, folder: str, slug: str
) -> None:
    end = panel(open_page(f"/{folder}/{slug}#het", SMALL), "het")
    assert end.locator(".calls li").count() == 3
    expect(end.locator("nav > .next")).to_be_in_viewport(ratio=0.75)


@pytest.mark.parametrize(("size", "share"), [(PHONE, 0.45), (SMALL, 0.40)])
def test_the_picture_keeps_its_half(
    open_page: OpenPage, size: tuple[int, int], share: float
) -> None:
    for path in (BILL, "/hmn/cai-vneid"):
        page = open_page(path, size)
        for each in measure_panels(page):
            if each["id"] not in {"0", "het"}:
                assert height_of(each["figure"]) >= share * height_of(each["box"]), each["id"]


@pytest.mark.parametrize(("size", "least_px"), [(PHONE, 48), (SMALL, 44), (DESKTOP, 48)])
@pytest.mark.parametrize("path", [BILL, "/hmn/dung-zalo"])
def test_everything_to_press_is_as_big_as_a_thumb(
    open_page: OpenPage, path: str, size: tuple[int, int], least_px: int
) -> None:
    page = open_page(path, size)
    for each in measure_panels(page):
        for box in each["targets"]:
            spot = "svg" in box["name"] or "aria-label" in box["name"]
            least = least_px if spot else 48
            assert box["right"] - box["left"] >= least - 0.5, (each["id"], box)
            assert height_of(box) >= least - 0.5, (each["id"], box)


@pytest.mark.parametrize("path", ["/vi", "/vi/tim", "/-/tim/vi?q=dien", "/hmn"])
@pytest.mark.parametrize("size", [SMALL, PHONE, DESKTOP])
def test_lists_fit_and_can_be_pressed(
    open_page: OpenPage, path: str, size: tuple[int, int]
) -> None:
    page = open_page(path, size)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for pressable in page.locator("a, button, input").all():
        box = pressable.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 47.5, pressable.inner_html()[:80]


@pytest.mark.parametrize("size", [SMALL, PHONE, SIDEWAYS])
def test_letters_of_twice_the_size_stay_usable(open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page(BILL, size)
    page.evaluate("document.documentElement.style.fontSize = '250%'")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for anchor in list_anchors(page):
        step = panel(page, anchor)
        step.evaluate("e => e.scrollIntoView()")
        assert step.evaluate("e => e.scrollWidth - e.clientWidth") <= 0
        for part in (*step.locator(".say p").all(), *step.locator("nav > a").all()):
            part.scroll_into_view_if_needed()
            expect(part).to_be_in_viewport(ratio=0.5)
        overlap = step.evaluate(
            "e => { const [say, nav] = ['.say', 'nav'].map("
            "s => e.querySelector(s).getBoundingClientRect()); return say.bottom - nav.top; }"
        )
        assert overlap <= 1 or size == SIDEWAYS, anchor


def test_who_is_sent_to_a_film_is_there_at_once_and_sees_it_large(open_page: OpenPage) -> None:
    page = open_page(f"{BILL}#11", PHONE)
    step = panel(page, "11")
    assert step.evaluate("e => e.getBoundingClientRect().left") == 0
    assert step.locator("figure").evaluate("e => e.clientHeight") >= PHONE[1] / 2
    expect(step.locator("nav > .next")).to_be_in_viewport(ratio=1)


CHECKED = ["/", "/vi/tim", "/-/tim/vi?q=khong", "/hmn", BILL, f"{BILL}#2", f"{BILL}#9h"]
CHECKED += [
    f"{BILL}#8",
    f"{BILL}#10a",
    f"{BILL}#11",
    f"{BILL}#het",
    f"{BILL}#giup",
    "/hmn/cai-vneid#5",
    "/khong-co",
]


@pytest.mark.parametrize("path", CHECKED)
def test_nothing_keeps_anyone_out(chromium: Browser, site: str, path: str) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 640}, reduced_motion="reduce")
    page.goto(site + path)
    rules = {"color-contrast-enhanced": {"enabled": True}}
    found = Axe().run(page, options={"rules": rules}).response["violations"]
    page.close()
    grave = [each for each in found if each["impact"] != "minor"]
    assert not [(each["id"], [node["html"][:160] for node in each["nodes"]]) for each in grave]


def test_no_page_complains(open_page: OpenPage, site: str) -> None:
    page = open_page("/")
    paths = [f"/{folder}{rest}" for folder in ("vi", "hmn", "tay") for rest in ("", "/tim")]
    paths += [f"/{path.parent.name}/{path.stem}" for path in FILES]
    for path in [*paths, "/-/tim/vi?q=%3Cscript%3E"]:
        page.goto(site + path)
        assert page.locator("html.js").count() == 1, path  # its script was let through and ran
        style = page.evaluate("getComputedStyle(document.querySelector('header')).display")
        assert style == "flex", path  # and so was its style


RUNNING = "document.getAnimations().filter(a => a.playState === 'running').length"


def test_who_wants_stillness_gets_it(open_page: OpenPage) -> None:
    page = open_page(BILL + "#2")
    expect_in_sight(page, "2")
    assert page.evaluate(RUNNING) == 0
    assert page.evaluate("getComputedStyle(document.querySelector('.steps')).scrollBehavior") == (
        "auto"
    )


def test_the_ring_calls_four_times_and_rests(open_page: OpenPage) -> None:
    page = open_page(BILL + "#2", reduced_motion="no-preference")
    expect(panel(page, "2").locator(".ring")).to_have_css("animation-name", "p")
    assert page.evaluate(RUNNING) > 0
    ends = page.evaluate("document.getAnimations().map(a => a.effect.getComputedTiming().endTime)")
    assert max(ends) <= 5_000
