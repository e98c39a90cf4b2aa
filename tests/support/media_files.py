"""Makes small real media for tests, with the same ffmpeg the server uses."""

import subprocess
from pathlib import Path

import imageio_ffmpeg

FFMPEG: str = imageio_ffmpeg.get_ffmpeg_exe()


def run_ffmpeg(*arguments: object) -> str:
    """Run ffmpeg and return what it said."""
    argv = [FFMPEG, "-nostdin", "-hide_banner", "-y", *map(str, arguments)]
    done = subprocess.run(argv, capture_output=True, check=False, text=True)  # noqa: S603  # ours
    assert done.returncode == 0, done.stderr
    return done.stderr


def make_sound(path: Path, *options: object, source: str = "sine=f=440:d=1") -> Path:
    run_ffmpeg("-f", "lavfi", "-i", source, *options, path)
    return path


def make_speech(path: Path, *, seconds: float = 2.0, level_db: float = -12.0) -> Path:
    """Something that swells and fades like words, with half a second of silence at both ends."""
    words = (
        f"aevalsrc='sin(2*PI*180*t)*(0.6+0.4*sin(2*PI*3*t))"
        f"+0.4*sin(2*PI*950*t)*abs(sin(2*PI*2.1*t))':s=48000:d={seconds}"
    )
    around = f"volume={level_db}dB,adelay=500:all=1,apad=pad_dur=0.5"
    return make_sound(path, "-af", around, source=words)


def make_clip(path: Path, *options: object, source: str = "testsrc2=s=320x180:r=25:d=1") -> Path:
    quick = () if "-c:v" in options else ("-preset", "ultrafast")
    run_ffmpeg("-f", "lavfi", "-i", source, *options, *quick, path)
    return path
