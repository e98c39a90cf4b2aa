"""Bytes go in under their digest, once, and come out the same: from a folder and from a bucket."""

import errno
import hashlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from content_server.errors import DigestNotFound, InvalidSetting, StoreUnavailable
from content_server.media.store import TEMPORARY, Store
from tests.support.s3 import run_s3

DATA = bytes(range(256)) * 1000  # 256,000 bytes: four chunks
MISSING = "0" * 64


@pytest.fixture(scope="module")
def bucket_options() -> Iterator[dict[str, str]]:
    with run_s3("lessons") as options:
        yield options


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return Store.open((tmp_path / "kho dữ liệu").as_uri())
    options = request.getfixturevalue("bucket_options")
    return Store.open(f"s3://lessons/{request.node.name[:40].strip('[]')}", options)


def test_bytes_come_back_under_their_sha256(store: Store) -> None:
    digest = store.put_bytes(DATA)
    assert digest == hashlib.sha256(DATA).hexdigest()
    assert store.has(digest)
    assert store.size_bytes(digest) == len(DATA)
    assert store.read_bytes(digest) == DATA
    assert store.verify(digest)
    assert list(store.digests()) == [digest]


def test_a_file_put_twice_is_kept_once(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(DATA)
    assert store.put_file(source) == store.put_file(source) == store.put_bytes(DATA)
    assert len(list(store.digests())) == 1
    copy = tmp_path / "copy"
    store.fetch_to(store.put_file(source), copy)
    assert copy.read_bytes() == DATA
    assert source.exists()


@pytest.mark.parametrize(
    ("start", "end"), [(0, 10), (5, 5), (100, 70_000), (255_990, 999_999), (300_000, 300_001)]
)
def test_a_range_is_half_open_and_comes_in_chunks(store: Store, start: int, end: int) -> None:
    chunks = list(store.read_range(store.put_bytes(DATA), start, end))
    assert b"".join(chunks) == DATA[start:end]
    assert all(0 < len(chunk) <= 64 * 1024 for chunk in chunks)


@pytest.mark.parametrize("digest", [MISSING, "", "..", "../../etc/passwd", "A" * 64, "a\0b"])
def test_what_is_not_there_is_a_named_error(store: Store, tmp_path: Path, digest: str) -> None:
    assert not store.has(digest)
    for call in (
        lambda: store.size_bytes(digest),
        lambda: store.read_bytes(digest),
        lambda: store.read_range(digest, 0, 1),
        lambda: store.verify(digest),
        lambda: store.fetch_to(digest, tmp_path / "copy"),
    ):
        with pytest.raises(DigestNotFound):
            call()


def test_an_empty_file_is_bytes_like_any_other(store: Store) -> None:
    digest = store.put_bytes(b"")
    assert store.read_bytes(digest) == b""
    assert list(store.read_range(digest, 0, 10)) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_damage_is_noticed_and_healed_by_putting_again(folder: Path) -> None:
    store = Store.open(folder.as_uri())
    digest = store.put_bytes(DATA)
    [kept] = files_in(folder)
    kept.write_bytes(DATA[:-1])
    assert not store.verify(digest)
    store.put_bytes(DATA)
    assert store.verify(digest)


def test_a_web_server_beside_us_may_read_what_is_kept(folder: Path) -> None:
    Store.open(folder.as_uri()).put_bytes(DATA)
    [kept] = files_in(folder)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o644


def test_file_then_name_then_folder_are_made_durable_in_that_order(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(folder.as_uri())
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def watched_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        done.append("fsync folder" if is_folder else "fsync file")
        fsync(descriptor)

    def watched_replace(source: Path, target: Path) -> Path:
        done.append("rename")
        return replace(source, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_replace)
    store.put_bytes(DATA)
    # the digest's folder is new: the store's own folder is made durable too
    assert done == ["fsync file", "rename", "fsync folder", "fsync folder"]
    done.clear()
    store.put_bytes(DATA)
    assert done == ["fsync folder"]


def test_a_crash_before_the_rename_leaves_nothing_to_see(folder: Path) -> None:
    code = (
        "import os, pathlib, sys\n"
        "from content_server.media.store import Store\n"
        "pathlib.Path.replace = lambda *_: os._exit(9)\n"  # the power goes here
        "Store.open(sys.argv[1]).put_bytes(b'half' * 100_000)\n"
    )
    crashed = subprocess.run([sys.executable, "-c", code, folder.as_uri()], check=False)  # noqa: S603  # ours
    assert crashed.returncode == 9
    store = Store.open(folder.as_uri())
    digest = hashlib.sha256(b"half" * 100_000).hexdigest()
    assert not store.has(digest)
    assert list(store.digests()) == []
    [left] = files_in(folder)
    assert left.parent.name == TEMPORARY

    assert store.sweep_temporary() == 0  # young: somebody may be writing it
    an_hour_ago = time.time() - 3601
    os.utime(left, (an_hour_ago, an_hour_ago))
    assert store.sweep_temporary() == 1
    assert files_in(folder) == []
    assert store.put_bytes(b"half" * 100_000) == digest


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "đã đầy"), (errno.EROFS, "chỉ đọc"), (errno.EIO, "thử lại")],
)
def test_a_disk_that_refuses_is_said_plainly_and_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    store = Store.open(folder.as_uri())

    def refuse(_descriptor: int) -> NoReturn:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse)
        with pytest.raises(StoreUnavailable, match=words):
            store.put_bytes(DATA)
    assert files_in(folder) == []
    assert store.verify(store.put_bytes(DATA))


def test_a_folder_that_cannot_be_made_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable):
        Store.open((tmp_path / "file" / "store").as_uri())


def test_a_bucket_out_of_reach_is_a_named_error(bucket_options: dict[str, str]) -> None:
    away = Store.open("s3://lessons", bucket_options | {"endpoint": "http://127.0.0.1:9"})
    with pytest.raises(StoreUnavailable):
        away.put_bytes(DATA)
    with pytest.raises(StoreUnavailable):
        away.has(MISSING)


@pytest.mark.parametrize(
    ("url", "options"), [("ftp://somewhere", {}), ("s3://bucket", {"no_such_option": "1"})]
)
def test_an_address_that_cannot_work_is_refused_at_once(url: str, options: dict[str, str]) -> None:
    with pytest.raises(InvalidSetting):
        Store.open(url, options)
