"""A lesson in the making, through HTTP: nothing typed is lost, whoever types and whatever comes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from content_server.accounts.roles import Role
from content_server.app import create_app
from content_server.services import Services
from content_server.site.tree.rendition_index import format_size
from tests.support.accounts import client_with_role
from tests.support.editor_services import open_lesson_services

PATH = ""  # of this test's own lesson
SLUGS = (f"bai-{n}" for n in range(1, 46))
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def services_and_author(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Services, TestClient]]:
    """Services with one lesson for each test, and an author signed in."""
    services = open_lesson_services(tmp_path_factory.mktemp("drafts"), 45)
    yield services, client_with_role(services, Role.AUTHOR, app=create_app(services))
    services.database.close()


@pytest.fixture
def services(services_and_author: tuple[Services, TestClient]) -> Services:
    return services_and_author[0]


@pytest.fixture
def author(
    services_and_author: tuple[Services, TestClient], monkeypatch: pytest.MonkeyPatch
) -> TestClient:
    """An author's browser, and a lesson nobody has touched at PATH."""
    monkeypatch.setitem(globals(), "PATH", f"/-/soan/bai/{next(SLUGS)}/vi")
    return services_and_author[1]


def change(part: str, path: str, value: object) -> dict[str, Any]:
    return {"part": part, "path": path, "value": value}


def save(client: TestClient, seen: int, *changes: dict[str, Any], page: str = "a") -> Any:  # noqa: ANN401  # JSON
    body = {"seen": seen, "page": page, "changes": changes}
    answer = client.post(f"{PATH}/save", json=body, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_change_is_saved_and_villagers_see_nothing_of_it(
    author: TestClient, services: Services
) -> None:
    villagers = PATH.removeprefix("/-/soan/bai").removesuffix("/vi")
    before = author.get(f"/vi{villagers}").content
    saved = save(author, 0, change("mo", "show", "Bấm nút Thanh toán ở giữa."))
    assert saved["number"] == 1
    assert saved["conflicts"] == 0
    assert "Bấm nút Thanh toán ở giữa." in author.get(PATH).text
    assert "Bấm nút Thanh toán ở giữa." in author.get(f"{PATH}/xem").text
    services.worker.run_until_idle()
    assert author.get(f"/vi{villagers}").content == before


def test_two_people_in_one_place_keep_both_sentences(author: TestClient) -> None:
    save(author, 0, change("mo", "show", "Câu của người thứ nhất."), page="a")
    second = save(author, 0, change("mo", "show", "Câu của người thứ hai."), page="b")
    assert second["conflicts"] == 1
    assert second["others"] == [change("mo", "show", "Câu của người thứ nhất.")]
    page = author.get(f"{PATH}/khac").text
    assert "Câu của người thứ nhất." in page
    assert "Câu của người thứ hai." in page
    author.post(f"{PATH}/conflicts", data={"conflict": "1", "take": "there"})
    assert "Câu của người thứ hai." in author.get(PATH).text
    assert "Không còn chỗ nào phải chọn" in author.get(f"{PATH}/khac").text


def test_two_people_in_two_places_disturb_nobody(author: TestClient) -> None:
    save(author, 0, change("mo", "show", "Câu một."), page="a")
    second = save(author, 0, change("nham", "if_wrong", "Câu hai."), page="b")
    assert second["conflicts"] == 0
    page = author.get(PATH).text
    assert "Câu một." in page
    assert "Câu hai." in page


def test_steps_are_added_doubled_moved_removed_and_brought_back(author: TestClient) -> None:
    def do(what: str, step: str = "", kind: str = "show") -> str:
        answer = author.post(f"{PATH}/steps", data={"do": what, "step": step, "kind": kind})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"]).partition("#")[2]

    def order() -> list[str]:
        page = author.get(PATH).text
        return [part.partition('"')[0] for part in page.split('<li class="card step" id="')[1:]]

    assert order() == ["mo", "nham", "tap", "hoi"]
    assert do("add", "mo") == "buoc-1"
    assert do("double", "nham") == "nham-1"
    assert order() == ["mo", "buoc-1", "nham", "nham-1", "tap", "hoi"]
    do("up", "hoi")
    do("down", "mo")
    assert order() == ["buoc-1", "mo", "nham", "nham-1", "hoi", "tap"]
    do("remove", "nham")
    assert "nham" not in order()
    do("restore")
    assert order() == ["buoc-1", "mo", "nham", "nham-1", "hoi", "tap"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Bấm\u202e nút\u200b\x00 to.", "Bấm nút to."),  # turned round, invisible, NUL
        ("Bấm\n nút\tto.", "Bấm nút to."),
        ("<script>window.PWN=1</script>", "&lt;script&gt;window.PWN=1&lt;/script&gt;"),
        ("B\ud800ấm", "Bấm"),
    ],
)
def test_odd_characters_are_made_harmless(author: TestClient, value: str, expected: str) -> None:
    body = {"seen": 0, "changes": [change("mo", "show", value)]}
    raw = json.dumps(body).encode()
    headers = {"content-type": "application/json", **JSON}
    assert author.post(f"{PATH}/save", content=raw, headers=headers).status_code == 200
    assert expected in author.get(PATH).text
    assert author.get(f"{PATH}/xem").status_code == 200


@pytest.mark.parametrize("rubbish", [
    b"", b"[]", b"{", b'{"seen": "x"}', b'{"seen": 0, "changes": [{"path": "steps"}]}',
    b'{"seen": 0, "changes": [{"part": "khong-co", "path": "show", "value": "a"}]}',
    b'{"seen": 0, "changes": [{"part": "mo", "path": "show.x.y", "value": "a"}]}',
    b'{"seen": 0, "changes": [{"part": "mo", "path": "practise.99.say", "value": "a"}]}',
    b'{"seen": 0, "changes": [{"part": "mo", "path": "show", "value": "' + b"a" * 5000 + b'"}]}',
    b'{"seen": 0, "changes": [{"part": "mo", "path": "show", "value": "' + b"a" * 10**7 + b'"}]}',
    b"[" * 100_000,
])  # fmt: skip
def test_rubbish_gets_a_clear_sentence_and_changes_nothing(
    author: TestClient, rubbish: bytes
) -> None:
    headers = {"content-type": "application/json", **JSON}
    answer = author.post(f"{PATH}/save", content=rubbish, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.json()["vi"]
    assert "Bấm Thanh toán." in author.get(PATH).text


@pytest.mark.parametrize("path", ["show", "screen", "photo", "scene", "tap", "answers.1"])
def test_a_draft_may_hold_anything_and_every_page_of_it_still_opens(
    author: TestClient, path: str
) -> None:
    for value in (7, ["a"], {"a": {"b": ["c"]}}, {"widgets": 3}, "x" * 1999, -1e300, None):
        save(author, 99, change("mo", path, value))
        for place in ("", "/duyet", "/xem", "/gia"):
            assert author.get(PATH + place).status_code == 200, (place, value)
    for place in ("/lich-su", "/khac", "/man-hinh/mo"):
        assert author.get(PATH + place).status_code == 200, place


@pytest.mark.parametrize("path", [
    "/-/soan/bai/khong-co/vi", "/-/soan/bai/tra-tien/xyz", "/-/soan/bai/khong-co/vi/duyet",
    "/-/soan/bai/khong-co/hmn/xem", "/-/soan/bai/Tra%00/vi", "/-/soan/tep/00.opus",
])  # fmt: skip
def test_what_is_not_there_says_so(author: TestClient, path: str) -> None:
    assert author.get(path).status_code in {404, 422}


def test_a_screen_is_drawn_by_the_server_with_everything_on_it_to_press(
    author: TestClient,
) -> None:
    screen = {
        "app": "bank",
        "widgets": [
            {"title": "Ngân hàng"},
            {"icons": [{"icon": "bill", "label": "Hóa đơn"}, {"icon": "phone", "label": "Gọi"}]},
            {"button": {"label": "Tiếp tục"}},
        ],
    }
    drawn = author.post("/-/soan/draw", json={"screen": screen}, headers=JSON).json()
    assert drawn["svg"].startswith("<svg")
    assert [spot["way"] for spot in drawn["spots"]] == [
        ["widgets", 1, "icons", 0],
        ["widgets", 1, "icons", 1],
        ["widgets", 2, "button"],
    ]
    assert all(spot["width"] >= 48 and spot["height"] >= 48 for spot in drawn["spots"])
    wrong = {"app": "bank", "widgets": [{"button": {"label": ""}}, {"nothing": {}}]}
    assert (
        len(author.post("/-/soan/draw", json={"screen": wrong}, headers=JSON).json()["problems"])
        > 1
    )


def test_a_composed_screen_becomes_the_picture_of_a_step(author: TestClient) -> None:
    screen = {"app": "zalo", "widgets": [{"button": {"id": "gui", "label": "Gửi đi nhé"}}]}
    body = {"seen": 0, "where": "screen", "screen": screen, "tap": "gui"}
    answer = author.post(f"{PATH}/screens/mo", json=body, headers=JSON)
    assert answer.json()["go"] == f"{PATH}#mo"
    assert "Gửi đi nhé" in author.get(f"{PATH}/xem").text
    frame = {"seen": 9, "where": "practise.2.screen", "screen": screen, "tap": "gui"}
    assert author.post(f"{PATH}/screens/tap", json=frame, headers=JSON).status_code == 200
    too_full = {"app": "bank", "widgets": [{"receipt": {"rows": [["a", "b"]] * 10}}] * 9}
    body |= {"screen": too_full}
    refused = author.post(f"{PATH}/screens/mo", json=body, headers=JSON)
    assert refused.status_code == 422
    assert refused.json()["vi"]


def test_every_pattern_begins_a_lesson_that_can_be_previewed(author: TestClient) -> None:
    page = author.get("/-/soan/bai-moi").text
    for pattern in ("bai-trong", "tra-hoa-don", "cai-ung-dung", "nhan-ra-lua-dao"):
        assert f'value="{pattern}"' in page
        answer = author.post(
            "/-/soan/bai-moi", data={"title": "Trả tiền nước", "pattern": pattern, "topic": "dien"}
        )
        path = answer.headers["location"]
        assert author.get(path).status_code == 200
        assert "Trả tiền nước" in author.get(f"{path}/xem").text
        assert path in author.get("/-/soan?q=nước").text
    refused = author.post("/-/soan/bai-moi", data={"title": "\u200b", "topic": "dien"})
    assert refused.status_code == 422
    assert "Đặt tên cho bài" in refused.text


def test_the_cost_meter_speaks_of_built_bytes(author: TestClient) -> None:
    said = author.get(f"{PATH}/gia").text
    published = author.get(
        PATH.replace("/-/soan/bai/", "/vi/").removesuffix("/vi"), headers={"accept-encoding": "br"}
    )
    size = int(published.headers["content-length"])
    assert (
        format_size(size).partition(" ")[0] in said
        or format_size(size + 500).partition(" ")[0] in said
    )
    assert "giây" in said
    assert "đồng" in said
