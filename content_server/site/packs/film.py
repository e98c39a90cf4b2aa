"""The film of a lesson, and its pictures numbered for televisions that show nothing else."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import cycle
from pathlib import Path

from PIL import Image

from content_server.media import limits
from content_server.media.ffmpeg import commands, runner
from content_server.media.ladder import FILM
from content_server.media.screens import draw_pixels
from content_server.media.screens.painters.camera import hand
from content_server.phrases import _
from content_server.site.packs.frames import frame_renderer
from content_server.site.packs.frames.font_coverage import check_glyphs
from content_server.site.packs.frames.pack_frames import Look, Shot, shots_of
from content_server.site.packs.pack_lesson import Pack, PackJob, PackLesson
from content_server.site.packs.zips import write_zip

STILL_PX, STILL_QUALITY = 1280, 85
BEFORE_MS, AFTER_MS = 200, 900  # around a voice: the picture is there first, and stays a moment
READ_MS, LETTER_MS = 1500, 65  # how long words without a voice stand
THINK_MS = 3000  # after a question
# The finger waits near, touches, and a ring spreads: (moment, ms). Less than three flashes a second
# (WCAG 2.3.1).
TAP = ((0, 760), (1, 240), (2, 200), (3, 240))
DRAWN = 0.4  # share of the work
VOICE_TYPE = "audio/mp4"


@dataclass(frozen=True)
class Scene:
    """A shot with its times, ms: how long it stands, and how long its voice is."""

    shot: Shot
    length_ms: int
    voice: Path | None


def make_movie(taught: PackLesson, folder: Path, work: PackJob) -> Pack:
    """Write the MP4: 854 × 480, words burned in, a finger that taps. Raises PackRefused."""
    shots = shots_of(taught)
    check_glyphs(shots)
    scenes = [_scene(taught, shot, folder, n) for n, shot in enumerate(shots)]
    frames = folder / "frames.txt"
    lines = ["ffconcat version 1.0"]
    for n, scene in enumerate(scenes):
        for name, shown_ms in _frames_of(scene, n, folder, footer_of(taught)):
            lines += [f"file '{name}'", f"duration {shown_ms / 1000:.3f}"]
        work.on_progress(DRAWN * (n + 1) / len(scenes))
        if work.is_cancelled():
            break
    last = lines[-2]  # said once more: ffmpeg forgets how long the last one stands
    frames.write_text("\n".join([*lines, last, "duration 1", last, ""]))
    length_ms = sum(scene.length_ms for scene in scenes)
    target = folder / f"{taught.name}.mp4"
    argv = commands.film_command(frames, _voices(scenes), target, FILM, length_ms=length_ms)
    tell = _share(work, length_ms)
    runner.run(argv, _limits(length_ms), folder, tell, work.is_cancelled)
    silent = not any(scene.voice for scene in scenes)
    notes = (_("Bài chưa có lời đọc, nên phim không có tiếng."),) if silent else ()
    return Pack(target, length_ms, notes)


def make_stills(taught: PackLesson, folder: Path, work: PackJob) -> Pack:
    """Write a zip of 01.jpg, 02.jpg … of 1280 × 720. Raises PackRefused."""
    shots = shots_of(taught)
    check_glyphs(shots)
    files = []
    for n, shot in enumerate(shots, start=1):
        png = draw_pixels(frame_renderer.drawn(shot, footer_of(taught)), width_px=STILL_PX)
        out = BytesIO()
        _opened(png).save(out, "JPEG", quality=STILL_QUALITY, optimize=True)
        files.append((f"{n:02}.jpg", out.getvalue()))
        work.on_progress(n / len(shots))
    path = folder / f"{taught.name}.jpg.zip"
    write_zip(path, [(f"{taught.name}/{name}", data) for name, data in files])
    return Pack(path)


def footer_of(taught: PackLesson) -> str:
    """Return where this lesson is found, without what nobody types; empty: nowhere yet."""
    return taught.given_address.partition("://")[2]


def _scene(taught: PackLesson, shot: Shot, folder: Path, number: int) -> Scene:
    """Bring the voice of a shot into the folder and decide how long the shot stands."""
    file = taught.recording(shot.voice, VOICE_TYPE)
    thinking_ms = THINK_MS if shot.look is Look.ASK else 0
    if file is None or not file.duration_ms:
        words = len(shot.words.text) + sum(map(len, shot.labels if not shot.voice else ()))
        return Scene(shot, _beats(READ_MS + LETTER_MS * words + thinking_ms), None)
    voice = folder / f"{number}.m4a"
    taught.store.fetch_to(file.digest, voice)
    return Scene(shot, _beats(BEFORE_MS + file.duration_ms + AFTER_MS + thinking_ms), voice)


def _beats(length_ms: int) -> int:
    """Return a length in whole pictures of the film, so that voice and picture never part."""
    picture_ms = 1000 // FILM.fps
    return -(-length_ms // picture_ms) * picture_ms


def _frames_of(scene: Scene, number: int, folder: Path, footer: str) -> Iterator[tuple[str, int]]:
    """Write the pictures of a scene; yield their names and how long each stands, in ms."""
    svg = frame_renderer.drawn(scene.shot, footer)
    still = _opened(draw_pixels(svg, width_px=FILM.width_px))
    place = frame_renderer.place_of(scene.shot)
    if place is None:
        yield _saved(still, folder, f"{number}.bmp"), scene.length_ms
        return
    names = [
        _saved(_touched(still, place, moment), folder, f"{number}-{moment}.bmp")
        for moment, _ms in TAP
    ]
    left_ms = scene.length_ms
    for moment, moment_ms in cycle(TAP):
        yield names[moment], min(left_ms, moment_ms)
        left_ms -= moment_ms
        if left_ms <= 0:
            return


def _opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png), formats=["PNG"]).convert("RGB")


def _saved(image: Image.Image, folder: Path, name: str) -> str:
    image.save(folder / name, "BMP")  # 1.2 MB for a moment, and five times quicker than PNG
    return name


def _touched(still: Image.Image, place: tuple[float, float, float], moment: int) -> Image.Image:
    """Return the picture with a finger on it, in one of the moments of a tap."""
    x, y, scale = (part * FILM.width_px / frame_renderer.WIDTH for part in place)
    sprite = _finger(moment, round(scale * 240))
    touched = still.copy()
    touched.paste(sprite, (round(x - sprite.width / 2), round(y - sprite.height / 2)), sprite)
    return touched


@cache
def _finger(moment: int, width_px: int) -> Image.Image:
    """Return one moment of a tap, 240 × 240 around the spot: near, on it, the ring spreading."""
    away = 22 if moment == 0 else 0
    rings = {1: (22, 9), 2: (44, 7), 3: (64, 4)}
    ring = ""
    if moment in rings:
        radius, thick = rings[moment]
        ring = "".join(
            f'<circle cx="120" cy="120" r="{radius}" fill="none" stroke="{colour}"'
            f' stroke-width="{width}"/>'
            for colour, width in (("#1d2b64", thick + 4), ("#ffb703", thick))
        )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240">'
        f"{ring}{hand(120 + away, 120 + away)}</svg>"
    )
    return Image.open(BytesIO(draw_pixels(svg, width_px=width_px)), formats=["PNG"])


def _voices(scenes: Sequence[Scene]) -> list[tuple[Path, int, int]]:
    """Return each voice with the silence before it and its length with all that follows, in ms."""
    voices: list[tuple[Path, int, int]] = []
    waited_ms = 0
    for scene in scenes:
        if scene.voice is not None:
            voices.append((scene.voice, waited_ms + BEFORE_MS, waited_ms + scene.length_ms))
            waited_ms = 0
        elif voices:
            voice, before_ms, length_ms = voices[-1]
            voices[-1] = voice, before_ms, length_ms + scene.length_ms
        else:
            waited_ms += scene.length_ms
    return voices


def _share(work: PackJob, length_ms: int) -> Callable[[float], None]:
    return lambda done_s: work.on_progress(DRAWN + (1 - DRAWN) * done_s * 1000 / length_ms)


def _limits(length_ms: int) -> runner.Limits:
    """Return what ffmpeg may use: a film of a minute takes some three seconds and 0.7 MB."""
    return runner.Limits(
        cpu_s=60 + length_ms // 1000,
        wall_s=180 + length_ms / 250,
        memory_bytes=2 << 30,
        file_size_bytes=length_ms * 60 + 4 * limits.MB,
    )
