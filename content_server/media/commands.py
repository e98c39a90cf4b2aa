"""Builds the ffmpeg commands and runs nothing: (source, target, rung, what was probed) → argv.

Every command reads one named file with one protocol and only the demuxers and decoders that its
container may need: a playlist called .mp4 reads its neighbours otherwise (measured). Two threads
and bit-exact writing make the same source the same bytes on every machine.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from content_server.media import bounds
from content_server.media.ladder import (
    VOICE_PEAK_DB,
    ClipRung,
    FilmRung,
    VoiceRung,
    size_for,
)
from content_server.media.medium import MediaInfo
from content_server.media.repairs import repairs_for

# What sniffing may answer → the demuxers allowed to open it (ffmpeg's own names).
DEMUXERS = {
    "mp4": "mov,mp4,m4a,3gp,3g2,mj2",
    "matroska": "matroska,webm",
    "ogg": "ogg",
    "wav": "wav",
    "mp3": "mp3",
    "id3": "mp3,aac",  # a tag both may start with
    "aac": "aac",
    "flac": "flac",
    "amr": "amr",
}
DECODERS = (
    "h264,hevc,vp8,libvpx,vp9,libvpx-vp9,libdav1d,av1,mpeg4,h263,mjpeg,png,"
    "aac,mp3float,mp3,opus,libopus,vorbis,flac,alac,amrnb,amrwb,"
    "pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_u8,pcm_s16be,pcm_alaw,pcm_mulaw"
)
_OWN_CONTAINERS = {
    ".wav": "wav",
    ".opus": "ogg",
    ".m4a": "mp4",
    ".mp3": "mp3",
}  # of files we made ourselves
THREADS = 2
WORKING_RATE_HZ = 48_000
_MONO = "aformat=sample_fmts=s16:channel_layouts=mono"  # as floats, two channels add 3 dB
_EBUR128 = "ebur128=framelog=quiet"
LOOPED_S = 5  # a recording shorter than a loudness block is measured as if said again and again


def probe_command(source: Path, container: str) -> list[str]:
    """Walk through the whole file without decoding it: counts pictures and seconds."""
    opened = _open(source, container)
    return _compile(
        ffmpeg.output(opened["V:0?"], opened["a:0?"], "pipe:2", f="null", c="copy"),
        level="info",
    )


def decode_sound_command(source: Path, target: Path, container: str) -> list[str]:
    """Make a mono WAV at 48 kHz of the first sound track."""
    return _compile(
        ffmpeg.output(
            _open(source, container)["a:0"],
            _file(target),
            f="wav",
            af=f"aresample={WORKING_RATE_HZ},{_MONO}",
            t=bounds.VOICE_S,
            **_NOTHING_ELSE,
        )
    )


def measure_loudness_command(sound: Path, *, looped: bool) -> list[str]:
    """Say the loudness of a file of our own making (EBU R 128), on stderr."""
    loop = f"aloop=-1:{LOOPED_S * WORKING_RATE_HZ},atrim=end={LOOPED_S}," if looped else ""
    return _listen(sound, f"aresample={WORKING_RATE_HZ},{loop}{_EBUR128}")


def find_silence_command(wav: Path, threshold_db: float) -> list[str]:
    """Say where our own WAV is silent, on stderr."""
    return _listen(wav, f"silencedetect=noise={threshold_db:.1f}dB:d=0.15")


def level_command(
    wav: Path, target: Path, *, start_s: float, end_s: float, gain_db: float
) -> list[str]:
    """Cut our own WAV to [start, end), louder or softer, peaks held back; say its loudness."""
    return _compile(
        ffmpeg.output(
            _open(wav, "wav")["a:0"],
            _file(target),
            f="wav",
            af=f"atrim={start_s:.3f}:{end_s:.3f},asetpts=PTS-STARTPTS,{_louder(gain_db)},"
            f"{_EBUR128},{_MONO}",
            **_NOTHING_ELSE,
        ),
        level="info",
    )


def voice_command(wav: Path, target: Path, rung: VoiceRung, *, gain_db: float) -> list[str]:
    """Encode our own WAV, louder by what the codec takes away."""
    return _compile(
        ffmpeg.output(
            _open(wav, "wav")["a:0"],
            _file(target),
            af=f"volume={gain_db:.2f}dB",
            **_voice_settings(rung),
            **_NOTHING_ELSE,
        )
    )


def clip_command(
    source: Path, target: Path, rung: ClipRung, info: MediaInfo, *, gain_db: float
) -> list[str]:
    """Encode one moving rendition. ffmpeg turns the picture upright before our filters."""
    opened = _open(source, info.container)
    streams = [opened["V:0"], *([opened["a:0"]] if info.has_audio else [])]
    width, height = size_for(rung, info)
    picture = "".join(f"{repair}," for repair in repairs_for(info))
    picture += (
        f"fps={_fps(rung, info)},scale={width}:{height}:flags=lanczos:out_range=tv,"
        "setsar=1,format=yuv420p"
    )
    sound = {
        "c:a": "aac",
        "b:a": f"{rung.audio_kbps}k",
        "ac": 1,
        "ar": rung.audio_rate_hz,
        "af": f"aresample={WORKING_RATE_HZ}:async=1,{_MONO},{_louder(gain_db)}",
    }
    return _compile(
        ffmpeg.output(
            *streams,
            _file(target),
            vf=picture,
            t=bounds.CLIP_S,
            f="mp4",
            movflags="+faststart",
            **_x264_settings(rung, info),
            **(sound if info.has_audio else {}),
            **_NOTHING_ELSE,
        )
    )


def poster_command(source: Path, target: Path, rung: ClipRung, info: MediaInfo) -> list[str]:
    """Write the most telling of the first pictures as PNG."""
    width, height = size_for(rung, info)
    return _compile(
        ffmpeg.output(
            _open(source, info.container)["V:0"],
            _file(target),
            # At most one picture each half second, so that "first" means the first 15 seconds.
            vf="".join(f"{repair}," for repair in repairs_for(info))
            + f"fps=2:round=up:eof_action=pass,thumbnail=30,scale={width}:{height}:flags=lanczos,"
            "setsar=1,format=rgb24",
            f="image2pipe",
            **{"c:v": "png", "frames:v": 1},
            **_NOTHING_ELSE,
        )
    )


def film_command(
    frames: Path,
    voices: Sequence[tuple[Path, int, int]],
    target: Path,
    rung: FilmRung,
    *,
    length_ms: int,
) -> list[str]:
    """Join still pictures and voices, all of our own making, to one film.

    `frames` is a list in ffmpeg's own words (ffconcat) of pictures beside it and how long each
    stands. `voices` are (file, silence before it, length with the silence after it), both in ms.
    """
    pictures = ffmpeg.input(
        _file(frames),
        f="concat",
        safe=0,
        protocol_whitelist="file",
        format_whitelist="concat,bmp_pipe",
        codec_whitelist="bmp",
    )["v:0"]
    streams = [pictures]
    if voices:
        heard = [_voice_in_film(*voice) for voice in voices]
        streams.append(ffmpeg.filter(heard, "concat", n=len(heard), v=0, a=1))
    sound = {"c:a": "aac", "b:a": f"{rung.audio_kbps}k", "ac": 1, "ar": rung.audio_rate_hz}
    return _compile(
        ffmpeg.output(
            *streams,
            _file(target),
            # A picture is turned into the film's colours once, then repeated.
            vf=f"scale={rung.width_px}:{rung.height_px}:out_range=tv,setsar=1,format=yuv420p,"
            f"fps={rung.fps}",
            f="mp4",
            t=length_ms / 1000,
            movflags="+faststart",
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
            **_NOTHING_ELSE,
        )
    )


def _voice_in_film(voice: Path, before_ms: int, length_ms: int) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    opened = _open(voice, _OWN_CONTAINERS[voice.suffix])["a:0"]
    samples = length_ms * WORKING_RATE_HZ // 1000
    return (
        opened.filter(
            "aformat", sample_fmts="s16", sample_rates=WORKING_RATE_HZ, channel_layouts="mono"
        )
        .filter("adelay", delays=before_ms)
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )


_NOTHING_ELSE: dict[str, Any] = {
    "map_metadata": -1,
    "map_chapters": -1,
    "bitexact": None,
    "threads": THREADS,
}


def _open(source: Path, container: str) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    return ffmpeg.input(
        _file(source),
        protocol_whitelist="file",
        format_whitelist=DEMUXERS[container],
        codec_whitelist=DECODERS,
        max_pixels=bounds.CLIP_PIXELS,
        max_streams=32,
        threads=THREADS,
    )


def _compile(output: Any, level: str = "error") -> list[str]:  # noqa: ANN401  # as above
    always = ("-nostdin", "-hide_banner", "-nostats", "-v", level, "-progress", "pipe:1")
    argv: list[str] = output.global_args(*always).compile(
        cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True
    )
    return argv


def _file(path: Path) -> str:
    """Name a file so that neither a leading dash nor a colon in it means anything."""
    return f"file:{path.absolute()}"


def _listen(sound: Path, filters: str) -> list[str]:
    container = _OWN_CONTAINERS[sound.suffix]
    heard = ffmpeg.output(_open(sound, container)["a:0"], "pipe:2", f="null", af=filters)
    return _compile(heard, level="info")


def _louder(gain_db: float) -> str:
    limit = 10 ** (VOICE_PEAK_DB / 20)
    return f"volume={gain_db:.2f}dB,alimiter=limit={limit:.4f}:level=0:latency=1"


def _voice_settings(rung: VoiceRung) -> dict[str, Any]:
    settings = {
        "c:a": rung.codec,
        "b:a": f"{rung.rate_kbps}k",
        "ac": 1,
        "ar": rung.sample_rate_hz,
    }
    match rung.codec:
        case "libopus":  # 60 ms frames save 16 % of a 16 kbps file (research on video §2.3)
            return settings | {"f": "ogg", "application": "voip", "frame_duration": 60}
        case "aac":
            return settings | {"f": "mp4", "movflags": "+faststart"}
        case "libmp3lame":  # frames and nothing else: no tag, no table of contents before them
            return settings | {"f": "mp3", "write_xing": 0, "id3v2_version": 0}


def _x264_settings(rung: ClipRung, info: MediaInfo) -> dict[str, Any]:
    return {
        "c:v": "libx264",
        "preset": rung.preset,
        "crf": rung.crf,
        "profile:v": rung.profile,
        "level:v": rung.level,
        "refs": rung.reference_frames,
        "g": max(1, round(float(_fps(rung, info)) * rung.keyframe_every_s)),
    }


def _fps(rung: ClipRung, info: MediaInfo) -> str:
    """Constant pictures per second; a phone's uneven recording gets the rung's greatest."""
    fps = info.base_fps or rung.greatest_fps
    return f"{min(fps, rung.greatest_fps):g}"
