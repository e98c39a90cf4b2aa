"""What a page says: its language, its name, its steps, whom to call; to every visitor the same."""

import json
from hashlib import sha256
from io import BytesIO
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from content_server.app import create_app
from content_server.services import Services
from tests.support.http_pages import (
    EDITIONS,
    EVERY_PAGE,
    FOLDERS,
    LESSONS,
    ParsedPage,
    fetch_page,
    text_of,
)
from tests.support.servers import run_uvicorn

CARD_BYTES = 100_000


@pytest.mark.parametrize(("slug", "folder"), EDITIONS)
def test_a_page_says_its_language_and_that_of_its_recordings(
    reader: httpx.Client, slug: str, folder: str
) -> None:
    page = fetch_page(reader, f"/{folder}/{slug}")
    assert page.root.get("lang") == FOLDERS[folder]
    assert page.all("main")[0].get("lang") == FOLDERS[folder]
    notes = [
        text_of(note) for note in page.all("small") if "voice" not in (note.get("class") or "")
    ]
    said = [note for note in notes if "giọng máy" in note]
    assert said
    borrowed = [note for note in said if "lời đọc tiếng Việt" in note]
    assert borrowed == ([] if folder == "vi" else said)
    ribbons = [text_of(ribbon) for ribbon in page.of_class("ribbon")]
    assert bool(ribbons) == (folder != "vi")
    assert all("chưa có người nói" in ribbon for ribbon in ribbons)


@pytest.mark.parametrize("path", [path for path in EVERY_PAGE if not path.startswith("/vi")])
def test_vietnamese_words_of_the_frame_are_marked_vietnamese(
    reader: httpx.Client, path: str
) -> None:
    page = fetch_page(reader, path)
    frame = [
        element
        for element in page.elements
        if element.get("aria-label") in {"Tiếp", "Lùi lại", "Nghe", "Nhờ giúp", "Các bài khác"}
        or (element.text or "").strip() in {"LUYỆN TẬP", "Nếu bấm nhầm", "Bác làm được rồi!"}
    ]
    shown = [
        element
        for element in frame
        if element.tag not in {"title", "html", "head"}
        and not element.tag.startswith("{")  # a drawn button of the same name is no frame
    ]
    assert {page.language_of(element) for element in shown} <= {"vi"}


def test_a_sentence_taken_from_vietnamese_says_so(services: Services) -> None:
    services.pipeline.ingest()
    assert not services.worker.run_until_idle().failed
    with run_uvicorn(create_app(services)) as address:
        page = ParsedPage(httpx.get(f"{address}/hmn/tra-tien"))
    lines = {text_of(line): page.language_of(line) for line in page.all("p")}
    assert page.root.get("lang") == "hmn"
    assert lines["Nias Thanh toán."] == "hmn"
    assert lines["Bấm nhầm thì bấm Khác."] == "vi"
    assert lines["Ai hỏi mã OTP thì cúp máy."] == "vi"


@pytest.mark.parametrize(("slug", "folder"), EDITIONS)
def test_a_lesson_names_itself_to_search_engines_and_chats(
    reader: httpx.Client, slug: str, folder: str
) -> None:
    page = fetch_page(reader, f"/{folder}/{slug}")
    here = f"http://127.0.0.1:8000/{folder}/{slug}"
    assert [link.get("href") for link in page.all("link", rel="canonical")] == [here]
    alternates = {e.get("hreflang"): e.get("href") for e in page.all("link", rel="alternate")}
    told_in = {each: FOLDERS[each] for name, each in EDITIONS if name == slug}
    assert alternates == {
        tag: here.replace(f"/{folder}/", f"/{each}/") for each, tag in told_in.items()
    }
    assert page.meta("og:url") == here
    assert page.meta("og:title") == text_of(page.all("h1")[0])
    learning = json.loads(page.all("script", type="application/ld+json")[0].text or "")
    assert learning["@type"] == "LearningResource"
    assert learning["inLanguage"] == FOLDERS[folder]
    assert learning["name"] == page.meta("og:title")
    practice = page.of_class("practise")
    assert practice
    assert all(panel.get("data-nosnippet") is not None for panel in practice)


@pytest.mark.parametrize("path", LESSONS)
def test_the_link_preview_is_a_small_picture_with_its_content_in_its_name(
    reader: httpx.Client, path: str
) -> None:
    card = urlsplit(fetch_page(reader, path).meta("og:image")).path
    answer = reader.get(card)
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) <= CARD_BYTES
    assert card == f"/m/{sha256(answer.content).hexdigest()[:20]}.jpg"
    with Image.open(BytesIO(answer.content), formats=["JPEG"]) as picture:
        assert picture.size == (1200, 630)


@pytest.mark.parametrize("path", LESSONS)
def test_the_language_links_keep_the_step(reader: httpx.Client, path: str) -> None:
    page = fetch_page(reader, path)
    slug = path.rpartition("/")[2]
    steps = [step for step in page.of_class("step") if step.get("id") not in {"0", "het"}]
    assert len(steps) > 8
    for step in steps:
        links = {a.get("href") for a in step.iter("a") if a.get("hreflang")}
        others = {f for name, f in EDITIONS if name == slug and not path.startswith(f"/{f}/")}
        assert links == {f"/{folder}/{slug}#{step.get('id')}" for folder in others}


@pytest.mark.parametrize("path", LESSONS)
def test_steps_are_a_chain_there_and_back(reader: httpx.Client, path: str) -> None:
    page = fetch_page(reader, path)
    ids = [step.get("id") for step in page.of_class("step")]
    ways = [
        [a.get("href") for a in nav if a.tag == "a"]
        for step in page.of_class("step")
        for nav in step.iter("nav")
    ]
    home = path.rpartition("/")[0]
    for index, way in enumerate(ways):
        before = f"#{ids[index - 1]}"
        after = f"#{ids[index + 1]}" if index + 1 < len(ids) else home
        assert way == ([before, after] if index else [after])


@pytest.mark.parametrize("path", LESSONS)
def test_practice_is_two_links_and_asks_for_nothing(reader: httpx.Client, path: str) -> None:
    page = fetch_page(reader, path)
    assert not page.all("input")
    assert not page.all("form")
    for panel in page.of_class("practise"):
        wrong, right = (a for a in panel.iter() if str(a.tag).endswith("svg}a"))
        assert wrong.get("href") == f"#{panel.get('id')}h"
        assert wrong.get("aria-hidden") == "true"
        assert wrong.get("tabindex") == "-1"
        assert right.get("aria-label")
        assert any(text_of(e) == "LUYỆN TẬP" for e in panel)


@pytest.mark.parametrize("path", LESSONS)
def test_whom_to_call_and_what_it_costs(reader: httpx.Client, path: str) -> None:
    page = fetch_page(reader, path)
    end = next(step for step in page.of_class("step") if step.get("id") == "het")
    for place in (page.all("aside", id="giup")[0], end):
        calls = [a for a in place.iter("a") if (a.get("href") or "").startswith("tel:")]
        assert calls
        for call in calls:
            number = (call.get("href") or "").removeprefix("tel:")
            assert number in text_of(call).replace(" ", "")
            assert not number.startswith("1900") or "gọi có mất tiền" in text_of(call)
    assert "tình nguyện viên" in text_of(page.all("aside")[0])


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_everything_to_press_or_see_has_a_name(reader: httpx.Client, path: str) -> None:
    page = fetch_page(reader, path)
    for tag in ("a", "button", "summary"):
        for element in page.all(tag):
            hidden = element.get("aria-hidden") == "true"
            assert hidden or element.get("aria-label") or text_of(element), path
    assert all(image.get("alt") is not None for image in page.all("img"))
    assert all(video.get("aria-label") for video in page.all("video"))
    labelled = {label.get("for") for label in page.all("label")}
    assert all(field.get("id") in labelled for field in page.all("input"))
    for svg in page.all("svg"):
        silent = svg.get("aria-hidden") == "true"
        pressed = any(str(e.tag).endswith("}a") for e in svg.iter())
        assert silent or pressed or (svg.get("role") == "img" and svg.get("aria-label"))


@pytest.mark.parametrize("path", ["/vi", *LESSONS[:1], "/khong-co"])
def test_the_same_bytes_for_every_visitor(reader: httpx.Client, path: str) -> None:
    phones = [
        {"User-Agent": "Mozilla/5.0 (Linux; Android 6.0) Zalo android/12 ZaloTheme/dark"},
        {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 12_0) FBAN/FBIOS"},
        {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/156", "Accept-Language": "en-US"},
        {"User-Agent": "Googlebot/2.1", "Accept-Language": "hmn,vi;q=0.5", "Save-Data": "on"},
        {"Cookie": "lang=hmn", "Referer": "https://zalo.me/", "Accept-Language": "*"},
    ]
    answers = [reader.get(path, headers=phone) for phone in phones]
    assert len({answer.content for answer in answers}) == 1
    headers = [
        sorted((k, v) for k, v in answer.headers.items() if k != "date") for answer in answers
    ]
    assert all(each == headers[0] for each in headers)
