"""Detects what a file really is: by its first bytes, then by demuxing it with ffmpeg."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from content_server.errors import (
    EncodeCancelled,
    EncodeFailed,
    EncodeTimedOut,
    InvalidMedia,
)
from content_server.media import limits
from content_server.media.ffmpeg import command_line, runner
from content_server.media.media_kinds import MediaInfo, MediaKind
from content_server.phrases import Phrase, _

__all__ = ["MediaInfo", "blame_source", "detect_container", "probe"]

HEAD_BYTES = 4096
PROBE_LIMITS = runner.Limits(
    cpu_s=30, wall_s=60, memory_bytes=1 << 30, file_size_bytes=limits.MB, open_files=64
)

_CONTAINERS = (  # (offset, magic bytes, name in command_line.DEMUXERS)
    (4, b"ftyp", "mp4"),
    (4, b"moov", "mp4"),
    (4, b"mdat", "mp4"),
    (4, b"wide", "mp4"),
    (4, b"skip", "mp4"),
    (4, b"free", "mp4"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"OggS", "ogg"),
    (8, b"WAVEfmt ", "wav"),
    (8, b"WAVE", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"#!AMR", "amr"),
    (0, b"ID3", "id3"),
)
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")

_DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d\.\d+)", re.MULTILINE)
_STREAM = re.compile(r"^  Stream #0:\d+\S*: (Video|Audio): (.*)$", re.MULTILINE)
_ANY_STREAM = re.compile(r"^  Stream #0:\d+", re.MULTILINE)
_ROTATION = re.compile(r"^ +Display ?Matrix: rotation of (-?\d+)\.", re.MULTILINE | re.IGNORECASE)
_SIZE = re.compile(r", (\d+)x(\d+)")
_PIXEL_ASPECT = re.compile(r"\bSAR (\d+):(\d+)")
_BASE_FPS = re.compile(r", ([\d.]+)(k?) tbr")
_INTERLACED = re.compile(r"\b(?:top|bottom) (?:coded )?first\b")
_HDR = re.compile(r"\b(?:smpte2084|arib-std-b67)\b")  # PQ, and the HLG of phones
_CHANNELS = {"mono": 1, "stereo": 2, "quad": 4, "hexagonal": 6, "octagonal": 8, "downmix": 2}


def detect_container(source: Path) -> str:
    """Return the container's name in command_line.DEMUXERS.

    Raises InvalidMedia for everything else and names what it looks like. A playlist, a text or a
    zip never reaches ffmpeg, whatever the file is called.
    """
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[4:8] == b"ftyp" and head[8:12] in _PICTURE_BRANDS:
        raise InvalidMedia(_("Tệp này là ảnh. Hãy đưa lên ở chỗ ảnh."))
    for offset, magic, container in _CONTAINERS:
        if head[offset:].startswith(magic):
            return container
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE0 == 0xE0:  # noqa: PLR2004  # MPEG sync
        return "aac" if head[1] & 0x06 == 0 else "mp3"  # layer bits are 0 in ADTS only
    raise InvalidMedia(_describe_unknown(head))


@contextmanager
def blame_source() -> Iterator[None]:
    """Turn EncodeFailed into InvalidMedia while a source is read for the first time.

    A tool that fails there fails because of the file. Timeouts and cancellation pass unchanged.
    """
    try:
        yield
    except (EncodeTimedOut, EncodeCancelled):
        raise
    except EncodeFailed as error:
        raise InvalidMedia(
            _("Tệp hỏng hoặc chưa chép xong, không đọc được. Hãy chép lại hoặc quay, thu lại.")
        ) from error


def probe(
    source: Path, kind: MediaKind, priority: runner.ToolPriority = runner.NORMAL_PRIORITY
) -> MediaInfo:
    """Return what a voice or clip holds, by demuxing all of it (nothing is decoded).

    Raises InvalidMedia when it is not a playable file or is cut short.
    """
    limits.check_file(source, kind)
    container = detect_container(source)
    with blame_source():
        demuxed = runner.run_tool(
            command_line.probe_command(source, container),
            PROBE_LIMITS,
            source.parent,
            priority=priority,
        )
    limits.check_streams(len(_ANY_STREAM.findall(demuxed.stderr.partition("\nOutput #0")[0])))
    info = _parse_media_info(demuxed.stderr, kind, container)
    limits.check_complete(info.duration_ms / 1000, demuxed.done_s)
    duration_s = demuxed.done_s
    return replace(
        info,
        duration_ms=round(duration_s * 1000),
        frames=demuxed.frames if info.has_video else 0,
        fps=demuxed.frames / duration_s if info.has_video and duration_s else 0.0,
    )


def _parse_media_info(text: str, kind: MediaKind, container: str) -> MediaInfo:
    """Parse what `ffmpeg -i` prints about its input."""
    text = text.partition("\nOutput #0")[0]
    streams = _STREAM.findall(text)
    video = next(
        (d for stream, d in streams if stream == "Video" and "attached pic" not in d), None
    )
    audio = next((d for stream, d in streams if stream == "Audio"), None)
    rotation = _ROTATION.search(text)
    rotation_deg = int(rotation[1]) % 360 if rotation and video else 0
    width, height = _displayed_size(video or "", rotation_deg)
    return MediaInfo(
        kind=kind,
        container=container,
        duration_ms=_parse_duration_ms(text),
        width=width,
        height=height,
        rotation=rotation_deg,
        base_fps=_parse_base_fps(video or ""),
        is_interlaced=_INTERLACED.search(video or "") is not None,
        is_hdr=_HDR.search(video or "") is not None,
        has_video=video is not None,
        has_audio=audio is not None,
        audio_channels=_parse_channels(audio) if audio else 0,
    )


def _parse_duration_ms(text: str) -> int:
    found = _DURATION.search(text)
    if found is None:  # a browser's MediaRecorder writes none
        return 0
    return round((int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])) * 1000)


def _displayed_size(video: str, rotation_deg: int) -> tuple[int, int]:
    size, aspect = _SIZE.search(video), _PIXEL_ASPECT.search(video)
    if size is None:
        return 0, 0
    width, height = int(size[1]), int(size[2])
    if aspect and int(aspect[1]) and int(aspect[2]):
        width = max(1, round(width * int(aspect[1]) / int(aspect[2])))
    return (height, width) if rotation_deg in {90, 270} else (width, height)


def _parse_base_fps(video: str) -> float:
    found = _BASE_FPS.search(video)
    return float(found[1]) * (1000 if found[2] else 1) if found else 0.0


def _parse_channels(audio: str) -> int:
    layout = audio.split(", ")[2] if audio.count(", ") > 1 else ""
    named = re.match(r"(\d+)(?:\.(\d))?(?:\.(\d))?", layout)
    if named:  # "5.1(side)", "3 channels"
        return sum(int(part) for part in named.groups() if part)
    return _CHANNELS.get(layout.partition("(")[0], 1)


def _describe_unknown(head: bytes) -> Phrase:
    if head.startswith((b"#EXTM3U", b"ffconcat", b"\xef\xbb\xbf#EXTM3U")):
        return _("Tệp này chỉ là danh sách phát, không có hình hay tiếng. Hãy đưa chính clip đó.")
    if head.startswith(b"%PDF"):
        return _("Tệp này là PDF. Hãy đưa tệp ảnh, tiếng hoặc clip.")
    if head.startswith(b"PK\x03\x04"):
        return _("Tệp này là tệp nén (zip). Hãy giải nén rồi đưa từng tệp.")
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8")) or head[8:12] == b"WEBP":
        return _("Tệp này là ảnh. Hãy đưa lên ở chỗ ảnh.")
    if b"\0" not in head:
        return _("Tệp này là tệp chữ, không phải ảnh, tiếng hay clip. Hãy chọn lại tệp.")
    return _("Không nhận ra loại tệp này. Hãy đưa tiếng dạng M4A, MP3, WAV hoặc clip dạng MP4.")
