"""A real browser over the real lessons: fixtures and small steps that browser tests share."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lacking import lacking
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from published_samples import running_uvicorn

from content_server.app import create_app
from content_server.services import Services

# Debian's headless shell draws no windows and needs half the processor time.
PROGRAMS = ("chromium-headless-shell", "chromium", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = (360, 640)
Open = Callable[..., Page]


@contextmanager
def launched_chromium(*arguments: str) -> Iterator[Browser]:
    """Start this machine's Chromium, and end it; without one, say so in one clear line."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        lacking("the browser tests need Chromium: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *arguments])
        yield browser
        browser.close()


@pytest.fixture(scope="module")  # while it lives, no other event loop can
def chromium() -> Iterator[Browser]:
    """The Chromium that the tests of one file share."""
    with launched_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(starter_house: Services) -> Iterator[str]:
    """The address of the real lessons behind the real server."""
    with running_uvicorn(create_app(starter_house)) as address:
        yield address


@pytest.fixture
def open_page(chromium: Browser, site: str) -> Iterator[Open]:
    """Open pages in contexts of their own; afterwards no console error may have been said."""
    contexts, errors = [], []

    def opened(path: str, size: tuple[int, int] = PHONE, **options: Any) -> Page:  # noqa: ANN401  # playwright's own
        phone = size[0] < 700  # the width of a small tablet
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            is_mobile=phone,
            has_touch=phone,
            **{"reduced_motion": "reduce", **options},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(site + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors


def panel(page: Page, anchor: str) -> Locator:
    return page.locator(f'section[id="{anchor}"]')


def anchors_of(page: Page) -> list[str]:
    ids: list[str] = page.eval_on_selector_all(".step", "all => all.map(e => e.id)")
    return ids


def expect_in_sight(page: Page, anchor: str) -> None:
    expect(panel(page, anchor)).to_be_in_viewport(ratio=0.9)


def turn(page: Page, anchor: str) -> None:
    panel(page, anchor).locator("nav > .next").click()
