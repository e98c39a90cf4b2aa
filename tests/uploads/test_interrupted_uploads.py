"""Clips over a bad line: cuts, a closed page, a writer that hangs. No byte is lost."""

import hashlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from content_server.app import create_app
from content_server.editorial.drafts.drafts import draft_of
from content_server.lessons.editions.tables import EditionRef
from content_server.services import Services
from tests.support.accounts import PASSPHRASE
from tests.support.browser import PHONE_VIEWPORT, sign_in_on_page
from tests.support.editor_services import open_upload_services
from tests.support.interrupted_connection import InterruptedConnection
from tests.support.media_files import make_clip
from tests.support.published_tree import make_noise
from tests.support.servers import run_uvicorn

RESENT_BYTES = 262_144  # promised: at most so much is sent again for each cut
PIECE_BYTES = 131_072
PATH = "/-/soan/uploads"
TUS = {"tus-resumable": "1.0.0", "sec-fetch-site": "same-origin"}
PIECE = {"content-type": "application/offset+octet-stream"}
META = {"upload-metadata": "filename cGhpbS5tcDQ=,slug YmFpLTE="}  # phim.mp4, bai-1


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = open_upload_services(tmp_path_factory.mktemp("cuts"))
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with run_uvicorn(create_app(services)) as address:
        yield address


@pytest.fixture
def clients() -> Iterator[list[httpx.Client]]:
    clients: list[httpx.Client] = []
    yield clients
    for client in clients:
        client.close()


def author(address: str, clients: list[httpx.Client]) -> httpx.Client:
    client = httpx.Client(base_url=address, headers=TUS, timeout=30)
    clients.append(client)
    answer = client.post("/-/vao", data={"name": "pao", "passphrase": PASSPHRASE})
    assert answer.status_code == 303
    return client


def create_upload(client: httpx.Client, size_bytes: int) -> str:
    answer = client.post(PATH, headers={"upload-length": str(size_bytes), **META})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def offset(client: httpx.Client, where: str) -> int:
    return int(client.head(where).headers["upload-offset"])


def large_clip(folder: Path, size_bytes: int) -> Path:
    """A real short clip with much behind it that a player skips: 20 MB without encoding 20 MB."""
    clip = make_clip(folder / "phim.mp4")
    filler = size_bytes - clip.stat().st_size - 8
    with clip.open("ab") as file:
        file.write((filler + 8).to_bytes(4, "big") + b"free" + make_noise(filler))
    return clip


@pytest.mark.browser
def test_three_cuts_in_20_mb_and_every_byte_arrives(
    chromium: Browser, services: Services, address: str, tmp_path: Path
) -> None:
    clip = large_clip(tmp_path, 20_000_000)
    line = InterruptedConnection(address, cut_at_bytes=[3_100_000, 9_400_000, 17_200_000])
    context = chromium.new_context(viewport=PHONE_VIEWPORT, base_url=line.address)  # type: ignore[arg-type]  # width, height
    page = context.new_page()
    sign_in_on_page(page, "pao", "/-/soan/bai/bai-1/vi/phim")
    before = line.sent_bytes
    page.set_input_files("[data-file]", clip)
    expect(page.locator("[data-list] [data-state]").first).to_contain_text(
        "đang chuẩn bị", timeout=90_000
    )
    assert line.cut_count == 3
    requests = 20_000_000 / PIECE_BYTES * 2_000  # what headers may weigh, and the events' own
    assert line.sent_bytes - before - 20_000_000 <= 3 * RESENT_BYTES + requests
    page.reload()
    expect(page.locator("[data-list] [data-state]").first).to_contain_text("đang chuẩn bị")
    context.close()
    line.close()
    digest = hashlib.sha256(clip.read_bytes()).hexdigest()
    assert services.store.verify(digest)
    with services.database.read() as session:
        draft = draft_of(session, EditionRef("bai-1", "vi"))
    step = draft.body["steps"][-1]
    assert draft.media[step["watch"]["clip"]] == digest
    assert not list(services.settings.uploads_dir.iterdir())


@pytest.mark.browser
def test_a_page_closed_half_way_goes_on_by_itself(
    chromium: Browser, services: Services, address: str, tmp_path: Path
) -> None:
    clip = large_clip(tmp_path, 3_000_000)
    line = InterruptedConnection(address, cut_at_bytes=[1_500_000])
    context = chromium.new_context(viewport=PHONE_VIEWPORT, base_url=line.address)  # type: ignore[arg-type]  # width, height
    page = context.new_page()
    where = "/-/soan/bai/bai-2/vi/phim"
    sign_in_on_page(page, "pao", where)
    page.route(f"**{PATH}/*", lambda route: route.abort() if line.cut_count else route.continue_())
    page.set_input_files("[data-file]", clip)
    expect(page.locator("[data-line]")).to_be_visible(timeout=60_000)
    page.close()
    page = context.new_page()
    page.goto(where)
    expect(page.locator("[data-list] [data-state]").first).to_contain_text(
        "đang chuẩn bị", timeout=60_000
    )
    context.close()
    line.close()
    assert services.store.verify(hashlib.sha256(clip.read_bytes()).hexdigest())


@pytest.mark.timed
def test_a_writer_that_hangs_gives_way_to_its_own_retry(
    address: str, clients: list[httpx.Client]
) -> None:
    client = author(address, clients)
    data = make_noise(100_000)
    where = create_upload(client, len(data))
    host, port = urlsplit(address).hostname, urlsplit(address).port
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = (
        f"PATCH {where} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\n"
        "Tus-Resumable: 1.0.0\r\nSec-Fetch-Site: same-origin\r\nUpload-Offset: 0\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection((str(host), int(port or 0))) as hanging:
        hanging.sendall(head.encode() + data[:40_000])
        time.sleep(0.3)
        began = time.monotonic()
        at = offset(client, where)
        assert at == 40_000  # what had come is not sent again
        answer = client.patch(where, content=data[at:], headers={**PIECE, "upload-offset": str(at)})
        took_s = time.monotonic() - began
    assert answer.status_code == 204
    assert took_s < 5
