"""Clips come out as MP4 every phone plays, by their short side, with a still before play."""

import re
from pathlib import Path

import pytest
from PIL import Image

from content_server.errors import EncodeCancelled, InvalidMedia
from content_server.media.clip_ladder import CLIP_LADDER, size_for
from content_server.media.ffmpeg.job_directory import open_job_directory
from content_server.media.ffmpeg.probe import probe
from content_server.media.media_kinds import ClipKind, EncodedFile, MediaInfo, MediaKind
from content_server.media.video.clip_renditions import make_compat
from tests.support.media_files import make_clip, make_speech, run_ffmpeg

STILL = ["poster-avif", "poster-webp", "poster-jpeg"]


def encode_clip(source: Path) -> dict[str, EncodedFile]:
    folder = source.parent / f"made-{source.name}"
    folder.mkdir()
    renditions = {each.rung: each for each in make_compat(open_job_directory(source, folder), {})}
    assert sorted(folder.iterdir()) == sorted(each.path for each in renditions.values())
    return renditions


def read_stream_info(path: Path) -> str:
    return run_ffmpeg("-i", path, "-f", "null", "-").partition("Stream mapping")[0]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phone's screen recording with a voice: portrait, 30 fps, stereo, named."""
    folder = tmp_path_factory.mktemp("recording")
    voice = make_speech(folder / "voice.wav", seconds=1, level_db=-30)
    options = ("-i", voice, "-shortest", "-ac", "2", "-c:a", "aac", "-metadata", "title=SECRET")
    return make_clip(folder / "in.mp4", *options, source="testsrc2=s=720x1280:r=30:d=2")


@pytest.fixture(scope="module")
def renditions(recording: Path) -> dict[str, EncodedFile]:
    return encode_clip(recording)


def test_a_recording_becomes_one_for_every_phone_and_three_stills(
    renditions: dict[str, EncodedFile],
) -> None:
    assert {*renditions} == {"compat", *STILL}
    assert (renditions["compat"].width_px, renditions["compat"].height_px) == (720, 1280)
    for name in STILL:
        with Image.open(renditions[name].path) as still:
            assert still.size == (360, 640)
            assert Image.MIME[str(still.format)] == renditions[name].content_type
        assert renditions[name].path.stat().st_size <= 30_000


def test_every_phone_can_play_it(renditions: dict[str, EncodedFile]) -> None:
    compat = renditions["compat"]
    assert compat.content_type == 'video/mp4; codecs="avc1.64001F, mp4a.40.2"'
    assert compat.duration_ms == pytest.approx(2000, abs=80)
    told = read_stream_info(compat.path)
    assert re.search(r"Video: h264 \(High\).*yuv420p.* 30 fps, 30 tbr", told)
    assert re.search(r"Audio: aac \(LC\).*16000 Hz, mono", told)
    data = compat.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    settings = data.index(b"avcC") + 4
    assert data[settings + 1] == 100  # High
    assert data[settings + 3] <= 31  # level 3.1
    assert b"SECRET" not in data


def test_its_voice_is_as_loud_as_the_other_voices(renditions: dict[str, EncodedFile]) -> None:
    said = run_ffmpeg("-i", renditions["compat"].path, "-af", "ebur128", "-f", "null", "-")
    assert float(re.findall(r"I: +(-?[\d.]+) LUFS", said)[-1]) == pytest.approx(-16, abs=1.5)


@pytest.mark.parametrize(
    ("name", "options", "source", "size"),
    [
        ("odd.mp4", ["-pix_fmt", "yuv444p"], "testsrc=s=333x241:d=0.4", (332, 240)),
        ("wide.mp4", [], "testsrc=s=640x360:d=0.4", (640, 360)),
        ("tiny.mp4", ["-pix_fmt", "yuv444p"], "testsrc=s=1x1:d=0.4", (2, 2)),
        ("line.mkv", ["-c:v", "png"], "testsrc=s=400x1:d=0.4", (400, 2)),
        ("long.mp4", [], "testsrc=s=100x240:d=0.4", (100, 240)),
        ("fast.mp4", [], "testsrc=s=64x48:r=100:d=0.4", (64, 48)),
        ("slow.mp4", [], "testsrc=s=64x48:r=2:d=1", (64, 48)),
        ("one.mp4", ["-frames:v", "1"], "testsrc=s=64x48", (64, 48)),
        ("old.3gp", ["-c:v", "mpeg4"], "testsrc=s=176x144:d=0.4", (176, 144)),
        (
            "web.webm",
            ["-c:v", "libvpx", "-deadline", "realtime"],
            "testsrc=s=64x48:d=0.4",
            (64, 48),
        ),
        ("ten.mkv", ["-pix_fmt", "yuv420p10le"], "testsrc=s=64x48:d=0.4", (64, 48)),
        ("squeezed.mp4", ["-vf", "setsar=2"], "testsrc=s=64x48:d=0.4", (128, 48)),
        ("quick.mov", ["-c:v", "mjpeg"], "testsrc=s=64x48:d=0.4", (64, 48)),
    ],
)
def test_odd_but_playable_is_taken(
    tmp_path: Path, name: str, options: list[str], source: str, size: tuple[int, int]
) -> None:
    renditions = encode_clip(make_clip(tmp_path / name, *options, source=source))
    lowest = renditions["compat"]
    assert (lowest.width_px, lowest.height_px) == size
    told = read_stream_info(lowest.path)
    assert re.search(rf"yuv420p\(.*progressive\), {size[0]}x{size[1]}\b", told)
    assert "(pc" not in told
    assert "Audio" not in told
    fps = float(re.findall(r"([\d.]+) fps", told)[0])
    assert fps <= 30


@pytest.mark.parametrize(("degrees", "size"), [(90, (360, 640)), (180, (640, 360))])
def test_a_turned_phone_comes_out_upright(
    tmp_path: Path, degrees: int, size: tuple[int, int]
) -> None:
    lying = make_clip(tmp_path / "lying.mp4", source="testsrc2=s=640x360:d=0.4")
    turned = tmp_path / "turned.mp4"
    run_ffmpeg("-display_rotation", degrees, "-i", lying, "-c", "copy", turned)
    assert probe(turned, MediaKind.CLIP).rotation == degrees
    compat = encode_clip(turned)["compat"]
    assert (compat.width_px, compat.height_px) == size
    told = read_stream_info(compat.path)
    assert f"{size[0]}x{size[1]}" in told
    assert "displaymatrix" not in told


def test_an_uneven_recording_becomes_even(tmp_path: Path) -> None:
    uneven = make_clip(
        tmp_path / "in.mkv",
        *("-vf", "select='lt(n,10)+not(mod(n,15))',setpts=PTS", "-fps_mode", "vfr"),
        source="testsrc2=s=64x48:r=60:d=2",
    )
    info = probe(uneven, MediaKind.CLIP)
    assert info.frames < 20
    compat = encode_clip(uneven)["compat"]
    assert compat.duration_ms == pytest.approx(2000, abs=300)
    assert " 30 fps, 30 tbr" in read_stream_info(compat.path)


def test_surround_sound_becomes_one_voice(tmp_path: Path) -> None:
    source = make_clip(
        tmp_path / "in.mp4",
        *("-f", "lavfi", "-i", "sine=d=1", "-ac", "6", "-c:a", "aac", "-shortest"),
    )
    assert probe(source, MediaKind.CLIP).audio_channels == 6
    assert "16000 Hz, mono" in read_stream_info(encode_clip(source)["compat"].path)


def test_a_silent_sound_track_is_no_reason_to_refuse(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "in.mp4", "-f", "lavfi", "-i", "anullsrc=d=1", "-shortest")
    assert set(encode_clip(source)) == {"compat", *STILL}


def test_progress_goes_from_nothing_to_all(recording: Path, tmp_path: Path) -> None:
    heard: list[float] = []
    make_compat(open_job_directory(recording, tmp_path, on_progress=heard.append), {})
    assert heard == sorted(heard)
    assert 0 < heard[0] < 1
    assert heard[-1] == 1.0


def test_a_clip_can_be_cancelled(recording: Path, tmp_path: Path) -> None:
    with pytest.raises(EncodeCancelled):
        make_compat(open_job_directory(recording, tmp_path, is_cancelled=lambda: True), {})


def test_the_same_clip_makes_the_same_bytes(tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    short = make_clip(tmp_path / "in.mp4", source="testsrc2=s=320x480:r=30:d=0.5")
    first, second = (
        [each.path.read_bytes() for each in make_compat(open_job_directory(short, folder), {})]
        for folder in folders
    )
    assert first == second


@pytest.mark.parametrize(
    ("options", "source", "words"),
    [
        ([], "color=s=4096x16:d=0.1", "3840"),
        ([], "color=s=2400x2400:d=0.1:r=5", "3840"),
        ([], "color=s=16x16:r=240:d=1", "120 hình"),
        (["-c:v", "mpeg4"], "color=s=16x16:r=1:d=902", "15 phút"),
    ],
)
def test_too_large_too_fast_too_long_is_refused(
    tmp_path: Path, options: list[str], source: str, words: str
) -> None:
    with pytest.raises(InvalidMedia, match=words):
        encode_clip(make_clip(tmp_path / "in.mp4", *options, source=source))


def test_a_recording_without_pictures_is_no_clip(tmp_path: Path) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", tmp_path / "in.m4a")
    with pytest.raises(InvalidMedia, match="không có hình"):
        encode_clip(tmp_path / "in.m4a")


@pytest.mark.parametrize(
    ("width", "height", "screen", "natural"),
    [
        (1920, 1080, (1280, 720), (640, 360)),
        (1080, 2400, (720, 1600), (360, 800)),
        (320, 200, (320, 200), (320, 200)),
        (333, 241, (332, 240), (332, 240)),
    ],
)
def test_sizes_go_by_the_short_side_and_never_up(
    width: int, height: int, screen: tuple[int, int], natural: tuple[int, int]
) -> None:
    info = MediaInfo(MediaKind.CLIP, width=width, height=height)
    for kind, size in ((ClipKind.SCREEN, screen), (ClipKind.NATURAL, natural)):
        assert {size_for(rung, info) for rung in CLIP_LADDER[kind]} == {size}
