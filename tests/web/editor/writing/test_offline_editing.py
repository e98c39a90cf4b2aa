"""The editor in a real Chromium on a phone: without signal, and by two people at once."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.types import ASGIApp

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app
from content_server.services import Services
from tests.support.accounts import PASSPHRASE, add_account
from tests.support.editor_services import open_lesson_services
from tests.support.servers import run_uvicorn

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
Enter = Callable[[str], Page]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = open_lesson_services(tmp_path_factory.mktemp("editor"), 2)
    add_account(services, "pao", Grant(Role.AUTHOR), name="Vàng A Páo")
    add_account(services, "giangthido", Grant(Role.AUTHOR), name="Giàng Thị Dở")
    add_account(services, "mai", Grant(Role.REVIEWER), name="Lò Thị Mai")
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def app(services: Services) -> ASGIApp:
    return create_app(services)


@pytest.fixture(scope="module")
def address(app: ASGIApp) -> Iterator[str]:
    with run_uvicorn(app) as address:
        yield address


@pytest.fixture
def enter(chromium: Browser, address: str) -> Iterator[Enter]:
    """Sign somebody in on a phone of their own; nothing may be refused by the browser."""
    contexts, errors = [], list[str]()

    def entered(login: str) -> Page:
        context = chromium.new_context(viewport=PHONE, base_url=address)  # type: ignore[arg-type]  # width, height
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console", lambda line: errors.append(line.text) if "Refused" in line.text else None
        )
        page.goto("/-/vao?ve=/-/soan/bai-moi")
        page.fill("[name=name]", login)
        page.fill("[name=passphrase]", PASSPHRASE)
        page.press("[name=passphrase]", "Enter")
        page.wait_for_url("**/-/soan/**")
        return page

    yield entered
    for context in contexts:
        context.close()
    assert not errors


def wait_until_sent(page: Page) -> None:
    expect(page.locator("[data-sent]")).to_contain_text("đã gửi")
    expect(page.locator("[data-draft]")).to_have_attribute("data-unsent", "0")


def test_what_was_typed_without_signal_is_sent_later_even_by_a_new_page(enter: Enter) -> None:
    page = enter("pao")
    page.goto("/-/soan/bai/bai-1/vi")
    page.context.set_offline(True)
    page.fill('#mo [data-path="show"]', "Gõ lúc mất sóng.")
    expect(page.locator("[data-lost]")).to_be_visible()
    expect(page.locator("[data-saved]")).to_contain_text("đã lưu")
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto("/-/soan/bai/bai-1/vi")
    expect(again.locator('#mo [data-path="show"]')).to_have_value("Gõ lúc mất sóng.")
    wait_until_sent(again)
    again.reload()
    expect(again.locator('#mo [data-path="show"]')).to_have_value("Gõ lúc mất sóng.")


def test_two_people_see_each_other_and_lose_nothing(enter: Enter) -> None:
    one, two = enter("pao"), enter("giangthido")
    for page in (one, two):
        page.goto("/-/soan/bai/bai-2/vi")
    one.fill('#mo [data-path="show"]', "Câu của Páo.")
    wait_until_sent(one)
    two.fill('#mo [data-path="show"]', "Câu của Dở.")
    expect(two.locator("[data-conflicts]")).to_be_visible()
    expect(two.locator("[data-here]")).to_contain_text("Vàng A Páo")
    two.locator("[data-conflicts] a").click()
    two.get_by_role("button", name="Lấy câu kia").click()
    two.goto("/-/soan/bai/bai-2/vi")
    expect(two.locator('#mo [data-path="show"]')).to_have_value("Câu của Dở.")


def test_a_remark_is_sent_without_leaving_what_is_half_typed(enter: Enter) -> None:
    page = enter("mai")
    page.goto("/-/soan/bai/bai-2/vi/duyet")
    first, second = page.locator("#mo"), page.locator("#nham")
    for step in (first, second):
        step.locator("summary").click()
    second.locator("textarea").fill("Nửa chừng")
    first.locator("textarea").fill("Chữ to hơn.")
    page.context.set_offline(True)
    first.get_by_role("button", name="Gửi").click()
    expect(page.locator("[data-unsent]")).to_be_visible()
    expect(first.locator("textarea")).to_have_value("Chữ to hơn.")
    page.context.set_offline(False)
    first.get_by_role("button", name="Gửi").click()
    expect(first.locator(".remark")).to_contain_text("Chữ to hơn.")
    expect(second.locator("textarea")).to_have_value("Nửa chừng")
    first.get_by_role("button", name="Xong").click()
    expect(first.locator(".remark.settled")).to_have_count(1)
    expect(second.locator("textarea")).to_have_value("Nửa chừng")
