"""The ingest: files in, published pages out; idempotent, whole or not at all."""

from dataclasses import replace
from pathlib import Path

from content_server.jobs.queue import JobState, count_by_state
from content_server.lessons.editions.revisions import (
    find_edition,
    latest_revision,
    revision_body,
    write_revision,
)
from content_server.lessons.editions.tables import EditionRef, Origin
from content_server.media.audio.voice_renditions import VOICE_ANALYSIS
from content_server.media.cached_analysis import load_cached_analyses
from content_server.media.store import digest_of_file
from content_server.services import Services, open_services
from content_server.settings import PROJECT_DIR
from tests.support.ingest import read_published_page, run_ingest
from tests.support.lesson_files import CONTACTS, LESSON, TRANSLATION, write_lessons


def test_a_file_becomes_pages_in_each_language(services: Services) -> None:
    run_ingest(services)
    assert "Bấm Thanh toán." in read_published_page(services, "/vi/tra-tien")
    assert "Nias Thanh toán." in read_published_page(services, "/hmn/tra-tien")
    assert "Trả tiền điện" in read_published_page(services, "/vi")
    assert "Trả tiền điện" in read_published_page(services, "/")


def test_a_second_walk_changes_nothing(services: Services) -> None:
    run_ingest(services)
    with services.database.read() as session:
        before, jobs = services.tree.generation(session), count_by_state(session)
    report = services.pipeline.ingest()
    services.worker.run_until_idle()
    with services.database.read() as session:
        assert services.tree.generation(session) == before
        assert count_by_state(session) == jobs
    assert not report.written
    assert len(report.unchanged) == 2


def test_a_broken_lesson_is_refused_whole_and_others_go_on(services: Services) -> None:
    folder = services.settings.lessons_dir
    write_lessons(folder, vi__hong=LESSON.replace("[care]", "[khong]"), hmn__hong=TRANSLATION)
    report = services.pipeline.ingest()
    services.worker.run_until_idle()
    assert set(report.rejected) == {"hong"}
    assert read_published_page(services, "/vi/tra-tien")
    assert not read_published_page(services, "/vi/hong")
    assert not read_published_page(services, "/hmn/hong")


def test_a_changed_file_becomes_the_next_revision(services: Services) -> None:
    run_ingest(services)
    folder = services.settings.lessons_dir
    write_lessons(folder, vi__tra_tien=LESSON.replace("Bấm Thanh toán.", "Chạm Thanh toán."))
    run_ingest(services)
    assert "Chạm Thanh toán." in read_published_page(services, "/vi/tra-tien")
    with services.database.read() as session:
        assert find_edition(session, EditionRef("tra-tien", "vi")).published_revision == 2


def test_a_lesson_broken_later_keeps_its_published_page(services: Services) -> None:
    run_ingest(services)
    write_lessons(services.settings.lessons_dir, vi__tra_tien="title: [")
    assert "tra-tien" in services.pipeline.ingest().rejected
    services.worker.run_until_idle()
    assert "Bấm Thanh toán." in read_published_page(services, "/vi/tra-tien")


def test_what_an_editor_changed_is_never_overwritten(services: Services) -> None:
    run_ingest(services)
    with services.database.write() as session:
        edition = find_edition(session, EditionRef("tra-tien", "vi"))
        revision = latest_revision(session, edition)
        assert revision
        mine = revision_body(revision, "vi").model_copy(update={"title": "Tên của biên tập"})
        write_revision(session, edition, mine, {}, Origin.EDITOR)
    folder = services.settings.lessons_dir
    write_lessons(folder, vi__tra_tien=LESSON.replace("Trả tiền điện", "Tên khác trong tệp"))
    report = services.pipeline.ingest()
    services.worker.run_until_idle()
    assert report.edited_here == ["tra-tien/vi"]
    assert "Tên khác trong tệp" not in read_published_page(services, "/vi/tra-tien")


def test_a_stale_translation_is_reported(services: Services) -> None:
    stamp = "  mo: {show: Nias Thanh toán., made_from: 000000}\n"
    text = TRANSLATION.replace("  mo: {show: Nias Thanh toán.}\n", stamp)
    write_lessons(services.settings.lessons_dir, hmn__tra_tien=text)
    assert services.pipeline.ingest().stale == ["tra-tien/hmn: mo"]


def test_withdrawing_says_so_and_leaves_the_lists(services: Services) -> None:
    run_ingest(services)
    services.pipeline.publisher.withdraw("tra-tien", "hmn")
    services.worker.run_until_idle()
    assert "không còn dùng" in read_published_page(services, "/hmn/tra-tien")
    assert "/hmn/tra-tien" not in read_published_page(services, "/vi/tra-tien")
    assert "Bấm Thanh toán." in read_published_page(services, "/vi/tra-tien")
    services.pipeline.publisher.withdraw("tra-tien")
    services.worker.run_until_idle()
    assert "không còn dùng" in read_published_page(services, "/vi/tra-tien")
    assert "/vi/tra-tien" not in read_published_page(services, "/vi")


def test_a_withdrawn_lesson_is_not_brought_back_by_a_restart(services: Services) -> None:
    run_ingest(services)
    services.pipeline.publisher.withdraw("tra-tien")
    run_ingest(services)
    assert "không còn dùng" in read_published_page(services, "/vi/tra-tien")


def test_a_bad_medium_fails_its_own_lesson_only(services: Services) -> None:
    (services.settings.media_dir / "a.opus").write_bytes(b"OggS not really")
    write_lessons(
        services.settings.lessons_dir, vi__cam="voice: a.opus\n" + LESSON, hmn__cam=TRANSLATION
    )
    report = services.pipeline.ingest()
    services.worker.run_until_idle()
    assert set(report.rejected) == {"cam"}
    assert "a.opus" in report.rejected["cam"].translate("vi")
    assert read_published_page(services, "/vi/tra-tien")
    with services.database.read() as session:
        assert not count_by_state(session).get(JobState.FAILED)


def test_nothing_of_the_work_is_left_lying_about(services: Services, tmp_path: Path) -> None:
    run_ingest(services)
    work = services.settings.data_dir / "work"
    assert not work.exists() or not list(work.iterdir())
    assert not list(tmp_path.rglob("*.tmp*"))


def test_a_changed_helpline_reaches_every_lesson(services: Services) -> None:
    run_ingest(services)
    contacts = CONTACTS.replace("19006769", "19001000")
    write_lessons(services.settings.lessons_dir, contacts=contacts)
    run_ingest(services)
    assert "tel:19001000" in read_published_page(services, "/vi/tra-tien")
    assert "tel:19001000" in read_published_page(services, "/hmn/tra-tien")


def test_a_changed_sentence_and_a_changed_helpline_are_shown_by_one_start(
    services: Services,
) -> None:
    run_ingest(services)
    contacts = CONTACTS.replace("19006769", "19001000")
    changed = LESSON.replace("Bấm Thanh toán.", "Chạm Thanh toán.")
    write_lessons(services.settings.lessons_dir, contacts=contacts, vi__tra_tien=changed)
    run_ingest(services)
    assert "Chạm Thanh toán." in read_published_page(services, "/vi/tra-tien")
    assert "tel:19001000" in read_published_page(services, "/vi/tra-tien")


def test_a_changed_address_of_the_server_reaches_every_page(services: Services) -> None:
    run_ingest(services)
    moved = open_services(replace(services.settings, base_url="https://hoc.laichau.example"))
    run_ingest(moved)
    assert "https://hoc.laichau.example/vi/tra-tien" in read_published_page(moved, "/vi/tra-tien")
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
        if VOICE_ANALYSIS
        not in {known.name for known in load_cached_analyses(media_dir, digest_of_file(recording))}
    ]
    assert recordings
    assert not unheard
