"""Photos handed in: what is covered is gone, the original is private, bad input gets a sentence."""

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageChops
from playwright.sync_api import Browser, expect

from content_server.accounts.roles import Role
from content_server.app import create_app
from content_server.editorial.drafts.drafts import draft_of
from content_server.editorial.publication import PublishRequest, publish_edition
from content_server.editorial.review.consents import list_consents
from content_server.editorial.review.workflow import Actor
from content_server.editorial.tables import ConsentKind
from content_server.lessons.editions.tables import EditionRef
from content_server.services import Services
from tests.support.accounts import client_with_role
from tests.support.browser import PHONE_VIEWPORT, sign_in_on_page
from tests.support.editor_services import open_upload_services
from tests.support.media_files import make_clip, make_speech
from tests.support.servers import run_uvicorn

BASE = "/-/soan/bai/bai-1/photos"
JSON = {"accept": "application/json"}
CHECKED = ["names", "numbers", "faces", "codes"]
SECRET, PAPER = (250, 10, 10), (240, 240, 250)  # a number's pixels, and what is around it


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = open_upload_services(tmp_path_factory.mktemp("photos"), 3)
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def author(services: Services) -> TestClient:
    client = client_with_role(services, Role.AUTHOR, app=create_app(services))
    client.headers.update(JSON)
    return client


def photo(size: tuple[int, int] = (720, 1280)) -> bytes:
    """A screenshot with a red number from 20 to 40 % of its height, and a camera's EXIF."""
    picture = Image.new("RGB", size, PAPER)
    picture.paste(SECRET, (100, size[1] // 5, 600, 2 * size[1] // 5))
    exif = Image.Exif()
    exif[0x010F] = "Vang A Pao's phone"
    written = io.BytesIO()
    picture.save(written, "PNG", exif=exif)
    return written.getvalue()


def upload_photo(author: TestClient, data: bytes, name: str = "anh.png", digest: str = "") -> Any:  # noqa: ANN401  # httpx's own
    digest = digest or hashlib.sha256(data).hexdigest()
    return author.put(f"{BASE}/{digest}", content=data, params={"name": name})


def finish_photo(author: TestClient, number: int, **more: Any) -> Any:  # noqa: ANN401  # JSON
    body = {"alt": "Màn hình ngân hàng", "checked": CHECKED, "marks": {}, **more}
    return author.post(f"{BASE}/{number}", json=body)


BOX = {"x": 10, "y": 18, "width": 80, "height": 24}


def test_what_is_covered_is_gone_from_the_bytes(author: TestClient, services: Services) -> None:
    number = upload_photo(author, photo()).json()["id"]
    answer = finish_photo(author, number, marks={"boxes": [BOX]}, step="mo")
    assert answer.status_code == 200, answer.text
    with services.database.read() as session:
        draft = draft_of(session, EditionRef("bai-1", "vi"))
    step = draft.body["steps"][0]
    assert "screen" not in step
    assert "tap" not in step
    data = services.store.read_bytes(draft.media[step["photo"]["file"]])
    assert b"Pao" not in data
    picture = Image.open(io.BytesIO(data))
    red, green, _blue = picture.convert("RGB").split()
    assert ImageChops.subtract(red, green).histogram()[60:] == [0] * 196
    assert not services.store.has(hashlib.sha256(photo()).hexdigest())


def test_the_checklist_blocks(author: TestClient) -> None:
    number = upload_photo(author, photo()).json()["id"]
    for missing in CHECKED:
        answer = finish_photo(author, number, checked=[each for each in CHECKED if each != missing])
        assert answer.status_code == 422
        assert answer.json()["vi"].startswith("Xem lại ảnh")


@pytest.mark.parametrize("spot", [[0, 0], [100, 100], [50, 1], [99, 50]])
def test_a_spot_is_moved_so_that_a_thumb_hits_it(author: TestClient, spot: list[float]) -> None:
    number = upload_photo(author, photo()).json()["id"]
    answer = finish_photo(author, number, marks={"spot": spot}, step="nham").json()
    x, y = answer["spot"][0] * 3.6, answer["spot"][1] * 6.4  # on a phone 360 px wide
    assert 23.5 <= x <= 336.5
    assert 23.5 <= y <= 616.5


def test_crop_keeps_only_its_part(author: TestClient, services: Services) -> None:
    number = upload_photo(author, photo()).json()["id"]
    crop = {"x": 0, "y": 50, "width": 100, "height": 25}
    assert finish_photo(author, number, marks={"crop": crop}, step="mo").status_code == 200
    with services.database.read() as session:
        draft = draft_of(session, EditionRef("bai-1", "vi"))
    file = draft.body["steps"][0]["photo"]["file"]
    picture = Image.open(io.BytesIO(services.store.read_bytes(draft.media[file])))
    assert picture.size == (720, 320)


def test_who_can_be_recognised_and_agreed_is_written_down(
    author: TestClient, services: Services
) -> None:
    number = upload_photo(author, photo((360, 500))).json()["id"]
    assert finish_photo(author, number, step="mo", faces="Lò Văn Pánh").status_code == 200
    with services.database.read() as session:
        rows = [(row.person_name, row.kind) for row in list_consents(session)]
    assert rows == [("Lò Văn Pánh", ConsentKind.FACE)]


def test_an_original_is_seen_by_who_edits_and_by_nobody_else(
    author: TestClient, services: Services
) -> None:
    number = upload_photo(author, photo()).json()["id"]
    preview = author.get(f"{BASE}/{number}/original")
    assert preview.headers["content-type"] == "image/jpeg"
    assert preview.headers["cache-control"] == "no-store"
    assert b"Pao" not in preview.content
    speaker = client_with_role(services, Role.SPEAKER, "hmn")
    assert speaker.get(f"{BASE}/{number}/original", headers=JSON).status_code == 403
    digest = hashlib.sha256(photo()).hexdigest()
    for path in (f"/m/{digest[:20]}.png", f"/-/soan/tep/{digest[:20]}.png"):
        assert author.get(path).status_code == 404


def test_originals_are_deleted_when_the_lesson_is_shown(
    author: TestClient, services: Services
) -> None:
    number = upload_photo(author, photo((300, 400))).json()["id"]
    assert finish_photo(author, number, step="mo").status_code == 200
    assert list(services.settings.originals_dir.iterdir())
    assert author.post("/-/soan/bai/bai-1/vi/submit").status_code == 303
    with services.database.write() as session:
        publish_edition(
            session, EditionRef("bai-1", "vi"), Actor(1, "Mai"), PublishRequest(two_people=False)
        )
    assert not services.worker.run_until_idle().failed
    assert not list(services.settings.originals_dir.iterdir())
    assert author.get(f"{BASE}/{number}/original").status_code == 422


def test_a_photo_in_hand_outlives_what_others_show(author: TestClient, services: Services) -> None:
    """A changed helpline presses every page anew; nobody's half-covered photo may go by it."""
    number = upload_photo(author, photo((310, 410))).json()["id"]
    services.pipeline.publisher.rebuild_all()
    assert not services.worker.run_until_idle().failed
    assert author.get(f"{BASE}/{number}/original").status_code == 200


@pytest.mark.parametrize(
    ("data", "status", "words"),
    [
        (b"", 422, "rỗng"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "không phải ảnh"),
        (b"#EXTM3U", 422, "không phải ảnh"),
        (photo()[:3000], 422, "Ảnh hỏng"),
        (b"x" * 20_000_001, 413, "tối đa 20 MB"),
    ],
)
def test_what_is_no_photo_is_refused_in_a_sentence(
    author: TestClient, services: Services, data: bytes, status: int, words: str
) -> None:
    answer = upload_photo(author, data)
    assert answer.status_code == status
    assert words in answer.json()["vi"]
    work = services.settings.data_dir / "work"
    assert not [each for each in work.iterdir() if each.is_file()]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\u202egnp.exe", "\0", "x" * 4000, "<b>"])
def test_hostile_names_are_only_names(author: TestClient, name: str) -> None:
    answer = upload_photo(author, photo((200, 200)), name=name)
    assert answer.status_code == 200
    page = author.get("/-/soan/bai/bai-1/vi/anh", headers={"accept": "text/html"}).text
    assert "<b>" not in page.partition("data-tray")[2].partition("</ol>")[0]
    assert "\u202e" not in page


def test_media_arrive_once_however_often_they_are_sent(
    author: TestClient, services: Services, tmp_path: Path
) -> None:
    data = make_speech(tmp_path / "a.wav").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    path = f"/-/soan/media/{digest}"
    assert author.get(path).status_code == 404
    first = author.put(path, content=data, params={"medium": "voice", "name": "../a.wav"})
    again = author.put(path, content=data, params={"medium": "voice"})
    assert first.json()["stage"] == again.json()["stage"] == "preparing"
    assert not services.worker.run_until_idle().failed
    assert author.get(path).json()["stage"] == "ready"


def test_media_that_are_not_what_they_say_are_refused(author: TestClient, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4").read_bytes()
    digest = hashlib.sha256(clip).hexdigest()
    silent = author.put(f"/-/soan/media/{digest}", content=clip, params={"medium": "voice"})
    assert (silent.status_code, "không có tiếng" in silent.json()["vi"]) == (422, True)
    wrong = author.put(f"/-/soan/media/{'0' * 64}", content=clip, params={"medium": "clip"})
    assert (wrong.status_code, wrong.json()["error"]) == (422, "DigestMismatch")
    assert author.get(f"/-/soan/media/{digest}").status_code == 404


def test_a_session_that_has_ended_is_told_so(services: Services) -> None:
    client = client_with_role(services, Role.AUTHOR)
    client.cookies.clear()
    answer = upload_photo(client, photo())
    assert answer.status_code in {303, 401}
    answer = client.put(f"/-/soan/media/{'0' * 64}", content=b"x", headers=JSON)
    assert answer.status_code == 401


@pytest.mark.browser
def test_boxes_by_number_and_by_finger(
    chromium: Browser, services: Services, tmp_path: Path
) -> None:
    paths = [tmp_path / "mot.png", tmp_path / "hai.png"]
    for size, path in zip(((360, 640), (362, 640)), paths, strict=True):
        path.write_bytes(photo((size[0] * 2, size[1] * 2)))
    with run_uvicorn(create_app(services)) as address:
        context = chromium.new_context(viewport=PHONE_VIEWPORT, base_url=address)  # type: ignore[arg-type]  # width, height
        page = context.new_page()
        sign_in_on_page(page, "pao", "/-/soan/bai/bai-2/vi/anh")
        page.set_input_files("[data-file]", paths)
        expect(page.locator("[data-photo]")).to_have_count(2)
        page.locator(".numbers summary").click()
        page.locator("[data-add]").focus()
        page.keyboard.press("Enter")
        top = page.locator("[data-boxes] input").nth(1)
        top.fill("17")
        top.press("ArrowUp")
        expect(top).to_have_value("18")
        for index, value in ((0, "10"), (2, "80"), (3, "24")):
            page.locator("[data-boxes] input").nth(index).fill(value)
        page.locator("[data-step]").select_option("mo")
        page.fill("[data-alt]", "Màn hình")
        for box in page.locator("[data-check]").all():
            box.check()
        page.get_by_role("button", name="Đưa vào bài").click()
        expect(page.locator("[data-done]")).to_be_visible()
        expect(page.locator("[data-photo]")).to_have_count(1)
        expect(page.locator("[data-step]")).to_have_value("nham")
        page.locator("[data-sheet]").scroll_into_view_if_needed()
        sheet = page.locator("[data-sheet]").bounding_box()
        assert sheet
        page.mouse.move(sheet["x"] + 20, sheet["y"] + 60)
        page.mouse.down()
        page.mouse.move(sheet["x"] + 200, sheet["y"] + 160, steps=4)
        page.mouse.up()
        expect(page.locator("[data-over] .cover")).to_have_count(1)
        context.close()
    with services.database.read() as session:
        step = draft_of(session, EditionRef("bai-2", "vi")).body["steps"][0]
    assert step["photo"]["alt"] == "Màn hình"


@pytest.mark.browser
def test_many_photos_picked_at_once_become_steps_in_the_order_they_were_taken(
    chromium: Browser, author: TestClient, services: Services, tmp_path: Path
) -> None:
    names = [f"Screenshot_{number}.png" for number in range(7, 13)]  # 9 before 10
    for step in ("mo", "nham", "tap", "hoi"):  # a lesson has twelve steps at most
        gone = author.post("/-/soan/bai/bai-3/vi/steps", data={"do": "remove", "step": step})
        assert gone.status_code == 303
    for number, name in enumerate(names):
        Image.new("RGB", (90 + number, 160), (number * 20, 90, 200)).save(tmp_path / name)
        os.utime(tmp_path / name, (1_700_000_000 + number, 1_700_000_000 + number))
    (tmp_path / "a.png").write_text("không phải ảnh")
    with run_uvicorn(create_app(services)) as address:
        context = chromium.new_context(viewport=PHONE_VIEWPORT, base_url=address)  # type: ignore[arg-type]  # width, height
        page = context.new_page()
        page.route("**/original", lambda route: route.abort())
        sign_in_on_page(page, "pao", "/-/soan/bai/bai-3/vi/anh")
        picked = sorted([*names, "a.png"], reverse=True)
        page.set_input_files("[data-file]", [tmp_path / name for name in picked])
        expect(page.locator("[data-photo]")).to_have_text(names, timeout=60_000)
        expect(page.locator("[data-trouble]")).to_contain_text("a.png")
        for left, name in zip(range(5, -1, -1), names, strict=True):
            expect(page.locator("[data-photo][aria-current]")).to_have_text(name)
            page.fill("[data-alt]", name)
            for box in page.locator("[data-check]").all():
                box.check()
            page.get_by_role("button", name="Đưa vào bài").click()
            expect(page.locator("[data-photo]")).to_have_count(left, timeout=30_000)
        context.close()
    with services.database.read() as session:
        steps = draft_of(session, EditionRef("bai-3", "vi")).body["steps"]
    assert [step["photo"]["alt"] for step in steps] == names
