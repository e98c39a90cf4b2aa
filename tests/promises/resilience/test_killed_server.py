"""kill -9 amid an upload, a transcode, a publishing, an import: nothing is lost, nothing half.

One round in the tests; `bench/killing` plays twenty, at other moments each time.
"""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from subprocess import Popen
from zipfile import ZipFile

import httpx
import pytest
from sqlmodel import select

from content_server.accounts.roles import Grant, Role
from content_server.editorial.drafts.drafts import draft_of
from content_server.jobs.tables import Job, JobState
from content_server.lessons.editions.tables import EditionRef, EditionRow
from content_server.media.tables import Rendition
from content_server.services import Services, open_services
from content_server.settings import Settings
from tests.promises.resilience.ingest_process import check_nothing_half
from tests.support.accounts import PASSPHRASE, add_account
from tests.support.editor_services import open_upload_services
from tests.support.media_files import make_clip, make_sound
from tests.support.published_tree import make_noise
from tests.support.servers import start_server

ROUNDS = int(os.environ.get("ROUNDS_OF_KILLING", "1"))
SEED = int(os.environ.get("SEED_OF_KILLING", str(random.randrange(10**6))))  # noqa: S311  # no secret
VI = "/-/soan/bai/bai-1/vi"
JSON = {"accept": "application/json", "sec-fetch-site": "same-origin"}
TUS = {"tus-resumable": "1.0.0", "sec-fetch-site": "same-origin"}
PIECE = {"content-type": "application/offset+octet-stream"}
PIECE_BYTES = 131_072
A_MINUTE_S = 60


@dataclass
class KilledServer:
    """A server that is killed again and again, and two people who go on working with it."""

    folder: Path
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)  # what kills met, for who reads figures
    address: str = ""
    author: httpx.Client = field(default_factory=httpx.Client)
    reviewer: httpx.Client = field(default_factory=httpx.Client)
    _server: "Popen[bytes] | None" = None

    def start(self) -> None:
        self._server, self.address = start_server(self.folder)
        self.author, self.reviewer = (self._sign_in(login) for login in ("pao", "mai"))

    def _sign_in(self, login: str) -> httpx.Client:
        client = httpx.Client(base_url=self.address, headers=JSON, timeout=A_MINUTE_S)
        answer = client.post("/-/vao", data={"name": login, "passphrase": PASSPHRASE})
        assert answer.status_code == 303
        return client

    def kill(self) -> None:
        """Kill -9, and look at what is on disk before anybody tidies up."""
        assert self._server
        self._server.kill()
        self._server.wait()
        self.author.close()
        self.reviewer.close()
        check_nothing_half(self.settings)

    def kill_during(self, act: Callable[[], httpx.Response], most_s: float) -> bool:
        """Do something, kill the server at a random moment of it; tell if it was acknowledged."""
        assert self._server
        timer = threading.Timer(self.chance.uniform(0, most_s), self._server.kill)
        timer.start()
        answer = None
        with suppress(httpx.HTTPError):
            answer = act()
        timer.join()
        self.kill()
        return answer is not None and answer.status_code in {200, 303}

    @property
    def settings(self) -> Settings:
        return Settings(
            data_dir=self.folder / "data",
            lessons_dir=self.folder / "lessons",
            media_dir=self.folder / "media",
        )

    @contextmanager
    def services(self) -> Iterator[Services]:
        """What is on disk, read beside the server."""
        services = open_services(self.settings)
        yield services
        services.database.close()


@pytest.fixture
def killed_server(tmp_path: Path) -> Iterator[KilledServer]:
    services = open_upload_services(tmp_path, 1)
    add_account(services, "mai", Grant(Role.REVIEWER), name="Lò Thị Mai")
    services.database.close()
    killed_server = KilledServer(tmp_path, random.Random(SEED))  # noqa: S311  # no secret
    killed_server.start()
    yield killed_server
    killed_server.kill()


def test_killed_amid_anything_nothing_is_lost_and_nothing_is_half(
    killed_server: KilledServer,
) -> None:
    print(f"seed {SEED}")  # noqa: T201  # a failure can be walked again
    for number in range(ROUNDS):
        amid_an_upload(killed_server, number)
        amid_a_transcode(killed_server, number)
        amid_a_publishing(killed_server, number)
        amid_an_import(killed_server, number)
        print(number + 1, dict(killed_server.counts))  # noqa: T201  # figures for bench/killing


def amid_an_upload(killed_server: KilledServer, number: int) -> None:
    """The acknowledged bytes of a clip are still there, and the rest completes it."""
    small = "testsrc2=s=160x90:r=10:d=1"
    clip = make_clip(killed_server.folder / f"{number}.mp4", source=small).read_bytes()
    data = clip + (3_000_008).to_bytes(4, "big") + b"free" + make_noise(3_000_000, str(number))
    begun = killed_server.author.post(
        "/-/soan/uploads",
        headers={**TUS, "upload-length": str(len(data)), "upload-metadata": "slug YmFpLTE="},
    )
    where, acknowledged = begun.headers["location"], 0

    def sending() -> httpx.Response:
        nonlocal acknowledged
        while True:
            answer = _piece(killed_server.author, where, data, acknowledged)
            acknowledged = int(answer.headers["upload-offset"])
            if acknowledged == len(data):
                return answer

    killed_server.kill_during(sending, 0.5)
    killed_server.counts[f"upload {'whole' if acknowledged == len(data) else 'cut'}"] += 1
    killed_server.start()
    at = int(killed_server.author.head(where, headers=TUS).headers["upload-offset"])
    assert at >= acknowledged
    while at < len(data):
        at = int(_piece(killed_server.author, where, data, at).headers["upload-offset"])
    digest = sha256(data).hexdigest()
    assert killed_server.author.get(f"/-/soan/media/{digest}").json()["stage"] in {
        "preparing",
        "ready",
    }
    assert (killed_server.folder / "data/store" / digest[:2] / digest).read_bytes() == data
    step = _draft_step_of(killed_server, digest)
    killed_server.author.post(f"{VI}/steps", data={"do": "remove", "step": step})


def _piece(client: httpx.Client, where: str, data: bytes, at: int) -> httpx.Response:
    headers = {**TUS, **PIECE, "upload-offset": str(at)}
    return client.patch(where, content=data[at : at + PIECE_BYTES], headers=headers)


def _draft_step_of(killed_server: KilledServer, digest: str) -> str:
    with killed_server.services() as services, services.database.read() as session:
        draft = draft_of(session, EditionRef("bai-1", "vi"))
        files = [file for file, known in draft.media.items() if known == digest]
        steps = [s["id"] for s in draft.body["steps"] if s.get("watch", {}).get("clip") in files]
        assert len(steps) == 1  # once, however often it was finished
    return str(steps[0])


def amid_a_transcode(killed_server: KilledServer, number: int) -> None:
    """A voice handed in and put into a step is made small after the kill, once, whole."""
    tone = make_sound(killed_server.folder / f"{number}.wav", source=f"sine=f={300 + number}:d=4")
    data = tone.read_bytes()
    digest = sha256(data).hexdigest()
    sent = killed_server.author.put(
        f"/-/soan/media/{digest}", content=data, params={"medium": "voice"}
    )
    assert sent.status_code == 200
    take = {"part": "mo", "digest": digest, "stamp": "000000", "agreed": True}
    assert killed_server.author.post(f"{VI}/takes", json=take).status_code == 200
    time.sleep(killed_server.chance.uniform(0, 1.5))
    state = killed_server.author.get(f"/-/soan/media/{digest}").json()["stage"]
    killed_server.kill()
    killed_server.counts[f"transcode {state}"] += 1
    killed_server.start()
    _wait_until_ready(killed_server, digest)
    with killed_server.services() as services, services.database.read() as session:
        made = session.exec(select(Rendition).where(Rendition.source_digest == digest)).all()
        draft = draft_of(session, EditionRef("bai-1", "vi"))
        assert len({row.rung for row in made}) == len(made) > 0
        assert all(services.store.verify(row.digest) for row in made)
        assert draft.media[draft.body["steps"][0]["voice"]] == digest


def _wait_until_ready(killed_server: KilledServer, digest: str) -> None:
    ends_s = time.monotonic() + 2 * A_MINUTE_S
    while killed_server.author.get(f"/-/soan/media/{digest}").json().get("stage") != "ready":
        assert time.monotonic() < ends_s
        time.sleep(0.1)


def amid_a_publishing(killed_server: KilledServer, number: int) -> None:
    """What was typed is kept; what was called shown is shown; nobody sees half of it."""
    old = killed_server.author.get("/vi/bai-1").text
    sentence = f"Bấm nút lần {number + 1} nhé bác."
    change = {"part": "mo", "path": "show", "value": sentence}
    assert killed_server.author.post(
        f"{VI}/save", json={"seen": 999, "changes": [change]}
    ).is_success
    for client, path in ((killed_server.author, "gui"), (killed_server.reviewer, "dong-y")):
        answer = client.post(f"{VI}/{path}")
        assert answer.status_code == 303, answer.text
    acknowledged = killed_server.kill_during(lambda: _published_page(killed_server), 1.5)
    killed_server.counts[f"publishing {'' if acknowledged else 'not '}acknowledged"] += 1
    killed_server.start()
    assert sentence in killed_server.author.get(VI).text
    if not acknowledged:
        seen = killed_server.author.get("/vi/bai-1").text
        assert sentence in seen or seen == old
        assert killed_server.reviewer.post(f"{VI}/publish").status_code == 303
    ends_s = time.monotonic() + 2 * A_MINUTE_S
    while sentence not in killed_server.author.get("/vi/bai-1").text:
        assert time.monotonic() < ends_s, _list_unfinished_jobs(killed_server)
        time.sleep(0.1)


def _list_unfinished_jobs(killed_server: KilledServer) -> list[str]:
    """Return what is not done, for whoever reads why a test failed."""
    with killed_server.services() as services, services.database.read() as session:
        jobs = session.exec(select(Job).where(Job.state != JobState.DONE)).all()
    return [f"{job.task} {job.key} {job.state} {job.percent:.0f} {job.error}" for job in jobs]


def _published_page(killed_server: KilledServer) -> httpx.Response:
    """Ask for the showing, and stay until the job is at work."""
    answer = killed_server.reviewer.post(f"{VI}/publish")
    time.sleep(1.5)  # the kill comes in here, or before
    return answer


def amid_an_import(killed_server: KilledServer, number: int) -> None:
    """A zip is taken in whole, in every language, or not at all; sent again it is there."""
    slug = f"nhap-{number}"
    packed = _rename_lesson(killed_server.author.get(f"{VI}/lesson.zip").content, slug)
    acknowledged = killed_server.kill_during(
        lambda: killed_server.author.put("/-/soan/lessons/import", content=packed), 0.25
    )
    killed_server.counts[f"import {'' if acknowledged else 'not '}acknowledged"] += 1
    with killed_server.services() as services, services.database.read() as session:
        rows = session.exec(select(EditionRow.folder).where(EditionRow.slug == slug)).all()
    assert set(rows) == {"vi", "hmn"} or (not rows and not acknowledged)
    killed_server.start()
    assert not list(
        (killed_server.folder / "data/work").glob("[!0-9]*")
    )  # the kill's leavings are gone
    answer = killed_server.author.put("/-/soan/lessons/import", content=packed).json()
    assert answer == {"go": f"/-/soan/bai/{slug}/vi", "problems": []}
    assert killed_server.author.get(f"/-/soan/bai/{slug}/vi/lesson.zip").content == packed


def _rename_lesson(packed: bytes, slug: str) -> bytes:
    """Return a lesson's zip as another lesson's."""
    out = BytesIO()
    with ZipFile(BytesIO(packed)) as old, ZipFile(out, "w", 8) as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info, data.replace(b'"slug": "bai-1"', f'"slug": "{slug}"'.encode()))
    return out.getvalue()
