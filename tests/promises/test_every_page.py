"""Every page of the route table: accessibility, layout on a phone, keyboard and weight."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python import base
from playwright.sync_api import Browser, Page, Request

from tests.promises.populated_services import PopulatedServices, populate_services
from tests.support.browser import sign_in_on_page
from tests.support.servers import run_uvicorn

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
FIRST_BYTES, AGAIN_BYTES = 150_000, 40_000
APP_PATHS = ("/-/soan", "/-/toi", "/-/vao", "/-/tap-huan")
WORDS = ["Bấm nút Thanh toán ở giữa màn hình."]
AXE = (Path(base.__file__).parent / "axe.min.js").read_text("utf-8")

SMALL = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.matches(
    '.skip, .unseen, input[type=checkbox], input[type=radio]'))
  .filter(e => e.tagName !== 'A' || getComputedStyle(e).display !== 'inline')
  .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([_, box]) => box.height < 47.5 || box.width < 47.5)
  .map(([html, box]) => `${html} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
UNREACHED = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.tabIndex != -1)
  .filter(e => {
    e.focus();
    const seen = e.matches('.unseen') ? e.closest('label') : e;
    const style = getComputedStyle(seen);
    return document.activeElement !== e || e.tabIndex > 0
      || (style.outlineStyle === 'none' && style.boxShadow === 'none');
  }).map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def populated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PopulatedServices]:
    populated = populate_services(tmp_path_factory.mktemp("pages"), WORDS)
    yield populated
    populated.services.database.close()


@pytest.fixture(scope="module")
def phones(chromium: Browser, populated: PopulatedServices) -> Iterator[dict[bool, Page]]:
    """Two phones: on one nobody is signed in, on the other the admin is."""
    with run_uvicorn(populated.app) as address:
        phones = {
            signed_in: chromium.new_page(
                viewport=PHONE,  # type: ignore[arg-type]  # width, height
                base_url=address,
                reduced_motion="reduce",
            )
            for signed_in in (False, True)
        }
        sign_in_on_page(phones[True], "chuchu", "/-/soan")
        yield phones
        for phone in phones.values():
            phone.close()


def test_every_page_is_for_everybody(
    populated: PopulatedServices, phones: dict[bool, Page]
) -> None:
    """axe finds nothing serious by day and in the sun; thumb, keys, width and line suffice."""
    wrong: list[str] = []
    visits = [
        visit
        for visit in populated.pages()
        if visit.address.startswith(APP_PATHS)
        and not visit.address.endswith("/xem")  # a villager's
    ]
    assert len(visits) > 25
    for visit in visits:
        page = phones[visit.signed_in]
        found = [*list_heavy_answers(page, visit.address), *list_page_problems(page)]
        wrong += [f"{visit.address}: {each}" for each in found]
    assert not wrong, "\n".join(wrong)


def list_heavy_answers(page: Page, address: str) -> list[str]:
    """Open a page as the first of all, and again; return what weighs too much on the line."""
    sizes: list[int] = []

    def weigh(request: Request) -> None:
        sizes.append(max(0, request.sizes()["responseBodySize"]))

    page.on("requestfinished", weigh)
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.goto(address)
    if "/bai/" in address:  # these fetch more: a preview, what it costs
        page.wait_for_load_state("networkidle")
    first = sum(sizes)
    sizes.clear()
    page.goto(address)
    later = sum(sizes)
    page.remove_listener("requestfinished", weigh)
    too_much = [f"first {first}"] if first > FIRST_BYTES else []
    return too_much + ([f"later {later}"] if later > AGAIN_BYTES else [])


def list_page_problems(page: Page) -> list[str]:
    """Return what somebody would stumble over on a page that is open."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    found = [f"small: {each}" for each in page.evaluate(SMALL)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("wider than the phone")
    page.evaluate(AXE)
    for sunlight in (False, True):
        page.evaluate("on => document.documentElement.classList.toggle('sun', on)", sunlight)
        options = {"resultTypes": ["violations"]}
        options |= {"runOnly": ["color-contrast"]} if sunlight else {}
        answer = page.evaluate("options => axe.run(document, options)", options)
        found += [
            f"{'sun' if sunlight else 'day'}: {each['id']} {each['nodes'][0]['html'][:140]}"
            for each in answer["violations"]
            if each["impact"] in {"serious", "critical"}
        ]
    page.keyboard.press("Tab")  # from now on the browser shows where the focus is
    return found + [f"keyboard: {each}" for each in page.evaluate(UNREACHED)]
