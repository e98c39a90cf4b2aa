"""Builds the ffmpeg command for the film of a whole lesson: still frames and voices in a row."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from content_server.media.ffmpeg.audio_commands import OWN_CONTAINERS, WORKING_RATE_HZ
from content_server.media.ffmpeg.command_line import (
    REPRODUCIBLE_OUTPUT,
    compile_command,
    file_url,
    open_source,
)
from content_server.media.ladder import LessonVideoRung


def lesson_video_command(
    frames: Path,
    voices: Sequence[tuple[Path, int, int]],
    target: Path,
    rung: LessonVideoRung,
    *,
    length_ms: int,
) -> list[str]:
    """Join still pictures and voices, all made by us, to one film.

    `frames` is an ffconcat list of pictures in the same folder and how long each is shown.
    `voices` are (file, silence before it, length with the silence after it), both in ms.
    """
    pictures = ffmpeg.input(
        file_url(frames),
        f="concat",
        safe=0,
        protocol_whitelist="file",
        format_whitelist="concat,bmp_pipe",
        codec_whitelist="bmp",
    )["v:0"]
    streams = [pictures]
    if voices:
        padded = [_padded_voice(*voice) for voice in voices]
        streams.append(ffmpeg.filter(padded, "concat", n=len(padded), v=0, a=1))
    sound = {"c:a": "aac", "b:a": f"{rung.audio_kbps}k", "ac": 1, "ar": rung.audio_rate_hz}
    return compile_command(
        ffmpeg.output(
            *streams,
            file_url(target),
            # Each picture is converted to the film's colours once, then repeated.
            vf=f"scale={rung.width_px}:{rung.height_px}:out_range=tv,setsar=1,format=yuv420p,"
            f"fps={rung.fps}",
            f="mp4",
            t=length_ms / 1000,
            movflags="+faststart",
            max_interleave_delta=0,  # waits for both streams: timing leaves no trace in the bytes
            **{
                "c:v": "libx264",
                "tune": "stillimage",
                "preset": rung.preset,
                "crf": rung.crf,
                "profile:v": rung.profile,
                "level:v": rung.level,
                "g": rung.fps * rung.keyframe_every_s,
            },
            **(sound if voices else {}),
            **REPRODUCIBLE_OUTPUT,
        )
    )


def _padded_voice(voice: Path, before_ms: int, length_ms: int) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    opened = open_source(voice, OWN_CONTAINERS[voice.suffix])["a:0"]
    samples = length_ms * WORKING_RATE_HZ // 1000
    return (
        opened.filter(
            "aformat", sample_fmts="s16", sample_rates=WORKING_RATE_HZ, channel_layouts="mono"
        )
        .filter("adelay", delays=before_ms)
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )
