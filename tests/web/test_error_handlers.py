"""What goes wrong is said plainly: a page to people, JSON to programs, no trace to anyone."""

from collections.abc import Iterator

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from content_server.app import app_state_of, create_app
from content_server.services import Services
from content_server.web.error_handlers import add_error_handlers


@pytest.fixture
def visitor(services: Services) -> Iterator[TestClient]:
    services.pipeline.ingest()
    services.worker.run_until_idle()
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        yield client


def is_kind_page(answer: httpx2.Response, status: int) -> bool:
    return (
        answer.status_code == status
        and answer.headers["content-type"].startswith("text/html")
        and "Xem các bài học" in answer.text
        and "sha256-" in answer.headers["content-security-policy"]
    )


@pytest.mark.parametrize("path", ["/-/tim/xx?q=dien", "/-/khong-co", "/-/tim/%00", "/-/"])
def test_people_get_a_page_that_leads_home(visitor: TestClient, path: str) -> None:
    assert is_kind_page(visitor.get(path), 404)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/lessons/khong-co/vi", 404),
        ("/api/v1/lessons/tra-tien/xx", 404),
        ("/api/v1/lessons/%00/vi", 404),
        ("/api/v1/khong-co", 404),
        ("/api/v1/lessons/" + "a" * 500 + "/vi", 422),
    ],
)
def test_programs_get_both_languages(visitor: TestClient, path: str, status: int) -> None:
    answer = visitor.get(path)
    assert answer.status_code == status
    told = answer.json()
    assert told["vi"]
    assert told["en"]
    assert told["vi"] != told["en"]


def test_writing_where_only_reading_is_possible_is_refused(visitor: TestClient) -> None:
    own_page = {"sec-fetch-site": "same-origin"}
    client = TestClient(visitor.app, base_url="https://bai.test", headers=own_page)
    assert client.post("/api/v1/lessons", content=b"x" * 10_000).status_code == 405
    assert visitor.delete("/vi/tra-tien").status_code == 405


def test_an_unexpected_error_shows_no_trace(services: Services) -> None:
    failing_app = FastAPI()
    failing_app.state.server = app_state_of(services)
    add_error_handlers(failing_app)

    @failing_app.get("/{path:path}")
    def broken(path: str) -> None:
        raise ZeroDivisionError(path)

    client = TestClient(failing_app, raise_server_exceptions=False)
    page = client.get("/-/tim/vi")
    assert is_kind_page(page, 500)
    assert "ZeroDivision" not in page.text
    assert client.get("/api/v1/lessons").json()["error"] == "Trouble"


def test_what_people_type_is_never_markup(visitor: TestClient) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    page = visitor.get("/-/tim/vi", params={"q": hostile})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert visitor.get("/-/tim/vi", params={"q": "a" * 1000}).status_code in {200, 422, 404}
