"""The log through HTTP: every act on a lesson leaves who, what and when; and one's own data."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from making_samples import house_of
from media_samples import make_speech
from people_samples import PASSPHRASE, add, sign_in, visitor
from PIL import Image
from sqlmodel import select

from content_server.accounts.audit_log import newest
from content_server.accounts.roles import Grant, Role
from content_server.accounts.tables import LogRow
from content_server.app import create_app, open_rooms
from content_server.db import utc_now
from content_server.editorial.tables import CommentRow, ConsentRow
from content_server.lessons.validation import source_fingerprint
from content_server.services import Services
from content_server.web.permissions import every_route

LESSON = "/-/soan/bai/{slug}/{folder}"
VI, HMN = "/-/soan/bai/bai-1/vi", "/-/soan/bai/bai-1/hmn"
PEOPLE = {"pao": Role.AUTHOR, "sung": Role.SPEAKER, "giang": Role.SPEAKER, "chu": Role.REVIEWER}
SAID_ELSEWHERE = {  # acts whose own rows say who and when
    f"POST {LESSON}/luu": "each place of a draft has a stamp",
    f"POST {LESSON}/buoc": "the stamp of the order",
    f"POST {LESSON}/man-hinh/{{step}}": "the stamp of the place",
    f"POST {LESSON}/canh/{{step}}": "the stamp of the place",
    f"POST {LESSON}/khac": "the stamp of the place that was chosen",
    f"POST {LESSON}/noi": "a comment has a name and an hour",
    f"POST {LESSON}/noi-lai": "noted as the typed one is; test_second_ear sends it",
    f"POST {LESSON}/nhe-bot": "noted; test_costs_room makes a lesson lighter",
    f"POST {LESSON}/bang": "noted; test_wordlists brings a table back",
    "POST /-/soan/ve": "draws only",
    "PUT /-/soan/media/{digest}": "the act is what is done with it",
    "PUT /-/soan/bai/{slug}/vi/anh/{digest}": "the act is finishing it",
    "DELETE /-/soan/bai/{slug}/vi/anh/{photo}": "what was never used",
    "POST /-/soan/tai-len": "an upload keeps who sends it",
    "POST /-/soan/tai-len/{upload_id}": "an upload keeps who sends it",
    "PATCH /-/soan/tai-len/{upload_id}": "an upload keeps who sends it",
    "DELETE /-/soan/tai-len/{upload_id}": "what was never used",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    house = house_of(tmp_path_factory.mktemp("acts"), 1)
    for login, role in PEOPLE.items():
        add(house, login, Grant(role, "hmn" if role is Role.SPEAKER else None))
    add(house, "admin", Grant(Role.ADMIN))
    yield house
    house.database.close()


@pytest.fixture(scope="module")
def people(house: Services) -> dict[str, TestClient]:
    app = create_app(house)
    return {login: sign_in(visitor(app), login) for login in (*PEOPLE, "admin")}


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_speech(tmp_path_factory.mktemp("wav") / "loi.wav", seconds=1).read_bytes()


def handed_in(client: TestClient, data: bytes, path: str = "/-/soan/media/") -> tuple[str, int]:
    digest = hashlib.sha256(data).hexdigest()
    answer = client.put(f"{path}{digest}", content=data, params={"name": "a"})
    assert answer.status_code == 200, answer.text
    return digest, answer.json().get("id", 0)


def photo() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (360, 500), (240, 240, 250)).save(written, "PNG")
    return written.getvalue()


def test_every_act_leaves_who_what_and_when(
    house: Services, people: dict[str, TestClient], voice: bytes
) -> None:
    began = utc_now()
    take, _none = handed_in(people["sung"], voice)
    _digest, number = handed_in(people["pao"], photo(), f"{VI}/anh/")
    done: set[str] = set()
    expected: list[tuple[str, str, str]] = []

    def act(login: str, what: str, route: str, about: str = "", **given: object) -> bytes:
        """Do one thing, by form or JSON; it is to be noted so."""
        method, path = route.split()
        for part in given.pop("at", ()):  # type: ignore[attr-defined]  # a tuple
            path = path.replace(*part)
        path = path.replace("{slug}", "bai-1").replace("{folder}", "vi")
        answer = people[login].request(method, path, **given)  # type: ignore[arg-type]
        assert answer.status_code in {200, 303}, (route, answer.text)
        done.add(route)
        expected.append((login, what, about))
        return answer.content

    def form(**data: str) -> dict[str, dict[str, str]]:
        return {"data": data}

    hmn = {"at": [("{folder}", "hmn")]}
    finished = {"marks": {}, "alt": "Màn hình", "step": "mo"}
    finished |= {"checked": ["names", "numbers", "faces", "codes"]}
    agreed = form(digest=take, who="Bà Mỷ", given_on="2026-11-24")
    spoken = {"part": "mo", "digest": take, "stamp": source_fingerprint("Nias."), "agreed": True}
    told = form(kind="told_back", step="mo", text="Bấm trả tiền.")

    act("pao", "begun", "POST /-/soan/moi", "bai-moi", **form(title="Bài mới", topic="dien"))
    act("pao", "photo_done", "POST /-/soan/bai/{slug}/vi/anh/{photo}", "bai-1 mo",
        at=[("{photo}", str(number))], json=finished)  # fmt: skip
    act("pao", "version_kept", f"POST {LESSON}/giu", "bai-1/vi Hay", **form(name="Hay"))
    act("pao", "version_back", f"POST {LESSON}/giu", "bai-1/vi", **form(back_to="1"))
    act("pao", "due_set", "POST /-/soan/bai/{slug}/hen-xem", "bai-1 2027-03-01",
        **form(review_by="2027-03-01"))  # fmt: skip
    act("pao", "guest_let_in", f"POST {LESSON}/cho-xem", "bai-1/vi", **form(days="7"))
    act("pao", "guest_turned_away", f"POST {LESSON}/cho-xem/bo", "bai-1/vi", **form(guest="1"))
    act("pao", "submitted", f"POST {LESSON}/gui", "bai-1/vi")
    act("chu", "returned", f"POST {LESSON}/tra-lai", "bai-1/vi", **form(note="ngắn hơn"))
    act("pao", "submitted", f"POST {LESSON}/gui", "bai-1/vi")
    act("chu", "approved", f"POST {LESSON}/dong-y", "bai-1/vi")
    act("chu", "published", f"POST {LESSON}/dua-len", "bai-1/vi")
    act("chu", "rolled_back", f"POST {LESSON}/quay-lai", "bai-1/vi 1", **form(number="1"))
    act("chu", "withdrawn", f"POST {LESSON}/cat-di", "bai-1/vi", **form(note="đổi luật"))
    act("sung", "recorded", f"POST {LESSON}/thu", "bai-1/hmn mo", json=spoken, **hmn)
    act("giang", "told_back", f"POST {LESSON}/nhan-xet", "bai-1/hmn mo", **told, **hmn)
    act("chu", "consent_noted", "POST /-/soan/dong-y", "2", **agreed)
    act("chu", "taken_down", "POST /-/soan/dong-y/{consent}/go-xuong", "2",
        at=[("{consent}", "2")])  # fmt: skip
    packed = act("pao", "exported", f"GET {LESSON}/goi.zip", "bai-1")
    act("pao", "imported", "PUT /-/soan/goi", "bai-1", content=packed)

    names = {add(house, login).id: login for login in people}
    with house.database.read() as session:
        lines = [line for line in reversed(newest(session)) if line.at >= began]
    assert [(names[line.person_id], line.what, line.about) for line in lines] == expected
    shown = people["admin"].get("/-/soan/nhat-ky").text
    assert "nghe rồi nói lại" in shown
    assert "Trả tiền điện · Tiếng Mông · mo" in shown
    assert done | set(SAID_ELSEWHERE) >= acting_routes(house)
    assert set(SAID_ELSEWHERE) <= acting_routes(house)


def acting_routes(house: Services) -> set[str]:
    """Return every route of lessons that changes something."""
    rooms = ("/-/soan/bai", "/-/soan/dong-y", "/-/soan/goi", "/-/soan/moi", "/-/soan/tai-len")
    others = ("/-/soan/media", "/-/soan/ve")
    return {
        f"{method} {route.path}"
        for route in every_route(open_rooms(house))
        if isinstance(route, APIRoute) and route.path.startswith((*rooms, *others))
        for method in set(route.methods or ()) - {"GET", "HEAD", "OPTIONS"}
    }


def test_a_line_is_forgotten_after_180_days_by_the_next_act(
    house: Services, people: dict[str, TestClient]
) -> None:
    with house.database.write() as session:
        for days in (181, 179):
            old = utc_now() - timedelta(days=days)
            session.add(LogRow(what="invited", about=f"{days}", at=old))
    assert "181" in people["admin"].get("/-/soan/nhat-ky").text
    kept = people["pao"].post(f"{VI}/giu", data={"name": "Nữa"})
    assert kept.status_code == 303
    with house.database.read() as session:
        about = {line.about for line in session.exec(select(LogRow))}
    assert "179" in about
    assert "181" not in about


def test_an_editor_takes_along_what_is_kept_and_leaves_without_a_trace(
    house: Services, voice: bytes
) -> None:
    add(house, "lo-thi-mai", Grant(Role.TRANSLATOR, "hmn"), name="Lò Thị Mai")
    alone = replace(house, settings=replace(house.settings, two_people=False))
    mai = sign_in(visitor(create_app(alone)), "lo-thi-mai")
    digest, _none = handed_in(mai, voice)
    stamp = source_fingerprint("Nias.")
    for path, more in (("thu", {"agreed": True, "part": ""}), ("noi-lai", {"part": "mo"})):
        body = {"digest": digest, "stamp": stamp, **more}
        assert mai.post(f"{HMN}/{path}", json=body).status_code == 200
    assert mai.post(f"{HMN}/nhan-xet", data={"step": "mo", "text": "Rõ rồi."}).status_code == 303
    kept = mai.get("/-/toi/du-lieu.json")
    assert kept.headers["content-disposition"] == 'attachment; filename="lothimai.json"'
    taken = kept.json()
    assert taken["name"] == "Lò Thị Mai"
    assert [each["voice"] for each in taken["recordings"]] == [digest]
    assert {each["text"] for each in taken["remarks"]} == {"Rõ rồi.", ""}
    assert {each["what"] for each in taken["log"]} >= {"recorded", "told_back"}
    assert mai.post("/-/toi/xoa", data={"passphrase": PASSPHRASE}).status_code == 303
    with house.database.read() as session:
        spoken = session.exec(select(CommentRow).where(CommentRow.voice == digest)).all()
        consent = session.exec(select(ConsentRow).order_by(ConsentRow.id.desc())).first()  # type: ignore[union-attr]
        about = [line.what for line in newest(session) if line.person_id is None]
    assert spoken == []
    assert consent is not None  # the voice stays in its lesson until it is taken down
    assert set(about) >= {"left", "recorded", "told_back"}
    page = sign_in(visitor(create_app(house)), "chu").get(f"{HMN}/duyet").text
    assert "Lò Thị Mai" not in page
