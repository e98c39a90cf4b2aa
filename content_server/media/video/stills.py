"""Makes the pictures of a clip that stand still: one small film of them, and a strip to look at.

One AV1 file with long pictures is smaller than the pictures alone (27 of a screen: 111 kB against
273 kB as AVIF), needs no script and one request (measured: research on video §3).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from content_server.media.clip_ladder import STRIP_LADDER, STRIP_STILLS, ClipRung, size_for
from content_server.media.ffmpeg import clip_commands
from content_server.media.ffmpeg.clip_commands import REPEAT_S, look_size
from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.images import image_renditions
from content_server.media.ladder import image_rungs_for
from content_server.media.media_kinds import ClipKind, EncodedFile
from content_server.media.video import still_detection
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.still_edits import WantedStills
from content_server.media.video.trial_encodes import made_of
from content_server.phrases import Phrase, _

REST_WANTED = 0.4  # of the time at rest; below, stills would leave out what is shown
# A browser wants some ten pictures before it begins: told once a second, it waited for 69 kB
# instead of 37 kB, two seconds of a weak signal (measured: bench/clip_playback.py).
BEGIN_S, BEGIN_BEAT_S = 1.5, 0.1
LESS_A_CRF = 0.07  # of the logarithm of the pictures' bytes (measured on photographs: 0.06-0.08)
STRIP_LEAST, STRIP_MOST = STRIP_STILLS


@dataclass(frozen=True)
class LeftOut:
    """Why a rung is not made of a clip, for the editor to read."""

    why: Phrase


def make_stills(
    bench: JobDirectory, look: ClipAnalysis, rung: ClipRung, wanted: WantedStills
) -> list[EncodedFile] | LeftOut:
    """Make the film of stills and the strip of those that tell most."""
    if look.rest_share < REST_WANTED and look.kind is not ClipKind.SLIDES and not wanted.name:
        share = round(look.rest_share * 100)
        words = _("Hình chỉ đứng yên {share} % thời gian, nên không có bản hình.", share=share)
        return LeftOut(words)
    moments_ms = _inside(wanted.applied(look.moments_ms), look)
    pictures = _pictures(bench, rung, moments_ms)
    name = f"-{wanted.name}" if wanted.name else ""
    film = _light_film(bench, look, rung, pictures, moments_ms, name)
    bench.tell(0.5)
    strip = _strip(bench, pictures, moments_ms, name)
    for picture in pictures:
        picture.unlink()
    return [film, *strip]


def _inside(moments_ms: Sequence[int], look: ClipAnalysis) -> list[int]:
    """Return the moments that are part of the cut; its beginning stands for those before it."""
    inside = {max(moment, look.cut.start_ms) for moment in moments_ms if moment < look.cut.end_ms}
    return sorted(inside) or [look.cut.start_ms]


def _pictures(bench: JobDirectory, rung: ClipRung, moments_ms: Sequence[int]) -> list[Path]:
    """Write the pictures at these moments; a moment the file no longer has gives none."""
    size = size_for(rung, bench.info)
    moments_s = [moment / 1000 for moment in moments_ms]
    pattern = bench.folder / "still-%03d.png"
    bench.run(
        clip_commands.pictures_command(bench.source, pattern, bench.info, size, moments_s),
        bench.info.duration_ms / 1000,
    )
    return sorted(bench.folder.glob("still-*.png"))


def _light_film(  # noqa: PLR0913, PLR0917  # as below
    bench: JobDirectory,
    look: ClipAnalysis,
    rung: ClipRung,
    pictures: Sequence[Path],
    moments_ms: Sequence[int],
    name: str,
) -> EncodedFile:
    """Make the film, and again with a coarser setting while it weighs more than it may."""
    film = _film(bench, look, rung, pictures, moments_ms, name)
    for _again in range(rung.encodes - 1):
        crf = crf_of_weight(rung, film.path.stat().st_size, look.cut.length_s)
        if crf <= rung.crf:
            break
        rung = replace(rung, crf=crf)
        film = _film(bench, look, rung, pictures, moments_ms, name)
    return film


def crf_of_weight(rung: ClipRung, film_bytes: int, length_s: float) -> int:
    """Return the setting with which such a film weighs what its rung may; the same if it does."""
    if rung.most_kb_a_minute is None:
        return rung.crf
    sound = rung.sound.rate_kbps * 125 * length_s
    most = rung.most_kb_a_minute * 1000 * length_s / 60
    if film_bytes <= most:
        return rung.crf
    less = math.log((film_bytes - sound) / max(most - sound, 1.0))
    return min(rung.crfs[1], rung.crf + math.ceil(less / LESS_A_CRF))


def _film(  # noqa: PLR0913, PLR0917  # all of it is the film
    bench: JobDirectory,
    look: ClipAnalysis,
    rung: ClipRung,
    pictures: Sequence[Path],
    moments_ms: Sequence[int],
    name: str,
) -> EncodedFile:
    listed, path = bench.folder / "stills.txt", bench.folder / f"stills{name}.mp4"
    ends_ms = [*moments_ms[1 : len(pictures)], look.cut.end_ms]
    starts_ms = [look.cut.start_ms, *moments_ms[1 : len(pictures)]]
    lengths_s = [(end - start) / 1000 for start, end in zip(starts_ms, ends_ms, strict=True)]
    listed.write_text(_list_of([path.name for path in pictures], lengths_s), "utf-8")
    argv = clip_commands.stills_command(
        listed, bench.source, path, rung, bench.info, look.cut, threads=bench.threads
    )
    bench.run(argv)
    listed.unlink()
    made = made_of(path, rung, bench.info, round(look.cut.length_s * 1000))
    return EncodedFile(f"stills{name}", path, made.content_type, made.width_px, made.height_px,
                made.duration_ms)  # fmt: skip


def _list_of(names: Sequence[str], lengths_s: Sequence[float]) -> str:
    """Return ffmpeg's list of pictures. A long one is repeated: that costs next to nothing."""
    lines, at_s = ["ffconcat version 1.0"], 0.0
    for name, length_s in zip(names, lengths_s, strict=True):
        lines += [f"file {name}\nduration {beat_s:.3f}" for beat_s in _beats(at_s, length_s)]
        at_s += length_s
    return "\n".join([*lines, f"file {names[-1]}"]) + "\n"  # the last length counts only so


def _beats(start_s: float, length_s: float) -> list[float]:
    """Return how long each telling of a still stands: short ones while the film begins."""
    quick = int(max(0.0, min(BEGIN_S - start_s, length_s)) / BEGIN_BEAT_S)
    rest_s = length_s - quick * BEGIN_BEAT_S
    times = max(0 if quick else 1, round(rest_s / REPEAT_S))
    if not times:
        return [BEGIN_BEAT_S] * (quick - 1) + [BEGIN_BEAT_S + rest_s]
    return [BEGIN_BEAT_S] * quick + [rest_s / times] * times


def _strip(
    bench: JobDirectory, pictures: Sequence[Path], moments_ms: Sequence[int], name: str
) -> list[EncodedFile]:
    """Make the most telling stills as pictures of their own, named strip-<n>-<format>."""
    small = look_size(bench.info)
    opened = [image_renditions.read_picture(path)[0] for path in pictures]
    greys = np.stack([np.asarray(picture.convert("L").resize(small)) for picture in opened])
    made: list[EncodedFile] = []
    qualities: image_renditions.Qualities = {}
    for number, index in enumerate(still_detection.most_telling(greys, STRIP_MOST), 1):
        still, moment_ms = opened[index], moments_ms[index]
        made += _strip_still(bench, still, f"{number}{name}", moment_ms, qualities)
        bench.tell(0.5 + 0.5 * number / STRIP_MOST)
    return made


def _strip_still(
    bench: JobDirectory,
    picture: Image.Image,
    number: str,
    moment_ms: int,
    qualities: image_renditions.Qualities,
) -> list[EncodedFile]:
    """Make one still in every format; `duration_ms` of each is the moment it is from."""
    rungs = image_rungs_for(picture.width, STRIP_LADDER)
    made = []
    for each in image_renditions.make_stills(picture, bench.folder, rungs, qualities=qualities):
        path = each.path.rename(bench.folder / f"strip-{number}-{each.path.name}")
        rung = f"strip-{number}-{each.rung}"
        made.append(
            EncodedFile(rung, path, each.content_type, each.width_px, each.height_px, moment_ms)
        )
    return made
