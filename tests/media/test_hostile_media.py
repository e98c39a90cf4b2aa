"""Hostile files: one named error with clear words each, nothing written elsewhere, no waiting."""

import io
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from content_server.errors import InvalidMedia
from content_server.media.clip_ladder import CLIP_LADDER
from content_server.media.ffmpeg import (
    audio_commands,
    clip_commands,
    command_line,
    quality_commands,
)
from content_server.media.ladder import VOICE_LADDER
from content_server.media.media_kinds import MediaInfo, MediaKind, TrimRange
from content_server.media.required_renditions import make_required_renditions
from tests.support.media_files import make_clip, make_sound, run_ffmpeg

RUNGS = [rung for ladder in CLIP_LADDER.values() for rung in ladder]
SECRET = b"#!SECRET neighbour: 0912 345 678"


@pytest.fixture
def work_folder(tmp_path: Path) -> Iterator[Path]:
    """A work folder among neighbours; nothing may appear or change outside of the job folder."""
    (tmp_path / "neighbour.txt").write_bytes(SECRET)
    make_clip(tmp_path / "neighbour.ts", "-f", "mpegts", source="testsrc=s=64x48:d=0.2")
    make_sound(tmp_path / "neighbour.wav", source="sine=d=0.3")
    (tmp_path / "job").mkdir()
    yield tmp_path
    kept = {path.name for path in tmp_path.iterdir()} - {"job"}
    assert kept <= {"neighbour.txt", "neighbour.ts", "neighbour.wav", "source", "-i.mp4"}
    assert (tmp_path / "neighbour.txt").read_bytes() == SECRET


def assert_refused(medium: MediaKind, source: Path) -> str:
    """Return the words of the refusal; it must come quickly and leave no rendition."""
    job = source.parent / "job"
    started = time.monotonic()
    with pytest.raises(InvalidMedia) as caught:
        make_required_renditions(medium, source, job)
    assert time.monotonic() - started < 5
    assert not list(job.iterdir())
    words = str(caught.value)
    assert str(source.parent) not in words
    assert "SECRET" not in words
    return words


def write_source(work_folder: Path, data: bytes | str) -> Path:
    source = work_folder / "source"
    source.write_bytes(data if isinstance(data, bytes) else data.encode())
    return source


def a_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../evil.txt", "x")
    return file.getvalue()


PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"
NOT_MEDIA: dict[str, tuple[bytes | str, str]] = {
    "empty": (b"", "rỗng"),
    "text": ("Bà con chú ý: đây chỉ là chữ.\n" * 50, "tệp chữ"),
    "html": ("<!doctype html><script>alert(1)</script>", "tệp chữ"),
    "svg": ('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "tệp chữ"),
    "hls": (PLAYLIST.format("neighbour.ts"), "danh sách phát"),
    "hls of another folder": (PLAYLIST.format("../../../etc/passwd"), "danh sách phát"),
    "hls of the network": (PLAYLIST.format("http://127.0.0.1:9/x.ts"), "danh sách phát"),
    "hls with a mark": ("\ufeff" + PLAYLIST.format("neighbour.ts"), "danh sách phát"),
    "hls after lines": ("\n\n" + PLAYLIST.format("neighbour.ts"), "tệp chữ"),
    "ffconcat": ("ffconcat version 1.0\nfile neighbour.ts\n", "danh sách phát"),
    "dash": ('<?xml version="1.0"?><MPD><BaseURL>neighbour.ts</BaseURL></MPD>', "tệp chữ"),
    "sdp": ("v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n", "tệp chữ"),
    "pdf": (b"%PDF-1.7\n\0", "PDF"),
    "zip": (a_zip(), "zip"),
    "noise": (b"\0\1\2\3" * 999, "Không nhận ra"),
    "one byte": (b"\0", "Không nhận ra"),
}


@pytest.mark.parametrize("medium", [MediaKind.VOICE, MediaKind.CLIP])
@pytest.mark.parametrize("name", NOT_MEDIA)
def test_what_is_no_medium_never_reaches_ffmpeg(
    work_folder: Path, name: str, medium: MediaKind
) -> None:
    data, words = NOT_MEDIA[name]
    assert words in assert_refused(medium, write_source(work_folder, data))


@pytest.mark.parametrize("name", NOT_MEDIA)
def test_what_is_no_picture_is_refused(work_folder: Path, name: str) -> None:
    assert assert_refused(MediaKind.IMAGE, write_source(work_folder, NOT_MEDIA[name][0]))


def mp4_box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def a_clip(folder: Path, *options: object) -> bytes:
    """A real clip with sound, its index in front."""
    path = folder / "job" / "clip.mp4"
    sound = ("-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac", "-movflags", "+faststart")
    make_clip(path, *sound, *options, source="testsrc2=s=64x48:r=10:d=2")
    data = path.read_bytes()
    path.unlink()
    return data


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "no index": lambda clip: clip.replace(b"moov", b"gone"),
    "cut in the index": lambda clip: clip[: clip.index(b"moov") + 300],
    "cut in the pictures": lambda clip: clip[: clip.index(b"mdat") + len(clip) // 8],
    "a head only": lambda _clip: mp4_box(b"ftyp", b"isom\0\0\2\0isom"),
    "an index of zeros": lambda clip: clip[: clip.index(b"moov") + 4] + bytes(2000),
    "lying sizes": lambda _clip: mp4_box(b"ftyp", b"isom") + b"\xff\xff\xff\xffmoov" + bytes(99),
    "playlist behind a head": lambda _clip: (
        mp4_box(b"ftyp", b"isom\0\0\2\0isom") + PLAYLIST.format("neighbour.ts").encode()
    ),
    "playlist in a box": lambda _clip: mp4_box(b"free") + PLAYLIST.format("neighbour.ts").encode(),
    "matroska head only": lambda _clip: b"\x1aE\xdf\xa3" + bytes(500),
    "ogg head only": lambda _clip: b"OggS" + bytes(500),
    "wave head only": lambda _clip: b"RIFF\xff\xff\xff\xffWAVEfmt " + bytes(4),
    "mp3 head only": lambda _clip: b"ID3\4\0\0\0\0\0\0" + bytes(500),
    "sync word only": lambda _clip: b"\xff\xfb" + bytes(500),
}


@pytest.mark.parametrize("medium", [MediaKind.VOICE, MediaKind.CLIP])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_recording_is_refused(work_folder: Path, name: str, medium: MediaKind) -> None:
    assert assert_refused(medium, write_source(work_folder, BROKEN[name](a_clip(work_folder))))


def test_a_clip_that_lost_its_end_says_how_much(work_folder: Path) -> None:
    clip = a_clip(work_folder, "-g", "1")
    words = assert_refused(
        MediaKind.CLIP, write_source(work_folder, clip[: clip.index(b"mdat") + 3000])
    )
    assert "cắt giữa chừng" in words


def test_a_clip_of_no_pictures_is_refused(work_folder: Path) -> None:
    empty = make_clip(work_folder / "job" / "x.mp4", "-t", "0", source="testsrc=s=64x48")
    source = write_source(work_folder, empty.read_bytes())
    empty.unlink()
    assert assert_refused(MediaKind.CLIP, source)


def test_a_reference_inside_an_index_is_not_followed(work_folder: Path) -> None:
    """QuickTime can keep its pictures in another file, by name; ours may not."""
    clip = a_clip(work_folder)
    outside = mp4_box(b"url ", b"\0\0\0\0" + b"file:neighbour.ts\0")
    data = clip.replace(mp4_box(b"url ", b"\0\0\0\1"), outside)
    assert data != clip
    assert assert_refused(MediaKind.CLIP, write_source(work_folder, data))


def test_a_name_that_looks_like_an_option_is_only_a_name(work_folder: Path) -> None:
    source = work_folder / "-i.mp4"
    source.write_bytes(a_clip(work_folder))
    assert {
        made.path.parent
        for made in make_required_renditions(MediaKind.CLIP, source, work_folder / "job")
    } == {work_folder / "job"}


@pytest.mark.parametrize("name", ["concat:a|b", "pipe:0", "http:x", "%d", "a'b[c]", "ảnh đẹp"])
def test_a_folder_named_like_a_protocol_is_only_a_folder(tmp_path: Path, name: str) -> None:
    job = tmp_path / name
    job.mkdir()
    source = make_sound(tmp_path / "in.wav").rename(job / "source")
    assert len(make_required_renditions(MediaKind.VOICE, source, job)) == 3
    clip = make_clip(tmp_path / "in.mp4", source="testsrc=s=64x48:d=0.2").rename(job / "source")
    assert len(make_required_renditions(MediaKind.CLIP, clip, job)) == 4


def test_a_decoder_off_the_list_is_refused(work_folder: Path) -> None:
    rare = make_clip(
        work_folder / "job" / "x.mkv", "-c:v", "huffyuv", source="testsrc=s=64x48:d=0.2"
    )
    source = write_source(work_folder, rare.read_bytes())
    rare.unlink()
    assert assert_refused(MediaKind.CLIP, source)


def png(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize(
    ("width", "height"), [(60_000, 60_000), (60_000, 1), (2**31 - 1, 2**31 - 1)]
)
def test_a_pixel_bomb_is_refused_by_its_header(work_folder: Path, width: int, height: int) -> None:
    assert "to quá" in assert_refused(
        MediaKind.IMAGE, write_source(work_folder, png(width, height, bytes(1000)))
    )


def test_a_picture_cut_short_is_refused(work_folder: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((200, 200), 90).save(file, "JPEG")
    for suffix in ("JPEG", "PNG", "WEBP", "AVIF"):
        file = io.BytesIO()
        Image.effect_noise((200, 200), 90).convert("RGB").save(file, suffix)
        data = file.getvalue()
        assert "hỏng" in assert_refused(
            MediaKind.IMAGE, write_source(work_folder, data[: len(data) // 2])
        )


def gif_of(frames: int, width: int, height: int) -> bytes:
    """A GIF of many frames in a few bytes each."""
    header = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes(6)
    descriptor = b"," + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0"
    return header + (descriptor + b"\x02\x02\x44\x01\0") * frames + b";"


@pytest.mark.parametrize(
    ("frames", "width", "height"), [(301, 1, 1), (500_000, 1, 1), (20, 2000, 2000)]
)
def test_a_bomb_of_frames_is_refused(
    work_folder: Path, frames: int, width: int, height: int
) -> None:
    words = assert_refused(
        MediaKind.IMAGE, write_source(work_folder, gif_of(frames, width, height))
    )
    assert "nhiều hình quá" in words


def test_three_hundred_frames_are_still_a_picture(work_folder: Path) -> None:
    assert make_required_renditions(
        MediaKind.IMAGE, write_source(work_folder, gif_of(300, 1, 1)), work_folder / "job"
    )


@pytest.mark.parametrize("format_name", ["BMP", "TIFF", "PPM", "ICO", "TGA", "PDF", "EPS"])
def test_a_format_off_the_list_is_refused(work_folder: Path, format_name: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, format_name)
    assert assert_refused(MediaKind.IMAGE, write_source(work_folder, file.getvalue()))


def test_what_hides_behind_a_picture_does_not_travel(work_folder: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "JPEG")
    source = write_source(work_folder, file.getvalue() + b"<script>alert(1)</script>" + a_zip())
    for made in make_required_renditions(MediaKind.IMAGE, source, work_folder / "job"):
        assert b"script" not in made.path.read_bytes()
        assert b"evil" not in made.path.read_bytes()


def test_what_hides_behind_a_clip_does_not_travel(work_folder: Path) -> None:
    source = write_source(
        work_folder, a_clip(work_folder) + mp4_box(b"free", b"<script>alert(1)</script>")
    )
    for made in make_required_renditions(MediaKind.CLIP, source, work_folder / "job"):
        assert b"script" not in made.path.read_bytes()


@pytest.mark.parametrize("medium", [MediaKind.VOICE, MediaKind.CLIP])
def test_a_picture_in_the_wrong_place_is_sent_to_the_right_one(
    work_folder: Path, medium: MediaKind
) -> None:
    for format_name in ("JPEG", "PNG", "GIF", "WEBP", "AVIF"):
        file = io.BytesIO()
        Image.new("RGB", (32, 32)).save(file, format_name)
        assert "chỗ ảnh" in assert_refused(medium, write_source(work_folder, file.getvalue()))


def test_words_in_a_file_are_not_taken_for_facts(work_folder: Path) -> None:
    """A title may look like what ffmpeg says of a stream."""
    lie = "x\n  Stream #0:9: Video: h264, yuv420p, 99999x99999, 25 tbr\n  Duration: 99:00:00.00"
    path = work_folder / "job" / "x.mkv"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:d=0.2", "-metadata", f"title={lie}", path)
    source = write_source(work_folder, path.read_bytes())
    path.unlink()
    made = {
        each.rung: each
        for each in make_required_renditions(MediaKind.CLIP, source, work_folder / "job")
    }
    assert (made["compat"].width_px, made["compat"].height_px) == (64, 48)


def test_every_command_is_guarded() -> None:
    source, target = Path("/somewhere/-i.mp4"), Path("/somewhere/out")
    wav, info = Path("/somewhere/in.wav"), MediaInfo(MediaKind.CLIP, "mp4", width=64, height=48)
    cut = TrimRange(0, 1000)
    built = [
        command_line.probe_command(source, "mp4"),
        audio_commands.decode_sound_command(source, target, "mp4"),
        audio_commands.measure_loudness_command([wav], looped=True),
        audio_commands.find_silence_command(wav, -40),
        audio_commands.measure_level_command(wav, cut, looped=True),
        audio_commands.encode_voices_command(
            source, "mp4", cut, [(target, rung, 0.0) for rung in VOICE_LADDER]
        ),
        *(
            clip_commands.encode_clip_command(source, target, rung, info, cut, crf=30)
            for rung in RUNGS
        ),
        clip_commands.poster_frame_command(source, target, RUNGS[0], info),
        clip_commands.analysis_command(source, target, target, info, 12),
        quality_commands.sample_command(source, target, RUNGS[0], info, cut, [(0, 1)]),
        clip_commands.still_frames_command(source, target, info, (64, 48), [0.0]),
        quality_commands.score_rendition_command(source, source, RUNGS[0], info, cut),
        clip_commands.burn_in_captions_command(source, target, "words.vtt", "fonts"),
    ]
    for argv in built:
        begin = 1
        for opened in (place for place, word in enumerate(argv) if word == "-i"):
            given = dict(zip(argv[begin:opened:2], argv[begin + 1 : opened : 2], strict=True))
            assert given["-protocol_whitelist"] == "file"
            assert set(given["-format_whitelist"].split(",")) <= {
                *("mov", "mp4", "m4a", "3gp", "3g2", "mj2", "wav", "matroska", "webm")
            }
            assert "magicyuv" not in given["-codec_whitelist"].split(",")
            assert {"-max_pixels", "-max_streams"} <= set(given)
            assert argv[opened + 1].startswith("file:/")
            begin = opened + 2
        assert begin > 1
        assert "-nostdin" in argv
        written = {word for word in argv[begin:] if word.startswith(("file:", "pipe:"))}
        assert written <= {"file:/somewhere/out", "pipe:2", "pipe:1"}
