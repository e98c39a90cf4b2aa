"""From draft to villager through HTTP: handed in, signed by another, shown, stale, rolled back."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select
from starlette.types import ASGIApp

from content_server.accounts.roles import Role
from content_server.app import create_app
from content_server.editorial.drafts.attachments import attach_voice
from content_server.editorial.drafts.drafts import DraftWriter, open_draft
from content_server.lessons.editions.tables import EditionRef
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.media.media_kinds import MediaKind, StoredFile
from content_server.media.tables import Source
from content_server.pipeline.transcode import register_source
from content_server.services import Services, open_services
from content_server.settings import Settings
from tests.support.accounts import client_with_role
from tests.support.editor_services import find_front, open_lesson_services
from tests.support.lesson_files import LESSON, write_lessons
from tests.support.media_files import make_speech

SLUG = VI = HMN = ""  # of this test's own lesson
SLUGS = (f"bai-{n}" for n in range(1, 31))
JSON = {"accept": "application/json"}


@dataclass
class Editors:
    """Everybody who makes lessons, each with a browser of their own."""

    services: Services
    app: ASGIApp
    author: TestClient
    reviewer: TestClient
    translator: TestClient

    def type_text(self, client: TestClient, path: str, part: str, field: str, value: str) -> None:
        body = {"seen": 99, "changes": [{"part": part, "path": field, "value": value}]}
        assert client.post(f"{path}/save", json=body, headers=JSON).status_code == 200

    def approve_and_publish(self, path: str, **more: str) -> str:
        """Sign and publish what waits; return where the browser is led."""
        assert self.reviewer.post(f"{path}/approve").status_code == 303
        answer = self.reviewer.post(f"{path}/publish", data=more)
        assert answer.status_code == 303, answer.text
        assert not self.services.worker.run_until_idle().failed
        return str(answer.headers["location"])

    def get_page(self, path: str) -> str:
        find_front(self.app).refresh()  # it looks once a second
        return self.author.get(path).text


@pytest.fixture(scope="module")
def shared_editors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editors]:
    """Services with one lesson for each test, and three people signed in."""
    services = open_lesson_services(tmp_path_factory.mktemp("reviewing"), 30)
    app = create_app(services)
    yield Editors(
        services,
        app,
        client_with_role(services, Role.AUTHOR, app=app),
        client_with_role(services, Role.REVIEWER, app=app),
        client_with_role(services, Role.TRANSLATOR, "hmn", app=app),
    )
    services.database.close()


@pytest.fixture
def editors(shared_editors: Editors, monkeypatch: pytest.MonkeyPatch) -> Editors:
    """Everybody, and a lesson nobody has touched at VI and HMN."""
    slug = next(SLUGS)
    monkeypatch.setitem(globals(), "VI", f"/-/soan/bai/{slug}/vi")
    monkeypatch.setitem(globals(), "HMN", f"/-/soan/bai/{slug}/hmn")
    monkeypatch.setitem(globals(), "SLUG", slug)
    return shared_editors


def submit(client: TestClient, path: str) -> None:
    answer = client.post(f"{path}/submit", data={"note": "xem giúp"})
    assert answer.status_code == 303, answer.text


def test_a_changed_sentence_reaches_villagers_only_by_publishing(editors: Editors) -> None:
    editors.type_text(editors.author, VI, "mo", "show", "Bấm nút xanh to.")
    submit(editors.author, VI)
    assert "Bấm nút xanh to." not in editors.get_page(f"/vi/{SLUG}")
    led_to = editors.approve_and_publish(VI)
    assert "Bấm nút xanh to." in editors.get_page(f"/vi/{SLUG}")
    assert "Bà con đã xem được" in editors.author.get(led_to).text


def test_an_unfinished_draft_is_kept_but_cannot_be_handed_in(editors: Editors) -> None:
    editors.type_text(editors.author, VI, "mo", "show", "")
    refused = editors.author.post(f"{VI}/submit")
    assert refused.status_code == 422
    assert "Chưa có câu nói" in editors.author.get(f"{VI}/duyet").text


def test_nobody_signs_what_they_wrote(editors: Editors) -> None:
    admin = client_with_role(editors.services, Role.ADMIN, app=editors.app)
    editors.type_text(admin, VI, "mo", "show", "Do chính tôi viết.")
    submit(admin, VI)
    refused = admin.post(f"{VI}/approve")
    assert refused.status_code == 409
    assert "Nhờ một người khác duyệt" in refused.text
    assert editors.reviewer.post(f"{VI}/approve").status_code == 303


def test_nothing_unsigned_is_shown(editors: Editors) -> None:
    editors.type_text(editors.author, VI, "mo", "show", "Chưa ai duyệt.")
    submit(editors.author, VI)
    refused = editors.reviewer.post(f"{VI}/publish")
    assert refused.status_code == 422
    assert "chưa có người duyệt" in refused.text


def test_a_return_needs_words_and_an_edit_takes_the_draft_back(editors: Editors) -> None:
    editors.type_text(editors.author, VI, "mo", "show", "Câu mới.")
    submit(editors.author, VI)
    assert editors.reviewer.post(f"{VI}/return", data={"note": " "}).status_code == 422
    assert editors.reviewer.post(f"{VI}/return", data={"note": "Ngắn hơn"}).status_code == 303
    assert "Ngắn hơn" in editors.author.get(f"{VI}/duyet").text
    submit(editors.author, VI)
    editors.type_text(editors.author, VI, "mo", "show", "Câu mới hơn.")
    assert editors.reviewer.post(f"{VI}/approve").status_code == 422


def test_a_translation_grows_stale_with_a_diff_and_still_fine_ends_it(editors: Editors) -> None:
    editors.type_text(editors.translator, HMN, "mo", "show", "Nias lub khawm.")
    editors.type_text(editors.author, VI, "mo", "show", "Bấm nút Thanh toán.")
    submit(editors.author, VI)
    editors.approve_and_publish(VI)
    page = editors.translator.get(HMN).text
    assert "Câu tiếng Việt đã đổi" in page
    assert "<ins>nút</ins>" in page
    stamp = page.partition('data-value="')[2].partition('"')[0]
    editors.type_text(editors.translator, HMN, "mo", "made_from", stamp)
    assert "Câu tiếng Việt đã đổi" not in editors.translator.get(HMN).text


@pytest.mark.parametrize(("weight", "stale"), [("small", False), ("meaning", True)])
def test_a_small_change_makes_nothing_stale(editors: Editors, weight: str, *, stale: bool) -> None:
    editors.type_text(editors.translator, HMN, "mo", "show", "Nias lub khawm.")
    editors.type_text(editors.author, VI, "mo", "show", "Bấm Thanh toán!")
    submit(editors.author, VI)
    editors.approve_and_publish(VI, **{"severity-mo": weight})
    assert ("Câu tiếng Việt đã đổi" in editors.translator.get(HMN).text) is stale


def test_a_dangerous_old_sentence_is_hidden_at_once_and_kept_for_its_translator(
    editors: Editors,
) -> None:
    assert "Nias Thanh toán." in editors.get_page(f"/hmn/{SLUG}")
    editors.type_text(editors.author, VI, "mo", "show", "Đừng bấm Thanh toán.")
    submit(editors.author, VI)
    editors.approve_and_publish(VI, **{"severity-mo": "dangerous"})
    villager = editors.get_page(f"/hmn/{SLUG}")
    assert "Nias Thanh toán." not in villager
    assert "Đừng bấm Thanh toán." in villager
    assert "Nias Thanh toán." in editors.translator.get(HMN).text


def test_a_signed_translation_says_by_whom_and_touches_no_other_language(editors: Editors) -> None:
    before = editors.get_page(f"/vi/{SLUG}")
    editors.type_text(editors.translator, HMN, "mo", "show", "Nias lub khawm loj.")
    submit(editors.translator, HMN)
    told = {"step": "mo", "kind": "back_translation", "text": "Bấm cái nút to."}
    assert editors.translator.post(f"{HMN}/comments", data=told).status_code == 409  # who wrote it
    speaker = client_with_role(editors.services, Role.SPEAKER, "hmn", app=editors.app)
    assert speaker.post(f"{HMN}/comments", data=told).status_code == 303
    assert "Bấm cái nút to." in editors.reviewer.get(f"{HMN}/duyet").text
    editors.approve_and_publish(HMN)
    shown = editors.get_page(f"/hmn/{SLUG}")
    assert "Nias lub khawm loj." in shown
    assert "chưa có người nói" not in shown
    assert editors.get_page(f"/vi/{SLUG}") == before


def test_one_press_brings_an_older_revision_back(editors: Editors) -> None:
    old = editors.get_page(f"/vi/{SLUG}")
    editors.type_text(editors.author, VI, "mo", "show", "Câu sai.")
    submit(editors.author, VI)
    editors.approve_and_publish(VI)
    page = editors.reviewer.get(f"{VI}/lich-su").text
    assert "<ins>Câu sai.</ins>" in page
    assert editors.reviewer.post(f"{VI}/roll-back", data={"number": "1"}).status_code == 303
    editors.services.worker.run_until_idle()
    assert editors.get_page(f"/vi/{SLUG}") == old
    assert editors.reviewer.post(f"{VI}/roll-back", data={"number": "77"}).status_code == 422


def test_a_lesson_taken_away_needs_a_reason(editors: Editors) -> None:
    assert editors.reviewer.post(f"{VI}/withdraw", data={"note": ""}).status_code == 422
    assert editors.reviewer.post(f"{VI}/withdraw", data={"note": "đổi luật"}).status_code == 303
    assert "Bài đã cất đi" in editors.get_page(f"/vi/{SLUG}")


def test_each_keeps_to_their_own(editors: Editors) -> None:
    body = {"seen": 0, "changes": [{"part": "mo", "path": "show", "value": "x"}]}
    translator, author = editors.translator, editors.author
    assert translator.post(f"{VI}/save", json=body, headers=JSON).status_code == 403
    assert author.post(f"{HMN}/save", json=body, headers=JSON).status_code == 403
    assert author.post(f"{VI}/approve").status_code == 403
    assert author.post(f"{VI}/publish").status_code == 403
    assert translator.post(f"{VI}/submit").status_code == 403
    assert translator.put("/-/soan/lessons/import", content=b"").status_code == 403


def open_elsewhere(folder: Path) -> Services:
    """Return a second server with a lesson of its own."""
    (folder / "media").mkdir()
    lessons = write_lessons(folder / "lessons", vi__khac=LESSON.replace("Trả tiền điện", "Khác"))
    other = open_services(
        Settings(data_dir=folder / "data", lessons_dir=lessons, media_dir=folder / "media")
    )
    other.pipeline.ingest()
    return other


def attach_speech(editors: Editors, speech: Path) -> str:
    """Attach a recording to a step of the source draft; return its digest."""
    digest = editors.services.store.put_file(speech)
    with editors.services.database.write() as session:
        size_bytes = speech.stat().st_size
        register_source(session, StoredFile(digest, MediaKind.VOICE, "loi.opus", size_bytes))
        fingerprint = source_fingerprint("Bấm Thanh toán.")
        draft = open_draft(session, EditionRef(SLUG, "vi"))
        writer = DraftWriter(session, draft, None)
        attach_voice(writer, "mo", "a/loi.opus", digest, fingerprint)
    return digest


def test_a_bundle_makes_the_same_lesson_elsewhere(
    editors: Editors, tmp_path_factory: pytest.TempPathFactory
) -> None:
    packed = editors.author.get(f"{VI}/lesson.zip").content
    other = open_elsewhere(tmp_path_factory.mktemp("elsewhere"))
    with client_with_role(other, Role.AUTHOR, app=create_app(other)) as author:
        answer = author.put("/-/soan/lessons/import", content=packed, headers=JSON)
        assert answer.json() == {"go": VI, "problems": []}
        assert author.get(f"{VI}/lesson.zip").content == packed
        again = author.put("/-/soan/lessons/import", content=packed, headers=JSON)
        assert again.json()["go"] == VI
        assert "bản số 2" not in author.get(f"{VI}/lich-su").text
    other.database.close()


def test_imported_media_keep_their_own_size(
    editors: Editors, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    speech = make_speech(tmp_path / "loi.opus", seconds=1)
    attach_speech(editors, speech)
    submit(editors.author, VI)
    packed = editors.author.get(f"{VI}/lesson.zip").content
    other = open_elsewhere(tmp_path_factory.mktemp("elsewhere"))
    with client_with_role(other, Role.AUTHOR, app=create_app(other)) as author:
        assert author.put("/-/soan/lessons/import", content=packed, headers=JSON).json()["go"] == VI
    with other.database.read() as session:
        sizes_bytes = [source.bytes for source in session.exec(select(Source))]
    assert sizes_bytes == [speech.stat().st_size]
    assert sizes_bytes != [len(packed)]
    other.database.close()


def test_a_voice_is_taken_down_everywhere_at_once(editors: Editors, tmp_path: Path) -> None:
    speech = make_speech(tmp_path / "loi.opus", seconds=1)
    digest = attach_speech(editors, speech)
    editors.services.worker.run_until_idle()
    submit(editors.author, VI)
    editors.approve_and_publish(VI)
    voice = editors.get_page(f"/vi/{SLUG}").partition('"/m/')[2].partition('"')[0]
    assert editors.author.get(f"/m/{voice}").status_code == 200
    form = {"digest": digest, "who": "Giàng A Chư", "given_on": "2026-11-24"}
    assert editors.reviewer.post("/-/soan/consents", data=form).status_code == 303
    assert "Giàng A Chư" in editors.reviewer.get("/-/soan/dong-y").text
    assert editors.reviewer.post("/-/soan/consents/1/take-down").status_code == 303
    editors.services.worker.run_until_idle()
    assert voice not in editors.get_page(f"/vi/{SLUG}")
    assert editors.author.get(f"/m/{voice}").status_code == 404
    refused = editors.reviewer.post(f"{VI}/roll-back", data={"number": "2"})
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
def test_a_hostile_bundle_is_refused_whole_in_plain_words(editors: Editors, packed: bytes) -> None:
    answer = editors.author.put("/-/soan/lessons/import", content=packed, headers=JSON)
    assert answer.status_code == 200
    assert answer.json()["problems"]
    assert not answer.json()["go"]


def test_a_bundle_that_lost_a_letter_is_refused(editors: Editors) -> None:
    packed = bytearray(editors.author.get(f"{VI}/lesson.zip").content)
    packed[len(packed) // 2] ^= 1
    answer = editors.author.put("/-/soan/lessons/import", content=bytes(packed), headers=JSON)
    assert answer.json()["problems"]
