"""Voices come out mono, cut, equally loud, small, and the same each time."""

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from content_server.errors import InvalidMedia
from content_server.media.audio import mp3
from content_server.media.audio.voice_renditions import make_voice_renditions
from content_server.media.ffmpeg import runner
from content_server.media.ffmpeg.probe import probe
from content_server.media.ladder import VOICE_LADDER
from content_server.media.media_kinds import EncodedFile, MediaKind
from tests.support.media_files import make_sound, make_speech, run_ffmpeg


def loudness_lufs(path: Path) -> float:
    said = run_ffmpeg(
        "-i", path, "-af", "aresample=48000,ebur128=framelog=quiet", "-f", "null", "-"
    )
    return float(re.findall(r"I: +(-?[\d.]+) LUFS", said)[-1])


def encode_voice(source: Path) -> dict[str, EncodedFile]:
    folder = source.parent / f"made-{source.name}"
    folder.mkdir()
    made = {each.rung: each for each in make_voice_renditions(source, folder)}
    assert sorted(folder.iterdir()) == sorted(each.path for each in made.values())
    return made


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_speech(tmp_path_factory.mktemp("speech") / "speech.wav", seconds=12)


def test_twelve_seconds_cost_what_we_promise(speech: Path) -> None:
    made = encode_voice(speech)
    assert list(made) == ["opus", "aac", "mp3"]  # best first
    assert made["opus"].path.stat().st_size <= 30_000
    assert made["aac"].path.stat().st_size <= 50_000
    types = [made[name].content_type for name in made]
    assert types == ["audio/ogg", "audio/mp4", "audio/mpeg"]
    said = run_ffmpeg("-i", made["opus"].path, "-i", made["aac"].path, "-f", "null", "-")
    assert re.search(r"Audio: opus, 48000 Hz, mono", said)
    assert re.search(r"Audio: aac \(LC\).*22050 Hz, mono", said)
    # faststart: the index lies before the sound
    data = made["aac"].path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("level_db", [-45, -20, 0])
@pytest.mark.parametrize("seconds", [0.6, 2])
def test_every_voice_is_equally_loud(tmp_path: Path, seconds: float, level_db: float) -> None:
    made = encode_voice(make_speech(tmp_path / "in.wav", seconds=seconds, level_db=level_db))
    for each in made.values():
        assert loudness_lufs(each.path) == pytest.approx(-16, abs=1), each.rung
    assert all((each.note is not None) == (level_db == -45) for each in made.values())


def test_silence_at_the_ends_is_cut_to_a_breath(tmp_path: Path) -> None:
    for each in encode_voice(make_speech(tmp_path / "in.wav", seconds=2)).values():
        assert each.duration_ms == pytest.approx(2240, abs=60)
        assert probe(each.path, MediaKind.VOICE).duration_ms == pytest.approx(2240, abs=150)


def test_a_pause_inside_a_sentence_stays(tmp_path: Path) -> None:
    source = make_sound(
        tmp_path / "in.wav", source="aevalsrc='sin(2*PI*300*t)*(lt(t,1)+gt(t,2))*0.3':d=3:s=48000"
    )
    assert encode_voice(source)["aac"].duration_ms == pytest.approx(3000, abs=60)


def test_the_same_source_makes_the_same_bytes(tmp_path: Path) -> None:
    source = make_speech(tmp_path / "in.wav")
    first = {name: each.path.read_bytes() for name, each in encode_voice(source).items()}
    again = make_speech(tmp_path / "again.wav")
    assert {name: each.path.read_bytes() for name, each in encode_voice(again).items()} == first


def test_what_was_heard_once_is_made_again_by_one_process(
    tmp_path: Path, speech: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Sequence[str]] = []
    run = runner.run_tool

    def counted(argv: Sequence[str], *arguments: Any, **options: Any) -> runner.ToolResult:  # noqa: ANN401  # as run_tool
        started.append(argv)
        return run(argv, *arguments, **options)

    monkeypatch.setattr(runner, "run_tool", counted)
    memory: dict[str, dict[str, Any]] = {}
    (tmp_path / "first").mkdir()
    first = make_voice_renditions(speech, tmp_path / "first", analyses=memory)
    kept = json.loads(json.dumps(memory))  # as a database keeps it
    started.clear()
    (tmp_path / "again").mkdir()
    again = make_voice_renditions(speech, tmp_path / "again", analyses=kept)
    assert len(started) == 1
    for one, other in zip(first, again, strict=True):
        assert one.duration_ms == other.duration_ms
        assert one.path.read_bytes() == other.path.read_bytes()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("in.opus", ["-c:a", "libopus"]),
        ("in.ogg", ["-c:a", "libvorbis"]),
        ("in.webm", ["-c:a", "libopus"]),
        ("live.webm", ["-c:a", "libopus", "-live", "1"]),  # a browser's: without a duration
        ("in.m4a", ["-c:a", "aac"]),
        ("in.mp3", ["-c:a", "libmp3lame"]),
        ("untagged.mp3", ["-c:a", "libmp3lame", "-id3v2_version", "0"]),
        ("in.aac", ["-c:a", "aac"]),
        ("in.flac", ["-c:a", "flac"]),
        ("in.3gp", ["-c:a", "aac"]),
        ("8bit.wav", ["-c:a", "pcm_u8", "-ar", "8000"]),
        ("float.wav", ["-c:a", "pcm_f32le"]),
        ("5.1.wav", ["-ac", "6"]),
        ("stereo.wav", ["-ac", "2", "-ar", "96000"]),
    ],
)
def test_what_telephones_and_browsers_record_is_taken(
    tmp_path: Path, name: str, options: list[str]
) -> None:
    made = encode_voice(make_sound(tmp_path / name, *options, source="sine=f=300:d=1"))
    for each in made.values():
        assert loudness_lufs(each.path) == pytest.approx(-16, abs=1)
        assert each.duration_ms == pytest.approx(1000, abs=120)


def test_a_name_and_a_cover_in_the_tags_do_not_travel(tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    run_ffmpeg("-f", "lavfi", "-i", "color=red:s=32x32", "-frames:v", "1", cover)
    source = tmp_path / "in.mp3"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "sine=d=1", "-i", cover, "-map", "0", "-map", "1", "-c:v", "copy"),
        *("-disposition:v", "attached_pic", "-metadata", "artist=SECRET NAME", source),
    )
    for each in encode_voice(source).values():
        assert b"SECRET" not in each.path.read_bytes()


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    heard: list[float] = []
    source = make_speech(tmp_path / "in.wav")
    (tmp_path / "out").mkdir()
    make_voice_renditions(source, tmp_path / "out", on_progress=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) > 2


@pytest.mark.parametrize(
    "source",
    ["anullsrc=d=2", "sine=d=1,volume=-80dB", "aevalsrc=0.00001*random(0):d=2"],
    ids=["nothing", "far away", "hiss"],
)
def test_a_silent_recording_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(InvalidMedia, match="im lặng"):
        encode_voice(make_sound(tmp_path / "in.wav", source=source))


def test_an_hour_is_the_longest(tmp_path: Path) -> None:
    long = make_sound(
        tmp_path / "in.wav", "-c:a", "pcm_u8", source="anullsrc=d=3602:r=8000:cl=mono"
    )
    with pytest.raises(InvalidMedia, match="60 phút"):
        encode_voice(long)


def test_a_hundred_megabytes_is_the_heaviest(tmp_path: Path) -> None:
    heavy = make_sound(tmp_path / "in.wav")
    with heavy.open("r+b") as file:
        file.truncate(100_000_001)
    with pytest.raises(InvalidMedia, match="100 MB"):
        encode_voice(heavy)


def test_a_clip_without_sound_is_no_voice(tmp_path: Path) -> None:
    silent_film = make_sound(tmp_path / "in.mp4", source="testsrc=d=0.2")
    with pytest.raises(InvalidMedia, match="không có tiếng"):
        encode_voice(silent_film)


def test_loudness_is_finite_for_the_shortest_voice(tmp_path: Path) -> None:
    click = make_sound(tmp_path / "in.wav", source="sine=f=500:d=0.05")
    made = encode_voice(click)
    assert all(
        math.isfinite(probe(each.path, MediaKind.VOICE).duration_ms) for each in made.values()
    )


def test_voices_in_a_row_are_one_mp3_again(tmp_path: Path) -> None:
    rung = VOICE_LADDER[-1]
    voice = encode_voice(make_speech(tmp_path / "in.wav"))["mp3"].path.read_bytes()
    assert len(voice) % mp3.mp3_frame_bytes(rung) == 0  # frames and nothing else
    assert mp3.join_recordings([], rung, pause_ms=600) == b""
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(mp3.join_recordings([voice, voice], rung, pause_ms=600))
    said = run_ffmpeg(
        *("-v", "info", "-xerror", "-i", joined, "-af", "silencedetect=n=-60dB:d=0.5"),
        *("-f", "null", "-"),
    )
    expected_ms = 2 * (mp3.mp3_duration_ms(voice, rung) + 600)
    assert mp3.mp3_duration_ms(joined.read_bytes(), rung) == pytest.approx(expected_ms, abs=48)
    assert len(re.findall("silence_start", said)) == 2  # one pause after each
    assert "rror" not in said
    assert loudness_lufs(joined) == pytest.approx(-16, abs=1)
