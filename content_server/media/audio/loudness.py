"""Measures the loudness and the silence of recordings, and brings all to one level."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from content_server.media.ffmpeg import audio_commands
from content_server.media.ladder import VOICE_LUFS, VOICE_PADDING_MS
from content_server.media.media_kinds import TrimRange

RunForStderr = Callable[[list[str]], str]  # runs a command, returns its stderr

SILENT_LUFS = -60.0  # below this nothing is audible on a phone
LEVEL_TOLERANCE_DB = 0.4
MAX_CORRECTIONS = 4
LIMITER_COMPENSATION = 1.9
MAX_GAIN_DB = 50.0
LOOP_BELOW_S = 1.0  # a shorter recording has too few 400 ms loudness blocks: measured as a loop

# Silence is what lies this far below the loudness of the voice, within these two levels.
SILENCE_OFFSET_DB, MIN_SILENCE_DB, MAX_SILENCE_DB = 26.0, -65.0, -35.0
END_TOLERANCE_S = 0.05

_LOUDNESS = re.compile(r"^ +I: +(-?[\d.]+|-?inf|nan) LUFS", re.MULTILINE)
_SUMMARY = re.compile(r"\[ebur128@(\d+) @ \w+\] (Summary:.*?I: [^\n]*\n)", re.DOTALL)
_SILENCE = re.compile(r"silence_(start|end): (-?[\d.]+)")


def measure_lufs(sound: Path, duration_s: float, run: RunForStderr) -> float:
    """Return the integrated loudness of a file we made, in LUFS; -inf for nothing to hear."""
    return _parse_lufs(
        run(audio_commands.measure_loudness_command([sound], looped=duration_s < LOOP_BELOW_S))
    )


def measure_all_lufs(sounds: Sequence[Path], duration_s: float, run: RunForStderr) -> list[float]:
    """Return the integrated loudness of each file we made, in LUFS; all last `duration_s`."""
    stderr = run(audio_commands.measure_loudness_command(sounds, looped=duration_s < LOOP_BELOW_S))
    parts = dict(_SUMMARY.findall(stderr))
    return [  # several threads write: a summary that lost its name is measured again alone
        _parse_lufs(parts[str(n)]) if str(n) in parts else measure_lufs(sound, duration_s, run)
        for n, sound in enumerate(sounds)
    ]


def _parse_lufs(stderr: str) -> float:
    """Return the loudness ffmpeg reported last; -inf for silence."""
    found = _LOUDNESS.findall(stderr)
    lufs = float(found[-1]) if found else -math.inf
    return lufs if lufs > SILENT_LUFS else -math.inf


def find_trim_and_gain(
    wav: Path, duration_s: float, run: RunForStderr, *, is_trimmed: bool = True
) -> tuple[TrimRange, float] | None:
    """Return the cut and gain that bring our own WAV to VOICE_LUFS, and its present LUFS.

    None for silence. Limiting the peaks costs loudness, so the result is measured and corrected.
    """
    lufs = measure_lufs(wav, duration_s, run)
    if math.isinf(lufs):
        return None
    start_s, end_s = (
        find_voice_edges(wav, duration_s, lufs, run) if is_trimmed else (0.0, duration_s)
    )
    cut = TrimRange(round(start_s * 1000), round(end_s * 1000), VOICE_LUFS - lufs)
    for _correction in range(MAX_CORRECTIONS):
        argv = audio_commands.measure_level_command(wav, cut, looped=cut.length_s < LOOP_BELOW_S)
        missing_db = VOICE_LUFS - _parse_lufs(run(argv))
        if abs(missing_db) <= LEVEL_TOLERANCE_DB:
            break
        # Where peaks are limited, a decibel of gain adds about half a decibel of loudness
        # (measured: 0.45-0.55).
        step_db = missing_db * LIMITER_COMPENSATION if missing_db > 0 else missing_db
        cut = replace(cut, gain_db=round(min(cut.gain_db + step_db, MAX_GAIN_DB), 2))
    return cut, lufs


def find_voice_edges(
    wav: Path, duration_s: float, lufs: float, run: RunForStderr
) -> tuple[float, float]:
    """Return where the voice starts and ends (s), with VOICE_EDGE_MS of silence at both ends."""
    threshold_db = min(MAX_SILENCE_DB, max(MIN_SILENCE_DB, lufs - SILENCE_OFFSET_DB))
    moments = _SILENCE.findall(run(audio_commands.find_silence_command(wav, threshold_db)))
    start_s, end_s = 0.0, duration_s
    if len(moments) > 1 and float(moments[0][1]) <= END_TOLERANCE_S:
        start_s = float(moments[1][1])
    if len(moments) > 1 and float(moments[-1][1]) >= duration_s - END_TOLERANCE_S:
        end_s = float(moments[-2][1])
    if end_s <= start_s:
        return 0.0, duration_s
    padding_s = VOICE_PADDING_MS / 1000
    return max(0.0, start_s - padding_s), min(duration_s, end_s + padding_s)
