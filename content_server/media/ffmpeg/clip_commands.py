"""Builds the ffmpeg commands for moving pictures and runs nothing: see commands for what is shared.

Times are seconds of the source; a `Cut` says which part of it is kept.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from content_server.media.clip_ladder import ClipRung, SoundRung, size_for
from content_server.media.ffmpeg.commands import (
    MONO,
    NOTHING_ELSE,
    THREADS,
    WORKING_RATE_HZ,
    compiled,
    file_name,
    louder,
    open_source,
)
from content_server.media.ffmpeg.source_filters import repairs_for
from content_server.media.media_kinds import MediaInfo, TrimRange

LOOK_FPS = 10  # settling is told apart to a tenth of a second
LOOK_SHORT_PX = 180
COLOUR_LONG_PX = 640
# No rate is spent on grain for its own sake: 30 % smaller screens and slides, 12 % smaller films of
# a camera at the same VMAF; eight B pictures save another 5-10 % (measured on clips of each kind).
X264 = "psy=0:aq-mode=0:bframes=8"
QUANTISERS = "enable-qm=1:qm-min=0"  # 1 % smaller at the same VMAF
# As far ahead as libaom can look: 35 pictures, its usual, make slow zooms 15 % larger.
AOM = {"b:v": 0, "lag-in-frames": 48, "row-mt": 1, "aom-params": "deltaq-mode=0"}
# A block of 8 px at rest differs by less than a level, so that no zoom is taken for rest.
AT_REST = {"hi": 2 * 64, "lo": 64, "frac": 0.02}
# Picture and sound take turns by so much, not packet by packet: 14-19 kB a minute less of table.
TURNS = {"chunk_duration": 500_000}  # microseconds
REPEAT_S = 1.0  # a still is told again this often: players wait for some pictures to begin


def look_command(source: Path, grey: Path, colour: Path, info: MediaInfo, count: int) -> list[str]:
    """Write small grey pictures, LOOK_FPS a second, and about `count` in colour, as raw bytes."""
    length_s = max(0.1, info.duration_ms / 1000)
    seen = _repaired(open_source(source, info.container)["V:0"], info)
    whole = ffmpeg.filter_multi_output(seen, "split", 2)
    grey_width, grey_height = look_size(info)
    colour_width, colour_height = colour_size(info)
    small = (
        whole.stream(0)
        .filter("fps", LOOK_FPS, eof_action="pass")
        .filter("scale", grey_width, grey_height, flags="area")
    )
    few = (
        whole.stream(1)
        .filter("fps", f"{count / length_s:.4f}", round="up")
        .filter("scale", colour_width, colour_height, flags="neighbor")
    )
    return compiled(
        ffmpeg.merge_outputs(
            ffmpeg.output(small, file_name(grey), f="rawvideo", pix_fmt="gray", **NOTHING_ELSE),
            ffmpeg.output(few, file_name(colour), f="rawvideo", pix_fmt="rgb24", **NOTHING_ELSE),
        )
    )


def look_size(info: MediaInfo) -> tuple[int, int]:
    """Return (width, height) in px of the grey pictures: the short side is at most 180."""
    scale = min(1.0, LOOK_SHORT_PX / max(1, info.short_side_px))
    return max(2, round(info.width * scale)), max(2, round(info.height * scale))


def colour_size(info: MediaInfo) -> tuple[int, int]:
    scale = min(1.0, COLOUR_LONG_PX / max(1, info.width, info.height))
    return max(2, round(info.width * scale)), max(2, round(info.height * scale))


def clip_command(  # noqa: PLR0913  # everything a rendition depends on, said by name
    source: Path,
    target: Path,
    rung: ClipRung,
    info: MediaInfo,
    cut: TrimRange,
    *,
    crf: float,
    threads: int = THREADS,
) -> list[str]:
    """Encode one moving rendition. ffmpeg turns the picture upright before our filters."""
    opened = open_cut(source, info, cut)
    sound = [opened["a:0"]] if info.has_audio else []
    return compiled(
        ffmpeg.output(
            thinned(shown(opened["V:0"], rung, info), rung),
            *sound,
            file_name(target),
            f="mp4",
            movflags="+faststart",
            **TURNS,
            **encoder(rung, crf, fps_of(rung, info), threads),
            **(_sound(rung.sound, cut) if info.has_audio else {}),
            **(NOTHING_ELSE | {"threads": threads}),
        )
    )


def pictures_command(  # as above
    source: Path,
    pattern: Path,
    info: MediaInfo,
    size: tuple[int, int],
    moments_s: Sequence[float],
) -> list[str]:
    """Write the pictures seen at these moments as files numbered from 1; `pattern` has a %03d."""
    numbers = "+".join(f"eq(n,{round(moment * LOOK_FPS)})" for moment in moments_s)
    return compiled(
        ffmpeg.output(
            open_source(source, info.container)["V:0"],
            file_name(pattern),
            vf=_first(info) + f"fps={LOOK_FPS}:eof_action=pass,select='{numbers}',"
            f"scale={size[0]}:{size[1]}:flags=lanczos,setsar=1,format=rgb24",
            f="image2",
            fps_mode="passthrough",
            **{"c:v": "png", "frames:v": len(moments_s)},
            **NOTHING_ELSE,
        )
    )


def stills_command(  # noqa: PLR0913, PLR0917  # as above
    listed: Path,
    source: Path,
    target: Path,
    rung: ClipRung,
    info: MediaInfo,
    cut: TrimRange,
    *,
    threads: int = THREADS,
) -> list[str]:
    """Encode our own list of pictures with the sound of the clip."""
    pictures = ffmpeg.input(
        file_name(listed),
        f="concat",
        safe=0,  # the list is ours, its names too
        protocol_whitelist="file",
        format_whitelist="concat,image2,png_pipe",
        codec_whitelist="png",
    )["V:0"]
    sound = [open_cut(source, info, cut)["a:0"]] if info.has_audio else []
    return compiled(
        ffmpeg.output(
            pictures,
            *sound,
            file_name(target),
            vf="format=yuv420p",
            f="mp4",
            movflags="+faststart",
            fps_mode="vfr",
            video_track_timescale=1000,
            t=f"{cut.length_s:.3f}",
            **TURNS,
            **_in_order(encoder(rung, rung.crf, 1.0, threads)),
            **(_sound(rung.sound, cut) if info.has_audio else {}),
            **(NOTHING_ELSE | {"threads": threads}),
        )
    )


def burned_in_command(
    source: Path, target: Path, captions: str, fonts: str, *, threads: int = THREADS
) -> list[str]:
    """Write the words of `captions` (a name in the job folder) into a finished H.264 rendition.

    For a file that is handed on by itself: nobody can switch on what a chat has thrown away. The
    sound is copied. `fonts` is a folder in the job folder.
    """
    opened = open_source(source, "mp4")
    return compiled(
        ffmpeg.output(
            opened["V:0"],
            opened["a:0?"],
            file_name(target),
            vf=f"subtitles=filename={captions}:fontsdir={fonts},format=yuv420p",
            f="mp4",
            movflags="+faststart",
            **{"c:a": "copy", "c:v": "libx264", "preset": "medium", "crf": 30},
            **{"profile:v": "high", "level:v": "3.1", "refs": 3},
            **(NOTHING_ELSE | {"threads": threads}),
        )
    )


def poster_command(source: Path, target: Path, rung: ClipRung, info: MediaInfo) -> list[str]:
    """Write the most telling of the first pictures as PNG."""
    width, height = size_for(rung, info)
    return compiled(
        ffmpeg.output(
            open_source(source, info.container)["V:0"],
            file_name(target),
            # At most one picture each half second, so that "first" means the first 15 seconds.
            vf=_first(info)
            + f"fps=2:round=up:eof_action=pass,thumbnail=30,scale={width}:{height}:flags=lanczos,"
            "setsar=1,format=rgb24",
            f="image2pipe",
            **{"c:v": "png", "frames:v": 1},
            **NOTHING_ELSE,
        )
    )


def fps_of(rung: ClipRung, info: MediaInfo) -> float:
    """Return constant pictures per second; an uneven recording gets the rung's greatest."""
    return min(info.base_fps or rung.greatest_fps, rung.greatest_fps)


def open_cut(source: Path, info: MediaInfo, cut: TrimRange) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    return open_source(
        source, info.container, ss=f"{cut.start_ms / 1000:.3f}", t=f"{cut.length_s:.3f}"
    )


def _first(info: MediaInfo) -> str:
    """Return the repairs as the beginning of a chain of filters."""
    return "".join(f"{repair}," for repair in repairs_for(info))


def _repaired(stream: Any, info: MediaInfo) -> Any:  # noqa: ANN401  # as above
    """Return the picture with its repairs before all else: no interlace, no HDR."""
    for repair in ",".join(repairs_for(info)).split(","):
        name, _equals, options = repair.partition("=")
        given = dict(option.split("=") for option in options.split(":") if "=" in option)
        plain = [option for option in options.split(":") if option and "=" not in option]
        stream = stream.filter(name, *plain, **given) if name else stream
    return stream


def shown(stream: Any, rung: ClipRung, info: MediaInfo) -> Any:  # noqa: ANN401  # as above
    """Return the picture as this rung shows it: its size, its beat, repaired, 4:2:0."""
    width, height = size_for(rung, info)
    return (
        _repaired(stream, info)
        .filter("fps", f"{fps_of(rung, info):g}")
        .filter("scale", width, height, flags="lanczos", out_range="tv")
        .filter("setsar", 1)
        .filter("format", "yuv420p")
    )


def thinned(stream: Any, rung: ClipRung) -> Any:  # noqa: ANN401  # as above
    """Return the pictures with fewer of those at rest: they stand longer, nothing is lost."""
    if rung.rest_every == 1:
        return stream
    return stream.filter("mpdecimate", max=rung.rest_every - 1, **AT_REST)


def encoder(rung: ClipRung, crf: float, fps: float, threads: int) -> dict[str, Any]:
    every = max(1, round(fps * rung.keyframe_every_s))
    settings = {"c:v": rung.codec, "g": every}
    match rung.codec:
        case "libx264":
            plain = {"profile:v": "high", "level:v": "3.1", "refs": 3, "x264-params": X264}
            return settings | plain | {"preset": rung.preset, "crf": f"{crf:g}"}
        case "libaom-av1":
            return settings | AOM | {"cpu-used": rung.preset, "crf": f"{crf:g}"}
        case "libsvtav1":
            # Above 63 the encoder is asked itself. scm=2 looks for screens, at presets up to 8.
            screen = 2 if rung.is_screen else 0
            words = f"crf={crf:g}:scm={screen}:lp={threads}:{QUANTISERS}"
            return settings | {"preset": rung.preset, "svtav1-params": words}


def _in_order(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings for pictures stored as they are shown: the first needs no later one."""
    order = f"{settings['svtav1-params']}:pred-struct=1"
    return settings | {"g": 9999, "svtav1-params": order}


def _sound(sound: SoundRung, cut: TrimRange) -> dict[str, Any]:
    settings = {
        "c:a": sound.codec,
        "b:a": f"{sound.rate_kbps}k",
        "ac": 1,
        "ar": sound.sample_rate_hz,
        "af": f"aresample={WORKING_RATE_HZ}:async=1,{MONO},{louder(cut.gain_db)}",
    }
    if sound.codec == "libopus":
        return settings | {"application": "voip", "frame_duration": 60}
    return settings
