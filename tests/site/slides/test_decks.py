"""Decks as built: one language or two, a voice alone, no voice at all, far too many steps."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from content_server.lessons.editions.catalog import PublishedEdition
from content_server.lessons.lesson import Lesson, StepWords, Translation, VoiceKind
from content_server.lessons.localized import LocalizedLesson, localize_lesson
from content_server.lessons.registries.registries import read_registries
from content_server.locales import Folder
from content_server.services import Services
from content_server.site.pages.pages import Site
from content_server.site.pages.render import render_page
from content_server.site.slides.contexts import DeckPage
from content_server.site.slides.decks import build_deck_page
from content_server.site.tree.rendition_index import RenditionIndex, RenditionView
from tests.support.ingest import read_published_page, run_ingest
from tests.support.lesson_files import (
    LESSON,
    TRANSLATION,
    list_problems,
    read_lesson_bundle,
    write_lessons,
)

OPUS, M4A = "audio/ogg; codecs=opus", "audio/mp4"


def voice(name: str) -> list[RenditionView]:
    return [RenditionView("o", f"{name}1" * 8, OPUS, 9), RenditionView("m", f"{name}2" * 8, M4A, 9)]


RENDITIONS = RenditionIndex({"vi-digest": voice("a"), "hmn-digest": voice("b")})


def deck(lessons_dir: Path, folder: str = "hmn", **changes: object) -> DeckPage:
    """Return the deck of the small lesson, its first step spoken in both languages."""
    bundle, library = read_lesson_bundle(lessons_dir), read_registries(lessons_dir)
    bodies = {edition.folder: edition.body for edition in bundle.editions}
    source, own = bodies[Folder("vi")], bodies[Folder("hmn")]
    assert isinstance(source, Lesson)
    assert isinstance(own, Translation)
    first = source.steps[0].model_copy(update={"voice": "vi.opus"})
    steps = (first, *source.steps[1:]) * int(str(changes.pop("times", 1)))
    source = source.model_copy(update={"steps": steps, "voices": VoiceKind.MACHINE})
    words = StepWords(**{"show": "Nias Thanh toán.", "voice": "hmn.opus", **changes})  # type: ignore[arg-type]  # fields by name
    own = own.model_copy(update={"steps": {"mo": words}})
    versions = {
        Folder("vi"): PublishedEdition(1, "", source, {"vi.opus": "vi-digest"}),
        Folder("hmn"): PublishedEdition(1, "", own, {"hmn.opus": "hmn-digest"}),
    }
    site = Site(
        "https://bai.example.vn", RENDITIONS, library.contacts, list(library.locales.values())
    )
    tellings: list[LocalizedLesson] = [
        localize_lesson("tra-tien", f, versions, library.locales)
        for f in (Folder("vi"), Folder("hmn"))
    ]
    mine = next(t for t in tellings if t.locale.folder == folder)
    return build_deck_page(mine, tellings, site)


def test_two_languages_stand_on_one_slide_each_with_its_voice(lessons_dir: Path) -> None:
    slide = next(s for s in deck(lessons_dir).slides if s.anchor == "1")
    assert [(s.language_index, s.text, s.tag) for s in slide.texts] == [
        (0, "Nias Thanh toán.", "hmn"),
        (1, "Bấm Thanh toán.", "vi"),
    ]
    assert len({s.voice.opus for s in slide.texts if s.voice}) == 2


def test_a_borrowed_voice_belongs_to_the_language_it_is_in(lessons_dir: Path) -> None:
    slide = next(s for s in deck(lessons_dir, voice=None).slides if s.anchor == "1")
    assert [bool(s.voice) for s in slide.texts] == [False, True]


def test_a_language_without_text_is_heard_and_named(lessons_dir: Path) -> None:
    page = deck(lessons_dir, "vi", show=None)
    slide = next(s for s in page.slides if s.anchor == "1")
    assert [(s.text, bool(s.voice)) for s in slide.texts] == [
        ("Bấm Thanh toán.", True),
        ("", True),
    ]
    assert "</svg> Hmôngz</p>" in render_page(page).decode()


def test_a_sentence_taken_from_vietnamese_never_stands_twice(lessons_dir: Path) -> None:
    slides = deck(lessons_dir).slides
    question = next(s for s in slides if s.kind == "ask")
    assert [s.text for s in question.texts].count("Ai gọi hỏi mã OTP thì làm gì?") <= 2
    other = next(s for s in deck(lessons_dir, "vi").slides if s.kind == "ask")
    assert [s.language_index for s in other.texts] == [0]


def test_a_lesson_without_any_voice_is_still_shown(services: Services) -> None:
    run_ingest(services)
    page = read_published_page(services, "/hmn/tra-tien/chieu")
    assert "Nias Thanh toán." in page
    assert "Bấm Thanh toán." in page
    assert "data-o=" not in page


def test_a_withdrawn_lesson_is_no_longer_projected(services: Services) -> None:
    run_ingest(services)
    services.pipeline.publisher.withdraw("tra-tien")
    assert "Bấm" not in read_published_page(services, "/vi/tra-tien/chieu")


def test_our_own_addresses_are_no_names_for_lessons(lessons_dir: Path) -> None:
    for name in ("vi__buoi", "vi__the_abcd"):
        write_lessons(lessons_dir, **{name: LESSON, name.replace("vi", "hmn"): TRANSLATION})
    for slug in ("buoi", "the-abcd"):
        assert all("đã dùng cho trang khác" in told for told in list_problems(lessons_dir, slug))


@pytest.mark.browser
def test_three_hundred_steps_stay_usable(lessons_dir: Path, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.set_content(render_page(deck(lessons_dir, times=75)).decode())
    assert page.locator("section.slide").count() > 300
    page.evaluate("deck.my.auto = false; deck.show(deck.slides.length - 4)")
    assert page.locator(".where").inner_text() == "300/300"  # the last question
    page.keyboard.press("PageDown")
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert over <= 0
    page.close()
