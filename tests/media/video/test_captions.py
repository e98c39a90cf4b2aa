"""Captions: times and plain words go through, in one form; all else is told with its line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from content_server.__main__ import app
from content_server.errors import InvalidMedia
from content_server.lessons.bundle import find_bundles, read_bundle
from content_server.lessons.registries.registries import read_registries
from content_server.media.media_kinds import MediaKind
from content_server.media.required_renditions import make_required_renditions, recipe_of
from content_server.media.video.captions import Cue, read_captions
from content_server.services import Services, open_services
from content_server.settings import Settings
from tests.support.lesson_files import LESSON, write_lessons
from tests.support.media_files import make_clip

PLAIN = """\
WEBVTT

00:00:00.300 --> 00:00:04.550
Bấm Thanh toán.

00:00:06.000 --> 00:01:09.383
Gõ mã khách hàng vào ô,
rồi bấm Kiểm tra.
"""


def write_captions(folder: Path, words: str | bytes) -> Path:
    source = folder / "xem.vtt"
    source.write_bytes(words if isinstance(words, bytes) else words.encode())
    return source


def encode_captions(folder: Path, words: str | bytes) -> str:
    """Return the one rendition of captions, as text."""
    (folder / "job").mkdir(exist_ok=True)
    (made,) = make_required_renditions(
        MediaKind.CAPTIONS, write_captions(folder, words), folder / "job"
    )
    assert made.content_type == "text/vtt"
    return made.path.read_text("utf-8")


def refusal_of(folder: Path, words: str | bytes) -> str:
    with pytest.raises(InvalidMedia) as caught:
        encode_captions(folder, words)
    assert not list((folder / "job").iterdir())
    return str(caught.value)


def test_captions_are_read_as_times_and_words(tmp_path: Path) -> None:
    first, second = read_captions(write_captions(tmp_path, PLAIN))
    assert first == Cue(300, 4550, ("Bấm Thanh toán.",))
    assert (second.begin_ms, second.end_ms) == (6000, 69_383)
    assert second.lines == ("Gõ mã khách hàng vào ô,", "rồi bấm Kiểm tra.")


@pytest.mark.parametrize(
    "words",
    [
        PLAIN,
        "\ufeff" + PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace("00:00:0", "00:0"),
        PLAIN.replace("WEBVTT\n", "WEBVTT - bài tiền điện\nKind: captions\nLanguage: vi\n"),
        PLAIN.replace("550\n", "550 align:start position:0%\n"),
        PLAIN.replace("00:00:06", "cau-2\n00:00:06"),
        PLAIN.replace("WEBVTT\n", "WEBVTT\n\nNOTE <b>ghi chú</b>\n\nSTYLE\n::cue {color: red}\n"),
        PLAIN.replace("Bấm Thanh", "  Ba\u0302\u0301m \t Thanh") + "\n\n\n",
    ],
    ids=["same", "mark", "crlf", "cr", "short", "header", "place", "name", "notes", "nfd"],
)
def test_however_it_was_saved_it_becomes_the_same_bytes(tmp_path: Path, words: str) -> None:
    assert encode_captions(tmp_path, words) == PLAIN


def test_signs_stay_signs(tmp_path: Path) -> None:
    made = encode_captions(tmp_path, PLAIN.replace("Thanh toán", "Cô & chú &lt;3 &amp;lt;"))
    assert "Bấm Cô &amp; chú &lt;3 &amp;lt;.\n" in made
    assert encode_captions(tmp_path, made) == made


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "rỗng"),
        (b"\xff\xfeW\x00E\x00", "UTF-8"),
        (b"OggS\x00\x02", "WEBVTT"),
        ("1\n00:00:01,000 --> 00:00:02,000\nBấm.\n", ".srt"),
        ("WEBVTT2\n\n", "WEBVTT"),
        ("WEBVTT", "chưa có câu nào"),
        ("WEBVTT\n\nNOTE chỉ có ghi chú\n", "chưa có câu nào"),
        (PLAIN.replace("WEBVTT\n\n", "WEBVTT\n"), "dòng 2: thiếu một dòng trống"),
        (PLAIN.replace("toán.\n", "toán."), "dòng 5: thiếu một dòng trống"),
        (PLAIN.replace("04.550", "04,550"), "dòng 3: giờ phải viết như"),
        (PLAIN.replace("04.550", "99.550"), "dòng 3: giờ phải viết như"),
        (PLAIN.replace("00:01:09.383", "9" * 5000 + ":01:09.383"), "dòng 6: giờ phải viết như"),
        (PLAIN.replace("04.550", "00.300"), "dòng 3: giờ kết thúc phải sau"),
        (PLAIN.replace("00:06.000", "00:00.200"), "dòng 6: giờ này đứng trước"),
        (PLAIN.replace("Bấm Thanh toán.\n", ""), "dòng 3: chưa có chữ"),
        (PLAIN.replace("Bấm Thanh toán.", "&nbsp;"), "dòng 3: chưa có chữ"),
        (PLAIN + "\nmột câu lạc lõng\n", "dòng 10: giờ phải viết như"),
        (PLAIN.replace("Thanh", "<b>Thanh</b>"), "dòng 4: chỉ viết chữ thường"),
        (PLAIN.replace("Thanh", "<script>"), "dòng 4: chỉ viết chữ thường"),
        (PLAIN.replace("Thanh", "\u202eThanh"), "dòng 4: có ký tự lạ U+202E"),
        (PLAIN.replace("Thanh", "\x00Thanh"), "dòng 4: có ký tự lạ U+0000"),
        (PLAIN + "\n" * 64_000, "tối đa 64 kB"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, words: str | bytes, expected: str
) -> None:
    assert expected in refusal_of(tmp_path, words)


LESSON_WITH_CLIP = LESSON + (
    "  - id: xem\n    say: Xem lại.\n    watch: {clip: a/xem.mp4, captions: a/vi/xem.vtt}\n"
)


@pytest.fixture
def settings_with_clip(settings: Settings) -> Settings:
    """Settings of a server whose one lesson has a clip with captions."""
    write_lessons(settings.lessons_dir, vi__tra_tien=LESSON_WITH_CLIP)
    folder = settings.media_dir / "a" / "vi"
    folder.mkdir(parents=True)
    make_clip(folder.parent / "xem.mp4")
    write_captions(folder, PLAIN)
    return settings


def page(services: Services, path: str) -> str:
    with services.database.read() as session:
        entry = next(e for e in services.tree.entries(session) if e.path == path)
    return services.store.read_bytes(entry.identity.digest).decode()


def test_the_page_offers_the_captions_of_its_clip(settings_with_clip: Settings) -> None:
    services = open_services(settings_with_clip)
    assert not services.pipeline.ingest().rejected
    assert not services.worker.run_until_idle().failed
    with services.database.read() as session:
        captions = [e for e in services.tree.entries(session) if e.path.endswith(".vtt")]
    assert [entry.content_type for entry in captions] == ["text/vtt"]
    assert services.store.read_bytes(captions[0].identity.digest).decode() == PLAIN
    track = f'<track kind="captions" srclang="vi" src="{captions[0].path}"'
    assert track in page(services, "/vi/tra-tien")
    assert track in page(services, "/hmn/tra-tien")
    services.database.close()


def test_broken_captions_refuse_the_lesson_before_any_work(settings_with_clip: Settings) -> None:
    write_captions(settings_with_clip.media_dir / "a" / "vi", PLAIN.replace("04.550", "00.100"))
    folders = {"--data": settings_with_clip.data_dir, "--lessons": settings_with_clip.lessons_dir}
    given = [str(part) for pair in folders.items() for part in pair]
    done = CliRunner().invoke(app, ["ingest", *given, "--media", str(settings_with_clip.media_dir)])
    assert done.exit_code == 1
    expected = " ".join(done.output.split())
    line = 1 + LESSON_WITH_CLIP[: LESSON_WITH_CLIP.index("watch:")].count("\n")
    assert f"lessons/vi/tra-tien.yaml:{line}" in expected
    assert "Phụ đề, dòng 3: giờ kết thúc phải sau giờ bắt đầu." in expected


def test_captions_are_a_source_of_their_own_medium(settings_with_clip: Settings) -> None:
    files = find_bundles(settings_with_clip.lessons_dir)["tra-tien"]
    library = read_registries(settings_with_clip.lessons_dir)
    bundle = read_bundle(
        "tra-tien", files, library, settings_with_clip.media_dir, lambda _path: None
    )
    assert bundle.editions[0].media["a/vi/xem.vtt"] is MediaKind.CAPTIONS
    assert recipe_of(MediaKind.CAPTIONS) == "captions-1"
