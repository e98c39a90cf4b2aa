"""JSON in attributes of templates: made by `tojson`, so that no translation can break it."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment

from content_server.settings import PROJECT_DIR

TEMPLATES = sorted((PROJECT_DIR / "content_server").glob("**/templates/**/*.html"))
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
# An attribute that begins like an object or a list of something, its quotes written or escaped.
BY_HAND = re.compile(r"""=\s*["']\s*[\[{]\s*(?:["'{\[]|&quot;|&#34;)""")
MADE = re.compile(r"""([\w-]+)=(["'])(\{\{(?:(?!\}\}).)*\|tojson\b.*?\}\})\2""", re.DOTALL)
MARKS = "it's \"said\" <b>&amp; \\ '}"
FOUND = [(path, match) for path in TEMPLATES for match in MADE.finditer(path.read_text("utf-8"))]


class Attributes(HTMLParser):
    """Collects the attributes of one tag as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += attrs


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_writes_json_into_an_attribute_by_hand(path: Path) -> None:
    assert not BY_HAND.findall(TAG.sub("", path.read_text("utf-8")))


@pytest.mark.parametrize(
    "text", ['a=\'{"b": "{{ c }}"}\'', 'a="[{&quot;b&quot;: 1}]"', "a='[\"b\"]'"]
)
def test_json_by_hand_is_found(text: str) -> None:
    assert BY_HAND.search(TAG.sub("", text))


def test_the_pages_that_hand_words_to_a_script_are_looked_at() -> None:
    found = {(path.stem, match[1]) for path, match in FOUND}
    assert {(name, "data-words") for name in ("recorder", "clips", "photos", "lesson")} <= found


@pytest.mark.parametrize(
    ("path", "match"), FOUND, ids=[f"{path.stem}-{match[1]}" for path, match in FOUND]
)
def test_json_in_an_attribute_survives_quotes_in_a_translation(
    path: Path, match: re.Match[str]
) -> None:
    def say(message: str, **values: object) -> str:
        return message.format(**values) + MARKS if values else message + MARKS

    template = Environment(autoescape=True).from_string(f"<p {match[0]} data-after='1'>")
    names = {"_": say, "most_s": 60}
    found = Attributes(template.render(names)).found
    assert [name for name, _value in found] == [match[1], "data-after"], path
    words = json.loads(found[0][1] or "")
    spoken = [value for value in words.values() if isinstance(value, str)]
    assert all(value.endswith(MARKS) for value in spoken)
    assert len(spoken) == match[0].count("_(")
