"""The video of a lesson, and its frames as numbered JPEGs for televisions without video."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import cycle
from pathlib import Path

from PIL import Image

from content_server.media import limits
from content_server.media.ffmpeg import lesson_video_commands, runner
from content_server.media.ladder import LESSON_VIDEO
from content_server.media.screens import render_png
from content_server.media.screens.painters.camera import pointer_svg
from content_server.phrases import _
from content_server.site.packs.frames import frame_renderer
from content_server.site.packs.frames.font_coverage import check_frames
from content_server.site.packs.frames.pack_frames import FrameKind, PackFrame, build_frames
from content_server.site.packs.pack_lesson import PackLesson
from content_server.site.packs.pack_makers import PackFile, PackJob
from content_server.site.packs.zips import write_reproducible_zip

STILL_WIDTH_PX, STILL_QUALITY = 1280, 85
LEAD_IN_MS, LEAD_OUT_MS = 200, 900  # still picture before and after a recording
SILENT_BASE_MS, SILENT_MS_PER_LETTER = 1500, 65  # how long a frame without recording is shown
THINK_MS = 3000  # added after a question
# (image, ms): the finger waits near the place, touches it, and a ring spreads in two images. Less
# than three flashes a second (WCAG 2.3.1).
TAP_MOMENTS = ((0, 760), (1, 240), (2, 200), (3, 240))
DRAWING_SHARE = 0.4  # of the progress; encoding is the rest
VOICE_TYPE = "audio/mp4"


@dataclass(frozen=True)
class VideoScene:
    """A frame, how long it is shown (ms), and its recording in the job's folder."""

    frame: PackFrame
    length_ms: int
    voice: Path | None


def make_video(pack_lesson: PackLesson, folder: Path, job: PackJob) -> PackFile:
    """Write the MP4: 854 × 480 px, text burned in, an animated finger. Raises PackUnavailable."""
    frames = build_frames(pack_lesson)
    check_frames(frames)
    scenes = [_build_scene(pack_lesson, frame, folder, n) for n, frame in enumerate(frames)]
    image_list = folder / "frames.txt"
    lines = ["ffconcat version 1.0"]
    for n, scene in enumerate(scenes):
        for name, shown_ms in _write_images(scene, n, folder, make_footer(pack_lesson)):
            lines += [f"file '{name}'", f"duration {shown_ms / 1000:.3f}"]
        job.on_progress(DRAWING_SHARE * (n + 1) / len(scenes))
        if job.is_cancelled():
            break
    last = lines[-2]  # repeated, because ffmpeg drops the duration of the last image
    image_list.write_text("\n".join([*lines, last, "duration 1", last, ""]))
    length_ms = sum(scene.length_ms for scene in scenes)
    target = folder / f"{pack_lesson.name}.mp4"
    argv = lesson_video_commands.lesson_video_command(
        image_list, _voice_tracks(scenes), target, LESSON_VIDEO, length_ms=length_ms
    )
    on_progress = _encoding_progress(job, length_ms)
    runner.run_tool(
        argv,
        _limits(length_ms),
        folder,
        on_progress,
        job.is_cancelled,
        priority=job.priority,
    )
    silent = not any(scene.voice for scene in scenes)
    notes = (_("Bài chưa có lời đọc, nên phim không có tiếng."),) if silent else ()
    return PackFile(target, length_ms, notes)


def make_stills(pack_lesson: PackLesson, folder: Path, job: PackJob) -> PackFile:
    """Write a zip of 01.jpg, 02.jpg … of 1280 × 720 px. Raises PackUnavailable."""
    frames = build_frames(pack_lesson)
    check_frames(frames)
    files = []
    for n, frame in enumerate(frames, start=1):
        png = render_png(
            frame_renderer.render_frame(frame, make_footer(pack_lesson)), width_px=STILL_WIDTH_PX
        )
        out = BytesIO()
        _open_png(png).save(out, "JPEG", quality=STILL_QUALITY, optimize=True)
        files.append((f"{n:02}.jpg", out.getvalue()))
        job.on_progress(n / len(frames))
    path = folder / f"{pack_lesson.name}.jpg.zip"
    write_reproducible_zip(path, [(f"{pack_lesson.name}/{name}", data) for name, data in files])
    return PackFile(path)


def make_footer(pack_lesson: PackLesson) -> str:
    """Return the address of the lesson without its scheme; "" without a public address."""
    return pack_lesson.public_address.partition("://")[2]


def _build_scene(
    pack_lesson: PackLesson, frame: PackFrame, folder: Path, number: int
) -> VideoScene:
    """Fetch the recording of a frame into the folder and compute how long the frame is shown."""
    file = pack_lesson.voice_rendition(frame.voice, VOICE_TYPE)
    thinking_ms = THINK_MS if frame.kind is FrameKind.ASK else 0
    if file is None or not file.duration_ms:
        words = len(frame.sentence.text) + sum(map(len, frame.labels if not frame.voice else ()))
        return VideoScene(
            frame,
            _round_up_to_frames(SILENT_BASE_MS + SILENT_MS_PER_LETTER * words + thinking_ms),
            None,
        )
    voice = folder / f"{number}.m4a"
    pack_lesson.store.fetch_to(file.digest, voice)
    return VideoScene(
        frame, _round_up_to_frames(LEAD_IN_MS + file.duration_ms + LEAD_OUT_MS + thinking_ms), voice
    )


def _round_up_to_frames(length_ms: int) -> int:
    """Round a length up to whole frames of the video, so that sound and picture stay in sync."""
    frame_ms = 1000 // LESSON_VIDEO.fps
    return -(-length_ms // frame_ms) * frame_ms


def _write_images(
    scene: VideoScene, number: int, folder: Path, footer: str
) -> Iterator[tuple[str, int]]:
    """Write the images of a scene; yield the file name and duration (ms) of each, in order."""
    svg = frame_renderer.render_frame(scene.frame, footer)
    still = _open_png(render_png(svg, width_px=LESSON_VIDEO.width_px))
    position = frame_renderer.find_tap_position(scene.frame)
    if position is None:
        yield _save_bitmap(still, folder, f"{number}.bmp"), scene.length_ms
        return
    names = [
        _save_bitmap(_draw_finger(still, position, moment), folder, f"{number}-{moment}.bmp")
        for moment, _ms in TAP_MOMENTS
    ]
    left_ms = scene.length_ms
    for moment, moment_ms in cycle(TAP_MOMENTS):
        yield names[moment], min(left_ms, moment_ms)
        left_ms -= moment_ms
        if left_ms <= 0:
            return


def _open_png(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png), formats=["PNG"]).convert("RGB")


def _save_bitmap(image: Image.Image, folder: Path, name: str) -> str:
    image.save(
        folder / name, "BMP"
    )  # 1.2 MB each for a short time; written five times faster than PNG
    return name


def _draw_finger(
    still: Image.Image, position: tuple[float, float, float], moment: int
) -> Image.Image:
    """Return the still with the finger drawn at `position`, in one moment of a tap."""
    x, y, scale = (part * LESSON_VIDEO.width_px / frame_renderer.WIDTH for part in position)
    sprite = _finger_sprite(moment, round(scale * 240))
    image = still.copy()
    image.paste(sprite, (round(x - sprite.width / 2), round(y - sprite.height / 2)), sprite)
    return image


@cache
def _finger_sprite(moment: int, width_px: int) -> Image.Image:
    """Return the finger in one moment of a tap, 240 × 240 units around the tapped place."""
    distance = 22 if moment == 0 else 0
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
        f"{ring}{pointer_svg(120 + distance, 120 + distance)}</svg>"
    )
    return Image.open(BytesIO(render_png(svg, width_px=width_px)), formats=["PNG"])


def _voice_tracks(scenes: Sequence[VideoScene]) -> list[tuple[Path, int, int]]:
    """Return (recording, silence before it in ms, length with the silence after it in ms)."""
    voices: list[tuple[Path, int, int]] = []
    silence_ms = 0
    for scene in scenes:
        if scene.voice is not None:
            voices.append((scene.voice, silence_ms + LEAD_IN_MS, silence_ms + scene.length_ms))
            silence_ms = 0
        elif voices:
            voice, before_ms, length_ms = voices[-1]
            voices[-1] = voice, before_ms, length_ms + scene.length_ms
        else:
            silence_ms += scene.length_ms
    return voices


def _encoding_progress(job: PackJob, length_ms: int) -> Callable[[float], None]:
    return lambda done_s: job.on_progress(
        DRAWING_SHARE + (1 - DRAWING_SHARE) * done_s * 1000 / length_ms
    )


def _limits(length_ms: int) -> runner.Limits:
    """Return the limits of ffmpeg; a video of a minute takes about 3 s and 0.7 MB."""
    return runner.Limits(
        cpu_s=60 + length_ms // 1000,
        wall_s=180 + length_ms / 250,
        memory_bytes=2 << 30,
        file_size_bytes=length_ms * 60 + 4 * limits.MB,
    )
