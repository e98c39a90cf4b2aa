"""Every lesson walked from end to end in a real browser: by taps without scripts, by keyboard."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from content_server.settings import PROJECT_DIR
from tests.support.browser import OpenPage, click_next, expect_in_sight, list_anchors, panel

pytestmark = pytest.mark.browser

SLUGS = sorted(path.stem for path in (PROJECT_DIR / "lessons" / "vi").glob("*.yaml"))
DESKTOP = (1280, 800)
LEAST_TAPS = 4  # the lessons issue: taps in a row through linked screens


def tap_wrong(page: Page, anchor: str) -> None:
    """Tap the drawing where the right spot is not."""
    drawing = panel(page, anchor).locator("figure svg").bounding_box()
    spot = panel(page, anchor).locator("svg a[aria-label] rect").bounding_box()
    assert drawing
    assert spot
    x = drawing["x"] + drawing["width"] / 2
    above, below = spot["y"] - drawing["y"], drawing["y"] + drawing["height"]
    room_below = below - spot["y"] - spot["height"]
    y = drawing["y"] + above / 2 if above > room_below else below - room_below / 2
    page.touchscreen.tap(x, y)


def tap_right(page: Page, anchor: str) -> None:
    panel(page, anchor).locator("svg a[aria-label] rect").tap()


def practise(page: Page, anchor: str) -> None:
    """Miss once, read the hint, then hit."""
    expect_in_sight(page, anchor)
    hint = page.locator(f'[id="{anchor}h"]')
    expect(hint).to_be_hidden()
    tap_wrong(page, anchor)
    expect(hint).to_be_visible()
    expect(hint).to_be_in_viewport(ratio=0.9)
    expect(panel(page, anchor).locator(".ring")).to_have_css("opacity", "1")
    expect_in_sight(page, anchor)
    tap_right(page, anchor)
    expect(hint).to_be_hidden()


def answer(page: Page, anchor: str) -> None:
    """Try every answer: each is explained, and the explanation covers no picture."""
    choices = panel(page, anchor).locator(".answers a")
    assert choices.count() >= 2
    for index in range(choices.count()):
        choices.nth(index).tap()
        because = page.locator(f'[id="{anchor}{"abcd"[index]}"]')
        expect(because).to_be_in_viewport(ratio=0.9)
        expect(page.locator(".because:visible")).to_have_count(1)
        expect_in_sight(page, anchor)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_whole_lesson_without_scripts(open_page: OpenPage, slug: str) -> None:
    page = open_page(f"/vi/{slug}", java_script_enabled=False)
    for anchor, following in pairwise(list_anchors(page)):
        expect_in_sight(page, anchor)
        kind = panel(page, anchor).get_attribute("class") or ""
        if "practise" in kind:
            practise(page, anchor)
        else:
            if "ask" in kind.split():
                answer(page, anchor)
            click_next(page, anchor)
        expect_in_sight(page, following)
    assert urls_path(page) == f"/vi/{slug}"
    expect(panel(page, "het").locator("a[href^='tel:']").first).to_be_in_viewport()
    page.locator("header .help").tap()
    expect(page.locator("#giup a[href^='tel:']").first).to_be_visible()
    page.locator("#giup .again").last.tap()
    expect(page.locator("#giup")).to_be_hidden()
    expect_in_sight(page, "het")
    panel(page, "het").locator("nav > .next").tap()
    page.wait_for_url("**/vi")


def urls_path(page: Page) -> str:
    return re.sub(r"^https?://[^/]+|#.*", "", page.url)


@pytest.mark.parametrize("slug", SLUGS)
def test_practice_by_keyboard_alone(open_page: OpenPage, slug: str) -> None:
    page = open_page(f"/vi/{slug}", DESKTOP)
    frames = page.eval_on_selector_all(".practise", "all => all.map(e => e.id)")
    first = frames[0]
    frames = [anchor for anchor in frames if re.fullmatch(rf"{first}(-\d+)?", anchor)]
    assert len(frames) >= LEAST_TAPS
    page.goto(f"{page.url}#{first}")
    for anchor in frames:
        expect_in_sight(page, anchor)
        for _ in range(3):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.matches('svg a')"):
                break
        here = page.evaluate("document.activeElement.closest('.step').id")
        assert here == anchor
        page.keyboard.press("Enter")
    expect_in_sight(page, f"{first}-xong")
