"""The road: files in, finished bytes out; idempotent, whole or not at all."""

from dataclasses import replace
from pathlib import Path

from conftest import CONTACTS, LESSON, TRANSLATION, write_lessons

from content_server.jobs.queue import JobState, counts
from content_server.lessons.editions.revisions import (
    body_of,
    find_edition,
    latest_revision,
    write_revision,
)
from content_server.lessons.editions.tables import Origin
from content_server.media.audio.voice_renditions import HEARD
from content_server.media.cached_analysis import foreknown
from content_server.media.store import digest_of_file
from content_server.services import Services, open_services
from content_server.settings import PROJECT_DIR


def walk(house: Services) -> None:
    house.pipeline.ingest()
    assert house.worker.run_until_idle().failed == 0


def body(house: Services, path: str) -> str:
    """Return the published page at `path` as text; empty when there is none."""
    with house.database.read() as session:
        entries = {entry.path: entry for entry in house.tree.entries(session)}
    if path not in entries:
        return ""
    plain = next(v for v in entries[path].variants if v.encoding == "identity")
    return house.store.read_bytes(plain.digest).decode()


def test_a_file_becomes_pages_in_each_language(house: Services) -> None:
    walk(house)
    assert "Bấm Thanh toán." in body(house, "/vi/tra-tien")
    assert "Nias Thanh toán." in body(house, "/hmn/tra-tien")
    assert "Trả tiền điện" in body(house, "/vi")
    assert "Trả tiền điện" in body(house, "/")


def test_a_second_walk_changes_nothing(house: Services) -> None:
    walk(house)
    with house.database.read() as session:
        before, jobs = house.tree.generation(session), counts(session)
    report = house.pipeline.ingest()
    house.worker.run_until_idle()
    with house.database.read() as session:
        assert house.tree.generation(session) == before
        assert counts(session) == jobs
    assert not report.written
    assert len(report.same) == 2


def test_a_broken_lesson_is_refused_whole_and_others_go_on(house: Services) -> None:
    folder = house.settings.lessons_dir
    write_lessons(folder, vi__hong=LESSON.replace("[care]", "[khong]"), hmn__hong=TRANSLATION)
    report = house.pipeline.ingest()
    house.worker.run_until_idle()
    assert set(report.rejected) == {"hong"}
    assert body(house, "/vi/tra-tien")
    assert not body(house, "/vi/hong")
    assert not body(house, "/hmn/hong")


def test_a_changed_file_becomes_the_next_revision(house: Services) -> None:
    walk(house)
    folder = house.settings.lessons_dir
    write_lessons(folder, vi__tra_tien=LESSON.replace("Bấm Thanh toán.", "Chạm Thanh toán."))
    walk(house)
    assert "Chạm Thanh toán." in body(house, "/vi/tra-tien")
    with house.database.read() as session:
        assert find_edition(session, "tra-tien", "vi").published_revision == 2


def test_a_lesson_broken_later_keeps_its_published_page(house: Services) -> None:
    walk(house)
    write_lessons(house.settings.lessons_dir, vi__tra_tien="title: [")
    assert "tra-tien" in house.pipeline.ingest().rejected
    house.worker.run_until_idle()
    assert "Bấm Thanh toán." in body(house, "/vi/tra-tien")


def test_what_an_editor_changed_is_never_overwritten(house: Services) -> None:
    walk(house)
    with house.database.write() as session:
        edition = find_edition(session, "tra-tien", "vi")
        revision = latest_revision(session, edition)
        assert revision
        mine = body_of(revision, "vi").model_copy(update={"title": "Tên của biên tập"})
        write_revision(session, edition, mine, {}, Origin.EDITOR)
    folder = house.settings.lessons_dir
    write_lessons(folder, vi__tra_tien=LESSON.replace("Trả tiền điện", "Tên khác trong tệp"))
    report = house.pipeline.ingest()
    house.worker.run_until_idle()
    assert report.kept == ["tra-tien/vi"]
    assert "Tên khác trong tệp" not in body(house, "/vi/tra-tien")


def test_a_stale_translation_is_reported(house: Services) -> None:
    stamp = "  mo: {show: Nias Thanh toán., made_from: 000000}\n"
    text = TRANSLATION.replace("  mo: {show: Nias Thanh toán.}\n", stamp)
    write_lessons(house.settings.lessons_dir, hmn__tra_tien=text)
    assert house.pipeline.ingest().stale == ["tra-tien/hmn: mo"]


def test_withdrawing_says_so_and_leaves_the_lists(house: Services) -> None:
    walk(house)
    house.pipeline.withdraw("tra-tien", "hmn")
    house.worker.run_until_idle()
    assert "không còn dùng" in body(house, "/hmn/tra-tien")
    assert "/hmn/tra-tien" not in body(house, "/vi/tra-tien")
    assert "Bấm Thanh toán." in body(house, "/vi/tra-tien")
    house.pipeline.withdraw("tra-tien")
    house.worker.run_until_idle()
    assert "không còn dùng" in body(house, "/vi/tra-tien")
    assert "/vi/tra-tien" not in body(house, "/vi")


def test_a_withdrawn_lesson_is_not_brought_back_by_a_restart(house: Services) -> None:
    walk(house)
    house.pipeline.withdraw("tra-tien")
    walk(house)
    assert "không còn dùng" in body(house, "/vi/tra-tien")


def test_a_bad_medium_fails_its_own_lesson_only(house: Services) -> None:
    (house.settings.media_dir / "a.opus").write_bytes(b"OggS not really")
    write_lessons(
        house.settings.lessons_dir, vi__cam="voice: a.opus\n" + LESSON, hmn__cam=TRANSLATION
    )
    report = house.pipeline.ingest()
    house.worker.run_until_idle()
    assert set(report.rejected) == {"cam"}
    assert "a.opus" in report.rejected["cam"].said_in("vi")
    assert body(house, "/vi/tra-tien")
    with house.database.read() as session:
        assert not counts(session).get(JobState.FAILED)


def test_nothing_of_the_work_is_left_lying_about(house: Services, tmp_path: Path) -> None:
    walk(house)
    work = house.settings.data_dir / "work"
    assert not work.exists() or not list(work.iterdir())
    assert not list(tmp_path.rglob("*.tmp*"))


def test_a_changed_helpline_reaches_every_lesson(house: Services) -> None:
    walk(house)
    contacts = CONTACTS.replace("19006769", "19001000")
    write_lessons(house.settings.lessons_dir, contacts=contacts)
    walk(house)
    assert "tel:19001000" in body(house, "/vi/tra-tien")
    assert "tel:19001000" in body(house, "/hmn/tra-tien")


def test_a_changed_sentence_and_a_changed_helpline_are_shown_by_one_start(house: Services) -> None:
    walk(house)
    contacts = CONTACTS.replace("19006769", "19001000")
    changed = LESSON.replace("Bấm Thanh toán.", "Chạm Thanh toán.")
    write_lessons(house.settings.lessons_dir, contacts=contacts, vi__tra_tien=changed)
    walk(house)
    assert "Chạm Thanh toán." in body(house, "/vi/tra-tien")
    assert "tel:19001000" in body(house, "/vi/tra-tien")


def test_a_changed_address_of_the_server_reaches_every_page(house: Services) -> None:
    walk(house)
    moved = open_services(replace(house.settings, base_url="https://hoc.laichau.example"))
    walk(moved)
    assert "https://hoc.laichau.example/vi/tra-tien" in body(moved, "/vi/tra-tien")
    moved.database.close()


def test_a_first_start_listens_to_nothing() -> None:
    """What is known of the repository's recordings travels with them, or a first start is slow.

    After changing one: content-server ingest --data FOLDER, then scripts/cached_analysis.py FOLDER.
    """
    media_dir = PROJECT_DIR / "media"
    recordings = sorted(media_dir.glob("*/*/*.opus"))
    unheard = [
        f"{recording.relative_to(media_dir)}"
        for recording in recordings
        if HEARD not in {known.name for known in foreknown(media_dir, digest_of_file(recording))}
    ]
    assert recordings
    assert not unheard
