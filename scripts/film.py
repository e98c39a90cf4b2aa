#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Films lessons' practices: drives their pages in Chromium with a drawn finger, and speaks along.

    scripts/film.py tra-tien-dien …        writes media/tra-tien-dien/xem.mp4 and vi/xem.vtt

A film begins with the lesson's name and why it helps, and ends with its warning if there is time.
An authoring tool: it needs Chromium and a set-up made by scripts/test. The film is a source like
any other: ingest makes the small renditions of it.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
from playwright.sync_api import Browser, Page, sync_playwright

from content_server.lessons.editions.catalog import load_editions, published_revision_numbers
from content_server.lessons.lesson import Lesson, Practise, Show, sentence_of
from content_server.locales import SOURCE_FOLDER
from content_server.media.video.captions import Cue as Caption
from content_server.media.video.captions import format_webvtt
from content_server.services import Services, open_services
from content_server.settings import PROJECT_DIR, Settings

FPS = 12  # a finger moves smoothly enough, and half the pictures are the same as the one before
LOOK_S = 1.2  # a still moment where there is nothing to say
READ_S_PER_WORD = 0.28  # words that nobody speaks are read: a slow reader's 200 a minute
PAUSE_S = 0.5  # after a voice, before the finger comes
MOVE_S, PRESS_S, TURN_S = 0.7, 0.4, 0.5
MOST_S = 75.0  # people watch short films to the end (docs/research/domain.md#length-of-films)
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
FINGER = """() => {
  const f = document.createElement('div'); f.id = 'finger';
  Object.assign(f.style, {position: 'fixed', width: '56px', height: '56px', borderRadius: '50%',
    background: 'rgba(255,183,3,.55)', border: '4px solid rgba(22,26,43,.75)', zIndex: 9,
    left: '300px', top: '560px', transform: 'translate(-50%,-50%)', pointerEvents: 'none',
    opacity: 0});
  document.body.appendChild(f); }"""
HIDE = "() => { document.getElementById('finger').style.opacity = 0; }"
START_X, START_Y = 300.0, 600.0  # where a right thumb rests
MOVE = """([x, y, size]) => { const s = document.getElementById('finger').style; s.opacity = 1;
  s.left = x + 'px'; s.top = y + 'px'; s.width = s.height = size + 'px'; }"""


@dataclass(frozen=True)
class Cue:
    """One screen of the film: its anchor, what is said and the recording, if there is one."""

    anchor: str
    words: str
    voice: Path | None
    tapped: bool = True

    @property
    def seconds(self) -> float:
        """Return how long the screen stands still."""
        if self.voice:
            return seconds_of(self.voice) + PAUSE_S
        return max(LOOK_S, len(self.words.split()) * READ_S_PER_WORD)


def cues_of(lesson: Lesson) -> list[Cue]:
    """Return the whole film: the cover, the practice, and the end where it fits."""
    cover = _told("0", lesson.voice, lesson.title, lesson.why, lesson.safety)
    end = _told("het", lesson.ending_voice, lesson.success, lesson.warning)
    cues = [cover, *_practice_cues(lesson)]
    tap_s = MOVE_S + PRESS_S + TURN_S
    whole_s = sum(0.3 + cue.seconds + tap_s * cue.tapped for cue in [*cues, end])
    return [*cues, end] if whole_s < MOST_S else cues


def _told(anchor: str, voice: str | None, *sentences: str) -> Cue:
    words = " ".join(text if text[-1] in ".?!" else f"{text}." for text in sentences)
    return Cue(anchor, words, PROJECT_DIR / "media" / voice if voice else None, tapped=False)


def _practice_cues(lesson: Lesson) -> list[Cue]:
    """Return the screens of the practice, each with the voice of the step that taps the same."""
    number, practice = next(
        (n, step) for n, step in enumerate(lesson.steps, 1) if isinstance(step, Practise)
    )
    said = {step.tap: step for step in lesson.steps if isinstance(step, Show) and step.tap}
    cues = []
    for index, frame in enumerate(practice.practise, 1):
        step = said.get(frame.tap)
        voice = PROJECT_DIR / "media" / step.voice if step and step.voice else None
        words = sentence_of(step) if step else (frame.say or "")
        cues.append(Cue(f"{number}-{index}" if index > 1 else str(number), words, voice))
    return cues


def seconds_of(voice: Path) -> float:
    """Return how long a recording is."""
    told = subprocess.run([FFMPEG, "-i", str(voice)], capture_output=True, text=True, check=False)  # noqa: S603  # our own file
    found = re.search(r"Duration: (\d+):(\d+):([\d.]+)", told.stderr)
    if not found:
        sys.exit(f"not a recording: {voice}")
    hours, minutes, seconds = found.groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


class Camera:
    """Takes the pictures, one every 1/FPS of a second of film."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page, self.folder, self.count = page, folder, 0
        self.x, self.y = START_X, START_Y

    @property
    def seconds(self) -> float:
        return self.count / FPS

    def shoot(self, times: int = 1) -> None:
        first = self.folder / f"{self.count:05}.png"
        self.page.screenshot(path=first)
        for number in range(self.count + 1, self.count + times):
            shutil.copy(first, self.folder / f"{number:05}.png")
        self.count += times

    def hold(self, seconds: float) -> None:
        self.shoot(max(1, round(seconds * FPS)))

    def move_to(self, x: float, y: float) -> None:
        frames = round(MOVE_S * FPS)
        from_x, from_y = self.x, self.y
        for frame in range(1, frames + 1):
            part = frame / frames
            eased = part * part * (3 - 2 * part)
            self.x, self.y = from_x + (x - from_x) * eased, from_y + (y - from_y) * eased
            self.page.evaluate(MOVE, [self.x, self.y, 56])
            self.shoot()

    def press(self) -> None:
        for size in (44, 34, 44, 56):
            self.page.evaluate(MOVE, [self.x, self.y, size])
            self.shoot(max(1, round(PRESS_S * FPS / 4)))

    def lift(self) -> None:
        """Take the finger away, so that it covers nothing that is spoken of."""
        self.page.evaluate(HIDE)
        self.x, self.y = START_X, START_Y


def film(page: Page, cues: list[Cue], camera: Camera) -> list[tuple[float, float, Cue]]:
    """Drive the practice; return when each cue is said, in seconds."""
    times: list[tuple[float, float, Cue]] = []
    page.evaluate(FINGER)
    for cue in cues:
        if not cue.tapped or times[-1][2].anchor == "0":
            page.evaluate("anchor => { location.hash = anchor }", cue.anchor)
            page.wait_for_timeout(400)
        begin = camera.seconds + 0.3
        camera.hold(0.3 + cue.seconds)
        times.append((begin, camera.seconds - 0.2, cue))
        if not cue.tapped:
            continue
        spot = page.locator(f'section[id="{cue.anchor}"] svg a[aria-label] rect')
        box = spot.bounding_box()
        if box is None:
            sys.exit(f"nothing to tap on {cue.anchor}")
        camera.move_to(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        camera.press()
        spot.click()
        camera.lift()
        page.wait_for_timeout(250)
        camera.hold(TURN_S)
    camera.hold(1.5)
    return times


def soundtrack(times: list[tuple[float, float, Cue]]) -> list[str]:
    """Return ffmpeg's arguments that put each voice at its time."""
    spoken = [(begin, cue.voice) for begin, _end, cue in times if cue.voice]
    inputs = [part for _begin, voice in spoken for part in ("-i", str(voice))]
    spots = list(enumerate(spoken, 1))
    delays = "".join(f"[{n}:a]adelay={round(begin * 1000)}:all=1[v{n}];" for n, (begin, _) in spots)
    names = "".join(f"[v{n}]" for n in range(1, len(spoken) + 1))
    mix = f"{delays}{names}amix=inputs={len(spoken)}:normalize=0:duration=longest[a]"
    return [*inputs, "-filter_complex", mix, "-map", "0:v", "-map", "[a]"]


def captions(times: list[tuple[float, float, Cue]]) -> str:
    """Return the words as WebVTT, a sentence at a time, each as long as its share of letters."""
    cues = []
    for begin, end, cue in times:
        sentences = re.split(r"(?<=[.!?])\s+", cue.words)
        letters = max(1, sum(map(len, sentences)))
        said = 0
        for sentence in filter(None, sentences):
            spoken = [
                begin + (end - begin) * count / letters for count in (said, said + len(sentence))
            ]
            cues.append(Caption(round(spoken[0] * 1000), round(spoken[1] * 1000), (sentence,)))
            said += len(sentence)
    return format_webvtt(cues)


def published(folder: Path) -> Services:
    """Publish the lessons into a folder of their own."""
    services = open_services(Settings(data_dir=folder))
    services.pipeline.ingest()
    services.worker.run_until_idle()
    return services


def page_of(slug: str, services: Services) -> tuple[Lesson, bytes]:
    """Return a lesson and its page."""
    with services.database.read() as session:
        numbers = published_revision_numbers(session)[slug]
        lesson = load_editions(session, slug, numbers)[SOURCE_FOLDER].body
        entry = next(e for e in services.tree.entries(session) if e.path == f"/vi/{slug}")
    if not isinstance(lesson, Lesson):
        sys.exit(f"no lesson {slug}")
    return lesson, services.store.read_bytes(entry.identity.digest)


def make_film(browser: Browser, slug: str, services: Services, folder: Path) -> Path:
    """Film one lesson in an empty folder; return the clip, its captions beside it under vi/."""
    lesson, html = page_of(slug, services)
    (folder / "page.html").write_bytes(html)
    (folder / "frames").mkdir()
    page = browser.new_page(
        viewport={"width": 360, "height": 640}, device_scale_factor=2, reduced_motion="reduce"
    )
    cues = cues_of(lesson)
    page.goto(f"file://{folder}/page.html")
    times = film(page, cues, Camera(page, folder / "frames"))
    page.close()
    target = PROJECT_DIR / "media" / slug
    frames = ["-framerate", str(FPS), "-i", str(folder / "frames" / "%05d.png")]
    codec = ["-c:v", "libx264", "-preset", "veryslow", "-crf", "23", "-pix_fmt", "yuv420p"]
    codec += ["-c:a", "libopus", "-b:a", "32k", "-ac", "1", "-fflags", "+bitexact"]
    subprocess.run(  # noqa: S603  # our own words
        [FFMPEG, "-y", "-nostdin", "-loglevel", "error", *frames, *soundtrack(times), *codec,
         "-movflags", "+faststart", str(target / "xem.mp4")],
        check=True,
    )  # fmt: skip
    (target / "vi" / "xem.vtt").write_text(captions(times), "utf-8")
    return target / "xem.mp4"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slugs", nargs="+", metavar="slug")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        services = published(Path(temporary) / "data")
        browser = playwright.chromium.launch(
            executable_path=given.chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for slug in given.slugs:
            folder = Path(temporary) / slug
            folder.mkdir()
            clip = make_film(browser, slug, services, folder)
            print(f"{clip}: {seconds_of(clip):.0f} s, {clip.stat().st_size // 1000} kB")
        browser.close()
        services.database.close()


if __name__ == "__main__":
    main()
