"""Builds the ffmpeg commands and runs nothing: (source, target, rung, what was probed) → argv.

Here: what all of them share, and those for sound. Those for moving pictures: clip_commands.

Every command reads one named file with one protocol and only the demuxers and decoders that its
container may need: a playlist called .mp4 reads its neighbours otherwise (measured). Two threads
and bit-exact writing make the same source the same bytes on every machine.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from content_server.media import limits
from content_server.media.ladder import VOICE_PEAK_DB, FilmRung, VoiceRung
from content_server.media.media_kinds import TrimRange

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
MONO = "aformat=sample_fmts=s16:channel_layouts=mono"  # as floats, two channels add 3 dB
_EBUR128 = "ebur128=framelog=quiet"
_DECODED = f"aresample={WORKING_RATE_HZ},{MONO}"
LOOPED_S = 5  # a recording shorter than a loudness block is measured as if said again and again
_LOOP = f"aloop=-1:{LOOPED_S * WORKING_RATE_HZ},atrim=end={LOOPED_S},"


def probe_command(source: Path, container: str) -> list[str]:
    """Walk through the whole file without decoding it: counts pictures and seconds."""
    opened = open_source(source, container)
    return compiled(
        ffmpeg.output(opened["V:0?"], opened["a:0?"], "pipe:2", f="null", c="copy"),
        level="info",
    )


def decode_sound_command(source: Path, target: Path, container: str) -> list[str]:
    """Make a mono WAV at 48 kHz of the first sound track."""
    return compiled(
        ffmpeg.output(
            open_source(source, container)["a:0"],
            file_name(target),
            f="wav",
            af=_DECODED,
            t=limits.VOICE_S,
            **NOTHING_ELSE,
        )
    )


def measure_loudness_command(sounds: Sequence[Path], *, looped: bool) -> list[str]:
    """Say the loudness of files of our own making (EBU R 128), on stderr; ebur128@0 is the first.

    One process for all: starting one costs as much as hearing a short voice.
    """
    before = f"aresample={WORKING_RATE_HZ},{_LOOP if looped else ''}ebur128@"
    outputs = [_heard(sound, f"{before}{n}=framelog=quiet") for n, sound in enumerate(sounds)]
    return compiled(ffmpeg.merge_outputs(*outputs), level="info")


def find_silence_command(wav: Path, threshold_db: float) -> list[str]:
    """Say where our own WAV is silent, on stderr."""
    return _listen(wav, f"silencedetect=noise={threshold_db:.1f}dB:d=0.15")


def hear_level_command(wav: Path, cut: TrimRange, *, looped: bool) -> list[str]:
    """Say how loud our own WAV is after it was cut and made louder or softer, on stderr."""
    return _listen(wav, f"{_levelled(cut)},{_LOOP if looped else ''}{_EBUR128}")


def voices_command(
    source: Path, container: str, cut: TrimRange, wanted: Sequence[tuple[Path, VoiceRung, float]]
) -> list[str]:
    """Cut, level and encode the first sound track to several (target, rung, gain in dB) at once.

    The gain gives back what the codec takes away.
    """
    sound = open_source(source, container)["a:0"]
    outputs = [
        ffmpeg.output(
            sound,
            file_name(target),
            af=f"{_DECODED},{_levelled(cut)},{MONO},volume={gain_db:.2f}dB",
            **_voice_settings(rung),
            **NOTHING_ELSE,
        )
        for target, rung, gain_db in wanted
    ]
    return compiled(ffmpeg.merge_outputs(*outputs))


def _levelled(cut: TrimRange) -> str:
    kept = f"atrim={cut.start_ms / 1000:.3f}:{cut.end_ms / 1000:.3f},asetpts=PTS-STARTPTS"
    return f"{kept},{louder(cut.gain_db)}"


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
        file_name(frames),
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
    return compiled(
        ffmpeg.output(
            *streams,
            file_name(target),
            # A picture is turned into the film's colours once, then repeated.
            vf=f"scale={rung.width_px}:{rung.height_px}:out_range=tv,setsar=1,format=yuv420p,"
            f"fps={rung.fps}",
            f="mp4",
            t=length_ms / 1000,
            movflags="+faststart",
            max_interleave_delta=0,  # waits for both, so that who was quicker leaves no trace
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
            **NOTHING_ELSE,
        )
    )


def _voice_in_film(voice: Path, before_ms: int, length_ms: int) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    opened = open_source(voice, _OWN_CONTAINERS[voice.suffix])["a:0"]
    samples = length_ms * WORKING_RATE_HZ // 1000
    return (
        opened.filter(
            "aformat", sample_fmts="s16", sample_rates=WORKING_RATE_HZ, channel_layouts="mono"
        )
        .filter("adelay", delays=before_ms)
        .filter("apad", whole_len=samples)
        .filter("atrim", end_sample=samples)
    )


NOTHING_ELSE: dict[str, Any] = {
    "map_metadata": -1,
    "map_chapters": -1,
    "bitexact": None,
    "threads": THREADS,
}


def open_source(source: Path, container: str, **options: Any) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    return ffmpeg.input(
        file_name(source),
        **options,
        protocol_whitelist="file",
        format_whitelist=DEMUXERS[container],
        codec_whitelist=DECODERS,
        max_pixels=limits.CLIP_PIXELS,
        max_streams=limits.MOST_STREAMS,
        threads=THREADS,
    )


def compiled(output: Any, level: str = "error") -> list[str]:  # noqa: ANN401  # as above
    always = ("-nostdin", "-hide_banner", "-nostats", "-v", level, "-progress", "pipe:1")
    argv: list[str] = output.global_args(*always).compile(
        cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True
    )
    return argv


def file_name(path: Path) -> str:
    """Name a file so that neither a leading dash nor a colon in it means anything."""
    return f"file:{path.absolute()}"


def _listen(sound: Path, filters: str) -> list[str]:
    return compiled(_heard(sound, filters), level="info")


def _heard(sound: Path, filters: str) -> Any:  # noqa: ANN401  # as above
    container = _OWN_CONTAINERS[sound.suffix]
    return ffmpeg.output(open_source(sound, container)["a:0"], "pipe:2", f="null", af=filters)


def louder(gain_db: float) -> str:
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
