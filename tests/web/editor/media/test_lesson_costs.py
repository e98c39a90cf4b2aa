"""What a lesson costs, told to who makes it: by step, on a village's line, and made lighter."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app
from content_server.editorial.drafts.attachments import attach_photo
from content_server.editorial.drafts.drafts import DraftWriter, draft_of, open_draft
from content_server.editorial.intake import store_source
from content_server.lessons.editions.tables import EditionRef
from content_server.media.images.downscaling import downscale_picture
from content_server.media.media_kinds import MediaKind
from content_server.services import Services
from content_server.site import costs
from content_server.site.costs import LessonCost, StepCost, steps_to_downscale, suggest_remedy
from tests.support.accounts import add_account, new_client, sign_in
from tests.support.editor_services import open_draft_services

VI, HMN = "/-/soan/bai/bai-1/vi", "/-/soan/bai/bai-1/hmn"
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = open_draft_services(tmp_path_factory.mktemp("costs"))
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def author(services: Services) -> TestClient:
    add_account(
        services, "pao", Grant(Role.AUTHOR), Grant(Role.TRANSLATOR, "hmn"), Grant(Role.REVIEWER)
    )
    return sign_in(new_client(create_app(services)), "pao")


def photo(services: Services, folder: Path) -> str:
    """Put a noisy photo, as heavy as one may be, into step `nham`; return its source's digest."""
    path = folder / "anh.png"
    Image.effect_noise((720, 900), 90).convert("RGB").save(path)
    store_source(services.database, services.store, path, MediaKind.IMAGE, "anh.png")
    digest = services.store.put_file(path)
    with services.database.write() as session:
        draft = open_draft(session, EditionRef("bai-1", "vi"))
        body = {"file": "anh/goc.png", "alt": "chợ"}
        attach_photo(DraftWriter(session, draft, None), "nham", body, digest)
    assert not services.worker.run_until_idle().failed
    return digest


def step(name: str, *, voice: int = 0, picture: int = 0) -> StepCost:
    return StepCost(name, 1, voice, picture, 0)


def test_the_heaviest_pictures_are_made_lighter_and_no_more_than_needed() -> None:
    steps = (step("a", picture=30_000), step("b", picture=200_000), step("c", picture=150_000))
    assert steps_to_downscale(LessonCost(12_000, steps, 0)) == ["b"]
    assert steps_to_downscale(LessonCost(12_000, steps, 60_000)) == ["b", "c"]
    assert steps_to_downscale(LessonCost(12_000, steps[:1], 0)) == []
    assert steps_to_downscale(LessonCost(12_000, (step("a", voice=900_000),), 0)) == []


def test_one_tap_makes_a_lesson_lighter_and_keeps_what_it_was(
    author: TestClient, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = photo(services, tmp_path)
    assert "Từng bước nặng bao nhiêu" in author.get(f"{VI}/gia").text
    assert "Làm nhẹ bớt" not in author.get(f"{VI}/gia").text  # it is green
    monkeypatch.setattr(costs, "LESSON_BUDGET_BYTES", 5_000)
    page = author.get(f"{VI}/gia").text
    assert "Làm nhẹ bớt cho tới khi xanh" in page
    assert 'href="/-/soan/bai/bai-1/vi#nham"' in page
    assert author.post(f"{VI}/downscale-photos").status_code == 303
    services.worker.run_until_idle()
    with services.database.read() as session:
        draft = draft_of(session, EditionRef("bai-1", "vi"))
        file = draft.body["steps"][1]["photo"]["file"]
        after = draft.media[file]
    assert after != before
    assert services.store.read_bytes(after)[:4] in {b"\x89PNG", b"\xff\xd8\xff\xe0"}
    assert "Trước khi làm nhẹ" in author.get(f"{VI}/lich-su").text


def test_where_nothing_can_be_lighter_the_heaviest_is_named(
    author: TestClient, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo(services, tmp_path)
    monkeypatch.setattr(costs, "LESSON_BUDGET_BYTES", 5_000)
    assert author.post(f"{VI}/downscale-photos").status_code == 303  # 360 px become 202 in one tap
    services.worker.run_until_idle()
    answer = author.post(f"{VI}/downscale-photos")
    assert answer.status_code == 422
    assert "ở bước 2" in answer.text
    page = author.get(f"{VI}/gia").text
    assert "Làm nhẹ bớt" not in page
    assert "cắt sát hơn, hoặc vẽ màn hình thay ảnh" in page


def test_what_a_person_can_do_is_said_by_what_is_heaviest() -> None:
    voice = step("a", voice=900_000), step("b", picture=200)
    assert "lời đọc ở bước 1" in str(suggest_remedy(LessonCost(12_000, voice, 0)))
    assert "mở đầu và kết bài" in str(suggest_remedy(LessonCost(12_000, voice[1:], 900_000)))
    assert "nhiều màn hình vẽ" in str(suggest_remedy(LessonCost(20_000, voice[1:], 0)))
    assert "mở đầu" in str(suggest_remedy(LessonCost(12_000, (), 900_000)))


def test_a_picture_becomes_no_smaller_than_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (250, 300)).save(path)
    assert downscale_picture(path) is None


def test_to_play_as_a_villager_takes_as_long_as_it_does_there(author: TestClient) -> None:
    began = time.perf_counter()
    quick = author.get(f"{VI}/xem")
    quick_s = time.perf_counter() - began
    began = time.perf_counter()
    slow = author.get(f"{VI}/xem?mang=400")
    slow_s = time.perf_counter() - began - quick_s
    size_bytes = int(slow.num_bytes_downloaded)
    assert slow.text.replace("/cham/400/", "/tep/") == quick.text  # media wait as well
    assert slow_s > 0.9 * (3 * 0.27 + size_bytes * 8 / 400_000)
    assert author.get("/-/soan/cham/7/00000000000000000000.opus").status_code == 404


def test_a_recording_older_than_its_words_shows_what_changed(
    author: TestClient, services: Services
) -> None:
    def typed(path: str, part: str, field: str, value: str) -> None:
        body = {"seen": 9_999, "changes": [{"part": part, "path": field, "value": value}]}
        assert author.post(f"{path}/save", json=body, headers=JSON).status_code == 200

    with services.database.write() as session:
        draft = open_draft(session, EditionRef("bai-1", "hmn"))
        row = dict(draft.body)
        row["steps"] = {"mo": {**row["steps"]["mo"], "voice": "thu/a.opus"}}
        draft.body = row
        session.add(draft)
    stamp = author.get(f"{HMN}/thu").text.partition('data-part="mo" data-stamp="')[2][:6]
    typed(HMN, "mo", "spoken_from", stamp)
    typed(HMN, "mo", "show", "Nias lub khawm Thanh toán.")
    page = author.get(HMN).text
    assert "Câu đã đổi từ khi thu lời" in page
    assert "<ins>lub khawm</ins>" in page
    now = page.partition('data-still="spoken_from" data-part="mo" data-value="')[2][:6]
    typed(HMN, "mo", "spoken_from", now)
    assert "Câu đã đổi từ khi thu lời" not in author.get(HMN).text


def test_a_consent_is_written_down_by_lesson_and_step(author: TestClient) -> None:
    page = author.get("/-/soan/dong-y?bai=bai-1").text
    assert "ảnh bước 2" in page
    digest = page.partition('name="digest"')[2].partition('value="')[2].partition('"')[0]
    form = {"digest": digest, "who": "Giàng A Chư", "given_on": "2026-11-24", "kind": "face"}
    assert author.post("/-/soan/consents", data=form).status_code == 303
    assert "Giàng A Chư" in author.get("/-/soan/dong-y").text
    assert "chưa có lời thu" in author.get("/-/soan/dong-y?bai=khong-co").text
