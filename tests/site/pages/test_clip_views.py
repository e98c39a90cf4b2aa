"""A clip on a page: stills first, the moving clip one tap away, whatever a phone plays."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from rich.console import Console
from sqlmodel import select

from content_server.app import create_app
from content_server.cli.media.clip_report import print_clip_report
from content_server.media.clip_ladder import CLIP_LADDER
from content_server.media.media_kinds import ClipKind
from content_server.media.tables import CachedAnalysis, Rendition
from content_server.media.video.clip_renditions import CLIP_ANALYSIS
from content_server.services import Services, open_services
from content_server.settings import Settings
from tests.support.lesson_files import LESSON, write_lessons
from tests.support.media_files import make_speech, run_ffmpeg
from tests.support.servers import run_uvicorn

CAPTIONS = "WEBVTT\n\n00:02.000 --> 00:04.000\nBấm Thanh toán.\n\n00:05.000 --> 00:07.000\nXong.\n"
LEAN = CLIP_LADDER[ClipKind.SCREEN][-1].recipe
WATCH = "  - id: xem\n    watch: {clip: phim.mp4, captions: loi.vtt}\n"
ADDRESS = "/vi/tra-tien#5"


def make_screen_clip(path: Path) -> Path:
    """Ten seconds of a phone's screen: five of them, one letter field being typed into, a voice."""
    voice = make_speech(path.with_name("giong.wav"), seconds=8)
    lines = ",".join(
        f"drawbox=x=24:y={top}:w='{160 + 37 * n}':h=14:t=fill:c=0x303048:enable='between(t,{n * 2},"
        f"{n * 2 + 2})'"
        for n in range(5)
        for top in range(40 + n * 9, 600, 44)
    )
    source = f"color=white:s=360x640:r=15:d=10,{lines}"
    run_ffmpeg("-f", "lavfi", "-i", source, "-i", voice, "-shortest", "-crf", "12", path)
    return path


@pytest.fixture(scope="module")
def clip_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A small lesson with a clip, published before and after its background renditions."""
    folder = tmp_path_factory.mktemp("film")
    (folder / "media").mkdir()
    make_screen_clip(folder / "media" / "phim.mp4")
    (folder / "media" / "loi.vtt").write_text(CAPTIONS, "utf-8")
    lessons = write_lessons(folder / "lessons", vi__tra_tien=LESSON + WATCH)
    services = open_services(
        Settings(data_dir=folder / "data", lessons_dir=lessons, media_dir=folder / "media")
    )
    assert not services.pipeline.ingest().rejected
    for worker in (services.worker, services.background_worker, services.worker):
        assert not worker.run_until_idle().failed
    yield services
    services.database.close()


@pytest.fixture(scope="module")
def clip_site(clip_services: Services) -> Iterator[str]:
    with run_uvicorn(create_app(clip_services)) as address:
        yield address


@pytest.fixture
def page(chromium: Browser, clip_site: str) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": 360, "height": 640}, java_script_enabled=False, is_mobile=True
    )
    page = context.new_page()
    page.goto(clip_site + ADDRESS)
    yield page
    context.close()


def rungs_of(services: Services) -> dict[str, Rendition]:
    with services.database.read() as session:
        return {row.rung: row for row in session.exec(select(Rendition))}


def first_clip(page: Page) -> Locator:
    return page.locator('section[id="5"] figure video')


def play_clip(video: Locator) -> str:
    """Play a clip by its own control; return the digest of the file it chose."""
    video.focus()
    video.press("Space")
    expect(video).not_to_have_js_property("currentTime", 0, timeout=15_000)
    return str(video.evaluate("e => e.currentSrc")).rsplit("/", 1)[-1].split(".")[0]


def block_files(page: Page, *digests: str) -> None:
    def missing(route: Route) -> None:
        route.fulfill(status=404)

    for digest in digests:
        page.route(re.compile(f"/m/{digest[:20]}"), missing)


def test_every_rung_is_made_once_and_remembered(clip_services: Services) -> None:
    made = rungs_of(clip_services)
    assert {"compat", "lean", "stills", "poster-avif", "strip-1-avif", "captions"} <= set(made)
    assert made["stills"].bytes < made["lean"].bytes < made["compat"].bytes
    assert made["lean"].content_type.startswith('video/mp4; codecs="av01.0.')
    assert made["lean"].content_type.endswith(', opus"')
    with clip_services.database.read() as session:
        found = {row.name: row.value for row in session.exec(select(CachedAnalysis))}
    assert found[CLIP_ANALYSIS]["kind"] == "screen"
    assert found[LEAN]["encodes"] <= 6
    before = {rung: row.id for rung, row in made.items()}
    clip_services.pipeline.ingest()
    assert clip_services.worker.run_until_idle().total == 0
    assert (
        clip_services.background_worker.run_until_idle().total == 0
    )  # no encode, no search, nothing
    assert {rung: row.id for rung, row in rungs_of(clip_services).items()} == before


def test_an_editor_reads_what_a_clip_was_taken_for_and_why(clip_services: Services) -> None:
    console = Console(record=True, width=200, file=io.StringIO())
    print_clip_report(clip_services.settings, console)
    told = " ".join(console.export_text().split())
    assert "phim.mp4" in told
    assert re.search(r"screen: \d+ % số hình là mảng phẳng", told)
    assert re.search(r"kB, VMAF 9\d", told)


def test_a_changed_wish_makes_only_the_stills_again(clip_services: Services) -> None:
    before = rungs_of(clip_services)
    file = clip_services.settings.lessons_dir / "vi" / "tra-tien.yaml"
    told = file.read_text("utf-8")
    file.write_text(
        told.replace("loi.vtt}", "loi.vtt, stills: {add: [1.2], drop: [4.2]}}"), "utf-8"
    )
    clip_services.pipeline.ingest()
    assert clip_services.worker.run_until_idle().failed == 0
    later = clip_services.background_worker.run_until_idle()
    assert (later.done, later.failed) == (1, 0)
    after = rungs_of(clip_services)
    assert after["lean"].id == before["lean"].id
    assert after["compat"].id == before["compat"].id
    mine = [rung for rung in after if rung.startswith("stills-")]
    assert len(mine) == 1
    file.write_text(told, "utf-8")
    clip_services.pipeline.ingest()
    clip_services.worker.run_until_idle()


def test_a_film_costs_nothing_before_it_is_played(chromium: Browser, clip_site: str) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 640})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(clip_site + ADDRESS, wait_until="networkidle")
    expect(first_clip(page)).to_be_in_viewport()
    assert not [address for address in asked if address.endswith((".mp4", ".vtt"))]
    assert len([address for address in asked if "/m/" in address]) == 1  # its first picture
    cost = page.locator('section[id="5"] > .cost')
    expect(cost).to_have_text(re.compile(r"^Hình và tiếng · \d+ kB · khoảng \d+ giây .*\(máy cũ "))
    page.close()


def test_the_stills_begin_with_few_bytes(clip_services: Services, tmp_path: Path) -> None:
    film = tmp_path / "stills.mp4"
    clip_services.store.fetch_to(rungs_of(clip_services)["stills"].digest, film)
    told = run_ffmpeg(
        "-debug_ts", "-i", film, "-t", "1.4", "-map", "0:v", "-c", "copy", "-f", "null", "-"
    )
    assert len(re.findall(r"demuxer -> .*type:video", told)) >= 12  # what a browser waits for
    assert film.read_bytes().index(b"mdat") < 10_000  # and its index is small


def test_one_film_at_a_time_speaks(chromium: Browser, clip_site: str) -> None:
    page = chromium.new_page(viewport={"width": 360, "height": 640}, is_mobile=True)
    page.goto(clip_site + ADDRESS)
    expect(page.locator("section.here")).to_have_id("5")
    first_clip(page).evaluate("e => e.play()")
    expect(first_clip(page)).to_have_js_property("paused", value=False)
    page.locator("details.film summary").click()
    page.locator("details.film video").evaluate("e => e.play()")
    expect(first_clip(page)).to_have_js_property("paused", value=True)
    page.close()


def test_pictures_at_rest_come_first_and_play_without_scripts(
    page: Page, clip_services: Services
) -> None:
    made = rungs_of(clip_services)
    sources = first_clip(page).locator("source")
    types = [source.get_attribute("type") for source in sources.all()]
    assert types == [made[name].content_type for name in ("stills", "lean", "compat")]
    assert play_clip(first_clip(page)) == made["stills"].digest[:20]


def test_the_moving_film_is_one_tap_away_with_its_cost(page: Page, clip_services: Services) -> None:
    made = rungs_of(clip_services)
    film = page.locator("details.film")
    expect(film.locator("summary")).to_contain_text(re.compile(r"Xem phim động · \d+ kB"))
    box = film.locator("summary").bounding_box()
    assert box is not None
    assert box["height"] >= 48
    film.locator("summary").click()
    expect(first_clip(page)).to_be_hidden()
    moving = film.locator("video")
    expect(moving).to_be_in_viewport(ratio=0.9)
    assert play_clip(moving) == made["lean"].digest[:20]


@pytest.mark.parametrize(("gone", "left"), [(["stills"], "lean"), (["stills", "lean"], "compat")])
def test_what_cannot_be_had_is_replaced_by_the_next(
    page: Page, clip_services: Services, gone: list[str], left: str
) -> None:
    made = rungs_of(clip_services)
    block_files(page, *(made[name].digest for name in gone))
    assert play_clip(first_clip(page)) == made[left].digest[:20]


def test_the_words_and_the_strip_are_there_for_who_cannot_play_it(
    page: Page, chromium: Browser, clip_site: str
) -> None:
    words, strip = page.locator("details.words").all()
    expect(words.locator("p")).to_be_hidden()
    words.locator("summary").click()
    expect(words.locator("p")).to_have_text("Bấm Thanh toán. Xong.")
    strip.locator("summary").click()
    links = strip.get_by_role("link").all()  # without script, a tap shows one picture
    assert 3 <= len(links) <= 6
    assert page.request.get(clip_site + str(links[0].get_attribute("href"))).ok
    scripted = chromium.new_page(viewport={"width": 360, "height": 640})
    scripted.goto(clip_site + ADDRESS)
    strip = scripted.locator("details.words").nth(1)
    strip.locator("summary").click()
    pictures = strip.locator("img")
    expect(pictures).to_have_count(len(links))
    pictures.first.scroll_into_view_if_needed()
    expect(pictures.first).to_have_js_property("complete", value=True)
    assert pictures.first.evaluate("e => e.naturalWidth") == 360
    scripted.close()


@pytest.mark.parametrize("scripted", [True, False])
def test_no_picture_of_a_closed_strip_is_fetched(
    chromium: Browser, clip_site: str, *, scripted: bool
) -> None:
    context = chromium.new_context(java_script_enabled=scripted)
    page = context.new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(clip_site + ADDRESS, wait_until="networkidle")
    strip = page.locator("details.words").nth(1).inner_html()
    poster = page.locator("figure.clip img").evaluate("e => e.currentSrc")
    pictures = {clip_site + each for each in re.findall(r'(/m/[^"]+)"', strip)} - {poster}
    assert len(pictures) >= 3
    assert not pictures & asked
    context.close()


def test_captions_keep_in_step_with_a_cut_beginning(
    page: Page, clip_services: Services, clip_site: str
) -> None:
    with clip_services.database.read() as session:
        look = (
            session.exec(select(CachedAnalysis).where(CachedAnalysis.name == CLIP_ANALYSIS))
            .one()
            .value
        )
    assert look["cut"]["start_ms"] == 0 or look["cut"]["start_ms"] >= 500
    track = first_clip(page).locator("track").get_attribute("src") or ""
    told = page.request.get(clip_site + track).text()
    begin_s = 2.0 - look["cut"]["start_ms"] / 1000
    assert f"00:00:0{begin_s:.3f} --> " in told
