"""The reader's pages as bytes: valid, small, the same for everyone, honest about language."""

import json
import re
import statistics
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from itertools import product
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import brotli  # type: ignore[import-untyped]  # published without types
import html5lib
import httpx
import pytest
from conftest import LESSON, write_lessons
from PIL import Image
from published_samples import running_uvicorn

from content_server.app import create_app
from content_server.house import House, open_house
from content_server.settings import PROJECT_DIR

FOLDERS = {"vi": "vi", "hmn": "hmn", "tay": "tyz"}  # folder → tag
FILES = sorted(path for f in FOLDERS for path in (PROJECT_DIR / "lessons" / f).glob("*.yaml"))
EDITIONS = [(path.stem, path.parent.name) for path in FILES]
SLUGS = [slug for slug, folder in EDITIONS if folder == "vi"]
LESSONS = [f"/{folder}/{slug}" for slug, folder in EDITIONS]
LISTS = ["/", *(f"/{folder}{more}" for folder, more in product(FOLDERS, ("", "/tim", "/nha")))]
FOUND = "/-/tim/vi?q=dien"
EVERY_PAGE = [*LESSONS, *LISTS, "/khong-co", FOUND]
LINKING = ("href", "src", "srcset", "poster", "action", "data-o", "data-m")
PAGE_BYTES, SCRIPT_BYTES, LESSON_BYTES, CARD_BYTES = 13_000, 5_000, 180_000, 100_000
FIRST_BYTES = 1_650  # of 120 kbit/s a ninth of a second
DECK_BYTES = 20_500  # in every language it is told in, practice, hands, codes and keys included
SCREEN_BYTES, MEDIAN_SCREEN_BYTES, SCENE_BYTES = 1_800, 800, 2_500


@dataclass(frozen=True)
class Read:
    """A page as it came over HTTP, parsed strictly: an error in the HTML is an error here."""

    answer: httpx.Response

    @cached_property
    def root(self) -> Element:
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        root: Element = parser.parse(self.answer.text)
        return root

    @cached_property
    def elements(self) -> list[Element]:
        return [element for element in self.root.iter() if isinstance(element.tag, str)]  # type: ignore[redundant-expr]  # a comment has a function for a tag

    @cached_property
    def parents(self) -> dict[Element, Element]:
        return {child: parent for parent in self.elements for child in parent}

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Return elements by local name (SVG's too) and exact attributes; class_ for class."""
        named = {name.rstrip("_").replace("_", "-"): v for name, v in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag.rpartition("}")[2] == tag
            and all(element.get(name) == value for name, value in named.items())
        ]

    def of_class(self, name: str) -> list[Element]:
        return [e for e in self.elements if name in (e.get("class") or "").split()]

    def links(self) -> list[str]:
        return [e.get(name, "") for e in self.elements for name in LINKING if e.get(name)]

    def meta(self, name: str) -> str:
        return next(e.get("content", "") for e in self.all("meta", property=name))

    def language_of(self, element: Element) -> str:
        """Return the language a screen reader would use here."""
        here: Element | None = element
        while here is not None and not here.get("lang"):
            here = self.parents.get(here)
        return here.get("lang", "") if here is not None else ""

    def inline(self, tag: str) -> list[str]:
        return [e.text or "" for e in self.all(tag) if e.get("type") != "application/ld+json"]


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


@pytest.fixture(scope="module")
def site(starter_house: House) -> Iterator[httpx.Client]:
    """The real lessons behind the real server."""
    with (
        running_uvicorn(create_app(starter_house)) as address,
        httpx.Client(base_url=address, headers={"Accept-Encoding": "br"}) as client,
    ):
        yield client


def read(site: httpx.Client, path: str) -> Read:
    return Read(site.get(path))


def sent_bytes(site: httpx.Client, path: str) -> int:
    return int(site.head(path).headers["content-length"])


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_the_html_is_valid_and_carries_nothing_inline(site: httpx.Client, path: str) -> None:
    page = read(site, path)
    names = {name.lower() for element in page.elements for name in element.keys()}  # noqa: SIM118  # Element is no mapping
    assert "style" not in names
    assert not {name for name in names if name.startswith("on")}
    ids = [element.get("id") for element in page.elements if element.get("id")]
    assert len(ids) == len(set(ids))
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_link_has_its_end_and_none_leaves_the_house(site: httpx.Client, path: str) -> None:
    page = read(site, path)
    ids = {element.get("id") for element in page.elements}
    for link in page.links():
        if link.startswith("#"):
            assert link == "#_" or link[1:] in ids, link  # "#_" is nowhere: it closes the help
        else:
            own = link.startswith("http://127.0.0.1:8000/") or re.match(r"/(?!/)", link)
            assert own or link.startswith(("tel:", "data:")), link


def test_every_address_a_page_names_answers(site: httpx.Client) -> None:
    named = {link for path in EVERY_PAGE for link in read(site, path).links()}
    paths = {urlsplit(link).path for link in named if not link.startswith(("#", "tel:", "data:"))}
    assert len(paths) > 100
    for path in sorted(paths):
        ask = site.get if path.startswith("/-/") else site.head
        assert ask(path).status_code == 200, path


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_no_cookie_and_one_policy(site: httpx.Client, path: str) -> None:
    answer = site.get(path)
    assert "set-cookie" not in answer.headers
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_policy_is_exactly_the_digests_of_the_inline_blocks(site: httpx.Client) -> None:
    for path in [*LESSONS, *LISTS, "/404", "/500"]:
        page = read(site, path)
        policy = page.answer.headers["content-security-policy"]
        blocks = {text for tag in ("style", "script") for text in page.inline(tag)}
        digests = {b64encode(sha256(text.encode()).digest()).decode() for text in blocks}
        assert set(re.findall(r"'sha256-([^']+)'", policy)) == digests


@pytest.mark.parametrize("path", LESSONS)
def test_a_lesson_is_one_small_response(site: httpx.Client, path: str) -> None:
    assert sent_bytes(site, path) <= PAGE_BYTES
    page = read(site, path)
    assert not [script for script in page.all("script") if script.get("src")]
    assert not page.all("link", rel="stylesheet")
    script = "".join(page.inline("script"))
    assert len(brotli.compress(script.encode())) <= SCRIPT_BYTES


@pytest.mark.parametrize("path", LESSONS)
def test_the_first_words_are_there_after_the_first_bytes(site: httpx.Client, path: str) -> None:
    with site.stream("GET", path, headers={"accept-encoding": "br"}) as answer:
        pressed = b"".join(answer.iter_raw())[:FIRST_BYTES]
    html = brotli.Decompressor().process(pressed).decode(errors="ignore")
    said = re.search(r'<div class="say">\s*<div><p[^>]*>[^<]+</p>', html)
    assert said, f"{html[-200:]!r} is how far a phone reads"


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_slides_of_a_lesson_are_one_small_response(site: httpx.Client, folder: str) -> None:
    sizes = {slug: sent_bytes(site, f"/{folder}/{slug}/chieu") for slug in SLUGS}
    assert max(sizes.values()) <= DECK_BYTES, sizes


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_as_small_as_a_lesson(site: httpx.Client, path: str) -> None:
    assert sent_bytes(site, path) <= PAGE_BYTES


@pytest.mark.parametrize("slug", SLUGS)
def test_a_lesson_with_all_its_voices_is_small(site: httpx.Client, slug: str) -> None:
    page = read(site, f"/vi/{slug}")
    voices = {button.get("data-o", "") for button in page.of_class("voice")}
    assert len(voices) >= 8
    voices_bytes = sum(sent_bytes(site, voice) for voice in voices)
    assert sent_bytes(site, f"/vi/{slug}") + voices_bytes <= LESSON_BYTES


def test_every_drawing_is_small_alone(site: httpx.Client) -> None:
    html = "".join(site.get(f"/vi/{slug}").text for slug in SLUGS)
    drawings = set(re.findall(r'<svg [^>]*viewBox="0 [\d.]+ 360 .*?</svg>', html, re.DOTALL))
    scenes = {drawing for drawing in drawings if 'viewBox="0 0 360 400"' in drawing}
    screens = [len(brotli.compress(drawing.encode())) for drawing in drawings - scenes]
    assert len(screens) > 40
    assert len(scenes) >= 8
    assert statistics.median(screens) <= MEDIAN_SCREEN_BYTES
    assert max(screens) <= SCREEN_BYTES
    assert max(len(brotli.compress(scene.encode())) for scene in scenes) <= SCENE_BYTES


@pytest.mark.parametrize(("slug", "folder"), EDITIONS)
def test_a_page_says_its_language_and_that_of_its_recordings(
    site: httpx.Client, slug: str, folder: str
) -> None:
    page = read(site, f"/{folder}/{slug}")
    assert page.root.get("lang") == FOLDERS[folder]
    assert page.all("main")[0].get("lang") == FOLDERS[folder]
    notes = [words(note) for note in page.all("small") if "voice" not in (note.get("class") or "")]
    said = [note for note in notes if "giọng máy" in note]
    assert said
    borrowed = [note for note in said if "lời đọc tiếng Việt" in note]
    assert borrowed == ([] if folder == "vi" else said)
    ribbons = [words(ribbon) for ribbon in page.of_class("ribbon")]
    assert bool(ribbons) == (folder != "vi")
    assert all("chưa có người nói" in ribbon for ribbon in ribbons)


@pytest.mark.parametrize("path", [path for path in EVERY_PAGE if not path.startswith("/vi")])
def test_vietnamese_words_of_the_frame_are_marked_vietnamese(site: httpx.Client, path: str) -> None:
    page = read(site, path)
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


def test_a_sentence_taken_from_vietnamese_says_so(house: House) -> None:
    house.road.ingest()
    assert not house.worker.run_until_idle().failed
    with running_uvicorn(create_app(house)) as address:
        page = Read(httpx.get(f"{address}/hmn/tra-tien"))
    lines = {words(line): page.language_of(line) for line in page.all("p")}
    assert page.root.get("lang") == "hmn"
    assert lines["Nias Thanh toán."] == "hmn"
    assert lines["Bấm nhầm thì bấm Khác."] == "vi"
    assert lines["Ai hỏi mã OTP thì cúp máy."] == "vi"


@pytest.mark.parametrize(("slug", "folder"), EDITIONS)
def test_a_lesson_names_itself_to_search_engines_and_chats(
    site: httpx.Client, slug: str, folder: str
) -> None:
    page = read(site, f"/{folder}/{slug}")
    here = f"http://127.0.0.1:8000/{folder}/{slug}"
    assert [link.get("href") for link in page.all("link", rel="canonical")] == [here]
    alternates = {e.get("hreflang"): e.get("href") for e in page.all("link", rel="alternate")}
    told_in = {each: FOLDERS[each] for name, each in EDITIONS if name == slug}
    assert alternates == {
        tag: here.replace(f"/{folder}/", f"/{each}/") for each, tag in told_in.items()
    }
    assert page.meta("og:url") == here
    assert page.meta("og:title") == words(page.all("h1")[0])
    learning = json.loads(page.all("script", type="application/ld+json")[0].text or "")
    assert learning["@type"] == "LearningResource"
    assert learning["inLanguage"] == FOLDERS[folder]
    assert learning["name"] == page.meta("og:title")
    practice = page.of_class("practise")
    assert practice
    assert all(panel.get("data-nosnippet") is not None for panel in practice)


@pytest.mark.parametrize("path", LESSONS)
def test_the_link_preview_is_a_small_picture_with_its_content_in_its_name(
    site: httpx.Client, path: str
) -> None:
    card = urlsplit(read(site, path).meta("og:image")).path
    answer = site.get(card)
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) <= CARD_BYTES
    assert card == f"/m/{sha256(answer.content).hexdigest()[:20]}.jpg"
    with Image.open(BytesIO(answer.content), formats=["JPEG"]) as picture:
        assert picture.size == (1200, 630)


@pytest.mark.parametrize("path", LESSONS)
def test_the_language_links_keep_the_step(site: httpx.Client, path: str) -> None:
    page = read(site, path)
    slug = path.rpartition("/")[2]
    steps = [step for step in page.of_class("step") if step.get("id") not in {"0", "het"}]
    assert len(steps) > 8
    for step in steps:
        links = {a.get("href") for a in step.iter("a") if a.get("hreflang")}
        others = {f for name, f in EDITIONS if name == slug and not path.startswith(f"/{f}/")}
        assert links == {f"/{folder}/{slug}#{step.get('id')}" for folder in others}


@pytest.mark.parametrize("path", LESSONS)
def test_steps_are_a_chain_there_and_back(site: httpx.Client, path: str) -> None:
    page = read(site, path)
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
def test_practice_is_two_links_and_asks_for_nothing(site: httpx.Client, path: str) -> None:
    page = read(site, path)
    assert not page.all("input")
    assert not page.all("form")
    for panel in page.of_class("practise"):
        wrong, right = (a for a in panel.iter() if str(a.tag).endswith("svg}a"))
        assert wrong.get("href") == f"#{panel.get('id')}h"
        assert wrong.get("aria-hidden") == "true"
        assert wrong.get("tabindex") == "-1"
        assert right.get("aria-label")
        assert any(words(e) == "LUYỆN TẬP" for e in panel)


@pytest.mark.parametrize("path", LESSONS)
def test_whom_to_call_and_what_it_costs(site: httpx.Client, path: str) -> None:
    page = read(site, path)
    end = next(step for step in page.of_class("step") if step.get("id") == "het")
    for place in (page.all("aside", id="giup")[0], end):
        calls = [a for a in place.iter("a") if (a.get("href") or "").startswith("tel:")]
        assert calls
        for call in calls:
            number = (call.get("href") or "").removeprefix("tel:")
            assert number in words(call).replace(" ", "")
            assert not number.startswith("1900") or "gọi có mất tiền" in words(call)
    assert "tình nguyện viên" in words(page.all("aside")[0])


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_everything_to_press_or_see_has_a_name(site: httpx.Client, path: str) -> None:
    page = read(site, path)
    for tag in ("a", "button", "summary"):
        for element in page.all(tag):
            hidden = element.get("aria-hidden") == "true"
            assert hidden or element.get("aria-label") or words(element), path
    assert all(image.get("alt") is not None for image in page.all("img"))
    assert all(video.get("aria-label") for video in page.all("video"))
    labelled = {label.get("for") for label in page.all("label")}
    assert all(field.get("id") in labelled for field in page.all("input"))
    for svg in page.all("svg"):
        silent = svg.get("aria-hidden") == "true"
        pressed = any(str(e.tag).endswith("}a") for e in svg.iter())
        assert silent or pressed or (svg.get("role") == "img" and svg.get("aria-label"))


@pytest.mark.parametrize("path", ["/vi", *LESSONS[:1], "/khong-co"])
def test_the_same_bytes_for_every_visitor(site: httpx.Client, path: str) -> None:
    phones = [
        {"User-Agent": "Mozilla/5.0 (Linux; Android 6.0) Zalo android/12 ZaloTheme/dark"},
        {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 12_0) FBAN/FBIOS"},
        {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/156", "Accept-Language": "en-US"},
        {"User-Agent": "Googlebot/2.1", "Accept-Language": "hmn,vi;q=0.5", "Save-Data": "on"},
        {"Cookie": "lang=hmn", "Referer": "https://zalo.me/", "Accept-Language": "*"},
    ]
    answers = [site.get(path, headers=phone) for phone in phones]
    assert len({answer.content for answer in answers}) == 1
    headers = [
        sorted((k, v) for k, v in answer.headers.items() if k != "date") for answer in answers
    ]
    assert all(each == headers[0] for each in headers)


def found(site: httpx.Client, query: str, folder: str = "vi") -> list[str]:
    """Return the lessons a search page lists, in order."""
    answer = site.get(f"/-/tim/{folder}", params={"q": query})
    assert answer.status_code == 200
    cards = Read(answer).all("li")
    return [(a.get("href") or "").rpartition("/")[2] for li in cards for a in li.iter("a")]


@pytest.mark.parametrize("query", ["dien", "DIEN", "Điện", "điện", "  tien   dien "])
def test_a_lesson_is_found_first_however_it_is_typed(site: httpx.Client, query: str) -> None:
    assert found(site, query)[0] == "tra-tien-dien"


@pytest.mark.parametrize(
    ("query", "slug"), [("y te", "xem-the-bhyt"), ("nhan bang giong", "dung-zalo")]
)
def test_a_search_looks_for_every_word(site: httpx.Client, query: str, slug: str) -> None:
    assert slug in found(site, query)


def test_a_search_stays_in_its_language(site: httpx.Client) -> None:
    answer = site.get("/-/tim/hmn", params={"q": "zalo"})
    assert '<html lang="hmn">' in answer.text
    assert 'href="/hmn/dung-zalo"' in answer.text
    assert 'href="/vi/dung-zalo"' not in answer.text


HOSTILE = ["<script>alert(1)</script>", '" autofocus onfocus="x', "%_\\'; DROP TABLE", "{{ 7*7 }}"]


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_searches_are_only_words(site: httpx.Client, query: str) -> None:
    assert found(site, query) == []
    page = read(site, str(httpx.URL("/-/tim/vi", params={"q": query})))
    assert page.all("input")[0].get("value") == query
    assert len(page.all("script")) == 1
    assert "Chưa có bài nào" in words(page.root)


@pytest.mark.parametrize("query", ["", "   ", "zzzz không có", "a" * 300])
def test_a_search_that_finds_nothing_is_still_a_page(site: httpx.Client, query: str) -> None:
    assert found(site, query) == []


def test_an_endless_search_is_refused_plainly(site: httpx.Client) -> None:
    answer = site.get("/-/tim/vi", params={"q": "a" * 5000})
    assert 400 <= answer.status_code < 500
    assert len(answer.content) < 40_000


def test_the_word_with_the_right_mark_comes_first(house: House) -> None:
    for slug, title in (("ma_so", "Nhập mã số"), ("ma_gao", "Xem má bầu"), ("ma_lua", "Gieo mạ")):
        text = LESSON.replace("title: Trả tiền điện", f"title: {title}").replace("mã OTP", "OTP")
        write_lessons(house.settings.lessons_dir, **{f"vi__{slug}": text})
    house.road.ingest()
    assert not house.worker.run_until_idle().failed
    with (
        running_uvicorn(create_app(house)) as address,
        httpx.Client(base_url=address) as site,
    ):
        for query, first in (("mã", "ma-so"), ("má", "ma-gao"), ("mạ", "ma-lua")):
            assert found(site, query)[0] == first
            assert {"ma-so", "ma-gao", "ma-lua"} <= set(found(site, query))


def test_unreviewed_editions_can_be_hidden(house: House) -> None:
    careful = open_house(replace(house.settings, hide_unreviewed=True))
    careful.road.ingest()
    assert not careful.worker.run_until_idle().failed
    with (
        running_uvicorn(create_app(careful)) as address,
        httpx.Client(base_url=address) as site,
    ):
        assert site.get("/vi/tra-tien").status_code == 200
        assert site.get("/hmn/tra-tien").status_code == 404
        assert site.get("/hmn").status_code == 404
        for path in ("/", "/vi", "/vi/tra-tien", "/-/tim/vi?q=tien"):
            assert "/hmn" not in site.get(path).text
    careful.database.close()


def test_a_page_that_is_not_there_leads_home_in_vietnamese(site: httpx.Client) -> None:
    for path in ("/khong-co", "/vi/khong-co", "/xx/tra-tien-dien", "/vi/tra-tien-dien/9"):
        page = read(site, path)
        assert page.answer.status_code == 404
        assert page.root.get("lang") == "vi"
        assert "Trang này không có." in words(page.all("main")[0])
        assert "/vi" in [a.get("href") for a in page.all("a")]
        assert page.all("meta", name="robots", content="noindex")


def test_a_withdrawn_lesson_says_so_and_leads_home(house: House) -> None:
    house.road.ingest()
    house.worker.run_until_idle()
    house.road.withdraw("tra-tien")
    assert not house.worker.run_until_idle().failed
    with running_uvicorn(create_app(house)) as address:
        page = Read(httpx.get(f"{address}/vi/tra-tien"))
    assert page.answer.status_code == 410
    assert "không còn dùng" in words(page.all("main")[0])
    assert "/vi" in [a.get("href") for a in page.all("a")]
    assert page.all("meta", name="robots", content="noindex")


def test_the_trouble_page_is_ready_and_kind(site: httpx.Client) -> None:
    page = read(site, "/500")
    assert page.answer.status_code == 500
    assert "không phải lỗi của bác" in words(page.all("main")[0])


def test_the_api_lists_languages_and_lessons(site: httpx.Client) -> None:
    languages = {each["folder"]: each for each in site.get("/api/v1/languages").json()}
    assert languages["tay"]["tag"] == "tyz"
    assert not languages["hmn"]["waiting"]
    assert languages["khb"]["waiting"]
    lessons = {each["slug"]: each for each in site.get("/api/v1/lessons").json()}
    assert sorted(lessons) == SLUGS
    for lesson in lessons.values():
        told_in = {(lesson["slug"], each["folder"]) for each in lesson["editions"]}
        assert told_in == {edition for edition in EDITIONS if edition[0] == lesson["slug"]}
        assert {site.head(each["path"]).status_code for each in lesson["editions"]} == {200}


def test_the_api_tells_a_lesson_with_every_gap_named(site: httpx.Client) -> None:
    told = site.get("/api/v1/lessons/tra-tien-dien/hmn").json()
    assert told["tag"] == "hmn"
    assert told["reviewed"] is False
    assert [step["number"] for step in told["steps"]] == list(range(1, len(told["steps"]) + 1))
    voice = told["steps"][0]["voice"]
    assert voice["tag"] == "vi"
    assert {r["content_type"].split(";")[0] for r in voice["renditions"]} == {
        "audio/ogg",
        "audio/mp4",
        "audio/mpeg",
    }
    for rendition in voice["renditions"]:
        assert sent_bytes(site, rendition["path"]) == rendition["size_bytes"]


@pytest.mark.parametrize("path", ["khong-co/vi", "tra-tien-dien/xx", "..%2f/vi", "a%00b/vi"])
def test_the_api_names_what_is_missing(site: httpx.Client, path: str) -> None:
    answer = site.get(f"/api/v1/lessons/{path}")
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_the_api_describes_itself(site: httpx.Client) -> None:
    openapi = site.get("/-/openapi.json").json()
    assert set(openapi["paths"]) >= {
        "/api/v1/languages",
        "/api/v1/lessons",
        "/api/v1/lessons/{slug}/{folder}",
    }
    page = read(site, "/-/docs")
    assert "/api/v1/lessons/{slug}/{folder}" in words(page.root)
    assert page.answer.headers["content-security-policy"] == "default-src 'none'"
