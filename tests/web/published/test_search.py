"""The search: by any spelling, in one language, whatever is typed."""

import httpx
import pytest

from content_server.app import create_app
from content_server.services import Services
from tests.support.http_pages import ParsedPage, fetch_page, text_of
from tests.support.lesson_files import LESSON, write_lessons
from tests.support.servers import run_uvicorn


def search_lessons(reader: httpx.Client, query: str, folder: str = "vi") -> list[str]:
    """Return the lessons a search page lists, in order."""
    answer = reader.get(f"/-/tim/{folder}", params={"q": query})
    assert answer.status_code == 200
    cards = ParsedPage(answer).all("li")
    return [(a.get("href") or "").rpartition("/")[2] for li in cards for a in li.iter("a")]


@pytest.mark.parametrize("query", ["dien", "DIEN", "Điện", "điện", "  tien   dien "])
def test_a_lesson_is_found_first_however_it_is_typed(reader: httpx.Client, query: str) -> None:
    assert search_lessons(reader, query)[0] == "tra-tien-dien"


@pytest.mark.parametrize(
    ("query", "slug"), [("y te", "xem-the-bhyt"), ("nhan bang giong", "dung-zalo")]
)
def test_a_search_looks_for_every_word(reader: httpx.Client, query: str, slug: str) -> None:
    assert slug in search_lessons(reader, query)


def test_a_search_stays_in_its_language(reader: httpx.Client) -> None:
    answer = reader.get("/-/tim/hmn", params={"q": "zalo"})
    assert '<html lang="hmn">' in answer.text
    assert 'href="/hmn/dung-zalo"' in answer.text
    assert 'href="/vi/dung-zalo"' not in answer.text


HOSTILE = ["<script>alert(1)</script>", '" autofocus onfocus="x', "%_\\'; DROP TABLE", "{{ 7*7 }}"]


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_searches_are_only_words(reader: httpx.Client, query: str) -> None:
    assert search_lessons(reader, query) == []
    page = fetch_page(reader, str(httpx.URL("/-/tim/vi", params={"q": query})))
    assert page.all("input")[0].get("value") == query
    assert len(page.all("script")) == 1
    assert "Chưa có bài nào" in text_of(page.root)


@pytest.mark.parametrize("query", ["", "   ", "zzzz không có", "a" * 300])
def test_a_search_that_finds_nothing_is_still_a_page(reader: httpx.Client, query: str) -> None:
    assert search_lessons(reader, query) == []


def test_an_endless_search_is_refused_plainly(reader: httpx.Client) -> None:
    answer = reader.get("/-/tim/vi", params={"q": "a" * 5000})
    assert 400 <= answer.status_code < 500
    assert len(answer.content) < 40_000


def test_the_word_with_the_right_mark_comes_first(services: Services) -> None:
    for slug, title in (("ma_so", "Nhập mã số"), ("ma_gao", "Xem má bầu"), ("ma_lua", "Gieo mạ")):
        text = LESSON.replace("title: Trả tiền điện", f"title: {title}").replace("mã OTP", "OTP")
        write_lessons(services.settings.lessons_dir, **{f"vi__{slug}": text})
    services.pipeline.ingest()
    assert not services.worker.run_until_idle().failed
    with (
        run_uvicorn(create_app(services)) as address,
        httpx.Client(base_url=address) as reader,
    ):
        for query, first in (("mã", "ma-so"), ("má", "ma-gao"), ("mạ", "ma-lua")):
            assert search_lessons(reader, query)[0] == first
            assert {"ma-so", "ma-gao", "ma-lua"} <= set(search_lessons(reader, query))
