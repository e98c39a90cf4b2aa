"""What the author does in the end-to-end test: a lesson, drawn screens, a photo, a clip, words."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.interrupted_connection import InterruptedConnection
from tests.support.media_files import make_clip
from tests.support.published_tree import make_noise

VI = "/-/soan/bai/goi-dien-cho-can-bo/vi"
STEPS = [f"buoc-{number}" for number in range(1, 7)]
PRACTICE, PHOTO, FILM = STEPS[3:]
TWO_MINUTES_MS = 120_000


def begin_lesson(author: Page) -> None:
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
    wait_until_saved(author)


def wait_until_saved(page: Page) -> None:
    """Everything typed is on the server."""
    expect(page.locator("[data-sent]")).to_contain_text("đã gửi")
    expect(page.locator("[data-draft]")).to_have_attribute("data-unsent", "0")


def draw_screen(author: Page, step: str, label: str) -> None:
    author.locator(f"#{step}").get_by_role("link", name="Vẽ hình").first.click()
    add_button_to_tap(author, label)


def add_button_to_tap(author: Page, label: str) -> None:
    """One button, with these words, is the target; the server has drawn it."""
    author.get_by_role("button", name="Nút to", exact=True).click()
    author.locator("[data-panel] input").first.fill(label)
    author.get_by_role("button", name="Đây là chỗ cần bấm").click()
    expect(author.locator("[data-drawing] svg")).to_contain_text(label)
    author.get_by_role("button", name="Dùng màn hình này").click()
    author.wait_for_url(f"**{VI}#*")


def add_practice(author: Page) -> None:
    author.select_option(".add select", "practise")
    author.get_by_role("button", name="Thêm", exact=True).click()
    author.wait_for_url(f"**#{PRACTICE}")
    author.get_by_role("link", name="Thêm một lần bấm").click()
    add_button_to_tap(author, "Bấm thử")


def add_photo_with_redaction(author: Page, folder: Path) -> None:
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
    assert list_originals(folder)


def list_originals(folder: Path) -> list[Path]:
    return list((folder / "data/originals").iterdir())


def upload_clip_with_three_interruptions(author: Page, server: str, folder: Path) -> None:
    film = make_clip(folder / "phim.mp4")
    with film.open("ab") as file:  # what a player skips: much to send, little to encode
        file.write((4_000_008).to_bytes(4, "big") + b"free" + make_noise(4_000_000))
    line = InterruptedConnection(server, cut_at_bytes=[900_000, 2_000_000, 3_100_000])
    author.goto(f"{line.address}{VI}/phim")
    author.set_input_files("[data-file]", film)
    expect(author.locator("[data-list] [data-state]").first).to_have_text(
        "xong", timeout=TWO_MINUTES_MS
    )
    assert line.cut_count == 3
    line.close()


def type_texts(author: Page) -> None:
    author.goto(VI)
    for number, step in enumerate(STEPS[:3], 1):
        author.fill(f'#{step} [data-path="show"]', f"Bấm nút số {number}.")
    author.fill(f'#{PRACTICE} [data-path="say"]', "Mời bác bấm thử.")
    author.fill(f'#{PRACTICE} [data-path="practise.0.hint"]', "Nút to ở giữa.")
    author.fill(f'#{PHOTO} [data-path="show"]', "Tìm số trên tờ giấy.")
    author.fill(f'#{FILM} [data-path="say"]', "Xem cán bộ nghe máy.")
    wait_until_saved(author)
