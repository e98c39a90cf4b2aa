"""A real Chromium: fixtures that open pages of the starter lessons, and steps of browser tests."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from content_server.app import create_app
from content_server.services import Services
from content_server.settings import PROJECT_DIR
from tests.support.accounts import PASSPHRASE
from tests.support.media_files import run_ffmpeg
from tests.support.missing_programs import skip_or_fail
from tests.support.servers import run_uvicorn

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
PHONE_VIEWPORT = {"width": 360, "height": 740}
RECORDINGS = PROJECT_DIR / "media/tra-tien-dien/vi"
OpenPage = Callable[..., Page]


@contextmanager
def launch_chromium(*arguments: str) -> Iterator[Browser]:
    """Start this machine's Chromium, and end it; without one, say so in one clear line."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        skip_or_fail("the browser tests need Chromium: apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *arguments])
        yield browser
        browser.close()


@pytest.fixture(scope="module")  # while it lives, no other event loop can
def chromium() -> Iterator[Browser]:
    """The Chromium that the tests of one file share."""
    with launch_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(starter_services: Services) -> Iterator[str]:
    """The address of the real lessons behind the real server."""
    with run_uvicorn(create_app(starter_services)) as address:
        yield address


@pytest.fixture
def open_page(chromium: Browser, site: str) -> Iterator[OpenPage]:
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


def list_anchors(page: Page) -> list[str]:
    ids: list[str] = page.eval_on_selector_all(".step", "all => all.map(e => e.id)")
    return ids


def expect_in_sight(page: Page, anchor: str) -> None:
    expect(panel(page, anchor)).to_be_in_viewport(ratio=0.9)


def click_next(page: Page, anchor: str) -> None:
    panel(page, anchor).locator("nav > .next").click()


def sign_in_on_page(page: Page, login: str, where: str) -> None:
    """Sign in, and go on to `where`."""
    page.goto(f"/-/vao?ve={where}")
    page.fill("[name=name]", login)
    page.fill("[name=passphrase]", PASSPHRASE)
    page.press("[name=passphrase]", "Enter")
    page.wait_for_url(f"**{where}")


def make_spoken_wav(folder: Path) -> Path:
    """Return a real recording as Chromium's fake microphone reads it: it is heard in a loop."""
    wav = folder / "spoken.wav"
    recording = min(RECORDINGS.glob("*.opus"))
    run_ffmpeg("-i", recording, "-ac", 1, "-ar", 48000, "-c:a", "pcm_s16le", wav)
    return wav


@contextmanager
def launch_chromium_with_microphone(wav: Path) -> Iterator[Browser]:
    """A Chromium whose microphone hears a file."""
    with launch_chromium(
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}",
        "--autoplay-policy=no-user-gesture-required",
    ) as browser:
        yield browser
