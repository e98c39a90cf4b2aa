"""A lesson's number: unique, checked with its line, and a short address that stays."""

from pathlib import Path

import pytest
from conftest import LESSON, TRANSLATION, write_lessons
from test_lessons import problems
from test_road import body, walk

from content_server.locales import SOURCE_FOLDER
from content_server.pipeline.pipeline import IngestReport
from content_server.services import Services

NUMBERED = LESSON.replace("topic: dien", "number: 7\ntopic: dien", 1)


@pytest.fixture
def numbered(house: Services) -> Services:
    write_lessons(house.settings.lessons_dir, vi__tra_tien=NUMBERED)
    return house


@pytest.mark.parametrize("number", ["0", "1000", "-7", "7.5", "bảy", "[7]", "''"])
def test_a_number_that_cannot_be_is_told_with_its_line(lessons_dir: Path, number: str) -> None:
    write_lessons(lessons_dir, vi__tra_tien=NUMBERED.replace("number: 7", f"number: {number}"))
    told = problems(lessons_dir)
    assert len(told) == 1
    assert told[0].startswith("lessons/vi/tra-tien.yaml:2:")
    assert "number" in told[0]


def ingest_beside(house: Services, text: str) -> IngestReport:
    write_lessons(house.settings.lessons_dir, vi__zzz=text)
    return house.pipeline.ingest()


def test_two_lessons_never_share_a_number(numbered: Services) -> None:
    walk(numbered)
    report = ingest_beside(numbered, NUMBERED)
    told = [problem.said_in("vi") for problem in report.rejected["zzz"].problems]
    assert told == ["lessons/vi/zzz.yaml:2: Số 7 đã là của bài tra-tien. Chọn số khác."]
    assert not ingest_beside(numbered, NUMBERED.replace("number: 7", "number: 8")).rejected


def test_a_number_on_the_server_alone_is_taken_too(numbered: Services) -> None:
    walk(numbered)
    for path in numbered.settings.lessons_dir.glob("*/tra-tien.yaml"):
        path.unlink()
    assert "zzz" in ingest_beside(numbered, NUMBERED).rejected


def test_a_short_address_is_the_lesson_itself(numbered: Services) -> None:
    walk(numbered)
    assert body(numbered, "/7") == body(numbered, "/vi/tra-tien") != ""
    assert body(numbered, "/7-hmn") == body(numbered, "/hmn/tra-tien") != ""
    assert '<link rel="canonical" href="http://127.0.0.1:8000/vi/tra-tien">' in body(numbered, "/7")


def test_a_lesson_without_a_number_has_only_its_long_address(house: Services) -> None:
    walk(house)
    with house.database.read() as session:
        paths = {entry.path for entry in house.tree.entries(session)}
    assert "/vi/tra-tien" in paths
    assert not [path for path in paths if path[1:2].isdigit() and path not in {"/404", "/500"}]


def test_a_withdrawn_lesson_says_so_at_its_short_address(numbered: Services) -> None:
    walk(numbered)
    numbered.pipeline.withdraw("tra-tien", "hmn")
    assert "không còn dùng" in body(numbered, "/7-hmn")
    assert "Bấm Thanh toán." in body(numbered, "/7")
    numbered.pipeline.withdraw("tra-tien", SOURCE_FOLDER)
    assert "không còn dùng" in body(numbered, "/7")


def test_every_starter_lesson_has_a_number(starter_house: Services) -> None:
    with starter_house.database.read() as session:
        paths = {entry.path for entry in starter_house.tree.entries(session)}
    for number in range(1, 17):
        assert {f"/{number}", f"/{number}-hmn", f"/{number}-tay"} <= paths


def test_a_translation_has_no_number_of_its_own(lessons_dir: Path) -> None:
    write_lessons(lessons_dir, vi__tra_tien=NUMBERED, hmn__tra_tien="number: 7\n" + TRANSLATION)
    assert "number" in problems(lessons_dir)[0]
