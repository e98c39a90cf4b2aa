"""The editors' pages in a browser: axe, keyboard, high contrast, no scripts, first load."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app
from content_server.services import Services
from tests.support.accounts import PASSPHRASE, add_account
from tests.support.browser import OpenPage
from tests.support.servers import run_uvicorn

pytestmark = pytest.mark.browser

PHONE, LAPTOP = (360, 740), (1280, 800)
HOSTILE = '"><img src=x onerror=window.PWN=1><script>window.PWN=1</script>'


@pytest.fixture
def site(services: Services) -> Iterator[str]:
    services.pipeline.ingest()
    services.worker.run_until_idle()
    add_account(services, "lanlan", Grant(Role.ADMIN), name=HOSTILE[:80])
    with run_uvicorn(create_app(services)) as address:
        yield address


def enter(page: Page, name: str = "lanlan") -> None:
    page.locator("#name").fill(name)
    page.locator("#passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Vào", exact=True).click()
    expect(page.locator("#passphrase")).to_have_count(0)


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    bad = [each for each in found if each["impact"] in {"serious", "critical"}]
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in bad]


def test_a_laptop_shows_the_same_to_everybody(open_page: OpenPage, site: str) -> None:
    """axe: nothing serious, light and in the sun; phones: `test_every_page.py`."""
    page = open_page("/-/soan", LAPTOP)
    assert not serious(page)
    enter(page)
    for path in ("/-/soan", "/-/toi"):
        page.goto(site + path)
        for sunlight in (False, True):
            page.evaluate("on => document.documentElement.classList.toggle('sun', on)", sunlight)
            assert not serious(page), f"{path} {sunlight}"
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, path
        assert page.evaluate("window.PWN") is None, path


def test_a_speaker_is_invited_and_begins_to_work(open_page: OpenPage, chromium: Browser) -> None:
    admin = open_page("/-/soan/nguoi/moi")
    enter(admin)
    admin.locator("#name").fill("Giàng A Páo")
    admin.get_by_role("radio", name="Người đọc").check()
    admin.locator("#folder").select_option("hmn")
    admin.get_by_role("button", name="Làm lời mời").click()
    expect(admin.locator("img.qr")).to_be_visible()
    link = admin.locator(".address code").inner_text()
    phone = chromium.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}).new_page()
    phone.goto(link)
    expect(phone.get_by_text("Chào Giàng A Páo")).to_be_visible()
    phone.get_by_role("button", name="Dùng câu này").click()
    phone.get_by_role("button", name="Xong, vào làm").click()
    phone.get_by_role("link", name=re.compile("Tiếng Mông")).first.click()
    phone.get_by_role("link", name="Việc của tôi").click()
    expect(phone.locator(".task").first).to_have_text("thu lời")
    assert phone.get_by_role("link", name="Mọi người").count() == 0
    phone.context.close()


def test_signing_in_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/-/soan", LAPTOP)
    page.locator("#name").focus()
    page.keyboard.type("lanlan")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/-/soan$"))
    page.locator("details.me summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ra khỏi máy này")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Ra khỏi máy này")).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Ra khỏi máy này").press("Enter")
    expect(page.locator("#passphrase")).to_be_visible()
    page.go_back()
    expect(page.locator("#passphrase")).to_be_visible()  # nothing was kept to go back to


def test_sunlight_and_language_are_kept(open_page: OpenPage) -> None:
    page = open_page("/-/vao")
    page.get_by_role("button", name="Xem ngoài nắng").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_class("sun")
    expect(page.get_by_role("heading", name="Sign in to the editors' room")).to_be_visible()
    enter_english = page.locator("#name")
    enter_english.fill("lanlan")
    page.locator("#passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("html")).to_have_class("sun")


def test_without_scripts_every_form_works(open_page: OpenPage) -> None:
    page = open_page("/-/soan/danh-sach/topics/dien", java_script_enabled=False)
    enter(page)
    page.locator("#f-name").fill("Điện và nước")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator(".done")).to_be_visible()
    expect(page.get_by_text("Điện và nước")).to_be_visible()


def test_a_first_load_is_small(open_page: OpenPage, site: str) -> None:
    """Promised: 150 kB at first, 40 kB after. Measured on the line, as the browser got it."""
    page = open_page("/-/vao")
    enter(page)
    sizes: list[int] = []
    page.on(
        "requestfinished", lambda request: sizes.append(max(0, request.sizes()["responseBodySize"]))
    )
    page.goto(site + "/-/soan")
    page.wait_for_load_state("networkidle")
    first = sum(sizes)
    sizes.clear()
    page.goto(site + "/-/soan?tieng=hmn")
    page.wait_for_load_state("networkidle")
    assert 0 < first < 150_000
    assert sum(sizes) < 40_000
