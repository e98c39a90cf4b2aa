"""Builds the ffmpeg commands for sound: decoding, measuring, and encoding of voices."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from content_server.media import limits
from content_server.media.ffmpeg.command_line import (
    REPRODUCIBLE_OUTPUT,
    compile_command,
    file_url,
    open_source,
)
from content_server.media.ladder import VOICE_PEAK_DB, VoiceRung
from content_server.media.media_kinds import TrimRange

OWN_CONTAINERS = {
    ".wav": "wav",
    ".opus": "ogg",
    ".m4a": "mp4",
    ".mp3": "mp3",
}  # of the files we encode ourselves
WORKING_RATE_HZ = 48_000
MONO = "aformat=sample_fmts=s16:channel_layouts=mono"  # as floats, two channels add 3 dB
_EBUR128 = "ebur128=framelog=quiet"
_MONO_48_KHZ = f"aresample={WORKING_RATE_HZ},{MONO}"
LOOPED_S = 5  # a recording shorter than a loudness block is measured as if it were repeated
_LOOP = f"aloop=-1:{LOOPED_S * WORKING_RATE_HZ},atrim=end={LOOPED_S},"


def decode_sound_command(source: Path, target: Path, container: str) -> list[str]:
    """Write the first sound track as a mono WAV at 48 kHz."""
    return compile_command(
        ffmpeg.output(
            open_source(source, container)["a:0"],
            file_url(target),
            f="wav",
            af=_MONO_48_KHZ,
            t=limits.VOICE_S,
            **REPRODUCIBLE_OUTPUT,
        )
    )


def measure_loudness_command(sounds: Sequence[Path], *, looped: bool) -> list[str]:
    """Print the loudness (EBU R 128) of our own files to stderr; ebur128@0 is the first.

    One process measures all: starting one costs as much as measuring a short voice.
    """
    before = f"aresample={WORKING_RATE_HZ},{_LOOP if looped else ''}ebur128@"
    outputs = [
        _filtered_output(sound, f"{before}{n}=framelog=quiet") for n, sound in enumerate(sounds)
    ]
    return compile_command(ffmpeg.merge_outputs(*outputs), level="info")


def find_silence_command(wav: Path, threshold_db: float) -> list[str]:
    """Print to stderr where our own WAV is silent."""
    return _measurement_command(wav, f"silencedetect=noise={threshold_db:.1f}dB:d=0.15")


def measure_level_command(wav: Path, cut: TrimRange, *, looped: bool) -> list[str]:
    """Print to stderr the loudness of our own WAV after it is cut and its gain applied."""
    return _measurement_command(
        wav, f"{_trim_and_gain_filters(cut)},{_LOOP if looped else ''}{_EBUR128}"
    )


def encode_voices_command(
    source: Path,
    container: str,
    cut: TrimRange,
    renditions: Sequence[tuple[Path, VoiceRung, float]],
) -> list[str]:
    """Cut, level and encode the first sound track to several (target, rung, gain in dB) at once.

    The gain compensates the loudness a codec loses.
    """
    sound = open_source(source, container)["a:0"]
    outputs = [
        ffmpeg.output(
            sound,
            file_url(target),
            af=f"{_MONO_48_KHZ},{_trim_and_gain_filters(cut)},{MONO},volume={gain_db:.2f}dB",
            **_voice_codec_options(rung),
            **REPRODUCIBLE_OUTPUT,
        )
        for target, rung, gain_db in renditions
    ]
    return compile_command(ffmpeg.merge_outputs(*outputs))


def _trim_and_gain_filters(cut: TrimRange) -> str:
    trim = f"atrim={cut.start_ms / 1000:.3f}:{cut.end_ms / 1000:.3f},asetpts=PTS-STARTPTS"
    return f"{trim},{gain_filter(cut.gain_db)}"


def _measurement_command(sound: Path, filters: str) -> list[str]:
    return compile_command(_filtered_output(sound, filters), level="info")


def _filtered_output(sound: Path, filters: str) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    container = OWN_CONTAINERS[sound.suffix]
    return ffmpeg.output(open_source(sound, container)["a:0"], "pipe:2", f="null", af=filters)


def gain_filter(gain_db: float) -> str:
    """Return the filters that change the level by `gain_db` and hold peaks at VOICE_PEAK_DB."""
    limit = 10 ** (VOICE_PEAK_DB / 20)
    return f"volume={gain_db:.2f}dB,alimiter=limit={limit:.4f}:level=0:latency=1"


def _voice_codec_options(rung: VoiceRung) -> dict[str, Any]:
    settings = {
        "c:a": rung.codec,
        "b:a": f"{rung.rate_kbps}k",
        "ac": 1,
        "ar": rung.sample_rate_hz,
    }
    match rung.codec:
        case "libopus":  # 60 ms frames save 16 % of a 16 kbps file (docs/research/video.md#voice)
            return settings | {"f": "ogg", "application": "voip", "frame_duration": 60}
        case "aac":
            return settings | {"f": "mp4", "movflags": "+faststart"}
        case "libmp3lame":  # frames and nothing else: no tag, no table of contents before them
            return settings | {"f": "mp3", "write_xing": 0, "id3v2_version": 0}
