"""The whole story in real Chromium on phones: invited, composed, spoken, signed, shown, undone."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from handing_samples import PHONE, CutLine, browser_with_microphone, enter, spoken_wav, started
from making_samples import house_of
from media_samples import make_clip
from people_samples import add
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from published_samples import noise

from content_server.people.roles import Grant, Role

pytestmark = pytest.mark.browser
VI, HMN = (f"/-/soan/bai/goi-dien-cho-can-bo/{folder}" for folder in ("vi", "hmn"))
VILLAGERS = "/{folder}/goi-dien-cho-can-bo"
STEPS = [f"buoc-{number}" for number in range(1, 7)]
PRACTICE, PHOTO, FILM = STEPS[3:]
TWO_MINUTES_MS = 120_000


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The real server, a process of its own, over one small lesson and one admin."""
    house = house_of(tmp_path, 1)
    add(house, "chu", Grant(Role.ADMIN), name="Lý A Chứ")
    house.database.close()
    server, address = started(tmp_path)
    yield address
    server.terminate()
    server.wait(20)


@dataclass
class Village:
    """Everybody's phones, all on one server."""

    browser: Browser
    address: str
    refused: list[str]

    def phone(self) -> Page:
        """Return a phone nobody has used; whatever its browser refuses is written down."""
        context = self.browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]  # width, height
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
def village(address: str, tmp_path: Path) -> Iterator[Village]:
    with browser_with_microphone(spoken_wav(tmp_path)) as browser:
        village = Village(browser, address, [])
        yield village
        for context in browser.contexts:
            context.close()
    assert not village.refused


def test_the_whole_story(village: Village, tmp_path: Path) -> None:
    admin = village.phone()
    enter(admin, "chu", "/-/soan/nguoi")
    author = invited(admin, village, "Vàng A Páo", "Người soạn")
    speaker = invited(admin, village, "Sùng Thị Mỷ", "Người đọc", "hmn")
    listener = invited(admin, village, "Giàng Thị Dở", "Người dịch", "hmn")
    reviewer = invited(admin, village, "Lò Thị Mai", "Người duyệt")

    begins_a_lesson(author)
    for number, step in enumerate(STEPS[:3], 1):
        draws_a_screen(author, step, f"Nút {number}")
    adds_a_practice(author)
    adds_a_photo_with_a_covered_number(author, tmp_path)
    sends_a_film_over_a_line_cut_three_times(author, village, tmp_path)
    says_what_each_step_says(author)
    hands_in(author, VI)
    signs_and_shows(reviewer, VI)
    villager = village.phone()
    sees(villager, "vi", "Bấm nút số 2.")
    assert not originals(tmp_path)  # the uncovered number is nowhere

    translates_one_sentence(listener)
    records_six_steps(speaker)
    tells_back_what_was_heard(listener)
    hands_in(listener, HMN)
    reads_what_was_understood(reviewer)
    signs_and_shows(reviewer, HMN)
    sees(villager, "hmn", "Nias lub khawm 2.")
    hears_a_voice_on_every_step(villager)

    changes_a_sentence(author)
    hands_in(author, VI)
    signs_and_shows(reviewer, VI)
    sees(villager, "vi", "Bấm nút số hai.")
    finds_the_translation_stale(listener)

    goes_back_to_the_first_revision(reviewer)
    sees(villager, "vi", "Bấm nút số 2.")


def invited(admin: Page, village: Village, name: str, role: str, language: str = "") -> Page:
    """The admin makes an invitation; a new phone opens it, and is at work."""
    admin.goto("/-/soan/nguoi/moi")
    admin.fill("#name", name)
    admin.get_by_role("radio", name=role).check()
    if language:
        admin.select_option("#folder", language)
    admin.get_by_role("button", name="Làm lời mời").click()
    link = admin.locator(".address code").inner_text()
    phone = village.phone()
    phone.goto(link)
    phone.get_by_role("button", name="Dùng câu này").click()
    phone.get_by_role("button", name="Xong, vào làm").click()
    expect(phone.locator("details.me summary")).to_have_attribute(
        "aria-label", f"Việc của tôi: {name}"
    )
    return phone


def begins_a_lesson(author: Page) -> None:
    author.get_by_role("link", name="Bài mới").click()
    author.fill("[name=title]", "Gọi điện cho cán bộ")
    author.get_by_label("Bài trống").check()
    author.get_by_role("button", name="Bắt đầu soạn").click()
    author.wait_for_url(f"**{VI}")
    for field, words in (
        ("why", "Hỏi được ngay, không phải đi xa."),
        ("success", "Nghe tiếng người."),
        ("sources.0.what", "Cán bộ xã cho biết"),
    ):
        author.fill(f'[data-path="{field}"]', words)
    arrived(author)


def arrived(page: Page) -> None:
    """Everything typed is on the server."""
    expect(page.locator("[data-sent]")).to_contain_text("đã gửi")
    expect(page.locator("[data-draft]")).to_have_attribute("data-unsent", "0")


def draws_a_screen(author: Page, step: str, label: str) -> None:
    author.locator(f"#{step}").get_by_role("link", name="Vẽ hình").first.click()
    a_button_to_tap(author, label)


def a_button_to_tap(author: Page, label: str) -> None:
    """One button, with these words, is the target; the server has drawn it."""
    author.get_by_role("button", name="Nút to", exact=True).click()
    author.locator("[data-panel] input").first.fill(label)
    author.get_by_role("button", name="Đây là chỗ cần bấm").click()
    expect(author.locator("[data-drawing] svg")).to_contain_text(label)
    author.get_by_role("button", name="Dùng màn hình này").click()
    author.wait_for_url(f"**{VI}#*")


def adds_a_practice(author: Page) -> None:
    author.select_option(".add select", "practise")
    author.get_by_role("button", name="Thêm", exact=True).click()
    author.wait_for_url(f"**#{PRACTICE}")
    author.get_by_role("link", name="Thêm một lần bấm").click()
    a_button_to_tap(author, "Bấm thử")


def adds_a_photo_with_a_covered_number(author: Page, folder: Path) -> None:
    """A red number on white paper; a solid box is burned over it by the server."""
    paper = Image.new("RGB", (720, 1280), "white")
    paper.paste((250, 10, 10), (100, 256, 600, 512))
    paper.save(folder / "giay.png")
    author.goto(f"{VI}/anh")
    author.set_input_files("[data-file]", folder / "giay.png")
    author.locator(".numbers summary").click()
    author.locator("[data-add]").click()
    for index, percent in enumerate((10, 18, 80, 24)):
        author.locator("[data-boxes] input").nth(index).fill(str(percent))
    author.fill("[data-alt]", "Tờ giấy có số đã che")
    for box in author.locator("[data-check]").all():
        box.check()
    author.get_by_role("button", name="Đưa vào bài").click()
    expect(author.locator("[data-done]")).to_be_visible()
    assert originals(folder)


def originals(folder: Path) -> list[Path]:
    return list((folder / "data/originals").iterdir())


def sends_a_film_over_a_line_cut_three_times(author: Page, village: Village, folder: Path) -> None:
    film = make_clip(folder / "phim.mp4")
    with film.open("ab") as file:  # what a player skips: much to send, little to encode
        file.write((4_000_008).to_bytes(4, "big") + b"free" + noise(4_000_000))
    line = CutLine(village.address, cut_at_bytes=[900_000, 2_000_000, 3_100_000])
    author.goto(f"{line.address}{VI}/phim")
    author.set_input_files("[data-file]", film)
    expect(author.locator("[data-list] [data-state]").first).to_have_text(
        "xong", timeout=TWO_MINUTES_MS
    )
    assert line.cut_times == 3
    line.close()


def says_what_each_step_says(author: Page) -> None:
    author.goto(VI)
    for number, step in enumerate(STEPS[:3], 1):
        author.fill(f'#{step} [data-path="show"]', f"Bấm nút số {number}.")
    author.fill(f'#{PRACTICE} [data-path="say"]', "Mời bác bấm thử.")
    author.fill(f'#{PRACTICE} [data-path="practise.0.hint"]', "Nút to ở giữa.")
    author.fill(f'#{PHOTO} [data-path="show"]', "Tìm số trên tờ giấy.")
    author.fill(f'#{FILM} [data-path="say"]', "Xem cán bộ nghe máy.")
    arrived(author)


def hands_in(page: Page, path: str) -> None:
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
    until(lambda: words in villager.request.get(VILLAGERS.format(folder=folder)).text())
    villager.goto(VILLAGERS.format(folder=folder))
    villager.reload()  # a page may be kept for a minute
    expect(villager.locator("main")).to_contain_text(words)


def until(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 3
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.1)


def translates_one_sentence(listener: Page) -> None:
    listener.goto(HMN)
    listener.fill(f'#{STEPS[1]} [data-path="show"]', "Nias lub khawm 2.")
    arrived(listener)


def records_six_steps(speaker: Page) -> None:
    """Each step is read, heard again and kept; the next one comes by itself."""
    speaker.goto(f"{HMN}/thu?buoc={STEPS[0]}")
    speaker.locator("[data-agreed]").check()
    for step in STEPS:
        expect(speaker.locator(f'[data-go="{step}"]')).to_have_attribute("aria-current", "step")
        speaker.locator("[data-record]").click()
        expect(speaker.locator("[data-record]")).to_have_attribute("aria-pressed", "true")
        speaker.wait_for_timeout(1200)
        speaker.locator("[data-record]").click()
        speaker.locator("[data-good]").click()
    for step in STEPS:
        expect(speaker.locator(f'[data-go="{step}"]')).to_have_attribute(
            "data-stage", "ready", timeout=TWO_MINUTES_MS
        )


def tells_back_what_was_heard(listener: Page) -> None:
    listener.goto(f"{HMN}/duyet")
    step = listener.locator(f"#{STEPS[1]}")
    step.get_by_text("Tôi nghe và hiểu là…").click()
    step.get_by_label("Nói lại bằng tiếng Việt").fill("Bấm cái nút thứ hai.")
    step.get_by_role("button", name="Gửi").click()


def reads_what_was_understood(reviewer: Page) -> None:
    reviewer.goto(f"{HMN}/duyet")
    expect(reviewer.locator(f"#{STEPS[1]} .told")).to_contain_text("Bấm cái nút thứ hai.")


def hears_a_voice_on_every_step(villager: Page) -> None:
    voices = villager.locator(".step .voice").evaluate_all("all => all.map(each => each.dataset.o)")
    assert len(set(voices)) == len(STEPS)
    assert all(villager.request.get(voice).ok for voice in voices)


def changes_a_sentence(author: Page) -> None:
    author.goto(VI)
    author.fill(f'#{STEPS[1]} [data-path="show"]', "Bấm nút số hai.")
    arrived(author)


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
