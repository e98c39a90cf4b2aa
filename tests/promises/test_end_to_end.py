"""The whole story in real Chromium on phones: invited, composed, spoken, signed, shown, undone."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from content_server.accounts.roles import Grant, Role
from tests.promises.authoring import (
    STEPS,
    TWO_MINUTES_MS,
    VI,
    add_photo_with_redaction,
    add_practice,
    begin_lesson,
    draw_screen,
    list_originals,
    type_texts,
    upload_clip_with_three_interruptions,
    wait_until_saved,
)
from tests.support.accounts import add_account
from tests.support.browser import (
    PHONE_VIEWPORT,
    launch_chromium_with_microphone,
    make_spoken_wav,
    sign_in_on_page,
)
from tests.support.editor_services import open_lesson_services
from tests.support.servers import start_server

pytestmark = pytest.mark.browser
HMN = VI.replace("/vi", "/hmn")
VILLAGERS = "/{folder}/goi-dien-cho-can-bo"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The real server, a process of its own, over one small lesson and one admin."""
    services = open_lesson_services(tmp_path, 1)
    add_account(services, "chu", Grant(Role.ADMIN), name="Lý A Chứ")
    services.database.close()
    server, address = start_server(tmp_path)
    yield address
    server.terminate()
    server.wait(20)


@dataclass
class StoryServer:
    """One server, and the browser with everybody's phones."""

    browser: Browser
    address: str
    refused: list[str]

    def phone(self) -> Page:
        """Return a phone nobody has used; whatever its browser refuses is written down."""
        context = self.browser.new_context(
            viewport=PHONE_VIEWPORT,  # type: ignore[arg-type]  # width, height
            base_url=self.address,
            permissions=["microphone"],
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.refused.append(str(error)))
        page.on(
            "console",
            lambda line: self.refused.append(line.text) if "Refused" in line.text else None,
        )
        return page


@pytest.fixture
def story(address: str, tmp_path: Path) -> Iterator[StoryServer]:
    with launch_chromium_with_microphone(make_spoken_wav(tmp_path)) as browser:
        story = StoryServer(browser, address, [])
        yield story
        for context in browser.contexts:
            context.close()
    assert not story.refused


def test_the_whole_story(story: StoryServer, tmp_path: Path) -> None:
    admin = story.phone()
    sign_in_on_page(admin, "chu", "/-/soan/nguoi")
    author = invited(admin, story, "Vàng A Páo", "Người soạn")
    speaker = invited(admin, story, "Sùng Thị Mỷ", "Người đọc", "hmn")
    listener = invited(admin, story, "Giàng Thị Dở", "Người dịch", "hmn")
    reviewer = invited(admin, story, "Lò Thị Mai", "Người duyệt")

    begin_lesson(author)
    for number, step in enumerate(STEPS[:3], 1):
        draw_screen(author, step, f"Nút {number}")
    add_practice(author)
    add_photo_with_redaction(author, tmp_path)
    upload_clip_with_three_interruptions(author, story.address, tmp_path)
    type_texts(author)
    submits(author, VI)
    signs_and_shows(reviewer, VI)
    villager = story.phone()
    sees(villager, "vi", "Bấm nút số 2.")
    assert not list_originals(tmp_path)  # the uncovered number is nowhere

    translates_one_sentence(listener)
    records_six_steps(speaker)
    back_translates_what_was_heard(listener)
    submits(listener, HMN)
    hears_what_was_understood(reviewer)
    signs_and_shows(reviewer, HMN)
    sees(villager, "hmn", "Nias lub khawm 2.")
    hears_a_voice_on_every_step(villager)

    changes_a_sentence(author)
    submits(author, VI)
    signs_and_shows(reviewer, VI)
    sees(villager, "vi", "Bấm nút số hai.")
    finds_the_translation_stale(listener)

    goes_back_to_the_first_revision(reviewer)
    sees(villager, "vi", "Bấm nút số 2.")


def invited(admin: Page, story: StoryServer, name: str, role: str, language: str = "") -> Page:
    """The admin makes an invitation; a new phone opens it, and is at work."""
    admin.goto("/-/soan/nguoi/moi")
    admin.fill("#name", name)
    admin.get_by_role("radio", name=role).check()
    if language:
        admin.select_option("#folder", language)
    admin.get_by_role("button", name="Làm lời mời").click()
    link = admin.locator(".address code").inner_text()
    phone = story.phone()
    phone.goto(link)
    phone.get_by_role("button", name="Dùng câu này").click()
    phone.get_by_role("button", name="Xong, vào làm").click()
    expect(phone.locator("details.me summary")).to_have_attribute(
        "aria-label", f"Việc của tôi: {name}"
    )
    return phone


def submits(page: Page, path: str) -> None:
    page.goto(f"{path}/duyet")
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page.locator(".state")).to_contain_text("đang chờ duyệt")


def signs_and_shows(reviewer: Page, path: str) -> None:
    reviewer.goto(f"{path}/duyet")
    reviewer.get_by_role("button", name="Tôi đã xem hết, đồng ý").click()
    reviewer.locator(".publish button").click()
    expect(reviewer.get_by_role("heading", name="Bà con đã xem được")).to_be_visible(
        timeout=TWO_MINUTES_MS
    )


def sees(villager: Page, folder: str, words: str) -> None:
    """What is called shown is there for a villager within a second or two."""
    wait_until(lambda: words in villager.request.get(VILLAGERS.format(folder=folder)).text())
    villager.goto(VILLAGERS.format(folder=folder))
    villager.reload()  # a page may be kept for a minute
    expect(villager.locator("main")).to_contain_text(words)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 3
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.1)


def translates_one_sentence(listener: Page) -> None:
    listener.goto(HMN)
    listener.fill(f'#{STEPS[1]} [data-path="show"]', "Nias lub khawm 2.")
    wait_until_saved(listener)


def records_six_steps(speaker: Page) -> None:
    """Each step is read, heard again and kept; the next one comes by itself."""
    speaker.goto(f"{HMN}/thu?buoc={STEPS[0]}")
    speaker.locator("[data-agreed]").check()
    for step in STEPS:
        expect(speaker.locator(f'[data-go="{step}"]')).to_have_attribute("aria-current", "step")
        records(speaker)
    for step in STEPS:
        waits_until_ready(speaker, step)


def records(page: Page) -> None:
    """Press, speak, press; listen, and find it good."""
    page.locator("[data-record]").click()
    expect(page.locator("[data-record]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(1200)
    page.locator("[data-record]").click()
    page.locator("[data-good]").click()


def waits_until_ready(page: Page, step: str) -> None:
    expect(page.locator(f'[data-go="{step}"]')).to_have_attribute(
        "data-stage", "ready", timeout=TWO_MINUTES_MS
    )


def back_translates_what_was_heard(listener: Page) -> None:
    """Another speaker hears one step, sees no Vietnamese, and says aloud what was understood."""
    listener.goto(f"{HMN}/noi-lai?buoc={STEPS[1]}")
    expect(listener.locator("main")).not_to_contain_text("Bấm nút số 2")
    listener.locator("[data-agreed]").check()
    records(listener)
    waits_until_ready(listener, STEPS[1])


def hears_what_was_understood(reviewer: Page) -> None:
    reviewer.goto(f"{HMN}/duyet")
    told = reviewer.locator(f"#{STEPS[1]} .told")
    expect(told).to_contain_text("Giàng Thị Dở")
    voice = told.locator("audio").get_attribute("src")
    assert voice
    assert reviewer.request.get(voice).ok


def hears_a_voice_on_every_step(villager: Page) -> None:
    voices = villager.locator(".step .voice").evaluate_all("all => all.map(each => each.dataset.o)")
    assert len(set(voices)) == len(STEPS)
    assert all(villager.request.get(voice).ok for voice in voices)


def changes_a_sentence(author: Page) -> None:
    author.goto(VI)
    author.fill(f'#{STEPS[1]} [data-path="show"]', "Bấm nút số hai.")
    wait_until_saved(author)


def finds_the_translation_stale(listener: Page) -> None:
    listener.goto("/-/soan?tieng=hmn")
    row = listener.locator("a.line", has_text="Gọi điện cho cán bộ")
    expect(row).to_contain_text("cũ hơn gốc")
    expect(row).to_contain_text("lời cũ")
    listener.goto(HMN)
    expect(listener.locator(f"#{STEPS[1]} .stale ins")).to_have_text("hai.")


def goes_back_to_the_first_revision(reviewer: Page) -> None:
    reviewer.goto(f"{VI}/lich-su")
    expect(reviewer.locator("ins").first).to_have_text("hai.")
    reviewer.once("dialog", lambda dialog: dialog.accept())
    reviewer.get_by_role("button", name="Quay lại bản này").last.click()
    expect(reviewer.get_by_role("heading", name="Bà con đã xem được")).to_be_visible(
        timeout=TWO_MINUTES_MS
    )
