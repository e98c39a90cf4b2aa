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
from handing_samples import handing_house, started
from media_samples import make_clip, make_sound
from people_samples import PASSPHRASE, add
from published_samples import noise
from sqlmodel import select
from test_resilience import check_nothing_half

from content_server.accounts.roles import Grant, Role
from content_server.editorial.drafts.drafts import draft_of
from content_server.jobs.tables import Job, JobState
from content_server.lessons.editions.tables import EditionRow
from content_server.media.tables import Rendition
from content_server.services import Services, open_services
from content_server.settings import Settings

ROUNDS = int(os.environ.get("ROUNDS_OF_KILLING", "1"))
SEED = int(os.environ.get("SEED_OF_KILLING", str(random.randrange(10**6))))  # noqa: S311  # no secret
VI = "/-/soan/bai/bai-1/vi"
JSON = {"accept": "application/json", "sec-fetch-site": "same-origin"}
TUS = {"tus-resumable": "1.0.0", "sec-fetch-site": "same-origin"}
PIECE = {"content-type": "application/offset+octet-stream"}
PIECE_BYTES = 131_072
A_MINUTE_S = 60


@dataclass
class Doomed:
    """A server that is killed again and again, and two people who go on working with it."""

    folder: Path
    chance: random.Random
    told: Counter[str] = field(default_factory=Counter)  # what kills met, for who reads figures
    address: str = ""
    author: httpx.Client = field(default_factory=httpx.Client)
    reviewer: httpx.Client = field(default_factory=httpx.Client)
    _server: "Popen[bytes] | None" = None

    def start(self) -> None:
        self._server, self.address = started(self.folder)
        self.author, self.reviewer = (self._signed_in(login) for login in ("pao", "mai"))

    def _signed_in(self, login: str) -> httpx.Client:
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

    def killed_amid(self, act: Callable[[], httpx.Response], most_s: float) -> bool:
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
    def house(self) -> Iterator[Services]:
        """What is on disk, read beside the server."""
        house = open_services(self.settings)
        yield house
        house.database.close()


@pytest.fixture
def doomed(tmp_path: Path) -> Iterator[Doomed]:
    house = handing_house(tmp_path, 1)
    add(house, "mai", Grant(Role.REVIEWER), name="Lò Thị Mai")
    house.database.close()
    doomed = Doomed(tmp_path, random.Random(SEED))  # noqa: S311  # no secret
    doomed.start()
    yield doomed
    doomed.kill()


def test_killed_amid_anything_nothing_is_lost_and_nothing_is_half(doomed: Doomed) -> None:
    print(f"seed {SEED}")  # noqa: T201  # a failure can be walked again
    for number in range(ROUNDS):
        amid_an_upload(doomed, number)
        amid_a_transcode(doomed, number)
        amid_a_publishing(doomed, number)
        amid_an_import(doomed, number)
        print(number + 1, dict(doomed.told))  # noqa: T201  # figures for bench/killing


def amid_an_upload(doomed: Doomed, number: int) -> None:
    """What was acknowledged of a film is still there, and the rest makes it whole."""
    small = "testsrc2=s=160x90:r=10:d=1"
    clip = make_clip(doomed.folder / f"{number}.mp4", source=small).read_bytes()
    data = clip + (3_000_008).to_bytes(4, "big") + b"free" + noise(3_000_000, str(number))
    begun = doomed.author.post(
        "/-/soan/tai-len",
        headers={**TUS, "upload-length": str(len(data)), "upload-metadata": "slug YmFpLTE="},
    )
    where, acknowledged = begun.headers["location"], 0

    def sending() -> httpx.Response:
        nonlocal acknowledged
        while True:
            answer = _piece(doomed.author, where, data, acknowledged)
            acknowledged = int(answer.headers["upload-offset"])
            if acknowledged == len(data):
                return answer

    doomed.killed_amid(sending, 0.5)
    doomed.told[f"upload {'whole' if acknowledged == len(data) else 'cut'}"] += 1
    doomed.start()
    at = int(doomed.author.head(where, headers=TUS).headers["upload-offset"])
    assert at >= acknowledged
    while at < len(data):
        at = int(_piece(doomed.author, where, data, at).headers["upload-offset"])
    digest = sha256(data).hexdigest()
    assert doomed.author.get(f"/-/soan/media/{digest}").json()["stage"] in {"preparing", "ready"}
    assert (doomed.folder / "data/store" / digest[:2] / digest).read_bytes() == data
    step = _draft_step_of(doomed, digest)
    doomed.author.post(f"{VI}/buoc", data={"do": "remove", "step": step})


def _piece(client: httpx.Client, where: str, data: bytes, at: int) -> httpx.Response:
    headers = {**TUS, **PIECE, "upload-offset": str(at)}
    return client.patch(where, content=data[at : at + PIECE_BYTES], headers=headers)


def _draft_step_of(doomed: Doomed, digest: str) -> str:
    with doomed.house() as house, house.database.read() as session:
        draft = draft_of(session, "bai-1", "vi")
        files = [file for file, known in draft.media.items() if known == digest]
        steps = [s["id"] for s in draft.body["steps"] if s.get("watch", {}).get("clip") in files]
        assert len(steps) == 1  # once, however often it was finished
    return str(steps[0])


def amid_a_transcode(doomed: Doomed, number: int) -> None:
    """A voice handed in and put into a step is made small after the kill, once, whole."""
    tone = make_sound(doomed.folder / f"{number}.wav", source=f"sine=f={300 + number}:d=4")
    data = tone.read_bytes()
    digest = sha256(data).hexdigest()
    sent = doomed.author.put(f"/-/soan/media/{digest}", content=data, params={"medium": "voice"})
    assert sent.status_code == 200
    take = {"part": "mo", "digest": digest, "stamp": "000000", "agreed": True}
    assert doomed.author.post(f"{VI}/thu", json=take).status_code == 200
    time.sleep(doomed.chance.uniform(0, 1.5))
    state = doomed.author.get(f"/-/soan/media/{digest}").json()["stage"]
    doomed.kill()
    doomed.told[f"transcode {state}"] += 1
    doomed.start()
    _wait_until_ready(doomed, digest)
    with doomed.house() as house, house.database.read() as session:
        made = session.exec(select(Rendition).where(Rendition.source_digest == digest)).all()
        draft = draft_of(session, "bai-1", "vi")
        assert len({row.rung for row in made}) == len(made) > 0
        assert all(house.store.verify(row.digest) for row in made)
        assert draft.media[draft.body["steps"][0]["voice"]] == digest


def _wait_until_ready(doomed: Doomed, digest: str) -> None:
    ends_s = time.monotonic() + 2 * A_MINUTE_S
    while doomed.author.get(f"/-/soan/media/{digest}").json().get("stage") != "ready":
        assert time.monotonic() < ends_s
        time.sleep(0.1)


def amid_a_publishing(doomed: Doomed, number: int) -> None:
    """What was typed is kept; what was called shown is shown; nobody sees half of it."""
    old = doomed.author.get("/vi/bai-1").text
    sentence = f"Bấm nút lần {number + 1} nhé bác."
    change = {"part": "mo", "path": "show", "value": sentence}
    assert doomed.author.post(f"{VI}/luu", json={"seen": 999, "changes": [change]}).is_success
    for client, path in ((doomed.author, "gui"), (doomed.reviewer, "dong-y")):
        answer = client.post(f"{VI}/{path}")
        assert answer.status_code == 303, answer.text
    acknowledged = doomed.killed_amid(lambda: _shown(doomed), 1.5)
    doomed.told[f"publishing {'' if acknowledged else 'not '}acknowledged"] += 1
    doomed.start()
    assert sentence in doomed.author.get(VI).text
    if not acknowledged:
        seen = doomed.author.get("/vi/bai-1").text
        assert sentence in seen or seen == old
        assert doomed.reviewer.post(f"{VI}/dua-len").status_code == 303
    ends_s = time.monotonic() + 2 * A_MINUTE_S
    while sentence not in doomed.author.get("/vi/bai-1").text:
        assert time.monotonic() < ends_s, _work_left(doomed)
        time.sleep(0.1)


def _work_left(doomed: Doomed) -> list[str]:
    """Return what is not done, for whoever reads why a test failed."""
    with doomed.house() as house, house.database.read() as session:
        jobs = session.exec(select(Job).where(Job.state != JobState.DONE)).all()
    return [f"{job.task} {job.key} {job.state} {job.percent:.0f} {job.error}" for job in jobs]


def _shown(doomed: Doomed) -> httpx.Response:
    """Ask for the showing, and stay until the job is at work."""
    answer = doomed.reviewer.post(f"{VI}/dua-len")
    time.sleep(1.5)  # the kill comes in here, or before
    return answer


def amid_an_import(doomed: Doomed, number: int) -> None:
    """A zip is taken in whole, in every language, or not at all; sent again it is there."""
    slug = f"nhap-{number}"
    packed = _renamed(doomed.author.get(f"{VI}/goi.zip").content, slug)
    acknowledged = doomed.killed_amid(
        lambda: doomed.author.put("/-/soan/goi", content=packed), 0.25
    )
    doomed.told[f"import {'' if acknowledged else 'not '}acknowledged"] += 1
    with doomed.house() as house, house.database.read() as session:
        rows = session.exec(select(EditionRow.folder).where(EditionRow.slug == slug)).all()
    assert set(rows) == {"vi", "hmn"} or (not rows and not acknowledged)
    doomed.start()
    assert not list((doomed.folder / "data/work").glob("[!0-9]*"))  # the kill's leavings are gone
    answer = doomed.author.put("/-/soan/goi", content=packed).json()
    assert answer == {"go": f"/-/soan/bai/{slug}/vi", "problems": []}
    assert doomed.author.get(f"/-/soan/bai/{slug}/vi/goi.zip").content == packed


def _renamed(packed: bytes, slug: str) -> bytes:
    """Return a lesson's zip as another lesson's."""
    out = BytesIO()
    with ZipFile(BytesIO(packed)) as old, ZipFile(out, "w", 8) as new:
        for info in old.infolist():
            data = old.read(info)
            new.writestr(info, data.replace(b'"slug": "bai-1"', f'"slug": "{slug}"'.encode()))
    return out.getvalue()
