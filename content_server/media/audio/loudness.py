"""Hears how loud a recording is and where it is silent, and makes all recordings alike."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from content_server.media.ffmpeg import commands
from content_server.media.ladder import VOICE_EDGE_MS, VOICE_LUFS
from content_server.media.media_kinds import TrimRange

Run = Callable[[list[str]], str]  # runs a command, returns what it said on stderr

SILENT_LUFS = -60.0  # nothing anybody could hear on a phone
CLOSE_ENOUGH_DB = 0.4
TRIES = 4
HELD_BACK = 1.9
GREATEST_GAIN_DB = 50.0
SHORT_S = 1.0  # too few 400 ms loudness blocks below this: measured as if repeated

# Silence is what lies this far under the voice, but never outside of these two levels.
SILENCE_BELOW_DB, SOFTEST_SILENCE_DB, LOUDEST_SILENCE_DB = 26.0, -65.0, -35.0
AT_THE_EDGE_S = 0.05

_LOUDNESS = re.compile(r"^ +I: +(-?[\d.]+|-?inf|nan) LUFS", re.MULTILINE)
_SUMMARY = re.compile(r"\[ebur128@(\d+) @ \w+\] (Summary:.*?I: [^\n]*\n)", re.DOTALL)
_SILENCE = re.compile(r"silence_(start|end): (-?[\d.]+)")


def measure(sound: Path, duration_s: float, run: Run) -> float:
    """Return the integrated loudness of a file we made, in LUFS; -inf for nothing to hear."""
    return _heard(run(commands.measure_loudness_command([sound], looped=duration_s < SHORT_S)))


def measure_all(sounds: Sequence[Path], duration_s: float, run: Run) -> list[float]:
    """Return the integrated loudness of each file we made, in LUFS; all last `duration_s`."""
    said = run(commands.measure_loudness_command(sounds, looped=duration_s < SHORT_S))
    parts = dict(_SUMMARY.findall(said))
    return [  # several threads write: now and then one loses its name, and is heard again alone
        _heard(parts[str(n)]) if str(n) in parts else measure(sound, duration_s, run)
        for n, sound in enumerate(sounds)
    ]


def _heard(said: str) -> float:
    """Return the loudness ffmpeg reported last."""
    found = _LOUDNESS.findall(said)
    lufs = float(found[-1]) if found else -math.inf
    return lufs if lufs > SILENT_LUFS else -math.inf


def find_level(
    wav: Path, duration_s: float, run: Run, *, is_trimmed: bool = True
) -> tuple[TrimRange, float] | None:
    """Return what brings our own WAV to VOICE_LUFS without silence at its ends, and its own LUFS.

    None for silence. Holding back peaks costs loudness, so the result is heard and corrected.
    """
    lufs = measure(wav, duration_s, run)
    if math.isinf(lufs):
        return None
    start_s, end_s = edges(wav, duration_s, lufs, run) if is_trimmed else (0.0, duration_s)
    cut = TrimRange(round(start_s * 1000), round(end_s * 1000), VOICE_LUFS - lufs)
    for _try in range(TRIES):
        heard = commands.hear_level_command(wav, cut, looped=cut.length_s < SHORT_S)
        missing_db = VOICE_LUFS - _heard(run(heard))
        if abs(missing_db) <= CLOSE_ENOUGH_DB:
            break
        # Where peaks are held back, a decibel more is heard as half of one (measured: 0.45-0.55).
        step_db = missing_db * HELD_BACK if missing_db > 0 else missing_db
        cut = replace(cut, gain_db=round(min(cut.gain_db + step_db, GREATEST_GAIN_DB), 2))
    return cut, lufs


def edges(wav: Path, duration_s: float, lufs: float, run: Run) -> tuple[float, float]:
    """Return where the voice starts and ends, with a breath kept at both sides."""
    threshold_db = min(LOUDEST_SILENCE_DB, max(SOFTEST_SILENCE_DB, lufs - SILENCE_BELOW_DB))
    moments = _SILENCE.findall(run(commands.find_silence_command(wav, threshold_db)))
    start_s, end_s = 0.0, duration_s
    if len(moments) > 1 and float(moments[0][1]) <= AT_THE_EDGE_S:
        start_s = float(moments[1][1])
    if len(moments) > 1 and float(moments[-1][1]) >= duration_s - AT_THE_EDGE_S:
        end_s = float(moments[-2][1])
    if end_s <= start_s:
        return 0.0, duration_s
    breath_s = VOICE_EDGE_MS / 1000
    return max(0.0, start_s - breath_s), min(duration_s, end_s + breath_s)
