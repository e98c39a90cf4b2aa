"""Clips sent in pieces: one test for each line of tus 1.0 that says MUST to a server.

https://tus.io/protocols/resumable-upload, version 1.0.0: core, creation, expiration, checksum,
termination. What only binds clients, and extensions not offered, have no test here.
"""

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import delete

from content_server.accounts.roles import Role
from content_server.app import create_app
from content_server.db import utc_now
from content_server.services import Services
from content_server.uploads.tables import UploadRow
from tests.support.accounts import client_with_role
from tests.support.editor_services import open_lesson_services

PATH = "/-/soan/uploads"
TUS = {"tus-resumable": "1.0.0"}
PIECE = {"content-type": "application/offset+octet-stream"}


@pytest.fixture(scope="module")
def services_and_author(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Services, TestClient]]:
    services = open_lesson_services(tmp_path_factory.mktemp("tus"), 1)
    client = client_with_role(services, Role.AUTHOR, app=create_app(services))
    client.headers.update(TUS)
    yield services, client
    services.database.close()


@pytest.fixture
def author(services_and_author: tuple[Services, TestClient]) -> Iterator[TestClient]:
    yield services_and_author[1]
    services = services_and_author[0]
    with services.database.write() as session:
        session.exec(delete(UploadRow))


def encode_metadata(**values: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in values.items())


META = encode_metadata(filename="phim.mp4", slug="bai-1")


def create_upload(author: TestClient, size_bytes: int = 10, **headers: str) -> str:
    answer = author.post(
        PATH, headers={"upload-length": str(size_bytes), "upload-metadata": META, **headers}
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def send_piece(author: TestClient, where: str, at: int, data: bytes, **headers: str) -> Any:  # noqa: ANN401  # httpx's own
    return author.patch(where, content=data, headers={**PIECE, "upload-offset": str(at), **headers})


def offset(author: TestClient, where: str) -> int:
    return int(author.head(where).headers["upload-offset"])


# Core, what HEAD answers


def test_head_always_says_the_offset_even_zero(author: TestClient) -> None:
    answer = author.head(create_upload(author))
    assert answer.status_code == 200
    assert answer.headers["upload-offset"] == "0"


def test_head_says_the_length_when_it_is_known(author: TestClient) -> None:
    assert author.head(create_upload(author, 1234)).headers["upload-length"] == "1234"


def test_head_is_never_kept_by_a_cache(author: TestClient) -> None:
    assert author.head(create_upload(author)).headers["cache-control"] == "no-store"


def test_head_of_what_is_not_there_is_404_without_an_offset(author: TestClient) -> None:
    answer = author.head(f"{PATH}/{'0' * 32}")
    assert answer.status_code == 404
    assert "upload-offset" not in answer.headers


def test_patch_takes_bytes_at_the_offset_and_nothing_else(author: TestClient) -> None:
    where = create_upload(author)
    assert send_piece(author, where, 0, b"abcd").status_code == 204
    assert send_piece(author, where, 4, b"ef").status_code == 204
    assert offset(author, where) == 6


def test_patch_of_another_content_type_is_415(author: TestClient) -> None:
    where = create_upload(author)
    answer = send_piece(author, where, 0, b"abcd", **{"content-type": "video/mp4"})
    assert answer.status_code == 415
    assert offset(author, where) == 0


@pytest.mark.parametrize("at", [1, 3, 5, 999])
def test_patch_at_another_offset_is_409_and_changes_nothing(author: TestClient, at: int) -> None:
    where = create_upload(author)
    send_piece(author, where, 0, b"abcd")
    assert send_piece(author, where, at, b"xy").status_code == 409
    assert offset(author, where) == 4


def test_patch_answers_204_with_the_new_offset(author: TestClient) -> None:
    answer = send_piece(author, create_upload(author), 0, b"abcd")
    assert (answer.status_code, answer.headers["upload-offset"]) == (204, "4")


def test_patch_of_what_is_not_there_is_404(author: TestClient) -> None:
    assert send_piece(author, f"{PATH}/{'0' * 32}", 0, b"x").status_code == 404


@pytest.mark.parametrize("at", ["-1", "x", "1.5", "", "9" * 40])
def test_an_offset_is_a_whole_number_not_negative(author: TestClient, at: str) -> None:
    answer = author.patch(
        create_upload(author), content=b"x", headers={**PIECE, "upload-offset": at}
    )
    assert answer.status_code == 400


def test_bytes_behind_the_announced_end_are_not_taken(author: TestClient) -> None:
    where = create_upload(author, 4)
    assert send_piece(author, where, 0, b"abcdef").status_code == 400
    assert offset(author, where) == 0


def test_options_says_versions_extensions_and_the_greatest_size(author: TestClient) -> None:
    answer = author.options(PATH, headers={"tus-resumable": ""})
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert answer.headers["tus-extension"] == "creation,expiration,checksum,termination"
    assert int(answer.headers["tus-max-size"]) == 500_000_000


def test_options_ignores_the_clients_version(author: TestClient) -> None:
    assert author.options(PATH, headers={"tus-resumable": "0.2.2"}).status_code == 204


# Core, on every request and answer


@pytest.mark.parametrize("length", ["-1", "x", "1e3", ""])
def test_a_length_is_a_whole_number_not_negative(author: TestClient, length: str) -> None:
    headers = {"upload-length": length, "upload-metadata": META}
    assert author.post(PATH, headers=headers).status_code == 400


@pytest.mark.parametrize("version", ["", "0.2.2", "2.0.0"])
@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_another_version_is_412_with_ours_and_nothing_is_done(
    author: TestClient, method: str, version: str
) -> None:
    where = create_upload(author)
    headers = {**PIECE, "upload-offset": "0", "upload-length": "10", "tus-resumable": version}
    path = PATH if method == "POST" else where
    answer = author.request(method, path, headers=headers)
    assert answer.status_code == 412
    assert answer.headers["tus-version"] == "1.0.0"
    assert offset(author, where) == 0


def test_every_answer_names_the_version(author: TestClient) -> None:
    where = create_upload(author)
    answers = [
        author.post(PATH, headers={"upload-length": "4", "upload-metadata": META}),
        author.head(where),
        send_piece(author, where, 0, b"ab"),
        send_piece(author, where, 0, b"ab"),
        author.delete(where),
        author.delete(where),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 204, 409, 204, 404]
    assert {answer.headers.get("tus-resumable") for answer in answers} == {"1.0.0"}


def test_method_override_is_the_method_and_the_real_one_is_ignored(author: TestClient) -> None:
    where = create_upload(author)
    headers = {**PIECE, "upload-offset": "0", "x-http-method-override": "PATCH"}
    assert author.post(where, content=b"abc", headers=headers).status_code == 204
    assert offset(author, where) == 3
    assert author.post(where, headers={"x-http-method-override": "DELETE"}).status_code == 204
    assert author.head(where).status_code == 404
    where = create_upload(author)
    author.head(where, headers={"x-http-method-override": "DELETE"})  # a reader stays one
    assert author.head(where).status_code == 200


# Creation


def test_creation_is_201_with_a_location(author: TestClient) -> None:
    assert create_upload(author).startswith(f"{PATH}/")


def test_a_length_over_the_greatest_size_is_413(author: TestClient) -> None:
    answer = author.post(PATH, headers={"upload-length": "500000001", "upload-metadata": META})
    assert answer.status_code == 413
    assert "500 MB" in answer.json()["vi"]


def test_a_deferred_length_is_not_offered_and_refused(author: TestClient) -> None:
    assert author.post(PATH, headers={"upload-defer-length": "1"}).status_code == 400


def test_head_returns_the_metadata_as_they_were_sent(author: TestClient) -> None:
    assert author.head(create_upload(author)).headers["upload-metadata"] == META


@pytest.mark.parametrize(
    "line", ["a b c", "filename YQ==,filename Yg==", "ké YQ==", ", YQ==", "filename !!", "a" * 3000]
)
def test_metadata_not_well_made_are_refused(author: TestClient, line: str) -> None:
    headers = {b"upload-length": b"4", b"upload-metadata": line.encode()}
    answer = author.post(PATH, headers=headers)
    assert answer.status_code in {400, 404}


def test_creation_and_patch_say_until_when(author: TestClient) -> None:
    answer = author.post(PATH, headers={"upload-length": "9", "upload-metadata": META})
    first = answer.headers["upload-expires"]
    again = send_piece(author, answer.headers["location"], 0, b"ab").headers["upload-expires"]
    assert first == again
    assert first.endswith(" GMT")
    left = parsedate_to_datetime(first) - datetime.now(UTC)
    assert timedelta(days=6) < left < timedelta(days=8)


def test_what_has_expired_is_410_and_its_bytes_go(
    author: TestClient, services_and_author: tuple[Services, TestClient]
) -> None:
    services = services_and_author[0]
    where = create_upload(author)
    send_piece(author, where, 0, b"abcd")
    name = where.rpartition("/")[2]
    with services.database.write() as session:
        row = session.get(UploadRow, name)
        assert row
        row.expires_at = utc_now() - timedelta(seconds=1)
        session.add(row)
    assert author.head(where).status_code == 410
    assert send_piece(author, where, 4, b"ef").status_code == 410
    assert (services.settings.uploads_dir / name).exists()
    create_upload(author)
    assert not (services.settings.uploads_dir / name).exists()


# Checksum


def test_options_says_which_checksums_sha1_among_them(author: TestClient) -> None:
    assert author.options(PATH).headers["tus-checksum-algorithm"] == "sha1,sha256"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_piece_with_the_right_checksum_is_taken(author: TestClient, algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"abcd").digest()
    line = f"{algorithm} {base64.b64encode(digest).decode()}"
    where = create_upload(author)
    assert send_piece(author, where, 0, b"abcd", **{"upload-checksum": line}).status_code == 204
    assert offset(author, where) == 4


def test_a_piece_with_a_wrong_checksum_is_460_and_discarded(
    author: TestClient, services_and_author: tuple[Services, TestClient]
) -> None:
    where = create_upload(author)
    send_piece(author, where, 0, b"ab")
    line = "sha1 " + base64.b64encode(hashlib.sha1(b"other").digest()).decode()  # noqa: S324  # tus says so
    assert send_piece(author, where, 2, b"cd", **{"upload-checksum": line}).status_code == 460
    assert offset(author, where) == 2
    file = services_and_author[0].settings.uploads_dir / where.rpartition("/")[2]
    assert file.read_bytes() == b"ab"


@pytest.mark.parametrize("line", ["md5 YQ==", "sha1 !!", "sha1"])
def test_an_unknown_or_broken_checksum_is_400(author: TestClient, line: str) -> None:
    where = create_upload(author)
    assert send_piece(author, where, 0, b"abcd", **{"upload-checksum": line}).status_code in {
        400,
        460,
    }
    assert offset(author, where) == 0


def test_delete_is_204_and_from_then_on_there_is_nothing(
    author: TestClient, services_and_author: tuple[Services, TestClient]
) -> None:
    where = create_upload(author)
    assert author.delete(where).status_code == 204
    assert author.head(where).status_code == 404
    assert send_piece(author, where, 0, b"x").status_code == 404
    assert not (services_and_author[0].settings.uploads_dir / where.rpartition("/")[2]).exists()
