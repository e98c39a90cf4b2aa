"""Pages that say what is not there: hidden, missing, withdrawn, in trouble."""

from dataclasses import replace

import httpx

from content_server.app import create_app
from content_server.services import Services, open_services
from tests.support.http_pages import ParsedPage, fetch_page, text_of
from tests.support.servers import run_uvicorn


def test_unreviewed_editions_can_be_hidden(services: Services) -> None:
    careful = open_services(replace(services.settings, hide_unreviewed=True))
    careful.pipeline.ingest()
    assert not careful.worker.run_until_idle().failed
    with (
        run_uvicorn(create_app(careful)) as address,
        httpx.Client(base_url=address) as reader,
    ):
        assert reader.get("/vi/tra-tien").status_code == 200
        assert reader.get("/hmn/tra-tien").status_code == 404
        assert reader.get("/hmn").status_code == 404
        for path in ("/", "/vi", "/vi/tra-tien", "/-/tim/vi?q=tien"):
            assert "/hmn" not in reader.get(path).text
    careful.database.close()


def test_a_page_that_is_not_there_leads_home_in_vietnamese(reader: httpx.Client) -> None:
    for path in ("/khong-co", "/vi/khong-co", "/xx/tra-tien-dien", "/vi/tra-tien-dien/9"):
        page = fetch_page(reader, path)
        assert page.answer.status_code == 404
        assert page.root.get("lang") == "vi"
        assert "Trang này không có." in text_of(page.all("main")[0])
        assert "/vi" in [a.get("href") for a in page.all("a")]
        assert page.all("meta", name="robots", content="noindex")


def test_a_withdrawn_lesson_says_so_and_leads_home(services: Services) -> None:
    services.pipeline.ingest()
    services.worker.run_until_idle()
    services.pipeline.publisher.withdraw("tra-tien")
    assert not services.worker.run_until_idle().failed
    with run_uvicorn(create_app(services)) as address:
        page = ParsedPage(httpx.get(f"{address}/vi/tra-tien"))
    assert page.answer.status_code == 410
    assert "không còn dùng" in text_of(page.all("main")[0])
    assert "/vi" in [a.get("href") for a in page.all("a")]
    assert page.all("meta", name="robots", content="noindex")


def test_the_trouble_page_is_ready_and_kind(reader: httpx.Client) -> None:
    page = fetch_page(reader, "/500")
    assert page.answer.status_code == 500
    assert "không phải lỗi của bác" in text_of(page.all("main")[0])
