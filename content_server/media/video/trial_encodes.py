"""Tries settings out on a sample of a clip, and encodes the whole with the one found.

A sample is enough: quality hardly depends on how long a clip is (ab-av1 does the same). The whole
is looked at afterwards where time allows, and encoded again when the sample was wrong.
"""

from collections.abc import MutableMapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from content_server.media.clip_ladder import ClipRung, size_for
from content_server.media.ffmpeg import clip_commands, trial_commands
from content_server.media.ffmpeg.job_directory import JobDirectory
from content_server.media.ffmpeg.trial_commands import SCORES
from content_server.media.media_kinds import EncodedFile, MediaInfo
from content_server.media.video import quality_search
from content_server.media.video.clip_analysis import ClipAnalysis
from content_server.media.video.codecs import content_type_of
from content_server.media.video.quality import Grey, Quality, legibility, read_scores
from content_server.media.video.quality_search import Choice, Trial

Memory = MutableMapping[str, dict[str, Any]]  # what was found out about this source, for ever

SHORTEST_S = 20.0  # of clip: a shorter one is its own sample, and its quick rendition not searched
SAMPLE_P5 = 2.0  # VMAF by which a sample's worst twentieth is below the whole's (measured)
READ_EVERY_S = 2.0  # of a sample: its letters are looked at this often
SHARES = (0.1, 0.5, 0.9)  # of the work: sample made, setting found, whole encoded


def choose(
    bench: JobDirectory, look: ClipAnalysis, rung: ClipRung, memory: Memory, tries: int
) -> Choice:
    """Return the setting for this rung, from memory, by a search on a sample, or the usual one."""
    if (known := memory.get(rung.recipe)) is not None:
        return Choice(**known)
    if not rung.sample_s:
        return Choice(rung.crf, 0.0, 0.0, 1.0, encodes=0)
    sample, trial = bench.folder / "sample.mkv", bench.folder / "trial.mp4"
    sample_s = min(rung.sample_s, look.cut.length_s * rung.sample_share)
    parts = parts_of(look.cut.length_s, sample_s, rung.sample_part_s)
    bench.run(
        trial_commands.sample_command(bench.source, sample, rung, bench.info, look.cut, parts)
    )

    def try_out(crf: float) -> Quality:
        bench.run(
            trial_commands.trial_command(
                sample, trial, rung, bench.info, crf=crf, threads=bench.threads
            )
        )
        bench.run(trial_commands.score_trial_command(trial, sample, rung, bench.info))
        return read_scores(bench.folder / SCORES, _legible(bench, rung, sample, trial))

    choice = quality_search.find_setting(try_out, _eased(rung), tries)
    memory[rung.recipe] = asdict(choice)
    for left in (sample, trial, bench.folder / SCORES):
        left.unlink(missing_ok=True)
    return choice


def _eased(rung: ClipRung) -> ClipRung:
    """Return the rung with the target its sample must reach: mostly it looks worse than the whole.

    Its parts start cold, and few pictures make a low worst twentieth.
    """
    target = rung.target
    eased = replace(target, mean=target.mean + rung.sample_vmaf, p5=target.p5 - SAMPLE_P5)
    return replace(rung, target=eased)


def parts_of(length_s: float, sample_s: float, part_s: float) -> list[tuple[float, float]]:
    """Return the parts of a clip, (start, end) in seconds, that stand for all of it."""
    if length_s < SHORTEST_S:
        return [(0.0, length_s)]
    count = max(1, round(sample_s / part_s))
    step = length_s / count
    starts = [step * number + (step - part_s) / 2 for number in range(count)]
    return [(start, start + part_s) for start in starts]


def encode(bench: JobDirectory, look: ClipAnalysis, rung: ClipRung, crf: float) -> EncodedFile:
    """Encode the whole clip at one setting."""
    path = bench.folder / f"{rung.name}{rung.suffix}"
    argv = clip_commands.clip_command(
        bench.source, path, rung, bench.info, look.cut, crf=crf, threads=bench.threads
    )
    finished = bench.run(argv, look.cut.length_s)
    return made_of(path, rung, bench.info, round(finished.done_s * 1000))


def made_of(path: Path, rung: ClipRung, info: MediaInfo, duration_ms: int) -> EncodedFile:
    width, height = size_for(rung, info)
    return EncodedFile(rung.name, path, content_type_of(path), width, height, duration_ms)


def encode_well(
    bench: JobDirectory, look: ClipAnalysis, rung: ClipRung, memory: Memory
) -> EncodedFile:
    """Search on a sample, encode the whole, look at it, and correct what the sample got wrong.

    The smallest whole that passes the target is kept; when none does, the best.
    """
    begin, found, done = SHARES
    known = memory.get(rung.recipe, {}).get("whole", False)
    choice = choose(bench.telling(begin, found), look, rung, memory, rung.encodes // 2)
    bench.tell(found)
    if known:
        return encode(bench.telling(found, done), look, rung, choice.crf)
    trials: list[Trial] = []
    kept: list[EncodedFile] = []
    crf: float | None = choice.crf
    most = rung.encodes - choice.encodes
    while crf is not None and len(trials) < most:
        at = found + (done - found) * len(trials) / most
        made = encode(bench.telling(at, at + (done - found) / most), look, rung, crf)
        trials.append(Trial(crf, _whole(bench, look, rung, made.path)))
        if quality_search.best_of(trials, rung.target) is trials[-1]:
            kept = [replace(made, path=made.path.rename(bench.folder / "kept.mp4"))]
        crf = quality_search.next_whole(trials, rung)
    best, encodes = quality_search.best_of(trials, rung.target), choice.encodes + len(trials)
    found_out = Choice(
        best.crf, best.quality.mean, best.quality.p5, choice.legible, encodes, whole=True
    )
    memory[rung.recipe] = asdict(found_out)
    return kept[0]


def _whole(bench: JobDirectory, look: ClipAnalysis, rung: ClipRung, path: Path) -> Quality:
    """Return how good the whole rendition is. Its letters were looked at in the sample."""
    argv = trial_commands.score_command(path, bench.source, rung, bench.info, look.cut)
    bench.run(argv)
    return read_scores(bench.folder / SCORES)


def _legible(bench: JobDirectory, rung: ClipRung, sample: Path, trial: Path) -> float:
    if not rung.target.legible:
        return 1.0
    size = size_for(rung, bench.info)
    seen = _pictures(bench, sample, "matroska", size)
    made = _pictures(bench, trial, "mp4", size)
    count = min(len(seen), len(made))
    return legibility(seen[:count], made[:count])


def _pictures(bench: JobDirectory, path: Path, container: str, size: tuple[int, int]) -> Grey:
    """Return a few pictures of a file of ours, grey, in its own size."""
    raw = bench.folder / "letters.grey"
    bench.run(trial_commands.grey_command(path, raw, container, READ_EVERY_S))
    data = np.fromfile(raw, np.uint8)
    raw.unlink()
    width, height = size
    return data[: len(data) // (width * height) * width * height].reshape(-1, height, width)
