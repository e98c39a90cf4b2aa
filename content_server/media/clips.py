"""Makes clips small: H.264 and AAC in MP4, two sizes, and a still to show before play."""

from collections.abc import Callable
from pathlib import Path

from content_server.media import bounds, commands, images, loudness, runner, voices
from content_server.media.ladder import (
    CLIP_LADDER,
    POSTER_LADDER,
    clip_rungs_for,
    image_rungs_for,
    size_for,
)
from content_server.media.medium import Made, MediaInfo, Medium
from content_server.media.probe import probe, source_at_fault

SLOWEST = 20  # seconds of processor for a second of clip, at most


def make_clip_renditions(
    source: Path,
    folder: Path,
    *,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> list[Made]:
    """Make the clip ladder and the posters in `folder`; `on_progress` hears 0.0 … 1.0.

    Raises MediumRefused for a file without pictures, too long, too large or not playable;
    EncodeFailed, EncodeTimedOut, EncodeCancelled.
    """
    info = probe(source, Medium.CLIP)
    bounds.check_clip(info)
    limits = limits_for(info, source.stat().st_size)

    def run(argv: list[str], done: Callable[[float], None] | None = None) -> runner.Finished:
        return runner.run(argv, limits, folder, done, is_cancelled)

    def said(argv: list[str]) -> str:
        return run(argv).stderr

    rungs = clip_rungs_for(info.short_side_px)
    made = _posters(source, folder, info, said)
    gain_db = _gain_db(source, folder, info, said)
    for place, rung in enumerate(rungs):
        path = folder / f"{rung.name}{rung.suffix}"
        share = _share_of(place, len(rungs), info, on_progress)
        argv = commands.clip_command(source, path, rung, info, gain_db=gain_db)
        finished = run(argv, share)
        width, height = size_for(rung, info)
        duration_ms = round(finished.done_s * 1000)
        made.append(Made(rung.name, path, rung.content_type, width, height, duration_ms))
    if on_progress is not None:
        on_progress(1.0)
    return made


def limits_for(info: MediaInfo, source_bytes: int) -> runner.Limits:
    """Return what one rendition may use; an output never grows far beyond its source."""
    cpu_s = max(60, SLOWEST * info.duration_ms // 1000)
    return runner.Limits(
        cpu_s=cpu_s,
        wall_s=cpu_s * 2,
        memory_bytes=3 << 30,
        file_size_bytes=max(4 * source_bytes, 2 * _sound_bytes(info)) + 50 * bounds.MB,
    )


def _sound_bytes(info: MediaInfo) -> int:
    return info.duration_ms * 2 * commands.WORKING_RATE_HZ // 1000


def _posters(
    source: Path, folder: Path, info: MediaInfo, said: Callable[[list[str]], str]
) -> list[Made]:
    still = folder / "still.png"
    with source_at_fault():
        said(commands.poster_command(source, still, CLIP_LADDER[-1], info))
    picture, _note = images.read_picture(still)
    still.unlink()
    return images.make_stills(picture, folder, image_rungs_for(picture.width, POSTER_LADDER))


def _gain_db(
    source: Path, folder: Path, info: MediaInfo, said: Callable[[list[str]], str]
) -> float:
    """Return how much louder the sound must become to sound like the lessons' voices."""
    if not info.has_audio:
        return 0.0
    heard = folder / "heard.wav"
    with source_at_fault():
        said(commands.decode_sound_command(source, heard, info.container))
    length_s, target = voices.seconds_of(heard), folder / "evened.wav"
    evened = loudness.even_out(heard, target, length_s, said, is_trimmed=False)
    heard.unlink()
    target.unlink(missing_ok=True)
    return evened.gain_db if evened else 0.0


def _share_of(
    place: int, count: int, info: MediaInfo, on_progress: Callable[[float], None] | None
) -> Callable[[float], None] | None:
    """Turn seconds done in one rendition into the share done of all."""
    if on_progress is None:
        return None
    length_s = max(info.duration_ms / 1000, 0.001)
    return lambda done_s: on_progress((place + min(done_s / length_s, 1.0)) / count)
