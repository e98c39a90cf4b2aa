#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""Speak the Vietnamese lessons with espeak-ng: a voice for each step until a person records one.

    scripts/speak.py                   speak what is new or changed
    scripts/speak.py tra-tien-dien     the same, of these lessons only
    scripts/speak.py --check           say what is stale, missing or too long; exit 1 if anything is

An authoring tool: it needs espeak-ng (Debian: apt-get install espeak-ng); the server never does.
Recordings land in media/ and are kept as source. A recording that this tool did not make, or that
somebody has replaced, belongs to a person and is left alone; so does any that is not .opus, as
phones record them. Ingest checks what people record.
"""

import argparse
import json
import re
import shutil
import subprocess  # an authoring tool; the server's own runner is content_server/media/runner.py
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import yaml

ROOT = Path(__file__).resolve().parent.parent
LESSONS, MEDIA = ROOT / "lessons", ROOT / "media"
LEDGER = MEDIA / "spoken.json"  # file under media/ → what was said and the bytes that came of it

VOICE = "vi"
WORDS_PER_MINUTE = 140  # espeak-ng's usual is 175; 140 sounds unhurried and still fits 15 s
WORD_GAP_10MS = 1  # a breath between words, for ears that know Vietnamese as a second language
AMPLITUDE = 80  # of 200; the usual 100 touches full scale
BITRATE_KBPS = 20
MAX_SECONDS = 15.0  # the limit of content_server.lessons.lesson.MAX_VOICE_MS
SETTINGS = f"{VOICE} {WORDS_PER_MINUTE} {WORD_GAP_10MS} {AMPLITUDE} {BITRATE_KBPS}"
SENTENCE_KEYS = ("show", "if_wrong", "ask", "say", "watch")


@dataclass(frozen=True)
class Line:
    """One recording to make: where it goes under media/, and the words."""

    file: str
    words: str

    @property
    def stamp(self) -> str:
        return sha256(f"{SETTINGS}\n{self.words}".encode()).hexdigest()


def lines_of(lesson: Mapping[str, Any]) -> Iterator[Line]:
    """Yield every line of a lesson whose voices are the machine's."""
    if lesson.get("voices") != "machine":
        return
    title, ending = ("title", "why", "safety"), ("success", "warning")
    for key, parts in (("voice", title), ("ending_voice", ending)):
        if key in lesson:
            yield Line(lesson[key], " ".join(_sentence(lesson[part]) for part in parts))
    for step in lesson["steps"]:
        words = next((step[key] for key in SENTENCE_KEYS if isinstance(step.get(key), str)), None)
        if "voice" in step and words:
            yield Line(step["voice"], words)


def is_machines(file: str) -> bool:
    """Whether this tool could have made a file of that name."""
    return file.endswith(".opus")


def _sentence(text: str) -> str:
    """Return `text` with a full stop, so that the voice falls and pauses."""
    return text if text[-1] in ".?!" else f"{text}."


def sounded(words: str, table: Mapping[str, str]) -> str:
    """Return `words` written as they sound; the longest entry of the table wins."""
    known = sorted(table, key=len, reverse=True)
    pattern = r"\b(" + "|".join(map(re.escape, known)) + r")\b"
    return re.sub(pattern, lambda match: table[match[1]], words)


def read_lines() -> list[Line]:
    """Return all lines of all Vietnamese lessons, written as they sound."""
    table = yaml.load((LESSONS / "pronunciation.yaml").read_text(), Loader=yaml.CBaseLoader)  # noqa: S506  # CBaseLoader builds only texts, lists and mappings
    lines = []
    for path in sorted((LESSONS / "vi").glob("*.yaml")):
        lesson = yaml.load(path.read_text(), Loader=yaml.CBaseLoader)  # noqa: S506  # as above
        spoken = (line for line in lines_of(lesson) if is_machines(line.file))
        lines += [Line(line.file, sounded(line.words, table)) for line in spoken]
    return lines


def is_a_persons(line: Line, ledger: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether the recording in place is not the one this tool made."""
    target = MEDIA / line.file
    made = ledger.get(line.file, {}).get("made")
    return target.exists() and sha256(target.read_bytes()).hexdigest() != made


def is_fresh(line: Line, ledger: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether the recording in place says these words in this voice."""
    return (MEDIA / line.file).exists() and ledger.get(line.file, {}).get("said") == line.stamp


def speak(line: Line) -> bytes:
    """Return `line` spoken, as mono Opus; the same words give the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        wave, opus = Path(folder) / "a.wav", Path(folder) / "a.opus"
        voice = ["-v", VOICE, "-s", str(WORDS_PER_MINUTE), "-g", str(WORD_GAP_10MS)]
        run("espeak-ng", *voice, "-a", str(AMPLITUDE), "-w", str(wave), "--", line.words)
        run(
            *(imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-i", str(wave)),
            *("-ar", "24000", "-ac", "1", "-map_metadata", "-1"),
            *("-c:a", "libopus", "-b:a", f"{BITRATE_KBPS}k", "-application", "voip"),
            *("-fflags", "+bitexact", "-flags:a", "+bitexact", str(opus)),
        )
        return opus.read_bytes()


def seconds_of(file: Path) -> float:
    """Return the length of a recording: the last page of its Ogg stream counts 48,000 a second."""
    data = file.read_bytes()
    page = data.rindex(b"OggS")
    return int.from_bytes(data[page + 6 : page + 14], "little") / 48_000


def run(*command: str) -> None:
    """Run `command`; end with its own words when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # programs and settings are fixed above, words follow "--"
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stderr.strip()}")


def read_ledger() -> dict[str, dict[str, str]]:
    """Return what this tool has made so far."""
    ledger: dict[str, dict[str, str]] = json.loads(LEDGER.read_text()) if LEDGER.exists() else {}
    return ledger


def check(lines: list[Line], ledger: Mapping[str, Mapping[str, str]]) -> int:
    """Print what is stale, missing or too long; return the exit code."""
    wrong = 0
    for line in lines:
        target = MEDIA / line.file
        if is_a_persons(line, ledger):
            continue
        if not is_fresh(line, ledger):
            print(f"{line.file}: chưa đọc lại (stale)")
            wrong += 1
        elif seconds_of(target) > MAX_SECONDS:
            print(f"{line.file}: {seconds_of(target):.1f} s, tối đa {MAX_SECONDS:.0f} s (too long)")
            wrong += 1
    return 1 if wrong else 0


def speak_all(lines: list[Line], slugs: set[str]) -> int:
    """Speak what is new or changed; return the exit code of a check afterwards."""
    if not shutil.which("espeak-ng"):
        sys.exit("Cần espeak-ng: apt-get install espeak-ng")
    ledger, spoken = read_ledger(), {}
    wanted = [line for line in lines if not slugs or line.file.partition("/")[0] in slugs]
    for line in wanted:
        target = MEDIA / line.file
        if is_a_persons(line, ledger):
            print(f"{line.file}: giọng người, giữ nguyên (kept)")
        elif not is_fresh(line, ledger):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(speak(line))
            made = sha256(target.read_bytes()).hexdigest()
            spoken[line.file] = {"said": line.stamp, "made": made}
            print(f"{line.file}: {seconds_of(target):.1f} s, {target.stat().st_size} byte")
    ledger = read_ledger() | spoken  # read again: another author may have spoken meanwhile
    kept = {line.file: ledger[line.file] for line in lines if line.file in ledger}
    LEDGER.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return check(wanted, kept)


def main() -> int:
    """Read the lessons, then check or speak."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    parser.add_argument("slugs", nargs="*", metavar="slug", help="only these lessons")
    given = parser.parse_args()
    lines = read_lines()
    return check(lines, read_ledger()) if given.check else speak_all(lines, set(given.slugs))


if __name__ == "__main__":
    sys.exit(main())
