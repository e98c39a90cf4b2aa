"""A lesson's number: unique, checked with its line, and a short address that stays."""

from pathlib import Path

import pytest

from content_server.locales import SOURCE_FOLDER
from content_server.pipeline.ingest import IngestReport
from content_server.services import Services
from tests.support.ingest import read_published_page, run_ingest
from tests.support.lesson_files import LESSON, TRANSLATION, list_problems, write_lessons

NUMBERED = LESSON.replace("topic: dien", "number: 7\ntopic: dien", 1)


@pytest.fixture
def numbered(services: Services) -> Services:
    write_lessons(services.settings.lessons_dir, vi__tra_tien=NUMBERED)
    return services


@pytest.mark.parametrize("number", ["0", "1000", "-7", "7.5", "bảy", "[7]", "''"])
def test_a_number_that_cannot_be_is_told_with_its_line(lessons_dir: Path, number: str) -> None:
    write_lessons(lessons_dir, vi__tra_tien=NUMBERED.replace("number: 7", f"number: {number}"))
    told = list_problems(lessons_dir)
    assert len(told) == 1
    assert told[0].startswith("lessons/vi/tra-tien.yaml:2:")
    assert "number" in told[0]


def ingest_beside(services: Services, text: str) -> IngestReport:
    write_lessons(services.settings.lessons_dir, vi__zzz=text)
    return services.pipeline.ingest()


def test_two_lessons_never_share_a_number(numbered: Services) -> None:
    run_ingest(numbered)
    report = ingest_beside(numbered, NUMBERED)
    told = [problem.translate("vi") for problem in report.rejected["zzz"].problems]
    assert told == ["lessons/vi/zzz.yaml:2: Số 7 đã là của bài tra-tien. Chọn số khác."]
    assert not ingest_beside(numbered, NUMBERED.replace("number: 7", "number: 8")).rejected


def test_a_number_on_the_server_alone_is_taken_too(numbered: Services) -> None:
    run_ingest(numbered)
    for path in numbered.settings.lessons_dir.glob("*/tra-tien.yaml"):
        path.unlink()
    assert "zzz" in ingest_beside(numbered, NUMBERED).rejected


def test_a_short_address_is_the_lesson_itself(numbered: Services) -> None:
    run_ingest(numbered)
    assert (
        read_published_page(numbered, "/7") == read_published_page(numbered, "/vi/tra-tien") != ""
    )
    assert (
        read_published_page(numbered, "/7-hmn")
        == read_published_page(numbered, "/hmn/tra-tien")
        != ""
    )
    assert '<link rel="canonical" href="http://127.0.0.1:8000/vi/tra-tien">' in read_published_page(
        numbered, "/7"
    )


def test_a_lesson_without_a_number_has_only_its_long_address(services: Services) -> None:
    run_ingest(services)
    with services.database.read() as session:
        paths = {entry.path for entry in services.tree.entries(session)}
    assert "/vi/tra-tien" in paths
    assert not [path for path in paths if path[1:2].isdigit() and path not in {"/404", "/500"}]


def test_a_withdrawn_lesson_says_so_at_its_short_address(numbered: Services) -> None:
    run_ingest(numbered)
    numbered.pipeline.publisher.withdraw("tra-tien", "hmn")
    assert "không còn dùng" in read_published_page(numbered, "/7-hmn")
    assert "Bấm Thanh toán." in read_published_page(numbered, "/7")
    numbered.pipeline.publisher.withdraw("tra-tien", SOURCE_FOLDER)
    assert "không còn dùng" in read_published_page(numbered, "/7")


def test_every_starter_lesson_has_a_number(starter_services: Services) -> None:
    with starter_services.database.read() as session:
        paths = {entry.path for entry in starter_services.tree.entries(session)}
    for number in range(1, 17):
        assert {f"/{number}", f"/{number}-hmn", f"/{number}-tay"} <= paths


def test_a_translation_has_no_number_of_its_own(lessons_dir: Path) -> None:
    write_lessons(lessons_dir, vi__tra_tien=NUMBERED, hmn__tra_tien="number: 7\n" + TRANSLATION)
    assert "number" in list_problems(lessons_dir)[0]
