"""Builds the ffmpeg commands for clips: analysis, renditions (compat, lean, stills), posters.

The settings of each rendition are in media/clip_ladder.py, what all commands share in
command_line.py. Times are seconds of the source; a `TrimRange` is the part of it that is kept.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from content_server.media.clip_ladder import ClipRung, SoundRung, size_for
from content_server.media.ffmpeg.audio_commands import MONO, WORKING_RATE_HZ, gain_filter
from content_server.media.ffmpeg.command_line import (
    REPRODUCIBLE_OUTPUT,
    THREADS,
    compile_command,
    file_url,
    open_source,
)
from content_server.media.ffmpeg.source_filters import source_filters_for
from content_server.media.media_kinds import MediaInfo, TrimRange

ANALYSIS_FPS = 10  # moments of rest are found to a tenth of a second
ANALYSIS_SHORT_SIDE_PX = 180
COLOUR_LONG_SIDE_PX = 640
# psy=0 and aq-mode=0 spend no bits on grain: screens and slides are 30 % smaller, camera footage
# 12 % at the same VMAF; eight B-frames save another 5-10 % (measured on clips of each kind).
X264_PARAMS = "psy=0:aq-mode=0:bframes=8"
QUANTISERS = "enable-qm=1:qm-min=0"  # 1 % smaller at the same VMAF (measured)
# 48 is libaom's greatest lookahead: with 35 frames, its default, slow zooms are 15 % larger
# (measured).
AOM_OPTIONS = {"b:v": 0, "lag-in-frames": 48, "row-mt": 1, "aom-params": "deltaq-mode=0"}
# A block of 8 px at rest differs by less than one level per pixel: no zoom is mistaken for rest.
REST_THRESHOLDS = {"hi": 2 * 64, "lo": 64, "frac": 0.02}
# Picture and sound are interleaved by half a second, not packet by packet: the index of the MP4 is
# 14-19 kB a minute smaller (measured).
INTERLEAVING = {"chunk_duration": 500_000}  # microseconds
STILL_REPEAT_S = 1.0  # a still is stored again this often: players wait for some frames to begin


def analysis_command(
    source: Path, grey: Path, colour: Path, info: MediaInfo, count: int
) -> list[str]:
    """Write small grey pictures, LOOK_FPS a second, and about `count` in colour, as raw bytes."""
    length_s = max(0.1, info.duration_ms / 1000)
    filtered = _apply_source_filters(open_source(source, info.container)["V:0"], info)
    split = ffmpeg.filter_multi_output(filtered, "split", 2)
    grey_width, grey_height = analysis_size(info)
    colour_width, colour_height = colour_size(info)
    grey_frames = (
        split.stream(0)
        .filter("fps", ANALYSIS_FPS, eof_action="pass")
        .filter("scale", grey_width, grey_height, flags="area")
    )
    colour_frames = (
        split.stream(1)
        .filter("fps", f"{count / length_s:.4f}", round="up")
        .filter("scale", colour_width, colour_height, flags="neighbor")
    )
    return compile_command(
        ffmpeg.merge_outputs(
            ffmpeg.output(
                grey_frames,
                file_url(grey),
                f="rawvideo",
                pix_fmt="gray",
                **REPRODUCIBLE_OUTPUT,
            ),
            ffmpeg.output(
                colour_frames,
                file_url(colour),
                f="rawvideo",
                pix_fmt="rgb24",
                **REPRODUCIBLE_OUTPUT,
            ),
        )
    )


def analysis_size(info: MediaInfo) -> tuple[int, int]:
    """Return (width, height) in px of the grey frames: the short side is at most 180."""
    scale = min(1.0, ANALYSIS_SHORT_SIDE_PX / max(1, info.short_side_px))
    return max(2, round(info.width * scale)), max(2, round(info.height * scale))


def colour_size(info: MediaInfo) -> tuple[int, int]:
    """Return (width, height) in px of the colour frames: the long side is at most 640."""
    scale = min(1.0, COLOUR_LONG_SIDE_PX / max(1, info.width, info.height))
    return max(2, round(info.width * scale)), max(2, round(info.height * scale))


def encode_clip_command(  # noqa: PLR0913  # everything a rendition depends on, by name
    source: Path,
    target: Path,
    rung: ClipRung,
    info: MediaInfo,
    cut: TrimRange,
    *,
    crf: float,
    threads: int = THREADS,
) -> list[str]:
    """Encode the moving rendition of `rung` ("compat" or "lean"), sound included.

    ffmpeg turns the picture upright before our filters.
    """
    opened = open_trimmed(source, info, cut)
    sound = [opened["a:0"]] if info.has_audio else []
    return compile_command(
        ffmpeg.output(
            drop_resting_frames(apply_rung_filters(opened["V:0"], rung, info), rung),
            *sound,
            file_url(target),
            f="mp4",
            movflags="+faststart",
            **INTERLEAVING,
            **video_codec_options(rung, crf, rung_fps(rung, info), threads),
            **(_sound_codec_options(rung.sound, cut) if info.has_audio else {}),
            **(REPRODUCIBLE_OUTPUT | {"threads": threads}),
        )
    )


def still_frames_command(  # as above
    source: Path,
    pattern: Path,
    info: MediaInfo,
    size: tuple[int, int],
    moments_s: Sequence[float],
) -> list[str]:
    """Write the frames shown at these moments as files numbered from 1; `pattern` has a %03d."""
    numbers = "+".join(f"eq(n,{round(moment * ANALYSIS_FPS)})" for moment in moments_s)
    return compile_command(
        ffmpeg.output(
            open_source(source, info.container)["V:0"],
            file_url(pattern),
            vf=_source_filter_chain(info)
            + f"fps={ANALYSIS_FPS}:eof_action=pass,select='{numbers}',"
            f"scale={size[0]}:{size[1]}:flags=lanczos,setsar=1,format=rgb24",
            f="image2",
            fps_mode="passthrough",
            **{"c:v": "png", "frames:v": len(moments_s)},
            **REPRODUCIBLE_OUTPUT,
        )
    )


def encode_stills_command(  # noqa: PLR0913, PLR0917  # as above
    listed: Path,
    source: Path,
    target: Path,
    rung: ClipRung,
    info: MediaInfo,
    cut: TrimRange,
    *,
    threads: int = THREADS,
) -> list[str]:
    """Encode the "stills" rendition: the pictures of an ffconcat list with the clip's sound."""
    pictures = ffmpeg.input(
        file_url(listed),
        f="concat",
        safe=0,  # we wrote the list and its names
        protocol_whitelist="file",
        format_whitelist="concat,image2,png_pipe",
        codec_whitelist="png",
    )["V:0"]
    sound = [open_trimmed(source, info, cut)["a:0"]] if info.has_audio else []
    return compile_command(
        ffmpeg.output(
            pictures,
            *sound,
            file_url(target),
            vf="format=yuv420p",
            f="mp4",
            movflags="+faststart",
            fps_mode="vfr",
            video_track_timescale=1000,
            t=f"{cut.length_s:.3f}",
            **INTERLEAVING,
            **_without_reordering(video_codec_options(rung, rung.crf, 1.0, threads)),
            **(_sound_codec_options(rung.sound, cut) if info.has_audio else {}),
            **(REPRODUCIBLE_OUTPUT | {"threads": threads}),
        )
    )


def burn_in_captions_command(
    source: Path, target: Path, captions: str, fonts: str, *, threads: int = THREADS
) -> list[str]:
    """Burn `captions` (a file name in the job folder) into a finished H.264 rendition.

    For a file that is passed on by chat, where a caption track would be lost. The sound is copied.
    `fonts` is a folder in the job folder.
    """
    opened = open_source(source, "mp4")
    return compile_command(
        ffmpeg.output(
            opened["V:0"],
            opened["a:0?"],
            file_url(target),
            vf=f"subtitles=filename={captions}:fontsdir={fonts},format=yuv420p",
            f="mp4",
            movflags="+faststart",
            **{"c:a": "copy", "c:v": "libx264", "preset": "medium", "crf": 30},
            **{"profile:v": "high", "level:v": "3.1", "refs": 3},
            **(REPRODUCIBLE_OUTPUT | {"threads": threads}),
        )
    )


def poster_frame_command(source: Path, target: Path, rung: ClipRung, info: MediaInfo) -> list[str]:
    """Write the most representative of the first frames as PNG (ffmpeg's thumbnail filter)."""
    width, height = size_for(rung, info)
    return compile_command(
        ffmpeg.output(
            open_source(source, info.container)["V:0"],
            file_url(target),
            # At most one frame each half second, so that 30 frames are the first 15 seconds.
            vf=_source_filter_chain(info)
            + f"fps=2:round=up:eof_action=pass,thumbnail=30,scale={width}:{height}:flags=lanczos,"
            "setsar=1,format=rgb24",
            f="image2pipe",
            **{"c:v": "png", "frames:v": 1},
            **REPRODUCIBLE_OUTPUT,
        )
    )


def rung_fps(rung: ClipRung, info: MediaInfo) -> float:
    """Return the constant frame rate of a rendition; uneven recordings get the rung's maximum."""
    return min(info.base_fps or rung.max_fps, rung.max_fps)


def open_trimmed(source: Path, info: MediaInfo, cut: TrimRange) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    return open_source(
        source, info.container, ss=f"{cut.start_ms / 1000:.3f}", t=f"{cut.length_s:.3f}"
    )


def _source_filter_chain(info: MediaInfo) -> str:
    """Return the source filters as the beginning of a -vf chain."""
    return "".join(f"{source_filter}," for source_filter in source_filters_for(info))


def _apply_source_filters(stream: Any, info: MediaInfo) -> Any:  # noqa: ANN401  # as above
    """Return the stream after the source filters: deinterlaced, HDR mapped to SDR."""
    for source_filter in ",".join(source_filters_for(info)).split(","):
        name, _equals, options = source_filter.partition("=")
        named = dict(option.split("=") for option in options.split(":") if "=" in option)
        positional = [option for option in options.split(":") if option and "=" not in option]
        stream = stream.filter(name, *positional, **named) if name else stream
    return stream


def apply_rung_filters(stream: Any, rung: ClipRung, info: MediaInfo) -> Any:  # noqa: ANN401  # as above
    """Return the stream as this rung shows it: source filters, frame rate, size, 4:2:0."""
    width, height = size_for(rung, info)
    return (
        _apply_source_filters(stream, info)
        .filter("fps", f"{rung_fps(rung, info):g}")
        .filter("scale", width, height, flags="lanczos", out_range="tv")
        .filter("setsar", 1)
        .filter("format", "yuv420p")
    )


def drop_resting_frames(stream: Any, rung: ClipRung) -> Any:  # noqa: ANN401  # as above
    """Return the stream without repeated frames: of `rest_every` equal frames one is encoded."""
    if rung.rest_every_nth == 1:
        return stream
    return stream.filter("mpdecimate", max=rung.rest_every_nth - 1, **REST_THRESHOLDS)


def video_codec_options(rung: ClipRung, crf: float, fps: float, threads: int) -> dict[str, Any]:
    """Return ffmpeg's options for the codec of `rung` at this crf."""
    keyframe_interval = max(1, round(fps * rung.keyframe_every_s))
    settings = {"c:v": rung.codec, "g": keyframe_interval}
    match rung.codec:
        case "libx264":
            h264 = {"profile:v": "high", "level:v": "3.1", "refs": 3, "x264-params": X264_PARAMS}
            return settings | h264 | {"preset": rung.preset, "crf": f"{crf:g}"}
        case "libaom-av1":
            return settings | AOM_OPTIONS | {"cpu-used": rung.preset, "crf": f"{crf:g}"}
        case "libsvtav1":
            # crf goes to the encoder itself, as ffmpeg's own option ends at 63. scm=2 detects
            # screen content, at presets up to 8.
            screen_mode = 2 if rung.is_screen else 0
            params = f"crf={crf:g}:scm={screen_mode}:lp={threads}:{QUANTISERS}"
            return settings | {"preset": rung.preset, "svtav1-params": params}


def _without_reordering(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the options with frames stored in display order: the first needs no later one."""
    params = f"{settings['svtav1-params']}:pred-struct=1"
    return settings | {"g": 9999, "svtav1-params": params}


def _sound_codec_options(sound: SoundRung, cut: TrimRange) -> dict[str, Any]:
    settings = {
        "c:a": sound.codec,
        "b:a": f"{sound.rate_kbps}k",
        "ac": 1,
        "ar": sound.sample_rate_hz,
        "af": f"aresample={WORKING_RATE_HZ}:async=1,{MONO},{gain_filter(cut.gain_db)}",
    }
    if sound.codec == "libopus":
        return settings | {"application": "voip", "frame_duration": 60}
    return settings
