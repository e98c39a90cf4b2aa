"""The reader's pages as bytes: valid, small, complete in one answer."""

import re
import statistics
from base64 import b64encode
from hashlib import sha256
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]  # published without types
import httpx
import pytest

from tests.support.http_pages import (
    EVERY_PAGE,
    FOLDERS,
    LESSONS,
    LISTS,
    SLUGS,
    fetch_page,
    measure_sent_bytes,
)

PAGE_BYTES, SCRIPT_BYTES, LESSON_BYTES, CARD_BYTES = 13_000, 5_000, 180_000, 100_000
FIRST_BYTES = 1_650  # of 120 kbit/s a ninth of a second
DECK_BYTES = 20_500  # in every language it is told in, practice, hands, codes and keys included
SCREEN_BYTES, MEDIAN_SCREEN_BYTES, SCENE_BYTES = 1_800, 800, 2_500


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_the_html_is_valid_and_carries_nothing_inline(reader: httpx.Client, path: str) -> None:
    page = fetch_page(reader, path)
    names = {name.lower() for element in page.elements for name in element.keys()}  # noqa: SIM118  # Element is no mapping
    assert "style" not in names
    assert not {name for name in names if name.startswith("on")}
    ids = [element.get("id") for element in page.elements if element.get("id")]
    assert len(ids) == len(set(ids))
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_link_has_its_end_and_none_leaves_the_house(reader: httpx.Client, path: str) -> None:
    page = fetch_page(reader, path)
    ids = {element.get("id") for element in page.elements}
    for link in page.links():
        if link.startswith("#"):
            assert link == "#_" or link[1:] in ids, link  # "#_" is nowhere: it closes the help
        else:
            own = link.startswith("http://127.0.0.1:8000/") or re.match(r"/(?!/)", link)
            assert own or link.startswith(("tel:", "data:")), link


def test_every_address_a_page_names_answers(reader: httpx.Client) -> None:
    named = {link for path in EVERY_PAGE for link in fetch_page(reader, path).links()}
    paths = {urlsplit(link).path for link in named if not link.startswith(("#", "tel:", "data:"))}
    assert len(paths) > 100
    for path in sorted(paths):
        ask = reader.get if path.startswith("/-/") else reader.head
        assert ask(path).status_code == 200, path


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_no_cookie_and_one_policy(reader: httpx.Client, path: str) -> None:
    answer = reader.get(path)
    assert "set-cookie" not in answer.headers
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_policy_is_exactly_the_digests_of_the_inline_blocks(reader: httpx.Client) -> None:
    for path in [*LESSONS, *LISTS, "/404", "/500"]:
        page = fetch_page(reader, path)
        policy = page.answer.headers["content-security-policy"]
        blocks = {text for tag in ("style", "script") for text in page.inline(tag)}
        digests = {b64encode(sha256(text.encode()).digest()).decode() for text in blocks}
        assert set(re.findall(r"'sha256-([^']+)'", policy)) == digests


@pytest.mark.parametrize("path", LESSONS)
def test_a_lesson_is_one_small_response(reader: httpx.Client, path: str) -> None:
    assert measure_sent_bytes(reader, path) <= PAGE_BYTES
    page = fetch_page(reader, path)
    assert not [script for script in page.all("script") if script.get("src")]
    assert not page.all("link", rel="stylesheet")
    script = "".join(page.inline("script"))
    assert len(brotli.compress(script.encode())) <= SCRIPT_BYTES


@pytest.mark.parametrize("path", LESSONS)
def test_the_first_words_are_there_after_the_first_bytes(reader: httpx.Client, path: str) -> None:
    with reader.stream("GET", path, headers={"accept-encoding": "br"}) as answer:
        pressed = b"".join(answer.iter_raw())[:FIRST_BYTES]
    html = brotli.Decompressor().process(pressed).decode(errors="ignore")
    said = re.search(r'<div class="say">\s*<div><p[^>]*>[^<]+</p>', html)
    assert said, f"{html[-200:]!r} is how far a phone reads"


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_slides_of_a_lesson_are_one_small_response(reader: httpx.Client, folder: str) -> None:
    sizes = {slug: measure_sent_bytes(reader, f"/{folder}/{slug}/chieu") for slug in SLUGS}
    assert max(sizes.values()) <= DECK_BYTES, sizes


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_as_small_as_a_lesson(reader: httpx.Client, path: str) -> None:
    assert measure_sent_bytes(reader, path) <= PAGE_BYTES


@pytest.mark.parametrize("slug", SLUGS)
def test_a_lesson_with_all_its_voices_is_small(reader: httpx.Client, slug: str) -> None:
    page = fetch_page(reader, f"/vi/{slug}")
    voices = {button.get("data-o", "") for button in page.of_class("voice")}
    assert len(voices) >= 8
    voices_bytes = sum(measure_sent_bytes(reader, voice) for voice in voices)
    assert measure_sent_bytes(reader, f"/vi/{slug}") + voices_bytes <= LESSON_BYTES


def test_every_drawing_is_small_alone(reader: httpx.Client) -> None:
    html = "".join(reader.get(f"/vi/{slug}").text for slug in SLUGS)
    drawings = set(re.findall(r'<svg [^>]*viewBox="0 [\d.]+ 360 .*?</svg>', html, re.DOTALL))
    scenes = {drawing for drawing in drawings if 'viewBox="0 0 360 400"' in drawing}
    screens = [len(brotli.compress(drawing.encode())) for drawing in drawings - scenes]
    assert len(screens) > 40
    assert len(scenes) >= 8
    assert statistics.median(screens) <= MEDIAN_SCREEN_BYTES
    assert max(screens) <= SCREEN_BYTES
    assert max(len(brotli.compress(scene.encode())) for scene in scenes) <= SCENE_BYTES
