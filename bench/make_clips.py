#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Makes clips of each kind to measure with: a phone's screen, narrated slides, and a "camera".

    bench/make_clips.py FOLDER              40 s of each
    bench/make_clips.py FOLDER --seed 7     others of the same kinds, to hold out
    bench/make_clips.py FOLDER --photos P   slides of the photographs in folder P
    bench/make_clips.py FOLDER --glide 0    slides that rest, as those of a talk do

The screen shows real drawn screens of the lessons, 720×1280 at 30 pictures a second: swiped,
scrolled, typed into, tapped. The slides are pictures that zoom slowly and fade into one another,
1280×720 at 25. The camera is made up: a shaking hand, people-sized things that move, noise of a
sensor, 640×360 at 25. Photographs that nobody took are dead leaves: things of all sizes before one
another, as real photographs are (Lee, Mumford, Huang 2001). They stand for real ones only roughly;
give the bench real ones where you have them. The voice is that of the lessons. What can be
read on the screen, and when, is written to `screen-1.txt`: measuring/clips/text_recognition.py.
"""

import argparse
import html
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from content_server.lessons.bundle import find_bundles, read_bundle
from content_server.lessons.media_references import pictures_of
from content_server.lessons.registries.registries import read_registries
from content_server.media.screens import draw_screen, render_png
from content_server.settings import PROJECT_DIR

Frame = npt.NDArray[np.uint8]  # (height, width, 3)
Told = dict[float, list[str]]  # second at rest → lines that can be read then
SCREEN, SLIDES, CAMERA = (720, 1280, 30), (1280, 720, 25), (640, 360, 25)
SWIPE, SCROLL, TYPE = 12, 24, 6  # frames a movement takes
RING_PX, RING_GREY = 44, 90
# Of the picture's sides in five seconds. Nothing is shrunk on the way: that leaves edges that
# shimmer, and every codec pays for them (measured: PeerTube's 720p a fourth larger, 2 VMAF worse).
PAN, ZOOM = 0.1, 0.12
LEAVES, LEAST_LEAF_PX, ROUGHNESS = 2500, 16.0, 40.0  # of a made-up photograph, drawn twice as large


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--photos", type=Path, help="folder of photographs for the slides")
    parser.add_argument("--glide", type=float, default=1.0, help="how far slides move: 0 rests")
    parser.add_argument("--only", choices=("screen", "slides", "natural"), help="one kind")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, frames, size in (
        ("screen", screen, SCREEN),
        ("slides", partial(slides, folder=options.photos, glide=options.glide), SLIDES),
        ("natural", camera, CAMERA),
    ):
        if options.only not in {None, name}:
            continue
        path = options.folder / f"{name}-{options.seed}.mp4"
        count = options.seconds * size[2]
        told: Told = {}
        write(path, frames(np.random.default_rng(options.seed), told), size, count, options.seed)
        if told:
            path.with_suffix(".txt").write_text(sidecar(told), "utf-8")
        print(f"{path}: {path.stat().st_size // 1000} kB")


def write(
    path: Path, frames: Iterator[Frame], size: tuple[int, int, int], count: int, seed: int
) -> None:
    """Write `count` frames with a voice, nearly without loss, as a phone of today records."""
    width, height, fps = size
    voices = sorted((PROJECT_DIR / "media").glob("*/vi/*.opus"))
    spoken = [voices[(seed * 17 + n) % len(voices)] for n in range(14)]
    said = [part for voice in spoken for part in ("-i", str(voice))]
    joined = "".join(f"[{n}:a]" for n in range(1, len(spoken) + 1))
    picture = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(fps)]
    encoder = subprocess.Popen(  # noqa: S603  # our own words
        [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-nostdin", "-loglevel", "error", *picture,
         "-i", "pipe:0", *said, "-filter_complex", f"{joined}concat=n={len(spoken)}:v=0:a=1[a]",
         "-map", "0:v", "-map", "[a]", "-t", f"{count / fps:g}", "-pix_fmt", "yuv420p",
         "-preset", "veryfast", "-crf", "10", "-c:a", "aac", "-b:a", "96k", str(path)],
        stdin=subprocess.PIPE,
    )  # fmt: skip
    if encoder.stdin is None:
        sys.exit("no pipe")
    for _number, frame in zip(range(count), frames, strict=False):
        encoder.stdin.write(frame.tobytes())
    encoder.stdin.close()
    if encoder.wait():
        sys.exit(f"{path} could not be written")


def sidecar(told: Told) -> str:
    """Return what can be read when, as the bench reads it."""
    return "".join(f"@ {at_s:.2f}\n" + "\n".join(lines) + "\n" for at_s, lines in told.items())


def screen(chance: np.random.Generator, told: Told) -> Iterator[Frame]:
    """Show drawn screens one after another, each reached in one of a phone's ways."""
    screens = drawn_screens()
    chance.shuffle(screens)
    width, height, fps = SCREEN
    number, (now, lines) = 0, screens[0]
    for following, next_lines in screens[1:] * 20:
        rest = int(chance.integers(fps, 3 * fps))
        told[(number + rest / 2) / fps] = lines
        frames = [now] * rest
        way = chance.integers(4)
        if way == 0:
            frames += tapped(now, chance)
        if way == 1:
            frames += typed(now, chance)
        axis, length, steps = (1, width, SWIPE) if way != 3 else (0, height, SCROLL)  # noqa: PLR2004  # the fourth
        both = np.concatenate([now, following], axis=axis)
        for step in range(1, steps):
            part = step / steps
            at = round(length * part * part * (3 - 2 * part))
            frames.append(both[:, at : at + width] if axis else both[at : at + height])
        yield from frames
        number, now, lines = number + len(frames), following, next_lines


def tapped(picture: Frame, chance: np.random.Generator) -> Iterator[Frame]:
    """Show a finger's ring that opens and closes."""
    height, width, _ = picture.shape
    x, y = chance.integers(RING_PX, width - RING_PX), chance.integers(RING_PX, height - RING_PX)
    rows, columns = np.ogrid[:height, :width]
    away = (rows - y) ** 2 + (columns - x) ** 2
    for radius in (14, 24, 34, RING_PX, RING_PX, 34, 24):
        ringed = picture.copy()
        ringed[(away < radius**2) & (away > (radius - 8) ** 2)] = RING_GREY
        yield from [ringed, ringed]


def typed(picture: Frame, chance: np.random.Generator) -> Iterator[Frame]:
    """Show letters that appear one by one."""
    top = int(chance.integers(300, 900))
    field = picture.copy()
    field[top : top + 56, 40:680] = 255
    for place in range(16):
        left = 56 + place * 34
        letter = chance.integers(0, 2, (5, 3), np.uint8).repeat(7, axis=0).repeat(7, axis=1)
        field = field.copy()
        field[top + 10 : top + 45, left : left + 21][letter == 1] = 40
        yield from [field] * TYPE


def drawn_screens() -> list[tuple[Frame, list[str]]]:
    """Return every drawn screen of the lessons in 720×1280, and the lines that stand on it."""
    library = read_registries(PROJECT_DIR / "lessons")
    media = PROJECT_DIR / "media"
    found: dict[str, tuple[Frame, list[str]]] = {}
    for slug, files in find_bundles(PROJECT_DIR / "lessons").items():
        bundle = read_bundle(slug, files, library, media, lambda _path: None)
        for picture in pictures_of(bundle.source):
            if picture.screen:
                svg = draw_screen(picture.screen).svg
                frame = as_frame(render_png(svg, width_px=SCREEN[0]), SCREEN)
                found.setdefault(svg, (frame, lines_of(svg)))
    return list(found.values())


def lines_of(svg: str) -> list[str]:
    return [html.unescape(line) for line in re.findall(r"<text[^>]*>([^<]+)</text>", svg)]


def as_frame(png: bytes, size: tuple[int, int, int]) -> Frame:
    canvas = Image.new("RGB", size[:2], "white")
    canvas.paste(Image.open(io.BytesIO(png)).convert("RGB"))
    return np.asarray(canvas)


def slides(
    chance: np.random.Generator, _told: Told, *, folder: Path | None = None, glide: float = 1.0
) -> Iterator[Frame]:
    """Show photographs for five seconds each, zooming slowly, fading into the next."""
    width, height, fps = SLIDES
    last: Frame | None = None
    frame = np.zeros((height, width, 3), np.uint8)
    for photo in photographs(chance, (width * 5 // 4, height * 5 // 4), folder):
        to_x, to_y = (chance.uniform(0, side * PAN * glide) for side in (width, height))
        for number in range(5 * fps):
            part = number / (5 * fps)
            zoom = 1.0 - ZOOM * glide * part
            turned = (zoom, 0, to_x * part, 0, zoom, to_y * part)
            seen = photo.transform((width, height), Image.Transform.AFFINE, turned,
                                   Image.Resampling.BICUBIC)  # fmt: skip
            frame = np.asarray(seen).copy()
            frame[height - 90 :] = frame[height - 90 :] // 3  # a band for words
            if last is not None and number < fps * 2 // 5:
                share = number / (fps * 2 / 5)
                frame = (last * (1 - share) + frame * share).astype(np.uint8)
            yield frame
        last = frame


def camera(chance: np.random.Generator, _told: Told) -> Iterator[Frame]:
    """Show a room that shakes in the hand, things moving before it, and the sensor's noise."""
    width, height, fps = CAMERA
    room = textured(chance, height + 60, width + 60)
    things = [textured(chance, 150, 110) for _ in range(3)]
    noises = [chance.normal(0, 1.5, (height, width, 1)) for _ in range(16)]
    x = y = 30.0
    number = 0
    while True:
        x = min(60.0, max(0.0, x + chance.normal(0, 0.7)))
        y = min(60.0, max(0.0, y + chance.normal(0, 0.7)))
        frame = room[round(y) : round(y) + height, round(x) : round(x) + width].copy()
        for place, thing in enumerate(things):
            left = int(
                (width - 110) * (0.5 + 0.5 * np.sin(number / fps * (0.6 + 0.3 * place) + place))
            )
            frame[40 + place * 70 : 190 + place * 70, left : left + 110] = thing
        yield np.clip(frame + noises[number * 7 % 16], 0, 255).astype(np.uint8)
        number += 1


def photographs(
    chance: np.random.Generator, size: tuple[int, int], folder: Path | None
) -> Iterator[Image.Image]:
    """Yield photographs of this size without end: those in the folder, or made up."""
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder else []
    while True:
        chance.shuffle(files)
        for file in files:
            yield ImageOps.fit(Image.open(file).convert("RGB"), size)
        if not files:
            yield Image.fromarray(textured(chance, size[1], size[0]))


def textured(chance: np.random.Generator, height: int, width: int) -> Frame:
    """Return a made-up photograph: leaves of all sizes (r⁻³) before one another, some rough."""
    picture = Image.new("RGB", (2 * width, 2 * height), (90, 110, 120))
    rough = Image.new("L", picture.size, 0)
    largest = min(picture.size) / 2
    base = chance.uniform(70, 170)
    for share in chance.uniform(size=LEAVES):
        radius = LEAST_LEAF_PX / (1 - share * (1 - (LEAST_LEAF_PX / largest) ** 2)) ** 0.5
        x, y = chance.uniform(0, picture.width), chance.uniform(0, picture.height)
        tall = radius * chance.uniform(0.4, 1.0)
        box = (x - radius, y - tall, x + radius, y + tall)
        light = base + chance.normal(0, 40)
        red, green, blue = (int(np.clip(light + chance.normal(0, 15), 5, 250)) for _ in range(3))
        ImageDraw.Draw(picture).ellipse(box, fill=(red, green, blue))
        ImageDraw.Draw(rough).ellipse(box, fill=int(max(0.0, chance.normal(0, ROUGHNESS))))
    seen = picture.resize((width, height), Image.Resampling.BOX)
    seen = seen.filter(ImageFilter.GaussianBlur(0.6))
    grains = np.asarray(rough.resize((width, height), Image.Resampling.BOX), np.float32)
    levels = np.asarray(seen, np.float32) + (grains * grained(chance, height, width))[..., None]
    photo: Frame = np.clip(levels, 0, 255).astype(np.uint8)
    return photo


def grained(chance: np.random.Generator, height: int, width: int) -> npt.NDArray[np.float64]:
    """Return the roughness of bark, cloth or grass: levels falling off as 1/f, of deviation 1/4."""
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    falling = 1 / np.maximum(np.hypot(rows, columns), 1 / 32)
    waves = np.fft.ifft2(np.fft.fft2(chance.normal(size=(height, width))) * falling).real
    levels: npt.NDArray[np.float64] = waves / waves.std() / 4
    return levels


if __name__ == "__main__":
    main()
