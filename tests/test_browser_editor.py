"""The editors' room in a real Chromium on a phone: a lesson made, signed, shown and undone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from making_samples import front_of, house_of
from people_samples import PASSPHRASE, add
from playwright.sync_api import Browser, Page, expect
from published_samples import running_uvicorn
from starlette.types import ASGIApp

from content_server.app import House, create_app
from content_server.people.roles import Grant, Role
from content_server.web.front import Front

pytest_plugins = ("fixtures_browser",)
pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
Enter = Callable[[str], Page]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = house_of(tmp_path_factory.mktemp("editor"), 2)
    add(house, "pao", Grant(Role.AUTHOR), name="Vàng A Páo")
    add(house, "giangthido", Grant(Role.AUTHOR), name="Giàng Thị Dở")
    add(house, "mai", Grant(Role.REVIEWER), name="Lò Thị Mai")
    yield house
    house.database.close()


@pytest.fixture(scope="module")
def app(house: House) -> ASGIApp:
    return create_app(house)


@pytest.fixture(scope="module")
def front(app: ASGIApp) -> Front:
    return front_of(app)


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


def compose(page: Page, step: str, label: str) -> None:
    """Draw a screen with one button for a step, and make the button the target."""
    page.locator(f"#{step}").get_by_role("link", name="Vẽ hình").first.click()
    page.get_by_role("button", name="Nút to", exact=True).click()
    field = page.locator("[data-panel] input").first
    field.fill(label)
    page.get_by_role("button", name="Đây là chỗ cần bấm").click()
    expect(page.locator("[data-drawing] svg")).to_contain_text(label)
    page.get_by_role("button", name="Dùng màn hình này").click()
    page.wait_for_url("**/vi#*")


def sent(page: Page) -> None:
    expect(page.locator("[data-sent]")).to_contain_text("đã gửi")
    expect(page.locator("[data-draft]")).to_have_attribute("data-unsent", "0")


def publish(page: Page, house: House, front: Front, path: str) -> None:
    page.goto(f"{path}/duyet")
    page.get_by_role("button", name="Tôi đã xem hết, đồng ý").click()
    page.locator(".publish button").click()
    page.wait_for_url("**/dang-len/*")
    assert not house.worker.run_until_idle().failed
    front.refresh()


def test_a_lesson_from_nothing_to_a_villager_and_back(
    enter: Enter, house: House, front: Front
) -> None:
    author, reviewer = enter("pao"), enter("mai")
    author.fill("[name=title]", "Gọi điện cho cán bộ")
    author.get_by_label("Bài trống").check()
    author.get_by_role("button", name="Bắt đầu soạn").click()
    author.wait_for_url("**/goi-dien-cho-can-bo/vi")
    path = "/-/soan/bai/goi-dien-cho-can-bo/vi"

    for field, words in (("why", "Hỏi được ngay, không phải đi xa."), ("success", "Nghe tiếng."),
                         ("sources.0.what", "Cán bộ xã cho biết")):  # fmt: skip
        author.fill(f'[data-path="{field}"]', words)
    for number in (1, 2, 3):
        author.fill(f'#buoc-{number} [data-path="show"]', f"Bấm nút số {number}.")
    sent(author)
    for number in (1, 2, 3):
        compose(author, f"buoc-{number}", f"Nút {number}")
    author.select_option(".add select", "practise")
    author.get_by_role("button", name="Thêm", exact=True).click()
    author.wait_for_url("**#buoc-4")
    author.fill('#buoc-4 [data-path="say"]', "Mời bác bấm thử.")
    sent(author)
    author.get_by_role("link", name="Thêm một lần bấm").click()
    author.get_by_role("button", name="Nút to", exact=True).click()
    author.get_by_role("button", name="Đây là chỗ cần bấm").click()
    author.get_by_role("button", name="Dùng màn hình này").click()
    author.wait_for_url("**/vi#*")
    author.fill('#buoc-4 [data-path="practise.0.hint"]', "Nút to ở giữa.")
    sent(author)
    author.goto(f"{path}/duyet")
    author.get_by_role("button", name="Gửi duyệt").click()
    expect(author.locator(".state")).to_contain_text("đang chờ duyệt")

    publish(reviewer, house, front, path)
    villagers = "/vi/goi-dien-cho-can-bo"
    assert "Bấm nút số 2." in author.request.get(villagers).text()
    author.goto(villagers)
    expect(author.locator("main")).to_contain_text("Bấm nút số 2.")

    author.goto(path)
    author.fill('#buoc-2 [data-path="show"]', "Bấm nút số hai.")
    sent(author)
    author.goto(f"{path}/duyet")
    author.get_by_role("button", name="Gửi duyệt").click()
    expect(author.locator(".state")).to_contain_text("đang chờ duyệt")
    publish(reviewer, house, front, path)
    assert "Bấm nút số hai." in author.request.get(villagers).text()

    reviewer.goto(f"{path}/lich-su")
    expect(reviewer.locator("ins").first).to_have_text("hai.")
    reviewer.on("dialog", lambda dialog: dialog.accept())
    reviewer.get_by_role("button", name="Quay lại bản này").click()
    reviewer.wait_for_url("**/dang-len/*")
    house.worker.run_until_idle()
    front.refresh()
    assert "Bấm nút số 2." in author.request.get(villagers).text()


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


def test_every_page_fits_a_phone_and_is_as_big_as_a_thumb(enter: Enter) -> None:
    page = enter("pao")
    pages = ("", "/duyet", "/lich-su", "/khac", "/man-hinh/mo")
    for path in [*(f"/-/soan/bai/bai-1/vi{each}" for each in pages), "/-/soan/moi", "/-/soan/goi"]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        small = page.evaluate(
            """[...document.querySelectorAll("main :is(button, summary, select, textarea)")]
            .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 47.5)
            .map((each) => each.outerHTML.slice(0, 80))"""
        )
        assert small == [], path


def test_the_pages_have_no_serious_barrier(enter: Enter) -> None:
    from axe_playwright_python import base  # noqa: PLC0415  # a browser test's own

    page = enter("pao")
    script = (Path(base.__file__).parent / "axe.min.js").read_text("utf-8")
    for path in (
        "/-/soan/bai/bai-1/vi",
        "/-/soan/bai/bai-1/vi/duyet",
        "/-/soan/bai/bai-1/vi/man-hinh/mo",
    ):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.evaluate(script)
        found = page.evaluate("axe.run('main', {resultTypes: ['violations']})")
        serious = [v["id"] for v in found["violations"] if v["impact"] in {"serious", "critical"}]
        assert serious == [], (path, found["violations"])
