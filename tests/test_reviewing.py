"""From draft to villager through HTTP: handed in, signed by another, shown, stale, rolled back."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from conftest import LESSON, write_lessons
from fastapi.testclient import TestClient
from making_samples import front_of, house_of
from media_samples import make_speech
from people_samples import signed_in
from starlette.types import ASGIApp

from content_server.accounts.roles import Role
from content_server.app import create_app
from content_server.editorial import publication
from content_server.editorial.drafts.attachments import attach_voice
from content_server.editorial.drafts.drafts import open_draft
from content_server.lessons.validation import source_fingerprint
from content_server.media.media_kinds import MediaKind
from content_server.services import Services, open_services
from content_server.settings import Settings

SLUG = VI = HMN = ""  # of this test's own lesson
SLUGS = (f"bai-{n}" for n in range(1, 31))
JSON = {"accept": "application/json"}


@dataclass
class Room:
    """Everybody who makes lessons, each with a browser of their own."""

    house: Services
    app: ASGIApp
    author: TestClient
    reviewer: TestClient
    translator: TestClient

    def type(self, client: TestClient, path: str, part: str, field: str, value: str) -> None:
        body = {"seen": 99, "changes": [{"part": part, "path": field, "value": value}]}
        assert client.post(f"{path}/luu", json=body, headers=JSON).status_code == 200

    def show(self, path: str, **more: str) -> str:
        """Sign and publish what waits; return where the browser is led."""
        assert self.reviewer.post(f"{path}/dong-y").status_code == 303
        answer = self.reviewer.post(f"{path}/dua-len", data=more)
        assert answer.status_code == 303, answer.text
        assert not self.house.worker.run_until_idle().failed
        return str(answer.headers["location"])

    def visit(self, path: str) -> str:
        front_of(self.app).refresh()  # it looks once a second
        return self.author.get(path).text


@pytest.fixture(scope="module")
def everybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """One house with a lesson for each test, and three people signed in."""
    house = house_of(tmp_path_factory.mktemp("reviewing"), 30)
    app = create_app(house)
    yield Room(
        house,
        app,
        signed_in(house, Role.AUTHOR, app=app),
        signed_in(house, Role.REVIEWER, app=app),
        signed_in(house, Role.TRANSLATOR, "hmn", app=app),
    )
    house.database.close()


@pytest.fixture
def room(everybody: Room, monkeypatch: pytest.MonkeyPatch) -> Room:
    """Everybody, and a lesson nobody has touched at VI and HMN."""
    slug = next(SLUGS)
    monkeypatch.setitem(globals(), "VI", f"/-/soan/bai/{slug}/vi")
    monkeypatch.setitem(globals(), "HMN", f"/-/soan/bai/{slug}/hmn")
    monkeypatch.setitem(globals(), "SLUG", slug)
    return everybody


def submit(client: TestClient, path: str) -> None:
    answer = client.post(f"{path}/gui", data={"note": "xem giúp"})
    assert answer.status_code == 303, answer.text


def test_a_changed_sentence_reaches_villagers_only_by_publishing(room: Room) -> None:
    room.type(room.author, VI, "mo", "show", "Bấm nút xanh to.")
    submit(room.author, VI)
    assert "Bấm nút xanh to." not in room.visit(f"/vi/{SLUG}")
    led_to = room.show(VI)
    assert "Bấm nút xanh to." in room.visit(f"/vi/{SLUG}")
    assert "Bà con đã xem được" in room.author.get(led_to).text


def test_an_unfinished_draft_is_kept_but_cannot_be_handed_in(room: Room) -> None:
    room.type(room.author, VI, "mo", "show", "")
    refused = room.author.post(f"{VI}/gui")
    assert refused.status_code == 422
    assert "Chưa có câu nói" in room.author.get(f"{VI}/duyet").text


def test_nobody_signs_what_they_wrote(room: Room) -> None:
    admin = signed_in(room.house, Role.ADMIN, app=room.app)
    room.type(admin, VI, "mo", "show", "Do chính tôi viết.")
    submit(admin, VI)
    refused = admin.post(f"{VI}/dong-y")
    assert refused.status_code == 409
    assert "Nhờ một người khác duyệt" in refused.text
    assert room.reviewer.post(f"{VI}/dong-y").status_code == 303


def test_nothing_unsigned_is_shown(room: Room) -> None:
    room.type(room.author, VI, "mo", "show", "Chưa ai duyệt.")
    submit(room.author, VI)
    refused = room.reviewer.post(f"{VI}/dua-len")
    assert refused.status_code == 422
    assert "chưa có người duyệt" in refused.text


def test_a_return_needs_words_and_an_edit_takes_the_draft_back(room: Room) -> None:
    room.type(room.author, VI, "mo", "show", "Câu mới.")
    submit(room.author, VI)
    assert room.reviewer.post(f"{VI}/tra-lai", data={"note": " "}).status_code == 422
    assert room.reviewer.post(f"{VI}/tra-lai", data={"note": "Ngắn hơn"}).status_code == 303
    assert "Ngắn hơn" in room.author.get(f"{VI}/duyet").text
    submit(room.author, VI)
    room.type(room.author, VI, "mo", "show", "Câu mới hơn.")
    assert room.reviewer.post(f"{VI}/dong-y").status_code == 422


def test_a_translation_grows_stale_with_a_diff_and_still_fine_ends_it(room: Room) -> None:
    room.type(room.translator, HMN, "mo", "show", "Nias lub khawm.")
    room.type(room.author, VI, "mo", "show", "Bấm nút Thanh toán.")
    submit(room.author, VI)
    room.show(VI)
    page = room.translator.get(HMN).text
    assert "Câu tiếng Việt đã đổi" in page
    assert "<ins>nút</ins>" in page
    stamp = page.partition('data-value="')[2].partition('"')[0]
    room.type(room.translator, HMN, "mo", "made_from", stamp)
    assert "Câu tiếng Việt đã đổi" not in room.translator.get(HMN).text


@pytest.mark.parametrize(("weight", "stale"), [("small", False), ("meaning", True)])
def test_a_small_change_makes_nothing_stale(room: Room, weight: str, *, stale: bool) -> None:
    room.type(room.translator, HMN, "mo", "show", "Nias lub khawm.")
    room.type(room.author, VI, "mo", "show", "Bấm Thanh toán!")
    submit(room.author, VI)
    room.show(VI, **{"weight-mo": weight})
    assert ("Câu tiếng Việt đã đổi" in room.translator.get(HMN).text) is stale


def test_a_dangerous_old_sentence_is_hidden_at_once_and_kept_for_its_translator(
    room: Room,
) -> None:
    assert "Nias Thanh toán." in room.visit(f"/hmn/{SLUG}")
    room.type(room.author, VI, "mo", "show", "Đừng bấm Thanh toán.")
    submit(room.author, VI)
    room.show(VI, **{"weight-mo": "dangerous"})
    villager = room.visit(f"/hmn/{SLUG}")
    assert "Nias Thanh toán." not in villager
    assert "Đừng bấm Thanh toán." in villager
    assert "Nias Thanh toán." in room.translator.get(HMN).text


def test_a_signed_translation_says_by_whom_and_touches_no_other_language(room: Room) -> None:
    before = room.visit(f"/vi/{SLUG}")
    room.type(room.translator, HMN, "mo", "show", "Nias lub khawm loj.")
    submit(room.translator, HMN)
    told = {"step": "mo", "kind": "told_back", "text": "Bấm cái nút to."}
    assert room.translator.post(f"{HMN}/nhan-xet", data=told).status_code == 409  # who wrote it
    speaker = signed_in(room.house, Role.SPEAKER, "hmn", app=room.app)
    assert speaker.post(f"{HMN}/nhan-xet", data=told).status_code == 303
    assert "Bấm cái nút to." in room.reviewer.get(f"{HMN}/duyet").text
    room.show(HMN)
    shown = room.visit(f"/hmn/{SLUG}")
    assert "Nias lub khawm loj." in shown
    assert "chưa có người nói" not in shown
    assert room.visit(f"/vi/{SLUG}") == before


def test_one_press_brings_an_older_revision_back(room: Room) -> None:
    old = room.visit(f"/vi/{SLUG}")
    room.type(room.author, VI, "mo", "show", "Câu sai.")
    submit(room.author, VI)
    room.show(VI)
    page = room.reviewer.get(f"{VI}/lich-su").text
    assert "<ins>Câu sai.</ins>" in page
    assert room.reviewer.post(f"{VI}/quay-lai", data={"number": "1"}).status_code == 303
    room.house.worker.run_until_idle()
    assert room.visit(f"/vi/{SLUG}") == old
    assert room.reviewer.post(f"{VI}/quay-lai", data={"number": "77"}).status_code == 422


def test_a_lesson_taken_away_needs_a_reason(room: Room) -> None:
    assert room.reviewer.post(f"{VI}/cat-di", data={"note": ""}).status_code == 422
    assert room.reviewer.post(f"{VI}/cat-di", data={"note": "đổi luật"}).status_code == 303
    assert "Bài đã cất đi" in room.visit(f"/vi/{SLUG}")


def test_each_keeps_to_their_own(room: Room) -> None:
    body = {"seen": 0, "changes": [{"part": "mo", "path": "show", "value": "x"}]}
    translator, author = room.translator, room.author
    assert translator.post(f"{VI}/luu", json=body, headers=JSON).status_code == 403
    assert author.post(f"{HMN}/luu", json=body, headers=JSON).status_code == 403
    assert author.post(f"{VI}/dong-y").status_code == 403
    assert author.post(f"{VI}/dua-len").status_code == 403
    assert translator.post(f"{VI}/gui").status_code == 403
    assert translator.put("/-/soan/goi", content=b"").status_code == 403


def test_a_bundle_makes_the_same_lesson_elsewhere(
    room: Room, tmp_path_factory: pytest.TempPathFactory
) -> None:
    packed = room.author.get(f"{VI}/goi.zip").content
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "media").mkdir()
    lessons = write_lessons(folder / "lessons", vi__khac=LESSON.replace("Trả tiền điện", "Khác"))
    other = open_services(
        Settings(data_dir=folder / "data", lessons_dir=lessons, media_dir=folder / "media")
    )
    other.pipeline.ingest()
    with signed_in(other, Role.AUTHOR, app=create_app(other)) as author:
        answer = author.put("/-/soan/goi", content=packed, headers=JSON)
        assert answer.json() == {"go": VI, "problems": []}
        assert author.get(f"{VI}/goi.zip").content == packed
        again = author.put("/-/soan/goi", content=packed, headers=JSON)
        assert again.json()["go"] == VI
        assert "bản số 2" not in author.get(f"{VI}/lich-su").text
    other.database.close()


def test_a_voice_is_taken_down_everywhere_at_once(room: Room, tmp_path: Path) -> None:
    speech = make_speech(tmp_path / "loi.opus", seconds=1)
    digest = room.house.store.put_file(speech)
    with room.house.database.write() as session:
        publication.made_later(session, digest, MediaKind.VOICE, "loi.opus", 1000)
        stamp = source_fingerprint("Bấm Thanh toán.")
        draft = open_draft(session, SLUG, "vi")
        attach_voice(session, draft, "mo", "a/loi.opus", digest, stamp, None)
    room.house.worker.run_until_idle()
    submit(room.author, VI)
    room.show(VI)
    voice = room.visit(f"/vi/{SLUG}").partition('"/m/')[2].partition('"')[0]
    assert room.author.get(f"/m/{voice}").status_code == 200
    form = {"digest": digest, "who": "Giàng A Chư", "given_on": "2026-11-24"}
    assert room.reviewer.post("/-/soan/dong-y", data=form).status_code == 303
    assert "Giàng A Chư" in room.reviewer.get("/-/soan/dong-y").text
    assert room.reviewer.post("/-/soan/dong-y/1/go-xuong").status_code == 303
    room.house.worker.run_until_idle()
    assert voice not in room.visit(f"/vi/{SLUG}")
    assert room.author.get(f"/m/{voice}").status_code == 404
    refused = room.reviewer.post(f"{VI}/quay-lai", data={"number": "2"})
    assert refused.status_code == 422
    assert "đã xin gỡ xuống" in refused.text


def zipped(**files: bytes) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("UP", ".."), data)
    return out.getvalue()


@pytest.mark.parametrize("packed", [
    b"", b"PK\x03\x04", b"not a zip" * 99, zipped(a=b"1"), zipped(UP__UP__etc=b"x"),
    zipped(**{"manifest.json": b"{"}), zipped(**{"manifest.json": b"[" * 50_000}),
    zipped(**{"manifest.json": b'{"format": 9, "slug": "../x", "editions": []}'}),
    zipped(**{"manifest.json": b'{"format":1,"slug":"a","editions":[{"folder":"vi","body":{}}]}'}),
])  # fmt: skip
def test_a_hostile_bundle_is_refused_whole_in_plain_words(room: Room, packed: bytes) -> None:
    answer = room.author.put("/-/soan/goi", content=packed, headers=JSON)
    assert answer.status_code == 200
    assert answer.json()["problems"]
    assert not answer.json()["go"]


def test_a_bundle_that_lost_a_letter_is_refused(room: Room) -> None:
    packed = bytearray(room.author.get(f"{VI}/goi.zip").content)
    packed[len(packed) // 2] ^= 1
    answer = room.author.put("/-/soan/goi", content=bytes(packed), headers=JSON)
    assert answer.json()["problems"]
