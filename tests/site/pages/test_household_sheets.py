"""The helper's sheet in a real browser: ticks stay on this phone, offline too, and can be wiped."""

import re
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

TICK = 'input[name="tra-tien"][value="2"]'


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 360, "height": 640}, has_touch=True)
    errors: list[str] = []
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert not errors


def total(page: Page, number: int) -> str:
    return page.locator(f'[data-house="{number}"]').inner_text()


def test_ticks_stay_on_this_phone_alone_and_can_be_wiped(page: Page, published_site: str) -> None:
    asked: list[str] = []
    page.goto(f"{published_site}/vi/nha")
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.locator(f"label:has({TICK})").tap()
    assert (total(page, 1), total(page, 2)) == ("0", "1")
    page.context.set_offline(False)
    assert not asked
    page.goto(f"{published_site}/hmn/nha")  # another language, the same houses
    expect(page.locator(TICK)).to_be_checked()
    assert total(page, 2) == "1"
    page.locator("summary").tap()
    page.locator("#xoa").tap()
    expect(page.locator(TICK)).not_to_be_checked()
    expect(page.get_by_role("status")).not_to_be_empty()
    assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("rubbish", ["", "{", "7", "null", '{"a":1}', '[1,null,"x 9"]'])
def test_rubbish_in_the_storage_is_no_trouble(
    page: Page, published_site: str, rubbish: str
) -> None:
    page.goto(f"{published_site}/vi/nha")
    page.evaluate("text => localStorage.setItem('nha', text)", rubbish)
    page.reload()
    page.locator(f"label:has({TICK})").tap()
    assert total(page, 2) == "1"


def test_without_storage_the_sheet_says_so_and_prints(page: Page, published_site: str) -> None:
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw 1; }})")
    page.goto(f"{published_site}/vi/nha")
    expect(page.locator("#quen")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("label").first).to_be_visible()
    expect(page.locator("#xoa")).to_be_hidden()


def test_without_scripts_it_is_paper(chromium: Browser, published_site: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{published_site}/vi/nha")
    assert page.locator("label").count() == 5 * page.locator(".ticks > li").count() > 0
    context.close()


def test_everything_is_as_big_as_a_thumb_and_in_sight(page: Page, published_site: str) -> None:
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": 640})
        page.goto(f"{published_site}/vi/nha")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for box in page.locator("label, .ticks a, summary, #in").all():
            size = box.bounding_box()
            assert size
            assert min(size["width"], size["height"]) >= 48
            assert size["x"] + size["width"] <= width


def test_no_hindrance_is_found_and_letters_stand_out(page: Page, published_site: str) -> None:
    page.goto(f"{published_site}/vi/nha")
    page.locator(f"label:has({TICK})").tap()
    rules = {"color-contrast-enhanced": {"enabled": True}}
    found = Axe().run(page, options={"rules": rules})
    assert not found.response["violations"], found.generate_report()


def test_nowhere_on_the_sheet_is_room_for_a_name(published_site: str) -> None:
    page = httpx.get(f"{published_site}/vi/nha")
    fields = set(re.findall(r'<input type="(\w+)"', page.text))
    assert fields == {"checkbox"}
