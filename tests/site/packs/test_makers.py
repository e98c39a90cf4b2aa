"""Each pack by itself: small, whole, the same every time, opened by the programs it is for."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE

from content_server.errors import PackUnavailable
from content_server.services import Services
from content_server.site.packs.frames.font_coverage import find_missing_glyphs
from content_server.site.packs.pack_kinds import PackKind
from tests.site.packs.samples import (
    SPOKEN_ONLY,
    VOICED,
    make_pack,
    open_pack_services,
    read_pack_lesson,
    require_tool,
    run_tool,
)
from tests.support.browser import launch_chromium
from tests.support.media_files import run_ffmpeg

OPF = "{http://www.idpf.org/2007/opf}"
SMIL = "{http://www.w3.org/ns/SMIL}"
EVIL = '#panic("x") *sao* $x$ <a>'
PAPER = [
    PackKind.STEP_CARDS,
    PackKind.HANDOUT,
    PackKind.POSTER,
    PackKind.NOTES,
    PackKind.ANSWER_CARDS,
]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    lesson = VOICED.replace("why: Ngồi ở nhà cũng trả được.", f"why: '{EVIL}'")
    folder = tmp_path_factory.mktemp("packed")
    services = open_pack_services(folder, lesson, tay__tra_tien=SPOKEN_ONLY)
    yield services
    services.database.close()


@pytest.mark.parametrize("kind", list(PackKind))
def test_a_language_without_text_has_every_pack_and_twice_the_same_bytes(
    services: Services, kind: PackKind, tmp_path: Path
) -> None:
    pack_lesson = read_pack_lesson(services, "tay")
    first, again = (make_pack(kind, pack_lesson, tmp_path / n) for n in "ab")
    assert first.path.read_bytes() == again.path.read_bytes()
    assert not [note for note in first.notes if "chưa có lời đọc" in str(note)]
    if kind is PackKind.ONE_FILE:
        html = first.path.read_text("utf-8")
        assert "Bấm Thanh toán." in html  # words are taken from Vietnamese, the voice is its own
        assert "lời đọc tiếng Việt" not in html


def test_a_film_is_small_loud_and_plays_at_once(services: Services, tmp_path: Path) -> None:
    pack = make_pack(PackKind.VIDEO, read_pack_lesson(services), tmp_path / "film")
    data = pack.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert pack.duration_ms
    assert len(data) <= 1_200_000 * pack.duration_ms / 60_000
    said = run_ffmpeg("-i", pack.path, "-af", "ebur128=framelog=quiet", "-f", "null", "-")
    assert re.search(r"Video: h264 \(Main\).*yuv420p.*854x480", said)
    assert re.search(r"Audio: aac \(LC\).*mono", said)
    hours, minutes, seconds = re.findall(r"Duration: (\d+):(\d+):([\d.]+)", said)[0]
    length_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    assert length_s == pytest.approx(pack.duration_ms / 1000, abs=0.1)
    assert float(re.findall(r"I: +(-?[\d.]+) LUFS", said)[-1]) == pytest.approx(-16, abs=1)


def test_the_finger_of_a_film_moves_and_the_words_stay(services: Services, tmp_path: Path) -> None:
    pack = make_pack(PackKind.VIDEO, read_pack_lesson(services), tmp_path / "film")
    run_ffmpeg("-i", pack.path, "-vf", "fps=10", tmp_path / "%04d.png")
    frames = [Image.open(path).convert("L") for path in sorted(tmp_path.glob("0*.png"))]
    step = frames[40:60]  # two seconds of the first step
    left = {frame.crop((0, 16, 380, 480)).tobytes() for frame in step}
    assert len(left) >= 4  # near, touching, two rings
    words = [list(frame.crop((400, 100, 840, 400)).resize((44, 30)).tobytes()) for frame in step]
    assert all(abs(a - b) < 12 for row in words for a, b in zip(row, words[0], strict=True))


def test_pictures_are_numbered_in_order(services: Services, tmp_path: Path) -> None:
    pack = make_pack(PackKind.STILLS, read_pack_lesson(services), tmp_path / "stills")
    with zipfile.ZipFile(pack.path) as files:
        names = files.namelist()
        assert names == [f"tra-tien.vi/{n:02}.jpg" for n in range(1, len(names) + 1)]
        with files.open(names[1]) as file:
            assert Image.open(file).size == (1280, 720)


@pytest.mark.parametrize("kind", PAPER)
def test_paper_is_tagged_whole_and_takes_no_orders(
    services: Services, kind: PackKind, tmp_path: Path
) -> None:
    pack = make_pack(kind, read_pack_lesson(services), tmp_path / "paper")
    data = pack.path.read_bytes()
    assert b"/MarkInfo" in data
    assert b"pdfuaid" in data
    require_tool("pdftoppm")
    text = run_tool("pdftotext", "-layout", pack.path, "-").decode()
    words = " ".join(text.split())
    assert kind is PackKind.ANSWER_CARDS or EVIL in words
    assert "Trả tiền điện" in words or kind is PackKind.ANSWER_CARDS
    run_tool("pdftoppm", "-r", "30", "-gray", "-png", pack.path, tmp_path / "page")
    for page in tmp_path.glob("page*.png"):
        darkest, lightest = Image.open(page).convert("L").getextrema()
        assert (darkest < 40, lightest > 250) == (True, True)  # type: ignore[operator]  # one band


@pytest.mark.parametrize("kind", PAPER[:4])
def test_paper_has_no_code_that_leads_nowhere_and_says_so(
    services: Services, kind: PackKind, tmp_path: Path
) -> None:
    require_tool("pdftotext")
    lost = read_pack_lesson(services)  # nobody has told this server its address
    known = replace(lost, site=replace(lost.site, base_url="https://bai.example.vn"))
    words = {}
    for name, pack_lesson in (("lost", lost), ("known", known)):
        pack = make_pack(kind, pack_lesson, tmp_path / name)
        words[name] = " ".join(run_tool("pdftotext", pack.path, "-").decode().split())
        assert bool(pack.notes) is (pack_lesson is lost)
    assert "Chưa có mã QR" in words["lost"]
    assert "127.0.0.1" not in words["lost"]
    assert "Chưa có mã QR" not in words["known"]
    assert "bai.example.vn/" in words["known"]


def test_a_letter_the_font_lacks_is_named_and_never_a_box(tmp_path: Path) -> None:
    assert find_missing_glyphs("Ế Ệ Ẫ ưỡ Nghễnh ngãng Hmôngz 150.000 ₫ “ – …”") == ""
    assert find_missing_glyphs("a ꪼ b ✓ ꪼ") == "ꪼ✓"
    services = open_pack_services(tmp_path, VOICED.replace("Trả tiền điện", "ꪼꪕ ꪹꪣꪉ"))
    for kind in (PackKind.VIDEO, PackKind.STILLS, *PAPER):
        with pytest.raises(PackUnavailable) as refused:
            make_pack(kind, read_pack_lesson(services), tmp_path / kind)
        assert "ꪼ (U+AABC)" in str(refused.value)
    assert (
        make_pack(PackKind.ONE_FILE, read_pack_lesson(services), tmp_path / "one").size_bytes
        > 20_000
    )
    services.database.close()


def test_a_handout_leaves_the_practice_to_the_phone(services: Services, tmp_path: Path) -> None:
    require_tool("pdftotext")
    pack = make_pack(PackKind.HANDOUT, read_pack_lesson(services), tmp_path / "handout")
    words = " ".join(run_tool("pdftotext", pack.path, "-").decode().split())
    assert "Bấm Thanh toán." in words
    assert "LUYỆN TẬP" not in words


def test_slides_have_words_notes_voice_and_names(services: Services, tmp_path: Path) -> None:
    pack = make_pack(PackKind.SLIDES, read_pack_lesson(services), tmp_path / "slides")
    deck = Presentation(str(pack.path))
    slides = list(deck.slides)
    assert [slide.shapes.title.text_frame.text for slide in slides][1] == "Bấm Thanh toán."
    assert all(slide.notes_slide.notes_text_frame.text for slide in slides)
    with zipfile.ZipFile(pack.path) as parts:
        sounds = [name for name in parts.namelist() if name.endswith(".mp3")]
        first = parts.read("ppt/slides/slide1.xml").decode()
    assert len(sounds) == 2
    assert "a:audioFile" in first
    assert "videoFile" not in first
    assert 'playFrom(0.0)"' in first
    kinds = {rel.reltype for rel in slides[0].part.rels.values()}
    assert RELATIONSHIP_TYPE.AUDIO in kinds
    assert RELATIONSHIP_TYPE.VIDEO not in kinds
    named = [e.get("descr") for s in slides for e in s.element.iter() if e.tag.endswith("}cNvPr")]
    assert sum(bool(words) for words in named) >= len(slides) - 2


def test_slides_open_in_libreoffice(services: Services, tmp_path: Path) -> None:
    pack = make_pack(PackKind.SLIDES, read_pack_lesson(services), tmp_path / "slides")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    run_tool(
        "soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, pack.path
    )
    require_tool("pdftoppm")
    info = run_tool("pdfinfo", tmp_path / "tra-tien.vi.pdf").decode()
    pages = len(list(Presentation(str(pack.path)).slides))
    assert re.search(rf"Pages: +{pages}\b", info)
    text = run_tool("pdftotext", tmp_path / "tra-tien.vi.pdf", "-").decode()
    assert "Bấm Thanh toán." in " ".join(text.split())


def test_a_book_holds_what_it_lists_and_speaks_where_there_is_a_voice(
    services: Services, tmp_path: Path
) -> None:
    pack = make_pack(PackKind.EPUB, read_pack_lesson(services, "hmn"), tmp_path / "book")
    with zipfile.ZipFile(pack.path) as files:
        first = files.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert files.read("mimetype") == b"application/epub+zip"
        opf = ET.fromstring(files.read("EPUB/book.opf"))  # noqa: S314  # ours
        listed = {item.get("href"): item for item in opf.iter(f"{OPF}item")}
        inside = {n.removeprefix("EPUB/") for n in files.namelist() if n.startswith("EPUB/")}
        assert set(listed) == inside - {"book.opf"}
        ids = {item.get("id") for item in listed.values()}
        assert {ref.get("idref") for ref in opf.iter(f"{OPF}itemref")} <= ids
        overlays = [i.get("media-overlay") for i in listed.values() if i.get("media-overlay")]
        assert len(overlays) == 2
        for name in [n for n in inside if n.endswith((".xhtml", ".smil"))]:
            page = ET.fromstring(files.read(f"EPUB/{name}"))  # noqa: S314  # ours
            for sound in page.iter(f"{SMIL}audio"):
                assert sound.get("src") in inside


@pytest.mark.browser
def test_one_file_works_with_the_network_off(services: Services, tmp_path: Path) -> None:
    pack = make_pack(PackKind.ONE_FILE, read_pack_lesson(services, "hmn"), tmp_path / "one")
    assert pack.size_bytes <= 400_000
    html = pack.path.read_text("utf-8")
    assert not re.search(r'(?:src|srcset|poster|action)="(?!data:)', html)
    errors: list[str] = []
    with launch_chromium() as browser:
        context = browser.new_context(offline=True, viewport={"width": 360, "height": 640})
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(pack.path.as_uri())
        page.click("section .voice")
        page.wait_for_selector(".voice.on")
        page.click(".start")
        page.wait_for_selector('section[id="1"].here')
        page.wait_for_selector('section[id="1"] .voice.on')  # the next voice follows by itself
    assert not errors
