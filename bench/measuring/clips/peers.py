"""Renditions of a clip by the default settings others publish, as ffmpeg commands.

MediaCMS: files/helpers.py and fixtures/encoding_profiles.json: x264 at crf 23, capped at 1.5 times
the rate of its height, a key picture every four seconds, AAC 128k stereo; sized by height, so that
a portrait recording gets very narrow. PeerTube: ffmpeg-default-transcoding-profile.ts and
bitrate.ts: veryfast at its default crf, capped by bits a pixel, HLS in one fMP4, sized by the short
side, the original size on top. Apple: the two lowest rungs of its HLS authoring table. "480p" is a
stand-in for what a chat application makes of a film: its settings are not public.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from content_server.media.media_kinds import MediaInfo

MEDIACMS_KBPS = {240: 300, 360: 500, 480: 1000, 720: 2500, 1080: 4500}  # by height
PEERTUBE_BITS_A_PIXEL = {240: 0.17, 360: 0.15, 480: 0.12, 720: 0.11, 1080: 0.10}  # by short side
APPLE_KBPS = {234: 145, 360: 365}  # by short side
CHAT_SHORT_PX = 480
_STEREO_128K = ("-c:a", "aac", "-b:a", "128k", "-ac", "2")


@dataclass(frozen=True)
class PeerRung:
    """One file a peer would make; `commands` run in turn, in the folder of `path`."""

    maker: str
    rung: str
    path: Path
    commands: tuple[list[str], ...]


def peer_rungs(source: Path, folder: Path, info: MediaInfo, fps: float) -> Iterator[PeerRung]:
    """Yield every rung of every peer that does not enlarge the picture."""
    for height in (height for height in MEDIACMS_KBPS if height <= info.height):
        yield _mediacms(source, folder, height)
    short = info.short_side_px - info.short_side_px % 2
    for side in sorted({side for side in PEERTUBE_BITS_A_PIXEL if side < short} | {short}):
        yield _peertube(source, folder, info, side, fps)
    yield _chat(source, folder, info)
    for side in (side for side in APPLE_KBPS if side <= info.short_side_px):
        yield _apple(source, folder, info, side, fps)


def _mediacms(source: Path, folder: Path, height: int) -> PeerRung:
    path = folder / f"mediacms-{height}.mp4"
    rate = f"{MEDIACMS_KBPS[height] * 1.5:g}k"
    preset = "faster" if height >= 720 else "medium"  # noqa: PLR2004  # as theirs
    options = (
        *("-c:v", "libx264", "-preset", preset, "-crf", "23", "-maxrate", rate, "-bufsize", rate),
        *("-force_key_frames", "expr:gte(t,n_forced*4)", "-profile:v", "main", "-level", "4.2"),
        *("-pix_fmt", "yuv420p", "-vf", f"scale=-2:{height}", *_STEREO_128K),
        *("-movflags", "+faststart"),
    )
    return PeerRung("MediaCMS", f"{height}", path, (_command(source, path, *options),))


def _peertube(source: Path, folder: Path, info: MediaInfo, side: int, fps: float) -> PeerRung:
    path = folder / f"peertube-{side}.mp4"
    scale = side / info.short_side_px
    pixels = info.width * scale * info.height * scale
    rate = round(pixels * fps * bits_a_pixel(side))
    options = (
        *("-c:v", "libx264", "-preset", "veryfast", "-maxrate", f"{rate}", "-bufsize"),
        *(f"{rate * 2}", "-b_strategy", "1", "-bf", "16", "-pix_fmt", "yuv420p"),
        *("-g", f"{round(fps * 2)}", "-vf", _short(info, side), *_STEREO_128K),
        *("-f", "hls", "-hls_time", "4", "-hls_list_size", "0", "-hls_playlist_type", "vod"),
        *("-hls_segment_type", "fmp4", "-hls_flags", "single_file"),
        *("-hls_segment_filename", path.name),
    )
    made = _command(source, folder / f"peertube-{side}.m3u8", *options)
    return PeerRung("PeerTube", f"{side}p", path, (made,))


def bits_a_pixel(side: int) -> float:
    """Return PeerTube's cap for a short side: that of the largest of its rungs not above it."""
    below = [rung for rung in PEERTUBE_BITS_A_PIXEL if rung <= side]
    return PEERTUBE_BITS_A_PIXEL[max(below, default=min(PEERTUBE_BITS_A_PIXEL))]


def _chat(source: Path, folder: Path, info: MediaInfo) -> PeerRung:
    path, side = folder / "chat-480.mp4", min(CHAT_SHORT_PX, info.short_side_px)
    options = (
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "28", "-pix_fmt", "yuv420p"),
        *("-vf", _short(info, side - side % 2), "-c:a", "aac", "-b:a", "96k"),
        *("-movflags", "+faststart"),
    )
    return PeerRung("chat", "480p", path, (_command(source, path, *options),))


def _apple(source: Path, folder: Path, info: MediaInfo, side: int, fps: float) -> PeerRung:
    path, log = folder / f"apple-{side}.mp4", f"apple-{side}"
    picture = (
        *("-c:v", "libx264", "-preset", "medium", "-b:v", f"{APPLE_KBPS[side]}k"),
        *("-g", f"{round(fps * 2)}", "-pix_fmt", "yuv420p", "-vf", _short(info, side)),
        *("-passlogfile", log),
    )
    first = _command(source, Path("/dev/null"), *picture, "-pass", "1", "-an", "-f", "mp4")
    sound = ("-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart")
    second = _command(source, path, *picture, "-pass", "2", *sound)
    return PeerRung("Apple", f"{side}p", path, (first, second))


def _short(info: MediaInfo, side: int) -> str:
    """Return the filter that makes the short side so many px."""
    return f"scale=-2:{side}" if info.height <= info.width else f"scale={side}:-2"


def _command(source: Path, target: Path, *options: str) -> list[str]:
    begin = (imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y")
    streams = ("-map", "0:V:0", "-map", "0:a:0?", "-map_metadata", "-1")
    return [*begin, "-i", f"file:{source.absolute()}", *streams, *options, f"file:{target}"]
