"""Drafts before publication: named snapshots, share links, review dates."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, update

from content_server.accounts.roles import Grant, Role
from content_server.app import create_app
from content_server.db import utc_now
from content_server.editorial.drafts.attachments import attach_voice
from content_server.editorial.drafts.drafts import DraftWriter, open_draft
from content_server.editorial.intake import store_source
from content_server.editorial.tables import ShareLinkRow, SnapshotRow
from content_server.lessons.editions.tables import EditionRef
from content_server.media.media_kinds import MediaKind
from content_server.services import Services, open_services
from content_server.settings import Settings
from tests.support.accounts import add_account, new_client, sign_in
from tests.support.lesson_files import LESSON, write_lessons
from tests.support.media_files import make_speech

VI = "/-/soan/bai/bai-1/vi"
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("shown")
    (folder / "media").mkdir()
    files = {f"vi__bai_{n}": LESSON for n in (1, 2)}
    lessons = write_lessons(folder / "lessons", **files)
    settings = Settings(data_dir=folder / "data", lessons_dir=lessons, media_dir=folder / "media")
    services = open_services(settings)
    services.pipeline.ingest(publish=False)
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def author(services: Services) -> TestClient:
    add_account(services, "pao", Grant(Role.AUTHOR), name="Vàng A Páo")
    return sign_in(new_client(create_app(services)), "pao")


@pytest.fixture(scope="module")
def speaker(services: Services) -> TestClient:
    add_account(services, "sung", Grant(Role.SPEAKER, "hmn"))
    return sign_in(new_client(create_app(services)), "sung")


def type_in(client: TestClient, path: str, part: str, field: str, value: str) -> None:
    body = {"seen": 9_999, "changes": [{"part": part, "path": field, "value": value}]}
    assert client.post(f"{path}/save", json=body, headers=JSON).status_code == 200


def test_a_version_is_kept_by_name_and_brought_back(author: TestClient) -> None:
    type_in(author, VI, "mo", "show", "Câu thứ nhất.")
    assert author.post(f"{VI}/snapshots", data={"name": " "}).status_code == 422
    assert author.post(f"{VI}/snapshots", data={"name": "Trước khi sửa"}).status_code == 303
    type_in(author, VI, "mo", "show", "Câu thứ hai.")
    type_in(author, VI, "nham", "if_wrong", "Câu mới.")
    page = author.get(f"{VI}/lich-su").text
    assert "Trước khi sửa" in page
    assert "khác bây giờ 2 chỗ" in page
    number = re.search(r'name="restore" value="(\d+)"', page)
    assert number
    assert author.post(f"{VI}/snapshots", data={"restore": number[1]}).status_code == 303
    now = author.get(VI).text
    assert "Câu thứ nhất." in now
    assert "Câu thứ hai." not in now
    assert "Máy tự giữ" in author.get(f"{VI}/lich-su").text  # what was there is kept as well
    assert author.post(f"{VI}/snapshots", data={"restore": "999"}).status_code == 422


def test_what_saves_itself_never_crowds_out_what_was_named(
    author: TestClient, services: Services
) -> None:
    path = VI.replace("bai-1", "bai-2")
    type_in(author, path, "mo", "show", "Có tên.")
    author.post(f"{path}/snapshots", data={"name": "Bản tốt"})
    long_ago = utc_now() - timedelta(hours=1)
    for number in range(35):
        with services.database.write() as session:
            session.exec(
                update(SnapshotRow).where(col(SnapshotRow.name) == "").values(created_at=long_ago)
            )
            session.exec(
                update(SnapshotRow).where(col(SnapshotRow.name) != "").values(created_at=long_ago)
            )
        type_in(author, path, "mo", "show", f"Câu số {number}.")
    page = author.get(f"{path}/lich-su").text
    assert "Bản tốt" in page
    assert "Máy tự giữ: 30 bản" in page


def test_who_types_while_a_version_is_brought_back_loses_nothing(author: TestClient) -> None:
    type_in(author, VI, "hoi", "ask", "Hỏi một?")
    author.post(f"{VI}/snapshots", data={"name": "Có hỏi"})
    type_in(author, VI, "hoi", "ask", "Hỏi hai?")
    seen = author.post(f"{VI}/save", json={"seen": 9_999}, headers=JSON).json()["number"]
    page = author.get(f"{VI}/lich-su").text
    number = re.findall(r'name="restore" value="(\d+)"', page)[0]
    author.post(f"{VI}/snapshots", data={"restore": number})
    late = {"seen": seen, "changes": [{"part": "hoi", "path": "ask", "value": "Hỏi ba?"}]}
    answer = author.post(f"{VI}/save", json=late, headers=JSON).json()
    assert answer["conflicts"] == 1
    assert "Hỏi ba?" in author.get(f"{VI}/khac").text


def link_of(page: str) -> str:
    found = re.search(r"https://bai\.test(/-/xem/[\w-]+)", page)
    assert found, page
    return found[1]


def test_a_guest_sees_the_draft_by_link_alone_until_it_is_withdrawn(
    author: TestClient, services: Services, tmp_path: Path
) -> None:
    speech = make_speech(tmp_path / "loi.opus", seconds=1)
    store_source(services.database, services.store, speech, MediaKind.VOICE, "loi.opus")
    digest = services.store.put_file(speech)
    with services.database.write() as session:
        draft = open_draft(session, EditionRef("bai-1", "vi"))
        writer = DraftWriter(session, draft, None)
        attach_voice(writer, "mo", "a/loi.opus", digest, "000000")
    services.worker.run_until_idle()
    type_in(author, VI, "mo", "show", "Chưa ai được thấy.")
    page = author.post(f"{VI}/share-links", data={"days": "7", "recipient": "Chị Mai"}).text
    assert "data:image/svg+xml" in page
    link = link_of(page)
    guest = new_client(create_app(services))
    answer = guest.get(link)
    assert "Chưa ai được thấy." in answer.text
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    voice = re.search(rf'"({re.escape(link)}/[0-9a-f]{{20}}\.[a-z0-9]+)"', answer.text)
    assert voice
    assert guest.get(voice[1]).headers["content-type"].startswith("audio/")
    assert guest.get(f"{link}/{'0' * 20}.opus").status_code == 404
    assert link not in author.get(f"{VI}/cho-xem").text  # shown this once
    number = re.search(r'name="link" value="(\d+)"', author.get(f"{VI}/cho-xem").text)
    assert number
    assert author.post(f"{VI}/share-links/revoke", data={"link": number[1]}).status_code == 303
    assert guest.get(link).status_code == 404
    assert guest.get(voice[1]).status_code == 404


def test_a_guests_link_ends_by_itself_and_none_can_be_guessed(
    author: TestClient, services: Services
) -> None:
    link = link_of(author.post(f"{VI}/share-links", data={"days": "1"}).text)
    guest = new_client(create_app(services))
    assert guest.get(link).status_code == 200
    with services.database.write() as session:
        session.exec(update(ShareLinkRow).values(expires_at=utc_now()))
    ended = guest.get(link, headers={"accept": "text/html"})
    assert ended.status_code == 404
    assert "hết hạn" in ended.text
    assert guest.get("/-/xem/" + "A" * 22).status_code == 404
    assert author.post(f"{VI}/share-links", data={"days": "4000"}).status_code == 422


def test_a_lesson_that_is_due_floats_up_and_gets_its_next_day(author: TestClient) -> None:
    assert "Đến hạn xem lại: " not in author.get("/-/soan").text
    type_in(author, VI, "", "title", "Xa nhất trong bảng")
    type_in(author, VI, "", "checked_on", "2020-01-01")  # half a year later it was due
    page = author.get("/-/soan?tieng=vi").text
    assert "Đến hạn xem lại: 1" in page
    assert page.index("Xa nhất") < page.index("Trả tiền điện")
    assert "Xa nhất" in author.get("/-/soan/den-han").text
    day = (date.today() + timedelta(days=90)).isoformat()  # noqa: DTZ011  # any day ahead
    form = {"review_by": day}
    assert author.post("/-/soan/bai/bai-1/review-date", data=form).status_code == 303
    assert "Xa nhất" not in author.get("/-/soan/den-han").text
    assert day in author.get(VI).text
    for wrong in ("2020-01-01", "2999-01-01", "", "mai"):
        form = {"review_by": wrong}
        assert author.post("/-/soan/bai/bai-1/review-date", data=form).status_code == 422


def test_a_speaker_sets_no_day_and_keeps_no_version(speaker: TestClient) -> None:
    day = (date.today() + timedelta(days=90)).isoformat()  # noqa: DTZ011  # any day ahead
    form = {"review_by": day}
    assert speaker.post("/-/soan/bai/bai-1/review-date", data=form).status_code == 403
    assert speaker.post(f"{VI}/snapshots", data={"name": "x"}).status_code == 403
