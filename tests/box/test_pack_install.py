"""The village box: whatever happens to an update, one whole pack is shown."""

import os
import random
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from content_server import urls
from content_server.app import create_app
from content_server.box.installed_pack import InstalledPack
from content_server.box.pack_install import install_from_server, install_pack_file
from content_server.box.pack_server import WINDOW_BYTES
from content_server.box.updates import UpdateNotice, UpdateWatcher
from content_server.errors import (
    CoursePackNotTrusted,
    CoursePackTooOld,
    InvalidCoursePack,
    InvalidSetting,
    ServerUnreachable,
    StoreUnavailable,
)
from content_server.services import Services
from content_server.site.course.container import CoursePack
from content_server.site.course.keys import create_key, rotate_key
from content_server.site.course.verification import verify_pack
from tests.support.course import CoursePublisher, open_course_publisher
from tests.support.servers import run_uvicorn

NOISE = random.Random(7).randbytes(700_000)  # noqa: S311  # bytes to carry, no secret


class UnreliableServer:
    """A server that counts the bytes of course packs, and breaks the connection after so many."""

    def __init__(self, services: Services) -> None:
        self.app = create_app(services)
        self.sent_bytes = 0
        self.left_bytes = 10**12

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            body = message.get("body", b"")
            if scope["path"] == urls.COURSE_PACK and len(body) > self.left_bytes:
                raise ConnectionResetError
            self.left_bytes -= len(body)
            self.sent_bytes += len(body)
            await send(message)

        await self.app(scope, receive, counted)


@pytest.fixture
def publisher(services: Services) -> CoursePublisher:
    return CoursePublisher.open(services)


@pytest.fixture
def box(tmp_path: Path) -> InstalledPack:
    folder = tmp_path / "box"
    folder.mkdir()
    return InstalledPack(folder)


@pytest.fixture
def server_app(publisher: CoursePublisher) -> UnreliableServer:
    return UnreliableServer(publisher.services)


@pytest.fixture
def server(server_app: UnreliableServer) -> Iterator[str]:
    with run_uvicorn(server_app) as address:
        yield address


def read_installed_pages(box: InstalledPack) -> dict[str, bytes]:
    """Return every address and its bytes as a restarted box would serve them."""
    again = InstalledPack(box._folder)  # noqa: SLF001  # as after a power cut
    assert again.pack
    assert not again.remove_damaged_files()
    entries = again.pack.manifest.entries()
    return {entry.path: again.store.read_bytes(entry.identity.digest) for entry in entries}


def install_first_pack(box: InstalledPack, publisher: CoursePublisher, folder: Path) -> CoursePack:
    """Give the box its first pack, its key typed by a person."""
    install_pack_file(box, publisher.write(folder, "first.tar"), lambda _pack: publisher.key.public)
    assert box.pack
    return box.pack


def test_a_first_pack_needs_a_key_a_person_vouches_for(
    publisher: CoursePublisher, box: InstalledPack, tmp_path: Path
) -> None:
    file = publisher.write(tmp_path)
    with pytest.raises(CoursePackNotTrusted, match=publisher.key.public):
        install_pack_file(box, file)
    stranger = create_key(tmp_path / "stranger").public
    with pytest.raises(CoursePackNotTrusted, match="khóa khác"):
        install_pack_file(box, file, lambda _pack: stranger)
    assert box.pack is None
    assert install_pack_file(box, file, lambda _pack: publisher.key.public)
    assert install_pack_file(box, file) is None  # nothing new in it
    assert set(read_installed_pages(box)) == {
        entry.path for entry in verify_pack(file).manifest.entries()
    }


def test_a_newer_pack_takes_the_place_and_an_older_never(
    publisher: CoursePublisher, box: InstalledPack, tmp_path: Path
) -> None:
    old = install_first_pack(box, publisher, tmp_path)
    publisher.publish("moi", "Bài mới")
    new = install_pack_file(box, publisher.write(tmp_path, "new.tar"))
    assert new
    assert "/vi/moi" in read_installed_pages(box)
    with pytest.raises(CoursePackTooOld, match=f"số {old.manifest.sequence} "):
        install_pack_file(box, tmp_path / "first.tar")
    assert "/vi/moi" in read_installed_pages(box)


def test_an_update_cut_at_any_byte_leaves_the_pack_in_use(
    publisher: CoursePublisher, box: InstalledPack, tmp_path: Path
) -> None:
    install_first_pack(box, publisher, tmp_path)
    before = read_installed_pages(box)
    publisher.publish("moi", voice=NOISE[:50_000])
    whole = publisher.write(tmp_path, "new.tar").read_bytes()
    chance, cut = random.Random(11), tmp_path / "cut.tar"  # noqa: S311  # a dice
    for length in [0, 511, 513, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(25))]:
        cut.write_bytes(whole[:length])
        with pytest.raises(InvalidCoursePack):
            install_pack_file(box, cut)
        assert read_installed_pages(box) == before
    cut.write_bytes(whole + whole[512:1536])
    with pytest.raises(InvalidCoursePack, match="tệp lạ"):
        install_pack_file(box, cut)
    assert read_installed_pages(box) == before
    assert not list((tmp_path / "box" / "arriving").glob("*"))
    assert install_pack_file(box, tmp_path / "new.tar")


def test_a_full_disk_leaves_the_pack_in_use(
    publisher: CoursePublisher, box: InstalledPack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_first_pack(box, publisher, tmp_path)
    before = read_installed_pages(box)
    publisher.publish("to", voice=NOISE)
    new = publisher.write(tmp_path, "new.tar")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))  # a disk that ends there
    try:
        with pytest.raises(StoreUnavailable):
            install_pack_file(box, new)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert read_installed_pages(box) == before
    full = os.statvfs_result([4096, 4096, 10**6, 100, 100, 1, 1, 1, 0, 255])
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    with pytest.raises(StoreUnavailable, match="chỉ còn 0 MB, gói mới cần 2"):
        install_pack_file(box, new)
    monkeypatch.undo()
    assert read_installed_pages(box) == before
    assert install_pack_file(box, new)


def test_the_next_key_is_followed_and_a_strangers_is_not(
    publisher: CoursePublisher, box: InstalledPack, tmp_path: Path
) -> None:
    install_first_pack(box, publisher, tmp_path)
    publisher.publish("moi")
    rotate_key(publisher.services.settings.data_dir)
    assert install_pack_file(box, publisher.write(tmp_path, "renewed.tar"))
    with open_course_publisher(tmp_path / "other") as other:
        for number in range(40):
            other.publish(f"bai-{number}")
        theirs = other.write(tmp_path, "theirs.tar")
        before = read_installed_pages(box)
        with pytest.raises(CoursePackNotTrusted):
            install_pack_file(box, theirs)
        assert read_installed_pages(box) == before
        # A person who types the other maker's key may change to it, whatever its number.
        assert install_pack_file(box, theirs, lambda _pack: other.key.public)


def test_rotten_files_are_found_and_come_back_with_the_same_pack(
    publisher: CoursePublisher, box: InstalledPack, tmp_path: Path
) -> None:
    pack = install_first_pack(box, publisher, tmp_path)
    digest, path = next(iter(pack.manifest.path_by_digest.items()))
    (stored,) = (tmp_path / "box" / "store").rglob(digest)
    rotten = bytearray(stored.read_bytes())
    rotten[3] ^= 4
    stored.write_bytes(rotten)
    assert box.remove_damaged_files() == [path]
    assert install_pack_file(box, tmp_path / "first.tar")
    assert not box.remove_damaged_files()


def test_from_a_server_only_what_is_missing_is_taken(
    publisher: CoursePublisher, box: InstalledPack, server_app: UnreliableServer, server: str
) -> None:
    publisher.publish("to", voice=NOISE)
    assert install_from_server(box, server, lambda _pack: publisher.key.public)
    assert server_app.sent_bytes >= len(NOISE)
    server_app.sent_bytes = 0
    assert install_from_server(box, server) is None
    assert server_app.sent_bytes == 0  # "not modified" has no body
    publisher.publish("nho", "Một trang")
    new = install_from_server(box, server)
    assert new
    assert server_app.sent_bytes < len(new.head) + 8_000
    assert "/vi/nho" in read_installed_pages(box)


def test_a_line_cut_at_any_byte_goes_on_where_it_was(
    publisher: CoursePublisher,
    box: InstalledPack,
    server_app: UnreliableServer,
    server: str,
    tmp_path: Path,
) -> None:
    install_first_pack(box, publisher, tmp_path)
    before = read_installed_pages(box)
    publisher.publish("to", voice=NOISE)
    whole = publisher.course.build().size_bytes
    cuts, chance, brought = 0, random.Random(3), None  # noqa: S311  # a dice
    head = len(publisher.course.build().head)
    while brought is None:
        server_app.left_bytes = chance.randrange(head + WINDOW_BYTES)
        try:
            brought = install_from_server(InstalledPack(tmp_path / "box"), server)
        except ServerUnreachable:
            cuts += 1
            assert read_installed_pages(box) == before
        assert cuts < 100
    assert cuts >= 3
    assert "/vi/to" in read_installed_pages(box)
    assert server_app.sent_bytes < whole + (cuts + 1) * (head + WINDOW_BYTES)


def test_a_server_that_is_no_server_says_so(box: InstalledPack, server: str) -> None:
    with pytest.raises(InvalidSetting, match="https://"):
        install_from_server(box, "ftp://example.vn")
    with pytest.raises(ServerUnreachable):
        install_from_server(box, "http://127.0.0.1:9")
    with pytest.raises(ServerUnreachable, match="404"):
        install_from_server(box, f"{server}/none.tar")


def test_without_a_key_a_server_offers_nothing(services: Services) -> None:
    services.pipeline.ingest()
    services.worker.run_until_idle()
    with run_uvicorn(create_app(services)) as address:
        assert httpx.get(address + urls.COURSE_PACK).status_code == 404
        assert "content-server pack key" in httpx.get(f"{address}/-/goi").text  # what to do


def test_a_stick_that_is_put_in_is_taken(
    publisher: CoursePublisher, box: InstalledPack, tmp_path: Path
) -> None:
    install_first_pack(box, publisher, tmp_path)
    told: list[UpdateNotice] = []
    stick = tmp_path / "stick"
    stick.mkdir()
    updates = UpdateWatcher(box, [stick, tmp_path / "not-there"], on_notice=told.append)
    publisher.publish("moi")
    new = publisher.write(tmp_path, "new.tar")
    (stick / "anh.tar").write_bytes(b"no pack")
    copy_to_usb(new.read_bytes()[:-3000], stick / "dut.tar")
    updates.check_once()
    assert [news.succeeded for news in told] == [False]
    assert "đứt giữa chừng" in str(told[0].phrase)
    copy_to_usb(new.read_bytes(), stick / "bai" / "khoa-hoc.tar")
    updates.check_once()
    updates.check_once()
    assert [news.succeeded for news in told] == [False, True]
    assert "/vi/moi" in read_installed_pages(box)
    shutil.rmtree(stick)
    updates.check_once()


def copy_to_usb(data: bytes, path: Path) -> None:
    """Copy to a USB drive, finished a minute ago."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    moment = path.stat().st_mtime - 60
    os.utime(path, (moment, moment))
