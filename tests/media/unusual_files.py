"""Unusual and hostile files as data: how each is made, and what must come of it."""

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from content_server.media.media_kinds import MediaKind
from tests.support.media_files import make_clip, make_sound, run_ffmpeg

CLIP, VOICE, IMAGE, CAPTIONS = MediaKind.CLIP, MediaKind.VOICE, MediaKind.IMAGE, MediaKind.CAPTIONS
SMALL = "testsrc2=s=64x48:r=10:d=1"
HDR = "format=yuv420p10le,setparams=color_primaries=bt2020:color_trc={0}:colorspace=bt2020nc"
X265 = "colorprim=bt2020:transfer={0}:colormatrix=bt2020nc:log-level=error"
FINE = ""  # the words of a refusal, where there is none


@dataclass(frozen=True)
class FileCase:
    """One file: `make` writes it at a path; `says` is part of the refusal, FINE when accepted."""

    name: str
    medium: MediaKind
    make: Callable[[Path], object]
    says: str = FINE


def clip(*options: object, source: str = SMALL) -> Callable[[Path], object]:
    return lambda path: make_clip(path, *options, "-f", "mp4", source=source)


def mkv(*options: object, source: str = SMALL) -> Callable[[Path], object]:
    return lambda path: make_clip(path, *options, "-f", "matroska", source=source)


def sound(kind: str, *options: object, source: str = "sine=d=1") -> Callable[[Path], object]:
    return lambda path: make_sound(path, *options, "-f", kind, source=source)


def data(body: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(body)


def with_sound(*options: object, source: str = "sine=d=1") -> Callable[[Path], object]:
    return clip("-f", "lavfi", "-i", source, "-c:a", "aac", *options)


def hdr(transfer: str) -> Callable[[Path], object]:
    options = ("-c:v", "libx265", "-x265-params", X265.format(transfer))
    return clip("-vf", HDR.format(transfer), *options)


def cut(tenths: int) -> Callable[[Path], object]:
    """Keep so many tenths of a clip whose index comes last, as a camera writes it."""

    def make(path: Path) -> None:
        with_sound()(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size * tenths // 10])

    return make


def ten_hours_of_black(path: Path) -> None:
    """Claim ten hours in every header of a clip of a second."""
    clip()(path)
    body = bytearray(path.read_bytes())
    for box, at in ((b"mvhd", 16), (b"tkhd", 24), (b"mdhd", 16)):
        place = body.index(box) + at + 4
        struct.pack_into(">I", body, place, 36_000_000)
    path.write_bytes(bytes(body))


def streams(count: int, container: str) -> Callable[[Path], object]:
    """Return what writes one picture and many sounds, the picture last."""
    maps = [word for _ in range(count - 1) for word in ("-map", "1:a")]
    inputs = ("-f", "lavfi", "-i", SMALL, "-f", "lavfi", "-i", "sine=d=0.2:r=8000")
    codecs = ("-map", "0:v", "-c:v", "mpeg4", "-c:a", "aac", "-f", container)
    return lambda path: run_ffmpeg(*inputs, *maps, *codecs, path)


def write_rotated_clip(path: Path) -> None:
    plain = path.with_name("plain.mp4")
    make_clip(plain, source=SMALL)
    run_ffmpeg("-display_rotation", "90", "-i", plain, "-c", "copy", "-f", "mp4", path)
    plain.unlink()


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Callable[..., None]:
    def make(path: Path) -> None:
        file = io.BytesIO()
        Image.new(mode, size).save(file, kind)
        path.write_bytes(file.getvalue())

    return make


def make_animation(kind: str) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
        frames[0].save(path, kind, save_all=True, append_images=frames[1:], duration=100)

    return make


def cut_picture(path: Path) -> None:
    picture("PNG", size=(400, 400))(path)
    path.write_bytes(path.read_bytes()[:60])


def png_head(width: int, height: int) -> bytes:
    """Return a PNG that claims a size, with a few bytes of zeros for its points."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    points = chunk(b"IDAT", zlib.compress(bytes(900)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + points + chunk(b"IEND", b"")


HLS = b"#EXTM3U\n#EXTINF:1,\n%s\n#EXT-X-ENDLIST\n"
LIST, TEXT, BROKEN = "danh sách phát", "tệp chữ", "Tệp"
FTYP = struct.pack(">I", 16) + b"ftypisom\0\0\2\0"
VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nMở nguồn\n".encode()

FILE_CASES = (
    # odd but playable: accepted and repaired
    FileCase("turned", CLIP, write_rotated_clip),
    FileCase("333x241", CLIP, mkv("-c:v", "vp9", source="testsrc2=s=333x241:r=10:d=0.5")),
    FileCase("1x1", CLIP, mkv("-c:v", "png", source="color=red:s=1x1:r=5:d=1")),
    FileCase("2x2000", CLIP, mkv("-c:v", "mpeg4", source="testsrc2=s=2x2000:r=2:d=1")),
    FileCase("one picture", CLIP, clip("-frames:v", "1")),
    FileCase("uneven pictures", CLIP, mkv("-vf", "select='mod(n,3)'", "-fps_mode", "vfr")),
    FileCase(
        "interlaced", CLIP, clip("-vf", "tinterlace=4,format=yuv420p", "-x264-params", "tff=1")
    ),
    FileCase("hdr10", CLIP, hdr("smpte2084")),
    FileCase("hlg", CLIP, hdr("arib-std-b67")),
    FileCase("no sound", CLIP, clip()),
    FileCase("silent sound", CLIP, with_sound(source="anullsrc=d=1")),
    FileCase("5.1", CLIP, with_sound("-ac", "6")),
    FileCase("sound longer", CLIP, with_sound(source="sine=d=2")),
    FileCase("sound first", CLIP, with_sound("-map", "1:a", "-map", "0:v")),
    FileCase("4:4:4", CLIP, clip("-pix_fmt", "yuv444p")),
    FileCase("ten bits", CLIP, clip("-c:v", "libx265", "-pix_fmt", "yuv420p10le")),
    FileCase("wide points", CLIP, clip("-vf", "setsar=2")),
    FileCase("120 fps", CLIP, clip(source="testsrc2=s=64x48:r=120:d=0.5")),
    FileCase("webm", CLIP, lambda path: make_clip(path, "-c:v", "libvpx-vp9", "-f", "webm")),
    FileCase("av1", CLIP, clip("-c:v", "libsvtav1", "-b:v", "0", source="testsrc2=s=64x64:d=0.4")),
    FileCase("40 streams", CLIP, streams(40, "mp4")),
    FileCase("40 streams of matroska", CLIP, streams(40, "matroska")),
    FileCase("fragments", CLIP, clip("-movflags", "frag_keyframe+empty_moov")),
    FileCase("3gp of a phone", CLIP, lambda path: make_clip(
        path, "-f", "lavfi", "-i", "sine=d=1:r=8000", "-c:v", "h263", "-c:a",
        "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k", "-f", "3gp",
        source="testsrc2=s=176x144:r=15:d=1",
    )),
    FileCase("amr of a phone", VOICE, sound("amr", "-ar", "8000", "-ac", "1", "-b:a", "12.2k")),
    FileCase("mp3", VOICE, sound("mp3")),
    FileCase("flac", VOICE, sound("flac")),
    FileCase("5.1 voice", VOICE, sound("wav", "-ac", "6")),
    FileCase("eight bits", VOICE, sound("wav", "-c:a", "pcm_u8", "-ar", "8000")),
    FileCase("a voice with a picture", VOICE, with_sound()),
    FileCase("cmyk", IMAGE, picture("JPEG", "CMYK")),
    FileCase("16 bits of grey", IMAGE, picture("PNG", "I;16")),
    FileCase("two colours", IMAGE, picture("PNG", "1")),
    FileCase("see-through", IMAGE, picture("WEBP", "RGBA")),
    FileCase("picture of a point", IMAGE, picture("PNG", size=(1, 1))),
    FileCase("moving gif", IMAGE, make_animation("GIF")),
    FileCase("moving webp", IMAGE, make_animation("WEBP")),
    FileCase("captions", CAPTIONS, data(VTT)),
    # hostile or broken: one clear sentence
    *(FileCase(f"cut at {tenths}0 %", CLIP, cut(tenths), BROKEN) for tenths in range(10)),
    FileCase("ten hours claimed", CLIP, ten_hours_of_black),
    FileCase(
        "1000 fps", CLIP, mkv("-c:v", "mpeg4", source="testsrc2=s=64x48:r=1000:d=0.3"), "120 hình"
    ),
    FileCase("100 streams", CLIP, streams(100, "matroska"), "nhiều luồng"),
    FileCase("no picture", CLIP, sound("mp4", "-c:a", "aac"), "không có hình"),
    FileCase("no sound at all", VOICE, clip(), "không có tiếng"),
    FileCase("silence", VOICE, sound("wav", source="anullsrc=d=1"), "im lặng"),
    FileCase("hls", CLIP, data(HLS % b"neighbour.ts"), LIST),
    FileCase("hls behind a head", CLIP, data(FTYP + HLS % b"neighbour.ts"), BROKEN),
    FileCase("concat", CLIP, data(b"ffconcat version 1.0\nfile neighbour.ts\n"), LIST),
    FileCase("subfile", CLIP, data(HLS % b"subfile,,start,0,end,9,,:neighbour.ts"), LIST),
    FileCase("data uri", CLIP, data(HLS % b"data:video/mp4;base64,AAAA"), LIST),
    FileCase("a script", CLIP, data(b"#!/bin/sh\nrm -rf /\n"), TEXT),
    FileCase("a program", CLIP, data(b"\x7fELF" + bytes(400)), "Không nhận ra"),
    FileCase("a zip", VOICE, data(b"PK\x03\x04" + bytes(400)), "zip"),
    FileCase("a photo as a clip", CLIP, picture("JPEG"), "chỗ ảnh"),
    FileCase("a clip as a photo", IMAGE, clip(), "hỏng"),
    FileCase("16k x 16k", IMAGE, data(png_head(16_384, 16_384)), "to quá"),
    FileCase("bomb of points", IMAGE, data(png_head(2**31 - 1, 2**31 - 1)), "to quá"),
    FileCase("cut picture", IMAGE, cut_picture, "hỏng"),
    FileCase("svg", IMAGE, data(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "hỏng"),
    FileCase("captions of noise", CAPTIONS, data(bytes(range(256))), " "),
    FileCase("captions that end first", CAPTIONS, data(VTT.replace(b"00:01.", b"00:00.")), " "),
    FileCase("captions without a head", CAPTIONS, data(VTT[8:]), " "),
    FileCase("empty", CLIP, data(b""), "rỗng"),
)  # fmt: skip
NAMES = ("-i.mp4", "$(touch x).mp4", "a;b|c&.mp4", "\u202e4pm.exe", "ảnh đẹp %d.mp4", "'\".mp4")
