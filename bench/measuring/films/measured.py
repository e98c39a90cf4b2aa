"""Measures one clip: our renditions and those of others, one after another, each thrown away."""

from collections.abc import Callable, Iterator
from pathlib import Path

from content_server.media.video.trial_encodes import Memory
from measuring.films.found import Clip, File, Found
from measuring.films.ours import Making, open_clip
from measuring.films.peers import peer_rungs
from measuring.films.reading import Words, misread, read_words
from measuring.films.seeing import beat_of, quality_of, size_of, sound_bytes
from measuring.films.spent import spent

Say = Callable[[str], None]


def measured(
    source: Path, folder: Path, languages: str | None, say: Say, *, with_peers: bool
) -> Iterator[Found]:
    """Yield a row for each file made of a clip; `languages` read its words, None reads nothing.

    Raises Refused for a clip the server would refuse.
    """
    memory: Memory = {}
    clip, look, looked = open_clip(source, folder, memory)
    words = read_words(clip.words, clip.length_s) if clip.words and languages else {}
    itself = misread(clip, None, words, languages or "") if words else None
    say(f"{clip.name}: {clip.kind}: {look.why}")
    for file in Making(clip, look, memory).files(looked):
        if isinstance(file, str):
            say(file)
            continue
        yield _row(clip, file, words, languages, itself)
    for file in _peer_files(clip) if with_peers else ():
        yield _row(clip, file, words, languages, itself)


def _peer_files(clip: Clip) -> Iterator[File]:
    bench = clip.bench
    for rung in peer_rungs(bench.source, bench.folder, clip.info, beat_of(clip)):
        with spent() as cost:
            for command in rung.commands:
                bench.run(command)
        yield File(rung.who, rung.rung, rung.path, clip.whole, cost.cpu_s, cost.wall_s)


def _row(
    clip: Clip, file: File, words: Words, languages: str | None, itself: float | None
) -> Found:
    """Look at one file, read it, weigh it; then it goes."""
    length_s = file.cut.length_s
    is_moving = file.rung != "stills"
    quality = quality_of(clip, file) if is_moving else None
    width_px, height_px = size_of(clip, file)
    row = Found(
        clip=clip.name,
        kind=clip.kind.value,
        who=file.who,
        rung=file.rung,
        width_px=width_px,
        height_px=height_px,
        kb_a_minute=file.path.stat().st_size / 1000 * 60 / length_s,
        sound_kb_a_minute=sound_bytes(clip, file) / 1000 * 60 / length_s,
        vmaf_mean=quality.mean if quality else None,
        vmaf_p5=quality.p5 if quality else None,
        misread=misread(clip, file, words, languages or "") if words else None,
        misread_source=itself,
        cpu_s_a_s=file.cpu_s / clip.length_s,
        wall_s_a_s=file.wall_s / clip.length_s,
        outside_share=file.own_cpu_s / file.cpu_s if file.cpu_s else 0.0,
        by_hand_share=file.by_hand_cpu_s / file.cpu_s if file.cpu_s else 0.0,
        encodes=file.encodes,
    )
    file.path.unlink()
    return row
