"""The course pack: signed, the same twice, refused when one bit is not as it was made."""

import json
import random
import resource
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from content_server.__main__ import app
from content_server.errors import (
    CoursePackNotTrusted,
    CoursePackTooOld,
    CoursePackUnavailable,
    InvalidCoursePack,
    InvalidSigningKey,
    StoreUnavailable,
)
from content_server.services import Services
from content_server.site.course.container import END_OF_ARCHIVE
from content_server.site.course.keys import (
    create_key,
    load_signing_key,
    parse_public_key,
    rotate_key,
)
from content_server.site.course.verification import check_newer, check_trusted, verify_pack
from tests.support.course import CoursePublisher, open_course_publisher

FLIPS, CUTS = 150, 40  # scripts/shake_pack.py does 1,000 and 200


@pytest.fixture
def publisher(services: Services) -> CoursePublisher:
    return CoursePublisher.open(services)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CoursePublisher]:
    """A publisher in which nothing is published any more."""
    with open_course_publisher(tmp_path_factory.mktemp("quiet")) as publisher:
        publisher.publish("co-loi", voice=bytes(range(256)) * 700)
        yield publisher


@pytest.fixture
def pack_file(quiet: CoursePublisher, tmp_path: Path) -> Path:
    return quiet.write(tmp_path)


def test_a_pack_built_twice_is_the_same_file(quiet: CoursePublisher, tmp_path: Path) -> None:
    for languages in (None, ["vi"], ["hmn"]):
        once, again = (
            quiet.course.write(quiet.course.build(languages), tmp_path / f"{n}.tar").path
            for n in range(2)
        )
        assert once.read_bytes() == again.read_bytes()
        assert verify_pack(once).manifest.folders == (
            ("vi",) if languages == ["vi"] else ("vi", "hmn")
        )


def test_a_pack_holds_what_is_published_and_no_draft(quiet: CoursePublisher) -> None:
    manifest = quiet.course.build().manifest
    with quiet.services.database.read() as session:
        entries = {entry.path: entry for entry in quiet.services.tree.entries(session)}
    packed = {entry.path: entry for entry in manifest.entries()}
    pages = {path for path in entries if not path.startswith("/m/")}
    assert pages <= packed.keys() <= entries.keys()
    assert all(entry == entries[path] for path, entry in packed.items())
    assert (manifest.lessons, manifest.sequence) == (1, quiet.course.generation())


def test_languages_that_stay_at_home_are_named_nowhere(quiet: CoursePublisher) -> None:
    before = quiet.course.generation()
    pack = quiet.course.build(["vi"])
    bodies = [
        quiet.services.store.read_bytes(entry.identity.digest)
        for entry in pack.manifest.entries()
        if entry.content_type.startswith("text/html")
    ]
    assert bodies
    assert not any(b'"/hmn' in body for body in bodies)
    assert not any(entry.path.startswith("/hmn") for entry in pack.manifest.entries())
    assert len(pack.manifest.files) < len(quiet.course.build().manifest.files)
    assert quiet.course.generation() == before  # nothing was published by it
    with pytest.raises(CoursePackUnavailable, match="tày-xa"):
        quiet.course.build(["tày-xa"])


def test_media_no_page_names_any_more_stay_at_home(publisher: CoursePublisher) -> None:
    publisher.publish("bai", voice=b"old " * 100)
    old = publisher.course.build().manifest
    publisher.publish("bai", voice=b"new " * 100)
    new = publisher.course.build().manifest
    assert len(new.files) == len(old.files)
    assert len(old.files.keys() - new.files.keys()) > 1  # the old page and its voice


def test_every_flipped_bit_and_every_cut_is_refused(pack_file: Path, tmp_path: Path) -> None:
    data, chance = pack_file.read_bytes(), random.Random(4)  # noqa: S311  # a dice, no secret
    spoilt = tmp_path / "spoilt.tar"
    verify_pack(pack_file)
    places = [chance.randrange(len(data) * 8) for _each in range(FLIPS)]
    places += [at * 8 + 1 for at in (0, 100, 124, 150, 257, 345, 511, len(data) - 1)]  # header, end
    for place in places:
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        spoilt.write_bytes(flipped)
        with pytest.raises(InvalidCoursePack):
            verify_pack(spoilt)
    for length in [
        0,
        1,
        511,
        512,
        len(data) - 1,
        *(chance.randrange(len(data)) for _ in range(CUTS)),
    ]:
        spoilt.write_bytes(data[:length])
        with pytest.raises(InvalidCoursePack):
            verify_pack(spoilt)


def test_what_is_wrong_is_said_by_name(pack_file: Path, tmp_path: Path) -> None:
    pack, data = verify_pack(pack_file), pack_file.read_bytes()
    voice = next(d for d, path in pack.manifest.path_by_digest.items() if path.endswith(".opus"))
    at = data.index(bytes(range(256)) * 2)
    spoilt = tmp_path / "spoilt.tar"

    def said(data: bytes) -> str:
        spoilt.write_bytes(data)
        with pytest.raises(InvalidCoursePack) as refused:
            verify_pack(spoilt)
        return str(refused.value)

    assert pack.manifest.path_by_digest[voice] in said(data[:at] + b"!" + data[at + 1 :])
    assert "đứt giữa chừng" in said(data[: len(data) // 2])
    assert "tệp lạ" in said(data + data[:1024])
    start = data.index(f"files/{voice}".encode())
    size = pack.manifest.files[voice]
    without = data[:start] + data[start + 512 + size + -size % 512 :]
    assert pack.manifest.path_by_digest[voice] in said(without)  # a missing file
    extra = (
        data[: -len(END_OF_ARCHIVE)]
        + data[start : start + 512 + size + -size % 512]
        + END_OF_ARCHIVE
    )
    assert "phần cuối" in said(extra)
    assert "không phải gói" in said(b"PK\x03\x04" + data)
    with pytest.raises(InvalidCoursePack, match="Không đọc được"):
        verify_pack(tmp_path)
    with pytest.raises(InvalidCoursePack, match="Không đọc được"):
        verify_pack(tmp_path / "none.tar")


PAGE = {
    "path": "/vi/x",
    "status": 200,
    "content_type": "text/html",
    "cache": "page",
    "variants": [["identity", "0" * 64, 1]],
    "scripts": [],
    "styles": [],
}


@pytest.mark.parametrize(
    "changed",
    [
        {"path": "/../../etc/passwd"},
        {"path": "vi/x"},
        {"path": "/-/hop"},
        {"path": "/vi/x\r\nSet-Cookie: a"},
        {"path": "/m/x.opus"},
        {"status": 302},
        {"content_type": "text/html\r\nX: y"},
        {"cache": "for ever"},
        {"scripts": ["sha256-x'; script-src *"]},
        {"variants": [["br", "0" * 64, 1]]},
        {"variants": [["identity", "../" * 21 + "x", 1]]},
        {"variants": [["identity", "0" * 64, -1]]},
        {"variants": [["identity", "0" * 64, 10**12]]},
        {"variants": [["identity", "0" * 64, 1], ["br", "0" * 64, 2]]},
        {"unknown": 1},
    ],
    ids=repr,
)
def test_a_true_signature_does_not_excuse_a_false_manifest(
    quiet: CoursePublisher, tmp_path: Path, changed: dict[str, object]
) -> None:
    _refuses(quiet, tmp_path, lambda said: said | {"pages": [PAGE | changed]})


def test_absurd_numbers_of_things_are_refused(quiet: CoursePublisher, tmp_path: Path) -> None:
    def many(said: dict[str, object]) -> dict[str, object]:
        return said | {"pages": [PAGE | {"path": f"/vi/{n:06}"} for n in range(10_001)]}

    def twice(said: dict[str, object]) -> dict[str, object]:
        return said | {"pages": [PAGE, PAGE]}

    def large(said: dict[str, object]) -> dict[str, object]:
        variants = [[["identity", f"{n:064}", 490_000_000]] for n in range(5)]
        pages = [PAGE | {"path": f"/vi/{n}", "variants": v} for n, v in enumerate(variants)]
        return said | {"pages": pages}

    for change in (many, twice, large, lambda said: said | {"sequence": 2**70}):
        _refuses(quiet, tmp_path, change)


def _refuses(
    quiet: CoursePublisher, tmp_path: Path, change: Callable[[dict[str, object]], dict[str, object]]
) -> None:
    """Sign a changed manifest with the true key: only the limits can refuse it."""
    said = change(json.loads(quiet.course.build().manifest_bytes))
    path = tmp_path / "forged.tar"
    path.write_bytes(quiet.forge(said))
    with pytest.raises(InvalidCoursePack, match=r"Bảng kê|lớn quá"):
        verify_pack(path)


def test_an_older_pack_is_refused_by_its_number(publisher: CoursePublisher) -> None:
    old = publisher.course.build().manifest
    publisher.publish("moi")
    new = publisher.course.build().manifest
    check_newer(new, old)
    check_newer(new, new)
    check_newer(publisher.course.build(["vi"]).manifest, new)  # other languages of the same day
    with pytest.raises(CoursePackTooOld, match=f"số {old.sequence} .* cũ hơn"):
        check_newer(old, new)
    with pytest.raises(CoursePackTooOld, match="khác nội dung"):
        check_newer(new.model_copy(update={"lessons": 9}), new)


def test_a_key_is_followed_to_the_next_one_and_no_other(
    publisher: CoursePublisher, tmp_path: Path
) -> None:
    first = publisher.key.public
    second = rotate_key(publisher.services.settings.data_dir).public
    third = rotate_key(publisher.services.settings.data_dir).public
    pack = publisher.course.build()
    assert pack.manifest.key == third
    for trusted in (first, second, third):
        check_trusted(pack, trusted)
    stranger = create_key(tmp_path / "stranger")
    with pytest.raises(CoursePackNotTrusted, match="khóa khác"):
        check_trusted(publisher.course.build(key=stranger), third)
    with pytest.raises(CoursePackNotTrusted):
        check_trusted(pack, stranger.public)


def test_the_private_key_is_kept_to_its_owner(publisher: CoursePublisher, tmp_path: Path) -> None:
    folder = publisher.services.settings.data_dir
    path = folder / "keys" / "course.pem"
    secret = path.read_bytes().splitlines()[1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret.decode() not in repr(publisher.key)
    others = [each for each in folder.rglob("*") if each.is_file() and each != path]
    publisher.write(tmp_path)
    assert not any(secret in each.read_bytes() for each in [*others, tmp_path / "goi.tar"])
    with pytest.raises(InvalidSigningKey, match="đã có khóa"):
        create_key(folder)
    path.chmod(0o644)
    with pytest.raises(InvalidSigningKey, match="chmod 600"):
        load_signing_key(folder)
    path.chmod(0o600)
    path.write_bytes(b"rubbish")
    with pytest.raises(InvalidSigningKey, match="hỏng"):
        load_signing_key(folder)
    assert parse_public_key(publisher.key.public.upper().replace("-", " ")) == publisher.key.public
    with pytest.raises(InvalidSigningKey, match="13 nhóm"):
        parse_public_key(publisher.key.public[:-1])


def test_nothing_half_built_is_left(publisher: CoursePublisher, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    publisher.publish("to", voice=b"0123456789" * 20_000)
    pack = publisher.course.build()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))  # a disk that ends there
    try:
        with pytest.raises(StoreUnavailable, match="Không ghi được gói"):
            publisher.course.write(pack, out / "goi.tar")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    publisher.services.pipeline.publisher.withdraw("tra-tien", "hmn")  # while the pack was built
    with pytest.raises(CoursePackUnavailable, match="vừa đổi"):
        publisher.course.write(pack, out)
    with pytest.raises(StoreUnavailable):
        publisher.course.write(publisher.course.build(), tmp_path / "no" / "goi.tar")
    assert not list(out.iterdir())


def test_the_commands_make_a_key_a_pack_and_check_it(services: Services, tmp_path: Path) -> None:
    data = str(services.settings.data_dir)
    run = CliRunner()
    no_key = run.invoke(app, ["pack", "course", str(tmp_path), "--data", data])
    assert isinstance(no_key.exception, InvalidSigningKey)
    publisher = CoursePublisher.open(services)
    shown = run.invoke(app, ["pack", "key", "--data", data])
    assert publisher.key.public in shown.output
    made = run.invoke(app, ["pack", "course", str(tmp_path), "--languages", "vi", "--data", data])
    assert made.exit_code == 0
    (file,) = tmp_path.glob("khoa-hoc-*-vi.tar")
    checked = run.invoke(app, ["pack", "verify", str(file), "--key", publisher.key.public])
    assert "nguyên vẹn" in checked.output
    old = run.invoke(app, ["pack", "verify", str(file), "--at-least", "999999"])
    assert isinstance(old.exception, CoursePackTooOld)
