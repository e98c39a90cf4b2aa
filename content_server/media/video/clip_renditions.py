"""Makes clips small, a rung at a time: the one every phone plays, the lean one, the stills."""

from collections.abc import Mapping
from typing import Any

from content_server.media.clip_ladder import (
    LOOK_VERSION,
    POSTER_LADDER,
    ClipRung,
    clip_rung,
    size_for,
)
from content_server.media.ffmpeg import clip_commands
from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.ffmpeg.probe import source_at_fault
from content_server.media.images import image_renditions
from content_server.media.ladder import image_rungs_for
from content_server.media.media_kinds import ClipKind, EncodedFile
from content_server.media.video import trial_encodes
from content_server.media.video.clip_analysis import ClipAnalysis, look_at
from content_server.media.video.still_edits import NO_WISHES, WantedStills
from content_server.media.video.stills import LeftOut, make_stills
from content_server.media.video.trial_encodes import SHORTEST_S, Memory
from content_server.phrases import _

LOOK = f"look-{LOOK_VERSION}"
WORTH_IT = 0.9  # of the bytes of the rendition every phone plays: more is no gain

Done = list[EncodedFile] | LeftOut


def look_of(bench: JobDirectory, memory: Memory) -> ClipAnalysis:
    """Return what is known of a clip, or look at it now and remember."""
    if (known := memory.get(LOOK)) is not None:
        return ClipAnalysis.from_json(known)
    look = look_at(bench)
    memory[LOOK] = look.to_json()
    return look


def make_compat(bench: JobDirectory, memory: Memory) -> list[EncodedFile]:
    """Make the rendition every phone plays, and the still shown before play.

    Raises MediumRefused for what cannot be decoded; EncodeFailed, EncodeTimedOut, EncodeCancelled.
    """
    look = look_of(bench.telling(0.0, 0.2), memory)
    rung = _rung(look.kind, "compat")
    posters = _posters(bench, look, rung)
    work = bench.telling(0.2, 1.0)
    if look.cut.length_s >= SHORTEST_S:
        made = trial_encodes.encode_well(work, look, rung, memory)
    else:
        made = trial_encodes.encode(work, look, rung, rung.crf)
    bench.tell(1.0)
    return [*posters, made]


def make_rung(
    bench: JobDirectory,
    name: str,
    memory: Memory,
    made_before: Mapping[str, int],
    wanted: WantedStills = NO_WISHES,
) -> Done:
    """Make a rung that is not needed at once: "stills" with its strip, or "lean".

    `made_before` holds the bytes of the renditions there are. Raises as make_compat does.
    """
    look = look_of(bench.telling(0.0, 0.1), memory)
    rung = clip_rung(look.kind, name)
    if rung is None:
        return LeftOut(_("Phim này động liên tục, nên không có bản hình."))
    if name == "stills":
        done: Done = make_stills(bench.telling(0.1, 1.0), look, rung, wanted)
    else:
        done = [trial_encodes.encode_well(bench, look, rung, memory)]
    bench.tell(1.0)
    return done if isinstance(done, LeftOut) else _worth_it(done, made_before)


def _worth_it(made: list[EncodedFile], made_before: Mapping[str, int]) -> Done:
    """Return what was made, or that it is hardly smaller than what every phone plays."""
    new_bytes, compat_bytes = made[0].path.stat().st_size, made_before.get("compat")
    if compat_bytes is None or new_bytes <= WORTH_IT * compat_bytes:
        return made
    for each in made:
        each.path.unlink()
    return LeftOut(_("Bản này không nhẹ hơn bản mọi máy xem được, nên không giữ."))


def _rung(kind: ClipKind, name: str) -> ClipRung:
    rung = clip_rung(kind, name)
    if rung is None:
        raise LookupError(name)
    return rung


def _posters(bench: JobDirectory, look: ClipAnalysis, rung: ClipRung) -> list[EncodedFile]:
    """Make the still shown before play: the first at rest, or the most telling of the first."""
    still = bench.folder / "still.png"
    with source_at_fault():
        if look.kind is ClipKind.NATURAL:
            argv = clip_commands.poster_command(bench.source, still, rung, bench.info)
        else:
            size = size_for(rung, bench.info)
            first_s = max(look.moments_ms[0], look.cut.start_ms) / 1000
            argv = clip_commands.pictures_command(bench.source, still, bench.info, size, [first_s])
        bench.said(argv)
    picture, _note = image_renditions.read_picture(still)
    still.unlink()
    return image_renditions.make_stills(
        picture, bench.folder, image_rungs_for(picture.width, POSTER_LADDER)
    )


def memory_of(known: Mapping[str, dict[str, Any]] | None = None) -> Memory:
    """Return a memory that lasts as long as the program: for benches and tests."""
    return dict(known or {})
