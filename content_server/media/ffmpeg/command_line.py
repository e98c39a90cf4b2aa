"""What all ffmpeg commands share: opening a source, options of every output, the final argv.

The modules *_commands build argument lists and run nothing: (source, target, rung, what was
probed) → argv. Every command reads one named file with one protocol and only the demuxers and
decoders its container may need: without that a playlist called .mp4 makes ffmpeg read its
neighbours (measured). Two threads and bit-exact writing give the same bytes for the same source on
every machine.
"""

from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from content_server.media import limits

# What probe.detect_container answers → the demuxers allowed to open it (ffmpeg's own names).
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
THREADS = 2

REPRODUCIBLE_OUTPUT: dict[str, Any] = {
    "map_metadata": -1,
    "map_chapters": -1,
    "bitexact": None,
    "threads": THREADS,
}


def open_source(source: Path, container: str, **options: Any) -> Any:  # noqa: ANN401  # ffmpeg-python has no types
    """Return ffmpeg's input node for a source; `container` is a key of DEMUXERS."""
    return ffmpeg.input(
        file_url(source),
        **options,
        protocol_whitelist="file",
        format_whitelist=DEMUXERS[container],
        codec_whitelist=DECODERS,
        max_pixels=limits.CLIP_PIXELS,
        max_streams=limits.MAX_STREAMS,
        threads=THREADS,
    )


def compile_command(output: Any, level: str = "error") -> list[str]:  # noqa: ANN401  # as above
    """Return the argv of an output node; `level` is ffmpeg's log level."""
    global_options = ("-nostdin", "-hide_banner", "-nostats", "-v", level, "-progress", "pipe:1")
    argv: list[str] = output.global_args(*global_options).compile(
        cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True
    )
    return argv


def file_url(path: Path) -> str:
    """Return the file: URL of a path: a leading dash or a colon in it has no meaning there."""
    return f"file:{path.absolute()}"


def probe_command(source: Path, container: str) -> list[str]:
    """Demux the whole file without decoding it: -progress counts frames and seconds."""
    opened = open_source(source, container)
    return compile_command(
        ffmpeg.output(opened["V:0?"], opened["a:0?"], "pipe:2", f="null", c="copy"),
        level="info",
    )
