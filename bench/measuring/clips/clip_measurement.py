"""Measures one clip: our renditions and those of others, one after another, each deleted."""

from collections.abc import Callable, Iterator
from pathlib import Path

from content_server.media.video.trial_encodes import Analyses
from measuring.clips.comparison import (
    compared_fps,
    measure_size_px,
    measure_sound_bytes,
    score_file,
)
from measuring.clips.cost import measure_cost
from measuring.clips.our_renditions import OurRenditions, analyse_source
from measuring.clips.peers import peer_rungs
from measuring.clips.results import ClipResult, MeasuredFile, SourceClip
from measuring.clips.text_recognition import ExpectedWords, misread_share, read_expected_words

Report = Callable[[str], None]


def measure_clip(
    source: Path, folder: Path, languages: str | None, report: Report, *, with_peers: bool
) -> Iterator[ClipResult]:
    """Yield a row for each file made of a clip; with `languages` None no text is recognised.

    Raises AppError for a clip the server would refuse.
    """
    analyses: Analyses = {}
    clip, analysis, analysis_cost = analyse_source(source, folder, analyses)
    words = (
        read_expected_words(clip.text_file, clip.length_s) if clip.text_file and languages else {}
    )
    source_misread = misread_share(clip, None, words, languages or "") if words else None
    report(f"{clip.name}: {clip.kind}: {analysis.why}")
    for file in OurRenditions(clip, analysis, analyses).encode(analysis_cost):
        if isinstance(file, str):
            report(file)
            continue
        yield _measure_file(clip, file, words, languages, source_misread)
    for file in _encode_with_peers(clip) if with_peers else ():
        yield _measure_file(clip, file, words, languages, source_misread)


def _encode_with_peers(clip: SourceClip) -> Iterator[MeasuredFile]:
    job_directory = clip.job_directory
    for rung in peer_rungs(
        job_directory.source, job_directory.folder, clip.info, compared_fps(clip)
    ):
        with measure_cost() as cost:
            for command in rung.commands:
                job_directory.run(command)
        yield MeasuredFile(rung.maker, rung.rung, rung.path, clip.whole, cost.cpu_s, cost.wall_s)


def _measure_file(
    clip: SourceClip,
    file: MeasuredFile,
    words: ExpectedWords,
    languages: str | None,
    source_misread: float | None,
) -> ClipResult:
    """Measure one file: quality, text, bytes; then delete it."""
    length_s = file.cut.length_s
    is_moving = file.rung != "stills"
    quality = score_file(clip, file) if is_moving else None
    width_px, height_px = measure_size_px(clip, file)
    row = ClipResult(
        clip=clip.name,
        kind=clip.kind.value,
        maker=file.maker,
        rung=file.rung,
        width_px=width_px,
        height_px=height_px,
        kb_a_minute=file.path.stat().st_size / 1000 * 60 / length_s,
        sound_kb_a_minute=measure_sound_bytes(clip, file) / 1000 * 60 / length_s,
        vmaf_mean=quality.mean if quality else None,
        vmaf_p5=quality.p5 if quality else None,
        misread_share=misread_share(clip, file, words, languages or "") if words else None,
        source_misread_share=source_misread,
        cpu_s_a_s=file.cpu_s / clip.length_s,
        wall_s_a_s=file.wall_s / clip.length_s,
        outside_share=file.own_cpu_s / file.cpu_s if file.cpu_s else 0.0,
        by_hand_share=file.by_hand_cpu_s / file.cpu_s if file.cpu_s else 0.0,
        encodes=file.encodes,
    )
    file.path.unlink()
    return row
