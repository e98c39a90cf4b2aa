"""The log through HTTP: every act on a lesson leaves who, what and when; and one's own data."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from PIL import Image
from sqlmodel import select

from content_server.accounts.roles import Grant, Role
from content_server.accounts.tables import AuditLogRow
from content_server.app import create_app, create_fastapi_app
from content_server.db import utc_now
from content_server.editorial.tables import CommentRow, ConsentRow
from content_server.lessons.source.source_fingerprints import source_fingerprint
from content_server.services import Services
from content_server.web.accounts.audit_log_lines import load_audit_lines
from content_server.web.permissions import iterate_routes
from tests.support.accounts import PASSPHRASE, add_account, new_client, sign_in
from tests.support.editor_services import open_lesson_services
from tests.support.media_files import make_speech

LESSON = "/-/soan/bai/{slug}/{folder}"
VI, HMN = "/-/soan/bai/bai-1/vi", "/-/soan/bai/bai-1/hmn"
ROLES = {"pao": Role.AUTHOR, "sung": Role.SPEAKER, "giang": Role.SPEAKER, "chu": Role.REVIEWER}
SAID_ELSEWHERE = {  # acts whose own rows say who and when
    f"POST {LESSON}/save": "each place of a draft has a stamp",
    f"POST {LESSON}/steps": "the stamp of the order",
    f"POST {LESSON}/screens/{{step}}": "the stamp of the place",
    f"POST {LESSON}/scenes/{{step}}": "the stamp of the place",
    f"POST {LESSON}/conflicts": "the stamp of the place that was chosen",
    f"POST {LESSON}/spoken-comments": "a comment has a name and an hour",
    f"POST {LESSON}/back-translations": "noted as the typed one is; test_back_translation sends it",
    f"POST {LESSON}/downscale-photos": "noted; test_lesson_costs makes a lesson lighter",
    f"POST {LESSON}/bang-chu": "noted; test_text_tables brings a table back",
    "POST /-/soan/draw": "draws only",
    "PUT /-/soan/media/{digest}": "the act is what is done with it",
    "PUT /-/soan/bai/{slug}/photos/{digest}": "the act is finishing it",
    "DELETE /-/soan/bai/{slug}/photos/{photo}": "what was never used",
    "POST /-/soan/uploads": "an upload keeps who sends it",
    "POST /-/soan/uploads/{upload_id}": "an upload keeps who sends it",
    "PATCH /-/soan/uploads/{upload_id}": "an upload keeps who sends it",
    "DELETE /-/soan/uploads/{upload_id}": "what was never used",
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    services = open_lesson_services(tmp_path_factory.mktemp("acts"), 1)
    for login, role in ROLES.items():
        add_account(services, login, Grant(role, "hmn" if role is Role.SPEAKER else None))
    add_account(services, "admin", Grant(Role.ADMIN))
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def clients(services: Services) -> dict[str, TestClient]:
    app = create_app(services)
    return {login: sign_in(new_client(app), login) for login in (*ROLES, "admin")}


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_speech(tmp_path_factory.mktemp("wav") / "loi.wav", seconds=1).read_bytes()


def upload_file(client: TestClient, data: bytes, path: str = "/-/soan/media/") -> tuple[str, int]:
    digest = hashlib.sha256(data).hexdigest()
    answer = client.put(f"{path}{digest}", content=data, params={"name": "a"})
    assert answer.status_code == 200, answer.text
    return digest, answer.json().get("id", 0)


def photo() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (360, 500), (240, 240, 250)).save(written, "PNG")
    return written.getvalue()


def test_every_act_leaves_who_what_and_when(
    services: Services, clients: dict[str, TestClient], voice: bytes
) -> None:
    began = utc_now()
    take, _none = upload_file(clients["sung"], voice)
    _digest, number = upload_file(clients["pao"], photo(), "/-/soan/bai/bai-1/photos/")
    done: set[str] = set()
    expected: list[tuple[str, str, str]] = []

    def act(login: str, what: str, route: str, about: str = "", **given: object) -> bytes:
        """Do one thing, by form or JSON; it is to be noted so."""
        method, path = route.split()
        for part in given.pop("at", ()):  # type: ignore[attr-defined]  # a tuple
            path = path.replace(*part)
        path = path.replace("{slug}", "bai-1").replace("{folder}", "vi")
        answer = clients[login].request(method, path, **given)  # type: ignore[arg-type]
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
    told = form(kind="back_translation", step="mo", text="Bấm trả tiền.")

    act(
        "pao",
        "lesson_created",
        "POST /-/soan/bai-moi",
        "bai-moi",
        **form(title="Bài mới", topic="dien"),
    )
    act("pao", "photo_attached", "POST /-/soan/bai/{slug}/photos/{photo}", "bai-1 mo",
        at=[("{photo}", str(number))], json=finished)  # fmt: skip
    act("pao", "snapshot_saved", f"POST {LESSON}/snapshots", "bai-1/vi Hay", **form(name="Hay"))
    act("pao", "snapshot_restored", f"POST {LESSON}/snapshots", "bai-1/vi", **form(restore="1"))
    act("pao", "review_date_set", "POST /-/soan/bai/{slug}/review-date", "bai-1 2027-03-01",
        **form(review_by="2027-03-01"))  # fmt: skip
    act("pao", "share_link_created", f"POST {LESSON}/share-links", "bai-1/vi", **form(days="7"))
    act(
        "pao",
        "share_link_revoked",
        f"POST {LESSON}/share-links/revoke",
        "bai-1/vi",
        **form(link="1"),
    )
    act("pao", "submitted", f"POST {LESSON}/submit", "bai-1/vi")
    act("chu", "returned", f"POST {LESSON}/return", "bai-1/vi", **form(note="ngắn hơn"))
    act("pao", "submitted", f"POST {LESSON}/submit", "bai-1/vi")
    act("chu", "approved", f"POST {LESSON}/approve", "bai-1/vi")
    act("chu", "published", f"POST {LESSON}/publish", "bai-1/vi")
    act("chu", "rolled_back", f"POST {LESSON}/roll-back", "bai-1/vi 1", **form(number="1"))
    act("chu", "withdrawn", f"POST {LESSON}/withdraw", "bai-1/vi", **form(note="đổi luật"))
    act("sung", "voice_recorded", f"POST {LESSON}/takes", "bai-1/hmn mo", json=spoken, **hmn)
    act("giang", "back_translated", f"POST {LESSON}/comments", "bai-1/hmn mo", **told, **hmn)
    act("chu", "consent_recorded", "POST /-/soan/consents", "2", **agreed)
    act("chu", "taken_down", "POST /-/soan/consents/{consent}/take-down", "2",
        at=[("{consent}", "2")])  # fmt: skip
    packed = act("pao", "lesson_exported", f"GET {LESSON}/lesson.zip", "bai-1")
    act("pao", "lesson_imported", "PUT /-/soan/lessons/import", "bai-1", content=packed)

    names = {add_account(services, login).id: login for login in clients}
    with services.database.read() as session:
        lines = [line for line in reversed(load_audit_lines(session)) if line.created_at >= began]
    assert [(names[line.actor_id], line.event, line.subject) for line in lines] == expected
    shown = clients["admin"].get("/-/soan/nhat-ky").text
    assert "nghe rồi nói lại" in shown
    assert "Trả tiền điện · Tiếng Mông · mo" in shown
    assert done | set(SAID_ELSEWHERE) >= acting_routes(services)
    assert set(SAID_ELSEWHERE) <= acting_routes(services)


def acting_routes(services: Services) -> set[str]:
    """Return every route of lessons that changes something."""
    editor_paths = (
        "/-/soan/bai",
        "/-/soan/consents",
        "/-/soan/lessons",
        "/-/soan/uploads",
    )
    others = ("/-/soan/media", "/-/soan/draw")
    return {
        f"{method} {route.path}"
        for route in iterate_routes(create_fastapi_app(services))
        if isinstance(route, APIRoute) and route.path.startswith((*editor_paths, *others))
        for method in set(route.methods or ()) - {"GET", "HEAD", "OPTIONS"}
    }


def test_a_line_is_forgotten_after_180_days_by_the_next_act(
    services: Services, clients: dict[str, TestClient]
) -> None:
    with services.database.write() as session:
        for days in (181, 179):
            old = utc_now() - timedelta(days=days)
            session.add(AuditLogRow(event="invited", subject=f"{days}", created_at=old))
    assert "181" in clients["admin"].get("/-/soan/nhat-ky").text
    kept = clients["pao"].post(f"{VI}/snapshots", data={"name": "Nữa"})
    assert kept.status_code == 303
    with services.database.read() as session:
        about = {line.subject for line in session.exec(select(AuditLogRow))}
    assert "179" in about
    assert "181" not in about


def test_an_editor_takes_along_what_is_kept_and_leaves_without_a_trace(
    services: Services, voice: bytes
) -> None:
    add_account(services, "lo-thi-mai", Grant(Role.TRANSLATOR, "hmn"), name="Lò Thị Mai")
    alone = replace(services, settings=replace(services.settings, two_people=False))
    mai = sign_in(new_client(create_app(alone)), "lo-thi-mai")
    digest, _none = upload_file(mai, voice)
    stamp = source_fingerprint("Nias.")
    for path, more in (("thu", {"agreed": True, "part": ""}), ("noi-lai", {"part": "mo"})):
        body = {"digest": digest, "stamp": stamp, **more}
        assert mai.post(f"{HMN}/{path}", json=body).status_code == 200
    assert mai.post(f"{HMN}/comments", data={"step": "mo", "text": "Rõ rồi."}).status_code == 303
    kept = mai.get("/-/toi/du-lieu.json")
    assert kept.headers["content-disposition"] == 'attachment; filename="lothimai.json"'
    taken = kept.json()
    assert taken["name"] == "Lò Thị Mai"
    assert [each["voice"] for each in taken["recordings"]] == [digest]
    assert {each["text"] for each in taken["remarks"]} == {"Rõ rồi.", ""}
    assert {each["what"] for each in taken["log"]} >= {"voice_recorded", "back_translated"}
    assert mai.post("/-/toi/delete", data={"passphrase": PASSPHRASE}).status_code == 303
    with services.database.read() as session:
        spoken = session.exec(select(CommentRow).where(CommentRow.voice == digest)).all()
        consent = session.exec(select(ConsentRow).order_by(ConsentRow.id.desc())).first()  # type: ignore[union-attr]
        about = [line.event for line in load_audit_lines(session) if line.actor_id is None]
    assert spoken == []
    assert consent is not None  # the voice stays in its lesson until it is taken down
    assert set(about) >= {"account_deleted", "voice_recorded", "back_translated"}
    page = sign_in(new_client(create_app(services)), "chu").get(f"{HMN}/duyet").text
    assert "Lò Thị Mai" not in page
