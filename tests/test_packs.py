"""Packs by HTTP, as jobs and from the command line: made once, fetched in parts, never half."""

import base64
import hashlib
import io
import os
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
from conftest import LESSON, write_lessons
from packed_samples import VOICED, make, open_copied_house, open_packed_house, taught_by
from playwright.sync_api import Browser, expect
from published_samples import running_uvicorn
from sqlmodel import select
from typer.testing import CliRunner

from content_server.__main__ import app
from content_server.app import create_app
from content_server.errors import LessonNotFound, PackRefused
from content_server.jobs.tables import Job
from content_server.services import Services, open_services
from content_server.site.downloads.pack_builder import ask_for, keep
from content_server.site.downloads.usb_packs import Sticks
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.tables import PackRow, StickRow, row_of
from content_server.web.downloads import packs

pytest_plugins = ("fixtures_browser",)
HTML = "/-/goi/html/vi/tra-tien"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    open_packed_house(folder).database.close()
    return folder


@pytest.fixture
def house(prepared: Path, tmp_path: Path) -> Iterator[Services]:
    """A copy of its own of one house, published once."""
    house = open_copied_house(prepared, tmp_path / "house")
    yield house
    house.database.close()


@pytest.fixture
def site(house: Services) -> Iterator[httpx.Client]:
    with (
        running_uvicorn(create_app(house)) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        yield client


def rows(house: Services) -> dict[tuple[str, PackKind], PackRow]:
    with house.database.read() as session:
        return {(row.folder, row.kind): row for row in session.exec(select(PackRow))}


def ask(house: Services, kind: PackKind, folder: str = "vi") -> None:
    with house.database.write() as session:
        ask_for(session, "tra-tien", folder, kind)


def last_error(house: Services) -> str:
    with house.database.read() as session:
        failed = [job for job in session.exec(select(Job)) if job.error_phrase]
        return str(failed[-1].error_phrase) if failed else ""


def test_what_is_not_made_yet_is_made_and_the_page_says_so(
    house: Services, site: httpx.Client
) -> None:
    assert site.head(HTML).status_code == 409  # only a person who fetches it starts work
    assert ("vi", PackKind.ONE_FILE) not in rows(house)
    waiting = site.get(HTML)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "3")
    assert "Đang làm gói “Một tệp”" in waiting.text
    assert 'http-equiv="refresh"' not in waiting.text  # nobody who reads is thrown back
    assert "Xem đã xong chưa" in waiting.text
    house.worker.run_until_idle()
    made = site.get(HTML)
    assert made.status_code == 200
    page = site.get("/-/goi/vi/tra-tien").text
    assert hashlib.sha256(made.content).hexdigest() in page
    assert "kB · HTML" in page
    assert "Set-Cookie" not in made.headers


@pytest.mark.browser
@pytest.mark.parametrize("path", [HTML, "/-/goi/usb.zip?tieng=vi"])
def test_who_waits_is_told_in_place_and_the_file_comes_by_itself(
    house: Services, site: httpx.Client, chromium: Browser, path: str
) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 640})
    page.goto(f"{site.base_url}{path}")
    page.evaluate("document.querySelector('main').dataset.same = 'page'")
    page.locator("li summary, li a").last.focus()
    expect(page.locator("#waits")).to_contain_text("tự tải xuống")
    with page.expect_download() as coming:
        house.worker.run_until_idle()
    expect(page.locator("#waits")).to_have_count(0)
    assert hashlib.sha256(coming.value.path().read_bytes()).hexdigest() in page.content()
    assert page.locator("[data-same]").count() == 1  # it was never turned over
    page.close()


def test_a_download_that_broke_off_goes_on_and_is_checked(
    house: Services, site: httpx.Client
) -> None:
    ask(house, PackKind.ONE_FILE)
    house.worker.run_until_idle()
    whole = site.get(HTML)
    digest = hashlib.sha256(whole.content)
    assert whole.headers["etag"] == f'"{digest.hexdigest()}"'
    told = base64.b64encode(digest.digest()).decode()
    assert whole.headers["repr-digest"] == f"sha-256=:{told}:"
    assert 'filename="tra-tien.vi.html"' in whole.headers["content-disposition"]
    same = {"If-Range": whole.headers["etag"]}
    rest = site.get(HTML, headers={"Range": "bytes=1000-", **same})
    assert rest.status_code == 206
    assert whole.content[:1000] + rest.content == whole.content
    other = site.get(HTML, headers={"Range": "bytes=1000-", "If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, whole.content)
    known = site.get(HTML, headers={"If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert site.get(HTML, headers={"Range": "bytes=99999999-"}).status_code == 416
    head = site.head(HTML)
    assert (head.status_code, int(head.headers["content-length"])) == (200, len(whole.content))


@pytest.mark.parametrize(
    "path",
    ["/-/goi/exe/vi/tra-tien", "/-/goi/mp4/xx/tra-tien", "/-/goi/vi/khong-co", "/-/goi/a/b/c/d"],
)
def test_what_is_not_there_leads_home(site: httpx.Client, path: str) -> None:
    answer = site.get(path)
    assert answer.status_code == 404
    assert 'href="/' in answer.text


def test_a_changed_lesson_gives_the_old_pack_until_the_new_one_is_there(
    house: Services, site: httpx.Client
) -> None:
    ask(house, PackKind.ONE_FILE)
    house.worker.run_until_idle()
    old = rows(house)["vi", PackKind.ONE_FILE]
    write_lessons(house.settings.lessons_dir, vi__tra_tien=VOICED.replace("Cúp máy.", "Tắt máy."))
    house.pipeline.ingest()
    house.worker.run_until_idle()
    new = rows(house)["vi", PackKind.ONE_FILE]
    assert (old.made_from["vi"], new.made_from["vi"]) == (1, 2)
    assert "Tắt máy." in site.get(HTML).text


def test_a_pack_of_a_lesson_withdrawn_meanwhile_is_dropped(house: Services, tmp_path: Path) -> None:
    taught = taught_by(house)
    made = make(PackKind.CARDS, taught, tmp_path / "cards")
    row = row_of(PackKind.CARDS, taught, house.store.put_file(made.path), made)
    house.pipeline.withdraw("tra-tien")
    with pytest.raises(PackRefused, match="vừa được cất đi"), house.database.write() as session:
        keep(session, row)
    assert ("vi", PackKind.CARDS) not in rows(house)
    ask(house, PackKind.CARDS)
    assert house.worker.run_until_idle().failed == 1
    with pytest.raises(LessonNotFound):
        taught_by(house)


def test_a_lesson_without_a_voice_says_so_and_is_not_tried_for_ever(
    house: Services, site: httpx.Client
) -> None:
    write_lessons(house.settings.lessons_dir, vi__im_lang=LESSON)
    house.pipeline.ingest()
    house.worker.run_until_idle()
    path = "/-/goi/mp3/vi/im-lang"
    assert site.get(path).status_code == 202
    assert house.worker.run_until_idle().failed == 1
    refused = site.get(path)
    assert refused.status_code == 409
    assert "chưa có lời đọc nào" in refused.text
    assert "?lai=1" in refused.text
    assert house.worker.run_until_idle().done == 0
    assert site.get(f"{path}?lai=1").status_code == 202


def test_three_hundred_steps_are_refused_in_words(house: Services) -> None:
    taught = taught_by(house)
    telling = replace(taught.telling, steps=taught.telling.steps * 75)
    packer = house.pipeline.packer
    with pytest.raises(PackRefused, match="300 bước"):
        packer.check(telling)
    step = "  - {id: them-%d, show: Bấm Thanh toán., photo: {file: x.jpg, alt: x}}\n"
    long = VOICED + "".join(step % number for number in range(296))
    write_lessons(house.settings.lessons_dir, vi__tra_tien=long)
    said = [
        problem.said_in("vi") for problem in house.pipeline.ingest().rejected["tra-tien"].problems
    ]
    assert any("tối đa 12" in words for words in said)
    assert len(taught_by(house).telling.steps) == len(taught.telling.steps)  # the old one stays


def test_a_full_disk_says_so_and_the_old_pack_stays(prepared: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a disk of 2 MB")
    disk = tmp_path / "disk"
    disk.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(argv, check=False, capture_output=True).returncode:  # noqa: S603  # ours
        pytest.skip("this machine lets nobody mount")
    house = open_copied_house(prepared, tmp_path / "house")
    try:
        ask(house, PackKind.CARDS)
        house.worker.run_until_idle()
        before = rows(house)
        (house.settings.data_dir / "work").rmdir()
        (house.settings.data_dir / "work").symlink_to(disk)
        (disk / "filler").write_bytes(bytes(1_900_000))
        ask(house, PackKind.STILLS)
        assert house.worker.run_until_idle().failed == 1
        assert "Ổ đĩa đã đầy" in last_error(house)
        assert rows(house) == before
        assert [path.name for path in disk.iterdir()] == ["filler"]  # nothing half-built is left
    finally:
        house.database.close()
        subprocess.run(["umount", disk], check=True)  # noqa: S603, S607  # ours


def test_the_podcast_names_the_whole_lesson_as_one_file(site: httpx.Client) -> None:
    feed = ET.fromstring(site.get("/vi/loa.xml").content)  # noqa: S314  # ours
    enclosure = feed.find("channel/item/enclosure")
    assert enclosure is not None
    path = "/m/" + enclosure.attrib["url"].rpartition("/m/")[2]
    sound = site.get(path)
    assert sound.headers["content-type"] == "audio/mpeg"
    assert len(sound.content) == int(enclosure.attrib["length"])
    assert feed.findtext("channel/item/title") == "Trả tiền điện"
    mong = ET.fromstring(site.get("/hmn/loa.xml").content)  # noqa: S314  # ours
    assert "lời đọc tiếng Việt" in str(mong.findtext("channel/item/title"))
    assert 'href="/vi/loa.xml"' in site.get("/vi").text


def test_the_sitemap_names_every_lesson_in_every_language(site: httpx.Client) -> None:
    text = site.get("/sitemap.xml").text
    ET.fromstring(text)  # noqa: S314  # ours
    assert text.count("<loc>") == 4  # two lists, one lesson in two languages
    assert 'hreflang="hmn" href="http://127.0.0.1:8000/hmn/tra-tien"' in text
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in site.get("/robots.txt").text
    assert 'href="/-/goi/vi/tra-tien"' in site.get("/vi/tra-tien").text


def test_the_command_makes_packs_and_copies_them(house: Services, tmp_path: Path) -> None:
    out, data = tmp_path / "out", str(house.settings.data_dir)
    asked = ["pack", "lesson", str(out), "--data", data, "--kind", "the-a5", "--kind", "mp3"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == [
        "tra-tien.hmn.mp3",
        "tra-tien.hmn.the-a5.pdf",
        "tra-tien.vi.mp3",
        "tra-tien.vi.the-a5.pdf",
    ]
    again = open_services(house.settings)
    assert rows(again)["vi", PackKind.CARDS].digest in {
        hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()
    }
    again.database.close()


STICK = "/-/goi/usb.zip?tieng=vi"


def test_a_stick_is_made_as_a_job_and_fetched_in_parts(house: Services, site: httpx.Client) -> None:
    assert site.head(STICK).status_code == 409  # only a person who fetches it starts work
    waiting = site.get(STICK)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "3")
    assert "Đang làm: 0 %." in waiting.text
    assert "Đang làm gói “Tiếng Việt”" in waiting.text
    house.worker.run_until_idle()
    whole = site.get(STICK)
    with zipfile.ZipFile(io.BytesIO(whole.content)) as files:
        assert {"index.html", "SHA256SUMS", "vi/tra-tien/chieu.html"} <= set(files.namelist())
        assert not [name for name in files.namelist() if name.startswith("hmn/")]
    page = site.get("/-/goi").text
    assert hashlib.sha256(whole.content).hexdigest() in page
    assert "phút với mạng yếu" in page
    etag = {"If-Range": whole.headers["etag"]}
    rest = site.get(STICK, headers={"Range": "bytes=1000-", **etag})
    assert rest.status_code == 206
    assert whole.content[:1000] + rest.content == whole.content
    again = site.get("/-/goi/usb.zip?tieng=vi&tieng=vi")
    assert again.headers["etag"] == whole.headers["etag"]
    assert site.get("/-/goi/usb.zip?tieng=xx").status_code == 404
    assert site.get("/-/goi/usb.zip?tieng=" + "x" * 900).status_code == 422


def test_a_stick_of_lessons_that_changed_meanwhile_is_not_offered(
    house: Services, site: httpx.Client
) -> None:
    site.get(STICK)
    house.worker.run_until_idle()
    old = site.get(STICK).headers["etag"]
    house.pipeline.withdraw("tra-tien", "hmn")
    assert site.get(STICK).headers["etag"] == old  # until the new one is there
    assert "còn theo bản cũ" in site.get("/-/goi").text or "Đang làm" in site.get("/-/goi").text
    with house.database.read() as session:
        row = session.exec(select(StickRow)).one()
        stale = StickRow.model_validate(row.model_dump() | {"digest": "0" * 64})
    with pytest.raises(PackRefused), house.database.write() as session:
        house.pipeline.usb_packs.keep(session, stale)
    house.worker.run_until_idle()
    house.pipeline.withdraw("tra-tien", None)
    assert site.get(STICK).status_code == 404


@pytest.mark.parametrize("path", [HTML, STICK])
def test_what_is_made_while_it_is_asked_for_is_sent(
    house: Services, site: httpx.Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A quick job may end between two looks at it: then there is a file, and no waiting."""
    where, name = (packs, "offer_of") if path == HTML else (Sticks, "offer")
    look, looks = getattr(where, name), []

    def looked(*asked: object) -> object:
        looks.append(asked)
        if len(looks) > 1:
            house.worker.run_until_idle()
        return look(*asked)

    monkeypatch.setattr(where, name, looked)
    assert site.get(path).status_code == 200
