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
from playwright.sync_api import Browser, expect
from sqlmodel import select
from typer.testing import CliRunner

from content_server.__main__ import app
from content_server.app import create_app
from content_server.errors import LessonNotFound, PackUnavailable
from content_server.jobs.tables import Job
from content_server.services import Services, open_services
from content_server.site.downloads.pack_builder import request_pack, save_pack
from content_server.site.downloads.usb_packs import UsbPacks
from content_server.site.packs.pack_kinds import PackKind
from content_server.site.packs.tables import PackRow, UsbPackRow, make_pack_row
from content_server.web.downloads import packs
from tests.site.packs.samples import (
    VOICED,
    make_pack,
    open_copied_services,
    open_pack_services,
    read_pack_lesson,
)
from tests.support.lesson_files import LESSON, write_lessons
from tests.support.servers import run_uvicorn

HTML = "/-/goi/html/vi/tra-tien"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    open_pack_services(folder).database.close()
    return folder


@pytest.fixture
def services(prepared: Path, tmp_path: Path) -> Iterator[Services]:
    """A copy of services that were published once."""
    services = open_copied_services(prepared, tmp_path / "copy")
    yield services
    services.database.close()


@pytest.fixture
def site(services: Services) -> Iterator[httpx.Client]:
    with (
        run_uvicorn(create_app(services)) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        yield client


def rows(services: Services) -> dict[tuple[str, PackKind], PackRow]:
    with services.database.read() as session:
        return {(row.folder, row.kind): row for row in session.exec(select(PackRow))}


def request_one_pack(services: Services, kind: PackKind, folder: str = "vi") -> None:
    with services.database.write() as session:
        request_pack(session, "tra-tien", folder, kind)


def last_error(services: Services) -> str:
    with services.database.read() as session:
        failed = [job for job in session.exec(select(Job)) if job.error_phrase]
        return str(failed[-1].error_phrase) if failed else ""


def test_what_is_not_made_yet_is_made_and_the_page_says_so(
    services: Services, site: httpx.Client
) -> None:
    assert site.head(HTML).status_code == 409  # only a person who fetches it starts work
    assert ("vi", PackKind.ONE_FILE) not in rows(services)
    waiting = site.get(HTML)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "3")
    assert "Đang làm gói “Một tệp”" in waiting.text
    assert 'http-equiv="refresh"' not in waiting.text  # nobody who reads is thrown back
    assert "Xem đã xong chưa" in waiting.text
    services.worker.run_until_idle()
    made = site.get(HTML)
    assert made.status_code == 200
    page = site.get("/-/goi/vi/tra-tien").text
    assert hashlib.sha256(made.content).hexdigest() in page
    assert "kB · HTML" in page
    assert "Set-Cookie" not in made.headers


@pytest.mark.browser
@pytest.mark.parametrize("path", [HTML, "/-/goi/usb.zip?tieng=vi"])
def test_who_waits_is_told_in_place_and_the_file_comes_by_itself(
    services: Services, site: httpx.Client, chromium: Browser, path: str
) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 640})
    page.goto(f"{site.base_url}{path}")
    page.evaluate("document.querySelector('main').dataset.same = 'page'")
    page.locator("li summary, li a").last.focus()
    expect(page.locator("#waits")).to_contain_text("tự tải xuống")
    with page.expect_download() as coming:
        services.worker.run_until_idle()
    expect(page.locator("#waits")).to_have_count(0)
    assert hashlib.sha256(coming.value.path().read_bytes()).hexdigest() in page.content()
    assert page.locator("[data-same]").count() == 1  # it was never turned over
    page.close()


def test_a_download_that_broke_off_goes_on_and_is_checked(
    services: Services, site: httpx.Client
) -> None:
    request_one_pack(services, PackKind.ONE_FILE)
    services.worker.run_until_idle()
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
    services: Services, site: httpx.Client
) -> None:
    request_one_pack(services, PackKind.ONE_FILE)
    services.worker.run_until_idle()
    old = rows(services)["vi", PackKind.ONE_FILE]
    write_lessons(
        services.settings.lessons_dir, vi__tra_tien=VOICED.replace("Cúp máy.", "Tắt máy.")
    )
    services.pipeline.ingest()
    services.worker.run_until_idle()
    new = rows(services)["vi", PackKind.ONE_FILE]
    assert (old.revisions["vi"], new.revisions["vi"]) == (1, 2)
    assert "Tắt máy." in site.get(HTML).text


def test_a_pack_of_a_lesson_withdrawn_meanwhile_is_dropped(
    services: Services, tmp_path: Path
) -> None:
    pack_lesson = read_pack_lesson(services)
    made = make_pack(PackKind.STEP_CARDS, pack_lesson, tmp_path / "cards")
    row = make_pack_row(PackKind.STEP_CARDS, pack_lesson, services.store.put_file(made.path), made)
    services.pipeline.publisher.withdraw("tra-tien")
    with (
        pytest.raises(PackUnavailable, match="vừa được cất đi"),
        services.database.write() as session,
    ):
        save_pack(session, row)
    assert ("vi", PackKind.STEP_CARDS) not in rows(services)
    request_one_pack(services, PackKind.STEP_CARDS)
    assert services.worker.run_until_idle().failed == 1
    with pytest.raises(LessonNotFound):
        read_pack_lesson(services)


def test_a_lesson_without_a_voice_says_so_and_is_not_tried_for_ever(
    services: Services, site: httpx.Client
) -> None:
    write_lessons(services.settings.lessons_dir, vi__im_lang=LESSON)
    services.pipeline.ingest()
    services.worker.run_until_idle()
    path = "/-/goi/mp3/vi/im-lang"
    assert site.get(path).status_code == 202
    assert services.worker.run_until_idle().failed == 1
    refused = site.get(path)
    assert refused.status_code == 409
    assert "chưa có lời đọc nào" in refused.text
    assert "?lai=1" in refused.text
    assert services.worker.run_until_idle().done == 0
    assert site.get(f"{path}?lai=1").status_code == 202


def test_three_hundred_steps_are_refused_in_words(services: Services) -> None:
    pack_lesson = read_pack_lesson(services)
    telling = replace(pack_lesson.lesson, steps=pack_lesson.lesson.steps * 75)
    packer = services.pipeline.pack_builder
    with pytest.raises(PackUnavailable, match="300 bước"):
        packer.check_step_count(telling)
    step = "  - {id: them-%d, show: Bấm Thanh toán., photo: {file: x.jpg, alt: x}}\n"
    long = VOICED + "".join(step % number for number in range(296))
    write_lessons(services.settings.lessons_dir, vi__tra_tien=long)
    said = [
        problem.translate("vi")
        for problem in services.pipeline.ingest().rejected["tra-tien"].problems
    ]
    assert any("tối đa 12" in words for words in said)
    assert len(read_pack_lesson(services).lesson.steps) == len(
        pack_lesson.lesson.steps
    )  # the old one stays


def test_a_full_disk_says_so_and_the_old_pack_stays(prepared: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a disk of 2 MB")
    disk = tmp_path / "disk"
    disk.mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(argv, check=False, capture_output=True).returncode:  # noqa: S603  # ours
        pytest.skip("this machine lets nobody mount")
    services = open_copied_services(prepared, tmp_path / "copy")
    try:
        request_one_pack(services, PackKind.STEP_CARDS)
        services.worker.run_until_idle()
        before = rows(services)
        (services.settings.data_dir / "work").rmdir()
        (services.settings.data_dir / "work").symlink_to(disk)
        (disk / "filler").write_bytes(bytes(1_900_000))
        request_one_pack(services, PackKind.STILLS)
        assert services.worker.run_until_idle().failed == 1
        assert "Ổ đĩa đã đầy" in last_error(services)
        assert rows(services) == before
        assert [path.name for path in disk.iterdir()] == ["filler"]  # nothing half-built is left
    finally:
        services.database.close()
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


def test_the_command_makes_packs_and_copies_them(services: Services, tmp_path: Path) -> None:
    out, data = tmp_path / "out", str(services.settings.data_dir)
    asked = ["pack", "lesson", str(out), "--data", data, "--kind", "the-a5", "--kind", "mp3"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in out.iterdir()) == [
        "tra-tien.hmn.mp3",
        "tra-tien.hmn.the-a5.pdf",
        "tra-tien.vi.mp3",
        "tra-tien.vi.the-a5.pdf",
    ]
    again = open_services(services.settings)
    assert rows(again)["vi", PackKind.STEP_CARDS].digest in {
        hashlib.sha256(path.read_bytes()).hexdigest() for path in out.iterdir()
    }
    again.database.close()


USB_PACK = "/-/goi/usb.zip?tieng=vi"


def test_a_stick_is_made_as_a_job_and_fetched_in_parts(
    services: Services, site: httpx.Client
) -> None:
    assert site.head(USB_PACK).status_code == 409  # only a person who fetches it starts work
    waiting = site.get(USB_PACK)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (202, "3")
    assert "Đang làm: 0 %." in waiting.text
    assert "Đang làm gói “Tiếng Việt”" in waiting.text
    services.worker.run_until_idle()
    whole = site.get(USB_PACK)
    with zipfile.ZipFile(io.BytesIO(whole.content)) as files:
        assert {"index.html", "SHA256SUMS", "vi/tra-tien/chieu.html"} <= set(files.namelist())
        assert not [name for name in files.namelist() if name.startswith("hmn/")]
    page = site.get("/-/goi").text
    assert hashlib.sha256(whole.content).hexdigest() in page
    assert "phút với mạng yếu" in page
    etag = {"If-Range": whole.headers["etag"]}
    rest = site.get(USB_PACK, headers={"Range": "bytes=1000-", **etag})
    assert rest.status_code == 206
    assert whole.content[:1000] + rest.content == whole.content
    again = site.get("/-/goi/usb.zip?tieng=vi&tieng=vi")
    assert again.headers["etag"] == whole.headers["etag"]
    assert site.get("/-/goi/usb.zip?tieng=xx").status_code == 404
    assert site.get("/-/goi/usb.zip?tieng=" + "x" * 900).status_code == 422


def test_a_stick_of_lessons_that_changed_meanwhile_is_not_offered(
    services: Services, site: httpx.Client
) -> None:
    site.get(USB_PACK)
    services.worker.run_until_idle()
    old = site.get(USB_PACK).headers["etag"]
    services.pipeline.publisher.withdraw("tra-tien", "hmn")
    assert site.get(USB_PACK).headers["etag"] == old  # until the new one is there
    assert "còn theo bản cũ" in site.get("/-/goi").text or "Đang làm" in site.get("/-/goi").text
    with services.database.read() as session:
        row = session.exec(select(UsbPackRow)).one()
        stale = UsbPackRow.model_validate(row.model_dump() | {"digest": "0" * 64})
    with pytest.raises(PackUnavailable), services.database.write() as session:
        services.pipeline.usb_packs.save(session, stale)
    services.worker.run_until_idle()
    services.pipeline.publisher.withdraw("tra-tien", None)
    assert site.get(USB_PACK).status_code == 404


@pytest.mark.parametrize("path", [HTML, USB_PACK])
def test_what_is_made_while_it_is_asked_for_is_sent(
    services: Services, site: httpx.Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A quick job may end between two looks at it: then there is a file, and no waiting."""
    where, name = (packs, "load_pack_status") if path == HTML else (UsbPacks, "load_status")
    look, looks = getattr(where, name), []

    def looked(*asked: object) -> object:
        looks.append(asked)
        if len(looks) > 1:
            services.worker.run_until_idle()
        return look(*asked)

    monkeypatch.setattr(where, name, looked)
    assert site.get(path).status_code == 200
