"""The editors' room in a real Chromium on a phone: without signal, by two at once."""

from collections.abc import Callable, Iterator

import pytest
from making_samples import house_of
from people_samples import PASSPHRASE, add
from playwright.sync_api import Browser, Page, expect
from published_samples import running_uvicorn
from starlette.types import ASGIApp

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app
from content_server.services import Services

pytest_plugins = ("fixtures_browser",)
pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
Enter = Callable[[str], Page]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    house = house_of(tmp_path_factory.mktemp("editor"), 2)
    add(house, "pao", Grant(Role.AUTHOR), name="Vàng A Páo")
    add(house, "giangthido", Grant(Role.AUTHOR), name="Giàng Thị Dở")
    add(house, "mai", Grant(Role.REVIEWER), name="Lò Thị Mai")
    yield house
    house.database.close()


@pytest.fixture(scope="module")
def app(house: Services) -> ASGIApp:
    return create_app(house)


@pytest.fixture(scope="module")
def address(app: ASGIApp) -> Iterator[str]:
    with running_uvicorn(app) as address:
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
        page.goto("/-/vao?ve=/-/soan/moi")
        page.fill("[name=name]", login)
        page.fill("[name=passphrase]", PASSPHRASE)
        page.press("[name=passphrase]", "Enter")
        page.wait_for_url("**/-/soan/**")
        return page

    yield entered
    for context in contexts:
        context.close()
    assert not errors


def sent(page: Page) -> None:
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
    sent(again)
    again.reload()
    expect(again.locator('#mo [data-path="show"]')).to_have_value("Gõ lúc mất sóng.")


def test_two_people_see_each_other_and_lose_nothing(enter: Enter) -> None:
    one, two = enter("pao"), enter("giangthido")
    for page in (one, two):
        page.goto("/-/soan/bai/bai-2/vi")
    one.fill('#mo [data-path="show"]', "Câu của Páo.")
    sent(one)
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
