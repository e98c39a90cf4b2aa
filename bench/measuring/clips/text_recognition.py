"""Recognises the text of finished files and counts misread letters (CER), where it is known.

A file `name.txt` beside a clip `name.mp4` holds its text. Lines after `@ 3.2` are legible at 3.2
seconds from the beginning; without any `@`, all lines are legible in the middle of the clip:

    @ 3.2
    Thanh toán tiền điện
    @ 7
    Xong

Each known line is searched anywhere in the recognised text (in any order); the figure is the share
of letters not found, over all lines. 0.0: everything is recognised.
"""

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import ffmpeg
from ffmpeg.nodes import FilterableStream

from content_server.media.ffmpeg.command_line import REPRODUCIBLE_OUTPUT, compile_command, file_url
from measuring.clips.comparison import enlarged_frames, source_frames
from measuring.clips.results import MeasuredFile, SourceClip

HOLD_LAST_FRAME_S = 2
MOST_MOMENTS = 10  # read a file: a second of processor each

ExpectedWords = dict[float, list[str]]  # second of the clip → lines that can be read then


def ocr_languages() -> str | None:
    """Return what to read with ("vie+eng"), or None when nothing here reads Vietnamese."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False)  # noqa: S603  # no words of others
    there = [name for name in ("vie", "eng") if name in listed.stdout.split()]
    return "+".join(there) if "vie" in there else None


def read_expected_words(path: Path, length_s: float) -> ExpectedWords:
    """Read a sidecar; at most MOST_MOMENTS moments, spread over the clip."""
    found: ExpectedWords = {}
    now_s = length_s / 2
    for line in path.read_text("utf-8").splitlines():
        if moment := re.fullmatch(r"@\s*(\d+(?:\.\d+)?)\s*", line):
            now_s = float(moment[1])
        elif line.strip():
            found.setdefault(now_s, []).append(line.strip())
    moments = sorted(moment for moment in found if moment < length_s)
    step = max(1.0, len(moments) / MOST_MOMENTS)
    chosen = [moments[int(place * step)] for place in range(min(len(moments), MOST_MOMENTS))]
    return {moment: found[moment] for moment in chosen}


def misread_share(
    clip: SourceClip, file: MeasuredFile | None, words: ExpectedWords, with_languages: str
) -> float | None:
    """Return the share of known letters misread in a file, or in the source itself (None)."""
    cut = file.cut if file else clip.whole
    wrong = total = 0
    for moment_s, lines in words.items():
        at_s = moment_s - cut.start_ms / 1000
        if not 0 <= at_s < cut.length_s:
            continue
        picture = enlarged_frames(clip, file.path) if file else source_frames(clip, cut)
        read = _normalise(_recognise(clip, picture, at_s, with_languages))
        for line in map(_normalise, lines):
            wrong += distance_within(line, read)
            total += len(line)
    return wrong / total if total else None


def _recognise(
    clip: SourceClip, picture: FilterableStream, at_s: float, with_languages: str
) -> str:
    still = clip.job_directory.folder / "read.png"
    # The last still of a film of stills is held to the end, as players hold it.
    held = picture.filter("tpad", stop_mode="clone", stop_duration=HOLD_LAST_FRAME_S)
    seen = held.filter("select", f"gte(t,{at_s:.3f})")
    output = ffmpeg.output(
        seen, file_url(still), f="image2", **{"c:v": "png", "frames:v": 1, "update": 1},
        **REPRODUCIBLE_OUTPUT,
    )  # fmt: skip
    clip.job_directory.run(compile_command(output))
    if not still.exists():
        return ""
    done = subprocess.run(  # noqa: S603  # our own words
        [shutil.which("tesseract") or "tesseract", str(still), "-", "-l", with_languages,
         "--psm", "11"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    still.unlink()
    return done.stdout


def _normalise(text: str) -> str:
    """Return letters and digits only, in one form: spaces and lines are the reader's own."""
    composed = unicodedata.normalize("NFC", text).lower()
    return "".join(letter for letter in composed if letter.isalnum())


def distance_within(line: str, text: str) -> int:
    """Return the fewest letters to change so that `line` stands somewhere in `text`.

    Sellers's algorithm: Levenshtein's, with a start anywhere and an end anywhere at no cost.
    """
    row = [0] * (len(text) + 1)
    for number, letter in enumerate(line, 1):
        before, row = row, [number]
        for place, other in enumerate(text, 1):
            row.append(min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != other)))
    return min(row)
