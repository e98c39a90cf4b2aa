"""Lessons as files: every problem is told at once, at its line; nothing odd gets in."""

from pathlib import Path

import pytest

from content_server.errors import BundleRejected
from content_server.lessons.bundle import find_bundles, read_bundle
from content_server.lessons.lesson import Lesson
from content_server.lessons.registries.registries import read_registries
from content_server.lessons.source.yaml_source import parse_yaml_source, read_yaml_source
from content_server.settings import PROJECT_DIR
from tests.support.lesson_files import (
    LESSON,
    TRANSLATION,
    list_problems,
    read_lesson_bundle,
    write_lessons,
)


def test_a_lesson_is_read_with_all_its_editions(lessons_dir: Path) -> None:
    bundle = read_lesson_bundle(lessons_dir)
    assert [edition.folder for edition in bundle.editions] == ["vi", "hmn"]
    assert bundle.source.title == "Trả tiền điện"


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("tap: thanh-toan\n", "tap: nut-la\n", "tap: nut-la", "nut-la"),
        ("show: Bấm Thanh toán.", "show: " + "rất dài " * 20, "rất dài", "tối đa 90"),
        ("help: [care]", "help: [khong-co]", "help:", "khong-co"),
        ("topic: dien", "topic: la", "topic:", "la"),
        ("checked_on: 2026-11-23\nsteps", "checked_on: hôm qua\nsteps", "hôm qua", "2026-11-23"),
        ("  - id: nham\n", "  - id: mo\n", "- id: mo", "mo"),
        ("title: Trả tiền điện\n", "", "topic: dien", "title"),
        ("if_wrong: Bấm nhầm thì bấm Khác.", "voi: gì", "- id: nham", "show, if_wrong"),
        ("why: Ngồi ở nhà cũng trả được.", "why: ''", "why:", "why"),
        ("right: true, because: Đúng rồi.", "because: Đúng rồi.", "answers:", "right: true"),
        ("scene: hang-up", "scene: khong-co-canh", "khong-co-canh", "khong-co-canh"),
        ("- title: Ngân hàng", "- hop-la: x", "hop-la", "hop-la"),
        ("safety: Bài", "voice: khong/co.opus\nsafety: Bài", "khong/co", "khong/co.opus"),
        ("safety: Bài", "voice: ../../etc/passwd.opus\nsafety: Bài", "passwd", "voice"),
        ("show: Bấm Thanh toán.", 'show: "\\u202eBấm"', "u202e", "U+202E"),
    ],
)
def test_a_problem_is_told_with_its_line(
    lessons_dir: Path, old: str, new: str, at: str, said: str
) -> None:
    text = LESSON.replace(old, new, 1)
    assert text != LESSON
    line = next(n for n, line in enumerate(text.splitlines(), 1) if at in line)
    write_lessons(lessons_dir, vi__tra_tien=text)
    told = list_problems(lessons_dir)
    assert any(p.startswith(f"lessons/vi/tra-tien.yaml:{line}:") and said in p for p in told), told


def test_all_problems_of_all_editions_are_told_at_once(lessons_dir: Path) -> None:
    write_lessons(
        lessons_dir,
        vi__tra_tien=LESSON.replace("topic: dien", "topic: la").replace("[care]", "[khong]"),
        hmn__tra_tien=TRANSLATION + "  khong-co-buoc: {show: gì}\n  hoi: {show: gì}\n",
    )
    told = list_problems(lessons_dir)
    assert len(told) == 4, told
    assert any("khong-co-buoc" in p and "hmn/tra-tien.yaml:4" in p for p in told)


def test_problems_are_said_in_english_too(lessons_dir: Path) -> None:
    write_lessons(lessons_dir, vi__tra_tien=LESSON.replace("[care]", "[khong]"))
    with pytest.raises(BundleRejected) as caught:
        read_lesson_bundle(lessons_dir)
    assert "contact" in caught.value.translate("en")


def test_names_of_files_and_folders_are_checked(lessons_dir: Path) -> None:
    (lessons_dir / "vi" / "tra-tien.yml").write_text(LESSON, "utf-8")
    write_lessons(lessons_dir, xx__tra_tien=TRANSLATION)
    told = list_problems(lessons_dir)
    assert any("Hai tệp cùng một tên" in p for p in told)
    assert any("xx" in p and "languages.yaml" in p for p in told)


def test_an_address_of_our_own_is_no_name_for_a_lesson(lessons_dir: Path) -> None:
    write_lessons(lessons_dir, vi__tim=LESSON)
    assert any("tim" in p for p in list_problems(lessons_dir, "tim"))


def test_a_translation_needs_its_source(lessons_dir: Path) -> None:
    write_lessons(lessons_dir, hmn__mo_coi=TRANSLATION)
    assert any("lessons/vi" in p for p in list_problems(lessons_dir, "mo-coi"))


def test_a_voice_longer_than_fifteen_seconds_is_refused(lessons_dir: Path) -> None:
    media = lessons_dir.parent / "media"
    media.mkdir()
    (media / "dai.opus").write_bytes(b"x")
    write_lessons(lessons_dir, vi__tra_tien="voice: dai.opus\n" + LESSON)
    files = find_bundles(lessons_dir)["tra-tien"]
    with pytest.raises(BundleRejected) as caught:
        read_bundle("tra-tien", files, read_registries(lessons_dir), media, lambda _path: 16_000)
    assert "16 giây" in str(caught.value.translate("vi"))


STARTER_SLUGS = {"tra-tien-dien", "xem-the-bhyt", "cai-vneid", "dung-zalo"}
BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    "raw",
    [
        b"title: [unclosed",
        b"\xff\xfe\x00title",
        BOMB.encode(),
        b"[" * 100_000,
        b"a: &a [*a]",
        b"? [a, b]\n: c",
        b"title: a\ntitle: b",
        b"x" * 300_000,
        b"a: !!python/object/apply:os.system [echo]\nb: [",
    ],
    ids=["unclosed", "utf16", "bomb", "deep", "cycle", "odd-key", "twice", "large", "tag"],
)
def test_bad_yaml_is_refused_with_words(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(raw)
    with pytest.raises(BundleRejected) as caught:
        read_yaml_source(path, "a.yaml")
    assert len(caught.value.problems) == 1


def test_a_tag_in_yaml_is_only_text() -> None:
    manuscript = parse_yaml_source(b"a: !!python/object/apply:os.system [echo]", "a.yaml")
    assert manuscript.value == {"a": ["echo"]}


def test_texts_stay_texts() -> None:
    manuscript = parse_yaml_source(b"a: no\nb: 0912\nc: 1:30\nd: ~", "a.yaml")
    assert manuscript.value == {"a": "no", "b": "0912", "c": "1:30", "d": "~"}


def test_named_screens_are_put_in_place_and_changed(lessons_dir: Path) -> None:
    (lessons_dir / "screens").mkdir()
    (lessons_dir / "screens" / "bank.yaml").write_text(
        "ma: {app: bank, widgets: [{field: {id: ma, label: Mã}}, {button: {id: ok, label: Được}}]}",
        "utf-8",
    )
    step = (
        "  - id: go\n    show: Gõ mã.\n    tap: ok\n"
        "    screen: {like: bank/ma, change: {ma: {value: P123}}}\n"
    )
    write_lessons(lessons_dir, vi__tra_tien=LESSON + step)
    lesson = read_lesson_bundle(lessons_dir).source
    assert isinstance(lesson, Lesson)
    screen = lesson.steps[-1].screen
    assert screen is not None
    assert "P123" in screen.labels()


def test_the_starter_lessons_have_no_problem() -> None:
    library = read_registries(PROJECT_DIR / "lessons")
    for slug, files in find_bundles(PROJECT_DIR / "lessons").items():
        bundle = read_bundle(slug, files, library, PROJECT_DIR / "media", lambda _path: 1000)
        folders = [edition.folder for edition in bundle.editions]
        assert folders[0] == "vi"
        assert set(folders) <= set(library.locales)
        if slug in STARTER_SLUGS:
            assert folders == ["vi", "hmn", "tay"]
