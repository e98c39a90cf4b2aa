"""The lists: edited by people, checked whole, and every published page says the new thing."""

import re
import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from content_server.accounts.roles import Role
from content_server.app import create_app
from content_server.editorial.registry_edits import load_registry_body
from content_server.services import Services
from tests.support.accounts import client_with_role

CARE = "/-/soan/danh-sach/contacts/care"
HOSTILE = [
    "<script>window.PWN=1</script>",
    '"><img src=x onerror=window.PWN=1>',
    "{{7*7}}{% for %}",
    "'; DROP TABLE person; --",
    "\u202eabc",
    "a\x00b",
    "a" * 5_000,
]


@pytest.fixture
def admin(services: Services) -> Iterator[TestClient]:
    services.pipeline.ingest()
    services.worker.run_until_idle()
    with client_with_role(services, Role.ADMIN, app=create_app(services)) as client:
        yield client


def form_of(page: str) -> dict[str, str]:
    """Return what a browser would send of the form on a page, unchanged."""
    tags = re.findall(r"<(?:input|textarea)[^>]*>(?:[^<]*</textarea>)?", page)
    fields = {}
    for tag in tags:
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            inner = re.search(r">([^<]*)</textarea>", tag)
            fields[name[1]] = inner[1] if inner else value[1] if value else ""
    for select in re.findall(r"<select.*?</select>", page, re.DOTALL):
        name, chosen = re.search(r'name="(\w+)"', select), re.search(r'value="(\w*)" sel', select)
        if name and chosen:
            fields[name[1]] = chosen[1]
    return fields


def lesson_page(admin: TestClient) -> str:
    return admin.get("/vi/tra-tien").text


def test_a_changed_number_is_on_every_page(services: Services, admin: TestClient) -> None:
    assert "19006769" in lesson_page(admin)
    sent = form_of(admin.get(CARE).text) | {"tel": "19001234"}
    assert admin.post("/-/soan/danh-sach/contacts", data=sent).status_code == 303
    deadline = time.monotonic() + 10  # the front looks once a second
    while "19001234" not in lesson_page(admin):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    services.pipeline.ingest()  # a new start with the old file does not undo it
    with services.database.read() as session:
        assert load_registry_body(session, "contacts")["care"]["tel"] == "19001234"


def test_everything_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    services: Services, admin: TestClient
) -> None:
    sent = form_of(admin.get(CARE).text) | {
        "tel": "không số",
        "site": "example.com",
        "hours": "Sáng",
    }
    answer = admin.post("/-/soan/danh-sach/contacts", data=sent)
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 2
    for typed in ("không số", "example.com", "Sáng"):
        assert typed in answer.text
    with services.database.read() as session:
        assert load_registry_body(session, "contacts")["care"]["tel"] == "19006769"


def test_two_people_do_not_write_over_each_other(services: Services, admin: TestClient) -> None:
    mine = form_of(admin.get(CARE).text)
    theirs = mine | {"hours": "Chiều"}
    assert admin.post("/-/soan/danh-sach/contacts", data=theirs).status_code == 303
    answer = admin.post("/-/soan/danh-sach/contacts", data=mine | {"hours": "Sáng"})
    assert answer.status_code == 409
    assert "Chiều" in answer.text
    assert 'value="Sáng"' in answer.text
    again = form_of(answer.text)
    assert admin.post("/-/soan/danh-sach/contacts", data=again).status_code == 303
    with services.database.read() as session:
        assert load_registry_body(session, "contacts")["care"]["hours"] == "Sáng"


def test_a_village_is_written_into_its_commune(admin: TestClient) -> None:
    village = {"key": "lai-chau/muong-kim/ban-dong", "name": "Bản Đông", "aliases": "Nà Đông\n"}
    assert admin.post("/-/soan/danh-sach/units", data=village).status_code == 303
    assert "Nà Đông" in admin.get("/-/soan/danh-sach/units").text
    for key in ("lai-chau/khong-co/ban", "Lai Chau", "a/b/c/d", "../x", ""):
        lost = admin.post("/-/soan/danh-sach/units", data=village | {"key": key})
        assert lost.status_code == 422, key


def test_what_is_used_is_not_removed(admin: TestClient) -> None:
    for name, key in (("units", "lai-chau"), ("languages", "hmn"), ("topics", "dien")):
        sent = form_of(admin.get(f"/-/soan/danh-sach/{name}/{key}").text)
        assert admin.post(f"/-/soan/danh-sach/{name}/remove", data=sent).status_code == 422, name
    sent = form_of(admin.get("/-/soan/danh-sach/units/lai-chau/muong-kim").text)
    assert admin.post("/-/soan/danh-sach/units/remove", data=sent).status_code == 303


def test_hostile_words_stay_words(admin: TestClient) -> None:
    editor_pages = ["/-/toi", "/-/soan/nguoi", "/-/soan/nguoi/1", "/-/soan/nhat-ky"]
    lists = "/-/soan/danh-sach/"
    for text in HOSTILE:
        answers = [
            admin.post("/-/toi/name", data={"name": text}),
            admin.post(lists + "topics", data={"key": "la", "name": text}),
            admin.post(lists + "languages", data={"key": "la", "name_vi": text, "tag": text}),
            admin.post("/-/soan/invitations", data={"name": text, "role": text, "unit": text}),
            admin.post("/-/soan/invitations", data={"name": text, "role": "trainer"}),
            admin.get("/-/soan", params={"q": text, "tieng": text, "nhom": text}),
            admin.post("/-/vao", data={"name": text, "passphrase": text, "ve": text}),
            *(admin.get(page) for page in (*editor_pages, lists + "topics", lists + "topics/la")),
        ]
        for answer in answers:
            assert answer.status_code < 500
            assert "<script>window" not in answer.text
            assert "<img src=x" not in answer.text
