"""Session plans in a browser: ordered by touch or keyboard, printed, shared, projected."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import OpenPage

pytestmark = pytest.mark.browser

TV = (1280, 720)


def plan(page: Page) -> str:
    found: str = page.evaluate("location.hash")
    return found


def test_an_evening_is_put_in_order_by_thumb(open_page: OpenPage) -> None:
    page = open_page("/vi/buoi")
    expect(page.get_by_role("button", name="Trình chiếu cả buổi")).to_be_disabled()
    page.get_by_role("button", name="Thêm bài số 7").tap()
    page.get_by_role("button", name="+ Giơ tay").tap()
    page.get_by_role("button", name="Thêm bài số 12").tap()
    page.get_by_role("button", name="+ Nghỉ").tap()
    assert plan(page) == "#7.h.12.n"
    page.locator("#items li").nth(2).get_by_role("button", name="Lên trước").tap()
    assert plan(page) == "#7.12.h.n"
    page.locator("#items li").first.get_by_role("button", name="Bỏ ra").tap()
    assert plan(page) == "#12.h.n"
    small = page.eval_on_selector_all(
        "main button, main a",
        "all => all.filter(e => { const r = e.getBoundingClientRect(); "
        "return r.width && (r.height < 47.5 || r.width < 47.5); }).map(e => e.outerHTML)",
    )
    assert not small
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_an_evening_is_put_in_order_by_keyboard(open_page: OpenPage) -> None:
    page = open_page("/vi/buoi#1.2.3", TV)
    page.locator("#items li").first.get_by_role("button", name="Xuống sau").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the button went with its lesson
    assert plan(page) == "#2.3.1"


@pytest.mark.parametrize(
    ("hostile", "left"),
    [
        ("#<img src=x onerror=alert(1)>.1", "1"),
        ("#999.0.-1.1e9.7", "7"),
        ("#" + "h." * 5000, "h.h.h.h.h.h.h.h.h.h.h.h"),
        ("#1.2.3.4.5.6.7", "1.2.3.4.5"),
        ("#constructor.__proto__.n", "n"),
        ("#%00.%zz.007", "7"),
        ("#", ""),
    ],
)
def test_a_hostile_plan_is_only_what_it_names_rightly(
    open_page: OpenPage, hostile: str, left: str
) -> None:
    page = open_page("/vi/buoi" + hostile, TV)
    assert plan(page).lstrip("#") == left


def test_the_run_sheet_says_what_to_do_and_when(open_page: OpenPage) -> None:
    page = open_page("/vi/buoi?x7k2#h.1.n.15", TV)
    page.emulate_media(media="print")
    rows = page.locator("#sheet tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("0'–5'")
    expect(rows.nth(1)).to_contain_text("1. Trả tiền điện trên điện thoại")
    expect(rows.nth(1)).to_contain_text("Mời bác làm lại cho tôi xem")
    expect(page.locator("#sheet .address")).to_have_text(re.compile(r"/vi/buoi\?x7k2#h\.1\.n\.15$"))
    expect(page.locator("#sheet .lost")).to_be_visible()  # this server was told no address
    expect(page.locator("#sheet .qr")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator("main .lost")).to_be_visible()
    world = "document.querySelector('[rel=canonical]').href = 'https://bai.example.vn/vi/buoi'"
    page.evaluate(world + "; location.hash = '#1.15'")
    expect(page.locator("main .lost")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator("#sheet .lost")).to_be_hidden()
    expect(page.locator("#sheet .qr path")).to_have_count(2)
    expect(page.locator("#sheet .address")).to_have_text("https://bai.example.vn/vi/buoi?x7k2#1.15")
    expect(page.locator("main.plan")).to_be_hidden()


def slide_in(page: Page) -> str:
    frame = page.locator("#stage iframe").content_frame
    found: str = frame.locator(".slide.now").get_attribute("id") or ""
    return found


def test_an_evening_is_shown_as_one(open_page: OpenPage) -> None:
    page = open_page("/vi/buoi?x7k2#h.1.h.n", TV)
    page.get_by_role("button", name="Trình chiếu cả buổi").click()
    inner = page.locator("#stage iframe").content_frame
    expect(inner.locator(".slide.now.ask")).to_be_visible()
    expect(page.locator("#stage iframe")).to_be_focused()  # keys reach it from then on
    page.keyboard.press("1")
    expect(inner.locator(".tally").first).to_have_text("1")
    for _ in range(3):  # each answer, then on: what is right is not said yet
        page.keyboard.press("PageDown")
    expect(inner.locator(".slide.now.cover")).to_be_visible()
    frame = page.frames[-1]
    assert frame.url.split("/")[-1] == "chieu?x7k2#0"
    frame.wait_for_load_state("load")
    expect(page.locator("#stage iframe")).to_be_focused()
    frame.evaluate("deck.my.auto = false; deck.show(deck.slides.length - 1)")
    page.keyboard.press("PageDown")
    expect(inner.locator(".slide.now.ask.compared")).to_be_visible()
    expect(page.locator("#stage iframe")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("PageDown")
    expect(page.locator("#break")).to_be_visible()
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^(10:00|9:5\d)$"))
    page.keyboard.press("PageUp")
    expect(inner.locator(".slide.now.ask")).to_be_visible()
    page.get_by_role("button", name="Đóng", exact=True).last.click(force=True)
    expect(page.locator("#stage")).to_be_hidden()


def test_the_cards_are_printed_two_on_a_sheet(open_page: OpenPage) -> None:
    page = open_page("/vi/the-abcd")
    expect(page.locator(".card")).to_have_count(4)
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 2
