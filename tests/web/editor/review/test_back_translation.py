"""By ear, through HTTP: who recorded does not tell back; opening and ending are heard too."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app
from content_server.editorial.drafts.spoken_parts import ENDING, OPENING
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.services import Services
from tests.support.accounts import add_account, new_client, sign_in
from tests.support.editor_services import open_lesson_services
from tests.support.media_files import make_speech

HMN = "/-/soan/bai/bai-1/hmn"
JSON = {"accept": "application/json"}
MO = "Nias Thanh toán."


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = open_lesson_services(tmp_path_factory.mktemp("ear"), 2)
    for login in ("sung", "giang"):
        add_account(services, login, Grant(Role.SPEAKER, "hmn"))
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_speech(tmp_path_factory.mktemp("wav") / "loi.wav", seconds=1).read_bytes()


@pytest.fixture
def speaker(services: Services) -> TestClient:
    return sign_in(new_client(create_app(services)), "sung")


@pytest.fixture
def another(services: Services) -> TestClient:
    return sign_in(new_client(create_app(services)), "giang")


def upload_voice(client: TestClient, speech: bytes) -> str:
    digest = hashlib.sha256(speech).hexdigest()
    answer = client.put(f"/-/soan/media/{digest}", content=speech, params={"name": "loi.wav"})
    assert answer.status_code == 200, answer.text
    return digest


def record(client: TestClient, speech: bytes, part: str, words: str, path: str = HMN) -> None:
    take = {
        "part": part,
        "digest": upload_voice(client, speech),
        "stamp": source_fingerprint(words),
        "agreed": True,
    }
    answer = client.post(f"{path}/takes", json=take)
    assert answer.status_code == 200, answer.text


def send_back_translation(client: TestClient, speech: bytes, part: str = "mo") -> tuple[int, str]:
    spoken = {"part": part, "digest": upload_voice(client, speech), "stamp": source_fingerprint(MO)}
    answer = client.post(f"{HMN}/back-translations", json=spoken, headers=JSON)
    return answer.status_code, answer.text


def test_whoever_recorded_a_step_does_not_tell_it_back(
    speaker: TestClient, another: TestClient, speech: bytes
) -> None:
    record(speaker, speech, "mo", MO)
    typed = {"kind": "back_translation", "step": "mo", "text": "Bấm vào chỗ trả tiền."}
    status, sentence = send_back_translation(speaker, speech)
    assert status == 409
    assert "do chính bác thu" in sentence
    refused = speaker.post(f"{HMN}/comments", data=typed)
    assert refused.status_code == 409
    assert "Nhờ một người khác nghe" in refused.text
    assert "noi-lai?buoc=mo" not in speaker.get(f"{HMN}/duyet").text
    assert 'data-go="mo"' not in speaker.get(f"{HMN}/noi-lai").text
    assert "noi-lai?buoc=mo" in another.get(f"{HMN}/duyet").text
    assert 'data-go="mo"' in another.get(f"{HMN}/noi-lai").text
    assert send_back_translation(another, speech)[0] == 200
    assert another.post(f"{HMN}/comments", data=typed).status_code == 303
    page = another.get(f"{HMN}/duyet").text
    assert "Bấm vào chỗ trả tiền." in page
    assert "câu đã đổi từ đó" not in page


def test_where_one_person_does_all_they_may_also_tell_back(
    services: Services, speaker: TestClient, speech: bytes
) -> None:
    record(speaker, speech, "mo", MO)
    alone = replace(services, settings=replace(services.settings, two_people=False))
    client = sign_in(new_client(create_app(alone)), "sung")
    assert send_back_translation(client, speech)[0] == 200


def test_the_opening_and_the_ending_are_heard_before_somebody_signs(
    services: Services, speaker: TestClient, another: TestClient, speech: bytes, tmp_path: Path
) -> None:
    record(speaker, speech, OPENING, "Them nyiaj hluav taws xob")
    ending = make_speech(tmp_path / "het.wav", seconds=1, level_db=-20).read_bytes()
    record(speaker, ending, ENDING, "Xong khi thấy dấu tích. Ai hỏi mã OTP thì cúp máy.")
    assert not services.worker.run_until_idle().failed
    page = another.get(f"{HMN}/duyet").text
    for anchor, words in (("mo_dau", "Them nyiaj"), ("ket_bai", "Ai hỏi mã OTP thì cúp máy.")):
        card = page.partition(f'id="{anchor}"')[2].partition("</li>")[0]
        assert words in card
        voice = card.partition('<audio controls preload="none" src="')[2].partition('"')[0]
        assert another.get(voice).headers["content-type"].startswith("audio/")
    assert 'data-go="*"' in another.get(f"{HMN}/noi-lai").text  # said in a voice alone
    assert 'data-go="*"' not in speaker.get(f"{HMN}/noi-lai").text
    assert send_back_translation(another, speech, ENDING)[0] == 200


def test_a_speaker_calls_a_voice_still_right_and_writes_nothing_else(
    speaker: TestClient, speech: bytes
) -> None:
    path = "/-/soan/bai/bai-2/hmn"
    record(speaker, speech, "mo", "Lus qub.", path)
    page = speaker.get(path).text
    assert "Lời đọc vẫn đúng" in page
    assert "<textarea" not in page  # nothing to type for who may not translate
    still = {"part": "mo", "path": "spoken_from", "value": source_fingerprint(MO)}
    words = {"part": "mo", "path": "show", "value": "Lus tshiab."}

    def save(*changes: dict[str, str]) -> int:
        body = {"seen": 99, "changes": changes}
        return speaker.post(f"{path}/save", json=body, headers=JSON).status_code

    assert save(words) == save(still, words) == 403
    assert save(still) == 200
    assert "Lời đọc vẫn đúng" not in speaker.get(path).text
