"""A speaker's phone: a lesson read aloud with a real recording in Chromium's fake microphone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlmodel import select

from content_server.app import create_app
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.tables import CommentKind, CommentRow, ConsentRow
from content_server.lessons.editions.tables import EditionRef
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.services import Services
from tests.support.browser import (
    PHONE_VIEWPORT,
    launch_chromium_with_microphone,
    make_spoken_wav,
    sign_in_on_page,
)
from tests.support.editor_services import open_upload_services
from tests.support.servers import run_uvicorn

pytestmark = pytest.mark.browser
WHERE = "/-/soan/bai/bai-1/hmn/thu"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = open_upload_services(tmp_path_factory.mktemp("recorder"))
    services.worker.start()
    yield services
    services.worker.stop()
    services.database.close()


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with run_uvicorn(create_app(services)) as address:
        yield address


@pytest.fixture(scope="module")
def chromium_with_microphone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with launch_chromium_with_microphone(
        make_spoken_wav(tmp_path_factory.mktemp("wav"))
    ) as browser:
        yield browser


@pytest.fixture
def phone(chromium_with_microphone: Browser, address: str) -> Iterator[Page]:
    context = chromium_with_microphone.new_context(
        viewport=PHONE_VIEWPORT,  # type: ignore[arg-type]  # width, height
        base_url=address,
        permissions=["microphone"],
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors


def record(page: Page) -> None:
    page.locator("[data-record]").click()
    expect(page.locator("[data-record]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(1500)
    page.locator("[data-record]").click()
    expect(page.locator("[data-good]")).to_be_visible()


def stage_of(page: Page, part: str) -> str:
    return page.locator(f'[data-go="{part}"]').get_attribute("data-stage") or ""


def test_a_step_is_read_listened_to_and_becomes_its_voice(phone: Page, services: Services) -> None:
    sign_in_on_page(phone, "sung", WHERE)
    phone.get_by_text("Giọng của ai").click()
    phone.fill("[data-who]", "Bà Mỷ ở Mường Kim")
    phone.locator("[data-agreed]").check()
    phone.locator('[data-go="mo"]').click()
    record(phone)
    phone.locator("[data-good]").click()
    expect(phone.locator('[data-go="nham"]')).to_have_attribute("aria-current", "step")
    expect(phone.locator('[data-go="mo"]')).to_have_attribute("data-stage", "ready", timeout=30_000)
    with services.database.read() as session:
        draft = draft_of(session, EditionRef("bai-1", "hmn"))
        step = draft.body["steps"]["mo"]
        assert step["spoken_from"] == source_fingerprint("Nias Thanh toán.")
        assert draft.media[step["voice"]]
        consent = session.exec(select(ConsentRow)).one()
    assert consent.person_name == "Bà Mỷ ở Mường Kim"
    assert consent.digest == draft.media[step["voice"]]
    phone.reload()
    phone.locator('[data-go="mo"]').click()
    voice = phone.locator('[data-part="mo"] audio').last.get_attribute("src")
    assert voice
    assert phone.request.get(voice).headers["content-type"].startswith("audio/")


def test_a_take_outlives_the_line_and_the_page(phone: Page, services: Services) -> None:
    sign_in_on_page(phone, "sung", WHERE)
    phone.locator("[data-agreed]").check()
    phone.locator('[data-go="nham"]').click()
    phone.context.set_offline(True)
    record(phone)
    phone.locator("[data-good]").click()
    expect(phone.locator("[data-offline]")).to_be_visible()
    phone.context.set_offline(False)
    phone.close()  # before anything could be sent again
    again = phone.context.new_page()
    again.goto(WHERE)
    expect(again.locator('[data-go="nham"]')).to_have_attribute(
        "data-stage", "ready", timeout=30_000
    )
    with services.database.read() as session:
        assert draft_of(session, EditionRef("bai-1", "hmn")).body["steps"]["nham"]["voice"]


def test_a_take_not_yet_agreed_to_is_there_after_the_page_was_killed(phone: Page) -> None:
    sign_in_on_page(phone, "sung", WHERE)
    phone.locator("[data-agreed]").check()
    phone.locator('[data-go="tap"]').click()
    record(phone)
    phone.close()
    again = phone.context.new_page()
    again.goto(f"{WHERE}?buoc=tap")
    expect(again.locator("[data-good]")).to_be_visible()
    again.locator("[data-again]").click()
    expect(again.locator("[data-record]")).to_be_visible()
    assert stage_of(again, "tap") == "none"


def test_a_file_from_the_phone_is_an_equal_way(
    phone: Page, services: Services, tmp_path: Path
) -> None:
    sign_in_on_page(phone, "sung", WHERE)
    phone.locator("[data-agreed]").check()
    phone.locator('[data-go="hoi"]').click()
    phone.set_input_files("[data-file]", make_spoken_wav(tmp_path))
    phone.locator("[data-good]").click()
    expect(phone.locator('[data-go="hoi"]')).to_have_attribute(
        "data-stage", "ready", timeout=30_000
    )
    with services.database.read() as session:
        voice = draft_of(session, EditionRef("bai-1", "hmn")).body["steps"]["hoi"]["voice"]
    assert voice.endswith(".wav")


def test_a_file_that_is_no_recording_is_said_and_kept(phone: Page, tmp_path: Path) -> None:
    sign_in_on_page(phone, "sung", WHERE)
    phone.locator("[data-agreed]").check()
    phone.locator('[data-go=""]').click()
    wrong = tmp_path / "bai.mp3"
    wrong.write_text("đây là chữ")
    phone.set_input_files("[data-file]", wrong)
    phone.locator("[data-good]").click()
    expect(phone.locator("[data-trouble]")).to_contain_text("tệp chữ")
    phone.reload()
    expect(phone.locator("[data-trouble]")).to_contain_text("tệp chữ")


def test_without_consent_nothing_is_recorded(phone: Page) -> None:
    sign_in_on_page(phone, "sung", WHERE)
    phone.locator("[data-record]").click()
    expect(phone.locator("[data-trouble]")).to_contain_text("đồng ý")
    expect(phone.locator("[data-record]")).to_have_attribute("aria-pressed", "false")


def test_targets_are_large_enough_for_a_thumb(phone: Page) -> None:
    sign_in_on_page(phone, "sung", WHERE)
    small = phone.evaluate(
        """() => [...document.querySelectorAll('main button, main a, main .file')]
        .filter((e) => e.offsetParent).map((e) => [e.textContent.trim(), e.getBoundingClientRect()])
        .filter(([, box]) => box.height < 48 || box.width < 48).map(([words]) => words)"""
    )
    assert small == []
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_was_heard_is_told_back_aloud_and_listened_to(phone: Page, services: Services) -> None:
    where = "/-/soan/bai/bai-2/hmn/noi-lai"
    sign_in_on_page(phone, "sung", where)
    assert "Bấm Thanh toán" not in phone.content()  # who tells back sees no Vietnamese
    phone.locator("[data-agreed]").check()
    phone.locator('[data-go="mo"]').click()
    record(phone)
    phone.locator("[data-good]").click()
    expect(phone.locator('[data-go="mo"]')).to_have_attribute("data-stage", "ready", timeout=30_000)
    phone.goto("/-/soan/bai/bai-2/hmn/duyet")
    voice = phone.locator("#mo .told audio").get_attribute("src")
    assert voice
    assert phone.request.get(voice).headers["content-type"].startswith("audio/")
    expect(phone.locator("#mo .told")).to_contain_text("Sùng Thị Mỷ")
    phone.locator("#mo summary").click()
    phone.get_by_role("link", name="Nói thay vì gõ").first.click()
    phone.locator("[data-agreed]").check()
    record(phone)
    phone.locator("[data-good]").click()
    expect(phone.locator('[data-go="mo"]')).to_have_attribute("data-stage", "ready", timeout=30_000)
    with services.database.read() as session:
        rows = session.exec(select(CommentRow)).all()
    assert [row.kind for row in rows] == [CommentKind.BACK_TRANSLATION, CommentKind.COMMENT]
    assert all(row.voice for row in rows)


def test_what_is_to_be_read_is_in_sight_on_the_smallest_phone(phone: Page) -> None:
    phone.set_viewport_size({"width": 360, "height": 640})
    sign_in_on_page(phone, "sung", WHERE)
    for where in (f"{WHERE}?buoc=mo", "/-/soan/bai/bai-2/hmn/noi-lai?buoc=mo"):
        phone.goto(where)
        shown = phone.locator('[data-part="mo"] .say, [data-part="mo"] .hear').first
        expect(shown).to_be_visible()
        words, booth = shown.bounding_box(), phone.locator(".booth").bounding_box()
        assert words
        assert booth
        assert words["y"] + words["height"] <= booth["y"]
