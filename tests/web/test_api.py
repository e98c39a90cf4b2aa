"""The JSON API: what there is, and what is missing by name."""

import httpx
import pytest

from tests.support.http_pages import EDITIONS, SLUGS, fetch_page, measure_sent_bytes, text_of


def test_the_api_lists_languages_and_lessons(reader: httpx.Client) -> None:
    languages = {each["folder"]: each for each in reader.get("/api/v1/languages").json()}
    assert languages["tay"]["tag"] == "tyz"
    assert not languages["hmn"]["waiting"]
    assert languages["khb"]["waiting"]
    lessons = {each["slug"]: each for each in reader.get("/api/v1/lessons").json()}
    assert sorted(lessons) == SLUGS
    for lesson in lessons.values():
        told_in = {(lesson["slug"], each["folder"]) for each in lesson["editions"]}
        assert told_in == {edition for edition in EDITIONS if edition[0] == lesson["slug"]}
        assert {reader.head(each["path"]).status_code for each in lesson["editions"]} == {200}


def test_the_api_tells_a_lesson_with_every_gap_named(reader: httpx.Client) -> None:
    told = reader.get("/api/v1/lessons/tra-tien-dien/hmn").json()
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
        assert measure_sent_bytes(reader, rendition["path"]) == rendition["size_bytes"]


@pytest.mark.parametrize("path", ["khong-co/vi", "tra-tien-dien/xx", "..%2f/vi", "a%00b/vi"])
def test_the_api_names_what_is_missing(reader: httpx.Client, path: str) -> None:
    answer = reader.get(f"/api/v1/lessons/{path}")
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


def test_the_api_describes_itself(reader: httpx.Client) -> None:
    openapi = reader.get("/-/openapi.json").json()
    assert set(openapi["paths"]) >= {
        "/api/v1/languages",
        "/api/v1/lessons",
        "/api/v1/lessons/{slug}/{folder}",
    }
    page = fetch_page(reader, "/-/docs")
    assert "/api/v1/lessons/{slug}/{folder}" in text_of(page.root)
    assert page.answer.headers["content-security-policy"] == "default-src 'none'"
