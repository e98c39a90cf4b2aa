"""The village box: whatever happens to an update, one whole pack is shown."""

import os
import random
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from course_samples import School, school_in
from published_samples import running_uvicorn
from starlette.types import Message, Receive, Scope, Send

from content_server.app import create_app
from content_server.box.installed_pack import Installed
from content_server.box.pack_install import bring_file, bring_from_server
from content_server.box.pack_server import COURSE, WINDOW_BYTES
from content_server.box.updates import News, Updates
from content_server.errors import (
    CourseNotTrusted,
    CourseRefused,
    CourseTooOld,
    ServerOutOfReach,
    SettingRefused,
    StoreUnavailable,
)
from content_server.services import Services
from content_server.site.course.container import Pack
from content_server.site.course.keys import make_key, renew_key
from content_server.site.course.verification import verify

NOISE = random.Random(7).randbytes(700_000)  # noqa: S311  # bytes to carry, no secret


class Line:
    """A server behind a bad line: counts the bytes of packs, and breaks after so many."""

    def __init__(self, house: Services) -> None:
        self.app = create_app(house)
        self.sent_bytes = 0
        self.left_bytes = 10**12

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            body = message.get("body", b"")
            if scope["path"] == COURSE and len(body) > self.left_bytes:
                raise ConnectionResetError
            self.left_bytes -= len(body)
            self.sent_bytes += len(body)
            await send(message)

        await self.app(scope, receive, counted)


@pytest.fixture
def school(house: Services) -> School:
    return School.open(house)


@pytest.fixture
def box(tmp_path: Path) -> Installed:
    folder = tmp_path / "box"
    folder.mkdir()
    return Installed(folder)


@pytest.fixture
def line(school: School) -> Line:
    return Line(school.house)


@pytest.fixture
def server(line: Line) -> Iterator[str]:
    with running_uvicorn(line) as address:
        yield address


def shown(box: Installed) -> dict[str, bytes]:
    """Return what a box started anew would show: every address, its bytes all right."""
    again = Installed(box._folder)  # noqa: SLF001  # as after a power cut
    assert again.pack
    assert not again.forget_damaged()
    entries = again.pack.manifest.entries()
    return {entry.path: again.store.read_bytes(entry.identity.digest) for entry in entries}


def first(box: Installed, school: School, folder: Path) -> Pack:
    """Give the box its first pack, its key typed by a person."""
    bring_file(box, school.write(folder, "first.tar"), lambda _pack: school.key.public)
    assert box.pack
    return box.pack


def test_a_first_pack_needs_a_key_a_person_vouches_for(
    school: School, box: Installed, tmp_path: Path
) -> None:
    file = school.write(tmp_path)
    with pytest.raises(CourseNotTrusted, match=school.key.public):
        bring_file(box, file)
    stranger = make_key(tmp_path / "stranger").public
    with pytest.raises(CourseNotTrusted, match="khóa khác"):
        bring_file(box, file, lambda _pack: stranger)
    assert box.pack is None
    assert bring_file(box, file, lambda _pack: school.key.public)
    assert bring_file(box, file) is None  # nothing new in it
    assert set(shown(box)) == {entry.path for entry in verify(file).manifest.entries()}


def test_a_newer_pack_takes_the_place_and_an_older_never(
    school: School, box: Installed, tmp_path: Path
) -> None:
    old = first(box, school, tmp_path)
    school.publish("moi", "Bài mới")
    new = bring_file(box, school.write(tmp_path, "new.tar"))
    assert new
    assert "/vi/moi" in shown(box)
    with pytest.raises(CourseTooOld, match=f"số {old.manifest.sequence} "):
        bring_file(box, tmp_path / "first.tar")
    assert "/vi/moi" in shown(box)


def test_an_update_cut_at_any_byte_leaves_the_pack_in_use(
    school: School, box: Installed, tmp_path: Path
) -> None:
    first(box, school, tmp_path)
    before = shown(box)
    school.publish("moi", voice=NOISE[:50_000])
    whole = school.write(tmp_path, "new.tar").read_bytes()
    chance, cut = random.Random(11), tmp_path / "cut.tar"  # noqa: S311  # a dice
    for length in [0, 511, 513, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(25))]:
        cut.write_bytes(whole[:length])
        with pytest.raises(CourseRefused):
            bring_file(box, cut)
        assert shown(box) == before
    cut.write_bytes(whole + whole[512:1536])
    with pytest.raises(CourseRefused, match="tệp lạ"):
        bring_file(box, cut)
    assert shown(box) == before
    assert not list((tmp_path / "box" / "arriving").glob("*"))
    assert bring_file(box, tmp_path / "new.tar")


def test_a_full_disk_leaves_the_pack_in_use(
    school: School, box: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first(box, school, tmp_path)
    before = shown(box)
    school.publish("to", voice=NOISE)
    new = school.write(tmp_path, "new.tar")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))  # a disk that ends there
    try:
        with pytest.raises(StoreUnavailable):
            bring_file(box, new)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert shown(box) == before
    full = os.statvfs_result([4096, 4096, 10**6, 100, 100, 1, 1, 1, 0, 255])
    monkeypatch.setattr(os, "statvfs", lambda _path: full)
    with pytest.raises(StoreUnavailable, match="chỉ còn 0 MB, gói mới cần 2"):
        bring_file(box, new)
    monkeypatch.undo()
    assert shown(box) == before
    assert bring_file(box, new)


def test_the_next_key_is_followed_and_a_strangers_is_not(
    school: School, box: Installed, tmp_path: Path
) -> None:
    first(box, school, tmp_path)
    school.publish("moi")
    renew_key(school.house.settings.data_dir)
    assert bring_file(box, school.write(tmp_path, "renewed.tar"))
    with school_in(tmp_path / "other") as other:
        for number in range(40):
            other.publish(f"bai-{number}")
        theirs = other.write(tmp_path, "theirs.tar")
        before = shown(box)
        with pytest.raises(CourseNotTrusted):
            bring_file(box, theirs)
        assert shown(box) == before
        # A person who types the other maker's key may change to it, whatever its number.
        assert bring_file(box, theirs, lambda _pack: other.key.public)


def test_rotten_files_are_found_and_come_back_with_the_same_pack(
    school: School, box: Installed, tmp_path: Path
) -> None:
    pack = first(box, school, tmp_path)
    digest, path = next(iter(pack.manifest.used_at.items()))
    (stored,) = (tmp_path / "box" / "store").rglob(digest)
    rotten = bytearray(stored.read_bytes())
    rotten[3] ^= 4
    stored.write_bytes(rotten)
    assert box.forget_damaged() == [path]
    assert bring_file(box, tmp_path / "first.tar")
    assert not box.forget_damaged()


def test_from_a_server_only_what_is_missing_is_taken(
    school: School, box: Installed, line: Line, server: str
) -> None:
    school.publish("to", voice=NOISE)
    assert bring_from_server(box, server, lambda _pack: school.key.public)
    assert line.sent_bytes >= len(NOISE)
    line.sent_bytes = 0
    assert bring_from_server(box, server) is None
    assert line.sent_bytes == 0  # "not modified" has no body
    school.publish("nho", "Một trang")
    new = bring_from_server(box, server)
    assert new
    assert line.sent_bytes < len(new.head) + 8_000
    assert "/vi/nho" in shown(box)


def test_a_line_cut_at_any_byte_goes_on_where_it_was(
    school: School, box: Installed, line: Line, server: str, tmp_path: Path
) -> None:
    first(box, school, tmp_path)
    before = shown(box)
    school.publish("to", voice=NOISE)
    whole = school.course.pack().size_bytes
    cuts, chance, brought = 0, random.Random(3), None  # noqa: S311  # a dice
    head = len(school.course.pack().head)
    while brought is None:
        line.left_bytes = chance.randrange(head + WINDOW_BYTES)
        try:
            brought = bring_from_server(Installed(tmp_path / "box"), server)
        except ServerOutOfReach:
            cuts += 1
            assert shown(box) == before
        assert cuts < 100
    assert cuts >= 3
    assert "/vi/to" in shown(box)
    assert line.sent_bytes < whole + (cuts + 1) * (head + WINDOW_BYTES)


def test_a_server_that_is_no_server_says_so(box: Installed, server: str) -> None:
    with pytest.raises(SettingRefused, match="https://"):
        bring_from_server(box, "ftp://example.vn")
    with pytest.raises(ServerOutOfReach):
        bring_from_server(box, "http://127.0.0.1:9")
    with pytest.raises(ServerOutOfReach, match="404"):
        bring_from_server(box, f"{server}/none.tar")


def test_without_a_key_a_server_offers_nothing(house: Services) -> None:
    house.pipeline.ingest()
    house.worker.run_until_idle()
    with running_uvicorn(create_app(house)) as address:
        assert httpx.get(address + COURSE).status_code == 404
        assert "content-server pack key" in httpx.get(f"{address}/-/goi").text  # what to do


def test_a_stick_that_is_put_in_is_taken(school: School, box: Installed, tmp_path: Path) -> None:
    first(box, school, tmp_path)
    told: list[News] = []
    stick = tmp_path / "stick"
    stick.mkdir()
    updates = Updates(box, [stick, tmp_path / "not-there"], tell=told.append)
    school.publish("moi")
    new = school.write(tmp_path, "new.tar")
    (stick / "anh.tar").write_bytes(b"no pack")
    put(new.read_bytes()[:-3000], stick / "dut.tar")
    updates.look()
    assert [news.fine for news in told] == [False]
    assert "đứt giữa chừng" in str(told[0].words)
    put(new.read_bytes(), stick / "bai" / "khoa-hoc.tar")
    updates.look()
    updates.look()
    assert [news.fine for news in told] == [False, True]
    assert "/vi/moi" in shown(box)
    shutil.rmtree(stick)
    updates.look()


def put(data: bytes, path: Path) -> None:
    """Copy to a stick, finished a minute ago."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    moment = path.stat().st_mtime - 60
    os.utime(path, (moment, moment))
