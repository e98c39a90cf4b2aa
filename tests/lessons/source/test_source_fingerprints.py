"""Stamps: a translator says "made from today's sentence", and nothing else in the file moves."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from content_server.__main__ import app
from content_server.errors import BundleRejected
from content_server.lessons.source.source_fingerprints import (
    source_fingerprint,
    write_source_fingerprints,
)
from content_server.lessons.source.yaml_source import read_yaml_source
from tests.support.lesson_files import write_lessons

MO, NHAM, TAP = (
    source_fingerprint(sentence)
    for sentence in ("Bấm Thanh toán.", "Bấm nhầm thì bấm Khác.", "Mời bác bấm thử.")
)
DRAFT = """\
# Bản nháp.
title: Them nyiaj   # tên bài
steps:
  mo:   # bước đầu
    show: "Nias Thanh toán."   # nhãn giữ nguyên

  nham: {if_wrong: Nias Khác.}
  # luyện tập
  tap:
    say: >-
      Koj nias
      saib.
    practise:
      - {hint: Nút to.}
      - {hint: Nút thứ hai.}
"""
STAMPED = f"""\
# Bản nháp.
title: Them nyiaj   # tên bài
steps:
  mo:   # bước đầu
    show: "Nias Thanh toán."   # nhãn giữ nguyên
    made_from: "{MO}"

  nham: {{if_wrong: Nias Khác., made_from: "{NHAM}"}}
  # luyện tập
  tap:
    say: >-
      Koj nias
      saib.
    made_from: "{TAP}"
    practise:
      - {{hint: Nút to.}}
      - {{hint: Nút thứ hai.}}
"""


def write_fingerprints(lessons: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["stamp", "--lessons", str(lessons), *arguments])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def hmn(lessons: Path, text: str) -> Path:
    write_lessons(lessons, hmn__tra_tien=text)
    return lessons / "hmn" / "tra-tien.yaml"


def test_missing_stamps_are_added_and_nothing_else_moves(lessons_dir: Path) -> None:
    path = hmn(lessons_dir, DRAFT)
    told = write_fingerprints(lessons_dir)
    assert path.read_text("utf-8") == STAMPED
    assert "lessons/hmn/tra-tien.yaml" in told
    assert "mo, nham, tap" in told


def test_a_second_run_changes_nothing(lessons_dir: Path) -> None:
    path = hmn(lessons_dir, STAMPED)
    before = path.stat().st_mtime_ns
    assert "không có gì mới" in write_fingerprints(lessons_dir, "tra-tien")
    assert path.stat().st_mtime_ns == before


def test_a_stale_step_is_told_and_renewed_only_by_name(lessons_dir: Path) -> None:
    path = hmn(lessons_dir, STAMPED)
    for old, new in (("Bấm Thanh toán.", "Bấm nút Thanh toán."), ("bấm Khác.", "thì chọn Khác.")):
        changed = (lessons_dir / "vi" / "tra-tien.yaml").read_text("utf-8").replace(old, new)
        write_lessons(lessons_dir, vi__tra_tien=changed)
    told = write_fingerprints(lessons_dir, "tra-tien")
    assert path.read_text("utf-8") == STAMPED
    assert "--renew mo --renew nham" in told
    told = write_fingerprints(lessons_dir, "tra-tien", "--renew", "mo")
    assert path.read_text("utf-8") == STAMPED.replace(MO, source_fingerprint("Bấm nút Thanh toán."))
    assert "--renew nham" in told
    assert "--renew mo" not in told


def test_one_language_alone_is_stamped(lessons_dir: Path) -> None:
    path = hmn(lessons_dir, DRAFT)
    write_lessons(lessons_dir, tay__tra_tien=DRAFT)
    write_fingerprints(lessons_dir, "tra-tien", "--language", "tay")
    assert path.read_text("utf-8") == DRAFT
    assert (lessons_dir / "tay" / "tra-tien.yaml").read_text("utf-8") == STAMPED


def test_a_broken_lesson_is_told_and_the_others_are_stamped(lessons_dir: Path) -> None:
    write_lessons(lessons_dir, vi__hong="title: [", hmn__hong=DRAFT)
    path = hmn(lessons_dir, DRAFT)
    assert "lessons/vi/hong.yaml:2" in write_fingerprints(lessons_dir, code=1)
    assert path.read_text("utf-8") == STAMPED


def test_a_step_or_lesson_that_is_not_there_is_said(lessons_dir: Path) -> None:
    assert "khong-co" in write_fingerprints(lessons_dir, "tra-tien", "--renew", "khong-co", code=1)
    done = CliRunner().invoke(app, ["stamp", "--lessons", str(lessons_dir), "la"])
    assert "la" in str(done.exception)
    assert write_fingerprints(lessons_dir, "--renew", "mo", code=2)


@pytest.mark.parametrize(
    "text",
    [
        "steps: {mo: {show: Nias}, tap: {say: Koj}}\n",
        "steps:\n  mo:\n    show: Nias",
        "steps:\r\n  mo:\r\n    show: Nias\r\n  tap:\r\n    say: Koj\r\n",
        "steps:\n  mo:\n    show: |\n      Nias\n\n\n  tap:\n    say: 'Koj'\n",
        "steps:\n  ? mo\n  : show: Nias\n    voice: a/b.opus\n",
        "steps:\n  mo: {show: Nias,\n    voice: a/b.opus}\n",
        "steps:\n  mo:\n    made_from: '000000'\n    show: Nias\n",
    ],
)
def test_however_it_is_laid_out_it_reads_the_same_but_for_the_stamp(
    text: str, tmp_path: Path
) -> None:
    stamped = write_source_fingerprints(text, "a.yaml", {"mo": MO, "tap": TAP}, frozenset({"mo"}))
    path = tmp_path / "a.yaml"
    path.write_bytes(stamped.text.encode())
    steps = read_yaml_source(path, "a.yaml").value["steps"]
    assert steps["mo"]["made_from"] == MO
    assert "Nias" in steps["mo"]["show"]
    assert steps.get("tap", {"made_from": TAP})["made_from"] == TAP
    assert "\r\n" not in text or "\n" not in stamped.text.replace("\r\n", "")


def test_what_cannot_be_stamped_is_refused_not_spoilt() -> None:
    shared = "steps:\n  mo: &same\n    show: Nias\n  tap: *same\n"
    with pytest.raises(BundleRejected):
        write_source_fingerprints(shared, "a.yaml", {"mo": MO, "tap": TAP}, frozenset())
