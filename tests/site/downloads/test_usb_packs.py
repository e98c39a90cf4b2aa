"""The USB folder: opened by a double click, without internet, the same bytes every time."""

import errno
import re
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Page, expect

from content_server.cli.packs.usb import write_usb_folder
from content_server.errors import LessonNotFound, StoreUnavailable, UnusableFolder
from content_server.services import Services
from content_server.site.downloads.usb_folder import UsbFolder, collect_usb_folder
from content_server.site.site_builder import SiteBuilder

SLUGS, FOLDERS = ("tra-tien-dien", "lua-dao-otp"), ("vi", "hmn")


def collect_folder(
    services: Services, *slugs: str, folders: tuple[str, ...] = FOLDERS
) -> UsbFolder:
    site_builder = SiteBuilder(services.settings, services.database, services.store, services.tree)
    with services.database.read() as session:
        return collect_usb_folder(site_builder, session, slugs, folders)


def ignore_progress(_share: float) -> None:
    return


@pytest.fixture(scope="module")
def usb_folder(starter_services: Services, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("usb") / "Bài học"
    write_usb_folder(
        collect_folder(starter_services, *SLUGS), starter_services.store, out, ignore_progress
    )
    return out


@pytest.fixture
def offline(chromium: Browser, usb_folder: Path) -> Iterator[Page]:
    """A laptop with no network at all, and the first page opened by a double click."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: errors.append(f"{request.url} {request.failure}"))
    page.goto((usb_folder / "index.html").as_uri())
    yield page
    context.close()
    assert not [error for error in errors if "ERR_ABORTED" not in error]


@pytest.mark.browser
def test_a_lesson_is_shown_from_a_stick_without_internet(offline: Page) -> None:
    expect(offline.get_by_role("link", name="Lul Hmôngz")).to_be_visible()
    offline.get_by_role("link", name="Trình chiếu: Trả tiền điện trên điện thoại").click()
    expect(offline.locator(".slide.now.cover")).to_be_visible()
    expect(offline.locator("[data-do=remote]")).to_have_count(0)  # no server, no phone
    offline.keyboard.press("PageDown")
    offline.keyboard.press("PageDown")
    expect(offline.locator('[id="1"] .say.on')).to_have_count(1)
    offline.evaluate("deck.show(deck.at('11'))")
    offline.keyboard.press("r")
    expect(offline.locator(".slide.now.playing")).to_be_visible()
    offline.keyboard.press("q")
    expect(offline.locator("#code .off")).to_be_hidden()  # its code leads to the internet
    expect(offline.locator("#code .lost")).to_be_visible()  # and this server was told no address
    offline.keyboard.press("q")
    offline.keyboard.press("h")
    offline.keyboard.press("2")
    expect(offline.locator(".slide.now.ask .tally").nth(1)).to_have_text("1")


@pytest.mark.browser
def test_an_evening_is_shown_from_a_stick(offline: Page, usb_folder: Path) -> None:
    offline.goto((usb_folder / "vi" / "buoi.html").as_uri() + "#h.1.h.15")
    expect(offline.locator("#link")).to_have_text(re.compile(r"^http://127\.0\.0\.1:8000/vi/buoi#"))
    offline.get_by_role("button", name="Trình chiếu cả buổi").click()
    inner = offline.locator("#stage iframe").content_frame
    expect(inner.locator(".slide.now.ask")).to_be_visible()
    expect(offline.locator("#stage iframe")).to_be_focused()  # keys reach it from then on
    for _ in range(3):
        offline.keyboard.press("PageDown")
    expect(inner.locator(".slide.now.cover")).to_be_visible()


@pytest.mark.browser
def test_the_villagers_own_page_speaks_from_a_stick(offline: Page, usb_folder: Path) -> None:
    offline.goto((usb_folder / "hmn" / "tra-tien-dien.html").as_uri())
    button = offline.locator(".voice").first
    button.click()
    expect(button).to_have_class(re.compile(r"\bon\b"))
    offline.get_by_role("link", name="Bắt đầu").click()
    offline.wait_for_url("**#1")


def test_every_address_leads_to_a_file_of_the_stick_or_to_the_internet(usb_folder: Path) -> None:
    for page in usb_folder.rglob("*.html"):
        html = page.read_text("utf-8")
        for address in re.findall(r' (?:href|src|poster|data-o|data-m)="([^"]*)"', html):
            if re.match(r"https?:|data:|#|tel:", address):
                continue
            file = address.partition("#")[0]
            assert not file.startswith("/"), (page, address)
            assert (page.parent / file).is_file(), (page, address)


def test_sums_name_every_file(usb_folder: Path) -> None:
    lines = (usb_folder / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    paths = (path for path in usb_folder.rglob("*") if path.is_file())
    files = {path.relative_to(usb_folder).as_posix() for path in paths}
    assert set(sums) == files - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert sha256((usb_folder / name).read_bytes()).hexdigest() == digest


def test_twice_the_same_bytes(starter_services: Services, tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        made = collect_folder(starter_services, SLUGS[0])
        write_usb_folder(made, starter_services.store, tmp_path / name, ignore_progress)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with ZipFile(tmp_path / "one.zip") as zipped:
        assert zipped.testzip() is None
        assert "index.html" in zipped.namelist()


def test_a_stick_takes_the_place_of_the_older_one(
    starter_services: Services, tmp_path: Path
) -> None:
    out = tmp_path / "usb"
    write_usb_folder(
        collect_folder(starter_services, *SLUGS), starter_services.store, out, ignore_progress
    )
    write_usb_folder(
        collect_folder(starter_services, SLUGS[0]), starter_services.store, out, ignore_progress
    )
    assert not (out / "vi" / "lua-dao-otp.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["usb"]


def test_somebody_elses_folder_is_left_alone(starter_services: Services, tmp_path: Path) -> None:
    (tmp_path / "anh.jpg").write_bytes(b"x")
    with pytest.raises(UnusableFolder):
        write_usb_folder(
            collect_folder(starter_services, SLUGS[0]),
            starter_services.store,
            tmp_path,
            ignore_progress,
        )
    assert [path.name for path in tmp_path.iterdir()] == ["anh.jpg"]


def test_a_full_disk_leaves_the_old_stick_whole(starter_services: Services, tmp_path: Path) -> None:
    out = tmp_path / "usb"
    made = collect_folder(starter_services, SLUGS[0])
    write_usb_folder(made, starter_services.store, out, ignore_progress)
    before = sorted(path.name for path in out.rglob("*"))

    def full(share: float) -> None:
        if share > 0.5:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreUnavailable):
        write_usb_folder(made, starter_services.store, out, full)
    assert sorted(path.name for path in out.rglob("*")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["usb"]


@pytest.mark.parametrize(("slug", "folder"), [("khong-co", "vi"), ("tra-tien-dien", "xx")])
def test_what_is_not_published_is_said(starter_services: Services, slug: str, folder: str) -> None:
    with pytest.raises(LessonNotFound):
        collect_folder(starter_services, slug, folders=(folder,))


def test_sha256sum_agrees(usb_folder: Path) -> None:
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=usb_folder, check=True)  # noqa: S607  # the system's own
